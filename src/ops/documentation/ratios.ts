import type { PrimitiveDocumentation } from "../../ir/primitive.ts";

export const ratios: Readonly<Record<string, PrimitiveDocumentation>> = {
  faded: {
    summary: "x y, but 0 where x is 0, also where y is infinite",
    derivative: "y, but 0 where x is 0 and y infinite; x",
  },
  raised: {
    summary: "x y where x is a normal number, else y e^w, of which x may be rounded to 0 or Infinity",
    derivative: "y; x; 0 where x is a normal number, else 0; e^w; y e^w",
  },
  differenceAs: {
    summary: "x - y, but w where less than half of x is left",
    derivative: "1, else 0; -1, else 0; 0, else 1",
  },
  logTanh: { summary: "log(tanh(x))", derivative: "2 / sinh(2x)" },
  logProportion: { summary: "log(x / (x + y))", derivative: "y / (x (x + y)); -1 / (x + y)" },
  versineArc: { summary: "acos(1 - x)", derivative: "1 / sqrt(x (2 - x))", kink: "slope Infinity at 0 and 2" },
  compound: { summary: "(1 + x)^y - 1", derivative: "y (1 + x)^(y-1); (1 + x)^y log(1 + x)" },
  contrast: { summary: "(x - y) / (x + y)", derivative: "2 y / (x + y)^2; -2 x / (x + y)^2" },
  logPlusExp: { summary: "log(x + e^y)", derivative: "1/(x + e^y); e^y/(x + e^y)" },
  shareOfExp: { summary: "e^y/(x + e^y)", derivative: "-e^y/(x + e^y)^2; x e^y/(x + e^y)^2" },
  shareBesideExp: { summary: "x/(x + e^y)", derivative: "e^y/(x + e^y)^2; -x e^y/(x + e^y)^2" },
  reciprocalPlusExp: { summary: "1/(x + e^y)", derivative: "-1/(x + e^y)^2; -e^y/(x + e^y)^2" },
  log1pTimesExp: { summary: "log(1 + x e^y)", derivative: "e^y/(1 + x e^y); x e^y/(1 + x e^y)" },
  powerSum: {
    summary: "x^a y^b (x^c + y^c)^d, numbered by its exponents",
    derivative: "one or two functions of the same kind",
  },
  squareContrast: {
    summary: "(x^2 - y^2) / (x^2 + y^2)",
    derivative: "4 x y^2 / (x^2 + y^2)^2; -4 x^2 y / (x^2 + y^2)^2",
    kink: "NaN at the origin",
  },
  rootRate: { summary: "(sqrt(x^2 + y) - x)/y", derivative: "-z/sqrt(x^2 + y); -z^2/(2 sqrt(x^2 + y))" },
  rootExcess: { summary: "sqrt(x^2 + y) - x", derivative: "x/sqrt(x^2 + y) - 1; 1/(2 sqrt(x^2 + y))" },
  proportion: { summary: "x / (x + y)", derivative: "y / (x + y)^2, -x / (x + y)^2" },
  expm1Ratio: { summary: "(e^x - 1)/x, 1 at 0", derivative: "expm1Moment1(x)" },
  expm1Moment: {
    summary: "the integral of t^n e^(xt) over 0 <= t <= 1, the n-th derivative of (e^x - 1)/x",
    derivative: "the next moment",
  },
  bernoulliRatio: { summary: "x/(e^x - 1), 1 at 0", derivative: "bernoulliRatioDerivative1(x)" },
  bernoulliRatioDerivative: {
    summary: "the n-th derivative of x/(e^x - 1)",
    derivative: "the next derivative",
    reference: "DLMF 24.2",
  },
  log1pRatio: { summary: "log(1 + x)/x, 1 at 0", derivative: "-log1pMoment1(x)", kink: "pole at -1" },
  log1pMoment: {
    summary: "the integral of t^n (1 + xt)^-(n+1) over 0 <= t <= 1",
    derivative: "-(n+1) times the next one",
    kink: "pole at -1",
  },
  expm1Dilation: { summary: "(e^(xy) - 1)/x, y at x = 0", derivative: "(y e^(xy) - z)/x; e^(xy)" },
  log1pDilation: { summary: "log(1 + xy)/x, y at x = 0", derivative: "(y/(1 + xy) - z)/x; 1/(1 + xy)" },
  log1pPerspective: { summary: "y log(1 + x/y)", derivative: "y/(x + y); (z - x y/(x + y))/y" },
  logExpm1Ratio: { summary: "log((e^x - 1)/x), 0 at 0", derivative: "logExpm1RatioDerivative1(x)" },
  logExpm1RatioDerivative: {
    summary: "the n-th derivative of log((e^x - 1)/x), n >= 1",
    derivative: "the (n + 1)-th derivative",
  },
  logGap: { summary: "log(x) - log(y)", derivative: "1/x; -1/y" },
  atanhGap: { summary: "atanh(x) - atanh(y)", derivative: "1/(1 - x^2); -1/(1 - y^2)" },
  sinGap: { summary: "sin(x) - sin(y)", derivative: "cos(x); -cos(y)" },
  cosGap: { summary: "cos(x) - cos(y)", derivative: "-sin(x); sin(y)" },
  reciprocalGap: { summary: "1/x - 1/(x + y)", derivative: "-z (1/x + 1/(x + y)); 1/(x + y)^2" },
  erfRatio: { summary: "erf(x)/x, 2/sqrt(pi) at 0", derivative: "erfRatioDerivative1(x)" },
  erfRatioDerivative: {
    summary: "the n-th derivative of erf(x)/x, n >= 1",
    derivative: "the (n + 1)-th derivative",
  },
};
