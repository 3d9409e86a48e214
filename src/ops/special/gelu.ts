import { unary } from "../define.ts";
import { add } from "../elementary/algebra.ts";
import { faded } from "../ratios/faded.ts";
import { normalCdf, normalPdf } from "./erf.ts";

/** x times the standard normal distribution function. */
export const gelu = unary("gelu", {
  program: (x) => faded(normalCdf(x), x),
  partial: (x) => add(normalCdf(x), faded(normalPdf(x), x)),
  cost: 48,
});
