import { it } from "vitest";
import { gradient } from "../../src/autodiff/derivatives.ts";
import { Graph } from "../../src/ir/graph.ts";
import { Integer } from "../../src/ir/integer.ts";
import { stack } from "../../src/ops/arrays.ts";
import { dot, view } from "../../src/ops/contractions.ts";
import { exp } from "../../src/ops/exponential.ts";
import { lower } from "../../src/lower/lower.ts";
import { simplify } from "../../src/rewrite/rewrite.ts";
import { executable } from "../../src/check/execute.ts";
import { workOf } from "./operations.ts";
it("x", () => {
  for (const c of [4, 5, 20, 40, 500, 1000, 2000]) {
    const x = new Graph().param("x", [Integer.constant(c)]);
    const z = stack(Array.from({ length: c }, (_, k) => exp(view(x, [], [Integer.constant(k)]))));
    const l = dot(z, z); const [g] = gradient(l, [x]);
    for (const roots of [simplify([z, l], { last: true }), simplify([z, l, g!], { last: true })]) console.log(c, workOf(lower(roots.map((node, k) => ({ name: "r" + k, node }))), new Map()));
    if (c <= 5) console.log(executable(simplify([z, l, g!], { last: true })).source.split("return [")[0]);
  }
});
