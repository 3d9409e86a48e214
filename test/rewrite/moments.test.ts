import { describe, expect, it } from "vitest";
import { compileText } from "../../src/language/all.ts";

const mean = "mean((x - mean(x, axis=1)[:, None])^2, axis=1)";
const weighted = (u: string, v: string) =>
  `[i in 0..n: sum(k: w[i, k] * (${u}[i, k] - sum(k: w[i, k] * ${u}[i, k]) / sum(w[i])) * (${v}[i, k] - sum(k: w[i, k] * ${v}[i, k]) / sum(w[i])))]`;

/** Variances and covariances of rows by moments, and by deviations. */
const pairs = [
  ["mean(x^2, axis=1) - mean(x, axis=1)^2", mean],
  ["-square(mean(x, axis=1)) + mean(square(x), axis=1)", mean],
  ["[i in 0..n: sum(k: x[i, k]^2) / d - (sum(k: x[i, k]) / d)^2]", mean],
  ["[i in 0..n: dot(x[i], x[i]) / d - mean(x[i])^2]", mean],
  ["(sum(x^2, axis=1) - sum(x, axis=1)^2 / d) / (d - 1)", `d / (d - 1) * ${mean}`],
  ["(sum(x^2, axis=1) - d * mean(x, axis=1)^2) / (d - 1)", `d / (d - 1) * ${mean}`],
  ["3 * d * sum(x^2, axis=1) - 3 * sum(x, axis=1)^2", `3 * d^2 * ${mean}`],
  [
    "mean(x * y, axis=1) - mean(x, axis=1) * mean(y, axis=1)",
    "mean((x - mean(x, axis=1)[:, None]) * (y - mean(y, axis=1)[:, None]), axis=1)",
  ],
  [
    "sum(w * x^2, axis=1) / sum(w, axis=1) - (sum(w * x, axis=1) / sum(w, axis=1))^2",
    `${weighted("x", "x")} / sum(w, axis=1)`,
  ],
  [
    "sum(w, axis=1) * sum(w * x * y, axis=1) - sum(w * x, axis=1) * sum(w * y, axis=1)",
    `${weighted("x", "y")} * sum(w, axis=1)`,
  ],
] as const;

const at = {
  x: [
    [1e8 + 0.125, 1e8 + 2.25, 1e8 + 4.5],
    [2e8 + 1.5, 2e8 - 2.25, 2e8 + 4.75],
  ],
  y: [
    [3e8 + 1.125, 3e8 + 2.5, 3e8 + 2.5],
    [2e8 + 2.5, 2e8 - 1.25, 2e8 + 3.75],
  ],
  w: [
    [1, 2, 0.5],
    [2, 1, 1],
  ],
};

const model = (value: string) =>
  compileText(`size n, d\nparam x: [n, d]\ndata y: [n, d], w: [n, d]\nloss = sum(log(${value}))`);

describe("a mean of products less a product of means", () => {
  it.each(pairs)("keeps what the values do not have in common: %s", (moments, deviations) => {
    const [mine, right] = [moments, deviations].map((value) => model(value));
    expect(Math.abs(mine!.loss(at) - right!.loss(at))).toBeLessThan(1e-14);
    const along = {
      x: [
        [1, -2, 0.5],
        [0.3, 0.7, -0.2],
      ],
    };
    for (const [one, other] of [
      [mine!.gradient(at).x!, right!.gradient(at).x!],
      [mine!.hvp(at, along).x!, right!.hvp(at, along).x!],
    ] as const) {
      for (const [k, value] of one.entries())
        expect(Math.abs(value - other[k]!)).toBeLessThan(1e-7 * Math.abs(other[0]!));
    }
  });

  it("knows the number of terms where it is one", () => {
    const text = "param x: [3]\nloss = (sum(x^2) - sum(x)^2 / 3) / 2";
    expect(compileText(text).loss({ x: at.x[0]! })).toBeCloseTo(4.786458333333333, 12);
  });

  it.each([
    "sum(x^2, axis=1) - sum(x, axis=1)^2 / 4",
    "sum(x^2, axis=1) - sum(x, axis=1)^2 / n",
    "sum(x^2, axis=1) + sum(x, axis=1)^2 / d",
    "sum(x^2, axis=1) - sum(x, axis=1)^2 * d",
    "sum(x * y, axis=1) - sum(x, axis=1)^2 / d",
    "sum(w * x^2, axis=1) - sum(w * x, axis=1)^2 / d",
    "sum(x^2, axis=1) - sum(w * x, axis=1)^2 / sum(w, axis=1)",
    "sum(w * x^2, axis=1) - sum(w * x, axis=1)^2 / sum(w, axis=1)^2",
    "sum(x^2, axis=1) / d - mean(x)^2",
  ])("is none of other differences: %s", (value) => {
    const small = {
      x: [
        [1, 2, 3],
        [2, 5, 1],
      ],
      y: [
        [0.5, 1, 2],
        [1, 2, 2],
      ],
      w: at.w,
    };
    const text = `size n, d\nparam x: [n, d]\ndata y: [n, d], w: [n, d]\nloss = sum((${value})^2)`;
    const [all, none] = (["all", "none"] as const).map((rewrites) => compileText(text, { rewrites }).loss(small));
    expect(all! / none!).toBeCloseTo(1, 13);
  });
});
