import { type Guard, renumberLookups } from "../ir/contraction.ts";
import type { Expr } from "../ir/graph.ts";
import { axes, readsWhole, termsOf, view } from "../ops/arrays/contractions.ts";
import type { Operation } from "../ops/define.ts";
import { add, div, mul, neg, reciprocal, square } from "../ops/elementary/algebra.ts";
import { allOf, not, or, select } from "../ops/elementary/comparison.ts";
import { inGroups } from "../ops/groups.ts";
import { isMap } from "../ops/maps.ts";
import { isTame } from "../ops/tame.ts";
import { fadedProduct, fadesBeside } from "./fading.ts";
import { outrunProduct } from "./growth.ts";
import { conjunctsOf, isSelect, isZero, type Mask, masked, maskOf, maskWithin } from "./masks.ts";
import { type Conditions, raised, raisedProduct } from "./powers.ts";
import { guardsByData, underGiven } from "./shields.ts";

// Products and sums of what is linear, without what is structurally zero and without 0 * NaN.

/**
 * linear * factor, without terms that are structurally zero and without 0 * NaN from masked branches. `conditions` hold wherever the
 * product counts.
 */
export function scale(linear: Expr, factor: Expr, conditions?: Conditions): Expr | undefined {
  const { constant } = factor;
  if (constant === 0) return undefined;
  if (constant === 1) return linear;
  if (constant === -1) return negated(linear);
  if (linear.constant === 1) return factor;
  // a product with a masked value is taken under the mask: what it hides may be infinite or NaN
  const mask = maskOf(factor);
  if (!mask) return scaleMasked(linear, factor, conditions);
  const under = within(mask, conditions);
  const isItself = mask.value === factor;
  return masked(mask.condition, isItself ? scaleMasked(linear, factor, under) : scale(linear, mask.value, under));
}

/** linear * factor, absent where guards leave a sum without terms if the factor may be infinite there. */
function scaleMasked(linear: Expr, factor: Expr, conditions?: Conditions): Expr | undefined {
  const mask = maskWithin(linear) ?? maskBeside(linear, factor);
  const part = !mask && isGuarded(linear) ? scalePart(linear, factor) : undefined;
  if (part) return part;
  const scaled = mask ? scaleUnder(mask, linear, factor, conditions) : product(linear, factor, conditions);
  return scaled && underGiven(linear, factor, scaled, mask && conjunctsOf(mask.condition));
}

function scaleUnder(mask: Mask, linear: Expr, factor: Expr, conditions?: Conditions): Expr | undefined {
  const under = within(mask, conditions);
  const isItself = mask.value === linear;
  return masked(mask.condition, isItself ? product(linear, factor, under) : scale(mask.value, factor, under));
}

/** The conditions with those of a mask. */
const within = ({ condition }: Mask, conditions: Conditions = new Set()): Conditions =>
  new Set([...conditions, ...conjunctsOf(condition)]);

/** Sums of sums, and products in slopes, are looked through so far. */
const deepest = 4;

/** The mask of a sum, where a factor may be infinite. */
function maskBeside(linear: Expr, factor: Expr): Mask | undefined {
  const mask = maskOfSum(linear);
  return mask && !isTame(factor) ? mask : undefined;
}

/** A sum whose terms are all masked, each in its own way, is 0 unless one of the conditions holds. */
function maskOfSum(linear: Expr, depth = deepest): Mask | undefined {
  if (depth === 0 || !isMap(linear, add)) return undefined;
  let any: Expr | undefined;
  for (const term of linear.operands) {
    const mask = maskOf(term) ?? maskOfSum(term, depth - 1);
    if (!mask) return undefined;
    any = any && any !== mask.condition ? or(any, mask.condition) : mask.condition;
  }
  return any && { condition: any, value: linear };
}

/**
 * A tangent that is part of a batch only, as the identity is its diagonal, times a factor that is the same in the whole
 * batch; and the cotangent of a sum over a range that varies: what is absent stays absent, and an infinite factor makes no
 * 0 * Infinity of it.
 */
export function scalePart(part: Expr, factor: Expr): Expr | undefined {
  if (!part.graph.isView(part.id)) return undefined;
  const { factors, guards, lookups } = termsOf(part);
  const [read] = factors;
  // read at whole axes, it may be read without guards
  const isWhole = readsWhole(read!, factor.shape);
  const scaled = isWhole ? scale(view(read!.of, factor.shape, read!.index), factor) : undefined;
  return scaled && view(scaled, part.shape, axes(factor.shape.length), guards, lookups);
}

