import type { Expr, Graph } from "../graph.ts";
import { dependentOn } from "../walks/dependence.ts";
import { idsUnder } from "../walks/traverse.ts";

/**
 * What a body takes from outside: the nodes that its roots read and that depend on none of the body's variables. They
 * are computed once, outside. Numbers, sizes, positions and tables belong to the body; a value that is only spread along
 * axes is taken before it is spread, and so is one that is compared there: `edge[k] == i` is a condition on positions.
 */
export function capturedBy(roots: readonly Expr[], variables: readonly Expr[]): Expr[] {
  const graph = roots[0]?.graph;
  if (!graph) return [];
  const ids = idsUnder(roots);
  const varying = dependentOn(graph, ids, variables);
  const spread = spreadAmong(graph, ids);
  const captured = new Set<Expr>();
  const seen = new Set<number>();
  const pending = roots.map(({ id }) => id);
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    if (varying.has(id) || spread.has(id)) pending.push(...graph.operandIds(id));
    else if (!isClosed(graph, id)) captured.add(graph.expr(id));
  }
  return [...captured].sort((a, b) => a.id - b.id);
}

function isClosed(graph: Graph, id: number): boolean {
  const kind = graph.kindOf(id);
  return kind === "constant" || kind === "tensor" || kind === "size" || kind === "iota";
}

/** What repeats something of fewer axes: views, and conditions and whole numbers made of such views and of positions, with conversions. */
function spreadAmong(graph: Graph, ids: readonly number[]): ReadonlySet<number> {
  const spread = new Set<number>();
  for (const id of ids) {
    const isOfPositions =
      graph.kindOf(id) === "map" && (graph.dtypeOf(id) !== "real" || graph.primitiveOf(id).cost === 0);
    const operands = graph.operandIds(id);
    const isSpread = isOfPositions && operands.every((operand) => spread.has(operand) || isClosed(graph, operand));
    if (isSpread || repeats(graph, id)) spread.add(id);
  }
  return spread;
}

/** A view that repeats something of fewer axes. */
function repeats(graph: Graph, id: number): boolean {
  if (!graph.isView(id)) return false;
  const { factors, guards, shape } = graph.contractionOf(id);
  const [only] = factors;
  const operand = graph.operandAt(id, only!.operand);
  return guards.length === 0 && graph.operandCount(id) === 1 && graph.shapeOf(operand).length < shape.length;
}
