import type { PrimitiveDocumentation } from "../../ir/primitive.ts";

export const bessel: Readonly<Record<string, PrimitiveDocumentation>> = {
  besselJ: {
    summary: "J_n(x), the Bessel function of the first kind",
    derivative: "(J_(n-1) - J_(n+1)) / 2",
    reference: "DLMF 10.2, 10.6, 10.17",
  },
  besselY: {
    summary: "Y_n(x), the Bessel function of the second kind; NaN for x < 0",
    derivative: "(Y_(n-1) - Y_(n+1)) / 2",
    kink: "-Infinity at 0",
    reference: "DLMF 10.8, 10.17, 10.23",
  },
  besselI: {
    summary: "I_n(x), the modified Bessel function of the first kind",
    derivative: "(I_(n-1) + I_(n+1)) / 2",
    reference: "DLMF 10.29, 10.32, 10.40",
  },
  besselK: {
    summary: "K_n(x), the modified Bessel function of the second kind; NaN for x < 0",
    derivative: "-K_(n-1) - n/x K_n",
    kink: "Infinity at 0",
    reference: "DLMF 10.29, 10.31, 10.32",
  },
  besselI0e: {
    summary: "e^-|x| I_0(x)",
    derivative: "-sign(x) besselIMoment(1, |x|)",
    kink: "slope 0 at 0",
    reference: "DLMF 10.32",
  },
  besselI1e: {
    summary: "e^-|x| I_1(x)",
    derivative: "besselIMoment(2, |x|) - besselIMoment(1, |x|)",
    reference: "DLMF 10.32",
  },
  besselIRatio: {
    summary: "I_1(x) / I_0(x)",
    derivative: "m_2/m_0 - (m_1/m_0)^2 with m_n = besselIMoment(n, |x|)",
    reference: "DLMF 10.32",
  },
  logBesselI0: { summary: "log I_0(x)", derivative: "besselIRatio(x)", reference: "DLMF 10.25, 10.32" },
  besselIMoment: {
    summary: "the mean of (1 - cos t)^n e^(-x (1 - cos t)) over 0 <= t <= pi, x >= 0; of n = 0 it is e^-x I_0(x)",
    derivative: "-besselIMoment(n + 1, x)",
    reference: "DLMF 10.32",
  },
  besselKMoment: {
    summary: "the integral of (cosh t - 1)^n e^(-x (cosh t - 1)) over t >= 0, x >= 0; of n = 0 it is e^x K_0(x)",
    derivative: "-besselKMoment(n + 1, x)",
    kink: "Infinity at 0",
    reference: "DLMF 10.32",
  },
  besselK0e: {
    summary: "e^x K_0(x); NaN for x < 0",
    derivative: "-besselKMoment(1, x)",
    kink: "Infinity at 0",
    reference: "DLMF 10.32",
  },
  besselK1e: {
    summary: "e^x K_1(x); NaN for x < 0",
    derivative: "-besselKMoment(1, x) - besselKMoment(2, x)",
    kink: "Infinity at 0",
    reference: "DLMF 10.32",
  },
};
