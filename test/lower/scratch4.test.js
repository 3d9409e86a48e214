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
import { derive, lowerFunction } from "../../src/compile/derive.js";
import { signatureOf } from "../../src/compile/functions.js";
import { compileJavaScript } from "../../src/emit/javascript.js";
const i = iterators(0), j = iterators(1), k = iterators(2);
const n = Integer.named("n"), d = Integer.named("d");
const models = {
    logistic() {
        const g = new Graph();
        const w = g.param("w", [d]), b = g.param("b", []), X = g.data("X", [n, d]), y = g.data("y", [n]);
        const z = add(contract({ extents: [n, d], output: [i], shape: [n], factors: [{ of: X, index: [i, j] }, { of: w, index: [j] }] }), broadcast(b, [n]));
        const m = mul(y, z);
        const loss = add(div(sum(softplus(neg(m))), toReal(g.size(n))), mul(0.5e-3, sum(mul(w, w))));
        return { g, params: [w, b], data: [X, y], loss };
    },
    rosenbrock() {
        const g = new Graph();
        const x = g.param("x", [n]);
        const N = n.minus(1);
        const a = view(x, [N], [i]), b = view(x, [N], [i.plus(1)]);
        return { g, params: [x], data: [], loss: sum(add(mul(100, square(sub(b, square(a)))), square(sub(1, a)))) };
    },
    mlp() {
        const g = new Graph();
        const h = Integer.named("h"), c = Integer.named("c");
        const W1 = g.param("W1", [d, h]), b1 = g.param("b1", [h]), W2 = g.param("W2", [h, c]), b2 = g.param("b2", [c]), X = g.data("X", [n, d]), Y = g.data("Y", [n, c]);
        const mm = (A, B, p, q, r) => contract({ extents: [p, r, q], output: [i, j], shape: [p, r], factors: [{ of: A, index: [i, k] }, { of: B, index: [k, j] }] });
        const H = tanh(add(mm(X, W1, n, d, h), broadcast(b1, [n, h], [1])));
        const O = add(mm(H, W2, n, h, c), broadcast(b2, [n, c], [1]));
        return { g, params: [W1, b1, W2, b2], data: [X, Y], loss: div(sum(square(sub(O, Y))), toReal(g.size(n))) };
    },
};
for (const [name, make] of Object.entries(models))
    it("prints " + name, () => {
        const m = make();
        const vars = m.params.map((p) => ({ name: m.g.leafOf(p.id).name, expr: p }));
        for (const fn of ["lossAndGradient", "hvp"]) {
            const t0 = performance.now();
            const derived = derive(fn, { graph: m.g, loss: m.loss, outputs: new Map(), variables: vars, level: "all" });
            const t1 = performance.now();
            const lowered = lowerFunction(derived, vars);
            const t2 = performance.now();
            const code = compileJavaScript(lowered.program, signatureOf(lowered, vars));
            const t3 = performance.now();
            console.log(name, fn, "derive", (t1 - t0).toFixed(1), "lower", (t2 - t1).toFixed(1), "js", (t3 - t2).toFixed(1), "\n" + code.printed.text);
        }
    });
