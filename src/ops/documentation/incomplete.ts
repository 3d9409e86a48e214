import type { PrimitiveDocumentation } from "../../ir/primitive.ts";

const gammaReference = "DLMF 8.2";

export const incomplete: Readonly<Record<string, PrimitiveDocumentation>> = {
  betainc: {
    summary:
      "the regularised incomplete beta function I(x, y, w): the share of a beta distribution with parameters x and y below w",
    derivative: "betaincSlope2(x, y, w); betaincSlope1(x, y, w); betaDensity(x, y, w)",
    kink: "1 at x = 0 and 0 at y = 0, for 0 < w < 1",
    reference: "DLMF 8.17",
  },
  betaincSlope: {
    summary: "derivatives of betainc, once in y, once in x, twice in y, in both, twice in x, and so on",
    derivative: "the next in x; the next in y; that of betaDensity",
  },
  betaDensity: {
    summary: "w^(x-1) (1-w)^(y-1) / B(x, y), the density of a beta distribution",
    derivative: "z betaRate(x, y, w); z betaRestRate(x, y, w); z ((x-1)/w - (y-1)/(1-w))",
  },
  betaRate: {
    summary: "log w - digamma(x) + digamma(x + y)",
    derivative: "digamma'(x + y) - digamma'(x); digamma'(x + y); 1/w",
  },
  betaRestRate: {
    summary: "log(1 - w) - digamma(y) + digamma(x + y)",
    derivative: "digamma'(x + y); digamma'(x + y) - digamma'(y); -1/(1 - w)",
  },
  gammainc: {
    summary:
      "the regularised lower incomplete gamma function P(x, y): the share of a gamma distribution of shape x below y",
    derivative: "gammaincSlope1(x, y); y^(x-1) e^-y / gamma(x)",
    kink: "1 at x = 0",
    reference: gammaReference,
  },
  gammaincc: {
    summary: "the regularised upper incomplete gamma function Q(x, y) = 1 - P(x, y)",
    derivative: "-gammaincSlope1(x, y); -y^(x-1) e^-y / gamma(x)",
    kink: "0 at x = 0",
    reference: gammaReference,
  },
  logGammainc: {
    summary: "log P(x, y), finite where gammainc underflows",
    derivative: "logGammaincSlope1(x, y); logGammaincSlope2(x, y)",
    reference: gammaReference,
  },
  logGammaincc: {
    summary: "log Q(x, y), finite where gammaincc underflows",
    derivative: "logGammainccSlope1(x, y); logGammainccSlope2(x, y)",
    reference: gammaReference,
  },
  gammaincSlope: {
    summary: "the n-th derivative of gammainc in x",
    derivative: "gammaincSlope of order n + 1; the n-th derivative of y^(x-1) e^-y / gamma(x) in x",
  },
  logGammaincSlope: {
    summary: "derivatives of logGammainc, once in x, once in y, twice in x, in both, twice in y, and so on",
    derivative: "the next in x; the next in y",
  },
  logGammainccSlope: {
    summary: "derivatives of logGammaincc, once in x, once in y, twice in x, in both, twice in y, and so on",
    derivative: "the next in x; the next in y",
  },
  gammaKernel: {
    summary:
      "y^(x-1) e^-y / gamma(x+1) and its derivatives, counted from 1 on: itself, once in x, once in y, and so on",
    derivative: "the next in x; the next in y",
  },
  gammaRate: {
    summary: "log y - digamma(x + 1)",
    derivative: "-trigamma(x + 1); 1/y",
  },
};
