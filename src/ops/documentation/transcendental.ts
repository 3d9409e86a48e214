import type { PrimitiveDocumentation } from "../../ir/primitive.ts";

export const transcendental: Readonly<Record<string, PrimitiveDocumentation>> = {
  lambertw: {
    summary: "Lambert W, principal branch: the w >= -1 with w e^w = x; NaN below -1/e",
    derivative: "e^-z / (1 + z)",
    kink: "slope Infinity at -1/e",
    reference: "DLMF 4.13",
  },
  lambertwRise: {
    summary: "1 + lambertw(x), without cancellation near -1/e",
    derivative: "lambertwSlope(x)",
    kink: "slope Infinity at -1/e",
  },
  lambertwSlope: {
    summary: "the derivative of lambertw, e^-w / (1 + w)",
    derivative: "-z^2 (1 + 1 / lambertwRise(x))",
    kink: "Infinity at -1/e",
  },
  wrightomega: {
    summary: "lambertw(e^x) without overflow: the w with w + log(w) = x",
    derivative: "z / (1 + z)",
    reference: "DLMF 4.13",
  },
  wrightomegaSlope: { summary: "w / (1 + w) of w = wrightomega(x)", derivative: "z / (1 + w)^2" },
  expRatio: { summary: "e^x / x", derivative: "z (1 - 1/x)", kink: "pole at 0" },
  expintEi: {
    summary:
      "exponential integral Ei, the integral of e^t / t from -infinity to x, across the pole as its principal value",
    derivative: "e^x / x",
    kink: "-Infinity at 0",
    reference: "DLMF 6.2.5",
  },
  expint: {
    summary: "exponential integral E_n, the integral of e^(-x t) / t^n over t > 1; expint1 is E1",
    derivative: "-E_(n-1)(x), of E_1 -e^-x / x",
    kink: "at 0 E_1 is Infinity, E_n is 1 / (n - 1)",
    reference: "DLMF 8.19",
  },
  expintScaled: {
    summary: "e^x x^(1-n) E_n(x), the integral of e^-t / (x + t)^n over t > 0",
    derivative: "-n expintScaled of order n + 1",
    kink: "Infinity at 0",
    reference: "DLMF 8.19",
  },
  ellipk: {
    summary: "complete elliptic integral of the first kind of the parameter m = k^2",
    derivative: "(E - (1 - m) z) / (2 m (1 - m)), pi/8 at 0",
    kink: "Infinity at 1",
    reference: "DLMF 19.4",
  },
  ellipe: {
    summary: "complete elliptic integral of the second kind of the parameter m = k^2",
    derivative: "(z - K) / (2 m), -pi/8 at 0",
    kink: "slope -Infinity at 1",
    reference: "DLMF 19.4",
  },
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
  ellipkDerivative: {
    summary: "the n-th derivative of ellipk",
    derivative: "ellipkDerivative of order n + 1",
    kink: "Infinity at 1",
    reference: "DLMF 15.10.1, 19.5.1",
  },
  ellipeDerivative: {
    summary: "the n-th derivative of ellipe",
    derivative: "ellipeDerivative of order n + 1",
    kink: "-Infinity at 1",
    reference: "DLMF 15.10.1, 19.5.2",
  },
};
