import { described, isRecord, requireThat } from "../../ir/arguments/arguments.ts";
import { LimitError, TypeMismatchError, UsageError } from "../../ir/errors.ts";
import { ofAnotherModel } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import type { Operation } from "../../ops/define.ts";
import type * as algebra from "../../ops/elementary/algebra.ts";
import type * as cast from "../../ops/elementary/cast.ts";
import type * as comparison from "../../ops/elementary/comparison.ts";
import type * as exponential from "../../ops/elementary/exponential.ts";
import type * as hyperbolic from "../../ops/elementary/hyperbolic.ts";
import type * as opaque from "../../ops/elementary/opaque.ts";
import type * as powers from "../../ops/elementary/powers.ts";
import type * as rounding from "../../ops/elementary/rounding.ts";
import type * as trigonometric from "../../ops/elementary/trigonometric.ts";
import type * as ratios from "../../ops/ratios/ratios.ts";
import type * as activation from "../../ops/special/activation.ts";
import type * as special from "../../ops/special/special.ts";
import { type Entry, indexed } from "../binders/indexing.ts";
import { listOf } from "../functions/arrangements.ts";
import { Call, sizeOf, type Usage } from "../functions/calls.ts";
import { coreVocabulary } from "../functions/core.ts";
import type { Vocabulary } from "../functions/vocabulary.ts";
import type { Range } from "../model.ts";
import { type Builder, mostAxes } from "../terms/builder.ts";
import { boolTerm, integerTerm, realTerm, settled, type Term } from "../terms/term.ts";

/** What can stand beside a tensor. Nested lists become constant tensors, or stacks. */
export type Operand = Tensor | Size | number | boolean | readonly Operand[];

/** A whole number known when sizes are: a number, the name of a size, or an expression of sizes. */
export type SizeLike = number | string | Size | Tensor;

/** A range low..high of whole numbers, the end excluded. */
export class Span {
  readonly low: SizeLike;
  readonly high: SizeLike;
  constructor(low: SizeLike, high: SizeLike) {
    this.low = low;
    this.high = high;
  }
}

/** The whole numbers from low to high, without high. Throws UsageError for ends that are no sizes. */
export function range(low: SizeLike, high: SizeLike): Span {
  for (const end of [low, high]) integerOf(end);
  return new Span(low, high);
}

/** What stands for one axis in `at`: a position, positions, a range, or ":" for the whole axis. */
export type Index = Operand | Span | ":";

/** A symbolic size: whole numbers, named sizes and their arithmetic. `div` rounds down. */
export class Size {
  readonly integer: Integer;
  constructor(integer: Integer) {
    this.integer = integer;
  }
  add(other: SizeLike): Size {
    return new Size(this.integer.plus(integerOf(other)));
  }
  sub(other: SizeLike): Size {
    return new Size(this.integer.minus(integerOf(other)));
  }
  mul(other: SizeLike): Size {
    return new Size(this.integer.times(integerOf(other)));
  }
  div(other: SizeLike): Size {
    return new Size(this.integer.floorDiv(integerOf(other)));
  }
  toString(): string {
    return this.integer.toString();
  }
}

/** A named size. Throws UsageError for what is no name: a text that is not empty. */
export function size(name: string): Size {
  return new Size(sizeNamed(name));
}

function sizeNamed(name: unknown): Integer {
  requireThat(isSizeName(name), "a size", 'a number, a name such as "n" or size("n").mul(2)', name);
  return Integer.named(name);
}

/** "2" is a slip for 2; a blank, which counts as 0, is an odd name. */
function isSizeName(name: unknown): name is string {
  return typeof name === "string" && name !== "" && (name.trim() === "" || Number.isNaN(Number(name)));
}

/** Throws UsageError for what is no size. */
export function integerOf(value: SizeLike): Integer {
  if (value instanceof Size) return value.integer;
  if (value instanceof Tensor) return value.term.integer ?? sizeOf(value.term, "a size");
  return typeof value === "number" ? Integer.constant(value) : sizeNamed(value);
}

export interface AxesOption {
  /** By default all axes. */
  readonly axis?: number | readonly number[];
}

export interface AxisOption {
  /** By default the last axis. */
  readonly axis?: number;
}

type Families = typeof activation &
  typeof algebra &
  typeof cast &
  typeof comparison &
  typeof exponential &
  typeof hyperbolic &
  typeof opaque &
  typeof powers &
  typeof ratios &
  typeof rounding &
  typeof special &
  typeof trigonometric;

type OperationNames<Exports> = {
  [Name in keyof Exports]: Exports[Name] extends Operation ? Name : never;
}[keyof Exports];

/** Names of primitives. Two are exported under longer names than their own. */
export type PrimitiveName =
  | Exclude<OperationNames<Families> & string, "isFiniteReal" | "isNaNReal">
  | "isFinite"
  | "isNaN";

