import { describe, expect, it } from "vitest";
import { compileText, loadModel } from "../../src/language/all.ts";

const table = (condition: string) =>
  [
    "param b: [m]",
    "data p: int[m]",
    `let D = scan(k in 0..m, D = b: [i in 0..m: if i == k${condition} then D[p[k]] * b[k] else D[i]])`,
    "loss = sum(D^2)",
  ].join("\n");
const b = Float64Array.of(0.5, -1, 2);

describe("positions in the steps of a loop", () => {
  it("that follow from data alone are checked as these are bound", () => {
    expect(() => compileText(table("")).bind({ p: [0, 1, 3] })).toThrow("needed 0..3, got 3");
  });

  it("under a condition on parameters are checked at points where it holds", () => {
    const bound = compileText(table(" and b[k] > 0")).bind({ p: [0, 3, 1] });
    const wanted = compileText(table(" and b[k] > 0")).bind({ p: [0, 2, 1] });
    expect(bound.loss({ b })).toBe(wanted.loss({ b }));
    expect(() => bound.loss({ b: [0.5, 1, 2] })).toThrow("got 3 at [1");
    expect(() => bound.flat.loss(Float64Array.of(0.5, 1, 2))).toThrow("got 3 at [1");
  });

  it("are checked again when other data take their place", () => {
    const bound = compileText(table(" and b[k] > 0")).bind({ p: [0, 2, 1] });
    const { loss, lossAndGradient } = bound.flat;
    const x = Float64Array.of(0.5, 1, 2);
    const before = [loss(x), lossAndGradient(x, new Float64Array(3))];
    bound.refill({ p: [0, 3, 1] });
    expect(() => loss(x)).toThrow("got 3 at [1");
    expect(() => lossAndGradient(x, new Float64Array(3))).toThrow("got 3 at [1");
    expect(loss(b)).toBe(bound.loss({ b }));
    bound.refill({ p: [0, 2, 1] });
    expect([loss(x), lossAndGradient(x, new Float64Array(3))]).toEqual(before);
  });
});

describe("quotients by a size that is 0", () => {
  const w = [1, 2, 3];
  it.each([
    ["as positions", "loss = sum(i in 0..3: w[i] * x[mod(i, n)])", "needed 0..0, got NaN"],
    ["as positions in data", "loss = sum(i in 0..3: w[p[i // n]])", "needed 0..0, got NaN"],
    ["as ends of ranges", "loss = sum(i in 0..3 // n: w[0] * i)", "needed 0 and above, got Infinity"],
  ])("are refused %s", (_, loss, message) => {
    const bind = () => compileText(`param w: [3]\ndata x: [n], p: int[n] within 0..3\n${loss}`).bind({ x: [], p: [] });
    expect(() => bind().loss({ w })).toThrow(message);
  });

  it("are not taken where a range is empty, nor asked of where it is not", () => {
    const text = "param w: [3]\ndata x: [n]\nloss = sum(w) + sum(i in 0..n: x[i] * x[mod(i + 1, n)])";
    expect(compileText(text).loss({ w, x: [] })).toBe(6);
    expect(loadModel({ name: "ring.nabla", text }).requirements).toEqual([]);
  });
});
