import type { PrimitiveDocumentation } from "../../ir/primitive.ts";

export const faddeeva: Readonly<Record<string, PrimitiveDocumentation>> = {
  voigt: {
    summary:
      "Voigt profile: the convolution of a normal density of standard deviation sigma and a Lorentzian of half width gamma, Re w((x + i gamma) / (sigma sqrt 2)) / (sigma sqrt(2 pi)); sigma or gamma may be 0",
    derivative: "A_1; sigma A_2; -B_1",
    kink: "at sigma or gamma = 0 the slope from above",
    reference: "DLMF 7.2.3, 7.10, 7.12, 7.19",
  },
  voigtDispersion: {
    summary: "the Hilbert transform of voigt, by the imaginary part of w",
    derivative: "B_1; sigma B_2; A_1",
    kink: "at sigma or gamma = 0 the slope from above",
  },
  voigtDerivative: {
    summary: "A_n, the n-th derivative of voigt with respect to x",
    derivative: "A_(n+1); sigma A_(n+2); -B_(n+1)",
    kink: "at sigma or gamma = 0 the slope from above",
  },
  voigtDispersionDerivative: {
    summary: "B_n, the n-th derivative of voigtDispersion with respect to x",
    derivative: "B_(n+1); sigma B_(n+2); A_(n+1)",
    kink: "at sigma or gamma = 0 the slope from above",
  },
};
