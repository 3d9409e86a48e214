import { describe, expect, it } from "vitest";
import { executable } from "../../src/check/execute.ts";
import { codeLaw, exactLaw } from "../../src/check/laws.ts";
import type { Expr } from "../../src/ir/graph.ts";
import { topologicalOrder } from "../../src/ir/traverse.ts";
import { simplify } from "../../src/rewrite/rewrite.ts";
import type { Level } from "../../src/rewrite/rule.ts";
import { forPrograms } from "./subject.ts";

// Property 8: interpreter of the raw graph = interpreter of the rewritten graph = generated code, for value, gradient
// and Hessian-vector product.

const rewritten = (level: Level) => codeLaw("", "", ({ all }, at) => at.real(simplify(all, { level, last: true })));
const generated = (level: Level, ordered: boolean) =>
  codeLaw("", "", ({ all }, at) => executable(simplify(all, { level, last: true }), { ordered })(at.bindings));

/**
 * True when sums run over one iterator and products have two factors: canonical form numbers summed iterators by first
 * appearance and sorts factors by id, so that rebuilding others may add or multiply in another order.
 */
function hasOneOrder(roots: readonly Expr[]): boolean {
  return topologicalOrder(roots).every(({ kind, graph, id }) => {
    if (kind !== "contraction") return true;
    const { factors, extents, shape } = graph.contractionOf(id);
    return factors.length <= 2 && extents.length - shape.length <= 1;
  });
}

describe("loss, gradient and Hessian-vector product", () => {
  it("are the interpreter's bits in code with ordered sums, exactly rewritten", () => {
    forPrograms(250, ({ derivatives, at }) => exactLaw.compare(derivatives, at));
  });

  it("keep their bits under exact rewrites, where sums have one order", () => {
    let judged = 0;
    forPrograms(300, ({ derivatives: { all }, at }) => {
      const after = simplify(all, { level: "exact", last: true });
      if (!hasOneOrder([...all, ...after])) return [];
      judged++;
      const [expected, got] = [at.real(all).flat(), at.real(after).flat()];
      return expected.map((value, k) => ({ where: `${k}`, got: got[k]!, expected: value, tolerance: 0 }));
    });
    expect(judged).toBeGreaterThan(60);
  });

  it("stay within rounding under all rewrites", () => {
    forPrograms(250, ({ derivatives, at }) => rewritten("all").compare(derivatives, at));
  });

  it("stay within rounding in code as it is built, unrewritten", () => {
    forPrograms(250, ({ derivatives, at }) => generated("none", false).compare(derivatives, at));
  });

  it("stay within rounding in code with all rewrites", () => {
    forPrograms(250, ({ derivatives, at }) => generated("all", false).compare(derivatives, at));
  });
});
