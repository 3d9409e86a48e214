import { type Expr, Graph } from "../graph.ts";
import { idsAbove } from "./traverse.ts";

/**
 * The nodes under the roots in a graph of their own, in the same order: what is derived from them then does not depend
 * on what else the first graph holds.
 */
export function copyGraph(roots: readonly Expr[]): { readonly graph: Graph; readonly copyOf: (node: Expr) => Expr } {
  const graph = new Graph(roots[0]?.graph.extensions);
  return { graph, copyOf: copyNodes(roots, graph, new Map()) };
}

/**
 * Copies the nodes under the roots into another graph; what `given` names stands there already. `order`: the ids of what
 * is to be copied, operands first; `copyOne`: how.
 */
export function copyNodes(
  roots: readonly Expr[],
  to: Graph,
  given: ReadonlyMap<Expr, Expr>,
  order?: readonly number[],
  copyOne = copyNode,
): (node: Expr) => Expr {
  const from = roots[0]?.graph;
  const copies = new Map(given);
  const needed = order ?? (from ? idsAbove(roots, given) : []);
  for (const id of needed) {
    const node = from!.expr(id);
    if (copies.has(node)) continue;
    const copy = () => copyOne(node, to, (operand) => copies.get(operand)!);
    const made = to.withOrigin(from!.originOf(id), copy);
    copies.set(node, made);
    const name = from!.names.of(id);
    if (name !== undefined) to.names.set(made.id, name);
  }
  return (node) => copies.get(node)!;
}

/** A node over the copies of its operands; `shape`: that of a node without operands, where it is to be another one. */
export function copyNode(node: Expr, to: Graph, copyOf: (operand: Expr) => Expr, shape = node.shape): Expr {
  const { graph: from, id, dtype } = node;
  const operands = () => node.operands.map(copyOf);
  switch (node.kind) {
    case "leaf": {
      const { role, name } = from.leafOf(id);
      if (role === "variable") return to.variable(shape, dtype);
      return role === "data" ? to.data(name, shape, dtype) : to[role](name, shape);
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
      return to.map(from.primitiveOf(id), operands());
    case "contraction":
    case "reduce":
      return to.combination(from.combineOf(id), from.contractionOf(id), operands());
    case "operation":
      return to.operation(from.operationOf(id), operands())[from.resultOf(id)]!;
  }
}
