import type { Expr } from "../ir/graph.ts";
import type { Primitive } from "../ir/primitive.ts";
import { inherited } from "../ir/walks/inherited.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../ops/elementary/algebra.ts";
import { select } from "../ops/elementary/comparison.ts";
import { exp, expm1, log, log2, log10 } from "../ops/elementary/exponential.ts";
import { cosh, sinh } from "../ops/elementary/hyperbolic.ts";
import { pow, rsqrt, sqrt } from "../ops/elementary/powers.ts";
import { abs } from "../ops/elementary/rounding.ts";
import { vanishingEnds } from "../ops/ends.ts";
import { byPrimitive, isMap, isOneOf, primitivesOf } from "../ops/maps.ts";
import { faded } from "../ops/ratios/faded.ts";
import { logGap } from "../ops/ratios/gaps.ts";
import { logSigmoid, relu, softplus } from "../ops/special/activation.ts";
import { isZero } from "./masks.ts";

// Slopes of functions that end flat, as a sigmoid does, of c log x + d: where x is 0 they are 0 and the logarithm is infinite.
// Their product has the limit 0: what has a limit has a slope that vanishes faster than its operand grows. So it is where a power of e
// overflows: the slope of exp(-exp(x)), or of 1 / (1 + exp(-x)), is 0 times it there.

const logarithms = primitivesOf(log, log2, log10, logGap);

/** What may be infinite where an operand is. */
const growing = primitivesOf(add, sub, neg, mul, div, square, abs, select, relu, softplus, logSigmoid);

/** Whether a node is a logarithm, or grows with one. */
const holdsLogarithm = inherited((graph, id) => {
  if (graph.kindOf(id) !== "map") return graph.isView(id) ? undefined : false;
  const primitive = graph.primitiveOf(id);
  return logarithms.has(primitive) || (growing.has(primitive) ? undefined : false);
});

/** A product of a logarithm and of a slope that vanishes where that is infinite; undefined where it is none. */
export const fadedProduct = (a: Expr, b: Expr) => fadedBy(fadesBeside, a, b);

/**
 * A product of powers of e, none of which is a divisor too, or of what data that may be 0 divide, and of a slope that vanishes faster.
 * Functions of numbers have a second look at powers of e.
 */
export const outrunProduct = (a: Expr, b: Expr) => fadedBy(outruns, a, b);

function fadedBy(fades: (slope: Expr, factor: Expr) => boolean, a: Expr, b: Expr): Expr | undefined {
  if (fades(a, b)) return faded(a, b);
  return fades(b, a) ? faded(b, a) : undefined;
}

/** What grows without bound: e^u, or 1/u of data u where they are 0. */
interface Growing {
  readonly u: Expr;
  readonly isDatum: boolean;
}

/** Whether a slope vanishes faster than a factor grows. */
function outruns(slope: Expr, factor: Expr): boolean {
  const exponents = factor.isScalar ? [] : exponentsIn(factor).map((u) => ({ u, isDatum: false }));
  const data = dataIn(factor).map((u) => ({ u, isDatum: true }));
  const found = [...exponents, ...data.filter((each) => growthIn(each, factor) > 0)];
  return found.length > 0 && found.every((each) => growthIn(each, slope) + growthIn(each, factor) < 0);
}

/** The exponents of the powers of e that are factors of a product. */
function exponentsIn(product: Expr, depth = deepest): readonly Expr[] {
  const { graph, id, operands } = product;
  if (isOneOf(product, exp, expm1, sinh, cosh)) return operands;
  const isProduct = graph.isView(id) || isOneOf(product, neg, mul);
  return isProduct && depth > 0 ? operands.flatMap((factor) => exponentsIn(factor, depth - 1)) : [];
}

/** The data, as they are given, that a node is an algebraic function of. */
function dataIn(node: Expr, depth = deepest): readonly Expr[] {
  const { graph, id, kind, dtype, operands } = node;
  if (kind === "leaf") return dtype === "real" && graph.leafOf(id).role !== "param" ? [node] : [];
  const isAlgebraic = graph.isView(id) || isOneOf(node, add, sub, neg, mul, div, reciprocal, square, sqrt, rsqrt, pow);
  if (!isAlgebraic || depth === 0 || operands.length > mostOperands) return [];
  return operands.flatMap((operand) => dataIn(operand, depth - 1));
}

/** Longer sums are not looked into. */
const mostOperands = 4;

