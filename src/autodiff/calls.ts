import type { Expr, Shape } from "../ir/graph.ts";

// Calls with several results are differentiated whole: forward mode gives the tangents of all results together, reverse
// mode collects the cotangents of all of them and transposes once.

/** The tangents of every result of the call that `node` belongs to; undefined is the structural zero. */
export function callTangents(
  node: Expr,
  tangentOf: ReadonlyMap<Expr, Expr>,
  batch: Shape,
): readonly (readonly [Expr, Expr])[] {
  const call = node.graph.call(node.id);
  const tangents = call.operation.tangents(
    call,
    call.operands.map((operand) => tangentOf.get(operand)),
    batch,
  );
  return call.results.flatMap((result, k) => (tangents[k] ? [[result, tangents[k]] as const] : []));
}

/** What the cotangents of a call's results contribute to its operands. */
export function callCotangents(
  node: Expr,
  cotangentOf: (result: Expr) => Expr | undefined,
  isActive: (operand: Expr) => boolean,
): readonly (readonly [Expr, Expr])[] {
  const call = node.graph.call(node.id);
  const wanted = call.operands.map((operand) => operand.dtype === "real" && isActive(operand));
  const contributions = call.operation.cotangents(call, call.results.map(cotangentOf), wanted);
  return call.operands.flatMap((operand, k) =>
    wanted[k] && contributions[k] ? [[operand, contributions[k]] as const] : [],
  );
}
