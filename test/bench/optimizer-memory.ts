import { minimizeSync, type Oracle, optimizerNamed } from "../../src/optimize.ts";

// Runs in a process of its own, with --expose-gc. Prints the bytes that many steps leave behind, by method, as JSON.

declare const gc: () => void;

const n = 1000;
const names = ["sgd", "momentum", "adam", "adaptive-descent", "lbfgs", "cg", "stochastic-lbfgs"];
const options: Readonly<Record<string, Record<string, unknown>>> = {
  sgd: { rate: 1e-6 },
  momentum: { rate: 1e-7 },
  adam: { rate: 1e-6 },
  "adaptive-descent": { curvature: 1e7 },
};

/** Logistic regression of a few rows: about the cheapest loss that a model of so many parameters has. */
const rows = 16;
const X = Float64Array.from({ length: rows * n }, (_, i) => Math.sin(i * 1.7) + 0.1 * Math.cos(i * i));
const oracle: Oracle = {
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
const start = new Float64Array(n).fill(1);

function bytesKept(name: string): number {
  const optimizer = optimizerNamed(name, options[name]);
  const measure: number[] = [];
  minimizeSync(optimizer, oracle, start, {
    limits: { iterations: 2000 },
    tolerances: { gradient: 0 },
    onIterate({ iteration }) {
      if (iteration !== 100 && iteration !== 2000) return;
      gc();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      measure.push(heapUsed + arrayBuffers);
    },
  });
  return measure.length < 2 ? 0 : measure[1]! - measure[0]!;
}

console.log(JSON.stringify(Object.fromEntries(names.map((name) => [name, bytesKept(name)]))));
