import { unary } from "../define.ts";

/** A number where a quantity is needed, as the side of a select that is never used: it takes every unit. */
export const anyUnit = unary("anyUnit", {
  units: "1 -> a",
  result: "same",
  real: (x) => x,
  partial: (x) => anyUnit(x.graph.constantLike(1, x)),
  print: (x) => x,
  cost: 0,
  range: (x) => x,
});

/** x itself, as a constant to every derivative; rewriting does not look through it before the last derivative. */
export const stopGradient = unary("stopGradient", {
  units: "a -> a",
  result: "same",
  isOpaque: true,
  real: (x) => x,
  partial: "zero",
  print: (x) => x,
  cost: 0,
  range: (x) => x,
});
