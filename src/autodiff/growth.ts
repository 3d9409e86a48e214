import type { Expr, Graph } from "../ir/graph.ts";
import { inherited } from "../ir/walks/inherited.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../ops/elementary/algebra.ts";
import { select } from "../ops/elementary/comparison.ts";
import { exp, expm1 } from "../ops/elementary/exponential.ts";
import { cosh, sinh } from "../ops/elementary/hyperbolic.ts";
import { direction, polarRadius } from "../ops/elementary/lengths.ts";
import { pow, powLog, powSlope, powSlopeLog, rsqrt, sqrt } from "../ops/elementary/powers.ts";
import { byPrimitive, isMap, isOneOf, primitivesOf } from "../ops/maps.ts";
import { faded } from "../ops/ratios/faded.ts";
import { isZero } from "./masks.ts";

// Products of a slope that vanishes and of a factor that grows without bound, where the first is the faster: 0, and not 0 times infinity.
// So it is where a power of e overflows, as in the slopes of exp(-exp(x)) or of 1 / (1 + exp(-x)), and where data are 0 that divide, as
// doses do in 1 / (1 + (c/d)^h).

/**
 * A product of powers of e, none of which is a divisor too, or of what data that may be 0 divide, and of a slope that vanishes faster.
 */
export function outrunProduct(a: Expr, b: Expr): Expr | undefined {
  if (outruns(a, b)) return faded(a, b);
  return outruns(b, a) ? faded(b, a) : undefined;
}

/** What grows without bound: e^u; or 1/u of data u where they are 0; or u^exponent, an exponent that varies. */
interface Growing {
  readonly u: Expr;
  readonly isDatum?: boolean;
  readonly exponent?: Expr;
}

/** Whether a slope vanishes faster than a factor grows. */
export function outruns(slope: Expr, factor: Expr): boolean {
  const met = new Set<Expr>();
  const inFactor = (growing: Growing) => ({ growing, own: growthIn(growing, factor, met) });
  const withSlope = ({ growing, own }: ReturnType<typeof inFactor>) => ({
    own,
    sum: own + growthIn(growing, slope, met),
  });
  const exponents = factor.isScalar ? [] : [...new Set(exponentsIn(factor))].map((u) => inFactor({ u }));
  const data = dividesByData(factor.graph, factor.id) ? dataIn(factor).map((u) => inFactor({ u, isDatum: true })) : [];
  if (met.size === 0 && ![...exponents, ...data].some(({ own }) => own > 0)) return false;
  const [ofExponents, ofData] = [exponents.map(withSlope), data.map(withSlope)];
  const varying = [...met].map(({ operands: [u, exponent] }) => withSlope(inFactor({ u: u!, exponent: exponent! })));
  const growing = [...ofExponents, ...varying, ...ofData].filter(({ own }) => own > 0);
  if (growing.length === 0 || !ofExponents.every(isFaster)) return false;
  if (varying.length === 0) return growing.every(isFaster);
  // of a power whose exponent varies what is beside it has to be bounded alone, or to vanish faster than any power
  if (ofData.every(({ sum }) => sum === Number.NEGATIVE_INFINITY)) return true;
  return varying.every(isFaster) && ofData.every(({ sum }) => sum <= 0);
}

const isFaster = ({ sum }: { readonly sum: number }) => sum < 0;

/** The exponents of the powers of e that are factors of a product. */
function exponentsIn(product: Expr, depth = deepest): readonly Expr[] {
  const { graph, id, operands } = product;
  if (isOneOf(product, exp, expm1, sinh, cosh)) return operands;
  const isProduct = graph.isView(id) || isOneOf(product, neg, mul, faded);
  return isProduct && depth > 0 ? operands.flatMap((factor) => exponentsIn(factor, depth - 1)) : [];
}

/** Whether a node is an algebraic function of data, as they are given, and of others. */
const isOfData = inherited((graph, id) => {
  const kind = graph.kindOf(id);
  if (kind === "leaf") return graph.dtypeOf(id) === "real" && graph.leafOf(id).role !== "param";
  return isAlgebraic(graph, id) ? undefined : false;
});

/** Whether it may be 0 where some of them are: of a sum, each term. */
const mayVanish = inherited((graph, id) => {
  if (!isOfData(graph, id)) return false;
  const kind = graph.kindOf(id);
  if (kind === "leaf") return true;
  const isSum = kind === "map" && sums.has(graph.primitiveOf(id));
  return isSum ? graph.operandIds(id).every((operand) => mayVanish(graph, operand)) : undefined;
});

/** Whether it divides by what may be 0 with them, or takes a power of some whose exponent varies. */
const dividesByData = inherited((graph, id) => {
  if (!isAlgebraic(graph, id)) return false;
  if (graph.isView(id)) return undefined;
  const primitive = graph.primitiveOf(id);
  const operand = graph.operandAt(id, primitive === div.primitive ? 1 : 0);
  const may = divisions.has(primitive) ? mayVanish : varyingPowers.has(primitive) ? isOfData : undefined;
  return may?.(graph, operand) || undefined;
});

