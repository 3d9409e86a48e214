import { it, expect } from "vitest";
import { elaborate } from "../../src/check/programs.ts";
import { interpret } from "../../src/interpreter/interpret.ts";
import { realField, complexField } from "../../src/interpreter/field.ts";
import { gradient, jvp } from "../../src/autodiff/derivatives.ts";
import { pathSums, roundingSums } from "../../src/check/absolute.ts";
import { topologicalOrder } from "../../src/ir/traverse.ts";
import { dot } from "../../src/ops/contractions.ts";
import { add } from "../../src/ops/algebra.ts";
import { abs } from "../../src/ops/rounding.ts";
import { showGraph } from "../../src/ir/show.ts";
function rng(seed: number) { let s = seed >>> 0; return (n: number) => { s = (Math.imul(s, 1664525) + 1013904223) >>> 0; return Math.floor((s / 2 ** 32) * n); }; }
it("gen", () => {
  const seen = new Map<string, number>();
  let bad = 0, worst = 0, nodes = 0, ill = 0;
  const N = 3000;
  const big: [number, number][] = [];
  for (let seed = 1; seed <= N; seed++) {
    const r = rng(seed * 7919);
    for (let q = 0; q < 5; q++) r(2);
    const p = elaborate({ instructions: Array.from({ length: 1 + r(12) }, () => ({ operation: r(1000), a: r(1000), b: r(1000), c: r(1000) })), rows: r(100), columns: r(100), seed: r(1000) });
    for (const node of topologicalOrder([p.output])) if (node.kind === "map") { const nm = p.graph.primitiveOf(node.id).name; seen.set(nm, (seen.get(nm) ?? 0) + 1); }
    const [v] = interpret([p.output], p, realField);
    if (!Number.isFinite(v![0]!)) { bad++; if (bad < 4) console.log("bad", seed, v, showGraph([p.output])); continue; }
    if (Math.abs(v![0]!) > 1000) console.log("large", v);
    const vars = p.parameters.map((x) => p.graph.variable(x.shape));
    const g = gradient(p.output, p.parameters);
    const slope = add(...g.map((q, k) => dot(q, vars[k]!)));
    const S = pathSums([p.output], new Map(p.parameters.map((x, k) => [x, abs(vars[k]!)])))[0]!;
    nodes += topologicalOrder([slope, S]).length;
    const dirs = new Map(vars.map((x, k) => [x, p.values.get(p.parameters[k]!)!.map(() => r(7) - 3)]));
    const [sv, Sv] = interpret([slope, S], { sizes: p.sizes, values: new Map([...p.values, ...dirs]) }, realField);
    const steps = [2 ** -100, 2 ** -332].map((h) => {
      const values = new Map([...p.values].map(([leaf, list]) => { const at = p.parameters.indexOf(leaf); return [leaf, list.map((re, q) => ({ re, im: at < 0 ? 0 : h * dirs.get(vars[at]!)![q]! }))]; }));
      const [out] = interpret([p.output], { sizes: p.sizes, values }, complexField);
      if (out![0]!.re !== v![0]) console.log("re differs", seed, out![0], v![0]);
      return out![0]!.im / h;
    });
    const tol = 2000 * 2 ** -53 * Sv![0]!;
    if (!(Math.abs(steps[0]! - steps[1]!) <= tol)) { ill++; console.log("ill", seed, steps, sv, Sv); }
    const dev = Math.min(...steps.map((s) => Math.abs(s - sv![0]!))) / (tol || 1e-300);
    if (!(dev <= 1)) console.log("DIFF", seed, steps, sv, Sv, dev, showGraph([p.output]));
    worst = Math.max(worst, dev);
  }
  console.log({ bad, worst, ill, nodes: nodes / N }, [...seen].sort((a, b) => a[1] - b[1]).slice(0, 12), seen.size);
}, 100000);
