import { Ability } from "../../ir/extension.ts";
import { Integer } from "../../ir/integer.ts";
import type { Call, Kernel, ValueType } from "../../ir/operation.ts";
import type { LoopBuilder } from "../builder/builder.ts";
import type { Buffer, Value } from "../program/loops.ts";
import { dtypeOf } from "../program/values.ts";

/** Where a kernel's loops come from: what they read, and the arrays that take the results. */
export interface KernelContext {
  readonly builder: LoopBuilder;
  readonly call: Call<Kernel>;
  /** An element of an operand; what is no array is computed where it is read. */
  operand(position: number, index: readonly Integer[]): Value;
  /** The array of a result; there is one for every result, used or not. */
  result(position: number): Buffer;
  /** A new array that belongs to this call alone. */
  work(type: ValueType): Buffer;
}

/** Writes the loops of a kernel. They run at the outermost level, and are fused with nothing. */
export type KernelEmitter = (context: KernelContext) => void;

/** The loops of kernels, by name. */
export type Kernels = Readonly<Record<string, KernelEmitter>>;

/** The loops of the kernels that an extension brings. */
export const kernelLoops = new Ability<Kernels>("loops of kernels");

/** for i from 0 while i < extent: the body; of one round no loop. */
function emitFor(builder: LoopBuilder, extent: Integer, body: (i: Integer) => void): void {
  if (extent.value === 1) {
    body(Integer.zero);
    return;
  }
  const variable = builder.openLoop(extent);
  body(Integer.iterator(variable));
  const statements = builder.close();
  builder.emit({ kind: "for", variable, from: [Integer.zero], to: [extent], step: 1, body: statements });
}

/** for i over the whole shape: the body. */
export function emitForAll(
  builder: LoopBuilder,
  shape: readonly Integer[],
  body: (index: readonly Integer[]) => void,
  outer: readonly Integer[] = [],
): void {
  const [extent, ...rest] = shape;
  if (!extent) body(outer);
  else emitFor(builder, extent, (i) => emitForAll(builder, rest, body, [...outer, i]));
}

/** A value by name: an expression that is used more than once. */
export function emitLet(builder: LoopBuilder, value: Value): Value {
  if (value.kind === "temporary" || value.kind === "constant") return value;
  const temporary = builder.temporary(dtypeOf(value));
  builder.emit({ kind: "let", temporary, value });
  return temporary;
}
