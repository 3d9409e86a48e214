import type { Expr } from "../../../ir/graph.ts";
import type { Operation } from "../../../ops/define.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../../../ops/elementary/algebra.ts";
import { max, select } from "../../../ops/elementary/comparison.ts";
import { exp } from "../../../ops/elementary/exponential.ts";
import { cosh } from "../../../ops/elementary/hyperbolic.ts";
import { pow, rsqrt, sqrt } from "../../../ops/elementary/powers.ts";
import { isMap, isOneOf } from "../../../ops/maps.ts";
import { constantLike } from "../conditions.ts";
import { logarithmOf } from "./logarithms.ts";

// Exponents as linear forms, c + c_1 u_1 + c_2 u_2 + ...: what they share is gone from their difference before it is rounded.

interface Linear {
  readonly terms: Map<Expr, number>;
  constant: number;
}

/** What stands deeper is one term. */
const deepest = 8;

/** Infinities are terms: they have no difference. */
const isNumber = (node: Expr) => Number.isFinite(node.constant);

function collect(node: Expr, factor: number, into: Linear, over?: Expr, depth = deepest): void {
  const [a, b] = node.operands;
  const isOf = (f: Operation) => depth > 0 && isMap(node, f);
  const next = (part: Expr, times: number) => collect(part, factor * times, into, over, depth - 1);
  if (isNumber(node) && !over) into.constant += factor * node.constant!;
  else if (isOf(add)) for (const term of node.operands) next(term, 1);
  else if (isOf(sub)) {
    next(a!, 1);
    next(b!, -1);
  } else if (isOf(neg)) next(a!, -1);
  else if (isOf(mul) && isNumber(a!)) next(b!, a!.constant!);
  else if (isOf(mul) && isNumber(b!)) next(a!, b!.constant!);
  else if (isOf(div) && isNumber(b!)) next(a!, 1 / b!.constant!);
  else if (isOf(div) && !over && isMap(a!, add)) collect(a!, factor, into, b!, depth - 1);
  else {
    const isFactor = over && isNumber(node);
    const term = !over ? node : isFactor ? reciprocal(over) : div(node, over);
    const times = isFactor ? factor * node.constant! : factor;
    into.terms.set(term, (into.terms.get(term) ?? 0) + times);
  }
}

const linearOf = (node: Expr): Linear => {
  const linear = { terms: new Map<Expr, number>(), constant: 0 };
  collect(node, 1, linear);
  return linear;
};

const shareTerms = (a: Linear, b: Linear) => [...b.terms.keys()].some((term) => a.terms.has(term));

/** True where the two have a term in common, so that their difference may be a shorter one. */
export const areRelated = (a: Expr, b: Expr): boolean => shareTerms(linearOf(a), linearOf(b));

/** a - b / divisor, of which little may be left: the product that tells how much is taken with what it is rounded by (Dekker). */
function lessPart(a: number, b: number, divisor: number): number {
  const product = a * divisor;
  const [high, other] = [a, divisor].map((part) => {
    const multiple = (2 ** 27 + 1) * part;
    return multiple - (multiple - part);
  }) as [number, number];
  const [low, otherLow] = [a - high, divisor - other];
  const rest = high * other - product + high * otherLow + low * other + low * otherLow;
  return (product - b + rest) / divisor;
}

/** a - b / divisor, in which no term stands twice; undefined where both vary and share none. */
function relatedDifference(a: Expr, b: Expr, divisor = 1): Expr | undefined {
  const [form, other] = [linearOf(a), linearOf(b)];
  if (!shareTerms(form, other) && form.terms.size > 0 && other.terms.size > 0) return undefined;
  const { terms } = form;
  for (const [term, factor] of other.terms) terms.set(term, lessPart(terms.get(term) ?? 0, factor, divisor));
  const constant = lessPart(form.constant, other.constant, divisor);
  const parts = [...terms]
    .filter(([, factor]) => factor !== 0)
    .map(([term, factor]) => (factor === 1 ? term : factor === -1 ? neg(term) : mul(factor, term)));
  const [first, ...rest] = parts;
  if (!first) return constantLike(constant, a);
  const total = rest.length > 0 ? add(first, ...(rest as [Expr])) : first;
  return constant === 0 ? total : add(total, constant);
}

/** a - b / divisor. */
export function difference(a: Expr, b: Expr, divisor = 1): Expr {
  return relatedDifference(a, b, divisor) ?? sub(a, divisor === 1 ? b : mul(b, 1 / divisor));
}

