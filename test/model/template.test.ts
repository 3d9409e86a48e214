import { describe, expect, it } from "vitest";
import { model } from "../../src/build/api/api.ts";
import { mat, param, vec } from "../../src/build/api/declare.ts";
import { e } from "../../src/language/all.ts";
import { lossAt, outputAt } from "../build/evaluate.ts";

describe("the tagged template", () => {
  it("shares the language's notation", () => {
    const m = model({ w: param(["d"]), X: mat("n", "d"), y: vec("n") }, ({ w, X, y }) => {
      const margin = e`${y} * (${X} @ ${w})`;
      return {
        loss: e`mean(softplus(-${margin})) + 0.5 * ${1e-3} * dot(${w}, ${w})`,
        steps: e`[i: ${w}[i + 1] - ${w}[i]]`,
        slope: e`{ let z = 3; return grad(z^2 * sum(${w}), z) }`,
      };
    });
    const inputs = {
      w: [1, 2],
      X: [
        [1, 0],
        [0, -1],
      ],
      y: [1, 1],
    };
    const wanted = (Math.log1p(Math.exp(-1)) + Math.log1p(Math.exp(2))) / 2 + 0.5e-3 * 5;
    expect(lossAt(m, inputs)).toBeCloseTo(wanted, 14);
    expect(outputAt(m, "steps", inputs)).toEqual([1]);
    expect(outputAt(m, "slope", inputs)).toEqual([18]);
  });

  it("varies the tensors of its holes, and no numbers", () => {
    const m = model({ w: param([2]) }, ({ w }) => {
      const u = w.sin();
      const f = u.square().sum();
      return {
        loss: e`sum(grad(${f}, ${u})^2)`,
        cubes: e`hvp(sum(${w}^3), ${w}, [1, 2])`,
      };
    });
    const w = [0.5, 2];
    expect(lossAt(m, { w })).toBeCloseTo(4 * w.reduce((sum, each) => sum + Math.sin(each) ** 2, 0), 14);
    expect(outputAt(m, "cubes", { w })).toEqual([3, 24]);
    expect(() => model({ w: param([2]) }, ({ w }) => e`sum(${w}) + grad(${3}^2, ${3})`)).toThrow(
      'grad varies a name, got "',
    );
  });

  it("tells where in the template an error is", () => {
    expect(() => model({ X: mat("n", "d"), y: vec("n") }, ({ X, y }) => e`sum(${X} @ ${y})`)).toThrow(
      /template\.test\.ts:\d+:\d+: template:1:5: shape mismatch: matmul needs \[m, n\] @ \[n\], got \[n, d\] @ \[n\]\./,
    );
  });

  it("shows escapes as they were written where JavaScript knows none", () => {
    const build = () => model({ w: param([2]) }, ({ w }) => e`sum(${w}) + \units`);
    expect(build).toThrow(`sum(\${0}) + \\units`);
    expect(build).not.toThrow("undefined");
  });
});
