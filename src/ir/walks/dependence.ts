import type { Graph } from "../graph.ts";

/** Which nodes of a graph depend on some variables. */
export interface Dependence {
  /** True of a variable, and of what depends on one. */
  readonly has: (id: number) => boolean;
}

/** Which of the nodes `ids`, operands first, depend on a variable. Takes time linear in what is given. */
export function dependentOn(
  graph: Graph,
  ids: readonly number[],
  variables: readonly { readonly id: number }[],
): Dependence {
  // nothing with a lower id depends on a variable
  const lowest = variables.reduce((least, { id }) => Math.min(least, id), graph.length);
  const highest = variables.reduce((most, { id }) => Math.max(most, id), ids.at(-1) ?? 0);
  const marks = new Uint8Array(Math.max(0, highest + 1 - lowest));
  const has = (id: number) => id >= lowest && marks[id - lowest] === 1;
  for (const { id } of variables) marks[id - lowest] = 1;
  for (const id of ids) {
    for (let k = graph.operandCount(id) - 1; k >= 0; k--) {
      if (!has(graph.operandAt(id, k))) continue;
      marks[id - lowest] = 1;
      break;
    }
  }
  return { has };
}
