import { add, mul } from "./algebra.ts";
import { unary } from "./define.ts";
import { normalCdf, normalPdf } from "./erf.ts";

/** x times the standard normal distribution function. */
export const gelu = unary("gelu", {
  program: (x) => mul(x, normalCdf(x)),
  partial: (x) => add(normalCdf(x), mul(x, normalPdf(x))),
  cost: 48,
});
