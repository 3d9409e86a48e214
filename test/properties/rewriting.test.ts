import { describe, expect, it } from "vitest";
import { gradient, hvp } from "../../src/autodiff/derivatives.ts";
import { codeLaw } from "../../src/check/laws.ts";
import { loops } from "../../src/extensions/loops.ts";
import { type Expr, Graph } from "../../src/ir/graph.ts";
import { showGraph } from "../../src/ir/show.ts";
import { primitiveNamed } from "../../src/ops/registry.ts";
import { graphCost, sizeHints } from "../../src/rewrite/cost.ts";
import { passes } from "../../src/rewrite/passes.ts";
import { rewrite, simplify } from "../../src/rewrite/rewrite.ts";
import type { Level } from "../../src/rewrite/rule.ts";
import { parseGraph } from "../ir/parse-graph.ts";
import { forPrograms } from "./subject.ts";

// property 9
describe.each<Level>(["exact", "all"])("simplifying at level %s before differentiation", (level) => {
  const law = codeLaw("", "", ({ loss, variables, v }, at) => {
    const [simple] = simplify([loss], { level }) as [Expr];
    return at.real([simple, ...gradient(simple, variables), ...hvp(simple, variables, v)]);
  });

  it("gives the derivatives of the function as written", () => {
    forPrograms(250, ({ derivatives, at }) => law.compare(derivatives, at));
  });
});

// property 20
describe("a graph", () => {
  const parse = (text: string, graph: Graph) =>
    parseGraph({ name: "graph", text }, primitiveNamed, graph, undefined, loops).roots;

  it("is the same nodes after printing and parsing", () => {
    forPrograms(200, ({ derivatives: { loss, all } }) => {
      expect(parse(showGraph(all), loss.graph)).toEqual(all);
      return [];
    });
  });

  it("prints the same text from another arena", () => {
    forPrograms(200, ({ derivatives: { loss, gradient: slopes } }) => {
      const text = showGraph([loss, ...slopes]);
      expect(showGraph(parse(text, new Graph()))).toBe(text);
      return [];
    });
  });

  // stable rules buy accuracy with operations: softplus costs more than log1p(exp); so do those that extensions bring
  const thrifty = passes.map(({ joinedBy: _further, ...pass }) => ({
    ...pass,
    rules: pass.rules.map(({ exact = [], real = [] }) => ({ exact, real })),
  }));

  it("costs no more after exact and real rewrites", () => {
    forPrograms(200, ({ derivatives: { all } }) => {
      const hints = sizeHints(all);
      const after = rewrite(all, thrifty, { phase: "last", hints });
      expect(graphCost(after, hints)).toBeLessThanOrEqual(graphCost(all, hints));
      return [];
    });
  });
});
