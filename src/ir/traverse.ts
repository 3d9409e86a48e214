import type { Expr, Graph } from "./graph.ts";

/** Ids of the nodes that the roots need, in increasing order (operands first), from `lowest` on. */
export function reachableIds(graph: Graph, roots: Iterable<number>, lowest = 0): number[] {
  let highest = -1;
  const marks = new Uint8Array(graph.length);
  for (const root of roots) {
    marks[root] = 1;
    highest = Math.max(highest, root);
  }
  const found: number[] = [];
  for (let id = highest; id >= lowest; id--) {
    if (marks[id] === 0) continue;
    found.push(id);
    for (let k = graph.operandCount(id) - 1; k >= 0; k--) marks[graph.operandAt(id, k)] = 1;
  }
  return found.reverse();
}

/** The nodes that the roots need, operands first. All roots belong to one graph. */
export function topologicalOrder(roots: readonly Expr[]): Expr[] {
  const graph = roots[0]?.graph;
  if (!graph) return [];
  return reachableIds(
    graph,
    roots.map((root) => root.id),
  ).map((id) => graph.expr(id));
}

/**
 * The roots with some nodes replaced, and every node above them rebuilt. `replace` sees a node whose operands are
 * final; what it returns stands in the node's place, `undefined` keeps the node.
 */
export function rebuild(roots: readonly Expr[], replace: (node: Expr) => Expr | undefined): Expr[] {
  const graph = roots[0]?.graph;
  if (!graph) return [];
  const ids = reachableIds(
    graph,
    roots.map((root) => root.id),
  );
  const rebuilt = new Map<number, Expr>();
  for (const id of ids) {
    const node = withNewOperands(graph, id, rebuilt);
    const result = replace(node) ?? node;
    if (result.id !== id) rebuilt.set(id, result);
  }
  return roots.map((root) => rebuilt.get(root.id) ?? root);
}

function withNewOperands(graph: Graph, id: number, rebuilt: ReadonlyMap<number, Expr>): Expr {
  const count = graph.operandCount(id);
  for (let k = 0; k < count; k++) {
    if (!rebuilt.has(graph.operandAt(id, k))) continue;
    const operands = graph.operandIds(id).map((operand) => rebuilt.get(operand) ?? graph.expr(operand));
    return graph.withOrigin(graph.originOf(id), () => graph.withOperands(id, operands));
  }
  return graph.expr(id);
}

/** The roots with whole nodes replaced by others: `bindings` maps a node to what takes its place. */
export function substitute(roots: readonly Expr[], bindings: ReadonlyMap<Expr, Expr>): Expr[] {
  return rebuild(roots, (node) => bindings.get(node));
}
