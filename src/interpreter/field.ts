import type { Field } from "../ir/field.ts";

export const realField: Field<number> = {
  name: "real",
  of: (value) => value,
  real: (x) => x,
  apply: (primitive, operands) => Number(primitive.real(...operands)),
  add: (x, y) => x + y,
  mul: (x, y) => x * y,
};
