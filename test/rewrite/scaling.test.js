import { describe, expect, it } from "vitest";
import { Graph } from "../../src/ir/graph.js";
import { add, mul, neg, sub } from "../../src/ops/algebra.js";
import { exp, log } from "../../src/ops/exponential.js";
import { sin } from "../../src/ops/trigonometric.js";
import { simplify } from "../../src/rewrite/rewrite.js";
/** A straight line of scalar operations, about half of which some rule rewrites. */
function chain(length) {
    const graph = new Graph();
    const values = [graph.param("x"), graph.param("y")];
    const operations = [
        (x, y) => add(x, y),
        (x) => sin(x),
        (x, y) => mul(x, y),
        (x) => neg(x),
        (x, y) => sub(x, y),
        (x) => mul(x, 2),
        (x) => log(add(1, exp(x))),
    ];
    for (let k = 0, state = 1; graph.length < length; k++) {
        state = (Math.imul(state, 1664525) + 1013904223) | 0;
        const last = values[values.length - 1];
        const earlier = values[Math.max(0, values.length - 2 - ((state >>> 8) % 8))];
        values.push(operations[k % operations.length](last, earlier));
    }
    return values[values.length - 1];
}
function seconds(length) {
    const root = chain(length);
    const start = performance.now();
    simplify([root]);
    return (performance.now() - start) / 1000;
}
describe("simplify", () => {
    it("takes near-linear time up to a million nodes, without recursion", { timeout: 120_000 }, () => {
        seconds(20_000);
        const [small, large] = [seconds(100_000), seconds(1_000_000)];
        expect(Math.log10(large / small)).toBeLessThan(1.15);
    });
});
