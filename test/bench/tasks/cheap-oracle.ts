import type { Oracle } from "../../../src/optimize.ts";

export const n = 1000;

/** Logistic regression of a few rows: about the cheapest loss that a model of so many parameters has. */
const rows = 16;
const X = Float64Array.from({ length: rows * n }, (_, i) => Math.sin(i * 1.7) + 0.1 * Math.cos(i * i));
export const oracle: Oracle = {
  loss: (x) => oracle.lossAndGradient(x, new Float64Array(n)),
  lossAndGradient(x, g) {
    let sum = 0;
    for (let i = 0; i < n; i++) {
      sum += 0.05 * x[i]! * x[i]!;
      g[i] = 0.1 * x[i]!;
    }
    for (let k = 0, row = 0; k < rows; k++, row += n) {
      let margin = 0;
      for (let i = 0; i < n; i++) margin += X[row + i]! * x[i]!;
      sum += Math.log1p(Math.exp(-Math.abs(margin))) + Math.max(0, margin);
      const residual = 1 / (1 + Math.exp(-margin));
      for (let i = 0; i < n; i++) g[i] = g[i]! + residual * X[row + i]!;
    }
    return sum;
  },
  hvp: (_x, v, h) => h.set(v),
};

/** Rates with which the methods without a search stay where numbers are, and go on. */
export const options: Readonly<Record<string, Record<string, unknown>>> = {
  sgd: { rate: 1e-6 },
  momentum: { rate: 1e-7 },
  adam: { rate: 1e-6 },
  "adaptive-descent": { curvature: 1e7 },
};
