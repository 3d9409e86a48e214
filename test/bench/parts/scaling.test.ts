import { describe, expect, it } from "vitest";
import { type CompilableModel, compileModel } from "../../../src/compile/compile.ts";
import { Graph } from "../../../src/ir/graph.ts";
import { add } from "../../../src/ops/elementary/algebra.ts";
import { sin } from "../../../src/ops/elementary/trigonometric.ts";
import { measureScaling, slopeOf, totalOf } from "./scaling.ts";

/** x <- sin(x) + 1, `depth` times: as deep as it is long. */
function chainModel(depth: number): CompilableModel {
  const graph = new Graph();
  const x = graph.param("x");
  let loss = x;
  for (let step = 0; step < depth; step++) loss = add(sin(loss), 1);
  return { name: "chain", graph, parameters: [{ name: "x", expr: x }], data: [], loss, outputs: new Map() };
}

describe("compiling a straight-line model", () => {
  it("takes time near-linear in its size", { timeout: 180_000 }, () => {
    // the better of two runs: other work on the machine only ever adds
    const sizes = [1000, 4000, 16_000];
    measureScaling(4000);
    const results = sizes.map((size) => {
      const [first, second] = [measureScaling(size), measureScaling(size)];
      return totalOf(first) < totalOf(second) ? first : second;
    });
    expect(slopeOf(results)).toBeLessThan(1.15);
  });

  it("needs no stack for depth", { timeout: 180_000 }, () => {
    const { flat } = compileModel(chainModel(100_000)).bind();
    const g = new Float64Array(1);
    // the fixed point of x = sin(x) + 1; its slope, below 1/2 in size, is multiplied into the gradient at every step
    expect(flat.lossAndGradient(Float64Array.of(0.3), g)).toBeCloseTo(1.93456321, 7);
    expect(Math.abs(g[0]!)).toBe(0);
  });
});
