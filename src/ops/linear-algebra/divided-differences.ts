import { iterators } from "../../ir/contraction.ts";
import type { Expr } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import type { Pushforward } from "../../ir/operation.ts";
import { substitute } from "../../ir/walks/traverse.ts";
import { contract, type Read } from "../arrays/contractions.ts";
import { einsum } from "../arrays/letters.ts";
import { add, div, mul, sub } from "../elementary/algebra.ts";
import { allOf, and, equal, greater, lessEqual, select } from "../elementary/comparison.ts";
import { abs } from "../elementary/rounding.ts";
import type { Elementwise } from "./elementwise.ts";

/** Gauss and Legendre's nodes and weights for the integral from 0 to 1. */
const rule = [
  [0.2386191860831969, 0.467913934572691],
  [0.6612093864662645, 0.3607615730481386],
  [0.9324695142031521, 0.1713244923791704],
].flatMap(([x, weight]) => [-x!, x!].map((node) => ({ at: (1 + node) / 2, weight: weight! / 2 })));
/** What is left of the second and the third Legendre coefficient of a slope that the rule integrates to rounding. */
const [most2, most3] = [2 ** -9, 2 ** -14];

/** The letters of a difference's axes. */
export const lettersOf = (order: number): string => "abcdefgh".slice(0, order + 1);

/** A function of one number as an expression along the last axis of some vectors of numbers. */
export interface Along {
  /** The function at every number, of shape [.., n]. */
  readonly c: Expr;
  /** The numbers, in the same shape. */
  readonly values: Expr;
  readonly elementwise: Elementwise;
  readonly leading: number;
  readonly pushforward: Pushforward;
}

/**
 * Divided differences h[x_a, x_b, ..] of a function over all choices of order + 1 numbers, of shape [.., n, n, ..]. Where the
 * numbers are near to each other it is the integral of the derivative over the simplex between them (Hermite and Genocchi),
 * so that nothing cancels and equal numbers are no exception; else the quotient of two differences of the order before, by
 * the pair that is farthest apart. What counts as near is found in the slope: where its Legendre coefficients over the way
 * between two numbers fall as they do for a function that few nodes integrate to rounding.
 */
export function dividedDifferences(of: Along, order: number): Expr {
  const { c, leading } = of;
  if (order === 0) return c;
  const letters = lettersOf(order);
  const n = c.shape[leading]!;
  const shape = [...c.shape.slice(0, leading), ...Array.from(letters, () => n)];
  if (!of.elementwise.source) return c.graph.constant(0, shape);
  const ones = c.graph.constant(1, shape);
  const spread = (x: Expr, own: string) =>
    einsum(leading, letters, [
      [x, own],
      [ones, letters],
    ]);
  const before = dividedDifferences(of, order - 1);
  const pairs = [...letters].flatMap((a, k) => [...letters.slice(k + 1)].map((b) => [a, b] as const));
  const candidates = pairs.map(([a, b]) => ({
    gap: sub(spread(of.values, b), spread(of.values, a)),
    change: sub(spread(before, letters.replace(a, "")), spread(before, letters.replace(b, ""))),
  }));
  const farthest = candidates.reduce((best, each) => {
    const isFarther = greater(abs(each.gap), abs(best.gap));
    return { gap: select(isFarther, each.gap, best.gap), change: select(isFarther, each.change, best.change) };
  });
  const near = nearness(of);
  const areNear = allOf(pairs.map(([a, b]) => equal(spread(near, a + b), 1)));
  return select(areNear, integral(of, order, simplex(order).weights), div(farthest.change, farthest.gap));
}

/** 1 for pairs of numbers between which the slope is integrated to rounding, else 0. */
function nearness(of: Along): Expr {
  const legendre = (polynomial: (x: number) => number) => rule.map((node) => node.weight * polynomial(2 * node.at - 1));
  const second = integral(
    of,
    1,
    legendre((x) => 5 * (1.5 * x * x - 0.5)),
  );
  const third = integral(
    of,
    1,
    legendre((x) => 7 * (2.5 * x ** 3 - 1.5 * x)),
  );
  const size = integral(
    of,
    1,
    legendre(() => 1),
    abs,
  );
  const isNear = and(lessEqual(abs(second), mul(most2, size)), lessEqual(abs(third), mul(most3, size)));
  return select(isNear, of.c.graph.constantLike(1, size), 0);
}

interface Nodes {
  /** For each number at a corner of the simplex its share in every node. */
  readonly shares: readonly (readonly number[])[];
  readonly weights: readonly number[];
}

/** Nodes over the simplex of order + 1 corners, by Duffy's map of the cube. */
function simplex(order: number): Nodes {
  let nodes: { readonly shares: readonly number[]; readonly weight: number }[] = [{ shares: [1], weight: 1 }];
  for (let k = 0; k < order; k++) {
    nodes = nodes.flatMap(({ shares, weight }) =>
      rule.map((node) => ({
        shares: [...shares.slice(0, -1), shares[k]! * (1 - node.at), shares[k]! * node.at],
        weight: weight * node.weight * node.at ** (order - 1 - k),
      })),
    );
  }
  const corners = Array.from({ length: order + 1 }, (_, corner) => nodes.map(({ shares }) => shares[corner]!));
  return { shares: corners, weights: nodes.map(({ weight }) => weight) };
}

/** The sum of the derivative of some order at the nodes of the simplex, weighted. */
function integral(of: Along, order: number, weights: readonly number[], each = (x: Expr) => x): Expr {
  const { elementwise, pushforward, c } = of;
  const { graph } = c;
  const source = elementwise.source!;
  const outer = source.shape.length - 1;
  const n = source.shape[outer]!;
  const count = Integer.constant(weights.length);
  const inner = [count, ...Array.from({ length: order + 1 }, () => n)];
  const shape = [...source.shape.slice(0, -1), ...inner];
  const own = shape.map((_, axis) => iterators(axis));
  const points = simplex(order).shares.map((shares, corner) =>
    contract({
      extents: shape,
      output: own,
      shape,
      factors: [
        { of: graph.tensor(shares, [shares.length]), index: [own[outer]!] },
        { of: source, index: [...own.slice(0, outer), own[outer + 1 + corner]!] },
      ],
    }),
  );
  const at = graph.variable(shape);
  let values = elementwise.at(at);
  for (let k = 0; k < order; k++) {
    const [slope] = pushforward([values], new Map([[at, graph.constantLike(1, at)]]));
    values = slope ?? graph.constantLike(0, values);
  }
  const [found] = substitute([each(values)], new Map([[at, add(...(points as [Expr, Expr, ...Expr[]]))]]));
  const leading = values.shape.length - inner.length;
  const all = values.shape.map((_, axis) => iterators(axis));
  const table: Read = { of: graph.tensor(weights, [weights.length]), index: [all[leading]!] };
  const without = <T>(list: readonly T[]) => list.filter((_, axis) => axis !== leading);
  return contract({
    extents: values.shape,
    output: without(all),
    shape: without(values.shape),
    factors: [{ of: found!, index: all }, table],
  });
}

/** The derivative of the function at the numbers themselves. */
export function slopeOf({ elementwise, pushforward, c }: Omit<Along, "values" | "leading">): Expr {
  const { source, at } = elementwise;
  if (!source) return c.graph.constantLike(0, c);
  const point = c.graph.variable(source.shape);
  const [slope] = pushforward([at(point)], new Map([[point, c.graph.constantLike(1, point)]]));
  return slope ? substitute([slope], new Map([[point, source]]))[0]! : c.graph.constantLike(0, c);
}
