import { it } from "vitest";
import { gradient, hessian, hvp } from "../../src/autodiff/derivatives.ts";
import { iterators } from "../../src/ir/contraction.ts";
import { Graph } from "../../src/ir/graph.ts";
import { Integer } from "../../src/ir/integer.ts";
import { topologicalOrder } from "../../src/ir/traverse.ts";
import { add, div, mul, neg, square } from "../../src/ops/algebra.ts";
import { toReal } from "../../src/ops/cast.ts";
import { axes, contract, sum, view } from "../../src/ops/contractions.ts";
import { exp, log1p } from "../../src/ops/exponential.ts";
import { graphCost, sizeHints } from "../../src/rewrite/cost.ts";
import { simplify } from "../../src/rewrite/rewrite.ts";

function print(roots: any[]) {
  for (const n of topologicalOrder(roots)) {
    const g = n.graph;
    const ops = n.operands.map((o: any) => `%${o.id}`).join(" ");
    let text: string = n.kind;
    if (n.kind === "map") text = g.primitiveOf(n.id).name;
    if (n.kind === "constant") text = String(g.constantOf(n.id));
    if (n.kind === "leaf") text = g.leafOf(n.id).name;
    if (n.kind === "size") text = "size " + g.sizeOf(n.id);
    if (n.kind === "contraction") {
      const c = g.contractionOf(n.id);
      text = `sum (${c.extents.join(", ")}) [${c.output.join(", ")}] += ${c.factors.map((f) => `%${n.operands[f.operand].id}[${f.index.join(", ")}]`).join(" * ")} ${c.guards.length ? "where " + c.guards.map((q) => `0<=${q.index}<${q.extent}`).join(" && ") : ""}`;
    }
    console.log(`%${n.id} = ${text} ${ops} : [${n.shape.join(", ")}]`);
  }
}
it("logistic", () => {
  const g = new Graph();
  const n = Integer.named("n"),
    d = Integer.named("d");
  const X = g.data("X", [n, d]),
    y = g.data("y", [n]),
    w = g.param("w", [d]),
    b = g.param("b");
  const Xw = contract({
    extents: [n, d],
    output: [iterators(0)],
    shape: [n],
    factors: [
      { of: X, index: axes(2) },
      { of: w, index: [iterators(1)] },
    ],
  });
  const margin = mul(neg(y), add(Xw, view(b, [n], [])));
  const loss = div(sum(log1p(exp(margin))), toReal(g.size(n)));
  const u = g.data("v", [d]);
  for (const roots of [[loss], gradient(loss, [w, b]), hvp(loss, [w], [u]), [hessian(loss, w)]]) {
    const hints = sizeHints(roots);
    console.log("---- before", graphCost(roots, hints));
    print(roots);
    const after = simplify(roots);
    console.log("---- after", graphCost(after, hints));
    print(after);
  }
});
