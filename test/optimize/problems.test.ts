import { describe, expect, it } from "vitest";
import { leastSquares } from "../../src/compile/squares/least-squares.ts";
import { compileText } from "../../src/language.ts";
import { multiply } from "../../src/numeric/dense/matrices.ts";
import { dot, norm, type Vector } from "../../src/numeric/vectors.ts";
import { updateInverse } from "../../src/optimize/descent/bfgs.ts";
import { multiplyInverse, type Pair, scaleOf } from "../../src/optimize/descent/curvature-pairs.ts";
import { DenseModel } from "../../src/optimize/trust-region/dense-model.ts";
import { LanczosModel } from "../../src/optimize/trust-region/lanczos-model.ts";
import {
  conjugateGradient,
  type FirstOrderState,
  levenbergMarquardt,
  minimizeSync,
  minres,
  type Optimizer,
  type Oracle,
  optimizerNamed,
  residualCovariance,
} from "../../src/optimize.ts";
import { readCase } from "./convex.ts";

const problems = readCase<{
  regressions: readonly {
    name: string;
    formula: string;
    start: readonly number[];
    x: readonly number[];
    y: readonly number[];
    params: readonly string[];
    errors: readonly string[];
    rss: string;
  }[];
  features: readonly (readonly number[])[];
  convex: readonly {
    kind: string;
    lambda: number;
    formula: string;
    targets: readonly number[];
    loss: string;
    point: readonly string[];
  }[];
  traces: readonly { method: string; options: Record<string, unknown>; points: readonly (readonly string[])[] }[];
  directions: readonly { S: number[][]; Y: number[][]; gradient: number[]; direction: readonly string[] }[];
  systems: readonly { A: number[][]; b: number[]; conjugateGradient: string[][]; minres: string[][] }[];
  balls: readonly { H: number[][]; g: number[]; radius: number; value: string }[];
}>("optim/problems.json");

/** The largest deviation of a vector's entries, beside the largest entry. */
function deviation(got: ArrayLike<number>, wanted: readonly string[]): number {
  const numbers = wanted.map(Number);
  const size = Math.max(...numbers.map(Math.abs));
  return Math.max(...numbers.map((value, i) => Math.abs(got[i]! - value))) / size;
}

/** The number of right digits, the least of all entries. */
const digits = (got: ArrayLike<number>, wanted: readonly string[]) =>
  Math.min(...wanted.map((value, i) => -Math.log10(Math.abs(got[i]! / Number(value) - 1))));

/** The regressions as nabla compiles them, once for all methods. */
const regressions = problems.regressions.map((each) => {
  const text = `param p: [${each.start.length}]\ndata x: [n], y: [n]\nloss = sum((y - (${each.formula}))^2)`;
  return { ...each, model: compileText(text).bind({ x: each.x, y: each.y }) };
});

describe("regressions with their answers from elsewhere", () => {
  it.each(regressions.map((each) => [each.name, each] as const))(
    "%s: nine digits of every parameter, seven of every standard error",
    (_, { model, start, params, errors, rss }) => {
      const oracle = leastSquares(model);
      const { status, point, value } = minimizeSync(levenbergMarquardt(), oracle, start);
      expect(status.kind).toBe("converged");
      expect(digits(point, params)).toBeGreaterThan(9);
      expect(digits(residualCovariance(oracle, point).standardErrors, errors)).toBeGreaterThan(7);
      expect(digits([value], [rss])).toBeGreaterThan(9);
    },
  );

  it.each(["trust-exact", "bfgs", "newton-cg", "trust-krylov", "trust-ncg", "lbfgs"])(
    "six digits of all of them by %s, which knows of no residuals",
    (name) => {
      const missed = regressions.flatMap(({ name: problem, model, start, params }) => {
        const { point, message } = minimizeSync(optimizerNamed(name), model.flat, start, {
          tolerances: { gradient: 0 },
          limits: { iterations: 3000 },
        });
        const right = digits(point, params);
        return right >= 6 ? [] : [`${problem}: ${right}, ${message}`];
      });
      expect(missed).toEqual([]);
    },
  );
});

describe("convex losses with their minima from elsewhere", () => {
  const methods = ["lbfgs", "bfgs", "cg", "newton", "newton-cg", "trust-exact", "trust-krylov", "trust-ncg"];
  it.each(problems.convex.map((each) => [each.kind, each.lambda, each] as const))(
    "%s, lambda = %d: to 1e-10 by every method",
    (_kind, _lambda, { formula, targets, loss, lambda, point: minimum }) => {
      const text = `param w: [d] = 0, b = 0\ndata X: [n, d], s: [n], lambda\nlet z = X @ w + b\nloss = mean(${formula}) + lambda/2*sum(w^2)`;
      const model = compileText(text).bind({ X: problems.features, s: targets, lambda });
      for (const name of methods) {
        const { value, point, status } = minimizeSync(optimizerNamed(name), model.flat, model.start());
        expect(status.kind, name).toBe("converged");
        expect(Math.abs(value / Number(loss) - 1), name).toBeLessThan(1e-10);
        // gradients of 1e-8 over curvatures of at least 1e-3
        expect(deviation(point, minimum), name).toBeLessThan(1e-5);
      }
    },
  );
});

