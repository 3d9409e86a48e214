import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { cholesky } from "../../src/numeric/dense/cholesky.ts";
import { fillNormal } from "../../src/numeric/random.ts";
import { dot, norm } from "../../src/numeric/vectors.ts";
import { damp, multiplyInverse, type Pair, scaleOf } from "../../src/optimize/descent/curvature-pairs.ts";
import {
  bfgs,
  type Checkpoint,
  conjugateGradients,
  deserialize,
  lbfgs,
  minimizeSync,
  type Optimizer,
  type OptimizerState,
  type Oracle,
  serialize,
} from "../../src/optimize.ts";
import { digitsRegression, logisticRegression, quadraticOf, softmaxRegression } from "./convex.ts";
import { mghOracle, mghProblems } from "./mgh.ts";
import { rosenbrock, rosenbrockStart, separable } from "./problems.ts";

const formulas = ["fletcher-reeves", "polak-ribiere", "hestenes-stiefel", "dai-yuan", "hager-zhang"] as const;
const searches = ["more-thuente", "hager-zhang"] as const;

/** Every method with every search. */
const methods: Readonly<Record<string, () => Optimizer>> = Object.fromEntries(
  searches.flatMap((search) => [
    [`lbfgs ${search}`, () => lbfgs({ search })],
    [`lbfgs with products ${search}`, () => lbfgs({ search, change: "products" })],
    [`bfgs ${search}`, () => bfgs({ search })],
    [`bfgs scaled ${search}`, () => bfgs({ search, initial: "scaled" })],
    ...formulas.map((formula) => [`cg ${formula} ${search}`, () => conjugateGradients({ search, formula })]),
  ]),
);
const named = Object.entries(methods);
const backtrackers: [string, () => Optimizer][] = [
  ["lbfgs backtracking", () => lbfgs({ search: "backtracking" })],
  ["bfgs backtracking", () => bfgs({ search: "backtracking" })],
];

describe.each([...named, ...backtrackers])("%s", (_name, make) => {
  it("finds the minimum of Rosenbrock's function", () => {
    const result = minimizeSync(make(), rosenbrock, rosenbrockStart);
    expect(result.status).toMatchObject({ kind: "converged", criterion: "gradient" });
    expect(norm(result.point.map((x) => x - 1))).toBeLessThan(1e-7);
  });

  it("resumes from any iterate, through text, bit for bit", () => {
    const texts: string[] = [];
    const whole = minimizeSync(make(), rosenbrock, rosenbrockStart, {
      onIterate: (iterate) => void texts.push(serialize(iterate.checkpoint())),
    });
    for (const k of [0, 1, 5, 12, texts.length - 2, texts.length - 1]) {
      const resume = deserialize<Checkpoint<OptimizerState>>(texts[k]!);
      expect(minimizeSync(make(), rosenbrock, rosenbrockStart, { resume })).toEqual(whole);
    }
  });

  it("obeys limits inside its searches to the call, and keeps the best point", () => {
    for (const value of [0, 1, 2, 3, 7, 8, 9, 10, 11]) {
      let calls = 0;
      const lowest = { value: Number.POSITIVE_INFINITY };
      const counting: Oracle = {
        ...rosenbrock,
        lossAndGradient(x, g) {
          calls += 1;
          const loss = rosenbrock.lossAndGradient(x, g);
          lowest.value = Math.min(loss, lowest.value);
          return loss;
        },
      };
      const result = minimizeSync(make(), counting, rosenbrockStart, { limits: { evaluations: { value } } });
      expect(result.status).toEqual({ kind: "limit", limit: "value", allowed: value });
      expect(calls).toBe(value);
      expect(result.evaluations.value).toBe(value);
      if (value > 0) expect(result.best.value).toBe(lowest.value);
      const rest = minimizeSync(make(), rosenbrock, rosenbrockStart, { resume: result.checkpoint });
      expect(rest.point).toEqual(minimizeSync(make(), rosenbrock, rosenbrockStart).point);
    }
  });
});

