import { describe, expect, it } from "vitest";
import { compileText } from "../../src/language.ts";

const text = "param w: [2]\ndata X: [n, 2], label: int[n] within 0..3\nloss = sum(i: (X[i, :] @ w - label[i])^2)";
const first = {
  X: [
    [1, 2],
    [3, 4],
  ],
  label: [0, 2],
};
const second = {
  X: [
    [5, 6],
    [7, 9],
  ],
  label: [1, 0],
};

describe("refill", () => {
  it("computes with the new data what a new binding would, in functions that were taken before", () => {
    const compiled = compileText(text);
    const bound = compiled.bind(first);
    const w = Float64Array.of(0.5, -0.25);
    const { loss, lossAndGradient } = bound.flat;
    loss(w);
    bound.refill(second);
    const fresh = compiled.bind(second).flat;
    const [g, wanted] = [new Float64Array(2), new Float64Array(2)];
    expect(loss(w)).toBe(fresh.loss(w));
    expect(lossAndGradient(w, g)).toBe(fresh.lossAndGradient(w, wanted));
    expect(g).toEqual(wanted);
    // one of several: the others stay
    bound.refill({ label: [0, 2] });
    expect(loss(w)).toBe(compiled.bind({ ...second, label: [0, 2] }).flat.loss(w));
  });

  it("refuses other sizes, values out of range, and data that are not there", () => {
    const bound = compileText(text).bind(first);
    expect(() => bound.refill({ X: [[1, 2]] })).toThrow('"X" is bound with 4 values, got 2.');
    expect(() => bound.refill({ label: [0, 3] })).toThrow("needed 0..3, got 3 at [1]");
    expect(() => bound.refill({ label: [0, 0.5] })).toThrow('"label" at [1] needs a whole number, got 0.5.');
    expect(() => bound.refill({ y: [1] })).toThrow('no input "y"');
    expect(() => compileText("param v: [m]\ndata x\nloss = sum(v) * x").bind({ x: 1 }).refill({ x: 2 })).toThrow(
      "bind them first",
    );
  });
});
