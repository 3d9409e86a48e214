import type { Body } from "../bodies/body.ts";
import type { Expr, Graph } from "../graph.ts";
import type { Integer } from "../integer.ts";
import type { Operation } from "../operation.ts";
import { idsUnder } from "./traverse.ts";

/** The bodies that state an operation. */
export function bodiesOf(operation: Operation): readonly Body[] {
  switch (operation.kind) {
    case "kernel":
      return [];
    case "choice":
      return [operation.yes, operation.no];
    case "implicit":
      return [operation.solver, operation.residual];
    default:
      return [operation.body];
  }
}

/** Every symbolic integer that a node holds itself: its shape, its domain and indices, how often it repeats. */
export function integersOf(graph: Graph, id: number): readonly Integer[] {
  const own = graph.shapeOf(id);
  switch (graph.kindOf(id)) {
    case "size":
      return [...own, graph.sizeOf(id)];
    case "operation": {
      const operation = graph.operationOf(id);
      if (operation.kind === "scan") return [...own, operation.length];
      return operation.kind === "while" ? [...own, operation.limit] : own;
    }
    case "contraction":
    case "reduce": {
      const { extents, output, factors, guards } = graph.contractionOf(id);
      const conditions = guards.flatMap(({ index, extent }) => (extent ? [index, extent] : [index]));
      return [...own, ...extents, ...output, ...factors.flatMap(({ index }) => index), ...conditions];
    }
    default:
      return own;
  }
}

/** Every node that the roots need, with its graph, in the bodies of operations too. */
export function* nodesWithin(roots: readonly Expr[]): Generator<{ readonly graph: Graph; readonly id: number }> {
  const met = new Set<Body>();
  const pending = [roots];
  for (let list = pending.pop(); list; list = pending.pop()) {
    const graph = list[0]?.graph;
    if (!graph) continue;
    for (const id of idsUnder(list)) {
      yield { graph, id };
      if (graph.kindOf(id) !== "operation") continue;
      for (const body of bodiesOf(graph.operationOf(id))) {
        if (!met.has(body)) pending.push(body.roots);
        met.add(body);
      }
    }
  }
}

/** The names of all sizes that evaluating the roots needs, in the bodies of operations too. */
export function sizeNamesOf(roots: readonly Expr[]): Set<string> {
  const names = new Set<string>();
  // most nodes are of the same few shapes
  const seen = new Set<Integer>();
  for (const { graph, id } of nodesWithin(roots)) {
    for (const integer of integersOf(graph, id)) {
      if (seen.has(integer)) continue;
      seen.add(integer);
      for (const name of integer.names()) names.add(name);
    }
  }
  return names;
}