/** A loss of one kind of trouble, its gradient by hand. */
const onLine = (loss: (x: number) => number, slope: (x: number) => number): Oracle =>
  separable(loss, slope, (x) => (slope(x + 1e-6) - slope(x - 1e-6)) / 2e-6);

describe.each(named)("%s in trouble", (_name, make) => {
  const run = (oracle: Oracle, start: readonly number[], gradient = 1e-8) =>
    minimizeSync(make(), oracle, start, { tolerances: { gradient }, limits: { iterations: 2000 } });

  it("says that a loss has no lower bound", () => {
    const linear = run(
      onLine(
        (x) => -x,
        () => -1,
      ),
      [0, 1],
    );
    expect(linear.status).toEqual({ kind: "failed", why: "unbounded" });
    const cubic = run(
      onLine(
        (x) => x ** 3,
        (x) => 3 * x * x,
      ),
      [-1, -2],
    );
    expect(cubic.status).toEqual({ kind: "failed", why: "unbounded" });
  });

  it("fails at a start without a number, and says so", () => {
    const result = run(
      onLine(
        (x) => Math.log(x),
        (x) => 1 / x,
      ),
      [-1],
    );
    expect(result.status).toEqual({ kind: "failed", why: "notFinite" });
    const gradientOnly = run(
      onLine(
        (x) => x,
        () => Number.NaN,
      ),
      [1],
    );
    expect(gradientOnly.status).toEqual({ kind: "failed", why: "notFinite" });
  });

  it("steps back from NaN inside its searches", () => {
    // x - log x: NaN below 0, where the first steps from 1e-6 or 30 go
    for (const start of [1e-6, 30]) {
      const result = run(
        onLine(
          (x) => x - Math.log(x),
          (x) => 1 - 1 / x,
        ),
        [start, 2 * start],
      );
      expect(result.status.kind).toBe("converged");
      expect(Math.abs(result.point[0]! - 1)).toBeLessThan(1e-7);
    }
  });

  it("copes with gradients whose squares overflow", () => {
    // e^(50 x) + e^-x from 14: the loss is 1e304 there
    const slope = (x: number) => 50 * Math.exp(50 * x) - Math.exp(-x);
    const result = run(
      onLine((x) => Math.exp(50 * x) + Math.exp(-x), slope),
      [14],
      1e-6,
    );
    expect(result.best.value).toBeLessThan(1.2);
  });

  it("does not take a loss that is too large to show a step for one at its minimum", () => {
    const far = 1e150;
    const result = run(
      onLine(
        (x) => (x - far) ** 2,
        (x) => 2 * (x - far),
      ),
      [0],
    );
    expect(result.status.kind).toBe(result.value === 0 ? "converged" : "failed");
  });

  it("stays at a flat start", () => {
    const result = run(
      onLine(
        () => 3,
        () => 0,
      ),
      [1, 2],
    );
    expect(result.status).toMatchObject({ kind: "converged", criterion: "gradient", measured: 0 });
    expect(result.iterations).toBe(0);
  });

  it("does not believe a gradient that lies", () => {
    const start = [1, 2];
    const result = run(
      onLine(
        (x) => x * x,
        (x) => -2 * x,
      ),
      start,
    );
    expect(result.status).toEqual({ kind: "failed", why: "lineSearch" });
    expect(result.message).toContain("Is the gradient that of the loss");
    expect(result.best.value).toBeCloseTo(5, 13);
  });

  it("ends by rounding, not by failure, where no more digits are to be had", () => {
    const result = run(logisticRegression(0.1).flat, new Array<number>(31).fill(0), 1e-300);
    expect(result.status).toMatchObject({ kind: "converged", criterion: "rounding" });
    expect(result.value).toBeCloseTo(0.196747777781, 11);
    expect(result.gradientNorm).toBeLessThan(1e-11);
  });

  it("ends by rounding where the next point of float64 has no smaller gradient", () => {
    // curvatures of 2e14 and 2: a unit in the last place of x moves its slope by 1e-2
    const [lossOf, slopesOf] = [
      ([x, y]: Float64Array) => 88 + (1e7 * (x! - 1 / 3)) ** 2 + (y! - 0.7) ** 2,
      ([x, y]: Float64Array) => [2e14 * (x! - 1 / 3) + 1e-3, 2 * (y! - 0.7)],
    ];
    const oracle: Oracle = {
      loss: lossOf,
      lossAndGradient(x, g) {
        g.set(slopesOf(x));
        return lossOf(x);
      },
      hvp: (_x, v, h) => h.set([2e14 * v[0]!, 2 * v[1]!]),
    };
    const result = run(oracle, [0.4, 3], 1e-10);
    expect(result.status).toMatchObject({ kind: "converged", criterion: "rounding" });
    // what a loss of 88 cannot show
    expect(result.value - 88).toBeLessThan(88 * 2 ** -40);
  });

  it("does not take a kink for the rounding of the loss", () => {
    const lossOf = ([x, y]: Float64Array) => 10 * Math.abs(x! - y!) + (x! - 3) ** 2 + (y! - 1) ** 2;
    const oracle: Oracle = {
      loss: lossOf,
      lossAndGradient(point, g) {
        const [x, y] = point as unknown as [number, number];
        const slope = 10 * Math.sign(x - y);
        g.set([slope + 2 * (x - 3), -slope + 2 * (y - 1)]);
        return lossOf(point);
      },
      hvp: (_x, v, h) => h.set([2 * v[0]!, 2 * v[1]!]),
    };
    for (const start of [
      [0, 5],
      [1, -7.3],
      [4.4, 4.1],
    ]) {
      expect(run(oracle, start).status.kind).not.toBe("converged");
    }
  });

  it("is aborted inside a search", () => {
    const controller = new AbortController();
    let calls = 0;
    const oracle: Oracle = {
      ...rosenbrock,
      lossAndGradient(x, g) {
        calls += 1;
        if (calls === 6) controller.abort(new Error("enough"));
        return rosenbrock.lossAndGradient(x, g);
      },
    };
    const result = minimizeSync(make(), oracle, rosenbrockStart, { signal: controller.signal });
    expect(result.status).toEqual({ kind: "aborted", reason: "enough" });
    expect(calls).toBe(6);
    expect(minimizeSync(make(), rosenbrock, rosenbrockStart, { resume: result.checkpoint }).status.kind).toBe(
      "converged",
    );
  });

  it("refuses batches, whose losses cannot be compared", () => {
    expect(() => minimizeSync(make(), () => rosenbrock, rosenbrockStart)).toThrow("every batch has a loss of its own");
  });
});

