import { pushforward } from "../../../autodiff/sweeps.ts";
import type { Expr } from "../../../ir/graph.ts";
import { dependentOn } from "../../../ir/walks/dependence.ts";
import { idsAbove, substitute } from "../../../ir/walks/traverse.ts";
import { add, mul } from "../../../ops/elementary/algebra.ts";
import { and, equal, less, select } from "../../../ops/elementary/comparison.ts";
import { isPowerSeries } from "../../../ops/elementary/power-series.ts";
import { abs } from "../../../ops/elementary/rounding.ts";
import { isMap } from "../../../ops/maps.ts";
import { primitivesOfUsers } from "../../../ops/own-primitives.ts";
import { constantLike } from "../../forms/conditions.ts";
import { fractionWith, parted, wholeOf } from "../../forms/fractions.ts";
import { squareOf } from "../../forms/lengths.ts";
import { sampled } from "../../forms/sampled.ts";
import { type Rules, structural } from "../../rule.ts";
import { holdsLength, isLength, pointAt } from "../../series/expansion-points.ts";
import { flatNear, isFunctionOf } from "../../series/near-forms.ts";

/**
 * Functions g of a length r whose parts have slopes at r = 0 and which have none, as sin(r)^2, or (1 + r) e^-r and other kernels: their
 * curvature there is g''(0), of which the slope 0 of a length knows nothing, and close by g'(r)/r, which loses its digits. Before
 * derivatives, near 0, they are a0 + r^2 (a2 + a3 r + ...), where r^2 is the sum of squares that the length is the root of.
 */
export const flatRules: Rules = {
  stable: [
    structural("flat function of a length", { roots: ["map"], phase: "early" }, (node) =>
      isMade(node) ? (flatly(node) ?? flatAtOrigin(node)) : undefined,
    ),
  ],
};

/** True of what is made of a length, and is no series of this rule. */
const isMade = (node: Expr) =>
  node.dtype === "real" &&
  !isPowerSeries(node.graph.primitiveOf(node.id)) &&
  node.operands.some(({ graph, id }) => holdsLength(graph, id));

/** A function of a length alone that is flat where that is 0, and of factors beside it, with its curvature there. */
export function flatly(node: Expr): Expr | undefined {
  for (const length of lengthsIn(node)) {
    const point = pointAt(length, 0);
    const whole = fractionWith(length, node);
    const least = whole.over[0] === node ? 1 : 2;
    const [own, rest] = parted(whole, (factor) => isFunctionOf(factor, point));
    // a factor alone has been asked before
    if (own.over.length + own.under.length < least) continue;
    const near = flatNear(wholeOf(own, node), point);
    if (near) return wholeOf({ over: [near, ...rest.over], under: rest.under }, node);
  }
  return undefined;
}

/**
 * A function f(r, x) of a length and of more, as atan2(r, x)^2: where r is 0, and f has no slope in r there, f(0, x) + r^2 f_rr(0, x)/2.
 * For other r the slopes of f in r are quotients in which nothing cancels.
 */
function flatAtOrigin(node: Expr): Expr | undefined {
  const { graph } = node;
  if (isMap(node, select)) return undefined;
  for (const length of lengthsIn(node)) {
    // the square of another root grows with what the root is of: further powers of it count
    const squared = squareOf(length);
    if (!squared) continue;
    const signs = [1, -1].filter((sign) => isQuadraticIn(node, length, sign));
    if (signs.length === 0) continue;
    const given = new Map([[length, constantLike(0, length)]]);
    const ids = idsAbove([node], given);
    const { has } = dependentOn(graph, ids, [length]);
    const isOpen = (id: number) => graph.kindOf(id) === "map" && !primitivesOfUsers.has(graph.primitiveOf(id));
    if (!ids.every((id) => !has(id) || isOpen(id))) continue;
    const tangents = new Map([[length, constantLike(1, length)]]);
    const [rate] = pushforward([node], tangents);
    const [change] = rate ? pushforward([rate], tangents) : [];
    if (!rate || !change) continue;
    const [value, slope, curvature] = substitute([node, rate, change], given) as [Expr, Expr, Expr];
    // of parts with forms of their own for the origin nothing is left
    if (signs.every((sign) => sampled(curvature, length, 0, sign) === 0)) continue;
    const near = add(value, mul(mul(0.5, curvature), squared));
    // what is rounded of parts that cancel is no slope
    const isFlat = less(abs(slope), mul(2 ** -48, abs(curvature)));
    return select(and(equal(length, 0), isFlat), near, node);
  }
  return undefined;
}

/** Whether a node grows with the square of a length from where that is 0, at a point of all else. */
function isQuadraticIn(node: Expr, length: Expr, sign: number): boolean {
  const [at, near, far] = [0, 1, 2].map((k) => sampled(node, length, k * 2 ** -12, sign)) as [number, number, number];
  return Math.abs((far - at) / (near - at) - 4) < 0.1;
}

/** So many parts are looked at. */
const mostParts = 40;

/** The lengths that a node is made of, and those by other factors; none of what is large. */
function lengthsIn(node: Expr): readonly Expr[] {
  const found: Expr[] = [];
  const parts = new Set([node]);
  for (const part of parts) {
    const isMultiple = isMap(part, mul) && part.operands.some(({ kind }) => kind === "constant");
    if (part !== node && !isMultiple && isLength(part)) found.push(part);
    for (const operand of part.operands) if (holdsLength(part.graph, operand.id)) parts.add(operand);
    if (parts.size > mostParts) return [];
  }
  return found;
}
