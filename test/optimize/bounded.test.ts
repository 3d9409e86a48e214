import { describe, expect, it } from "vitest";
import { compileText } from "../../src/language.ts";
import { norm } from "../../src/numeric/vectors.ts";
import {
  type Checkpoint,
  deserialize,
  lbfgs,
  lbfgsB,
  minimizeSync,
  type OptimizerState,
  type Oracle,
  optimizerNamed,
  serialize,
} from "../../src/optimize.ts";
import { logisticRegression, quadraticOf } from "./convex.ts";
import { rosenbrock, rosenbrockStart, separable } from "./problems.ts";

const free = Number.POSITIVE_INFINITY;

/** Fails where the oracle is asked outside the bounds. */
function guarded(oracle: Oracle, lower: readonly number[], upper: readonly number[]): Oracle {
  return {
    loss: (x) => oracle.loss(x),
    lossAndGradient(x, g) {
      for (const [i, entry] of x.entries()) {
        expect(entry).toBeGreaterThanOrEqual(lower[i]!);
        expect(entry).toBeLessThanOrEqual(upper[i]!);
      }
      return oracle.lossAndGradient(x, g);
    },
  };
}

/** The optimum of a convex quadratic over a box by coordinate descent, to the last digits. */
function byCoordinates(lambdas: readonly number[], lower: readonly number[], upper: readonly number[]) {
  const oracle = quadraticOf(lambdas).flat;
  const n = lambdas.length;
  const hessian = new Float64Array(n * n);
  oracle.hessian(new Float64Array(n), hessian);
  const x = new Float64Array(n);
  const g = new Float64Array(n);
  for (let i = 0; i < n; i++) x[i] = Math.min(Math.max(0, lower[i]!), upper[i]!);
  for (let sweep = 0; sweep < 3000; sweep++) {
    for (let i = 0; i < n; i++) {
      oracle.lossAndGradient(x, g);
      x[i] = Math.min(Math.max(x[i]! - g[i]! / hessian[i * n + i]!, lower[i]!), upper[i]!);
    }
  }
  return { oracle, optimum: x };
}

