import type { Expr } from "../ir/graph.ts";
import type { Primitive } from "../ir/primitive.ts";
import type { Operation } from "./define.ts";

/** True of what an operation makes. */
export function isMap(node: Expr, { primitive }: Pick<Operation, "primitive">): boolean {
  return node.kind === "map" && node.graph.primitiveOf(node.id) === primitive;
}

/** The primitives of operations. */
export const primitivesOf = (...operations: readonly Pick<Operation, "primitive">[]): ReadonlySet<Primitive> =>
  new Set(operations.map(({ primitive }) => primitive));

/** What a table says of operations, by their primitives. */
export const byPrimitive = <T>(
  table: readonly (readonly [Pick<Operation, "primitive">, T])[],
): ReadonlyMap<Primitive, T> => new Map(table.map(([{ primitive }, entry]) => [primitive, entry]));

/** True of what one of several operations makes. */
export function isOneOf(node: Expr, ...operations: readonly Operation[]): boolean {
  if (node.kind !== "map") return false;
  const primitive = node.graph.primitiveOf(node.id);
  return operations.some((operation) => operation.primitive === primitive);
}
