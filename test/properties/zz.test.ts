import { it } from "vitest";
import { parseGraph } from "../../src/ir/parseGraph.ts";
import { primitiveNamed } from "../../src/ops/registry.ts";
import { showGraph } from "../../src/ir/show.ts";
import { gradient, hvp } from "../../src/autodiff/derivatives.ts";
import { executable } from "../../src/check/execute.ts";
import { interpret } from "../../src/interpreter/interpret.ts";
import { realField } from "../../src/interpreter/field.ts";
it("x", () => {
  const text = `nabla graph 1
%0 = param "c" : real[d]
%1 = param "M" : real[n, d]
%2 = data "y" : real[n]
%3 = contract (i0: n + 2) out[i0] += %2[i0 - 1] : real[n + 2]
%4 = contract (i0: n) out[i0] += %3[i0] : real[n]
%5 = contract (i0: d, i1: n) out[] += %0[i0] * %1[i1, i0] * %4[i1] : real
roots %5
`;
  const { roots, graph } = parseGraph({ name: "x", text }, primitiveNamed);
  const ps = [graph.expr(0), graph.expr(1)];
  const vs = ps.map((p) => graph.variable(p.shape));
  const h = hvp(roots[0]!, ps, vs);
  for (const k of [h, [h[0]!], [h[1]!]]) {
  console.log(showGraph(k));
  const f = executable(k);
  const b = { sizes: new Map([["n", 1], ["d", 1]]), values: new Map([[ps[0]!, [0.5]], [ps[1]!, [0.25]], [graph.expr(2), [0.75]], [vs[0]!, [1]], [vs[1]!, [2]]]) };
  console.log(f.source, f(b), interpret(k, b, realField));
  }
});
