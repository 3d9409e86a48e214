import type { PrimitiveDocumentation } from "../../ir/primitive.ts";

export const powers: Readonly<Record<string, PrimitiveDocumentation>> = {
  sqrt: { summary: "square root; NaN below 0", derivative: "1/(2z)", kink: "slope Infinity at 0" },
  rsqrt: { summary: "1 / sqrt(x); NaN below 0", derivative: "-z/(2x)", kink: "pole at 0" },
  cbrt: { summary: "cube root, odd", derivative: "1/(3z^2)", kink: "slope Infinity at 0" },
  pow: {
    summary: "x^y; a negative base needs a whole exponent",
    derivative: "y x^(y-1), x^y log x",
    kink: "x^0 is 1 with slope 0 everywhere, 0 included; a negative base has no derivative in the exponent (NaN)",
  },
  powSlope: {
    summary: "y (y-1) ... (y-n+1) x^(y-n), the n-th derivative of x^y in x",
    derivative: "y ... (y-n) x^(y-n-1); x^(y-n) (p' + p log x) with p = y (y-1) ... (y-n+1)",
    kink: "0 where the product before the power is 0, at x = 0 too",
  },
  powSlopeLog: {
    summary: "x^(y-n) (p' + p log x) with p = y (y-1) ... (y-n+1), the slope of powSlope in y",
    derivative: "x^(y-n-1) (q' + q log x) with q = (y-n) p; x^(y-n) (p'' + 2 p' log x + p (log x)^2)",
    kink: "at x = 0 as powSlope and powLog",
  },
  powLog: {
    summary: "x^y (log x)^n, the n-th derivative of x^y in y; NaN for x < 0",
    derivative: "y x^(y-1) (log x)^n + n x^(y-1) (log x)^(n-1), x^y (log x)^(n+1)",
    kink: "0 at x = 0 for y > 0",
  },
};
