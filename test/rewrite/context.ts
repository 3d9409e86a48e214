import type { Graph } from "../../src/ir/graph.ts";
import type { Facts } from "../../src/rewrite/facts/facts.ts";
import type { Context } from "../../src/rewrite/rule.ts";

/** Facts that hold of everything: tests draw from where a rule's side condition holds. */
export const granted = new Proxy({}, { get: () => () => true }) as Facts;

/** What rules are told where nothing else uses a node. */
export const alone = (graph: Graph, facts: Facts): Context => ({
  graph,
  facts,
  hints: () => 1,
  isShared: () => false,
  isUsed: () => false,
  isTakenBy: () => false,
});
