import type { Expr } from "../ir/graph.ts";
import type { Primitive } from "../ir/primitive.ts";

export function isMap(node: Expr, primitive: Primitive): boolean {
  return node.kind === "map" && node.graph.primitiveOf(node.id) === primitive;
}

/** True when some operand is this primitive: the cheap question that rules ask first. */
export function hasOperand({ graph, id }: Expr, primitive: Primitive): boolean {
  for (let k = graph.operandCount(id) - 1; k >= 0; k--) {
    const operand = graph.operandAt(id, k);
    if (graph.kindOf(operand) === "map" && graph.primitiveOf(operand) === primitive) return true;
  }
  return false;
}

export function isView(node: Expr): boolean {
  return node.graph.isView(node.id);
}

/** A contraction that is no view. */
export function isSum(node: Expr): boolean {
  return node.kind === "contraction" && !isView(node);
}
