import type { PrimitiveDocumentation } from "../../ir/primitive.ts";

export const trigonometric: Readonly<Record<string, PrimitiveDocumentation>> = {
  sin: { summary: "sine of x in radians", derivative: "cos x" },
  cos: { summary: "cosine of x in radians", derivative: "-sin x" },
  tan: { summary: "tangent of x in radians", derivative: "1 + z^2" },
  asin: {
    summary: "the angle in [-pi/2, pi/2] whose sine is x; NaN beyond [-1, 1]",
    derivative: "1 / sqrt((1-x)(1+x))",
    kink: "slope Infinity at -1 and 1",
  },
  acos: {
    summary: "the angle in [0, pi] whose cosine is x; NaN beyond [-1, 1]",
    derivative: "-1 / sqrt((1-x)(1+x))",
    kink: "slope -Infinity at -1 and 1",
  },
  asinSlope: {
    summary: "1 / sqrt((1-x)(1+x)), the slope of asin",
    derivative: "x z^3",
    kink: "poles at -1 and 1: slope Infinity at 1, -Infinity at -1",
  },
  atan: { summary: "the angle in [-pi/2, pi/2] whose tangent is x", derivative: "1 / (1 + x^2)" },
  atanSlope: { summary: "1 / (1 + x^2), the slope of atan", derivative: "-2 x z^2" },
  atan2: {
    summary: "the angle in [-pi, pi] of the point with ordinate y (first) and abscissa x (second)",
    derivative: "x/r^2, -y/r^2 with r = sqrt(x^2 + y^2)",
    kink: "NaN slopes at the origin; across the negative x axis the value jumps and the slopes do not",
  },
  sinc: { summary: "sin(x) / x, 1 at 0", derivative: "sincDerivative1(x)" },
  sincDerivative: {
    summary: "the n-th derivative of sin(x) / x, n >= 1",
    derivative: "the (n + 1)-th derivative",
    reference: "x f_n + n f_(n-1) = sin(x + n pi/2), the n-th derivative of x sinc(x) = sin(x)",
  },
};
