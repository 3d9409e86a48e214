import { describe, expect, it } from "vitest";
import { gradient, hvp } from "../../src/autodiff/derivatives.ts";
import { compileJavaScript } from "../../src/emit/javascript.ts";
import { type Expr, Graph } from "../../src/ir/graph.ts";
import { lower } from "../../src/lower/lower.ts";
import { add, div, mul } from "../../src/ops/elementary/algebra.ts";
import { simplify } from "../../src/rewrite/rewrite.ts";
import { scalarGraph } from "../generators/scalar.ts";
import { growthOf, seconds } from "../setup/growth.ts";

// Property 21: compile time grows in proportion to the graph.

/** Builds, differentiates and simplifies a graph. */
function derive(count: number): Expr[] {
  const { loss, x } = scalarGraph(count);
  return simplify([loss, ...gradient(loss, [x])], { last: true });
}

function compile(roots: readonly Expr[]): void {
  const program = lower(roots.map((node, k) => ({ name: `root${k}`, node })));
  const outputs = program.buffers.filter(({ role }) => role === "output");
  compileJavaScript(program, { name: "roots", packed: [], separate: outputs });
}

/** Second derivatives of so many steps of Newton's method for the root of a number, which every one of them uses. */
function throughSteps(steps: number): Expr[] {
  const graph = new Graph();
  const [x, v] = [graph.param("x"), graph.variable([])];
  let z: Expr = x;
  for (let step = 0; step < steps; step++) z = mul(0.5, add(z, div(x, z)));
  return hvp(z, [x], [v]);
}

const steepest = 1.15;

describe("time over nodes", () => {
  it("grows in proportion up to 1e5 nodes, to derivatives and to code", { timeout: 120_000 }, () => {
    compile(derive(1000));
    const sizes = [10_000, 100_000] as const;
    const derived = growthOf(sizes, (count) => seconds(() => derive(count)), steepest);
    expect(derived.slope, JSON.stringify(derived.times)).toBeLessThan(steepest);
    const compileTime = (count: number) => {
      const roots = derive(count);
      return seconds(() => compile(roots));
    };
    const compiled = growthOf(sizes, compileTime, steepest);
    expect(compiled.slope, JSON.stringify(compiled.times)).toBeLessThan(steepest);
  });

  it("grows in proportion where every step uses one number", { timeout: 120_000 }, () => {
    throughSteps(1000);
    const { slope, times } = growthOf([2000, 40_000], (steps) => seconds(() => throughSteps(steps)), steepest);
    expect(slope, JSON.stringify(times)).toBeLessThan(steepest);
  });

  it("grows in proportion up to 1e6 nodes", { timeout: 600_000 }, () => {
    const { slope, times } = growthOf([100_000, 1_000_000], (count) => seconds(() => derive(count)), steepest);
    expect(slope, JSON.stringify(times)).toBeLessThan(steepest);
  });
});
