import { Graph } from "../../src/ir/graph.js";
import { add, mul, neg, sub } from "../../src/ops/algebra.js";
import { exp, log } from "../../src/ops/exponential.js";
import { sin } from "../../src/ops/trigonometric.js";
import { passes, rulesOf } from "../../src/rewrite/passes.js";
import { RuleIndex, Sweep } from "../../src/rewrite/sweep.js";
import { Facts } from "../../src/rewrite/facts.js";
import { sizeHints } from "../../src/rewrite/cost.js";
function chain(length) {
    const graph = new Graph();
    const values = [graph.param("x"), graph.param("y")];
    const operations = [
        (x, y) => add(x, y), (x) => sin(x), (x, y) => mul(x, y), (x) => neg(x), (x, y) => sub(x, y), (x) => mul(x, 2), (x) => log(add(1, exp(x))),
    ];
    for (let k = 0, state = 1; graph.length < length; k++) {
        state = (Math.imul(state, 1664525) + 1013904223) | 0;
        const last = values[values.length - 1];
        const earlier = values[Math.max(0, values.length - 2 - ((state >>> 8) % 8))];
        values.push(operations[k % operations.length](last, earlier));
    }
    return values[values.length - 1];
}
const root = chain(Number(process.argv[2] ?? 1e6));
let current = [root];
const facts = new Facts(root.graph);
for (const pass of passes) {
    const index = new RuleIndex(rulesOf(pass, "all", "anytime"));
    for (let round = 0; round < 8; round++) {
        const before = root.graph.length;
        const t = performance.now();
        const counts = new Map();
        const sweep = new Sweep(facts, sizeHints(current), index, (_n, r) => counts.set(r.name, (counts.get(r.name) ?? 0) + 1), root.graph);
        current = sweep.run(current);
        console.log(pass.name, round, "visited", sweep.visited, "fired", sweep.firings, "new", root.graph.length - before, (performance.now() - t).toFixed(0), [...counts].sort((a, b) => b[1] - a[1]).slice(0, 6).map(([n, c]) => `${n} ${c}`).join("; "));
        if (sweep.firings * 32 <= sweep.visited)
            break;
    }
}
