import type { Expr } from "../../../ir/graph.ts";
import { div, mul, square } from "../../../ops/elementary/algebra.ts";
import { select } from "../../../ops/elementary/comparison.ts";
import { wholePower } from "../../../ops/elementary/polynomial.ts";
import { pow } from "../../../ops/elementary/powers.ts";
import { isMap } from "../../../ops/maps.ts";
import type { Funnels } from "../../facts/funnels.ts";
import { type Rules, structural } from "../../rule.ts";
import {
  chainOf,
  expansionPointsOf,
  isExcess,
  isFar,
  isSumOf,
  isVaryingPower,
  pointAt,
  primitiveOf,
  rootsOver,
  squareOfLength,
  startOf,
  unscaled,
} from "../../series/expansion-points.ts";
import { isTranscendental } from "../../series/map-series.ts";
import { choiceBy, expanderAt, nearlyAt } from "../../series/near-forms.ts";

/**
 * Functions of one variable that are 0/0 or cancel at a point although the function is smooth there: (x - sin x)/x^3 at
 * 0, log(x)/(x - 1) at 1. Near the point they are the polynomial that their series gives.
 */
export const removableRules: Rules = {
  stable: [
    structural(
      "series where a function cancels",
      { roots: ["map"], phase: "early" },
      (node, { facts: { funnels } }) => nearPoints(node, funnels) ?? overFactor(node) ?? besideFactor(node, funnels),
    ),
  ],
};

/** The node with a choice for each point where it cancels, of those near by or far out one each at most. */
function nearPoints(node: Expr, funnels: Funnels): Expr | undefined {
  if (!((isExcess(node) || hasBase(node, funnels)) && mayCancel(node))) return undefined;
  let near: Expr | undefined;
  for (const point of expansionPointsOf(node)) {
    if (near && !isFar(point)) continue;
    const mayLead = funnels.of(node.id) < 0 || funnels.leadTo(node.id, startOf(point));
    const found = mayLead ? nearlyAt(node, point) : undefined;
    if (found && isFar(point)) return near ? select(found.operands[0]!, found.operands[1]!, near) : found;
    near = found ?? near;
  }
  return near;
}

/** f(x) y/g(x), where f and g vanish together: y times a choice. */
function besideFactor(node: Expr, funnels: Funnels): Expr | undefined {
  const [product, divisor] = node.operands as [Expr, Expr];
  if (!isMap(node, div) || !isMap(product, mul)) return undefined;
  for (const [at, factor] of product.operands.entries()) {
    const found = factor.kind === "constant" ? undefined : nearPoints(div(factor, divisor), funnels);
    if (found) return mul(product.operands[1 - at]!, found);
  }
  return undefined;
}

/** True where something that the node is a function of alone may be the base of a series: most nodes have none. */
function hasBase({ graph, id }: Expr, funnels: Funnels): boolean {
  const funnel = funnels.of(id);
  // a length and its square meet in nothing: they are made of arrays
  if (funnel < 0) return rootsOver(graph.expr(id)).length > 0;
  for (let k = graph.operandCount(id) - 1; k >= 0; k--) {
    const operand = graph.operandAt(id, k);
    if (operand !== funnel && graph.kindOf(operand) !== "constant") return true;
  }
  // a function does not cancel where its operand is 0, but where something below that is; of a root its slopes do
  return funnels.of(funnel) >= 0 || squareOfLength(graph.expr(funnel)) !== undefined;
}

/** A function of one operand, a quotient, or a sum or a product in which not all is polynomial. */
function mayCancel(node: Expr): boolean {
  if (node.dtype !== "real" || node.operands.length > mostTerms) return false;
  if (isMap(node, div)) return node.operands[1]!.kind !== "constant";
  if (isExcess(node) || isVaryingPower(node)) return true;
  const depth = isMap(node, mul) ? 0 : node.operands.some(({ kind }) => kind === "constant") ? 2 : 1;
  return isSumOf(node) || isMap(node, mul)
    ? node.operands.some((operand) => isSteep(operand, depth))
    : node.operands.length === 1 && isTranscendental(primitiveOf(node)!);
}

/** True of what is no polynomial, as far as it is looked into. */
function isSteep(node: Expr, depth: number): boolean {
  const inner = unscaled(node);
  const primitive = primitiveOf(inner);
  if (primitive === undefined) return false;
  // a choice that this rule has made is of what is none
  if (isTranscendental(primitive) || primitive === select.primitive || primitive === pow.primitive) return true;
  const isOpen = isMap(inner, mul) ? depth > 0 : depth > 1 && isSumOf(inner);
  return isOpen && inner.operands.some((operand) => isSteep(operand, depth - 1));
}

/** Longer sums are not looked into. */
const mostTerms = 6;
/** f(x y)/x^k, where f vanishes to that order: near 0 the series of f in x y without these powers, times those of y. */
function overFactor(node: Expr): Expr | undefined {
  if (!isMap(node, div)) return undefined;
  const [numerator, divisor] = node.operands as [Expr, Expr];
  const [x, exponent] = powerOf(divisor);
  if (!(Number.isInteger(exponent) && exponent > 0) || x.kind === "constant") return undefined;
  for (const base of chainOf(numerator)) {
    const y = base === numerator ? undefined : cofactor(base, x);
    if (!y) continue;
    const point = pointAt(base, 0);
    const expander = expanderAt(point);
    const series = expander.seriesOf(numerator);
    if (!series || series.coefficients.length === 0 || series.order < exponent) return undefined;
    const shifted = { order: series.order - exponent, coefficients: series.coefficients };
    return choiceBy(node, point, { series: shifted, conditions: expander.conditions }, wholePower(y, exponent));
  }
  return undefined;
}

function powerOf(node: Expr): readonly [base: Expr, exponent: number] {
  if (isMap(node, square)) return [node.operands[0]!, 2];
  const [base, exponent] = node.operands;
  return isMap(node, pow) && exponent!.kind === "constant" ? [base!, exponent!.constant!] : [node, 1];
}

/** y of x y, where that is a product of few factors. */
function cofactor(product: Expr, x: Expr, factors = mostTerms): Expr | undefined {
  if (!isMap(product, mul) || factors < 2) return undefined;
  const [a, b] = product.operands as [Expr, Expr];
  if (a === x || b === x) return a === x ? b : a;
  for (const [inner, other] of [
    [a, b],
    [b, a],
  ] as const) {
    const rest = cofactor(inner, x, factors - 1);
    if (rest) return mul(rest, other);
  }
  return undefined;
}
