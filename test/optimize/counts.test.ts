import { describe, expect, it } from "vitest";
import { norm } from "../../src/numeric/vectors.ts";
import { bfgs, conjugateGradients, lbfgs, minimizeSync, type Optimizer, type Oracle } from "../../src/optimize.ts";
import { logisticRegression, quadraticOf, readCase } from "./convex.ts";
import { mghOracle, mghProblems } from "./mgh.ts";
import { rosenbrock, rosenbrockStart } from "./problems.ts";

type Threshold = "rel_1e-6" | "rel_1e-8" | "abs_1e-6" | "abs_1e-8";
type Hits = Partial<Record<Threshold, number>>;

/** Calls up to the first gradient within each threshold. */
function hitsOf(optimizer: Optimizer, oracle: Oracle, start: readonly number[]): Hits {
  const hits: Hits = {};
  let calls = 0;
  let first = 0;
  const counting: Oracle = {
    ...oracle,
    loss: (x) => oracle.loss(x),
    lossAndGradient(x, g) {
      const value = oracle.lossAndGradient(x, g);
      calls += 1;
      const size = norm(g);
      if (calls === 1) first = size;
      const limits = { "rel_1e-6": 1e-6 * first, "rel_1e-8": 1e-8 * first, "abs_1e-6": 1e-6, "abs_1e-8": 1e-8 };
      for (const [name, limit] of Object.entries(limits)) if (size <= limit) hits[name as Threshold] ??= calls;
      return value;
    },
  };
  const result = minimizeSync(optimizer, counting, start, {
    tolerances: { gradient: 0 },
    limits: { iterations: 1e5, evaluations: { value: 10_000 } },
    onIterate: () => Object.keys(hits).length === 4,
  });
  expect(result.evaluations.gradient).toBe(calls);
  return hits;
}

/** Ratios of our calls to theirs; a threshold that only they reach is infinitely many. */
function ratios(ours: Hits, theirs: Hits): number[] {
  return Object.entries(theirs).map(([name, calls]) => (ours[name as Threshold] ?? Number.POSITIVE_INFINITY) / calls);
}

function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

const methods = { BFGS: bfgs, "L-BFGS-B": lbfgs, CG: conjugateGradients } as const;
type MethodName = keyof typeof methods;
const names = Object.keys(methods) as MethodName[];

describe("calls to reach a gradient norm, beside SciPy's", () => {
  const { cases } = readCase<{
    cases: {
      id: string;
      n: number;
      lambdas?: number[];
      methods: Record<string, { hits: Record<Threshold, { f: number } | null> }>;
    }[];
  }>("optim/scipy-counts.json");
  const oracles: Readonly<Record<string, Oracle>> = {
    rosenbrock2: rosenbrock,
    "logreg_breast_cancer_lam1e-1": logisticRegression(0.1).flat,
    quadratic40_5eigs: quadraticOf(cases.find(({ lambdas }) => lambdas)!.lambdas!).flat,
  };

  it.each(names)("%s: at most as many in the mean, nowhere more than 1.5 times as many", (name) => {
    const all = cases.flatMap(({ id, n, methods: theirs }) => {
      const start = id === "rosenbrock2" ? rosenbrockStart : new Array<number>(n).fill(0);
      const hits = Object.entries(theirs[name]!.hits).flatMap(([key, hit]) => (hit ? [[key, hit.f] as const] : []));
      return ratios(hitsOf(methods[name](), oracles[id]!, start), Object.fromEntries(hits));
    });
    expect(all).toHaveLength(12);
    expect(geometricMean(all)).toBeLessThanOrEqual(1);
    expect(Math.max(...all)).toBeLessThanOrEqual(1.5);
  });

  /**
   * Where a path depends on luck: Powell's badly scaled problem takes L-BFGS twice the steps with a memory of 20 that it
   * takes with 10, and conjugate gradients are a lottery on the non-convex problems with narrow valleys.
   */
  const unlucky: Readonly<Record<MethodName, readonly string[]>> = {
    BFGS: [],
    "L-BFGS-B": ["Powell badly scaled"],
    CG: ["Wood", "extended Rosenbrock 10", "penalty II 4", "penalty II 10", "variably dimensioned 10"],
  };
  /** Thousands of calls of CG each. */
  const long = ["Osborne 1", "Osborne 2", "Watson 9", "Watson 12"];

  it.each(names)("%s on the More-Garbow-Hillstrom problems: at most 0.95 as many in the mean", (name) => {
    const theirs = readCase<{ cases: Record<string, Record<MethodName, Hits>> }>("optim/scipy-counts-mgh.json").cases;
    const all: number[] = [];
    for (const problem of mghProblems) {
      if (name === "CG" && long.includes(problem.name)) continue;
      const found = ratios(hitsOf(methods[name](), mghOracle(problem), problem.start), theirs[problem.name]![name]);
      expect(Math.max(...found), problem.name).toBeLessThanOrEqual(unlucky[name].includes(problem.name) ? 6 : 1.5);
      all.push(...found);
    }
    expect(geometricMean(all)).toBeLessThanOrEqual(0.95);
  });
});