type Exported = Families & {
  readonly isFinite: typeof comparison.isFiniteReal;
  readonly isNaN: typeof comparison.isNaNReal;
};

/** The operands of a primitive beside the first. */
type Others<Of> =
  Of extends Operation<infer Operands>
    ? Operands extends [unknown, ...infer Rest]
      ? { [Position in keyof Rest]: Operand }
      : [y: Operand, ...others: Operand[]]
    : never;

type PrimitiveMethods = {
  /** The primitive of this name, element by element; see docs/ops.md. */
  readonly [Name in Exclude<PrimitiveName, "max" | "min">]: (...others: Others<Exported[Name]>) => Tensor;
};

interface Extremum {
  /** Over the axes, by default all. */
  (options?: AxesOption): Tensor;
  /** Element by element. */
  (...others: Operand[]): Tensor;
}

type Reduction = "sum" | "prod" | "mean" | "norm" | "logsumexp";
type SpreadAround = "variance" | "standardDeviation";
type AlongAxes = "softmax" | "logSoftmax";
type AlongAxis = "argmax" | "argmin" | "cumsum";

type CompositeMethods = { readonly [Name in Reduction]: (options?: AxesOption) => Tensor } & {
  readonly [Name in SpreadAround]: (options?: AxesOption & { readonly correction?: number }) => Tensor;
} & {
  readonly [Name in AlongAxes | "reverse" | "any" | "all"]: (options?: AxesOption) => Tensor;
} & { readonly [Name in AlongAxis]: (options?: AxisOption) => Tensor } & {
  readonly [Name in "dot" | "matmul" | "outer"]: (other: Operand) => Tensor;
} & { readonly [Name in "trace" | "diagonal" | "flatten"]: () => Tensor } & {
  readonly [Name in "grad" | "jacobian" | "hessian"]: (variable: Tensor) => Tensor;
} & { readonly [Name in "hvp" | "jvp"]: (variable: Tensor, direction: Operand) => Tensor };

export interface Tensor extends PrimitiveMethods, CompositeMethods {
  readonly max: Extremum;
  readonly min: Extremum;
  /** (x - mean) / sqrt(variance + epsilon) along the axes, by default the last. */
  layerNorm(options?: AxesOption & { readonly epsilon?: number }): Tensor;
  /** The last two axes swapped, or all axes in the order given. */
  transpose(options?: AxesOption): Tensor;
  reshape(shape: readonly SizeLike[]): Tensor;
  /** Zeros around: a width per axis, for both sides, or a pair. */
  pad(widths: SizeLike | readonly (SizeLike | readonly [SizeLike, SizeLike])[]): Tensor;
  concat(...others: (Operand | AxisOption)[]): Tensor;
}

/**
 * A value of a model under construction. Every primitive and composite is a method; operations are element by
 * element and broadcast like NumPy, but only the literal 1 stretches.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the methods are installed below, from the table of functions
export class Tensor {
  readonly term: Term;

  constructor(term: Term) {
    // a tensor is a node of its own, so that derivatives can be taken in it
    const value = settled(term);
    this.term = term.builder.names?.next(value) ?? value;
  }

  /** The sizes of the axes. */
  get shape(): readonly Size[] {
    return this.term.shape.map((integer) => new Size(integer));
  }

  /** The elements at these positions; axes that are left out stay whole. */
  at(...indices: readonly Index[]): Tensor {
    const { builder } = this.term;
    return new Tensor(
      indexed(
        this.term,
        indices.map((index) => entryOf(builder, index)),
      ),
    );
  }
}

function entryOf(builder: Builder, index: Index): Entry {
  if (index === ":") return { kind: "all" };
  if (index instanceof Span) return { kind: "range", ...rangeOf(builder, index) };
  return { kind: "at", at: toTerm(builder, index) };
}

/** A range of this model. Throws UsageError for ends of another. */
export function rangeOf(builder: Builder, { low, high }: Span): Range {
  for (const end of [low, high]) if (end instanceof Tensor) ownTerm(builder, end);
  return { low: integerOf(low), high: integerOf(high) };
}

/** The term of a tensor of this model. Throws UsageError for one of another. */
export function ownTerm(builder: Builder, { term }: Tensor): Term {
  if (term.builder !== builder) throw ofAnotherModel();
  return term;
}

/** Any operand as a term of the model. Throws TypeMismatchError for what is none, UsageError for a tensor of another. */
export function toTerm(builder: Builder, operand: Operand): Term {
  return termAt(builder, operand, 0);
}

