import { describe, expect, it } from "vitest";
import { Graph } from "../../src/ir/graph.ts";
import { compileText } from "../../src/language/all.ts";
import { Frames } from "../../src/lower/bodies/frames.ts";
import { Plan } from "../../src/lower/items/plan.ts";

describe("Frames", () => {
  it("gives every graph a number of its own, also behind one that is planned again", () => {
    const frames = new Frames();
    const [x, y, z] = [new Graph().constant(1), new Graph().constant(2), new Graph().constant(3)];
    for (const root of [x, y, y, z]) frames.add(new Plan([root], { ordered: false, forVectors: undefined }));
    expect(new Set([x, y, z].map((root) => frames.of(root).number)).size).toBe(3);
  });

  it("keeps what a side of a branch reads apart from what the loop around it has computed", () => {
    const model = compileText(`
param w: [n], a, b: [2]
def step(t, v) = tanh(if t == 0 or v > 0.5 then (if t > 2 then a else b[0]) else sum(w))
loss = sum(scan(t in 0..n, v = w: [i in 0..n: if i == t then step(t, v[t]) else v[i]]))`);
    const { b } = model.gradient({ w: [-1.19], a: -0.4, b: [-0.8, 0.7] });
    expect(b![0]).toBeCloseTo(1 - Math.tanh(-0.8) ** 2, 14);
  });
});
