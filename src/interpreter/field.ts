import type { Field } from "../ir/field.ts";
import { Complex } from "../numeric/complex.ts";

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
