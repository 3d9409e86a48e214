import { describe, expect, it } from "vitest";
import { compileModel } from "../../src/compile/compile.ts";
import { loadModel } from "../../src/model/load.ts";

/** What whole numbers and ranges are made of, each beside the same in other words. */
const pairs: readonly (readonly [name: string, written: string, same: string])[] = [
  ["a choice divided", "sum(x) * ((if x[0] > 0 then 3 else 1) // 2)", "sum(x)"],
  ["a choice among several divided", "sum(x) * ((if many then 7 else if x[0] > 0 then 5 else 1) // 2)", "3 * sum(x)"],
  ["what a choice counts", "x[2 * (if many then 2 else 1) - 2]", "x[2]"],
  ["a choice that ends a range", "sum(i in 0..(if many then 3 else 1): x[i])", "sum(x[0..3])"],
  ["a choice that ends a slice", "sum(x[(if many then 1 else 0)..4]^2)", "sum(x[1..4]^2)"],
  [
    "a choice by element",
    "sum(i in 0..n: x[(if seen[i] then 5 else 1) // 2])",
    "sum(i in 0..n: if seen[i] then x[2] else x[0])",
  ],
  ["a position in a range", "sum(i in 0..n: argmax(j in i//2..i+1: x[0] * j) * x[i])", "sum(i in 0..n: i * x[i])"],
  ["a first position in a range", "sum(i in 0..n: argmin(j in i..n: 0 * x[j]) * x[i])", "sum(i in 0..n: i * x[i])"],
  ["a number at every position", "sum(i in 0..n: prod(j in i//2..i+1: x[0]))", "sum(i in 0..n: x[0]^(i + 1 - i//2))"],
  [
    "positions between quotients",
    "sum(i in 0..n, j in (i + 1)//3..(2*i + 3)//2: j * x[i])",
    "sum(i in 0..n, j in 0..2*n: if j >= (i + 1)//3 and 2*j <= 2*i + 1 then j * x[i] else 0)",
  ],
  ["elements of a slice", "sum(i in 0..n: sum(v in x[i//2..i+1]: v^2))", "sum(i in 0..n, j in i//2..i+1: x[j]^2)"],
  [
    "elements of a slice, twice",
    "sum(i in 0..n: sum(v in x[i//2..i+1], u in x[i//2..i+1]: u * v^2))",
    "sum(i in 0..n: sum(x[i//2..i+1]) * sum(x[i//2..i+1]^2))",
  ],
  [
    "elements of what is computed",
    "sum(i in 0..n: prod(v in x[i..n]^2: v + 1))",
    "sum(i in 0..n: prod(j in i..n: x[j]^2 + 1))",
  ],
  ["rows of a slice", "sum(i in 0..n: sum(row in X[0..i+1]: sum(row)^2))", "sum(i in 0..n, j in 0..i+1: sum(X[j])^2)"],
  ["elements of a slice of data", "sum(i in 0..n: max(v in x[0..len[i]]: v))", "sum(i in 0..n: max(x[0..len[i]]))"],
];

const x = [0.7, 1.2, -0.4, 2.1, 1.6];
const X = x.map((v) => [v, v + 1]);
const data = { many: true, seen: [true, false, true, true, false], len: [1, 3, 2, 5, 4] };

describe("whole numbers", () => {
  it.each(pairs)("count and end ranges: %s", (_, ...written) => {
    const [mine, same] = written.map((loss) => {
      const text = `param x: [n], X: [n, m]\ndata many: bool, seen: bool[n], len: int[n] within 1..n+1\nloss = ${loss}`;
      return compileModel(loadModel({ name: "whole.nabla", text }))
        .bind(data)
        .lossAndGradient({ x, X });
    });
    expect(mine!.loss).toBeCloseTo(same!.loss, 12);
    for (const name of ["x", "X"]) {
      for (const [k, slope] of same!.gradient[name]!.entries()) expect(mine!.gradient[name]![k]).toBeCloseTo(slope, 11);
    }
  });

  it("name a size by the end of their range, which no array tells", () => {
    const text = "data group: int[n] within 0..k\nparam a: [n]\nloss = sum(scatterAdd(a, group, k)^2)";
    const model = compileModel(loadModel({ name: "groups.nabla", text }));
    const data = { group: [1, 0, 1] };
    expect(model.bind(data, { k: 3 }).lossAndGradient({ a: [1, 2, 3] }).loss).toBe(20);
    expect(() => model.bind(data, { k: 1 })).toThrow('"group" must lie in 0..k: needed 0..1, got 1 at [0].');
    expect(() => model.bind(data).lossAndGradient({ a: [1, 2, 3] })).toThrow('the size "k" follows from no argument');
  });
});
