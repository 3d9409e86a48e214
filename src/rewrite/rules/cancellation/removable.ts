import type { Expr } from "../../../ir/graph.ts";
import { add, div, mul, square, sub } from "../../../ops/elementary/algebra.ts";
import { select } from "../../../ops/elementary/comparison.ts";
import { wholePower } from "../../../ops/elementary/polynomial.ts";
import { pow, sqrt } from "../../../ops/elementary/powers.ts";
import { isMap, isOneOf } from "../../../ops/maps.ts";
import { primitivesOfUsers } from "../../../ops/own-primitives.ts";
import type { Funnels } from "../../facts/funnels.ts";
import { repeatedIn } from "../../forms/contractions/views.ts";
import {
  commonFactors,
  type Fraction,
  fractionOf,
  fractionWith,
  isFraction,
  parted,
  wholeOf,
  without,
} from "../../forms/fractions.ts";
import { heldIn } from "../../forms/held-roots.ts";
import { varies } from "../../forms/nodes.ts";
import { rootIn } from "../../forms/roots.ts";
import { type Rules, structural } from "../../rule.ts";
import {
  chainOf,
  type ExpansionPoint,
  expansionPointsOf,
  isExcess,
  isFar,
  isRootOf,
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
import { choiceBy, expanderAt, isFunctionOf, nearlyAt } from "../../series/near-forms.ts";

/**
 * Functions of one variable that are 0/0 or cancel at a point although the function is smooth there: (x - sin x)/x^3 at
 * 0, log(x)/(x - 1) at 1. Near the point they are the polynomial that their series gives.
 */
export const removableRules: Rules = {
  stable: [
    structural("quotient that is repeated in a product", { roots: [mul, div], phase: "early" }, besideArrays),
    structural(
      "series where a function cancels",
      { roots: ["map"], phase: "early" },
      (node, { facts: { funnels } }) => nearPoints(node, funnels) ?? overFactor(node) ?? besideFactors(node, funnels),
    ),
  ],
};

/** The node with a choice for each point where it cancels, of those near by or far out one each at most. */
function nearPoints(node: Expr, funnels: Funnels): Expr | undefined {
  if (!((isExcess(node) || hasBase(node, funnels)) && mayCancel(node))) return undefined;
  let near: Expr | undefined;
  for (const point of expansionPointsOf(node)) {
    if (near && !isFar(point)) continue;
    const mayLead = funnels.of(node.id) < 0 || isHeldAt(node, point) || funnels.leadTo(node.id, startOf(point));
    const found = mayLead ? nearlyAt(node, point) : undefined;
    if (found && isFar(point)) return near ? select(found.operands[0]!, found.operands[1]!, near) : found;
    near = found ?? near;
  }
  return near;
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
  const of = graph.expr(funnel);
  return funnels.of(funnel) >= 0 || squareOfLength(of) !== undefined || heldBaseOf(of) !== undefined;
}

/** What a series is of, beside which a root is held. */
const heldBaseOf = (node: Expr) => (isMap(node, select) ? heldIn(node) : undefined);

/** Whether an operand has a series at a point, beside which a root is held. */
const isHeldAt = ({ operands }: Expr, { base, centre }: ExpansionPoint) =>
  centre === 0 && operands.some((operand) => heldBaseOf(operand) === base);

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
/**
 * Numbers by which the elements of an array are multiplied and divided, v sin(n)/n, where one is made of the other: they stand together,
 * as a function that a series can be seen of.
 */
function besideArrays(node: Expr): Expr | undefined {
  if (node.shape.length === 0) return undefined;
  const { over, under } = fractionOf(node);
  for (const divisor of under) {
    const below = repeatedIn(divisor);
    if (!below) continue;
    for (const factor of over) {
      const above = repeatedIn(factor);
      if (!above || above.again(below.of) !== divisor || !isMadeOf(above.of, below.of)) continue;
      const ratio = above.again(div(above.of, below.of));
      return wholeOf({ over: [ratio, ...without(over, factor)], under: without(under, divisor) }, node);
    }
  }
  return undefined;
}

/** Whether one number is a transcendental function of the other, and perhaps of more, or of what that is a power or the square of. */
function isMadeOf(made: Expr, of: Expr): boolean {
  const base = unscaled(of);
  const parts = new Set([made]);
  for (const part of parts) {
    const primitive = primitiveOf(part);
    if (!primitive || parts.size > mostParts) continue;
    const isBase = (operand: Expr) => unscaled(operand) === base || isRootOf(unscaled(operand), base);
    if (isTranscendental(primitive) && part.operands.some(isBase)) return true;
    for (const operand of part.operands) parts.add(operand);
  }
  return false;
}

/** f(x y)/x^k, where f vanishes to that order; in a root of x among other factors too. */
function overFactor(node: Expr): Expr | undefined {
  if (isMap(node, div)) {
    const found = nearFactor(node.operands[0]!, node.operands[1]!);
    if (found) return found;
  }
  if (!isOneOf(node, mul, div)) return undefined;
  const { over, under } = fractionOf(node);
  for (const divisor of under) {
    for (const numerator of over.length + under.length > 2 ? over : []) {
      const found = nearFactor(numerator, divisor, true);
      if (found) return wholeOf({ over: [found, ...without(over, numerator)], under: without(under, divisor) }, node);
    }
  }
  return undefined;
}

/** Near 0 the series of f without what it is divided by, times what is left of the powers of its base. */
function nearFactor(numerator: Expr, divisor: Expr, isOfRoot = false): Expr | undefined {
  const [x, count] = powerOf(divisor);
  if (!(count > 0) || x.kind === "constant") return undefined;
  for (const base of chainOf(numerator)) {
    const y = base === numerator || isOfRoot ? undefined : cofactor(base, x);
    const beside = y ? { count, factor: wholePower(y, count), divisor } : rootBeside(base, divisor);
    const point = pointAt(base, 0);
    const expander = expanderAt(point);
    const series = beside && Number.isInteger(beside.count) ? expander.seriesOf(numerator) : undefined;
    if (!beside || !series || series.coefficients.length === 0 || series.order < beside.count) continue;
    const shifted = { order: series.order - beside.count, coefficients: series.coefficients };
    const quotient = div(numerator, beside.divisor);
    return choiceBy(quotient, point, { series: shifted, conditions: expander.conditions }, beside.factor);
  }
  return undefined;
}

/** c times what is a function of one thing alone, where that is there by its factors too: c f(x/a) - c a/x. */
function besideFactors(node: Expr, funnels: Funnels): Expr | undefined {
  const { operands, graph, id } = node;
  const isSum = isOneOf(node, add, sub);
  if (!(isSum || isOneOf(node, mul, div)) || operands.length > mostTerms || funnels.of(id) >= 0) return undefined;
  const terms = isSum ? operands : [node];
  const fractions = terms.map((term) => fractionOf(term));
  const factors = fractions.flatMap(varyingIn);
  const mayShare = shareFactors(fractions);
  for (const x of argumentsIn(fractions, funnels)) {
    const isInFactors = isFraction(x) && varyingIn(fractionOf(x)).some((factor) => factors.includes(factor));
    // terms without a factor in common are of nothing but x, by its factors
    if (!mayShare && !isInFactors) continue;
    const point = pointAt(x, 0);
    const leadsThere = ({ id: factor }: Expr) => funnels.leadTo(factor, startOf(point));
    const isOwn = (factor: Expr) => !varies(factor) || (leadsThere(factor) && isFunctionOf(factor, point));
    // of one function alone it is known by now
    if (!isSum && !isInFactors && factors.filter(leadsThere).length < 2) continue;
    const parts = terms.map((term) => fractionWith(x, term));
    const [first, rest] = parted(parts[0]!, isOwn);
    if (!isSum && varyingIn(first).length < 2) continue;
    if (!parts.every((part) => keyOf(parted(part, isOwn)[1]) === keyOf(rest))) continue;
    const own = parts.map((part) => wholeOf(parted(part, isOwn)[0], node));
    const found = nearPoints(isSum ? graph.map(graph.primitiveOf(id), own) : own[0]!, funnels);
    if (found) return wholeOf({ over: [found, ...rest.over], under: rest.under }, node);
  }
  return undefined;
}

const varyingIn = ({ over, under }: Fraction) => [...over, ...under].filter(varies);

/** Whether one of the factors of a fraction is one of the others too. */
const shareFactors = ([first, ...others]: readonly Fraction[]) =>
  varyingIn(first!).some((factor) => others.every((other) => varyingIn(other).includes(factor)));

const keyOf = ({ over, under }: Fraction) =>
  [over, under].map((factors) => factors.map(({ id }) => id).sort((a, b) => a - b)).join("/");

/** What factors that are functions of one thing alone are made of functions of; code of users is not run to look for series. */
function argumentsIn(fractions: readonly Fraction[], funnels: Funnels): ReadonlySet<Expr> {
  const found = new Set<Expr>();
  const parts = new Set(fractions.flatMap(({ over, under }) => [...over, ...under]));
  for (const { kind, operands, graph, id } of parts) {
    if (kind !== "map" || parts.size > mostParts || funnels.of(id) < 0) continue;
    for (const operand of operands) parts.add(operand);
    const primitive = graph.primitiveOf(id);
    if (operands.length > 1 || primitivesOfUsers.has(primitive) || !isTranscendental(primitive)) continue;
    found.add(unscaled(operands[0]!));
  }
  return found;
}

/** So many parts are looked at. */
const mostParts = 24;

function powerOf(node: Expr): readonly [base: Expr, exponent: number] {
  if (isMap(node, square)) return [node.operands[0]!, 2];
  if (isMap(node, sqrt)) return [node.operands[0]!, 0.5];
  const [base, exponent] = node.operands;
  return isMap(node, pow) && exponent!.kind === "constant" ? [base!, exponent!.constant!] : [node, 1];
}

/** y of x y, by its factors. */
function cofactor(product: Expr, x: Expr): Expr | undefined {
  if (!isOneOf(product, mul, div)) return undefined;
  const { over, under } = fractionOf(product, x);
  return over.includes(x) ? wholeOf({ over: without(over, x), under }, product) : undefined;
}

/** What is divided by beside a series, and what the power of the base over it is. */
interface Beside {
  readonly count: number;
  readonly factor: Expr;
  readonly divisor: Expr;
}

/** A base y sqrt(a) over a power b^e, where a and b have factors in common: y^2e (a/b)^e, of the root alone where they are the same. */
function rootBeside(base: Expr, divisor: Expr): Beside | undefined {
  const root = rootIn(base);
  const [b, exponent] = powerOf(divisor);
  if (!root || !isMap(root, sqrt)) return undefined;
  const [a] = root.operands as [Expr];
  const count = 2 * exponent;
  const { over, under } = fractionOf(base, root);
  const y = wholeOf({ over: without(over, root), under }, base);
  if (a === b) {
    // by whole powers, and the root that may be held beside the series
    const isHalf = exponent > 1 && exponent % 1 === 0.5;
    const whole = isHalf ? mul(wholePower(b, exponent - 0.5), root) : divisor;
    return { count, factor: wholePower(y, count), divisor: whole };
  }
  const ratio = exponent % 1 === 0 ? reduced(a, b) : undefined;
  return ratio && { count, factor: wholePower(mul(square(y), ratio), exponent), divisor };
}

/** a/b without the factors that both have; undefined where they have none that varies. */
function reduced(a: Expr, b: Expr): Expr | undefined {
  const [above, below] = [fractionOf(a), fractionOf(b)];
  const common = commonFactors(above.over, below.over);
  if (!common.some(varies)) return undefined;
  const left = (factors: readonly Expr[]) => common.reduce(without, factors);
  const same = commonFactors(above.under, below.under);
  const over = [...left(above.over), ...same.reduce(without, below.under)];
  return wholeOf({ over, under: [...same.reduce(without, above.under), ...left(below.over)] }, a);
}
