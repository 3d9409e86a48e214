import { describe, expect, it } from "vitest";
import { Derivatives } from "../../src/check/graphs.ts";
import { codeLaw } from "../../src/check/laws.ts";
import type { Expr } from "../../src/ir/graph.ts";
import { parseGraph } from "../../src/ir/parseGraph.ts";
import { showGraph } from "../../src/ir/show.ts";
import { primitiveNamed } from "../../src/ops/registry.ts";
import { graphCost, sizeHints } from "../../src/rewrite/cost.ts";
import { passes } from "../../src/rewrite/passes.ts";
import { rewrite, simplify } from "../../src/rewrite/rewrite.ts";
import type { Level } from "../../src/rewrite/rule.ts";
import { forPrograms } from "./subject.ts";

// property 9
describe.each<Level>(["exact", "all"])("simplifying at level %s before differentiation", (level) => {
  const law = codeLaw("", "", ({ loss, variables, names, v, products }, at) => {
    const [simple] = simplify([loss], { level }) as [Expr];
    const { gradient, products: after } = new Derivatives(simple, variables, names);
    expect(Object.keys(after)).toEqual(Object.keys(products));
    const stands = new Map(v.map((u, k) => [u, k]));
    expect(stands.size).toBe(v.length);
    return at.real([simple, ...gradient, ...after["reverse-over-reverse"]]);
  });

  it("gives the derivatives of the function as written, at kinks and ties too", () => {
    forPrograms(250, ({ derivatives, at }) => law.compare(derivatives, at));
  });
});
