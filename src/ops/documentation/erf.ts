import type { PrimitiveDocumentation } from "../../ir/primitive.ts";

export const erf: Readonly<Record<string, PrimitiveDocumentation>> = {
  gaussian: { summary: "e^(-x^2), accurate in the tails", derivative: "-2 x z" },
  erf: {
    summary: "error function, 2/sqrt(pi) times the integral of e^(-t^2) from 0 to x",
    derivative: "2/sqrt(pi) e^(-x^2)",
  },
  erfc: { summary: "1 - erf(x), accurate in the right tail", derivative: "-2/sqrt(pi) e^(-x^2)" },
  erfcx: { summary: "e^(x^2) erfc(x)", derivative: "-2 erfcIntegral1(x)" },
  erfcIntegral: {
    summary: "e^(x^2) times the n-fold integral of erfc from x to infinity",
    derivative: "-2 (n+1) F_(n+1)",
    reference: "DLMF 7.18",
  },
  logErf: { summary: "log(erf(x))", derivative: "2 / sqrt(pi) e^(-x^2) / erf(x)" },
  erfcinv: { summary: "the inverse of erfc", derivative: "-sqrt(pi) / 2 e^(z^2)" },
  logErfc: { summary: "log(erfc(x)), finite where erfc underflows", derivative: "-erfcHazard(x)" },
  erfcHazard: {
    summary: "2/sqrt(pi) e^(-x^2) / erfc(x), the slope of -log(erfc(x))",
    derivative: "z erfcHazardExcess(x)",
  },
  erfcHazardExcess: {
    summary: "erfcHazard(x) - 2x, without cancellation",
    derivative: "erfcHazard(x) z - 2",
  },
  erfinv: {
    summary: "inverse of erf; NaN beyond [-1, 1]",
    derivative: "sqrt(pi)/2 e^(z^2)",
    kink: "poles at -1 and 1: slope Infinity",
    reference: "Wichura (1988), algorithm AS 241",
  },
  normalCdf: { summary: "standard normal distribution function, erfc(-x/sqrt 2) / 2", derivative: "normalPdf(x)" },
  normalPdf: { summary: "standard normal density, e^(-x^2/2) / sqrt(2 pi)", derivative: "-x z" },
  logNormalCdf: {
    summary: "log of the standard normal distribution function",
    derivative: "normalPdf(x) / normalCdf(x)",
  },
};
