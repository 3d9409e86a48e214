import type { PrimitiveDocumentation } from "../../ir/primitive.ts";

const gammaReference = "DLMF 8.2";

export const incomplete: Readonly<Record<string, PrimitiveDocumentation>> = {
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
