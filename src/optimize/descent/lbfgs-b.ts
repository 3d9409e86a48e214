import { difference, dot, norm, type Vector } from "../../numeric/vectors.ts";
import { defineMethod } from "../method.ts";
import { count, numbers } from "../options.ts";
import { type Box, boxOf, confine, projectedNorm } from "./bounds.ts";
import { cauchyPoint, subspaceDirection } from "./cauchy-point.ts";
import { CompactModel, extendProducts, type PairProducts } from "./compact-model.ts";
import { checkedPair, drawTowards, type Pair, remember, sparePair } from "./curvature-pairs.ts";
import { type Aim, type Arrival, type DescentState, descent, searchOptions } from "./descent.ts";
import { changeOptions } from "./lbfgs.ts";

/** The last moves, the oldest first, and the products of all of them with each other. */
export interface BoundedMemory {
  readonly pairs: readonly Pair[];
  readonly products: PairProducts;
}

export type BoundedState = DescentState & BoundedMemory;

const nothing: BoundedMemory = { pairs: [], products: { ss: [], sy: [], yy: [] } };

/**
 * L-BFGS within bounds (Byrd, Lu, Nocedal, Zhu, 1995): a quadratic model of the last moves is minimised along the
 * projected gradient, which decides the coordinates that stay at their bounds, then over the others. Points never
 * leave the bounds; a start outside is moved to the nearest point inside. The driver's tests on the gradient measure
 * |P(x - g) - x|, P the projection to the bounds. A bound model's `lowerBounds()` and `upperBounds()` are the options.
 */
export const lbfgsB = defineMethod({
  name: "lbfgs-b",
  summary: "lbfgs between lower and upper bounds",
  options: {
    lower: numbers("lower bounds, one for each parameter; none where the list is empty", []),
    upper: numbers("upper bounds", []),
    memory: count("moves that are remembered", 20),
    damping: changeOptions.damping,
    ...searchOptions({ search: "more-thuente", curvature: 0.7 }),
  },
  create: ({ lower, upper, memory, damping, ...search }) => {
    let box: Box = { lower: new Float64Array(0), upper: new Float64Array(0) };
    const boxFor = (n: number) => {
      if (box.lower.length !== n) box = boxOf(lower, upper, n);
      return box;
    };
    const aim = (at: Arrival, known: BoundedMemory, spare: BoundedState | undefined): Aim<BoundedMemory> => {
      const { point, gradient } = at;
      const bounds = boxFor(point.length);
      const direction = spare?.direction ?? new Float64Array(point.length);
      const model = new CompactModel(known.pairs, known.products);
      subspaceDirection(direction, model, at, cauchyPoint(model, point, gradient, bounds), bounds);
      const slope = dot(gradient, direction);
      const hasMemory = known.pairs.length > 0;
      // the model's own step stays inside, whatever rounding says
      const longest = Math.max(1, roomAlong(point, direction, bounds));
      return {
        direction,
        slope,
        first: hasMemory ? 1 : 1 / Math.max(1, norm(direction)),
        longest,
        metricNorm: Math.sqrt(Math.max(0, -slope)),
        hasMemory,
        ...known,
      };
    };
    return descent<BoundedMemory>(
      {
        name: "lbfgs-b",
        confine: (x) => confine(x, boxFor(x.length)),
        gradientNorm: ({ point, gradient }) => projectedNorm(point, gradient, boxFor(point.length)),
        begin: (at, spare) => aim(at, nothing, spare),
        proceed(at, previous, _oracle, spare) {
          const arrays = sparePair(at.point.length, spare?.pairs, previous.pairs);
          const pair = pairAfter(arrays, at, previous, damping);
          if (!pair) return aim(at, { pairs: previous.pairs, products: previous.products }, spare);
          const pairs = remember(previous.pairs, pair, memory);
          const isDropped = pairs.length === previous.pairs.length;
          return aim(at, { pairs, products: extendProducts(previous.products, pairs, isDropped) }, spare);
        },
      },
      search,
    );
  },
});

/**
 * The pair of the last move, damped as Powell does where <y, s> is below a part of <B s, s>. The model falls along its own step d, so that
 * <B d, d> is below -2 <g, d>: steps that satisfy Wolfe's conditions need no product with B, which costs as much as a model.
 */
function pairAfter(
  arrays: { readonly s: Vector; readonly y: Vector },
  at: Arrival,
  { point, gradient, pairs, products }: BoundedState,
  least: number,
): Pair | undefined {
  const { s, y } = arrays;
  difference(s, at.point, point);
  difference(y, at.gradient, gradient);
  const part = Math.min(1, at.step);
  if (dot(y, s) < -2 * least * part * dot(gradient, s)) {
    const expected = new Float64Array(s.length);
    new CompactModel(pairs, products).image(expected, s);
    drawTowards(arrays, part / at.step, expected, least);
  }
  return checkedPair(arrays);
}

/** The longest step along a direction that stays within the bounds. */
function roomAlong(x: Float64Array, d: Float64Array, { lower, upper }: Box): number {
  let longest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < x.length; i++) {
    if (d[i]! > 0) longest = Math.min(longest, (upper[i]! - x[i]!) / d[i]!);
    else if (d[i]! < 0) longest = Math.min(longest, (lower[i]! - x[i]!) / d[i]!);
  }
  return longest;
}
