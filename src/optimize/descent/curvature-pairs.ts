import { addScaled, difference, dot, norm, scale, type Vector } from "../../numeric/vectors.ts";

/** What a move has shown: y is the change of the gradient along s, in loss / parameter. */
export interface Pair {
  readonly s: Vector;
  readonly y: Vector;
  /** <y, s>: above 0. */
  readonly product: number;
}

/** A pair with less curvature than this, beside |s| |y|, tells rounding rather than the loss, and is left out. */
const leastCosine = 1e-10;

/** The pair of two points with their gradients, damped if asked; undefined where <y, s> is not clearly above 0. */
export function pairBetween(
  from: { readonly point: Vector; readonly gradient: Vector },
  to: { readonly point: Vector; readonly gradient: Vector },
  into: { readonly s: Vector; readonly y: Vector },
  expected?: Expected,
): Pair | undefined {
  difference(into.s, to.point, from.point);
  difference(into.y, to.gradient, from.gradient);
  if (expected) damp(into, expected);
  return checkedPair(into);
}

/** The pair of s and y; undefined where <y, s> is not clearly above 0. */
export function checkedPair({ s, y }: { readonly s: Vector; readonly y: Vector }): Pair | undefined {
  const product = dot(y, s);
  const isCurved = product > leastCosine * Math.sqrt(dot(s, s)) * Math.sqrt(dot(y, y));
  return isCurved && Number.isFinite(1 / product) && Number.isFinite(product) ? { s, y, product } : undefined;
}

/**
 * A move s = step d along d = -M g: the quadratic of B = M^-1 has the gradient change by B s = -step g, and by -g, all of
 * it, where its minimum lies. A longer step has seen less curvature than B, and may believe it.
 */
export interface Expected {
  readonly step: number;
  readonly gradient: Vector;
  /** The part of <B s, s> that <y, s> has to be at least. */
  readonly least: number;
}

/**
 * Draws y towards the change that was expected, as far as <y, s> = least <B s, s> asks, where it is less. So a move along
 * which the loss curves downwards, or hardly, still teaches M something, and M stays positive definite. Wolfe's
 * conditions leave nothing to do for `least` up to 1 - sigma. Source: Powell (1978), as in Nocedal and Wright (2006),
 * procedure 18.2.
 */
export function damp(pair: { readonly s: Vector; readonly y: Vector }, { step, gradient, least }: Expected): void {
  drawTowards(pair, -Math.min(1, step), gradient, least);
}

/** The same towards `factor` times a vector, where that is what B has the gradient change by. */
export function drawTowards(
  { s, y }: { readonly s: Vector; readonly y: Vector },
  factor: number,
  change: Vector,
  least: number,
): void {
  const expected = factor * dot(change, s);
  const found = dot(y, s);
  if (!(expected > 0) || !Number.isFinite(expected) || !(found < least * expected)) return;
  const share = ((1 - least) * expected) / (expected - found);
  for (let i = 0; i < y.length; i++) y[i] = share * y[i]! + (1 - share) * factor * change[i]!;
}

/** gamma = <y, s> / <y, y>: the size of an inverse Hessian along y. */
export function scaleOf({ y, product }: Pair): number {
  const square = dot(y, y);
  return square > Number.MIN_VALUE / Number.EPSILON ? product / square : product / norm(y) / norm(y);
}

/** The pairs after one more, the oldest first; at most `memory`. */
export function remember(pairs: readonly Pair[], pair: Pair, memory: number): readonly Pair[] {
  return [...pairs.slice(Math.max(0, pairs.length + 1 - memory)), pair];
}

/** The arrays of a pair that a spent state has and its successor has not, or new ones. */
export function sparePair(
  n: number,
  spent: readonly Pair[] | undefined,
  current: readonly Pair[],
): { readonly s: Vector; readonly y: Vector } {
  const oldest = spent?.[0];
  return oldest && !current.some(({ s }) => s === oldest.s)
    ? oldest
    : { s: new Float64Array(n), y: new Float64Array(n) };
}

/**
 * v := M v by two loops over the pairs (Nocedal, 1980), with M the inverse BFGS matrix that the pairs, the oldest first,
 * make of gamma I. `shares` has room for a number of each pair.
 */
export function multiplyInverse(v: Vector, pairs: readonly Pair[], gamma: number, shares: Vector): void {
  for (let k = pairs.length - 1; k >= 0; k--) {
    const { s, y, product } = pairs[k]!;
    const share = dot(s, v) / product;
    shares[k] = share;
    addScaled(v, -share, y);
  }
  scale(v, gamma);
  for (let k = 0; k < pairs.length; k++) {
    const { s, y, product } = pairs[k]!;
    addScaled(v, shares[k]! - dot(y, v) / product, s);
  }
}
