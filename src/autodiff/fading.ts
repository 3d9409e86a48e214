import type { Expr } from "../ir/graph.ts";
import type { Primitive } from "../ir/primitive.ts";
import { inherited } from "../ir/walks/inherited.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../ops/elementary/algebra.ts";
import { select } from "../ops/elementary/comparison.ts";
import { log, log2, log10 } from "../ops/elementary/exponential.ts";
import { abs } from "../ops/elementary/rounding.ts";
import { vanishingEnds } from "../ops/ends.ts";
import { isMap, primitivesOf } from "../ops/maps.ts";
import { faded, hasFaded } from "../ops/ratios/faded.ts";
import { logGap } from "../ops/ratios/gaps.ts";
import { logSigmoid, relu, softplus } from "../ops/special/activation.ts";
import { outruns } from "./growth.ts";
import { isZero } from "./masks.ts";

// Slopes of functions that end flat, as a sigmoid does, of c log x + d: where x is 0 they are 0 and the logarithm is infinite.
// Their product has the limit 0: what has a limit has a slope that vanishes faster than its operand grows.

const logarithms = primitivesOf(log, log2, log10, logGap);

/** What may be infinite where an operand is. */
const growing = primitivesOf(add, sub, neg, mul, faded, div, square, abs, select, relu, softplus, logSigmoid);

/** Whether a node is a logarithm, or grows with one. */
const holdsLogarithm = inherited((graph, id) => {
  if (graph.kindOf(id) !== "map") return graph.isView(id) ? undefined : false;
  const primitive = graph.primitiveOf(id);
  return logarithms.has(primitive) || (growing.has(primitive) ? undefined : false);
});

/**
 * A product of a logarithm and of a slope that vanishes where that is infinite; undefined where it is none. The slope may be infinite
 * at the other end, where the rest vanishes faster.
 */
export function fadedProduct(a: Expr, b: Expr): Expr | undefined {
  if (fadesBeside(a, b)) return fadesBeside(b, a) || outruns(b, a) ? fadedEither(a, b) : faded(a, b);
  if (fadesBeside(b, a)) return outruns(a, b) ? fadedEither(b, a) : faded(b, a);
  return undefined;
}

const fadedEither = (a: Expr, b: Expr) => select(hasFaded(b, a), 0, faded(a, b));

/** Whether a slope vanishes where a logarithm that a factor grows with is infinite. */
export const fadesBeside = (slope: Expr, factor: Expr) =>
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
