import { it } from "vitest";
import { Graph } from "../../src/ir/graph.js";
import { Integer } from "../../src/ir/integer.js";
import { add, mul, sub } from "../../src/ops/algebra.js";
import { sin } from "../../src/ops/trigonometric.js";
import { view, sum } from "../../src/ops/contractions.js";
import { gradient, hvp } from "../../src/autodiff/derivatives.js";
import { lower } from "../../src/lower/lower.js";
import { compileJavaScript, allocate } from "../../src/emit/javascript.js";
import { iterators } from "../../src/ir/contraction.js";
for (const N of [1000, 10000, 100000])
    it("scales " + N, () => {
        const t0 = performance.now();
        const g = new Graph();
        const V = 50;
        const x = g.param("x", [Integer.constant(V)]);
        const xs = Array.from({ length: V }, (_, k) => view(x, [], [Integer.constant(k)]));
        let s = 12345;
        const r = (n) => { s = (Math.imul(s, 1664525) + 1013904223) >>> 0; return Math.floor((s / 2 ** 32) * n); };
        const pool = [...xs];
        for (let k = 0; k < N; k++) {
            const a = pool[Math.max(0, pool.length - 1 - r(60))], b = pool[Math.max(0, pool.length - 1 - r(60))];
            pool.push(r(5) === 0 ? sin(a) : r(2) ? add(a, b) : mul(0.5, mul(a, b)));
        }
        const loss = add(pool[pool.length - 1], pool[pool.length - 2]);
        const t1 = performance.now();
        const gx = gradient(loss, [x])[0];
        const t2 = performance.now();
        const program = lower([{ name: "loss", node: loss }, { name: "g", node: gx }]);
        const t3 = performance.now();
        const outs = program.buffers.filter((b) => b.role === "output");
        const compiled = compileJavaScript(program, { name: "f", packed: [], separate: [outs[1]], returned: outs[0] });
        const t4 = performance.now();
        const others = program.buffers.filter((b) => b.role !== "output");
        const f = compiled.bind([], others.map((b) => b.role === "input" ? Float64Array.from({ length: V }, (_, k) => Math.sin(k)) : allocate(b.dtype, b.shape.reduce((p, q) => p * q.value, 1))));
        const out = new Float64Array(V);
        const l = f(out);
        const t5 = performance.now();
        let best = 1e9;
        for (let k = 0; k < 30; k++) {
            const a = performance.now();
            for (let q = 0; q < Math.max(1, 1e5 / N); q++)
                f(out);
            best = Math.min(best, (performance.now() - a) / Math.max(1, 1e5 / N));
        }
        console.log(N, "nodes", g.length, "build", (t1 - t0) | 0, "grad", (t2 - t1) | 0, "lower", (t3 - t2) | 0, "js", (t4 - t3) | 0, "first", (t5 - t4) | 0, "parts", program.parts.length, "us/call", best * 1000, "ns/op", best * 1e6 / g.length, l, out[0]);
    }, 60000);
