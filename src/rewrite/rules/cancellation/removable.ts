import type { Expr } from "../../../ir/graph.ts";
import type { Primitive } from "../../../ir/primitive.ts";
import { add, div, mul, sub } from "../../../ops/elementary/algebra.ts";
import { greaterEqual, select } from "../../../ops/elementary/comparison.ts";
import { log, log2, log10 } from "../../../ops/elementary/exponential.ts";
import { pow } from "../../../ops/elementary/powers.ts";
import { abs } from "../../../ops/elementary/rounding.ts";
import { isMap, isOneOf } from "../../../ops/maps.ts";
import { primitivesOfUsers } from "../../../ops/own-primitives.ts";
import type { Funnels } from "../../facts/funnels.ts";
import { orNaN } from "../../forms/conditions.ts";
import { repeatedIn } from "../../forms/contractions/views.ts";
import {
  type Fraction,
  fractionOf,
  fractionWith,
  isFraction,
  parted,
  wholeOf,
  without,
} from "../../forms/fractions.ts";
import { heldIn } from "../../forms/held-roots.ts";
import { multipleOf } from "../../forms/multiples.ts";
import { varies } from "../../forms/nodes.ts";
import { type SignedTerm, sumOfSigned, wholeSum } from "../../forms/signed-terms.ts";
import { type Context, type Rules, structural } from "../../rule.ts";
import {
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
import { isFunctionOf, nearlyAt } from "../../series/near-forms.ts";
import { overFactor } from "./over-powers.ts";

/**
 * Functions of one variable that are 0/0 or cancel at a point although the function is smooth there: (x - sin x)/x^3 at
 * 0, log(x)/(x - 1) at 1. Near the point they are the polynomial that their series gives.
 */
export const removableRules: Rules = {
  stable: [
    structural("quotient that is repeated in a product", { roots: [mul, div], phase: "early" }, besideArrays),
    structural("logarithms in a sum that are infinite together", { roots: [add, sub], phase: "early" }, logsTogether),
    structural(
      "series where a function cancels",
      { roots: ["map"], phase: "early" },
      (node, { facts: { funnels } }) => nearPoints(node, funnels) ?? overFactor(node) ?? besideFactors(node, funnels),
    ),
  ],
};

/** A node that may cancel, with its choices. */
function nearPoints(node: Expr, funnels: Funnels): Expr | undefined {
  return (isExcess(node) || hasBase(node, funnels)) && mayCancel(node) ? choices(node, funnels) : undefined;
}

/** The node with a choice for each point where it cancels, of those near by or far out one each at most. */
function choices(node: Expr, funnels: Funnels): Expr | undefined {
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
  return funnels.of(funnel) >= 0 || squareOfLength(of) !== undefined || heldIn(of) !== undefined;
}

/** Whether an operand has a series at a point, beside which a root is held. */
const isHeldAt = ({ operands }: Expr, { base, centre }: ExpansionPoint) =>
  centre === 0 && operands.some((operand) => heldIn(operand) === base);

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

/** Terms log f(x) and -log g(x) among others, as one function of x: each is infinite where the sum of them is not. */
function logsTogether(node: Expr, context: Context): Expr | undefined {
  const terms = wholeSum(node, context) ?? [];
  const logs = terms.filter(({ term }) => isLogarithm(multipleOf(term).base));
  if (logs.length < 2) return undefined;
  const { funnels } = context.facts;
  for (const first of logs) {
    const start = funnels.startOf(first.term.id);
    const own = logs.filter(({ term }) => funnels.startOf(term.id) === start);
    if (own[0] !== first) continue;
    const known = own.length > 1 && terms.length > 2 ? choices(sumOfSigned(own, node), funnels) : undefined;
    if (known) return sumOfSigned([{ term: known, sign: 1 }, ...terms.filter((each) => !own.includes(each))], node);
    for (const each of logs) {
      const [whole, rest] = (!own.includes(each) && partsByFactor(each, node.graph.expr(start), context)) || [];
      const found = whole && choices(sumOfSigned([...own, whole], node), funnels);
      if (!found) continue;
      const others = terms.filter((other) => other !== each && !own.includes(other));
      return sumOfSigned([{ term: found, sign: 1 }, rest!, ...others], node);
    }
  }
  return undefined;
}

/** log k of a product u = k c, as log u and -log c; where c may be negative by their sizes, and NaN where k is. */
function partsByFactor(
  { term, sign }: SignedTerm,
  product: Expr,
  { facts }: Context,
): readonly [SignedTerm, SignedTerm] | undefined {
  const { base, factor } = multipleOf(term);
  const [x] = base.operands as [Expr];
  const k = isMap(x, abs) ? x.operands[0]! : x;
  if (!isOneOf(base, log, log2, log10) || !isFraction(product)) return undefined;
  const { over, under } = fractionOf(product);
  if (!over.includes(k)) return undefined;
  const rest = wholeOf({ over: without(over, k), under }, product);
  const isPlain = x === k && facts.isPositive(rest);
  const logOf = (y: Expr) => base.graph.map(base.graph.primitiveOf(base.id), [isPlain ? y : abs(y)]);
  const scaled = (y: Expr) => (factor === 1 ? y : mul(y, factor));
  const away = logOf(rest);
  return [
    { term: scaled(logOf(product)), sign },
    { term: scaled(isPlain || x !== k ? away : orNaN(greaterEqual(k, 0), away)), sign: -sign },
  ];
}

/** True of a function of one thing that is -Infinity where that is 0; code of users is not run to find out. */
function isLogarithm(node: Expr): boolean {
  const primitive = primitiveOf(node);
  if (primitive?.arity !== 1 || primitivesOfUsers.has(primitive)) return false;
  const found = knownLogarithms.get(primitive) ?? Number(primitive.real(0)) === Number.NEGATIVE_INFINITY;
  knownLogarithms.set(primitive, found);
  return found;
}

const knownLogarithms = new WeakMap<Primitive, boolean>();

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
