import { it } from "vitest";
import { Graph } from "../../src/ir/graph.js";
import { Integer } from "../../src/ir/integer.js";
import { add, mul, neg, sub } from "../../src/ops/algebra.js";
import * as Ex from "../../src/ops/exponential.js";
import { tanh } from "../../src/ops/hyperbolic.js";
import { broadcast, contract, sum, view, maximum, product, transpose } from "../../src/ops/contractions.js";
import { gradient, hvp } from "../../src/autodiff/derivatives.js";
import { lower } from "../../src/lower/lower.js";
import { compileJavaScript, allocate } from "../../src/emit/javascript.js";
import { interpret } from "../../src/interpreter/interpret.js";
import { realField } from "../../src/interpreter/field.js";
import { iterators } from "../../src/ir/contraction.js";
function rng(seed) { let s = seed >>> 0; return (n) => { s = (Math.imul(s, 1664525) + 1013904223) >>> 0; return Math.floor((s / 2 ** 32) * n); }; }
const i = iterators(0), j = iterators(1), k = iterators(2);
function build(seed) {
    const r = rng(seed);
    const g = new Graph();
    const n = r(2) ? Integer.named("n") : Integer.constant(5), m = Integer.named("m");
    const a = g.param("a", [n]), b = g.param("b", [m]), A = g.param("A", [n, m]), c = g.param("c", []);
    const pool = [[c], [a], [b], [A]]; // scalar, n, m, nm
    const shapes = [[], [n], [m], [n, m]];
    const pick = (t) => pool[t][r(pool[t].length)];
    const count = 6 + r(14);
    for (let s = 0; s < count; s++) {
        const t = r(4);
        const x = pick(t), y = pick(t);
        let z;
        let to = t;
        switch (r(16)) {
            case 0:
                z = add(x, y);
                break;
            case 1:
                z = mul(x, y);
                break;
            case 2:
                z = tanh(x);
                break;
            case 3:
                z = neg(x);
                break;
            case 4:
                z = add(x, y, pick(t));
                break;
            case 5:
                if (t === 3) {
                    z = sum(x, [1]);
                    to = 1;
                }
                else if (t) {
                    z = sum(x);
                    to = 0;
                }
                break;
            case 6:
                if (t === 3) {
                    z = sum(x, [0]);
                    to = 2;
                }
                break;
            case 7:
                if (t === 0) {
                    to = 1 + r(3);
                    z = broadcast(x, shapes[to]);
                }
                else if (t === 1) {
                    to = 3;
                    z = broadcast(x, shapes[3], [0]);
                }
                else if (t === 2) {
                    to = 3;
                    z = broadcast(x, shapes[3], [1]);
                }
                break;
            case 8:
                z = contract({ extents: [n, m], output: [i], shape: [n], factors: [{ of: pick(3), index: [i, j] }, { of: pick(2), index: [j] }] });
                to = 1;
                break;
            case 9:
                z = contract({ extents: [n, m, n], output: [i, j], shape: [n, m], factors: [{ of: pick(3), index: [i, j] }, { of: pick(3), index: [k, j] }] });
                to = 3;
                break;
            case 10:
                if (t === 1)
                    z = view(x, [n], [i.plus(1 - r(3))]);
                else if (t === 3)
                    z = view(x, [n, m], [i.plus(1 - r(3)), j.plus(r(2))]);
                break;
            case 11:
                if (t === 1)
                    z = contract({ extents: [n, n], output: [i], shape: [n], factors: [{ of: x, index: [j] }], guards: [{ index: i.minus(j), extent: undefined }] });
                break;
            case 12:
                if (t === 3) {
                    z = maximum(x, [1]);
                    to = 1;
                }
                else if (t) {
                    z = maximum(x);
                    to = 0;
                }
                break;
            case 13:
                if (t === 1)
                    z = view(x, [n], [n.minus(1).minus(i)]);
                break;
            case 14:
                if (t === 1) {
                    z = contract({ extents: [n, n.minus(1)], output: [i.plus(0)], shape: [n], factors: [{ of: x, index: [i] }, { of: y, index: [j.plus(1)] }] });
                }
                break;
            case 15:
                if (t === 3) { // sum of k A[i,k]*A[j,k] -> use with a : [n]
                    z = contract({ extents: [n, n, m], output: [i], shape: [n], factors: [{ of: x, index: [i, k] }, { of: y, index: [j, k] }] });
                    to = 1;
                }
                break;
        }
        if (z)
            pool[to].push(z);
    }
    const parts = pool.flat().slice(-6).map((e) => (e.isScalar ? e : sum(tanh(e))));
    const loss = parts.length > 1 ? add(...parts) : parts[0];
    return { g, loss, params: [a, b, A, c], r, all: pool.flat().slice(-4) };
}
it("agrees", () => {
    let worst = 0;
    for (let seed = 1; seed <= 1500; seed++) {
        try {
            const { loss, params, all } = build(seed);
            const sizes = new Map([["n", 5], ["m", 3]]);
            const ev = (e) => e.evaluate((at) => sizes.get(at.name));
            const len = (e) => e.shape.reduce((p, s) => p * ev(s), 1);
            const g = gradient(loss, params);
            const vs = params.map((p) => loss.graph.variable(p.shape));
            const roots = [loss, ...g, ...(seed % 3 === 0 ? hvp(loss, params, vs) : []), ...all];
            const leaves = [...params, ...vs];
            const values = new Map(leaves.map((p, q) => [p, Float64Array.from({ length: len(p) }, (_, t) => Math.sin(q * 7 + t * 3 + seed))]));
            const expected = interpret(roots, { sizes, values: new Map([...values].map(([e, v]) => [e, [...v]])) }, realField);
            const program = lower(roots.map((node, q) => ({ name: `o${q}`, node })));
            const outs = program.buffers.filter((b) => b.role === "output");
            const compiled = compileJavaScript(program, { name: "f", packed: [], separate: outs });
            const arrays = new Map(outs.map((b) => [b, allocate(b.dtype, b.shape.reduce((p, s) => p * ev(s), 1)).fill(7)]));
            const bound = program.buffers.filter((b) => b.role !== "output").map((b) => {
                if (b.role === "input")
                    return values.get(leaves.find((p) => program.inputOf(p) === b));
                return allocate(b.dtype, b.shape.reduce((p, s) => p * ev(s), 1)).fill(9);
            });
            compiled.bind(program.sizes.map((s) => sizes.get(s)), bound)(...outs.map((b) => arrays.get(b)));
            for (const [q, b] of outs.entries()) {
                const got = arrays.get(b);
                for (let t = 0; t < got.length; t++) {
                    const e = expected[q][t];
                    const err = Math.abs(got[t] - e) / Math.max(1, Math.abs(e));
                    if (!(err < 1e-9) && !(Number.isNaN(e) && Number.isNaN(got[t]))) {
                        console.log(seed, q, t, got[t], e, "\n" + compiled.source);
                        throw new Error("mismatch seed " + seed);
                    }
                    worst = Math.max(worst, err);
                }
            }
        }
        catch (error) {
            console.log("seed", seed);
            throw error;
        }
    }
    console.log("worst", worst);
}, 60000);
