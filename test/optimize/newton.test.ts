import { describe, expect, it } from "vitest";
import { multiply, multiplyTransposed } from "../../src/numeric/dense/matrices.ts";
import { norm, type Vector } from "../../src/numeric/vectors.ts";
import {
  dampedNewton,
  minimizeSync,
  newton,
  type Optimizer,
  type OptimizerState,
  type Oracle,
  sgd,
} from "../../src/optimize.ts";
import { quadraticOf, readCase } from "./convex.ts";
import { rosenbrock, rosenbrockStart } from "./problems.ts";

/** The points and metric norms of a run of so many steps. */
function path(method: Optimizer<OptimizerState>, oracle: Oracle, start: ArrayLike<number>, steps: number) {
  const points: Vector[] = [];
  const metricNorms: number[] = [];
  minimizeSync(method, oracle, start, {
    tolerances: { gradient: 0 },
    limits: { iterations: steps },
    onIterate({ point, metricNorm }) {
      points.push(point);
      metricNorms.push(metricNorm);
    },
  });
  return { points, metricNorms };
}

/** The oracle in coordinates z with x = T z, T row-major [2, 2]. */
function inBasis(oracle: typeof rosenbrock, T: Vector): Oracle {
  const at = (z: Vector) => {
    const x = new Float64Array(2);
    multiply(x, T, 2, 2, z);
    return x;
  };
  return {
    loss: (z) => oracle.loss(at(z)),
    lossAndGradient(z, g) {
      const gradient = new Float64Array(2);
      const value = oracle.lossAndGradient(at(z), gradient);
      multiplyTransposed(g, T, 2, 2, gradient);
      return value;
    },
    hessian(z, H) {
      const inner = new Float64Array(4);
      oracle.hessian(at(z), inner);
      for (const i of [0, 1]) {
        for (const j of [0, 1]) {
          let sum = 0;
          for (const k of [0, 1]) for (const l of [0, 1]) sum += T[k * 2 + i]! * inner[k * 2 + l]! * T[l * 2 + j]!;
          H[i * 2 + j] = sum;
        }
      }
    },
  };
}

describe("Newton's method", () => {
  const bases = [
    [2, 1, -1, 3],
    [0.1, 0, 0, 40],
    [1, 0.9, 1, 1],
  ].map((entries) => Float64Array.from(entries));

  /** The largest deviation over six steps between the run and the run in other coordinates, carried back. */
  function deviation(method: Optimizer<OptimizerState>, T: Vector): number {
    const [a, b, c, d] = T as unknown as [number, number, number, number];
    const [x, y] = rosenbrockStart as [number, number];
    const determinant = a * d - b * c;
    const start = [(d * x - b * y) / determinant, (a * y - c * x) / determinant];
    const plain = path(method, rosenbrock, rosenbrockStart, 6).points;
    const other = path(method, inBasis(rosenbrock, T), start, 6).points;
    return Math.max(
      ...plain.map((point, k) => {
        const carried = new Float64Array(2);
        multiply(carried, T, 2, 2, other[k]!);
        return norm(carried.map((entry, i) => entry - point[i]!)) / norm(point);
      }),
    );
  }

  it.each([
    ["newton", newton()],
    ["damped-newton", dampedNewton()],
    ["damped-newton with rate 1/2", dampedNewton({ rate: 0.5 })],
  ])("goes the same way in all coordinates: %s", (_, method) => {
    // rounding of Hessians, times condition numbers of 2500 for the problem and 20 for a basis
    for (const T of bases) expect(deviation(method, T)).toBeLessThan(1e-8);
  });

  it("measures the gradient alike in all coordinates", () => {
    const plain = path(newton(), rosenbrock, rosenbrockStart, 6).metricNorms;
    const T = Float64Array.of(0.5, 0, 0, 32);
    const start = rosenbrockStart.map((x, i) => x / T[3 * i]!);
    const other = path(newton(), inBasis(rosenbrock, T), start, 6).metricNorms;
    for (const [k, wanted] of plain.entries()) {
      if (k > 0) expect(Math.abs(other[k]! / wanted - 1)).toBeLessThan(1e-8);
    }
    const tolerances = { metric: 1e-6 };
    expect(minimizeSync(newton(), rosenbrock, rosenbrockStart, { tolerances }).status).toMatchObject({
      kind: "converged",
      criterion: "metric",
    });
  });

  it("is unlike gradient descent in that, whose way depends on the coordinates", () => {
    for (const T of bases) expect(deviation(sgd({ rate: 1e-4 }), T)).toBeGreaterThan(1e-3);
  });

  it("has the iterates of the reference", () => {
    interface Reference {
      readonly newton: readonly { readonly iterates: readonly { readonly x: readonly string[] }[] }[];
    }
    const [reference] = readCase<Reference>("optim/second-order.json").newton;
    const { points } = path(dampedNewton(), rosenbrock, rosenbrockStart, reference!.iterates.length);
    expect(points.length).toBeGreaterThan(7);
    // the last is (1, 1), where the run ends once it is there
    for (const [k, { x }] of reference!.iterates.slice(0, points.length - 1).entries()) {
      for (const [i, wanted] of x.entries()) expect(Math.abs(points[k + 1]![i]! - Number(wanted))).toBeLessThan(1e-10);
    }
  });

  it("ends on a quadratic after one step, which leaves rounding alone", () => {
    const model = quadraticOf([1, 3, 10, 50, 200]);
    const result = minimizeSync(newton(), model.flat, model.start());
    expect(result.iterations).toBe(1);
    expect(result.gradientNorm).toBeLessThan(1e-13);
  });

  it("with a rate eta leaves (1 - eta)^k of the error on a quadratic", () => {
    const model = quadraticOf([1, 3, 10, 50, 200]);
    const { point: minimum } = minimizeSync(newton(), model.flat, model.start());
    const start = minimum.map((entry, i) => entry + 3 - i);
    for (const rate of [0.1, 0.5, 0.9, 1]) {
      for (const [k, point] of path(dampedNewton({ rate }), model.flat, start, 12).points.entries()) {
        for (const [i, entry] of point.entries()) {
          expect(Math.abs(entry - minimum[i]! - (1 - rate) ** k * (3 - i))).toBeLessThan(1e-10);
        }
      }
    }
  });

  it.each(["shift", "absolute"] as const)("leaves a saddle where the Hessian is indefinite, by %s", (modification) => {
    const saddle: Oracle = {
      loss: ([x, y]) => x! ** 2 + (y! ** 2 - 1) ** 2,
      lossAndGradient(point, g) {
        const [x, y] = point as unknown as [number, number];
        g.set([2 * x, 4 * y * (y ** 2 - 1)]);
        return this.loss(point);
      },
      hessian: ([, y], H) => H.set([2, 0, 0, 12 * y! ** 2 - 4]),
    };
    const curvatures: number[] = [];
    const result = minimizeSync(newton({ modification }), saddle, [1, 1e-2], {
      onIterate: ({ state }) => void curvatures.push(state.curvature),
    });
    expect(result.status.kind).toBe("converged");
    expect(Math.abs(result.point[1]!)).toBeCloseTo(1, 8);
    // scaled to a unit diagonal
    expect(Math.min(...curvatures)).toBeCloseTo(-1, 12);
  });
});
