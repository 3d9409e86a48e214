import { describe, expect, it } from "vitest";
import { allExtensions } from "../../src/extensions/all.ts";
import { Graph } from "../../src/ir/graph.ts";
import { Integer } from "../../src/ir/integer.ts";
import { sum } from "../../src/ops/arrays/contractions.ts";
import { add, mul, neg } from "../../src/ops/elementary/algebra.ts";
import { exp, log } from "../../src/ops/elementary/exponential.ts";
import { simplify } from "../../src/rewrite/rewrite.ts";
import { Trace } from "../../src/rewrite/trace.ts";

function traced() {
  const graph = new Graph(allExtensions);
  const x = graph.param("x", [Integer.named("n")]);
  const trace = new Trace();
  const [after] = simplify([sum(mul(log(add(1, exp(neg(neg(x))))), 1))], { record: trace });
  return { trace, after: after!, x };
}

describe("Trace", () => {
  it("names pass, rule and both sides of every rewrite", () => {
    const { trace } = traced();
    expect(trace.steps.map(({ pass, rule, before, after }) => `${pass}: ${rule}: ${before} -> ${after}`)).toEqual([
      'canonical: neg(neg(x)): %2 = neg %1 : real[n] -> %0 = param "x" : real[n]',
      "canonical: mul(x, 1): %12 = mul %4 %11 : real[n] -> %11 = log %10 : real[n]",
      "stable: log(add(x, 1)): %11 = log %10 : real[n] -> %14 = log1p %9 : real[n]",
      "stable: log1p(exp(x)): %14 = log1p %9 : real[n] -> %15 = softplus %0 : real[n]",
    ]);
  });

  it("steps forwards to the last state and backwards to none", () => {
    const { trace } = traced();
    const forwards = [];
    for (let step = trace.forward(); step; step = trace.forward()) forwards.push(step);
    expect(forwards).toEqual(trace.steps);
    expect(Object.keys(trace.replacements)).toHaveLength(trace.steps.length);
    const backwards = [];
    for (let step = trace.backward(); step; step = trace.backward()) backwards.push(step);
    expect(backwards.reverse()).toEqual(forwards);
    expect(trace.replacements).toEqual({});
  });

  it("follows replacements from the node as written to what is compiled", () => {
    const { trace, after, x } = traced();
    while (trace.forward());
    const { replacements } = trace;
    // the summand: log(...) * 1, log(...), log1p(exp x), softplus x
    let id = trace.steps[1]!.node;
    while (replacements[id]) id = replacements[id]!.by;
    expect(after.operands[0]!.id).toBe(id);
    expect(after.operands[0]!.operands).toEqual([x]);
  });
});
