import type { Expr } from "../ir/graph.ts";
import type { Primitive } from "../ir/primitive.ts";
import { inherited } from "../ir/walks/inherited.ts";
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

/** Whether a value or a slope may be infinite or NaN where leaves are not; `hasNumbers` says of leaves whether they are numbers. */
const wild = (hasNumbers: (leaf: Expr) => boolean) =>
  inherited((graph, id) => {
    const kind = graph.kindOf(id);
    if (kind === "leaf") return !hasNumbers(graph.expr(id));
    if (kind !== "map") return kind === "operation" || undefined;
    return (!tame.has(graph.primitiveOf(id)) && !isByNumber(graph.expr(id))) || undefined;
  });

const isWild = wild(() => true);
const isWildForSomeData = wild(({ graph, id, dtype }) => dtype !== "real" || graph.leafOf(id).role === "param");

/** Whether a value and its slopes are finite where leaves are: the mean of a group without elements, say, is not. */
export const isTame = (value: Expr) => !isWild(value.graph, value.id);

/** A quotient by a number that is given, or by a size. */
function isByNumber(node: Expr): boolean {
  if (!isOneOf(node, div, reciprocal)) return false;
  const divisor = node.operands.at(-1)!;
  const count = isMap(divisor, toReal) ? divisor.operands[0]! : divisor;
  return count.kind === "size" || (count.constant ?? 0) !== 0;
}

/** Whether a value is finite where parameters are, whatever reals the data hold: rows that conditions leave out may be NaN. */
export const isFiniteForAnyData = (value: Expr) => !isWildForSomeData(value.graph, value.id);
