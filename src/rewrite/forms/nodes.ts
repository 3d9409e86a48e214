import type { Expr } from "../../ir/graph.ts";

/** The constant that a map of constants is; undefined of other nodes. */
export function computed({ graph, id, dtype }: Expr): Expr | undefined {
  if (graph.kindOf(id) !== "map") return undefined;
  const operands = graph.operandIds(id);
  if (!operands.every((operand) => graph.kindOf(operand) === "constant")) return undefined;
  const values = operands.map((operand) => graph.constantOf(operand));
  return graph.constantLike(Number(graph.primitiveOf(id).real(...values)), graph.expr(id), dtype);
}

/** True of what is no constant. */
export const varies = ({ kind }: Expr): boolean => kind !== "constant";

/** True of a contraction that only re-indexes one operand. */
export function isView(node: Expr): boolean {
  return node.graph.isView(node.id);
}

/** A contraction that is no view. */
export function isSum(node: Expr): boolean {
  return node.kind === "contraction" && !isView(node);
}

/** True of a result of one of the routines of these names. */
export function isResult(node: Expr, ...names: readonly string[]): boolean {
  if (node.kind !== "operation") return false;
  const { kind, name } = node.graph.operationOf(node.id);
  return kind === "kernel" && names.includes(name);
}
