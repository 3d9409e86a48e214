import type { Expr, Graph } from "../../ir/graph.ts";
import { dependentOn } from "../../ir/walks/dependence.ts";
import { idsUnder } from "../../ir/walks/traverse.ts";
import { estimate, graphCost, nodeCost, type SizeHints } from "../../rewrite/cost.ts";

/** Operations that an element has to take so that it is rather read than computed again. */
const worthwhile = 4;

/** What has to be saved of a call, and in operations, to be worth a function of its own. */
const [leastShare, leastOperations] = [0.01, 1000];

/** Each is an array of the binding's. */
const mostPrepared = 64;

/**
 * The largest parts of expressions that follow from data alone and take more than reading them would. They are the same at
 * every call: a binding computes them once.
 */
export function preparable(roots: readonly Expr[], variables: ReadonlySet<Expr>, hints: SizeHints): Expr[] {
  const graph = roots[0]?.graph;
  if (!graph) return [];
  const ids = idsUnder(roots);
  const varies = variesWith(graph, ids, variables);
  const work = workOf(graph, ids, varies, hints);
  const isWorthwhile = (id: number) => canBeKept(graph, id) && work.get(id)! >= worthwhile * countOf(id);
  const countOf = (id: number) => graph.shapeOf(id).reduce((count, size) => count * estimate(size, hints), 1);
  const candidates = new Set([...work.keys()].filter(isWorthwhile));
  if (candidates.size === 0) return [];
  const chosen = new Set<number>();
  const seen = new Set<number>();
  const pending = roots.flatMap(({ id }) => (varies(id) ? [id] : []));
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    if (candidates.has(id)) chosen.add(id);
    else for (let k = graph.operandCount(id) - 1; k >= 0; k--) pending.push(graph.operandAt(id, k));
  }
  if (chosen.size === 0) return [];
  const largest = [...chosen].sort((a, b) => work.get(b)! - work.get(a)!).slice(0, mostPrepared);
  const prepared = largest.map((id) => graph.expr(id));
  const isWorthIt = [hints, few(hints)].some(
    (each) => graphCost(prepared, each) >= leastShare * graphCost(roots, each),
  );
  return isWorthIt && graphCost(prepared, hints) >= leastOperations ? prepared : [];
}

/** Sizes that leave more to what grows slowly, beside columns and factorisations. */
const few =
  (hints: SizeHints): SizeHints =>
  (name) =>
    Math.min(hints(name), 10);

/** The nodes that follow from variables, or from what a call brings. */
function variesWith(graph: Graph, ids: readonly number[], variables: ReadonlySet<Expr>): (id: number) => boolean {
  const leaves = ids.filter((id) => graph.kindOf(id) === "leaf").map((id) => graph.expr(id));
  const varying = leaves.filter((leaf) => graph.leafOf(leaf.id).role === "variable" || variables.has(leaf));
  return dependentOn(graph, ids, varying).has;
}

/** Operations behind nodes that do not vary, about: what two read counts twice. */
function workOf(
  graph: Graph,
  ids: readonly number[],
  varies: (id: number) => boolean,
  hints: SizeHints,
): Map<number, number> {
  const work = new Map<number, number>();
  for (const id of ids) {
    if (varies(id)) continue;
    let operations = estimate(nodeCost(graph, id), hints);
    for (let k = graph.operandCount(id) - 1; k >= 0; k--) operations += work.get(graph.operandAt(id, k))!;
    work.set(id, operations);
  }
  return work;
}

/** Whole numbers stay where they are, for lookups by them know their range; views cost nothing. */
function canBeKept(graph: Graph, id: number): boolean {
  const kind = graph.kindOf(id);
  const isComputed = kind === "map" || kind === "contraction" || kind === "reduce" || kind === "operation";
  return isComputed && graph.dtypeOf(id) === "real" && !(kind === "contraction" && graph.isView(id));
}
