import { it } from "vitest";
import { Graph } from "../../src/ir/graph.js";
import { Integer } from "../../src/ir/integer.js";
import { add, mul, neg, sub, square, div } from "../../src/ops/algebra.js";
import { softplus } from "../../src/ops/activation.js";
import { tanh } from "../../src/ops/hyperbolic.js";
import { toReal } from "../../src/ops/cast.js";
import { broadcast, contract, sum, view } from "../../src/ops/contractions.js";
import { compileModel } from "../../src/compile/compile.js";
import { iterators } from "../../src/ir/contraction.js";
const i = iterators(0), j = iterators(1), k = iterators(2);
const n = Integer.named("n"), d = Integer.named("d");
const mk = {
    logistic() {
        const g = new Graph();
        const w = g.param("w", [d]), b = g.param("b", []), X = g.data("X", [n, d]), y = g.data("y", [n]);
        const z = add(contract({ extents: [n, d], output: [i], shape: [n], factors: [{ of: X, index: [i, j] }, { of: w, index: [j] }] }), broadcast(b, [n]));
        const loss = add(div(sum(softplus(neg(mul(y, z)))), toReal(g.size(n))), mul(0.5e-3, sum(mul(w, w))));
        return { graph: g, name: "l", parameters: [{ name: "w", expr: w }, { name: "b", expr: b }], data: [{ name: "X", expr: X }, { name: "y", expr: y }], loss, outputs: new Map(), sizes: new Map() };
    },
    rosenbrock() {
        const g = new Graph();
        const x = g.param("x", [n]);
        const N = n.minus(1);
        const a = view(x, [N], [i]), b = view(x, [N], [i.plus(1)]);
        return { graph: g, name: "r", parameters: [{ name: "x", expr: x }], data: [], loss: sum(add(mul(100, square(sub(b, square(a)))), square(sub(1, a)))), outputs: new Map(), sizes: new Map() };
    },
    mlp() {
        const g = new Graph();
        const h = Integer.named("h"), c = Integer.named("c");
        const W1 = g.param("W1", [d, h]), b1 = g.param("b1", [h]), W2 = g.param("W2", [h, c]), b2 = g.param("b2", [c]), X = g.data("X", [n, d]), Y = g.data("Y", [n, c]);
        const mm = (A, B, p, q, r) => contract({ extents: [p, r, q], output: [i, j], shape: [p, r], factors: [{ of: A, index: [i, k] }, { of: B, index: [k, j] }] });
        const H = tanh(add(mm(X, W1, n, d, h), broadcast(b1, [n, h], [1])));
        const O = add(mm(H, W2, n, h, c), broadcast(b2, [n, c], [1]));
        return { graph: g, name: "m", parameters: [W1, b1, W2, b2].map((e) => ({ name: g.leafOf(e.id).name, expr: e })), data: [{ name: "X", expr: X }, { name: "Y", expr: Y }], loss: div(sum(square(sub(O, Y))), toReal(g.size(n))), outputs: new Map(), sizes: new Map() };
    },
};
const rnd = (len, s) => Float64Array.from({ length: len }, (_, t) => Math.sin(t * 12.9898 + s) * 0.5);
function handLogistic(x, X, y, g, N, D, lam) {
    let loss = 0;
    g.fill(0);
    for (let r = 0; r < N; r++) {
        let z = x[D];
        const o = r * D;
        for (let c = 0; c < D; c++)
            z += X[o + c] * x[c];
        const m = -y[r] * z;
        const e = Math.exp(-Math.abs(m));
        loss += Math.max(m, 0) + Math.log1p(e);
        const s = m >= 0 ? 1 / (1 + e) : e / (1 + e);
        const t = (-y[r] * s) / N;
        for (let c = 0; c < D; c++)
            g[c] += t * X[o + c];
        g[D] += t;
    }
    let q = 0;
    for (let c = 0; c < D; c++) {
        q += x[c] * x[c];
        g[c] += 2 * lam * x[c];
    }
    return loss / N + lam * q;
}
function handRosen(x, g) {
    let f = 0;
    const N = x.length;
    g.fill(0);
    for (let q = 0; q < N - 1; q++) {
        const a = x[q], t = x[q + 1] - a * a, s = 1 - a;
        f += 100 * t * t + s * s;
        g[q] += -400 * a * t - 2 * s;
        g[q + 1] += 200 * t;
    }
    return f;
}
function time(fs, reps) {
    const all = fs.map(() => []);
    for (let w = 0; w < 40; w++)
        for (const [q, f] of fs.entries()) {
            const t = performance.now();
            for (let r = 0; r < reps; r++)
                f();
            all[q].push((performance.now() - t) / reps);
        }
    return all.map((a) => a.sort((p, q) => p - q)[a.length >> 1] * 1000);
}
it("hess", () => {
    for (const [name, data, sizes, len] of [["logistic", { X: { data: rnd(30, 1), shape: [10, 3] }, y: rnd(10, 2).map((v) => (v > 0 ? 1 : -1)) }, {}, 4], ["rosenbrock", {}, {}, 6], ["mlp", { X: { data: rnd(8, 1), shape: [4, 2] }, Y: { data: rnd(12, 1), shape: [4, 3] } }, { h: 5 }, 2 * 5 + 5 + 15 + 3]]) {
        const m = compileModel(mk[name]());
        const b = m.bind(data, sizes);
        const x = rnd(len, 3), H = new Float64Array(len * len), h = new Float64Array(len);
        b.flat.hessian(x, H);
        let worst = 0;
        for (let c = 0; c < len; c++) {
            const v = new Float64Array(len);
            v[c] = 1;
            b.flat.hvp(x, v, h);
            for (let r = 0; r < len; r++)
                worst = Math.max(worst, Math.abs(h[r] - H[r * len + c]));
        }
        console.log(name, "hessian vs hvp", worst);
        if (name !== "mlp")
            console.log(m.source("hessian"));
    }
});
