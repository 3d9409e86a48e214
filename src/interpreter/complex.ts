import type { Field } from "../ir/field.ts";
import { Complex } from "../numeric/complex/complex.ts";
import { continuationOf } from "../ops/continuation.ts";

/** Complex numbers by the primitives' own continuations: the independent oracle of the complex step. */
export const complexField: Field<Complex> = {
  name: "complex",
  of: (value) => ({ re: value, im: 0 }),
  real: (x) => x.re,
  apply: (primitive, operands) => continuationOf(primitive)(...operands),
  add: Complex.add,
  mul: Complex.mul,
};
