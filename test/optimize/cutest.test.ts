import { describe, expect, it } from "vitest";
import { compileText } from "../../src/language/all.ts";
import { norm } from "../../src/numeric/vectors.ts";
import { minimizeSync, type Oracle, optimizerNamed } from "../../src/optimize.ts";
import { readCase } from "./convex.ts";

type Hits = Readonly<Record<string, readonly number[]>>;

interface Problem {
  readonly name: string;
  readonly start: readonly number[];
  readonly text: string;
  readonly lower?: readonly (number | string)[];
  readonly upper?: readonly (number | string)[];
  readonly methods: Readonly<Record<string, Hits>>;
}

const problems = readCase<{ cases: readonly Problem[] }>("optim/cutest.json").cases.map((problem) => ({
  ...problem,
  lower: problem.lower?.map(Number),
  upper: problem.upper?.map(Number),
  oracle: compileText(problem.text).bind({}, problem.text.includes("[n]") ? { n: problem.start.length } : {}).flat,
}));

/** [losses, gradients, products] up to the first gradient within each threshold, as the case counts SciPy's. */
function hitsOf(name: string, { start, lower, upper, oracle }: (typeof problems)[number]): Hits {
  const hits: Record<string, readonly number[]> = {};
  const count = { f: 0, hvp: 0 };
  let first = Number.NaN;
  const counting: Oracle = {
    ...oracle,
    lossAndGradient(x, g) {
      const value = oracle.lossAndGradient(x, g);
      count.f += 1;
      const size = norm(
        lower && upper ? g.map((slope, i) => Math.min(Math.max(x[i]! - slope, lower[i]!), upper[i]!) - x[i]!) : g,
      );
      if (count.f === 1) first = size;
      const limits = { "rel_1e-6": 1e-6 * first, "rel_1e-8": 1e-8 * first, "abs_1e-6": 1e-6, "abs_1e-8": 1e-8 };
      for (const [key, limit] of Object.entries(limits)) if (size <= limit) hits[key] ??= [count.f, count.f, count.hvp];
      return value;
    },
    hvp(x, v, h) {
      count.hvp += 1;
      oracle.hvp(x, v, h);
    },
    hessian(x, H) {
      count.hvp += x.length;
      oracle.hessian(x, H);
    },
  };
  minimizeSync(optimizerNamed(name, lower && upper ? { lower, upper } : {}), counting, start, {
    tolerances: { gradient: 0 },
    limits: { iterations: 1e4, evaluations: { value: 1500 } },
    onIterate: () => Object.keys(hits).length === 4,
  });
  return hits;
}

describe("CUTEst's problems", () => {
  /** [losses, products] beside SciPy's, over all thresholds, at most. */
  it.each([
    ["bfgs", "BFGS", 1, 0],
    ["lbfgs", "L-BFGS-B", 0.85, 0],
    ["lbfgs-b", "L-BFGS-B", 0.85, 0],
    ["cg", "CG", 1, 0],
    ["newton-cg", "Newton-CG", 0.7, 0.9],
    // minima where the Hessian vanishes: systems are solved more exactly than SciPy's, for fewer losses
    ["trust-ncg", "trust-ncg", 0.9, 1.2],
    ["trust-krylov", "trust-krylov", 0.65, 0.85],
    ["trust-exact", "trust-exact", 0.85, 0.6],
  ] as const)("%s reaches all that %s reaches, with few calls in the sum", (name, other, losses, products) => {
    const ours = { f: 0, hvp: 0 };
    const theirs = { f: 0, hvp: 0 };
    for (const problem of problems) {
      if (problem.lower && name !== "lbfgs-b") continue;
      const hits = hitsOf(name, problem);
      for (const [threshold, [f, , hvp]] of Object.entries(problem.methods[other]!)) {
        const hit = hits[threshold];
        expect(hit, `${problem.name} ${threshold}`).toBeDefined();
        ours.f += hit![0]!;
        ours.hvp += hit![2]!;
        theirs.f += f!;
        theirs.hvp += hvp!;
      }
    }
    expect(ours.f / theirs.f).toBeLessThanOrEqual(losses);
    expect(ours.hvp / (theirs.hvp || 1)).toBeLessThanOrEqual(products);
  });
});
