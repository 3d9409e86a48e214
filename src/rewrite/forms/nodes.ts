import type { Expr } from "../../ir/graph.ts";
import type { Primitive } from "../../ir/primitive.ts";

export function isMap(node: Expr, primitive: Primitive): boolean {
  return node.kind === "map" && node.graph.primitiveOf(node.id) === primitive;
}

export function isView(node: Expr): boolean {
  return node.graph.isView(node.id);
}

/** A contraction that is no view. */
export function isSum(node: Expr): boolean {
  return node.kind === "contraction" && !isView(node);
}
