import type { Vector } from "../../numeric/vectors.ts";

/** What the gradient g promises at x for changes of the parameters beside their own sizes, which have no units. */
export interface RelativePromise {
  /** sum |g_i x_i|: for a change of all of them by their whole size. */
  readonly promise: number;
  /** Its largest term. */
  readonly largest: number;
  /** Whether every slope belongs to a parameter that has a size. */
  readonly isWhole: boolean;
}

/** What g promises at x. [n], [n]. */
export function relativePromise(x: Vector, g: Vector): RelativePromise {
  let promise = 0;
  let largest = 0;
  let isWhole = true;
  for (let i = 0; i < x.length; i++) {
    const term = Math.abs(g[i]! * x[i]!);
    promise += term;
    largest = Math.max(largest, term);
    if (x[i] === 0 && g[i] !== 0) isWhole = false;
  }
  return { promise, largest, isWhole };
}

/** Where more than this share of the loss is promised, rounding alone tells no minimum from a badly scaled valley. */
const steep = 1e-3;
/** A loss of no more than this share of the promise is rounding itself: its least value is 0. */
const atFloor = 4 * Number.EPSILON;

/** Whether the promise is too much of a loss of this size for a minimum. */
export function promisesMore({ promise }: RelativePromise, size: number): boolean {
  return promise > steep * size && size > atFloor * promise;
}
