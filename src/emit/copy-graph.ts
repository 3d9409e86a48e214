import { type Expr, Graph } from "../ir/graph.ts";
import { reachableIds } from "../ir/traverse.ts";

/**
 * The nodes under the roots in a graph of their own, in the same order: what is derived from them then does not depend
 * on what else the first graph holds.
 */
export function copyGraph(roots: readonly Expr[]): { readonly graph: Graph; readonly copyOf: (node: Expr) => Expr } {
  const graph = new Graph();
  const copies = new Map<Expr, Expr>();
  const from = roots[0]?.graph;
  const ids = from
    ? reachableIds(
        from,
        roots.map((root) => root.id),
      )
    : [];
  for (const id of ids) {
    const node = from!.expr(id);
    copies.set(
      node,
      graph.withOrigin(from!.originOf(id), () =>
        copyNode(
          node,
          graph,
          node.operands.map((operand) => copies.get(operand)!),
        ),
      ),
    );
  }
  return { graph, copyOf: (node) => copies.get(node)! };
}

function copyNode(node: Expr, to: Graph, operands: readonly Expr[]): Expr {
  const { graph: from, id, shape, dtype } = node;
  switch (node.kind) {
    case "leaf": {
      const { role, name } = from.leafOf(id);
      if (role === "variable") return to.variable(shape, dtype);
      return role === "param" ? to.param(name, shape) : to.data(name, shape, dtype);
    }
    case "constant":
      return to.constant(from.constantOf(id), shape, dtype);
    case "tensor":
      return to.tensor(
        from.tensorOf(id),
        shape.map((size) => size.value!),
        dtype,
      );
    case "iota":
      return to.iota(shape, from.iotaAxisOf(id));
    case "size":
      return to.size(from.sizeOf(id), shape);
    case "map":
      return to.map(from.primitiveOf(id), operands);
    case "contraction":
    case "reduce":
      return to.combination(from.combineOf(id), from.contractionOf(id), operands);
    case "operation":
      return to.operation(from.operationOf(id), operands)[from.resultOf(id)]!;
  }
}