/**
 * By how much each of several exponents exceeds one of the same sum. Where that one is -Infinity, others that are have no difference
 * from it, and all it is told is that the rest is more: it counts as the least number.
 */
export function above(exponents: readonly Expr[], base: Expr, divisor = 1): Expr[] {
  const from = exponents.length > 1 && mayVanish(base) ? max(base, constantLike(-Number.MAX_VALUE, base)) : base;
  return exponents.map(
    (each) => relatedDifference(each, base, divisor) ?? sub(each, divisor === 1 ? from : mul(from, 1 / divisor)),
  );
}

/** True unless an exponent is finite by its form, wherever parameters are. */
function mayVanish(node: Expr, depth = deepest): boolean {
  if (node.kind === "constant") return !isNumber(node);
  if (node.kind === "leaf") return node.graph.leafOf(node.id).role !== "param";
  const isPlain = isOneOf(node, add, sub, neg, mul, max, select) || node.graph.isView(node.id);
  return !isPlain || depth === 0 || node.operands.some((each) => each.dtype === "real" && mayVanish(each, depth - 1));
}

/** a + b, in which no term stands twice. */
export const total = (a: Expr, b: Expr): Expr => relatedDifference(a, b, -1) ?? add(a, b);

export const isAnyRelated = (exponents: readonly Expr[], others?: readonly Expr[]): boolean =>
  exponents.some((a, k) => (others ?? exponents.slice(0, k)).some((b) => areRelated(a, b)));

/** Sums of more exponentials are not taken apart, nor what stands deeper. */
const [mostTerms, mostDepth] = [8, 6];

/** Exponents of which the exponentials add up to a positive node, with log c for constants c; undefined where they are not known. */
export function exponentialsOf(node: Expr, depth = mostDepth): readonly Expr[] | undefined {
  const whole = () => {
    const logarithm = logarithmOf(node);
    return logarithm && [logarithm];
  };
  if (node.dtype !== "real" || node.kind !== "map" || depth === 0) return whole();
  const of = (part: Expr) => exponentialsOf(part, depth - 1);
  const [a, b] = node.operands as [Expr, Expr];
  const isOf = (operation: Operation) => isMap(node, operation);
  if (isOf(exp)) return [a];
  if (isOf(cosh)) return halvesOf(a);
  if (isOf(add)) {
    const parts = node.graph.operandCount(node.id) > mostTerms ? [undefined] : node.operands.map(of);
    if (parts.includes(undefined)) return undefined;
    const all = parts.flatMap((part) => part!);
    return all.length <= mostTerms ? merged(all) : whole();
  }
  if (isOf(mul)) {
    const [p, q] = [of(a), of(b)];
    return (p && q && productOf(p, q)) ?? whole();
  }
  if (isOf(square)) {
    const p = of(a);
    return (p && productOf(p, p)) ?? whole();
  }
  const power = isOf(reciprocal) ? -1 : isOf(sqrt) ? 0.5 : isOf(rsqrt) ? -0.5 : isOf(pow) ? powerOf(b) : undefined;
  const single = power === undefined ? undefined : of(a);
  return power !== undefined && single?.length === 1 ? [mul(power, single[0]!)] : whole();
}

const powerOf = (exponent: Expr) => exponent.constant;

/** Exponents of cosh x. */
export const halvesOf = (x: Expr): readonly Expr[] => [sub(x, Math.LN2), sub(neg(x), Math.LN2)];

/** Exponents of a product of sums, unless they are many. */
export function productOf(p: readonly Expr[], q: readonly Expr[]): readonly Expr[] | undefined {
  if (p.length * q.length > mostTerms) return undefined;
  return merged(p.flatMap((first) => q.map((second) => total(first, second))));
}

/** Exponents that differ in a constant as one. */
export function merged(exponents: readonly Expr[]): readonly Expr[] {
  const found: Expr[] = [];
  for (const exponent of exponents) {
    const at = found.findIndex((each) => distance(each, exponent) !== undefined);
    if (at < 0) found.push(exponent);
    else found[at] = total(found[at]!, constantLike(Math.log1p(Math.exp(-distance(found[at]!, exponent)!)), exponent));
  }
  return found;
}

/** By how much a exceeds b, where that is a constant. */
function distance(a: Expr, b: Expr): number | undefined {
  const gap = relatedDifference(a, b);
  return gap?.constant;
}
