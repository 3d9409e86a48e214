import { expect, it } from "vitest";
import { gradient, hvp } from "../../src/autodiff/derivatives.ts";
import { executable } from "../../src/check/execute.ts";
import { forVectors } from "../../src/emit/wasm/vector-loop.ts";
import { Graph } from "../../src/ir/graph.ts";
import { primitiveNamed } from "../../src/ops/registry.ts";
import { simplify } from "../../src/rewrite/rewrite.ts";
import { compileWasm } from "../emit/wasm/compile-wasm.ts";
import { parseGraph } from "../ir/parse-graph.ts";
import "../emit/wasm/relaxed.ts";

// A product over two elements is differentiated by products over those before and behind, in loops that end one round earlier.
// Rows of which there is one go along with these, and not with loops of two rounds: JavaScript drops what is written behind an
// array, WebAssembly writes it into the next one.
const text = `nabla graph 1
%0 = param "a" : real
%1 = param "c" : real[2]
%2 = param "M" : real[1, 2]
%3 = add %0 %0 : real
%4 = contract (i0: 1) out[i0] += %0[] : real[1]
%5 = constant 0.5 : real[2]
%6 = mul %1 %5 : real[2]
%7 = mul %6 %6 : real[2]
%8 = mul %6 %7 : real[2]
%9 = mul %5 %8 : real[2]
%10 = constant 0.015625 : real[2]
%11 = mul %9 %10 : real[2]
%12 = reduce prod (i0: 2) out[] prod= %11[i0] : real
%13 = contract (i0: 1) out[i0] += %2[i0, 0] : real[1]
%14 = contract (i0: 1) out[] += %4[i0] : real
%15 = contract (i0: 1) out[] += %13[i0] : real
%16 = add %3 %14 %12 %15 : real
roots %16
`;

it("loops of one round and of two are not taken for the same", () => {
  const graph = new Graph();
  const [loss] = parseGraph({ name: "graph", text }, primitiveNamed, graph).roots;
  const leaves = [0, 1, 2].map((id) => graph.expr(id));
  const directions = leaves.map(({ shape }, k) => graph.data(`v${k}`, shape));
  const points = [[-1.97], [-0.75, 0.5], [-0.25, 1.125]];
  const values = new Map([...leaves, ...directions].map((leaf, k) => [leaf, points[k % 3]!]));
  const slopes = gradient(loss!, leaves);
  const products = hvp(loss!, leaves, directions);
  const roots = simplify([loss!, ...slopes, ...products], { level: "none", last: true });
  const bindings = { sizes: new Map<string, number>(), values };
  const expected = executable(roots, { forVectors })(bindings);
  expect(expected[0]![0]).toBeCloseTo(3 * -1.97 - 0.25, 5);
  expect(executable(roots, { forVectors }, compileWasm)(bindings)).toEqual(expected);
});
