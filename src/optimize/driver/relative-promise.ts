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
export function promisesMore({ promise }: Pick<RelativePromise, "promise">, size: number, share = steep): boolean {
  return promise > Math.min(share, steep) * size && size > atFloor * promise;
}

/** A gradient beside bounds. */
export interface Cut {
  /** The gradient with 0 where bounds cut the step -g short. */
  readonly inside: Vector;
  /** What those coordinates promise, each as far as its bound. */
  readonly promise: number;
}

/** What of g at x is left within bounds, to which `confine` brings a point. */
export function cutByBounds(x: Vector, g: Vector, confine: (point: Vector) => void): Cut {
  const wanted = x.map((entry, i) => entry - g[i]!);
  const reached = wanted.slice();
  confine(reached);
  const inside = g.map((entry, i) => (reached[i] === wanted[i] ? entry : 0));
  const promise = g.reduce((sum, entry, i) => sum + (inside[i] === 0 ? Math.abs(entry * (reached[i]! - x[i]!)) : 0), 0);
  return { inside, promise };
}
