import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Expr, Graph } from "../../src/ir/graph.ts";
import { reachableIds } from "../../src/ir/walks/traverse.ts";
import { add, mul } from "../../src/ops/elementary/algebra.ts";
import { exp } from "../../src/ops/elementary/exponential.ts";
import { sin } from "../../src/ops/elementary/trigonometric.ts";
import { Funnels } from "../../src/rewrite/facts/funnels.ts";

/** Nodes over two leaves, each of one or two earlier ones. */
const graphs = fc.array(fc.tuple(fc.nat(3), fc.nat(7), fc.nat(7)), { minLength: 1, maxLength: 14 }).map((choices) => {
  const graph = new Graph();
  const nodes: Expr[] = [graph.param("x"), graph.param("y")];
  for (const [how, back, further] of choices) {
    const at = (distance: number) => nodes[Math.max(0, nodes.length - 1 - distance)]!;
    const [a, b] = [at(back), at(further)];
    nodes.push(how === 0 ? sin(a) : how === 1 ? exp(a) : how === 2 ? add(a, b) : mul(a, 3));
  }
  return { graph, nodes };
});

/** True where no leaf can be reached from the node but through the base. */
function isFunctionOf(graph: Graph, id: number, base: number): boolean {
  const seen = new Set<number>();
  const pending = [id];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next === base || seen.has(next)) continue;
    seen.add(next);
    if (graph.kindOf(next) === "leaf") return false;
    pending.push(...graph.operandIds(next));
  }
  return true;
}

describe("Funnels", () => {
  it("lead to just what a node is a function of alone", () => {
    fc.assert(
      fc.property(graphs, ({ graph, nodes }) => {
        const funnels = new Funnels(graph);
        for (const { id } of nodes) {
          for (const base of reachableIds(graph, [id])) {
            if (graph.kindOf(base) === "constant") continue;
            expect(funnels.leadTo(id, base)).toBe(isFunctionOf(graph, id, base));
          }
        }
      }),
      { numRuns: 500, seed: 3 },
    );
  });

  it("are found in a graph of any depth", () => {
    const x = new Graph().param("x");
    let [a, b] = [sin(x), exp(x)];
    for (let k = 0; k < 30_000; k++) [a, b] = [sin(a), add(exp(b), a)];
    const funnels = new Funnels(x.graph);
    expect(funnels.leadTo(a.id, x.id)).toBe(true);
    expect(funnels.leadTo(b.id, a.id)).toBe(false);
  });
});
