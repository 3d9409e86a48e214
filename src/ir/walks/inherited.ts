import type { Graph } from "../graph.ts";

/** Whether something holds of a node, or else of an operand; found once for each node. */
export function inherited(
  holds: (graph: Graph, id: number) => boolean | undefined,
): (graph: Graph, id: number) => boolean {
  const ofGraphs = new WeakMap<Graph, boolean[]>();
  return (graph, id) => {
    const known = ofGraphs.get(graph) ?? [];
    ofGraphs.set(graph, known);
    for (let next = known.length; next <= id; next++) {
      let found = holds(graph, next);
      for (let k = graph.operandCount(next) - 1; !found && found !== false && k >= 0; k--) {
        if (known[graph.operandAt(next, k)]) found = true;
      }
      known.push(found ?? false);
    }
    return known[id]!;
  };
}