describe("lbfgs-b", () => {
  it.each([
    ["bounds on both", [-1, -1], [0.5, 0.1], [0.33176908118957865, 0.1]],
    ["a bound that cuts the valley", [-free, -free], [0.5, free], [0.5, 0.25]],
    ["a lower bound", [-free, 1.5], [free, free], [-1.2210262421071016, 1.5]],
    ["no active bound", [-5, -5], [5, 5], [1, 1]],
    ["a fixed parameter", [-free, 2.25], [free, 2.25], [-1.4972175767112264, 2.25]],
  ] as const)(
    "finds the minimum of Rosenbrock's function with %s, and never looks outside",
    (_what, lower, upper, wanted) => {
      const oracle = guarded(rosenbrock, lower, upper);
      const result = minimizeSync(lbfgsB({ lower: [...lower], upper: [...upper] }), oracle, rosenbrockStart);
      expect(result.status).toMatchObject({ kind: "converged", criterion: "gradient" });
      for (const [i, x] of wanted.entries()) expect(Math.abs(result.point[i]! - x)).toBeLessThan(1e-6);
    },
  );

  it("finds the optimum of convex quadratics in boxes, with the bounds that matter", () => {
    for (const [k, lambdas] of [
      [1, 2, 3, 4, 5, 6],
      [1, 5, 10, 20, 50, 100, 2, 3],
      [1, 1, 1, 30],
    ].entries()) {
      for (const [low, high] of [
        [0, 0.05],
        [-0.1, free],
        [-free, -0.02],
        [-0.03, 0.2],
      ]) {
        const lower = lambdas.map(() => low!);
        const upper = lambdas.map((_, i) => high! + 0.01 * i);
        const { oracle, optimum } = byCoordinates(lambdas, lower, upper);
        const result = minimizeSync(
          lbfgsB({ lower, upper }),
          guarded(oracle, lower, upper),
          lambdas.map(() => 1),
        );
        expect(result.status.kind).toBe("converged");
        expect(norm(result.point.map((x, i) => x - optimum[i]!)), `case ${k}`).toBeLessThan(1e-7);
      }
    }
  });

  it("gives the same optimum as lbfgs where there are no bounds, in about as many evaluations", () => {
    const oracle = logisticRegression(0.01).flat;
    const start = new Array<number>(31).fill(0);
    const [plain, bounded] = [minimizeSync(lbfgs(), oracle, start), minimizeSync(lbfgsB(), oracle, start)];
    expect(Math.abs(bounded.value - plain.value)).toBeLessThan(1e-14);
    expect(bounded.evaluations.gradient).toBeLessThanOrEqual(1.1 * plain.evaluations.gradient);
  });

  it("keeps to weights of at least 0, of which most are then 0", () => {
    const oracle = logisticRegression(0.01).flat;
    const lower = [...new Array<number>(30).fill(0), -free];
    const result = minimizeSync(lbfgsB({ lower }), oracle, new Array<number>(31).fill(0));
    expect(result.status.kind).toBe("converged");
    const { point, state } = result;
    for (let i = 0; i < 30; i++) {
      expect(point[i]).toBeGreaterThanOrEqual(0);
      // the conditions of Karush, Kuhn and Tucker
      if (point[i] === 0) expect(state.gradient[i]).toBeGreaterThanOrEqual(-1e-8);
      else expect(Math.abs(state.gradient[i]!)).toBeLessThanOrEqual(1e-8);
    }
    expect(point.filter((x) => x === 0).length).toBeGreaterThan(15);
  });

  it("starts at the nearest point inside, and resumes bit for bit", () => {
    const method = () => lbfgsB({ lower: [0, 0], upper: [2, 0.5] });
    const texts: string[] = [];
    const whole = minimizeSync(method(), rosenbrock, [-3, 7], {
      onIterate: (iterate) => {
        if (iterate.iteration === 0) expect(iterate.point).toEqual(Float64Array.of(0, 0.5));
        texts.push(serialize(iterate.checkpoint()));
      },
    });
    expect(whole.status.kind).toBe("converged");
    for (const text of texts) {
      const resume = deserialize<Checkpoint<OptimizerState>>(text);
      expect(minimizeSync(method() as never, rosenbrock, [-3, 7], { resume })).toEqual(whole);
    }
  });

  it.each([1e-9, 1e-12])("takes no bound that is near for a gradient that vanishes: parameters of %d", (unit) => {
    const lengths = separable(
      (x) => (x / unit - 1) ** 2 + 1,
      (x) => (2 * (x / unit - 1)) / unit,
      () => 2 / unit ** 2,
    );
    const { status, point } = minimizeSync(lbfgsB({ lower: [0, 0] }), lengths, [3 * unit, 20 * unit]);
    expect(status.kind).toBe("converged");
    for (const x of point) expect(Math.abs(x / unit - 1)).toBeLessThan(1e-7);
    // beyond the upper bound lies the optimum
    const inside = minimizeSync(lbfgsB({ lower: [0], upper: [unit / 2] }), lengths, [0]);
    expect([inside.status.kind, ...inside.point]).toEqual(["converged", unit / 2]);
  });

  it("measures the noise of a loss inside", () => {
    // a kink, at which no step helps, beside a bound
    const kink: Oracle = {
      loss: ([x, y]) => Math.abs(x! - 0.3) + Math.abs(y! - 0.7) + 0.5 * Math.abs(x! - y!),
      lossAndGradient(p, g) {
        const [x, y] = p as unknown as readonly [number, number];
        g[0] = Math.sign(x - 0.3) + 0.5 * Math.sign(x - y);
        g[1] = Math.sign(y - 0.7) - 0.5 * Math.sign(x - y);
        return this.loss(p);
      },
    };
    const [lower, upper] = [
      [0, 0],
      [0.3, 0.7],
    ] as const;
    minimizeSync(lbfgsB({ lower: [...lower], upper: [...upper] }), guarded(kink, lower, upper), [0.1, 0.6]);
  });

  it("knows a large parameter at its bound for a minimum", () => {
    const line: Oracle = {
      loss: ([x]) => -x!,
      lossAndGradient(x, g) {
        g[0] = -1;
        return -x[0]!;
      },
    };
    const { status } = minimizeSync(lbfgsB({ upper: [1e12] }), line, [1]);
    expect(status).toEqual({ kind: "converged", criterion: "gradient", measured: 0, tolerance: 1e-8 });
  });

  it("ends at once at a start that is the best corner", () => {
    const result = minimizeSync(lbfgsB({ lower: [2, 3], upper: [4, 4] }), quadraticOf([1, 1]).flat, [2, 3]);
    expect(result.iterations).toBe(0);
    expect(result.gradientNorm).toBe(0);
  });

  it.each([
    ["bounds of another length", { lower: [0] }, "lower needs a bound for each of the 2 parameters, got 1"],
    ["bounds that cross", { lower: [0, 3], upper: [1, 2] }, "no number lies between the bounds 3 and 2 of parameter 1"],
    [
      "bounds at infinity",
      { lower: [0, free] },
      "no number lies between the bounds Infinity and Infinity of parameter 1",
    ],
    ["NaN", { lower: [0, Number.NaN] }, "lower needs a list of numbers"],
  ])("refuses %s", (_what, options, message) => {
    expect(() => minimizeSync(optimizerNamed("lbfgs-b", options), rosenbrock, rosenbrockStart)).toThrow(message);
  });
});

