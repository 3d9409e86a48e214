import type { Expr } from "../ir/graph.ts";
import { inherited } from "../ir/walks/inherited.ts";
import { add, div, mul, neg, reciprocal, sub } from "../ops/elementary/algebra.ts";
import { and, equal, not, notEqual, select } from "../ops/elementary/comparison.ts";
import { exp } from "../ops/elementary/exponential.ts";
import { pow, powLog, powSlope, powSlopeLog, sqrt } from "../ops/elementary/powers.ts";
import { isMap, isOneOf } from "../ops/maps.ts";

// Slopes of powers times their bases: z (y z^(y-1)) is y z^y, which is there already, and has no pole where z is 0.

/** Steps down to a slope in a product. */
const deepest = 4;

/** Conditions that hold wherever a product counts. */
export type Conditions = ReadonlySet<Expr>;
const none: Conditions = new Set();

/** A product of two, of which one holds a slope of a power, and the other the base of that or a factor of the base. */
export const raisedProduct = (a: Expr, b: Expr, conditions = none) =>
  raisedByProduct(a, b, conditions) ?? raisedByProduct(b, a, conditions);

/** A product that holds a slope of a power, times a product that holds the base of that; undefined where there is none. */
function raisedByProduct(whole: Expr, factor: Expr, conditions: Conditions, depth = deepest): Expr | undefined {
  const power = raised(whole, factor, conditions);
  if (power || depth === 0 || !holdsPower(whole.graph, whole.id)) return power;
  const inside = (part: Expr) => raisedByProduct(whole, part, conditions, depth - 1);
  const [a, b] = factor.operands as [Expr, Expr];
  if (isMap(factor, neg)) return after(inside(a), neg);
  if (!isMap(factor, mul)) return undefined;
  return after(inside(a), (rest) => mul(rest, b)) ?? after(inside(b), (rest) => mul(rest, a));
}

/** A product that holds a slope of a power, times the base of that or a factor of the base; undefined where there is none. */
export function raised(whole: Expr, factor: Expr, conditions = none, depth = deepest): Expr | undefined {
  if (whole.kind !== "map" || depth === 0 || !holdsPower(whole.graph, whole.id)) return undefined;
  const under = (more: Conditions) => (operand: Expr) => raised(operand, factor, more, depth - 1);
  const inside = under(conditions);
  const [a, b, ...others] = whole.operands as [Expr, Expr, ...Expr[]];
  if (isMap(whole, neg)) return after(inside(a), neg);
  if (isMap(whole, add)) return raisedTerms(whole.operands, factor, inside);
  if (isMap(whole, select)) {
    const [yes, no] = [under(new Set([...conditions, a]))(b), under(new Set([...conditions, not(a)]))(others[0]!)];
    return yes || no ? select(a, yes ?? mul(b, factor), no ?? mul(others[0]!, factor)) : undefined;
  }
  if (isMap(whole, mul)) {
    if (others.length > 0) return undefined;
    return after(inside(a), (rest) => mul(rest, b)) ?? after(inside(b), (rest) => mul(a, rest));
  }
  const own = timesBase(underConditions(whole, conditions), factor);
  if (own || !isMap(whole, div)) return own;
  return after(inside(a), (rest) => div(rest, b));
}

/** Orders of slopes that are looked for. */
const orders = [1, 2, 3];

const powers = new Set([pow, sqrt, ...orders.flatMap((n) => [powSlope(n), powSlopeLog(n)])].map((f) => f.primitive));

/** Whether a node is a power, or made of one. */
const holdsPower = inherited((graph, id) => {
  if (graph.kindOf(id) !== "map") return false;
  return powers.has(graph.primitiveOf(id)) || undefined;
});

/** A function of a choice that the conditions make: of the side that they leave. */
function underConditions(slope: Expr, conditions: Conditions): Expr {
  const [base, ...others] = slope.operands as [Expr];
  if (conditions.size === 0 || !isMap(base, select)) return slope;
  const [condition, yes, no] = base.operands as [Expr, Expr, Expr];
  const side = conditions.has(condition) ? yes : conditions.has(not(condition)) ? no : base;
  return slope.graph.map(slope.graph.primitiveOf(slope.id), [side, ...others]);
}

/** A sum of which a term holds such a slope, times the factor: term by term. */
function raisedTerms(terms: readonly Expr[], factor: Expr, inside: (term: Expr) => Expr | undefined): Expr | undefined {
  const found = terms.map(inside);
  return found.some((term) => term) ? add(...found.map((term, k) => term ?? mul(terms[k]!, factor))) : undefined;
}

const after = (x: Expr | undefined, f: (x: Expr) => Expr) => x && f(x);

/** The slope of a power times its base, or times a factor of that. */
function timesBase(slope: Expr, factor: Expr): Expr | undefined {
  const root = isMap(slope, div) && isMap(slope.operands[1]!, sqrt) ? slope.operands[1] : undefined;
  const base = (root ?? slope).operands[0]!;
  const beside = besideIn(base, factor);
  const product = beside && (root ? mul(slope.operands[0]!, root) : timesWholeBase(slope, base));
  if (!product || beside === "nothing") return product;
  const divided = div(product, beside);
  if (isAway(beside)) return divided;
  // elsewhere slopes of a power have more digits than quotients of it
  return select(and(equal(base, 0), notEqual(beside, 0)), divided, mul(slope, factor));
}

/** What a base is made of beside a factor. */
function besideIn(base: Expr, factor: Expr): Expr | "nothing" | undefined {
  if (base === factor) return "nothing";
  if (!isMap(base, mul) || base.operands.length !== 2 || isAway(factor)) return undefined;
  const other = base.operands.find((operand) => operand !== factor);
  return other && base.operands.includes(factor) ? other : undefined;
}

/** Whether a number is never 0, repeated or not. */
function isAway(node: Expr): boolean {
  if (node.constant !== undefined) return node.constant !== 0;
  return isOneOf(node, exp, reciprocal) || (node.graph.isView(node.id) && isAway(node.operands[0]!));
}

function timesWholeBase(slope: Expr, x: Expr): Expr | undefined {
  const y = slope.operands[1];
  if (!y) return undefined;
  if (isMap(slope, pow)) return withConstant(x, y);
  for (const n of orders) {
    const rest = n === 1 ? y : sub(y, n - 1);
    const lower = n === 1 ? pow(x, y) : powSlope(n - 1)(x, y);
    if (isMap(slope, powSlope(n))) return mul(rest, lower);
    if (isMap(slope, powSlopeLog(n)))
      return add(lower, mul(rest, n === 1 ? powLog(1)(x, y) : powSlopeLog(n - 1)(x, y)));
  }
  return undefined;
}

/** x^c x, where the power has a pole at 0. */
function withConstant(x: Expr, y: Expr): Expr | undefined {
  const exponent = y.constant ?? 0;
  return exponent < 0 && !Number.isInteger(exponent) ? pow(x, exponent + 1) : undefined;
}