const sums = primitivesOf(add, sub);
const divisions = primitivesOf(div, reciprocal, rsqrt);

function isAlgebraic(graph: Graph, id: number): boolean {
  if (graph.kindOf(id) !== "map") return graph.isView(id);
  const primitive = graph.primitiveOf(id);
  return powers.has(primitive) || varyingPowers.has(primitive) || arithmetic.has(primitive);
}

const arithmetic = primitivesOf(add, sub, neg, mul, div);

/** The data, as they are given, that a node is an algebraic function of. */
function dataIn(node: Expr): readonly Expr[] {
  const nodes = new Set([node]);
  // those that it grows by are looked at too
  for (const { operands } of nodes) {
    if (operands.length > mostOperands || nodes.size > mostNodes) continue;
    for (const operand of operands) if (isOfData(operand.graph, operand.id)) nodes.add(operand);
  }
  return [...nodes].filter(({ kind }) => kind === "leaf");
}

/** Steps down to a factor. */
const deepest = 6;

/** So many nodes are looked at. */
const mostNodes = 64;

/** Longer sums are not looked into. */
const mostOperands = 4;

/** So far out a function that vanishes faster than any power is 0. */
const far = 1e20;

/**
 * The power of what grows that a node grows as, at most, where that is infinite; NaN where it is not known. Powers with exponents that
 * vary, of what grows with data, count as what is beside them; they are added to those met.
 */
function growthIn(growing: Growing, node: Expr, met: Set<Expr>, known = new Map<Expr, number>()): number {
  const { u, isDatum } = growing;
  if (isDatum && node === u) return -1;
  if (node.dtype === "bool" || isZero(node)) return Number.NEGATIVE_INFINITY;
  // operands come before users
  if (node.id <= u.id) return 0;
  if (known.has(node)) return known.get(node)!;
  if (known.size > mostNodes) return Number.NaN;
  // counted on the way down: what is deeper is not looked into
  known.set(node, Number.NaN);
  const growths = node.operands.map((operand) => growthIn(growing, operand, met, known));
  const growth = growthOf(growing, node, growths, met);
  known.set(node, growth);
  return growth;
}

/** Functions that are powers of their operand. */
const powers = byPrimitive([
  [square, 2],
  [sqrt, 0.5],
  [rsqrt, -0.5],
  [reciprocal, -1],
]);

/** Powers with exponents that vary, and their slopes, by how much lower they are in their base. */
const varyingPowers = byPrimitive([
  [pow, 0],
  ...[1, 2, 3].flatMap((n) => [[powLog(n), 0] as const, [powSlope(n), n] as const, [powSlopeLog(n), n] as const]),
]);

function growthOf(growing: Growing, node: Expr, growths: readonly number[], met: Set<Expr>): number {
  const { graph, id, operands, kind } = node;
  const [a, b] = growths as [number, number];
  if (graph.isView(id)) return a;
  if (kind !== "map") return growths.every((each) => each === 0) ? 0 : Number.NaN;
  if (isOneOf(node, neg, mul, faded)) return growths.reduce((sum, each) => sum + each);
  if (isOneOf(node, add, sub, select, polarRadius)) return Math.max(...growths);
  if (isMap(node, div)) return a - b;
  if (isMap(node, direction)) return a - Math.max(a, b);
  const primitive = graph.primitiveOf(id);
  const power = isMap(node, pow) ? operands[1]!.constant : powers.get(primitive);
  if (power) return a * power;
  const lower = varyingPowers.get(primitive);
  if (lower !== undefined && b === 0) return growthOfPower(growing, node, a, lower, met);
  // c^y ends in 0 as e^y does
  if (lower !== undefined && operands[0]!.constant) return b > 0 ? Number.NEGATIVE_INFINITY : 0 * b;
  const isExponent = !growing.isDatum && !growing.exponent && growing.u === operands[0];
  if (isExponent && isOneOf(node, exp, expm1, sinh, cosh)) return 1;
  if (growths.every((each) => each === 0)) return 0;
  if (operands.length > 1 || !(a > 0)) return Number.NaN;
  const { real } = primitive;
  return [-far, far].some((end) => Number(real(end)) === 0) ? Number.NEGATIVE_INFINITY : 0;
}

function growthOfPower(
  { u, isDatum, exponent }: Growing,
  node: Expr,
  a: number,
  lower: number,
  met: Set<Expr>,
): number {
  const [base, own] = node.operands as [Expr, Expr];
  if (exponent && u === base && exponent === own) return 1;
  if (a === 0) return 0;
  if (!isDatum) return Number.NaN;
  met.add(pow(base, own));
  return -lower * a;
}
