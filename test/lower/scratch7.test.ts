import { it } from "vitest";
import { Graph, type Expr } from "../../src/ir/graph.ts";
import { Integer } from "../../src/ir/integer.ts";
import { add, mul } from "../../src/ops/algebra.ts";
import { sin } from "../../src/ops/trigonometric.ts";
import { view } from "../../src/ops/contractions.ts";
import { gradient } from "../../src/autodiff/derivatives.ts";
import { lower } from "../../src/lower/lower.ts";
import { Session } from "node:inspector";
it("profile", () => {
  const N = 50000;
  const g = new Graph();
  const V = 50;
  const x = g.param("x", [Integer.constant(V)]);
  let s = 12345; const r = (n: number) => { s = (Math.imul(s, 1664525) + 1013904223) >>> 0; return Math.floor((s / 2 ** 32) * n); };
  const pool: Expr[] = Array.from({ length: V }, (_, k) => view(x, [], [Integer.constant(k)]));
  for (let k = 0; k < N; k++) {
    const a = pool[Math.max(0, pool.length - 1 - r(60))]!, b = pool[Math.max(0, pool.length - 1 - r(60))]!;
    pool.push(r(5) === 0 ? sin(a) : r(2) ? add(a, b) : mul(0.5, mul(a, b)));
  }
  const loss = add(pool[pool.length - 1]!, pool[pool.length - 2]!);
  const gx = gradient(loss, [x]);
  const s1 = new Session(); s1.connect();
  s1.post("Profiler.enable"); s1.post("Profiler.setSamplingInterval", { interval: 500 }); s1.post("Profiler.start");
  const t3 = performance.now();
  const program = lower([loss, ...gx].map((node, q) => ({ name: "o" + q, node })));
  const t4 = performance.now();
  s1.post("Profiler.stop", (_e: any, res: any) => {
    const self = new Map<string, number>(); const p = res.profile; const dt = p.timeDeltas;
    const byId = new Map(p.nodes.map((nd: any) => [nd.id, nd]));
    p.samples.forEach((id: number, q: number) => { const nd: any = byId.get(id); const key = nd.callFrame.functionName + " " + nd.callFrame.url.split("/").slice(-2).join("/") + ":" + nd.callFrame.lineNumber; self.set(key, (self.get(key) ?? 0) + dt[q]); });
    console.log([...self].sort((a, b) => b[1] - a[1]).slice(0, 32).map(([k, v]) => (v / 1000).toFixed(0) + "ms " + k).join("\n"));
  });
  console.log("nodes", g.length, "lower", t4 - t3);
}, 60000);
