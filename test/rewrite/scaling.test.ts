import { describe, expect, it } from "vitest";
import { type Expr, Graph } from "../../src/ir/graph.ts";
import { add, mul, neg, sub } from "../../src/ops/elementary/algebra.ts";
import { exp, log } from "../../src/ops/elementary/exponential.ts";
import { sin } from "../../src/ops/elementary/trigonometric.ts";
import { simplify } from "../../src/rewrite/rewrite.ts";
import { growthOf, seconds } from "../setup/growth.ts";

/** A straight line of scalar operations, about half of which some rule rewrites. */
function chain(length: number): Expr {
  const graph = new Graph();
  const values: Expr[] = [graph.param("x"), graph.param("y")];
  const operations: readonly ((x: Expr, y: Expr) => Expr)[] = [
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
    const last = values[values.length - 1]!;
    const earlier = values[Math.max(0, values.length - 2 - ((state >>> 8) % 8))]!;
    values.push(operations[k % operations.length]!(last, earlier));
  }
  return values[values.length - 1]!;
}

describe("simplify", () => {
  it("takes near-linear time up to a million nodes, without recursion", { timeout: 360_000 }, () => {
    const timeOf = (length: number) => {
      const root = chain(length);
      return seconds(() => simplify([root]));
    };
    timeOf(20_000);
    const { slope, times } = growthOf([100_000, 1_000_000], timeOf, 1.15);
    expect(slope, JSON.stringify(times)).toBeLessThan(1.15);
  });

  it("takes a sum of 10,000 sums apart once, in parts that no node repeats", () => {
    const graph = new Graph();
    const terms = Array.from({ length: 10_000 }, (_, k) => sin(graph.param(`x${k}`)));
    const root = terms.reduce((sum, term) => add(sum, term));
    const before = graph.length;
    const [sum] = simplify([root]);
    // 31 terms for each part, and the part before
    expect(graph.length - before).toBeLessThan(terms.length / 10);
    let count = 0;
    for (let part: Expr | undefined = sum; part?.kind === "map"; ) {
      const sums: Expr[] = part.operands.filter(({ kind, id }) => kind === "map" && graph.operandCount(id) > 1);
      count += part.operands.length - sums.length;
      part = sums[0];
    }
    expect(count).toBe(terms.length);
  });
});