describe("lbfgsB by backtracking", () => {
  const cubic = compileText("param x: [2]\nloss = (x[0] + 1)^3/3 + x[1]").bind().flat;
  const product = compileText("param x: [5]\nloss = 2 - prod(x)/120").bind().flat;

  it.each([
    ["a cubic from far away (HS4)", cubic, [1, 0], [free, free], [1e6, 1e6], 8 / 3],
    ["a cubic from farther away", cubic, [1, 0], [free, free], [1e3, 1e9], 8 / 3],
    ["a loss that curves downwards (HS45)", product, [0, 0, 0, 0, 0], [1, 2, 3, 4, 5], [0.1, 0.1, 0.1, 0.1, 0.1], 1],
  ] as const)("learns from moves that show no curvature: %s", (_what, oracle, lower, upper, from, wanted) => {
    const method = lbfgsB({ lower, upper, search: "backtracking" });
    const { status, value, iterations } = minimizeSync(method, oracle, from);
    expect(status.kind).toBe("converged");
    expect(value).toBeCloseTo(wanted, 12);
    expect(iterations).toBeLessThan(100);
  });

  it("does not where damping is 0", () => {
    const method = lbfgsB({ lower: [0, 0, 0, 0, 0], search: "backtracking", damping: 0 });
    const limits = { iterations: 100 };
    expect(minimizeSync(method, product, [0.1, 0.1, 0.1, 0.1, 0.1], { limits }).status.kind).toBe("limit");
  });
});

describe("lbfgsB on thousands of parameters", () => {
  // goals inside and outside of the box, so that many bounds are met along the way
  const goals = Float64Array.from({ length: 3000 }, (_, i) => 0.5 + Math.sin(i));
  const bowl: Oracle = {
    loss: (x) => x.reduce((sum, entry, i) => sum + ((1 + (i % 7)) * (entry - goals[i]!) ** 2) / 2, 0),
    lossAndGradient(x, g) {
      for (let i = 0; i < g.length; i++) g[i] = (1 + (i % 7)) * (x[i]! - goals[i]!);
      return this.loss(x);
    },
  };

  it.each([0, 0.9, -0.4])("ends at the goals or the bounds before them, from lower bounds of %d on", (least) => {
    const box = { lower: goals.map(() => least), upper: goals.map(() => 1) };
    const { status, point } = minimizeSync(
      lbfgsB({ lower: [...box.lower], upper: [...box.upper] }),
      bowl,
      goals.map((_, i) => (i % 2 === 0 ? least : 1)),
    );
    expect(status.kind).toBe("converged");
    for (const [i, entry] of point.entries()) {
      expect(Math.abs(entry - Math.min(Math.max(goals[i]!, least), 1))).toBeLessThan(1e-8);
    }
  });
});