const isGuarded = (node: Expr) => node.graph.isView(node.id) && (termsOf(node).guards ?? []).length > 0;

/** linear * factor, in an order in which nothing overflows or vanishes on the way to a result of ordinary size. */
function product(linear: Expr, factor: Expr, conditions?: Conditions): Expr {
  const limit = fadedProduct(linear, factor) ?? termByTerm(linear, factor, conditions);
  if (limit) return limit;
  const inner = operandOf(factor, neg);
  const scaled = positiveProduct(linear, inner ?? factor, conditions);
  return inner ? neg(scaled) : scaled;
}

/** A product with a sum of what fades beside a logarithm and of what is masked: where the masks hide it, the rest fades. */
function termByTerm(a: Expr, b: Expr, conditions?: Conditions): Expr | undefined {
  for (const [sum, factor] of [
    [a, b],
    [b, a],
  ] as const) {
    if (!isMap(sum, add) || !sum.operands.some((term) => fadesBeside(term, factor))) continue;
    if (!sum.operands.every((term) => maskOf(term) || fadesBeside(term, factor))) continue;
    return sumOfTerms(sum.operands.flatMap((term) => scale(term, factor, conditions) ?? []));
  }
  return undefined;
}

/** A square is multiplied in twice; what is divided by is divided by at the end. What is both factor and divisor is gone. */
function positiveProduct(linear: Expr, factor: Expr, conditions?: Conditions): Expr {
  const root = operandOf(factor, square);
  if (root) return outrunProduct(linear, factor) ?? mul(mul(linear, root), root);
  const divisor = operandOf(factor, reciprocal);
  if (divisor) return withoutFactor(linear, divisor) ?? outrunProduct(linear, factor) ?? mul(linear, factor);
  const quotient = operandsOf(factor, div);
  if (!quotient) {
    const power = withoutDivisor(linear, factor) ?? raisedProduct(linear, factor, conditions);
    return power ?? outrunProduct(linear, factor) ?? mul(linear, factor);
  }
  const power = raised(linear, factor, conditions);
  if (power) return power;
  const [a, b] = quotient;
  const undivided = withoutDivisor(linear, a);
  if (undivided) return div(undivided, b);
  const rest = withoutFactor(linear, b);
  if (rest) return mul(rest, a);
  const limit = outrunProduct(linear, factor);
  if (limit) return limit;
  return div((isMap(a, div) ? raised(linear, a, conditions) : undefined) ?? mul(linear, a), b);
}

/** A product or quotient without one of its factors: x log x has the slope log x + 1, where x/x would be 0/0 at 0. */
function withoutFactor(whole: Expr, gone: Expr, depth = deepest): Expr | undefined {
  if (whole === gone) return whole.graph.constantLike(1, whole);
  const inParts = changedInside(whole, depth, {
    change: (part) => withoutFactor(part, gone, depth - 1),
    otherwise: (part) => div(part, gone),
  });
  if (inParts) return inParts;
  const [numerator, denominator] = operandsOf(whole, div) ?? [];
  const rest = numerator && withoutFactor(numerator, gone, depth);
  if (rest) return div(rest, denominator!);
  const [over, under] = operandsOf(denominator, div) ?? [];
  if (under === gone) return div(numerator!, over!);
  // (c/b) / (a/b) is c/a, also where b is 0
  const [above, below] = operandsOf(gone, div) ?? [];
  const undivided = below && withoutDivisor(whole, below, depth - 1);
  if (undivided) return div(undivided, above!);
  // as c / (a/b) does, 1 / (a/b) holds b as a factor
  const [inner, outer] = operandsOf(operandOf(whole, reciprocal), div) ?? [];
  return outer === gone ? reciprocal(inner!) : undefined;
}

/** A quotient without one of the factors that it is divided by: the slopes of log(x y) are 1/x and 1/y. */
function withoutDivisor(whole: Expr, gone: Expr, depth = deepest): Expr | undefined {
  const inParts = changedInside(whole, depth, {
    change: (part) => withoutDivisor(part, gone, depth - 1),
    otherwise: (part, conditions) => scale(part, gone, conditions) ?? part,
  });
  if (inParts) return inParts;
  const divisor = operandOf(whole, reciprocal);
  if (divisor === gone) return whole.graph.constantLike(1, whole);
  const [a, b] = operandsOf(divisor, mul) ?? [];
  if (a === gone || b === gone) return reciprocal(a === gone ? b! : a!);
  const [numerator, denominator] = operandsOf(whole, div) ?? [];
  if (denominator === gone) return numerator;
  const [c, d] = operandsOf(denominator, mul) ?? [];
  return c === gone || d === gone ? div(numerator!, c === gone ? d! : c!) : undefined;
}