/** `depth`: of the lists around. */
function termAt(builder: Builder, operand: unknown, depth: number): Term {
  if (operand instanceof Tensor) return ownTerm(builder, operand);
  if (operand instanceof Size) return integerTerm(builder, operand.integer);
  if (typeof operand === "number") {
    const isInt = Number.isSafeInteger(operand) && !Object.is(operand, -0);
    return isInt ? integerTerm(builder, Integer.constant(operand)) : realTerm(builder, operand);
  }
  if (typeof operand === "boolean") return boolTerm(builder, operand);
  if (Array.isArray(operand))
    return listOf(elementsOf(operand, depth, (element) => termAt(builder, element, depth + 1)));
  throw new TypeMismatchError(`a tensor, a number, a boolean or a list of them is needed, got ${described(operand)}.`, {
    notes: isSizeName(operand) ? [`Write size(${JSON.stringify(operand)}) for the size of that name.`] : [],
  });
}

/** Lists that hold themselves have no end, and holes in lists no value. */
function elementsOf(list: readonly unknown[], depth: number, of: (element: unknown) => Term): Term[] {
  if (depth >= mostAxes) throw new LimitError(`lists are nested deeper than ${mostAxes} levels, which no tensor has.`);
  return Array.from(list, (element, k) => {
    if (element === undefined) throw new TypeMismatchError(`a list needs a value at [${k}], got nothing.`);
    return of(element);
  });
}

export type Options = Readonly<Record<string, unknown>>;

/** Calls a function or primitive by name; a record at the end holds the options. */
export function callByName(
  builder: Builder,
  name: string,
  given: readonly unknown[],
  vocabulary: Vocabulary = coreVocabulary,
): Tensor {
  return builder.traced(() => {
    const call = requestOf(builder, name, given, vocabulary);
    return new Tensor(vocabulary.isDerivative(name) ? derivative(call, vocabulary) : vocabulary.call(call));
  });
}

/** grad(f, w) and its kin: w is varied as a variable of its own. */
function derivative(call: Call, vocabulary: Vocabulary): Term {
  const { builder, name, operands, options, words, usage } = call;
  const [f, w, ...rest] = operands;
  if (!f || !w || !builder.names) return vocabulary.call(call);
  return builder.names.derivative(f, w, (of) =>
    vocabulary.call(new Call(builder, name, [of, w, ...rest], options, words, usage)),
  );
}

/** A call by name as functions take it: operands, and behind them a record of options. */
export function requestOf(builder: Builder, name: string, given: readonly unknown[], vocabulary: Vocabulary): Call {
  const last = given.at(-1);
  const options = isOptions(last) ? last : undefined;
  const operands = (options ? given.slice(0, -1) : given).map((operand, position) =>
    vocabulary.takesSize(name, position) ? operandTerm(builder, operand) : termAt(builder, operand, 0),
  );
  const named = Object.entries(options ?? {}).filter(([, value]) => value !== undefined);
  const terms = new Map<string, Term>();
  const words = new Map<string, string>();
  for (const [option, value] of named) {
    if (typeof value === "string" && vocabulary.takesWord(name, option, value)) words.set(option, value);
    else terms.set(option, operandTerm(builder, value));
  }
  return new Call(builder, name, operands, terms, words, usageIn(vocabulary));
}

/** Calls as TypeScript has them: the core's are methods. */
function usageIn(vocabulary: Vocabulary): Usage {
  return (name, operands, options) => {
    const record = options.length > 0 ? [`{ ${options.map((option) => `${option}: ...`).join(", ")} }`] : [];
    const [first, ...rest] = operands;
    const isMethod = vocabulary === coreVocabulary && first !== undefined;
    return isMethod
      ? `${first}.${name}(${[...rest, ...record].join(", ")})`
      : `${name}(${[...operands, ...record].join(", ")})`;
  };
}

/** Names of sizes are taken where a size can stand. */
function operandTerm(builder: Builder, operand: unknown, depth = 0): Term {
  if (typeof operand === "string") return integerTerm(builder, sizeNamed(operand));
  if (!Array.isArray(operand)) return termAt(builder, operand, depth);
  return listOf(elementsOf(operand, depth, (element) => operandTerm(builder, element, depth + 1)));
}

function isOptions(value: unknown): value is Options {
  return isRecord(value) && !(value instanceof Tensor || value instanceof Size);
}

const ownNames = new Set(["at", "shape", "term", "constructor", "stack"]);

for (const name of coreVocabulary.names()) {
  if (ownNames.has(name)) continue;
  Object.defineProperty(Tensor.prototype, name, {
    configurable: true,
    writable: true,
    value(this: Tensor, ...others: unknown[]): Tensor {
      return callByName(this.term.builder, name, [this, ...others]);
    },
  });
}

/** A condition as a plain tensor is never true or false while the model is built. */
Object.defineProperty(Tensor.prototype, Symbol.toPrimitive, {
  value(): never {
    throw new UsageError("a tensor has no value while the model is built: use its methods, select(...) or cond(...).");
  },
});