/** Minus the gradient of `quadraticOf` at 0. */
const cosines = (n: number) => Float64Array.from({ length: n }, (_, i) => Math.cos(i + 1));

describe("bfgs", () => {
  const eigenvalues = [1, 2, 5, 10, 40, 100];
  const exact = { curvature: 1e-11, search: "hager-zhang" } as const;

  it("with exact searches ends on a quadratic of n parameters after n moves, with the inverse Hessian", () => {
    const quadratic = quadraticOf(eigenvalues).flat;
    const n = eigenvalues.length;
    const first = norm(cosines(n));
    const result = minimizeSync(bfgs(exact), quadratic, new Array<number>(n).fill(0), {
      tolerances: { gradient: 0 },
      limits: { iterations: n },
    });
    expect(result.gradientNorm / first).toBeLessThanOrEqual(1e-10);
    const { inverse } = result.state;
    for (let j = 0; j < n; j++) {
      const column = new Float64Array(n);
      quadratic.hvp(
        new Float64Array(n),
        Float64Array.from({ length: n }, (_, i) => (i === j ? 1 : 0)),
        column,
      );
      for (let i = 0; i < n; i++) {
        const entry = dot(inverse.subarray(i * n, i * n + n), column);
        expect(Math.abs(entry - (i === j ? 1 : 0))).toBeLessThanOrEqual(1e-6);
      }
    }
  });

  it.each(["identity", "scaled"] as const)(
    "satisfies the secant equation M y = s after each move, from %s",
    (initial) => {
      let before: { point: Float64Array; gradient: Float64Array } | undefined;
      minimizeSync(bfgs({ initial }), rosenbrock, rosenbrockStart, {
        onIterate({ state }) {
          if (before) {
            const s = state.point.map((x, i) => x - before!.point[i]!);
            const y = state.gradient.map((g, i) => g - before!.gradient[i]!);
            const n = s.length;
            for (let i = 0; i < n; i++) {
              const entry = dot(state.inverse.subarray(i * n, i * n + n), y);
              expect(Math.abs(entry - s[i]!)).toBeLessThanOrEqual(1e-8 * norm(s));
            }
          }
          before = { point: state.point.slice(), gradient: state.gradient.slice() };
        },
      });
      expect(before).toBeDefined();
    },
  );

  it("is lbfgs with a memory of all moves and M0 = I", () => {
    const oracle = logisticRegression(0.1).flat;
    const search = { search: "more-thuente", curvature: 0.9 } as const;
    const points = [
      bfgs({ initial: "identity", ...search }),
      lbfgs({ initial: "identity", memory: 31, ...search }),
    ].map((method) => {
      const found: Float64Array[] = [];
      minimizeSync<OptimizerState>(method as Optimizer, oracle, new Array<number>(31).fill(0), {
        limits: { iterations: 8 },
        onIterate: ({ point }) => void found.push(point),
      });
      return found;
    });
    for (const [k, point] of points[0]!.entries()) {
      // the same sums in another order, over eight moves
      expect(norm(point.map((x, i) => x - points[1]![k]![i]!))).toBeLessThanOrEqual(1e-10 * Math.max(1, norm(point)));
    }
  });
});

