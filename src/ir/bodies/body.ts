import { type Expr, Graph } from "../graph.ts";
import { typeKey } from "../operation.ts";
import { showGraph } from "../show.ts";
import { copyNodes } from "../walks/copy-graph.ts";
import { topologicalOrder } from "../walks/traverse.ts";

/**
 * A function of tensors as a graph of its own: leaves in the place of what it is given, and what it gives back. Names
 * are those of positions, so that bodies that differ in names alone have one key.
 */
export interface Body {
  readonly graph: Graph;
  readonly parameters: readonly Expr[];
  readonly roots: readonly Expr[];
  readonly key: string;
}

const graphs = new WeakSet<Graph>();

/** Whether a graph is that of a body: its leaves are what each call gives. */
export const isOfBody = (graph: Graph): boolean => graphs.has(graph);

/**
 * The body that computes `roots` from `parameters`, leaves of one graph; nothing else may vary. `order`: the ids of its
 * nodes, operands first, in the order that they are to have.
 */
export function bodyOf(parameters: readonly Expr[], roots: readonly Expr[], order?: readonly number[]): Body {
  const graph = new Graph();
  graphs.add(graph);
  const leaves = parameters.map(({ shape, dtype }, k) => graph.data(`p${k}`, shape, dtype));
  const given = new Map(parameters.map((parameter, k) => [parameter, leaves[k]!]));
  const copyOf = copyNodes(roots, graph, given, order);
  const copies = roots.map(copyOf);
  for (const node of topologicalOrder(copies)) {
    if (node.kind === "leaf" && !leaves.includes(node)) throw new Error("internal: a body reads what it is not given");
  }
  return { graph, parameters: leaves, roots: copies, key: `${leaves.map(typeKey).join(" ")}\n${showGraph(copies)}` };
}

/** What the body gives back for operands, as nodes of their graph. */
export function applied(body: Pick<Body, "parameters" | "roots">, to: Graph, operands: readonly Expr[]): Expr[] {
  const given = new Map(body.parameters.map((parameter, k) => [parameter, operands[k]!]));
  const copyOf = copyNodes(body.roots, to, given);
  return body.roots.map(copyOf);
}
