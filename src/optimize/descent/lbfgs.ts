import { difference, dot, norm, type Vector } from "../../numeric/vectors.ts";
import { defineMethod } from "../method.ts";
import { count, fraction, oneOf } from "../options.ts";
import type { Oracle } from "../oracle.ts";
import {
  checkedPair,
  damp,
  type Expected,
  multiplyInverse,
  type Pair,
  pairBetween,
  remember,
  scaleOf,
  sparePair,
} from "./curvature-pairs.ts";
import { type Aim, type Arrival, type DescentState, descent, searchOptions } from "./descent.ts";

/** The last moves and the changes of the gradient along them, the oldest first. */
export interface LbfgsMemory {
  readonly pairs: readonly Pair[];
}

export type LbfgsState = DescentState & LbfgsMemory;

/** Where the change of the gradient along a move comes from, and how little of it is believed. */
export const changeOptions = {
  change: oneOf(["differences", "products"])(
    "where y comes from: differences of gradients, or products of the Hessian with s",
    "differences",
  ),
  damping: fraction(
    "the least curvature of a move, as a part of what was expected; less is damped as Powell does",
    0.1,
  ),
};

/**
 * L-BFGS (Nocedal, 1980; Liu and Nocedal, 1989): the direction -M g by two loops over the last pairs s, y, from
 * M0 = gamma I with gamma = <y, s> / <y, y> of the newest pair. With `initial: "identity"` and a memory of all moves it is
 * BFGS. With `change: "products"`, y = H s at the point just reached, which noise in the gradients does not reach.
 */
export const lbfgs = defineMethod({
  name: "lbfgs",
  summary: "quasi-Newton by the last few moves; the first to try, for any number of parameters",
  options: {
    memory: count("moves that are remembered", 20),
    initial: oneOf(["scaled", "identity"])("what the inverse Hessian starts from: gamma I, or I", "scaled"),
    ...changeOptions,
    ...searchOptions({ search: "more-thuente", curvature: 0.7 }),
  },
  create: ({ memory, initial, change, damping, ...search }) => {
    const shares = new Float64Array(memory);
    const aim = (
      { gradient, point }: Arrival,
      pairs: readonly Pair[],
      spare: LbfgsState | undefined,
    ): Aim<LbfgsMemory> => {
      const newest = pairs.at(-1);
      const direction = spare?.direction ?? new Float64Array(point.length);
      for (let i = 0; i < direction.length; i++) direction[i] = -gradient[i]!;
      multiplyInverse(direction, pairs, newest && initial === "scaled" ? scaleOf(newest) : 1, shares);
      return aimed(gradient, direction, { pairs }, newest !== undefined);
    };
    return descent<LbfgsMemory>(
      {
        name: "lbfgs",
        needs: change === "products" ? ["hvp"] : [],
        begin: (at, spare) => aim(at, [], spare),
        proceed(at, previous, oracle, spare) {
          const arrays = sparePair(at.point.length, spare?.pairs, previous.pairs);
          const expected = { step: at.step, gradient: previous.gradient, least: damping };
          const pair = pairAfter(change, at, previous, oracle, arrays, expected);
          const next = aim(at, pair ? remember(previous.pairs, pair, memory) : previous.pairs, spare);
          return initial === "scaled" ? next : { ...next, first: firstStep(at.value, previous.value, next) };
        },
      },
      search,
    );
  },
});

/** The pair of the last move: y the difference of the gradients, or H s at the point just reached. */
export function pairAfter(
  change: "differences" | "products",
  at: Arrival,
  from: Pick<Arrival, "point" | "gradient">,
  oracle: Pick<Oracle, "hvp">,
  arrays: { readonly s: Vector; readonly y: Vector },
  expected: Expected,
): Pair | undefined {
  if (change === "differences") return pairBetween(from, at, arrays, expected);
  moveAndProduct(arrays, at, from, oracle);
  damp(arrays, expected);
  return checkedPair(arrays);
}

/** s, and y = H s at the point just reached. */
export function moveAndProduct(
  { s, y }: { readonly s: Vector; readonly y: Vector },
  at: { readonly point: Vector },
  from: { readonly point: Vector },
  oracle: Pick<Oracle, "hvp">,
): void {
  difference(s, at.point, from.point);
  oracle.hvp!(at.point, s, y);
}

/** A direction -M g, whose natural step is 1 once M has learnt something, and a length of at most 1 before. */
export function aimed<Memory extends object>(
  gradient: Vector,
  direction: Vector,
  memory: Memory,
  hasMemory: boolean,
): Aim<Memory> {
  const slope = dot(gradient, direction);
  return {
    direction,
    slope,
    first: hasMemory ? 1 : 1 / Math.max(1, norm(direction)),
    longest: Number.POSITIVE_INFINITY,
    metricNorm: Math.sqrt(-slope),
    hasMemory,
    ...memory,
  };
}

/**
 * The first trial where the inverse Hessian grew from I: 1 near a minimum; farther away, the step that would lower the loss by a little more than the last one did, by a
 * quadratic of the slope: too long a trial costs less than one too short.
 */
export function firstStep(
  value: number,
  before: number,
  { slope, first }: { readonly slope: number; readonly first: number },
): number {
  const isTold = before - value > 2 ** -46 * Math.abs(before);
  const step = (2.3 * (value - before)) / slope;
  return isTold && step < first ? step : first;
}