/** So far out a function that vanishes faster than any power is 0. */
const far = 1e20;

/** The power of e^u, or of 1/u, that a node grows as, at most, where that is infinite; NaN where it is not known. */
function growthIn(growing: Growing, node: Expr, known = new Map<Expr, number>()): number {
  const { u, isDatum } = growing;
  if (isDatum && node === u) return -1;
  if (node.dtype === "bool" || isZero(node)) return Number.NEGATIVE_INFINITY;
  // operands come before users
  if (node.id <= u.id) return 0;
  if (known.size > mostNodes) return Number.NaN;
  if (!known.has(node)) {
    const growths = node.operands.map((operand) => growthIn(growing, operand, known));
    known.set(node, growthOf(growing, node, growths));
  }
  return known.get(node)!;
}

/** Functions that are powers of their operand. */
const powers = byPrimitive([
  [square, 2],
  [sqrt, 0.5],
  [rsqrt, -0.5],
  [reciprocal, -1],
]);

function growthOf({ u, isDatum }: Growing, node: Expr, growths: readonly number[]): number {
  const { graph, id, operands } = node;
  const [a, b] = growths as [number, number];
  if (isOneOf(node, neg, mul, faded)) return growths.reduce((sum, each) => sum + each);
  if (isOneOf(node, add, sub, select)) return Math.max(...growths);
  if (isMap(node, div)) return a - b;
  const power = isMap(node, pow) ? operands[1]!.constant : node.kind === "map" && powers.get(graph.primitiveOf(id));
  if (power) return a * power;
  if (graph.isView(id)) return a;
  if (!isDatum && operands[0] === u && isOneOf(node, exp, expm1, sinh, cosh)) return 1;
  if (growths.every((each) => each === 0)) return 0;
  if (node.kind !== "map" || operands.length > 1 || !(a > 0)) return Number.NaN;
  const { real } = graph.primitiveOf(id);
  return [-far, far].some((end) => Number(real(end)) === 0) ? Number.NEGATIVE_INFINITY : 0;
}

const fadesBeside = (slope: Expr, factor: Expr) =>
  holdsLogarithm(factor.graph, factor.id) && fades(slope, new Set(logarithmsIn([factor])));

/** So many nodes are looked at. */
const mostNodes = 64;

/** The logarithms that nodes grow with. */
function logarithmsIn(nodes: readonly Expr[]): Expr[] {
  const parts = nodes.filter(({ graph, id }) => holdsLogarithm(graph, id));
  for (let at = 0; at < parts.length && at < mostNodes; at++) {
    const { graph, id } = parts[at]!;
    if (graph.kindOf(id) === "map" && logarithms.has(graph.primitiveOf(id))) continue;
    parts.push(
      ...parts[at]!.operands.filter((operand) => holdsLogarithm(graph, operand.id) && !parts.includes(operand)),
    );
  }
  return parts.filter(({ graph, id }) => graph.kindOf(id) === "map" && logarithms.has(graph.primitiveOf(id)));
}

/** Steps down to a slope in a product. */
const deepest = 6;

/** Whether a product is 0 where one of the logarithms is infinite. */
function fades(product: Expr, logs: ReadonlySet<Expr>, depth = deepest): boolean {
  const { graph, id, operands } = product;
  if (depth === 0) return false;
  const inside = (operand: Expr) => fades(operand, logs, depth - 1);
  if (graph.isView(id)) return inside(operands[0]!);
  if (isZero(product)) return true;
  if (product.kind !== "map") return false;
  if (isMap(product, add) || isMap(product, sub)) return operands.every(inside);
  if (isMap(product, select)) return operands.slice(1).every(inside);
  if (isMap(product, div)) return inside(operands[0]!);
  if ([mul, neg, faded].some((each) => isMap(product, each))) return operands.some(inside);
  return isFlat(product) && logarithmsIn(operands).some((each) => logs.has(each));
}

/** Whether a function of one operand vanishes at an end as the square of the reciprocal, or faster. */
function isFlat(node: Expr): boolean {
  const [operand, ...others] = node.operands;
  if (!operand || others.length > 0) return false;
  if (isMap(node, square)) return isMap(operand, reciprocal);
  const primitive = node.graph.primitiveOf(node.id);
  const known = flat.get(primitive) ?? vanishingEnds((x) => Number(primitive.real(x)), 2).length > 0;
  flat.set(primitive, known);
  return known;
}

const flat = new WeakMap<Primitive, boolean>();
