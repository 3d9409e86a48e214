import type { Expr } from "../../../ir/graph.ts";
import { inherited } from "../../../ir/walks/inherited.ts";
import { mul } from "../../../ops/elementary/algebra.ts";
import { isPowerSeries } from "../../../ops/elementary/power-series.ts";
import { isMap } from "../../../ops/maps.ts";
import { commonFactors, type Fraction, fractionOf, wholeOf, without } from "../../forms/fractions.ts";
import { type Rules, structural } from "../../rule.ts";
import { type ExpansionPoint, mayVanish, pointAt, squareOfLength } from "../../series/expansion-points.ts";
import { expanderAt, flatNear } from "../../series/near-forms.ts";

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
    const [own, rest] = [true, false].map((isOwn): Fraction => {
      const [over, under] = [whole.over, whole.under].map((factors) =>
        factors.filter((factor) => isFunctionOf(factor, point) === isOwn),
      );
      return { over: over!, under: under! };
    });
    // a factor alone has been asked before
    if (own!.over.length + own!.under.length < least) continue;
    const near = flatNear(wholeOf(own!, node), point);
    if (near) return wholeOf({ over: [near, ...rest!.over], under: rest!.under }, node);
  }
  return undefined;
}

/** The factors of a node, those that a length is made of as that length. */
function fractionWith(length: Expr, node: Expr): Fraction {
  const parts = fractionOf(length);
  const varying = (factors: readonly Expr[]) => factors.filter(({ kind }) => kind !== "constant");
  const constant = (factors: readonly Expr[]) => factors.filter(({ kind }) => kind === "constant");
  const [over, under] = [varying(parts.over), varying(parts.under)];
  const holds = (whole: readonly Expr[], factors: readonly Expr[]) =>
    commonFactors(factors, whole).length === factors.length;
  let whole = fractionOf(node, length);
  while (over.length > 0 && holds(whole.over, over) && holds(whole.under, under)) {
    whole = {
      over: [...over.reduce(without, whole.over), length, ...constant(parts.under)],
      under: [...under.reduce(without, whole.under), ...constant(parts.over)],
    };
    // what is the length alone is found again
    if (over[0] === length) break;
  }
  return whole;
}

const isFunctionOf = (factor: Expr, point: ExpansionPoint) =>
  factor.kind !== "constant" && expanderAt(point, true).seriesOf(factor) !== undefined;

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
