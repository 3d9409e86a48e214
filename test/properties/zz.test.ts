import { it } from "vitest";
import { parseGraph } from "../../src/ir/parseGraph.ts";
import { primitiveNamed } from "../../src/ops/registry.ts";
import { gradient, hvp } from "../../src/autodiff/derivatives.ts";
import { simplify } from "../../src/rewrite/rewrite.ts";
it("x", () => {
  const text = `nabla graph 1
%0 = param "a" : real
%1 = param "r" : real[n]
%2 = constant 0.3 : real[n]
%3 = less %1 %2 : bool[n]
%4 = select %3 %1 %1 : real[n]
%5 = contract (i0: n, i1: d) out[i0, i1] += %4[i0] : real[n, d]
%6 = less %4 %2 : bool[n]
%7 = select %6 %1 %1 : real[n]
%8 = contract (i0: n) out[i0] += %0[] : real[n]
%9 = contract (i0: n, i1: d) out[] += %5[i0, i1] : real
%10 = contract (i0: n) out[] += %7[i0] : real
%11 = contract (i0: n) out[] += %8[i0] : real
%12 = add %9 %10 %11 : real
roots %12
`;
  const { roots, graph } = parseGraph({ name: "x", text }, primitiveNamed);
  const g = gradient(roots[0]!, [graph.param("a"), graph.expr(1)]);
  try { simplify([...roots, ...g], { last: true }); } catch (e) { console.log((e as Error).stack); }
});
