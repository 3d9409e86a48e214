import type { Body } from "../ir/bodies/body.ts";
import type { Expr, Graph } from "../ir/graph.ts";
import { Integer } from "../ir/integer.ts";
import type { Operation } from "../ir/operation.ts";
import { reachableIds } from "../ir/walks/traverse.ts";
import type { Terms } from "../ops/arrays/contractions.ts";

/** What a size is taken to be when costs are compared. */
export type SizeHints = (name: string) => number;

const typicalData = 1000;
const typicalParameter = 100;
/** Steps of a loop of unknown length. */
const typicalSteps = 10;

/** Hints for the sizes that the roots mention: those given, else data sizes large against parameter sizes. */
export function sizeHints(roots: readonly Expr[], given: ReadonlyMap<string, number> = new Map()): SizeHints {
  const parameterSizes = new Set<string>();
  const graph = roots[0]?.graph;
  for (const id of graph ? reachableIds(graph, idsOf(roots)) : []) {
    if (graph!.kindOf(id) !== "leaf" || graph!.leafOf(id).role !== "param") continue;
    for (const size of graph!.shapeOf(id)) for (const name of size.names()) parameterSizes.add(name);
  }
  return (name) => given.get(name) ?? (parameterSizes.has(name) ? typicalParameter : typicalData);
}

/** A size or cost as a number under the hints; an unknown lookup counts as 0. */
export function estimate(size: Integer, hints: SizeHints): number {
  return size.value ?? size.evaluate((atom) => (atom.kind === "name" ? hints(atom.name) : 0));
}

/** Negative when `a` is the cheaper one under the hints. */
export function compareCost(a: Integer, b: Integer, hints: SizeHints): number {
  return a.key === b.key ? 0 : estimate(a.minus(b), hints);
}

/** Recomputing up to this many operations costs no more than a store and a load; a division costs more. */
export const cheap = 3;
/** What costs as much is computed once where several places need it. */
export const expensive = 10;

/** True where elements of a node are looked up more than once, as nodes of a graph by its edges: so many reads are more than it has. */
export function isMetAgain(node: Expr, reads: Integer, hints: SizeHints): boolean {
  const elements = elementCount(node);
  return !elements.equals(reads) && compareCost(elements, reads, hints) <= 0;
}

/** How many elements a node has. */
export function elementCount(node: Expr): Integer {
  return Integer.product(node.shape);
}

/** Multiply-adds of a contraction or reduce: one operation a factor for every point of the domain. */
export function termsCost(terms: Terms): Integer {
  return Integer.product(terms.extents).times(Math.max(1, terms.factors.length));
}

/** Operations to compute a node from its operands; views are recomputed where they are read and cost nothing. */
export function nodeCost(graph: Graph, id: number): Integer {
  switch (graph.kindOf(id)) {
    case "map": {
      const { cost } = graph.primitiveOf(id);
      const pairs = graph.primitiveOf(id).arity === "variadic" ? graph.operandCount(id) - 1 : 1;
      return Integer.product(graph.shapeOf(id)).times(Math.ceil(cost) * pairs);
    }
    case "contraction":
      return graph.isView(id) ? Integer.zero : termsCost(structureAsTerms(graph, id));
    case "reduce":
      return termsCost(structureAsTerms(graph, id));
    case "operation": {
      // the results of one call are computed together
      const operation = graph.operationOf(id);
      return operationCost(operation).floorDiv(operation.results.length);
    }
    default:
      return Integer.zero;
  }
}

/** Operations of one call; of a choice those of both sides. */
function operationCost(operation: Operation): Integer {
  switch (operation.kind) {
    case "kernel":
      return operation.cost;
    case "scan":
      return bodyCost(operation.body).times(operation.length);
    case "while":
      return bodyCost(operation.body).times(typicalSteps);
    case "implicit":
      return bodyCost(operation.solver).times(typicalSteps);
    case "definition":
      return bodyCost(operation.body);
    case "choice":
      return bodyCost(operation.yes).plus(bodyCost(operation.no));
  }
}

function bodyCost({ graph, roots }: Body): Integer {
  return Integer.sum(reachableIds(graph, idsOf(roots)).map((id) => nodeCost(graph, id)));
}

/** Operations to compute the roots, every node once. */
export function graphCost(roots: readonly Expr[], hints: SizeHints): number {
  const graph = roots[0]?.graph;
  if (!graph) return 0;
  return reachableIds(graph, idsOf(roots)).reduce((sum, id) => sum + estimate(nodeCost(graph, id), hints), 0);
}

/** The same over sizes. */
export function graphOperations(roots: readonly Expr[]): Integer {
  const graph = roots[0]?.graph;
  return Integer.sum(graph ? reachableIds(graph, idsOf(roots)).map((id) => nodeCost(graph, id)) : []);
}

function structureAsTerms(graph: Graph, id: number): Terms {
  const structure = graph.contractionOf(id);
  return { ...structure, factors: structure.factors.map(({ index }) => ({ of: graph.expr(id), index })) };
}

function idsOf(roots: readonly Expr[]): number[] {
  return roots.map(({ id }) => id);
}
