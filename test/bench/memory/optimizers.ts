import { minimizeSync, type Oracle, optimizerNamed } from "../../../src/optimize.ts";
import { n, options, oracle } from "../tasks/cheap-oracle.ts";

// Runs in a process of its own, with --expose-gc. Prints the bytes that many steps leave behind, by run and method, as JSON.

declare const gc: () => void;

/** A sum of squares whose gradient depends on the step: no run ever ends, and a step costs next to nothing. */
const restless = (step: number): Oracle => ({
  loss: (x) => x.reduce((sum, entry) => sum + entry * entry, 0),
  lossAndGradient(x, g) {
    let sum = 0;
    for (let i = 0; i < x.length; i++) {
      sum += x[i]! * x[i]!;
      g[i] = 2 * x[i]! + Math.sin(step + i);
    }
    return sum;
  },
  hvp(_x, v, h) {
    for (let i = 0; i < v.length; i++) h[i] = 2 * v[i]!;
  },
});

const runs = {
  "1,000 parameters, 2,000 steps": {
    names: ["sgd", "momentum", "adam", "adaptive-descent", "lbfgs", "cg", "stochastic-lbfgs"],
    oracle,
    start: new Float64Array(n).fill(1),
    from: 100,
    to: 2000,
  },
  "4 parameters, 1,000,000 steps": {
    names: ["sgd", "momentum", "adam", "adaptive-descent", "second-order-adaptive-descent", "stochastic-lbfgs"],
    oracle: restless,
    start: new Float64Array(4).fill(1),
    from: 10_000,
    to: 1_000_000,
  },
};

function bytesKept(name: string, { oracle, start, from, to }: (typeof runs)[keyof typeof runs]): number {
  const measure: number[] = [];
  const { iterations } = minimizeSync(optimizerNamed(name, options[name]), oracle, start, {
    limits: { iterations: to },
    tolerances: { gradient: 0 },
    onIterate({ iteration }) {
      if (iteration !== from && iteration !== to) return;
      gc();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      measure.push(heapUsed + arrayBuffers);
    },
  });
  // lbfgs and cg arrive before the end
  return iterations < from ? Number.NaN : (measure[1] ?? measure[0]!) - measure[0]!;
}

console.log(
  JSON.stringify(
    Object.fromEntries(
      Object.entries(runs).flatMap(([what, run]) =>
        run.names.map((name) => [`${name}, ${what}`, bytesKept(name, run)]),
      ),
    ),
  ),
);
