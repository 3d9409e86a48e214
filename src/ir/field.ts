import type { Primitive } from "./primitive.ts";

/** Numbers that a graph can be evaluated over: reals, complex numbers, dual numbers. */
export interface Field<T> {
  readonly name: string;
  of(value: number): T;
  /** The real part: it decides branches, comparisons and indices. */
  real(x: T): number;
  apply(primitive: Primitive, operands: readonly T[]): T;
  add(x: T, y: T): T;
  mul(x: T, y: T): T;
}
