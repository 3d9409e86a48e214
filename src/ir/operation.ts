import type { Choice } from "./bodies/choice.ts";
import type { Definition } from "./bodies/definition.ts";
import type { Implicit } from "./bodies/implicit.ts";
import type { Scan } from "./bodies/scan.ts";
import type { While } from "./bodies/while.ts";
import type { Guard } from "./contraction.ts";
import type { Extension } from "./extension.ts";
import type { Field } from "./field.ts";
import type { Expr, Shape } from "./graph.ts";
import type { Integer } from "./integer.ts";
import type { DType } from "./primitive.ts";

/** Element type and shape of an operand or a result. */
export interface ValueType {
  readonly dtype: DType;
  readonly shape: Shape;
}

/**
 * A function of several tensors with several results: one node a result, all over the same operands. Operations of one
 * key are one operation, so that equal calls are the same nodes.
 */
export type Operation = Kernel | Scan | While | Implicit | Definition | Choice;

export interface OperationFacts {
  /** Says everything that tells this operation from others: name, parameters, types. */
  readonly key: string;
  /** What is shown and what errors call it. */
  readonly name: string;
  /** The types of the operands, one each. */
  readonly operands: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/** An operation that is stated by bodies: graphs of their own, which are differentiated, rewritten and lowered in turn. */
export interface BodyOperation extends OperationFacts {
  /** What each floor does with it; handed on to the operations that are made of this one. */
  readonly extension: Extension;
}

/** Row-major values with the numbers that their shape's sizes stand for. */
export interface Values<T> {
  readonly shape: readonly number[];
  readonly values: readonly T[];
}

/**
 * An operation that is stated as one record: its value over any field, its derivatives as graphs. The loops that compute
 * it are found by its name in src/lower/bodies/kernels.ts.
 */
export interface Kernel extends OperationFacts {
  readonly kind: "kernel";
  /** What tells kernels of one name and the same operands apart; part of the key and of the text form. */
  readonly parameters: string;
  /** The results in row-major order, by the definition: slow and plain, the oracle for the loops. */
  evaluate<T>(operands: readonly Values<T>[], field: Field<T>): (readonly T[])[];
  /**
   * Forward mode: the change of each result for changes of the operands. undefined is the structural zero. Tangents
   * carry the axes `batch` at their end, and so do the results.
   */
  tangents(
    call: Call<Kernel>,
    tangents: readonly (Expr | undefined)[],
    batch: Shape,
    pushforward: Pushforward,
  ): readonly (Expr | undefined)[];
  /**
   * Reverse mode, the transpose of that: what cotangents of the results contribute to each operand. An operand that is
   * not `wanted` may be left out.
   */
  cotangents(
    call: Call<Kernel>,
    cotangents: readonly (Expr | undefined)[],
    wanted: readonly boolean[],
    pushforward: Pushforward,
  ): readonly (Expr | undefined)[];
  /** The same kernel over operands of other types. */
  over(operands: readonly ValueType[]): Kernel;
  /** Units of operands and results over variables, as a primitive states them; absent: nothing is known of those of real results. */
  readonly units?: string | undefined;
  /** So many first axes of every operand and result are a batch, whose elements do not meet. Default: 0. */
  readonly leading?: number;
  /** The operand whose last axis, as that of the one result, is a batch too: right sides of one system. Absent: none. */
  readonly columns?: number | undefined;
  /** Operations of one evaluation. */
  readonly cost: Integer;
  /**
   * Conditions on the elements of an operand that are read, the others not, over its axes as iterators; undefined for an operand that
   * only derivatives need. Default: all are read.
   */
  readonly reads?: readonly (readonly Guard[] | undefined)[] | undefined;
}

/** Forward mode, for rules that ask how one operand depends on another: tangents of the outputs, as the sweeps give them. */
export type Pushforward = (
  outputs: readonly Expr[],
  tangents: ReadonlyMap<Expr, Expr>,
  batch?: Shape,
) => readonly (Expr | undefined)[];

/** One use of an operation. */
export interface Call<Called extends Operation = Operation> {
  readonly operation: Called;
  readonly operands: readonly Expr[];
  /** Every result, used or not. */
  readonly results: readonly Expr[];
}

/** Makes the kernel of a name and parameters over operands of given types; undefined where there is none. */
export type KernelLookup = (name: string, parameters: string, operands: readonly ValueType[]) => Kernel | undefined;

/** The key of a kernel: equal keys, equal kernels. */
export function kernelKey(name: string, parameters: string, operands: readonly ValueType[]): string {
  return `${name} ${parameters}(${operands.map(typeKey).join("; ")})`;
}

/** A text that is the same for equal types. */
export function typeKey({ dtype, shape }: ValueType): string {
  return `${dtype}[${shape.map((size) => size.key).join(",")}]`;
}
