import { describe, expect, it } from "vitest";
import { model } from "../../src/build/api/api.ts";
import { param, vec } from "../../src/build/api/declare.ts";
import { compileModel } from "../../src/compile/compile.ts";
import { loadModel } from "../../src/model/load.ts";

const bound = (text: string, data: Record<string, unknown> = {}) =>
  compileModel(loadModel({ name: "scatter.nabla", text })).bind(data as never);

describe("a gradient that falls on one element", () => {
  it("is 0 elsewhere, whatever the array held", () => {
    const picked = bound("param x: [4]\ndata k: int\nloss = x[k]^2", { k: 1 });
    const g = new Float64Array(4).fill(7);
    picked.flat.gradient(Float64Array.of(1, 2, 3, 4), g);
    expect([...g]).toEqual([0, 4, 0, 0]);
    const h = new Float64Array(4).fill(Number.NaN);
    picked.flat.hvp(Float64Array.of(1, 2, 3, 4), Float64Array.of(1, 1, 1, 1), h);
    expect([...h]).toEqual([0, 2, 0, 0]);
  });

  it("forgets where it fell before", () => {
    const largest = bound("param x: [4]\nloss = x[argmax(x)]");
    const g = new Float64Array(4);
    largest.flat.gradient(Float64Array.of(9, 2, 3, 4), g);
    largest.flat.gradient(Float64Array.of(1, 2, 9, 4), g);
    expect([...g]).toEqual([0, 0, 1, 0]);
  });
});

describe("a variable that is used more often than a call has room for arguments", () => {
  it("has a gradient", { timeout: 60_000 }, () => {
    const count = 110_000;
    const many = bound(`param x\nloss = ${Array.from({ length: count }, () => "x").join(" * ")}`);
    const g = new Float64Array(1);
    expect(many.flat.lossAndGradient(Float64Array.of(1), g)).toBe(1);
    expect(g[0]).toBe(count);
  });
});

describe("a deep chain of matrix products", () => {
  it("has more arrays than a generated function takes, and derivatives all the same", { timeout: 60_000 }, () => {
    const depth = 2000;
    const chain = model({ W: param([2, 2]), x: vec(2) }, ({ W, x }) => {
      let y = x;
      for (let k = 0; k < depth; k++) y = W.matmul(y).tanh();
      return y.sum();
    });
    const bound = compileModel(chain, { wrt: ["W"] }).bind({ x: [0.5, -0.25] });
    const at = Float64Array.of(1.1, 0.2, -0.3, 1.2);
    const along = Float64Array.of(0.3, -0.1, 0.2, 0.4);
    const [g, h] = [new Float64Array(4), new Float64Array(4)];
    bound.flat.gradient(at, g);
    bound.flat.hvp(at, along, h);
    const moved = (step: number) => at.map((value, k) => value + step * along[k]!);
    const [after, before] = [new Float64Array(4), new Float64Array(4)];
    const step = 1e-6;
    bound.flat.gradient(moved(step), after);
    bound.flat.gradient(moved(-step), before);
    const slope = (bound.flat.loss(moved(step)) - bound.flat.loss(moved(-step))) / (2 * step);
    const near = (got: number, wanted: number) => expect(Math.abs(got - wanted)).toBeLessThan(1e-3 * Math.abs(wanted));
    near(
      g.reduce((sum, value, k) => sum + value * along[k]!, 0),
      slope,
    );
    for (const [k, value] of h.entries()) near(value, (after[k]! - before[k]!) / (2 * step));
  });
});
