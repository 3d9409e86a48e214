import type { RandomProgram } from "../../src/check/programs/programs.ts";
import { loops } from "../../src/extensions/loops.ts";
import type { Expr } from "../../src/ir/graph.ts";
import { Graph } from "../../src/ir/graph.ts";
import { showGraph } from "../../src/ir/show.ts";
import { routineKernel } from "../../src/ops/linear-algebra/registry.ts";
import { primitiveNamed } from "../../src/ops/registry.ts";
import { parseGraph } from "../ir/parse-graph.ts";

/** The program with numbers in place of its sizes, as a model of fixed shapes has them: read back from its text. */
export function withLiteralSizes(program: RandomProgram): RandomProgram {
  const { output, parts, parameters, data, sizes, values } = program;
  const nodes = [output, ...parts, ...parameters, ...data];
  const text = showGraph(nodes).replace(/"[^"]*"|\b[nd]\b/g, (word) => String(sizes.get(word) ?? word));
  const { graph, roots } = parseGraph({ name: "literal", text }, primitiveNamed, new Graph(), routineKernel, loops);
  const copyOf = new Map<Expr, Expr>(nodes.map((node, k) => [node, roots[k]!]));
  const copies = (list: readonly Expr[]) => list.map((node) => copyOf.get(node)!);
  return {
    graph,
    output: copyOf.get(output)!,
    parts: copies(parts),
    parameters: copies(parameters),
    data: copies(data),
    sizes,
    values: new Map([...values].map(([leaf, list]) => [copyOf.get(leaf)!, list])),
  };
}
