import * as arithmetic from "./complex-arithmetic.ts";
import * as functions from "./complex-functions.ts";

/** A complex number; real and imaginary part in binary64. */
export interface Complex {
  readonly re: number;
  readonly im: number;
}

/** Analytic functions of complex numbers, exact enough for the complex step. Real parts decide; nothing is conjugated. */
export const Complex = { ...arithmetic, ...functions };
