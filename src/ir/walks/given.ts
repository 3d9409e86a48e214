import { isOfBody } from "../bodies/body.ts";
import type { Expr, Graph } from "../graph.ts";

/** Of the nodes of a graph looked at so far, 1 for those that a parameter or a stand-in is behind. */
const known = new WeakMap<Graph, number[]>();

/** Whether data, sizes and constants alone are behind a node. */
export function followsFromData({ graph, id }: Expr): boolean {
  const varies = known.get(graph) ?? [];
  known.set(graph, varies);
  while (varies.length <= id) varies.push(variesAt(graph, varies.length, varies));
  return varies[id] === 0;
}

function variesAt(graph: Graph, id: number, varies: readonly number[]): number {
  if (graph.kindOf(id) === "leaf") return graph.leafOf(id).role === "data" && !isOfBody(graph) ? 0 : 1;
  for (let k = graph.operandCount(id) - 1; k >= 0; k--) if (varies[graph.operandAt(id, k)]) return 1;
  return 0;
}
