import type { PrimitiveDocumentation } from "../../ir/primitive.ts";

export const expint: Readonly<Record<string, PrimitiveDocumentation>> = {
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
};
