import { it } from "vitest";
import { Graph } from "../../src/ir/graph.js";
import { Integer } from "../../src/ir/integer.js";
import { add, mul, neg, sub, square, div } from "../../src/ops/algebra.js";
import { softplus } from "../../src/ops/activation.js";
import { toReal } from "../../src/ops/cast.js";
import { broadcast, contract, sum, view } from "../../src/ops/contractions.js";
import { iterators } from "../../src/ir/contraction.js";
import { derive, lowerFunction } from "../../src/compile/derive.js";
import { signatureOf } from "../../src/compile/functions.js";
import { compileJavaScript } from "../../src/emit/javascript.js";
import { Session } from "node:inspector";
import { writeFileSync } from "node:fs";
const i = iterators(0), j = iterators(1);
const n = Integer.named("n"), d = Integer.named("d");
function once() {
    const g = new Graph();
    const w = g.param("w", [d]), b = g.param("b", []), X = g.data("X", [n, d]), y = g.data("y", [n]);
    const z = add(contract({ extents: [n, d], output: [i], shape: [n], factors: [{ of: X, index: [i, j] }, { of: w, index: [j] }] }), broadcast(b, [n]));
    const loss = add(div(sum(softplus(neg(mul(y, z)))), toReal(g.size(n))), mul(0.5e-3, sum(mul(w, w))));
    const vars = [{ name: "w", expr: w }, { name: "b", expr: b }];
    let T = [0, 0, 0];
    for (const fn of ["loss", "lossAndGradient", "hvp"]) {
        const t0 = performance.now();
        const derived = derive(fn, { graph: g, loss, outputs: new Map(), variables: vars, level: "all" });
        const t1 = performance.now();
        const lowered = lowerFunction(derived, vars);
        const t2 = performance.now();
        compileJavaScript(lowered.program, signatureOf(lowered, vars));
        const t3 = performance.now();
        T[0] += t1 - t0;
        T[1] += t2 - t1;
        T[2] += t3 - t2;
    }
    return T;
}
it("compile time", () => {
    console.log("cold", once());
    for (let k = 0; k < 30; k++)
        once();
    const s = new Session();
    s.connect();
    s.post("Profiler.enable");
    s.post("Profiler.setSamplingInterval", { interval: 100 });
    s.post("Profiler.start");
    const all = Array.from({ length: 60 }, once);
    s.post("Profiler.stop", (_e, r) => {
        const self = new Map();
        const p = r.profile;
        const dt = p.timeDeltas;
        const byId = new Map(p.nodes.map((nd) => [nd.id, nd]));
        p.samples.forEach((id, q) => { const nd = byId.get(id); const key = nd.callFrame.functionName + " " + nd.callFrame.url.split("/").slice(-2).join("/") + ":" + nd.callFrame.lineNumber; self.set(key, (self.get(key) ?? 0) + dt[q]); });
        console.log([...self].sort((a, b) => b[1] - a[1]).slice(0, 25).map(([k, v]) => (v / 60000).toFixed(2) + "ms " + k).join("\n"));
    });
    console.log("warm median", [0, 1, 2].map((c) => all.map((t) => t[c]).sort((a, b) => a - b)[30]));
}, 60000);
