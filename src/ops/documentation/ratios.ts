import type { PrimitiveDocumentation } from "../../ir/primitive.ts";

export const ratios: Readonly<Record<string, PrimitiveDocumentation>> = {
  faded: { summary: "x y, but 0 where x is 0, also where y is infinite", derivative: "y, but 0 where x is 0; x" },
  logTanh: { summary: "log(tanh(x))", derivative: "2 / sinh(2x)" },
  logProportion: { summary: "log(x / (x + y))", derivative: "y / (x (x + y)); -1 / (x + y)" },
  versineArc: { summary: "acos(1 - x)", derivative: "1 / sqrt(x (2 - x))", kink: "slope Infinity at 0 and 2" },
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
  erfRatio: { summary: "erf(x)/x, 2/sqrt(pi) at 0", derivative: "-4 x/sqrt(pi) erfMoment1(x)" },
  erfMoment: {
    summary: "the integral of t^(2n) e^(-x^2 t^2) over 0 <= t <= 1",
    derivative: "-2x times the next one",
  },
};