describe("damping", () => {
  /** Vectors drawn by a seed, g turned so that s leads downhill. */
  const drawn = (seed: number, step: number) => {
    const [s, y, g] = [1, 2, 3].map((stream) => {
      const vector = new Float64Array(5);
      fillNormal(vector, seed, stream);
      return vector;
    }) as [Float64Array, Float64Array, Float64Array];
    const gradient = dot(g, s) < 0 ? g : g.map((entry) => -entry);
    return { s, y, gradient, expected: -Math.min(1, step) * dot(gradient, s) };
  };

  it("lifts <y, s> to its least part of the curvature that was expected, and leaves more than that alone", () => {
    let damped = 0;
    for (let seed = 0; seed < 200; seed++) {
      const step = 2 ** ((seed % 9) - 4);
      const { s, y, gradient, expected } = drawn(seed, step);
      const before = y.slice();
      damp({ s, y }, { step, gradient, least: 0.2 });
      if (dot(before, s) >= 0.2 * expected) {
        expect(y).toEqual(before);
        continue;
      }
      damped += 1;
      // sums of five terms
      const size = y.reduce((sum, entry, i) => sum + Math.abs(entry * s[i]!), 0);
      expect(Math.abs(dot(y, s) - 0.2 * expected)).toBeLessThan(1e-13 * size);
    }
    expect(damped).toBeGreaterThan(50);
  });

  // from (1, 1e-3) it moves to where y'^2 - 1 curves downwards
  const saddle: Oracle = {
    loss: ([x, y]) => x! ** 2 + (y! ** 2 - 1) ** 2,
    lossAndGradient(point, g) {
      const [x, y] = point as unknown as [number, number];
      g.set([2 * x, 4 * y * (y * y - 1)]);
      return this.loss(point);
    },
  };

  it("lets a move along negative curvature teach bfgs, and keeps M positive definite", () => {
    const learnt = (damping: number) => {
      const matrices: Float64Array[] = [];
      const method = bfgs({ search: "backtracking", damping });
      const { status } = minimizeSync(method, saddle, [0.1, 0.05], {
        onIterate: ({ state }) => void matrices.push(state.inverse.slice()),
      });
      expect(status.kind).toBe("converged");
      for (const M of matrices) expect(cholesky(new Float64Array(4), M, 2)).toBe(2);
      return matrices[1]!;
    };
    expect(Array.from(learnt(0))).toEqual([1, 0, 0, 1]);
    expect(Array.from(learnt(0.2))).not.toEqual([1, 0, 0, 1]);
  });
});

