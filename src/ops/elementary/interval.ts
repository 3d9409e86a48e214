import type { Interval } from "../../ir/primitive.ts";

// Facts about ranges speak of the values a primitive computes; NaN lies in every interval. Rounding is monotone, so
// arithmetic on the ends is sound as it stands; functions that are not correctly rounded are widened by a few ulp.

export const unbounded: Interval = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
export const nonNegative: Interval = [0, Number.POSITIVE_INFINITY];
export const unit: Interval = [0, 1];
export const symmetricUnit: Interval = [-1, 1];

const roundingAllowance = 2 ** -50;

/** The interval, each end moved outwards by a few ulp, but not beyond `within`. */
export function widen([low, high]: Interval, within: Interval = unbounded): Interval {
  return [Math.max(within[0], low - allowance(low)), Math.min(within[1], high + allowance(high))];
}

function allowance(end: number): number {
  return Number.isFinite(end) ? Math.abs(end) * roundingAllowance + Number.MIN_VALUE : 0;
}

/** The range of a function that increases on its domain. */
export function increasing(f: (x: number) => number, within: Interval = unbounded, domain: Interval = unbounded) {
  return (x: Interval): Interval => {
    const low = f(Math.max(x[0], domain[0]));
    const high = f(Math.min(x[1], domain[1]));
    return Number.isNaN(low) || Number.isNaN(high) ? within : widen([low, high], within);
  };
}

/** The range of a function that decreases on its domain. */
export function decreasing(f: (x: number) => number, within: Interval = unbounded, domain: Interval = unbounded) {
  const range = increasing((x) => -f(x), [-within[1], -within[0]], domain);
  return (x: Interval): Interval => negInterval(range(x));
}

/** The range of an even function that grows with |x|. */
export function evenIncreasing(f: (x: number) => number, within: Interval) {
  const range = increasing(f, within);
  return (x: Interval): Interval => range(absInterval(x));
}

/** The range of -x. */
export function negInterval([low, high]: Interval): Interval {
  return [-high, -low];
}

/** The range of |x|. */
export function absInterval([low, high]: Interval): Interval {
  if (low >= 0) return [low, high];
  if (high <= 0) return [-high, -low];
  return [0, Math.max(-low, high)];
}

/** The range of x + y. */
export function addIntervals(x: Interval, y: Interval): Interval {
  return whole(x[0] + y[0], x[1] + y[1]);
}

/** Products of ends; 0 times an infinite end is 0: at the end itself the product is NaN. */
export function mulIntervals(x: Interval, y: Interval): Interval {
  const times = (a: number, b: number) => (a === 0 || b === 0 ? 0 : a * b);
  const [a, b, c, d] = [times(x[0], y[0]), times(x[0], y[1]), times(x[1], y[0]), times(x[1], y[1])];
  return [Math.min(a, b, c, d), Math.max(a, b, c, d)];
}

/** The range of x / y; unbounded where y may be 0. */
export function divIntervals(x: Interval, y: Interval): Interval {
  if (y[0] <= 0 && y[1] >= 0) return unbounded;
  const quotients = x.flatMap((a) => y.map((b) => a / b));
  return whole(Math.min(...quotients), Math.max(...quotients));
}

/** The smallest interval that holds both. */
export function union(x: Interval, y: Interval): Interval {
  return [Math.min(x[0], y[0]), Math.max(x[1], y[1])];
}

function whole(low: number, high: number): Interval {
  return Number.isNaN(low) || Number.isNaN(high) ? unbounded : [low, high];
}