describe("methods by averages", () => {
  const curvature = [0.5, 2, 8];
  const batch = (step: number): Oracle => ({
    loss: () => 0,
    lossAndGradient(x, g) {
      for (const [i, c] of curvature.entries()) g[i] = c * x[i]! + (((7 * step + 3 * i) % 11) - 5) / 10;
      g[0] = g[0]! + x[0]! ** 3;
      return 0;
    },
    hvp(x, v, h) {
      for (const [i, c] of curvature.entries()) h[i] = c * v[i]!;
      h[0] = h[0]! + 3 * x[0]! ** 2 * v[0]!;
    },
  });

  it.each(problems.traces.map((each) => [`${each.method} ${JSON.stringify(each.options)}`, each] as const))(
    "follow the formula to 1e-12: %s",
    (_, { method, options, points }) => {
      const found: Float64Array[] = [];
      minimizeSync(optimizerNamed(method, options) as Optimizer<FirstOrderState>, batch, [1, 1, 1], {
        limits: { iterations: points.length },
        onIterate: ({ iteration, point }) => void (iteration > 0 && found.push(point)),
      });
      expect(found).toHaveLength(points.length);
      for (const [t, wanted] of points.entries()) {
        for (const [i, entry] of wanted.entries()) {
          expect(Math.abs(found[t]![i]! - Number(entry)), `step ${t + 1}`).toBeLessThan(1e-12);
        }
      }
    },
  );
});

describe("second-order methods by definition", () => {
  it.each(problems.directions.map((each) => [each.S.length, each.gradient.length, each] as const))(
    "L-BFGS's and BFGS's direction from %i pairs of %i numbers",
    (m, n, { S, Y, gradient, direction }) => {
      const pairs: Pair[] = S.map((row, k) => {
        const [s, y] = [Float64Array.from(row), Float64Array.from(Y[k]!)];
        return { s, y, product: dot(s, y) };
      });
      const gamma = scaleOf(pairs.at(-1)!);
      const v = Float64Array.from(gradient, (g) => -g);
      multiplyInverse(v, pairs, gamma, new Float64Array(m));
      expect(deviation(v, direction)).toBeLessThan(1e-10);
      let M: Vector = Float64Array.from({ length: n * n }, (_, k) => (k % (n + 1) === 0 ? gamma : 0));
      for (const pair of pairs) {
        const next = new Float64Array(n * n);
        updateInverse(next, M, 1, pair, new Float64Array(n));
        M = next;
      }
      const dense = new Float64Array(n);
      multiply(dense, M, n, n, Float64Array.from(gradient));
      expect(
        deviation(
          dense.map((entry) => -entry),
          direction,
        ),
      ).toBeLessThan(1e-10);
    },
  );

  it.each(problems.systems.map((each, k) => [k, each] as const))(
    "the iterates of conjugate gradients and MINRES, system %i",
    (_, { A, b, conjugateGradient: cg, minres: least }) => {
      const n = b.length;
      const product = (v: Vector, out: Vector) => multiply(out, Float64Array.from(A.flat()), n, n, v);
      const right = Float64Array.from(b);
      for (const [solve, iterates] of [
        [conjugateGradient, cg],
        [minres, least],
      ] as const) {
        for (const [k, wanted] of iterates.entries()) {
          const { x } = solve(product, right, { iterations: k + 1, tolerance: 0 });
          expect(deviation(x, wanted), `${solve.name} ${k + 1}`).toBeLessThan(1e-10);
        }
      }
    },
  );

  it.each(problems.balls.map((each, k) => [k, each] as const))(
    "the least value of a quadratic in a ball, indefinite and in the hard case too: %i",
    (_, { H, g, radius, value }) => {
      const [matrix, gradient] = [Float64Array.from(H.flat()), Float64Array.from(g)];
      const n = g.length;
      const product = (v: Vector, out: Vector) => multiply(out, matrix, n, n, v);
      // what products from g span has no part along an eigenvector that g is orthogonal to
      const isHard = g[0] === 0;
      const models = [
        new DenseModel(matrix, gradient),
        ...(isHard ? [] : [new LanczosModel(product, gradient, 1e-14)]),
      ];
      for (const model of models) {
        const { step, predicted } = model.minimize(radius);
        expect(Math.abs(predicted + Number(value))).toBeLessThan(1e-10 * Math.abs(Number(value)));
        expect(norm(step)).toBeLessThan(radius * (1 + 1e-12));
        const image = new Float64Array(n);
        product(step, image);
        const reached = dot(gradient, step) + dot(step, image) / 2;
        expect(Math.abs(reached / Number(value) - 1)).toBeLessThan(1e-10);
      }
    },
  );
});
