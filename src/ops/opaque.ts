import { unary } from "./define.ts";

/** x itself, as a constant to every derivative; rewriting does not look through it before the last derivative. */
export const stopGradient = unary("stopGradient", {
  result: "same",
  isOpaque: true,
  keepsIntegers: true,
  real: (x) => x,
  complex: ({ re }) => ({ re, im: 0 }),
  partial: "zero",
  print: (x) => x,
  cost: 0,
  range: (x) => x,
  documentation: { summary: "x, held constant", derivative: "0 by definition" },
});
