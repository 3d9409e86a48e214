import type { Expr } from "../ir/graph.ts";
import type { Primitive } from "../ir/primitive.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "./elementary/algebra.ts";
import { toReal } from "./elementary/cast.ts";
import { max, min, select } from "./elementary/comparison.ts";
import { tanh } from "./elementary/hyperbolic.ts";
import { abs } from "./elementary/rounding.ts";
import { cos, sin } from "./elementary/trigonometric.ts";
import { isMap, isOneOf } from "./maps.ts";
import { relu, sigmoid } from "./special/activation.ts";

/** Slopes of these are finite where their operands are. */
const tame: ReadonlySet<Primitive> = new Set(
  [abs, add, cos, max, min, mul, neg, relu, select, sigmoid, sin, square, sub, tanh, toReal].map(
    ({ primitive }) => primitive,
  ),
);

/** So many nodes are looked at. */
const mostTame = 32;

/**
 * Whether a value and its slopes are finite where leaves are: the mean of a group without elements, say, is not. `hasNumbers` says of
 * leaves whether they are; by default all are.
 */
export function isTame(value: Expr, hasNumbers: (leaf: Expr) => boolean = () => true): boolean {
  const { graph } = value;
  const seen = new Set([value.id]);
  for (const id of seen) {
    const node = graph.expr(id);
    if (seen.size > mostTame || node.kind === "operation") return false;
    if (node.kind === "map" && !tame.has(graph.primitiveOf(id)) && !isByNumber(node)) return false;
    if (node.kind === "leaf" && !hasNumbers(node)) return false;
    for (const operand of graph.operandIds(id)) seen.add(operand);
  }
  return true;
}

/** A quotient by a number that is given, or by a size. */
function isByNumber(node: Expr): boolean {
  if (!isOneOf(node, div, reciprocal)) return false;
  const divisor = node.operands.at(-1)!;
  const count = isMap(divisor, toReal) ? divisor.operands[0]! : divisor;
  return count.kind === "size" || (count.constant ?? 0) !== 0;
}

/** Whether a value is finite where parameters are, whatever reals the data hold: rows that conditions leave out may be NaN. */
export const isFiniteForAnyData = (value: Expr) =>
  isTame(value, ({ graph, id, dtype }) => dtype !== "real" || graph.leafOf(id).role === "param");
