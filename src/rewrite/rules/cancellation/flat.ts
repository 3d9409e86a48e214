import type { Expr } from "../../../ir/graph.ts";
import { inherited } from "../../../ir/walks/inherited.ts";
import { mul } from "../../../ops/elementary/algebra.ts";
import { isPowerSeries } from "../../../ops/elementary/power-series.ts";
import { isMap } from "../../../ops/maps.ts";
import { fractionWith, parted, wholeOf } from "../../forms/fractions.ts";
import { type Rules, structural } from "../../rule.ts";
import { mayVanish, pointAt, squareOfLength } from "../../series/expansion-points.ts";
import { flatNear, isFunctionOf } from "../../series/near-forms.ts";

/**
 * Functions g of a length r whose parts have slopes at r = 0 and which have none, as sin(r)^2, or (1 + r) e^-r and other kernels: their
 * curvature there is g''(0), of which the slope 0 of a length knows nothing, and close by g'(r)/r, which loses its digits. Before
 * derivatives, near 0, they are a0 + r^2 (a2 + a3 r + ...), where r^2 is the sum of squares that the length is the root of.
 */
export const flatRules: Rules = {
  stable: [
    structural("flat function of a length", { roots: ["map"], phase: "early" }, (node) =>
      isMade(node) ? flatly(node) : undefined,
    ),
  ],
};

const isLength = (node: Expr) => squareOfLength(node) !== undefined && mayVanish(node);

/** Whether a node is made, number by number, of a length that may be 0. */
const holdsLength = inherited((graph, id) => {
  if (graph.kindOf(id) !== "map") return false;
  return isLength(graph.expr(id)) || undefined;
});

/** True of what is made of a length, and is no series of this rule. */
const isMade = (node: Expr) =>
  node.dtype === "real" &&
  !isPowerSeries(node.graph.primitiveOf(node.id)) &&
  node.operands.some(({ graph, id }) => holdsLength(graph, id));

function flatly(node: Expr): Expr | undefined {
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