interface Change {
  /** Of a part; undefined where it has nothing to change. */
  readonly change: (part: Expr) => Expr | undefined;
  /** Of a part that has nothing to change, beside one that has. */
  readonly otherwise: (part: Expr, conditions?: Conditions) => Expr;
}

/** What is linear in its parts, changed in one factor, or in each side of a choice and in each choice of a sum. */
function changedInside(whole: Expr, depth: number, { change, otherwise }: Change): Expr | undefined {
  if (depth <= 0) return undefined;
  const [first, ...others] = whole.operands;
  if (isMap(whole, neg)) return opposite(change(first!));
  if (isMap(whole, mul) && others.length === 1) {
    const changed = change(first!);
    if (changed) return scale(others[0]!, changed);
    const other = change(others[0]!);
    return other && scale(first!, other);
  }
  if (!isSelect(whole) && !(isMap(whole, add) && whole.operands.every(isSelect))) return undefined;
  const parts = isSelect(whole) ? others : whole.operands;
  const changed = parts.map(change);
  if (changed.every((part) => !part)) return undefined;
  const sides = isSelect(whole) ? [first!, not(first!)] : [];
  const made = parts.map(
    (part, k) => changed[k] ?? (isZero(part) ? part : otherwise(part, new Set(sides.slice(k, k + 1)))),
  );
  return isSelect(whole) ? select(first!, made[0]!, made[1]!) : add(...(made as [Expr, Expr]));
}

const opposite = (x: Expr | undefined) => x && neg(x);

/** The operands of what an operation makes of two. */
const operandsOf = (node: Expr | undefined, operation: Operation) =>
  node && isMap(node, operation) ? (node.operands as [Expr, Expr]) : undefined;

/** The operand of what an operation makes of one. */
const operandOf = (node: Expr, operation: Operation) => (isMap(node, operation) ? node.operands[0] : undefined);

function negated(linear: Expr): Expr {
  const mask = isSelect(linear) ? maskOf(linear) : undefined;
  return mask ? select(mask.condition, neg(mask.value), 0) : neg(linear);
}

/** Sum of terms; undefined, the structural zero, for none. What is masked in all of them is masked in the sum. */
export function sumOfTerms(terms: readonly Expr[]): Expr | undefined {
  return terms.length < 2 ? terms[0] : inGroups(terms, (group) => sumUnderMask(group) ?? sumUnderGuards(group));
}

/** The sum under the conditions that mask every term: what they hide is not multiplied on with factors that may be infinite. */
function sumUnderMask(terms: readonly Expr[]): Expr | undefined {
  const masks: Mask[] = [];
  for (const term of terms) {
    const mask = maskWithin(term);
    if (!mask) return undefined;
    masks.push(mask);
  }
  const conditions = masks.map(({ condition }) => conjunctsOf(condition));
  const shared = [...conditions[0]!].filter((condition) => conditions.every((others) => others.has(condition)));
  const [first, ...others] = shared;
  if (!first) return undefined;
  const values = masks.map(({ value }, k) => {
    const [own, ...more] = [...conditions[k]!].filter((condition) => !shared.includes(condition));
    return own ? select(allOf([own, ...more]), value, 0) : value;
  });
  return select(allOf([first, ...others]), add(...values), 0);
}

/** The sum under the guards by data that all terms have. */
function sumUnderGuards(terms: readonly Expr[]): Expr {
  const sum = add(...terms);
  const [own, ...others] = terms.map(guardsByData) as [Guard[], ...Guard[][]];
  if (own.length === 0 || others.some((guards) => guards.length === 0)) return sum;
  const [first, ...further] = terms as [Expr, ...Expr[]];
  // lookups are told apart by what they read
  const keyIn = ({ operands }: Expr, { index }: Guard) =>
    renumberLookups(index, (operand) => operands[operand]!.id).key;
  const known = further.map((term, k) => new Set(others[k]!.map((guard) => keyIn(term, guard))));
  const shared = own.filter((guard) => known.every((keys) => keys.has(keyIn(first, guard))));
  return shared.length > 0 ? view(sum, sum.shape, axes(sum.shape.length), shared, first.operands) : sum;
}