describe("L-BFGS's two loops", () => {
  const { quasi_newton } = JSON.parse(
    readFileSync(new URL("../cases/optim/second-order.json", import.meta.url), "utf8"),
  ) as { quasi_newton: { kind: string; S: number[][]; Y: number[][]; gradient: number[]; direction: string[] }[] };

  it.each(quasi_newton.filter(({ kind }) => kind === "lbfgs_direction"))(
    "give the direction of the file, m = $m",
    (entry) => {
      const pairs: Pair[] = entry.S.map((row, k) => {
        const [s, y] = [Float64Array.from(row), Float64Array.from(entry.Y[k]!)];
        return { s, y, product: dot(s, y) };
      });
      const v = Float64Array.from(entry.gradient, (g) => -g);
      multiplyInverse(v, pairs, scaleOf(pairs.at(-1)!), new Float64Array(pairs.length));
      for (const [i, wanted] of entry.direction.entries()) {
        expect(Math.abs(v[i]! - Number(wanted))).toBeLessThanOrEqual(1e-10 * Math.abs(Number(wanted)));
      }
    },
  );
});

describe("lbfgs", () => {
  it.each(mghProblems)("comes within 1e-8 of a listed minimum of $name", (problem) => {
    const { best, status } = minimizeSync(lbfgs(), mghOracle(problem), problem.start, {
      tolerances: { gradient: 1e-10 },
    });
    const nearest = Math.min(...problem.minima.map((minimum) => Math.abs(best.value - minimum) / Math.max(1, minimum)));
    expect(nearest, JSON.stringify(status)).toBeLessThanOrEqual(1e-8);
    expect(status.kind).toBe("converged");
  });

  it("goes on by slopes where the loss is noisier than its own last places", () => {
    const watson = mghProblems.find(({ name }) => name === "Watson 12")!;
    for (let k = 0; k < 12; k++) {
      const x0 = watson.start.map((x, i) => x + 1e-9 * Math.sin(7 * k + 3 * i));
      const { step, ...method } = lbfgs();
      const { status } = minimizeSync({ ...method, step: (...given) => step(...given) }, mghOracle(watson), x0, {
        tolerances: { gradient: 1e-10 },
      });
      expect(status).toMatchObject({ kind: "converged", criterion: "gradient" });
    }
  });

  const { cases } = JSON.parse(readFileSync(new URL("../cases/datasets/optima.json", import.meta.url), "utf8")) as {
    cases: { id: string; f_opt: string; n_params: number }[];
  };
  it.each([
    ["logreg_breast_cancer_lam0.01", logisticRegression],
    ["softmax_iris_lam0.01", softmaxRegression],
    ["softmax_mnist1000_lam0.1", digitsRegression],
  ] as const)("reaches the optimum of %s to 1e-10", (id, modelOf) => {
    const { n_params, f_opt } = cases.find((entry) => entry.id === id)!;
    const { flat } = modelOf(Number(id.split("_lam")[1]));
    const result = minimizeSync(lbfgs(), flat, new Array<number>(n_params).fill(0));
    expect(result.status.kind).toBe("converged");
    expect(Math.abs(result.value / Number(f_opt) - 1)).toBeLessThanOrEqual(1e-10);
  });
});

describe("nonlinear conjugate gradients", () => {
  it.each(formulas)(
    "with %s and exact searches end as linear ones do, after one move for each eigenvalue",
    (formula) => {
      const quadratic = quadraticOf([1, 3, 10, 1, 3, 10, 1, 3]).flat;
      const result = minimizeSync(
        conjugateGradients({ formula, curvature: 1e-11, search: "hager-zhang" }),
        quadratic,
        new Array<number>(8).fill(0),
        { tolerances: { gradient: 0 }, limits: { iterations: 3 } },
      );
      expect(result.gradientNorm / norm(cosines(8))).toBeLessThanOrEqual(1e-10);
    },
  );
});
