import type { PrimitiveDocumentation } from "../../ir/primitive.ts";

export const exponential: Readonly<Record<string, PrimitiveDocumentation>> = {
  exp: { summary: "e^x", derivative: "z" },
  expm1: { summary: "e^x - 1, accurate near 0", derivative: "e^x" },
  expm1Reciprocal: { summary: "1 / (e^x - 1)", derivative: "-e^x / (e^x - 1)^2", kink: "pole at 0" },
  exp2: { summary: "2^x", derivative: "z log 2" },
  log: { summary: "natural logarithm; NaN below 0", derivative: "1/x", kink: "pole at 0: slope Infinity" },
  log1p: { summary: "log(1 + x), accurate near 0", derivative: "1/(1+x)", kink: "pole at -1: slope Infinity" },
  log2: { summary: "logarithm to base 2", derivative: "1/(x log 2)", kink: "pole at 0: slope Infinity" },
  log10: { summary: "logarithm to base 10", derivative: "1/(x log 10)", kink: "pole at 0: slope Infinity" },
  log1mexp: {
    summary: "log(1 - e^x); NaN above 0",
    derivative: "e^x / (e^x - 1)",
    kink: "pole at 0: slope -Infinity",
    reference: "Maechler (2012), Accurately computing log(1 - exp(-|a|))",
  },
};
