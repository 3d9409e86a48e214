import { describe, expect, it } from "vitest";
import { compile, model, param } from "../../src/index.ts";
import { compileText } from "../../src/language/all.ts";

const text = `
param b: [2] within 0..inf = 1
param s: [k] within -1.5..n = [i in 0..k: i * 0.5]
param c
data x: [n], z: [k]
loss = sum(b)^2 + sum(s) * c + sum(x) + sum(z)
`;
const data = { x: [1, 2, 3], z: [0, 0, 0, 0] };

describe("a bound model", () => {
  it("has the declared starts and bounds as packed vectors, once the sizes are known", () => {
    const bound = compileText(text).bind(data);
    expect(Array.from(bound.start({ c: 7 }))).toEqual([1, 1, 0, 0.5, 1, 1.5, 7]);
    expect(Array.from(bound.lowerBounds())).toEqual([0, 0, -1.5, -1.5, -1.5, -1.5, Number.NEGATIVE_INFINITY]);
    const { POSITIVE_INFINITY } = Number;
    expect(Array.from(bound.upperBounds())).toEqual([
      POSITIVE_INFINITY,
      POSITIVE_INFINITY,
      3,
      3,
      3,
      3,
      POSITIVE_INFINITY,
    ]);
    expect(bound.coordinateNames()).toEqual(["b[0]", "b[1]", "s[0]", "s[1]", "s[2]", "s[3]", "c"]);
  });

  it("takes starts by name before those of the model, and sizes from them", () => {
    const bound = compileText("param A: [m, 2] = 3, v: [m]\nloss = sum(A)^2 + sum(v)").bind();
    expect(Array.from(bound.start({ v: [5, 6] }))).toEqual([3, 3, 3, 3, 5, 6]);
    expect(Array.from(bound.start({ v: [5], A: [[1, 2]] }))).toEqual([1, 2, 5]);
    expect(bound.coordinateNames()).toEqual(["A[0, 0]", "A[0, 1]", "v[0]"]);
  });

  it("names the parameter that has no start, and the range that is empty", () => {
    expect(() => compileText(text).bind(data).start()).toThrow('the parameter "c" has no start');
    const empty = compileText("param a within 2..n = 1\ndata x: [n]\nloss = a^2 + sum(x)");
    expect(() => empty.bind({ x: [1] }).upperBounds()).toThrow('"a" must lie within 2..1, and nothing does');
  });

  it("has those of models from TypeScript too", () => {
    const m = model({ s: param(["k"], { within: [0.5, "k"], start: 2 }) }, ({ s }) => s.square().sum());
    const bound = compile(m).bind({}, { k: 3 });
    expect([bound.start(), bound.lowerBounds(), bound.upperBounds()].map((v) => Array.from(v))).toEqual([
      [2, 2, 2],
      [0.5, 0.5, 0.5],
      [3, 3, 3],
    ]);
  });
});
