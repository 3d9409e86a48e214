import { describe, expect, it } from "vitest";
import { compileText } from "../../src/language/all.ts";

const models = (row: string) => `
param w: [d]
data X: [n, d], y: [n], seen: bool[n]
let known = [i in 0..n, j in 0..d: if seen[i] then X[i, j] else 0]
loss = sum(i in 0..n: if seen[i] then ((${row} @ w)[i] - y[i])^4 else 0)`;

const w = [0.5, -1];
const v = [1, 2];
const all = {
  X: [
    [1, 2],
    [NaN, NaN],
    [3, Infinity],
    [-1, 0.5],
  ],
  y: [1, NaN, 2, 0],
  seen: [true, false, false, true],
};
const kept = { X: [all.X[0]!, all.X[3]!], y: [1, 0], seen: [true, true] };

describe("rows that a choice leaves out before a product", () => {
  it.each(["default", "exact"] as const)("reach no derivative, with rewrites %s", (mode) => {
    const options = mode === "exact" ? { rewrites: "exact" as const } : {};
    const model = compileText(models("known"), options);
    const [whole, part] = [model.bind(all), model.bind(kept)];
    expect(whole.loss({ w })).toBe(part.loss({ w }));
    for (const k of [0, 1]) {
      expect(whole.gradient({ w }).w![k]).toBeCloseTo(part.gradient({ w }).w![k]!, 12);
      expect(whole.hvp({ w }, { w: v }).w![k]).toBeCloseTo(part.hvp({ w }, { w: v }).w![k]!, 10);
    }
  });

  it("leave the value whole where they are left out after it", () => {
    const model = compileText(models("X"));
    expect(model.bind(all).loss({ w })).toBe(model.bind(kept).loss({ w }));
  });
});
