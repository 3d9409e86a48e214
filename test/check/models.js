import { iterators } from "../../src/ir/contraction.js";
import { Graph } from "../../src/ir/graph.js";
import { Integer } from "../../src/ir/integer.js";
import { relu, softplus } from "../../src/ops/activation.js";
import { add, div, mul, neg, square, sub } from "../../src/ops/algebra.js";
import { toReal } from "../../src/ops/cast.js";
import { matmul } from "../../src/ops/composites.js";
import { axes, broadcast, contract, dot, sum, view } from "../../src/ops/contractions.js";
import { exp, log } from "../../src/ops/exponential.js";
import { tanh } from "../../src/ops/hyperbolic.js";
const [n, d, h] = ["n", "d", "h"].map(Integer.named);
const i = iterators(0);
/** A model of the leaves of a graph: parameters and data in the order in which they were made. */
export function modelOf(name, loss, more = {}) {
    const { graph } = loss;
    const leaves = Array.from({ length: graph.length }, (_, id) => graph.expr(id)).filter(({ kind }) => kind === "leaf");
    const named = (role) => leaves
        .map((expr) => ({ expr, ...graph.leafOf(expr.id) }))
        .filter((leaf) => leaf.role === role)
        .map(({ expr, name }) => ({ expr, name }));
    return { name, graph, loss, parameters: named("param"), data: named("data"), outputs: new Map(), ...more };
}
/** softplus(-y (X w + b)), averaged, with a penalty. */
export function logistic() {
    const graph = new Graph();
    const [w, b] = [graph.param("w", [d]), graph.param("b")];
    const [X, y] = [graph.data("X", [n, d]), graph.data("y", [n])];
    const margin = mul(y, add(matmul(X, w), broadcast(b, [n])));
    return modelOf("logistic", add(div(sum(softplus(neg(margin))), toReal(graph.size(n))), mul(0.5e-3, dot(w, w))));
}
export function rosenbrock() {
    const x = new Graph().param("x", [n]);
    const size = n.minus(1);
    const [left, right] = [view(x, [size], [i]), view(x, [size], [i.plus(1)])];
    return modelOf("rosenbrock", sum(add(mul(100, square(sub(right, square(left)))), square(sub(1, left)))));
}
/** A regression by a network with `depth` hidden layers of width h. */
export function network(depth, activation = tanh) {
    const graph = new Graph();
    let layer = graph.data("X", [n, h]);
    for (let k = 0; k < depth; k++) {
        const [W, b] = [graph.param(`W${k}`, [h, h]), graph.param(`b${k}`, [h])];
        layer = activation(add(matmul(layer, W), broadcast(b, [n, h], [1])));
    }
    const last = graph.param("w", [h]);
    return modelOf("network", sum(square(sub(matmul(layer, last), graph.data("y", [n])))));
}
/** Rows of a table chosen by int data, with a kink. */
export function embedding() {
    const graph = new Graph();
    const table = graph.param("table", [n, d]);
    const chosen = graph.data("chosen", [h], "int");
    const rows = contract({
        extents: [h, d],
        output: axes(2),
        shape: [h, d],
        factors: [{ of: table, index: [Integer.lookup(0, [i]), iterators(1)] }],
        lookups: [chosen],
    });
    return modelOf("embedding", sum(relu(mul(rows, exp(rows)))));
}
/** Defined for positive parameters only. */
export function logarithms() {
    const x = new Graph().param("x", [n]);
    return modelOf("logarithms", sum(mul(x, log(x))));
}
