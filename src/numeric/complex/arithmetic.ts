import type { Complex } from "./complex.ts";

/**
 * The relative size of an imaginary part below which its square vanishes beside the square of the real part:
 * there the real part of an analytic function is the real function, to the last bit.
 */
const negligible = 2 ** -27;

/** True where the real function gives the real part of f(z): z is `distance` away from the nearest singularity. */
export function isNearlyReal(z: Complex, distance = Math.abs(z.re)): boolean {
  return Math.abs(z.im) <= negligible * Math.min(distance, 1 + Math.abs(z.re));
}

/** im * factor; an imaginary part that is exactly zero belongs to a constant and stays zero, even beside infinity. */
export function scaled(im: number, factor: number): number {
  return im === 0 ? 0 : im * factor;
}

/** A real number. */
export function real(re: number): Complex {
  return { re, im: 0 };
}

/** A value at a point with no derivative: the real value, and no imaginary part unless z is real. */
export function singular(re: number, ...operands: Complex[]): Complex {
  return { re, im: operands.every((z) => z.im === 0) ? 0 : Number.NaN };
}

export function add(z: Complex, w: Complex): Complex {
  return { re: z.re + w.re, im: z.im + w.im };
}

export function sub(z: Complex, w: Complex): Complex {
  return { re: z.re - w.re, im: z.im - w.im };
}

export function neg(z: Complex): Complex {
  return { re: -z.re, im: -z.im };
}

export function mul(z: Complex, w: Complex): Complex {
  // the imaginary part of a constant is 0 also beside infinity
  const square = w.im === 0 ? 0 : scaled(z.im, w.im);
  return { re: z.re * w.re - square, im: scaled(w.im, z.re) + scaled(z.im, w.re) };
}

/** Smith (1962), with the quotient of the real parts kept whole: b c - a d would cancel or overflow. */
export function div(z: Complex, w: Complex): Complex {
  if (w.im === 0) return { re: z.re / w.re, im: z.im === 0 ? 0 : z.im / w.re };
  if (w.re === 0) return singular(z.re / w.re, z, w);
  if (Math.abs(w.re) >= Math.abs(w.im)) {
    const ratio = w.im / w.re;
    const denominator = w.re + w.im * ratio;
    return {
      re: (z.re + scaled(z.im, ratio)) / denominator,
      im: (z.im - (z.re / w.re) * w.im) / denominator,
    };
  }
  const ratio = w.re / w.im;
  const denominator = w.re * ratio + w.im;
  return { re: (z.re * ratio + z.im) / denominator, im: (z.im * ratio - z.re) / denominator };
}
