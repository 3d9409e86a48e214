import * as arithmetic from "./arithmetic.ts";
import * as functions from "./functions.ts";

/** A complex number; real and imaginary part in binary64. */
export interface Complex {
  readonly re: number;
  readonly im: number;
}

/** Analytic functions of complex numbers, exact enough for the complex step. Real parts decide; nothing is conjugated. */
export const Complex = { ...arithmetic, ...functions };
