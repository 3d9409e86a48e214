import type { Expr } from "../ir/graph.ts";
import { substitute } from "../ir/walks/traverse.ts";
import type { CompilableModel } from "./compile.ts";

/**
 * The model with varied leaves in the place of the data that derivatives are taken in, by those of these names or by the model
 * itself: what is true of data that stay as they are is not true of these. Parameters are leaves that vary anyway.
 */
export function withVaried(model: CompilableModel, names: Iterable<string> = []): CompilableModel {
  const { graph, data, loss, outputs, requirements = [] } = model;
  const wanted = new Set([...names, ...(model.varied ?? [])]);
  const leaves = new Map<Expr, Expr>();
  for (const { name, expr } of data) {
    if (wanted.has(name) && graph.leafOf(expr.id).role === "data" && expr.dtype === "real")
      leaves.set(expr, graph.varied(name, expr.shape));
  }
  if (leaves.size === 0) return model;
  const given = [
    ...(loss ? [loss] : []),
    ...outputs.values(),
    ...requirements.flatMap(({ index, guard, tested }) => [index, guard, tested].filter((part) => part !== undefined)),
  ];
  const made = substitute(given, leaves);
  const forms = new Map([...leaves, ...given.map((node, k) => [node, made[k]!] as const)]);
  const formOf = (node: Expr) => forms.get(node) ?? node;
  return {
    ...model,
    data: data.map((leaf) => ({ ...leaf, expr: formOf(leaf.expr) })),
    loss: loss && formOf(loss),
    outputs: new Map([...outputs].map(([name, node]) => [name, formOf(node)])),
    requirements: requirements.map((each) => ({
      ...each,
      index: formOf(each.index),
      guard: each.guard && formOf(each.guard),
      tested: each.tested && formOf(each.tested),
    })),
  };
}
