import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gradient } from "../../src/autodiff/derivatives.ts";
import { realField } from "../../src/interpreter/field.ts";
import { interpret } from "../../src/interpreter/interpret.ts";
import { Graph } from "../../src/ir/graph.ts";
import { Integer } from "../../src/ir/integer.ts";
import { showNode } from "../../src/ir/show.ts";
import { topologicalOrder } from "../../src/ir/walks/traverse.ts";
import { contract, sum, view } from "../../src/ops/arrays/contractions.ts";
import { add, neg, square, sub } from "../../src/ops/elementary/algebra.ts";
import { select } from "../../src/ops/elementary/comparison.ts";
import { exp } from "../../src/ops/elementary/exponential.ts";
import { abs } from "../../src/ops/elementary/rounding.ts";
import { Facts } from "../../src/rewrite/facts/facts.ts";
import { programs } from "../generators/programs.ts";

describe("facts", { timeout: 60_000 }, () => {
  it("hold of every value that the interpreter computes", () => {
    fc.assert(
      fc.property(programs({ hasKinks: true }), ({ graph, output, parameters, sizes, values }) => {
        const nodes = topologicalOrder([output, ...gradient(output, parameters)]);
        const facts = new Facts(graph);
        const computed = interpret(nodes, { sizes, values }, realField);
        for (const [k, node] of nodes.entries()) {
          const { interval, mayBeNaN, mayBeNegativeZero } = facts.of(node);
          for (const value of computed[k]!) {
            const isInside = Number.isNaN(value) ? mayBeNaN : value >= interval[0] && value <= interval[1];
            expect(isInside && (mayBeNegativeZero || !Object.is(value, -0)), `${value} for ${showNode(node)}`).toBe(
              true,
            );
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  const graph = new Graph();
  const n = Integer.named("n");
  const x = graph.param("x", [n]);
  const padded = view(exp(x), [n.plus(2)], [Integer.iterator(0).minus(1)]);
  const spread = contract({
    extents: [Integer.constant(3)],
    output: [Integer.iterator(0).times(2)],
    shape: [Integer.constant(5)],
    factors: [{ of: graph.constant(1), index: [] }],
  });
  const facts = new Facts(graph);

  it.each([
    ["a square is not negative", facts.isNonNegative(square(x)), true],
    ["an exponential may underflow to 0", facts.isPositive(exp(x)), false],
    ["one more than an exponential is positive", facts.isPositive(add(exp(x), 1)), true],
    ["a sum of non-negative terms is not negative", facts.isNonNegative(sum(exp(x))), true],
    ["a sum over no terms is 0, though every term be positive", facts.isPositive(sum(add(exp(x), 1))), false],
    ["a place that no term is added to is 0", facts.isPositive(spread), false],
    ["a view may be absent: 0", facts.isPositive(view(add(exp(x), 1), [n], [Integer.iterator(0).plus(1)])), false],
    [
      "a whole view is what it reads",
      facts.isPositive(view(add(exp(x), 1), [n], [n.minus(1).minus(Integer.iterator(0))])),
      true,
    ],
    ["padding keeps the sign", facts.isNonNegative(padded), true],
    ["a leaf may be anything", facts.isNeverNaN(x) || facts.isNeverNegativeZero(x), false],
    ["a size counts", facts.isFinite(graph.size(n)), false],
    ["a choice is one of its sides", facts.isPositive(select(graph.data("p", [n], "bool"), 2, add(abs(x), 1))), true],
    ["x - y is -0 only for x = -0", facts.isNeverNegativeZero(sub(exp(x), x)), true],
    ["negation of 0 is -0", facts.isNeverNegativeZero(neg(exp(x))), false],
  ])("%s", (_law, found, expected) => {
    expect(found).toBe(expected);
  });

  it("are found without recursion", () => {
    const deep = new Graph();
    let y = deep.param("y");
    for (let k = 0; k < 200_000; k++) y = neg(abs(y));
    expect(new Facts(deep).isNonPositive(y)).toBe(true);
  });
});
