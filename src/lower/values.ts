import { add } from "../ops/algebra.ts";
import type { Temporary, Value } from "./loops.ts";

export const zero: Value = { kind: "constant", value: 0, dtype: "real" };

export const named = (temporary: Temporary): Value => ({ kind: "temporary", temporary });

export const plus = (x: Value, y: Value): Value => ({
  kind: "apply",
  primitive: add.primitive,
  operands: [x, y],
  dtype: "real",
});
