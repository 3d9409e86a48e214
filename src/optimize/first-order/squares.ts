/** The square of anything up to here is finite, and so is a sum of 2^24 of them; the square of anything from 1 / this on is above 0. */
const farthest = 2 ** 499;

/** An entry of a gradient as far as its square can follow it: what is divided by the root of its squares keeps a length of about 1. */
export function squarable(g: number): number {
  return Math.min(Math.max(g, -farthest), farthest);
}

/** g^2 that neither overflows nor vanishes: 0 for 0 alone. */
export function squareOf(g: number): number {
  if (g === 0) return 0;
  const size = Math.max(Math.abs(squarable(g)), 1 / farthest);
  return size * size;
}
