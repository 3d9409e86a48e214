import { norm, type Vector } from "../vectors.ts";

export interface SecularSolution {
  readonly h: Vector;
  /** mu >= 0, with which values + mu >= 0; 0 inside the ball. */
  readonly multiplier: number;
  readonly isOnBoundary: boolean;
}

const mostSteps = 200;

/**
 * h = argmin sum_i values_i h_i^2 / 2 + c_i h_i over ||h|| <= radius: a quadratic in the basis of its eigenvectors,
 * with the values in ascending order. A global minimum, in the hard case too, where c has no part along the least
 * value and h takes what is missing in length from there. An infinite radius needs values above 0.
 *
 * The unknown is s = mu + values_0, the distance from the pole: 1 / ||h|| is nearly linear in it, and near the hard
 * case, where s is tiny beside mu, no digits are lost. Source: More and Sorensen (1983), section 3.
 */
export function solveSecular(values: Vector, c: Vector, radius: number): SecularSolution {
  const n = values.length;
  const h = new Float64Array(n);
  if (n === 0) return { h, multiplier: 0, isOnBoundary: false };
  const least = values[0]!;
  const gaps = values.map((value) => value - least);
  /** Writes h and returns its length; a part of c that is 0 asks for none, at the pole too. */
  const lengthAt = (s: number): number => {
    for (let i = 0; i < n; i++) h[i] = c[i] === 0 ? 0 : -c[i]! / (gaps[i]! + s);
    return norm(h);
  };
  if (least >= 0 && lengthAt(least) <= radius) return { h, multiplier: 0, isOnBoundary: false };
  const start = Math.max(least, 0);
  if (least < 0) {
    const length = lengthAt(0);
    if (length <= radius) {
      h[0] = h[0]! + Math.sqrt((radius - length) * (radius + length));
      return { h, multiplier: -least, isOnBoundary: true };
    }
  }
  let low = start;
  for (let i = 0; i < n; i++) low = Math.max(low, Math.abs(c[i]!) / radius - gaps[i]!);
  let high = Math.max(norm(c) / radius, low);
  let s = low;
  for (let step = 0; step < mostSteps; step++) {
    const length = lengthAt(s);
    if (Math.abs(length - radius) <= 4 * Number.EPSILON * radius) break;
    if (length > radius) low = Math.max(low, s);
    else high = Math.min(high, s);
    let slope = 0;
    for (let i = 0; i < n; i++) if (h[i] !== 0) slope += (h[i]! / length) ** 2 / (gaps[i]! + s);
    const newton = s + (length - radius) / radius / slope;
    const next = newton > low && newton < high ? newton : middle(low, high);
    if (next === s) break;
    s = next;
  }
  return { h, multiplier: s - least, isOnBoundary: true };
}

/** Between two bounds of any two magnitudes. */
function middle(low: number, high: number): number {
  return low > 0 ? Math.sqrt(low) * Math.sqrt(high) : high / 1024;
}
