import type { Expr, Graph } from "../ir/graph.ts";
import type { Integer } from "../ir/integer.ts";
import type { Span } from "../ir/source.ts";
import type { MeasuredModel } from "../units/measured.ts";
import type { Unit } from "../units/unit.ts";

/** A half-open range low..high. */
export interface Range {
  readonly low: Integer;
  readonly high: Integer;
}

/** Bounds of reals, for fitting; each end is a scalar expression of sizes and constants. */
export interface Bounds {
  readonly low: Expr;
  readonly high: Expr;
}

/** A named leaf of a model. */
export interface Declared {
  readonly name: string;
  readonly expr: Expr;
  readonly unit?: Unit | undefined;
  readonly span?: Span | undefined;
}

export interface DeclaredParameter extends Declared {
  /** Where fitting begins: in the leaf's shape, without leaves; interpret it under the bound sizes. */
  readonly start?: Expr | undefined;
  readonly within?: Bounds | undefined;
}

export interface DeclaredData extends Declared {
  /** The value when the caller gives none; in the leaf's shape, without leaves. */
  readonly fallback?: Expr | undefined;
  /** The values that int data may have; a requirement checks it. */
  readonly within?: Range | undefined;
}

/**
 * What only bound values can settle: every element of `index` lies in 0..extent (without an extent: is not negative)
 * wherever `guard`, a bool of the same shape, holds.
 */
export interface Requirement {
  readonly index: Expr;
  readonly extent: Integer | undefined;
  readonly guard: Expr | undefined;
  /** What messages count from, where `index` is a number less what it must at least be. Default: 0. */
  readonly least?: number;
  /** The data whose elements are tested, where `index` only tells whether they pass. */
  readonly tested?: Expr | undefined;
  /** One sentence: what is needed. */
  readonly summary: string;
  readonly span?: Span | undefined;
  /** The TypeScript call site, for models of the builder API. */
  readonly site?: string | undefined;
}

export interface Warning {
  readonly summary: string;
  readonly span?: Span | undefined;
  /** The warning as a person reads it: place, summary, source line. */
  readonly message: string;
}

/** The sizes that a model knows by name. */
export interface ModelSizes {
  /** Names that arrays or the caller must give, in order of appearance. */
  readonly free: readonly string[];
  /** `size n ~ 1000`: what to expect, for costs. */
  readonly hints: ReadonlyMap<string, number>;
  /** `size steps = 40`: already in place of the name everywhere. */
  readonly given: ReadonlyMap<string, Integer>;
}

/**
 * A model with its meaning settled, from text or from the TypeScript API: graphs of the loss and the outputs over
 * leaves. `Name`, `Output` and `Parameter` are the names of leaves, of outputs and of the leaves that are parameters, where
 * they are known to the type checker.
 */
export interface ElaboratedModel<
  Name extends string = string,
  Output extends string = string,
  Parameter extends Name = Name,
> {
  readonly name: string;
  readonly graph: Graph;
  readonly parameters: readonly DeclaredParameter[];
  readonly data: readonly DeclaredData[];
  readonly sizes: ModelSizes;
  /** A real scalar; absent in a model of outputs only. */
  readonly loss: Expr | undefined;
  readonly outputs: ReadonlyMap<string, Expr>;
  readonly requirements: readonly Requirement[];
  /** The data that the model takes derivatives in, by name. */
  readonly varied: readonly string[];
  readonly warnings: readonly Warning[];
  /** The same graphs with the units that the model states; absent where it states none. */
  readonly measured?: MeasuredModel | undefined;
  /** For the type checker only: the names. */
  readonly names?: { readonly leaf: Name; readonly output: Output; readonly parameter: Parameter };
}
