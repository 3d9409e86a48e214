import type { Expr } from "../ir/graph.ts";
import type { Operation } from "./define.ts";

/** True of what an operation makes. */
export function isMap(node: Expr, { primitive }: Pick<Operation, "primitive">): boolean {
  return node.kind === "map" && node.graph.primitiveOf(node.id) === primitive;
}

/** True of what one of several operations makes. */
export function isOneOf(node: Expr, ...operations: readonly Operation[]): boolean {
  if (node.kind !== "map") return false;
  const primitive = node.graph.primitiveOf(node.id);
  return operations.some((operation) => operation.primitive === primitive);
}
