import type { PrimitiveDocumentation } from "../../ir/primitive.ts";

const polygamma: PrimitiveDocumentation = {
  summary: "the n-th derivative of digamma",
  derivative: "polygamma of order n + 1",
  kink: "poles at 0, -1, -2, ...",
  reference: "DLMF 5.15",
};

export const gamma: Readonly<Record<string, PrimitiveDocumentation>> = {
  lgamma: {
    summary: "log |gamma(x)|",
    derivative: "digamma(x)",
    kink: "poles at 0, -1, -2, ...",
    reference: "DLMF 5.5, 5.11",
  },
  digamma: {
    summary: "derivative of lgamma",
    derivative: "trigamma(x)",
    kink: "poles at 0, -1, -2, ...",
    reference: "DLMF 5.5, 5.11",
  },
  trigamma: polygamma,
  polygamma,
  gammaStep: {
    summary: "the (n-1)-th derivative of lgamma at x + y less that at x",
    derivative: "gammaStep of order n + 1; the n-th derivative of lgamma at x + y",
    reference: "DLMF 5.11",
  },
  logBeta: {
    summary: "lgamma(x) + lgamma(y) - lgamma(x + y)",
    derivative: "digamma(x) - digamma(x + y); digamma(y) - digamma(x + y)",
    reference: "DLMF 5.12",
  },
};
