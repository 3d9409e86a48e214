import type { Primitive } from "../ir/primitive.ts";
import { Complex } from "../numeric/complex.ts";

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

export const realField: Field<number> = {
  name: "real",
  of: (value) => value,
  real: (x) => x,
  apply: (primitive, operands) => Number(primitive.real(...operands)),
  add: (x, y) => x + y,
  mul: (x, y) => x * y,
};

/** Complex numbers by the primitives' own continuations: the independent oracle of the complex step. */
export const complexField: Field<Complex> = {
  name: "complex",
  of: (value) => ({ re: value, im: 0 }),
  real: (x) => x.re,
  apply: (primitive, operands) => primitive.complex(...operands),
  add: Complex.add,
  mul: Complex.mul,
};
