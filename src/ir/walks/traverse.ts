import type { Expr, Graph } from "../graph.ts";

/** Ids of the nodes that the roots need, in increasing order (operands first), from `lowest` on. */
export function reachableIds(graph: Graph, roots: readonly number[], lowest = 0): number[] {
  let highest = -1;
  for (const root of roots) highest = Math.max(highest, root);
  const marks = new Uint8Array(highest + 1);
  for (const root of roots) marks[root] = 1;
  let count = 0;
  for (let id = highest; id >= lowest; id--) {
    if (marks[id] === 0) continue;
    count++;
    for (let k = graph.operandCount(id) - 1; k >= 0; k--) marks[graph.operandAt(id, k)] = 1;
  }
  const found = new Array<number>(count);
  for (let id = highest; count > 0; id--) if (marks[id] === 1) found[--count] = id;
  return found;
}

/** Ids of the nodes that the roots need, operands first. All roots belong to one graph. */
export function idsUnder(roots: readonly Expr[]): number[] {
  const graph = roots[0]?.graph;
  if (!graph) return [];
  return reachableIds(
    graph,
    roots.map(({ id }) => id),
  );
}

/** The nodes that the roots need, operands first. */
export function topologicalOrder(roots: readonly Expr[]): Expr[] {
  return idsUnder(roots).map((id) => roots[0]!.graph.expr(id));
}

/** The leaves that the roots read. */
export function leavesUnder(roots: readonly Expr[]): Set<Expr> {
  const graph = roots[0]?.graph;
  if (!graph) return new Set();
  const leaves = idsUnder(roots).filter((id) => graph.kindOf(id) === "leaf");
  return new Set(leaves.map((id) => graph.expr(id)));
}

/**
 * The roots with some nodes replaced, and every node above them rebuilt. `replace` sees a node whose operands are
 * final, and the one that it was; what it returns stands in the node's place, `undefined` keeps the node.
 */
export function rebuild(roots: readonly Expr[], replace: (node: Expr, original: Expr) => Expr | undefined): Expr[] {
  const graph = roots[0]?.graph;
  if (!graph) return [];
  const ids = idsUnder(roots);
  const highest = roots.reduce((most, { id }) => Math.max(most, id), 0);
  // one more than the id of what takes a node's place; 0 for nodes that stay
  const successors = new Int32Array(highest + 1);
  const formOf = (id: number) => successors[id]! - 1;
  for (const id of ids) {
    const node = graph.expr(withNewOperands(graph, id, formOf));
    const result = replace(node, graph.expr(id)) ?? node;
    if (result.id !== id) successors[id] = result.id + 1;
  }
  graph.names.pass((id) => (id <= highest && formOf(id) >= 0 ? formOf(id) : id));
  return roots.map((root) => (formOf(root.id) < 0 ? root : graph.expr(formOf(root.id))));
}

/** The node over the new forms of its operands; `formOf` is negative for those that stay. */
function withNewOperands(graph: Graph, id: number, formOf: (operand: number) => number): number {
  const count = graph.operandCount(id);
  for (let k = 0; k < count; k++) {
    if (formOf(graph.operandAt(id, k)) < 0) continue;
    const operands = graph.operandIds(id).map((operand) => (formOf(operand) < 0 ? operand : formOf(operand)));
    return graph.withOperandIds(id, operands);
  }
  return id;
}

/** The roots with whole nodes replaced by others: `bindings` maps a node to what takes its place, also of one in another. */
export function substitute(roots: readonly Expr[], bindings: ReadonlyMap<Expr, Expr>): Expr[] {
  return rebuild(roots, (_, original) => bindings.get(original));
}

/** The ids under the roots, operands first, not looking below what is given. */
export function idsAbove(roots: readonly Expr[], given: Pick<ReadonlyMap<Expr, unknown>, "has" | "size">): number[] {
  const { graph } = roots[0]!;
  if (given.size === 0) return idsUnder(roots);
  const seen = new Set<number>();
  const pending = roots.map(({ id }) => id);
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    if (seen.has(id) || given.has(graph.expr(id))) continue;
    seen.add(id);
    for (let k = graph.operandCount(id) - 1; k >= 0; k--) pending.push(graph.operandAt(id, k));
  }
  return [...seen].sort((a, b) => a - b);
}
