import { describe, expect, it } from "vitest";
import { compileText } from "../../src/language/all.ts";

const x = [1, 2, 3, 5, 5];
const a = [1, 2];
const len = [2, 3];
const range = (low: number, high: number) => Array.from({ length: Math.max(0, high - low) }, (_, k) => low + k);
const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
const over = (f: (i: number) => readonly number[]) => total(range(0, 5).flatMap(f));

const head = "param x: [5], a: [2]\ndata len: int[2] within 0..5\n";
const values = (loss: string, rewrites: "all" | "none") => {
  const compiled = compileText(`${head}loss = ${loss}`, { rewrites });
  return compiled.lossAndGradient({ x, a, len });
};

/** Sums over ranges that vary, of what is computed where it is read, moved or backwards; and what they are. */
const moved: readonly (readonly [string, number])[] = [
  [
    "{ let y = log(x); return sum(i in 0..5, j in 0..i: y[j+1]) }",
    over((i) => range(0, i).map((j) => Math.log(x[j + 1]!))),
  ],
  [
    "{ let y = log(x); return sum(i in 0..5, j in 0..i: y[4-j]) }",
    over((i) => range(0, i).map((j) => Math.log(x[4 - j]!))),
  ],
  [
    "{ let y = log(x); return sum(i in 0..5, j in 2..i: y[j-2]) }",
    over((i) => range(2, i).map((j) => Math.log(x[j - 2]!))),
  ],
  [
    "{ let y = log(x); return sum(s, j in 0..len[s]: a[s] * y[j+2]) }",
    total(a.map((each, s) => each * total(range(0, len[s]!).map((j) => Math.log(x[j + 2]!))))),
  ],
  [
    "sum(i in 0..5: prod(j in 0..i: sqrt(x)[j+1]))",
    over((i) => [range(0, i).reduce((product, j) => product * Math.sqrt(x[j + 1]!), 1)]),
  ],
];

/** Of what has an infinite slope at a place that no range of the data takes in. */
const beside = [
  "sum(s, j in 0..len[s]: a[s] * log(x[4] - x[j]))",
  "sum(s, j in 0..len[s]: log(x[4] - x[j]) * a[s])",
  "sum(s: a[s] * sum(j in 0..len[s]: log(x[4] - x[j])))",
  "sum(s: a[s] * sum(log(x[4] - x[0..len[s]])))",
];
const gathered = ["sum", "prod", "max", "min", "logsumexp", "mean"];

describe("a range that varies", () => {
  it.each(moved)("reads %s in all of its places", (text, expected) => {
    for (const rewrites of ["all", "none"] as const) expect(values(text, rewrites).loss).toBeCloseTo(expected, 12);
  });

  it.each(beside)("leaves no slope where it never is: %s", (text) => {
    for (const rewrites of ["all", "none"] as const) {
      const { gradient } = values(text, rewrites);
      for (const [k, slope] of [-0.75, -1, -1, 0, 2.75].entries()) expect(gradient.x![k]).toBeCloseTo(slope, 12);
    }
  });

  it.each(gathered)("leaves no slope of %s where it never is", (gather) => {
    for (const rewrites of ["all", "none"] as const) {
      const { gradient } = values(`sum(s: a[s] * ${gather}(j in 0..len[s]: log(x[4] - x[j])))`, rewrites);
      expect(gradient.x![3]).toBe(0);
      expect(total([...gradient.x!])).toBeCloseTo(0, 12);
    }
  });

  it.each([
    "sum(i in 0..n, j in 0..2: sum(k in 0..m: sum(l in 1..k: z[i])))",
    "sum(i in 0..m, j in 1..i: log(sum(k in 0..n: exp(z[k] * z[j]))))",
    "sum(i in 0..m, j in 1..i: logsumexp(k in 0..n-i: z[i] * z[j]))",
  ])("counts nothing where its length would be below 0: %s", (loss) => {
    for (const rewrites of ["all", "exact", "none"] as const)
      for (const sizes of ["size n = 2, m = 1\n", "size m = 1\n"]) {
        const compiled = compileText(`${sizes}param z: [n]\nloss = ${loss}`, { rewrites });
        expect(compiled.lossAndGradient({ z: [1, 2] })).toEqual({ loss: 0, gradient: { z: new Float64Array(2) } });
      }
  });

  it.each([
    "sum(i in 1..n: logsumexp(j in 0..n-1: z[j]))",
    "sum(i in 1..n, j in 1..i: logsumexp(k in 0..n-1: z[k]))",
    "sum(i in 0..n//2: 1 / (n - 1))",
  ])("is 0 where it is known to be empty, whatever its terms would be: %s", (loss) => {
    for (const rewrites of ["all", "exact", "none"] as const) {
      const compiled = compileText(`size n = 1\nparam z: [n]\nloss = ${loss}`, { rewrites });
      expect(compiled.lossAndGradient({ z: [1] })).toEqual({ loss: 0, gradient: { z: new Float64Array(1) } });
    }
  });
});
