import { it } from "vitest";
import { gradient, hessian, hvp } from "../../src/autodiff/derivatives.js";
import { iterators } from "../../src/ir/contraction.js";
import { Graph } from "../../src/ir/graph.js";
import { Integer } from "../../src/ir/integer.js";
import { showGraph } from "../../src/ir/show.js";
import { relu, softplus } from "../../src/ops/activation.js";
import { add, mul, neg, square, sub } from "../../src/ops/algebra.js";
import { logSoftmax, mean } from "../../src/ops/composites.js";
import { axes, contract, sum, view } from "../../src/ops/contractions.js";
import { graphCost, sizeHints } from "../../src/rewrite/cost.js";
import { simplify } from "../../src/rewrite/rewrite.js";
const n = Integer.named("n"), d = Integer.named("d"), k = Integer.named("k");
const [i, j, l] = [iterators(0), iterators(1), iterators(2)];
function report(name, roots) {
    const after = simplify(roots, { last: true });
    const hints = sizeHints(roots);
    console.log(name, graphCost(roots, hints), "->", graphCost(after, hints), "\n" + showGraph(after));
}
it("x", () => {
    const which = process.env.WHICH;
    const g = new Graph();
    if (which === "logistic") {
        const X = g.data("X", [n, d]), y = g.data("y", [n]), w = g.param("w", [d]), b = g.param("b");
        const Xw = contract({
            extents: [n, d],
            output: [i],
            shape: [n],
            factors: [
                { of: X, index: [i, j] },
                { of: w, index: [j] },
            ],
        });
        const loss = simplify([mean(softplus(mul(neg(y), add(Xw, view(b, [n], [])))))])[0];
        report("gradient", gradient(loss, [w, b]));
        report("hvp", hvp(loss, [w], [g.data("v", [d])]));
        report("hessian", [hessian(loss, w)]);
    }
    if (which === "softmax") {
        const X = g.data("X", [n, d]), labels = g.data("labels", [n], "int"), W = g.param("W", [d, k]);
        const Z = contract({
            extents: [n, k, d],
            output: [i, j],
            shape: [n, k],
            factors: [
                { of: X, index: [i, l] },
                { of: W, index: [l, j] },
            ],
        });
        const picked = view(logSoftmax(Z, [1]), [n], [i, Integer.lookup(0, [i])], [], [labels]);
        const loss = simplify([neg(mean(picked))])[0];
        report("loss", [loss]);
        report("gradient", gradient(loss, [W]));
    }
    if (which === "conv") {
        const x = g.data("x", [n]), f = g.param("f", [Integer.constant(3)]), y = g.data("y", [n]);
        const padded = view(x, [n.plus(2)], [i.minus(1)]);
        const out = contract({
            extents: [n, Integer.constant(3)],
            output: [i],
            shape: [n],
            factors: [
                { of: padded, index: [i.plus(j)] },
                { of: f, index: [j] },
            ],
        });
        const loss = simplify([sum(square(sub(relu(out), y)))])[0];
        report("loss", [loss]);
        report("gradient", gradient(loss, [f]));
    }
    if (which === "kmeans") {
        const P = g.data("P", [n, d]), C = g.param("C", [k, d]);
        const diff = sub(view(P, [n, k, d], [i, l]), view(C, [n, k, d], [j, l]));
        const dist = sum(square(diff), [2]);
        const { reduce } = { reduce: null };
        const loss = simplify([sum(minimumOver(dist))])[0];
        report("loss", [loss]);
        report("gradient", gradient(loss, [C]));
    }
});
import { minimum } from "../../src/ops/contractions.js";
function minimumOver(x) {
    return minimum(x, [1]);
}
