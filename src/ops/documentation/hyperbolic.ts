import type { PrimitiveDocumentation } from "../../ir/primitive.ts";

export const hyperbolic: Readonly<Record<string, PrimitiveDocumentation>> = {
  sinh: { summary: "hyperbolic sine", derivative: "cosh x" },
  cosh: { summary: "hyperbolic cosine", derivative: "sinh x" },
  tanh: { summary: "hyperbolic tangent", derivative: "1 / cosh^2 x" },
  sech2: { summary: "1 / cosh^2 x, the slope of tanh, accurate in the tails", derivative: "-2 z tanh x" },
  sech: { summary: "1 / cosh x", derivative: "-z tanh x" },
  csch: { summary: "1 / sinh x", derivative: "-z / tanh x", kink: "pole at 0" },
  atanhSlope: {
    summary: "1 / ((1-x)(1+x)), the slope of atanh",
    derivative: "2 x z^2",
    kink: "poles at -1 and 1: slope Infinity at 1, -Infinity at -1",
  },
  logCosh: { summary: "log(cosh(x)) without overflow or cancellation", derivative: "tanh x" },
  logSinh: { summary: "log(sinh(x)) without overflow; NaN below 0", derivative: "1 / tanh x", kink: "pole at 0" },
  atanExp: { summary: "atan(e^x)", derivative: "sech(x)/2" },
  gudermannian: { summary: "atan(sinh(x)) = asin(tanh(x))", derivative: "sech x" },
  asinh: { summary: "inverse of sinh", derivative: "1 / sqrt(1 + x^2)" },
  acosh: {
    summary: "inverse of cosh, >= 0; NaN below 1",
    derivative: "1 / (sqrt(x-1) sqrt(x+1))",
    kink: "slope Infinity at 1",
  },
  atanh: {
    summary: "inverse of tanh; NaN beyond [-1, 1]",
    derivative: "1 / ((1-x)(1+x))",
    kink: "poles at -1 and 1: slope Infinity",
  },
};
