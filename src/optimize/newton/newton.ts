import { cholesky, choleskyWithShift, solveCholesky } from "../../numeric/dense/cholesky.ts";
import { multiply, multiplyTransposed } from "../../numeric/dense/matrices.ts";
import { symmetricEigen } from "../../numeric/dense/symmetric-eigen.ts";
import { allFinite, dot, moveTo, norm, type Vector } from "../../numeric/vectors.ts";
import { beginAt } from "../begin.ts";
import { defineMethod } from "../method.ts";
import type { Optimizer, OptimizerState, StepResult } from "../optimizer.ts";
import { oneOf, share } from "../options.ts";
import type { Oracle } from "../oracle.ts";
import type { Rest } from "../rest.ts";
import { curvatureScale } from "./curvature-scale.ts";
import { type Descended, descend, newtonSearch } from "./newton-descent.ts";
import { brokenHessian, obstacle } from "./obstacles.ts";

export interface NewtonState extends OptimizerState {
  /** What was added to the diagonal of the last Hessian, scaled to a unit diagonal; 0 where it was positive definite. */
  readonly shift: number;
  /** A curvature <v, H v> / <v, v> below 0 that the last step met, in the same scale; infinity where there was none. */
  readonly curvature: number;
  /** How far the last step went along its direction. */
  readonly step: number;
  readonly rest: Rest;
}

const modification = oneOf(["shift", "absolute"])(
  "what becomes of a Hessian that is not positive definite: a shift of its diagonal, or |eigenvalues|",
  "shift",
);

/**
 * Newton's method, theta -= t H^-1 g: the full step t = 1 where it lowers the loss, else a shorter one. The same in all
 * coordinates where the Hessian is positive definite. Where it is not, it is scaled to a unit diagonal, so that units do
 * not matter, and modified: by the least of a doubling series of shifts, or by |lambda| in place of its eigenvalues.
 */
export const newton = defineMethod({
  name: "newton",
  summary: "Newton's method with the whole Hessian and a line search; for up to some hundred parameters",
  options: { modification, ...newtonSearch },
  create: ({ modification, ...search }) =>
    newtonWith("newton", modification, (state, direction, oracle) => descend(state, direction, oracle, search)),
});

/**
 * Newton's method without a search: theta -= rate H^-1 g, whatever comes of it. On a quadratic the distance to the minimum
 * shrinks by 1 - rate at each step. Every step is the same in all coordinates, as long as Hessians are positive definite.
 */
export const dampedNewton = defineMethod({
  name: "damped-newton",
  summary: "a fixed part of Newton's step, without a search: invariant, and safe near a minimum only",
  options: { rate: share("the part of each step that is taken", 1), modification },
  create: ({ modification, rate }) =>
    newtonWith("damped-newton", modification, (state, direction, oracle) => fixedStep(state, direction, rate, oracle)),
});

function newtonWith(
  name: string,
  modification: "shift" | "absolute",
  move: (state: NewtonState, direction: Vector, oracle: Oracle) => Descended,
): Optimizer<NewtonState> {
  return {
    name,
    needs: ["hessian"],
    needsOneLoss: true,
    restarts: true,
    init(oracle, x0) {
      const start = beginAt(oracle, x0);
      return {
        ...start,
        shift: 0,
        curvature: Number.POSITIVE_INFINITY,
        step: Number.NaN,
        rest: { steps: 0, value: start.value, gradientNorm: norm(start.gradient) },
      };
    },
    step(state, oracle): StepResult<NewtonState> {
      const { point, gradient, iteration } = state;
      const n = point.length;
      const H = new Float64Array(n * n);
      oracle.hessian!(point, H);
      if (!allFinite(H)) {
        return { ok: false, state, why: brokenHessian() };
      }
      const metric = metricOf(H, n, modification);
      if (!metric) return { ok: false, state, why: obstacle("singular", "the Hessian has no usable shift.") };
      const direction = metric.apply(gradient).map((entry) => -entry);
      const arrival = move(state, direction, oracle);
      if (!arrival.ok) {
        const { why } = arrival;
        const isResolved = metric.curvature === Number.POSITIVE_INFINITY;
        return { ok: false, state, why: why.kind === "rounding" ? { ...why, isResolved } : why };
      }
      const { shift, curvature } = metric;
      return {
        ok: true,
        state: {
          ...arrival.reached,
          iteration: iteration + 1,
          // in the metric of the Hessian that made the step: the next one would cost n products
          metricNorm: Math.sqrt(Math.max(0, dot(arrival.reached.gradient, metric.apply(arrival.reached.gradient)))),
          shift,
          curvature,
        },
      };
    },
  };
}

function fixedStep({ point, rest }: NewtonState, direction: Vector, rate: number, oracle: Oracle): Descended {
  const next = new Float64Array(point.length);
  const gradient = new Float64Array(point.length);
  moveTo(next, point, rate, direction);
  const value = oracle.lossAndGradient(next, gradient);
  return { ok: true, reached: { point: next, value, gradient, step: rate, rest } };
}

/** A positive definite stand-in for H^-1: H^-1 itself where H is positive definite. */
interface HessianMetric {
  apply(g: Vector): Vector;
  readonly shift: number;
  readonly curvature: number;
}

/** Of a Hessian, row-major [n, n], which is overwritten; undefined where no shift helps. */
function metricOf(H: Vector, n: number, modification: "shift" | "absolute"): HessianMetric | undefined {
  const d = curvatureScale(H, n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) H[i * n + j] = H[i * n + j]! / d[i]! / d[j]!;
  const L = new Float64Array(n * n);
  const failed = cholesky(L, H, n);
  const unscaled = (solve: (z: Vector) => void) => (g: Vector) => {
    const z = g.map((entry, i) => entry / d[i]!);
    solve(z);
    return z.map((entry, i) => entry / d[i]!);
  };
  const solve = unscaled((z) => solveCholesky(z, L, n, z));
  if (failed === n) return { apply: solve, shift: 0, curvature: Number.POSITIVE_INFINITY };
  if (modification === "absolute") return absoluteMetric(H, n, unscaled);
  const curvature = curvatureAt(L, H, n, failed);
  const shift = choleskyWithShift(L, H, n);
  return Number.isNaN(shift) ? undefined : { apply: solve, shift, curvature };
}

/** |lambda| for lambda; those near 0, which would make steps without bound, are lifted. */
function absoluteMetric(
  H: Vector,
  n: number,
  unscaled: (solve: (z: Vector) => void) => (g: Vector) => Vector,
): HessianMetric {
  const { values, vectors } = symmetricEigen(H, n);
  const largest = Math.max(Math.abs(values[0]!), Math.abs(values[n - 1]!));
  const floor = 1e-8 * largest || 1;
  const c = new Float64Array(n);
  const apply = unscaled((z) => {
    multiply(c, vectors, n, n, z);
    for (let i = 0; i < n; i++) c[i] = c[i]! / Math.max(Math.abs(values[i]!), floor);
    multiplyTransposed(z, vectors, n, n, c);
  });
  return { apply, shift: 0, curvature: values[0]! };
}

/**
 * <v, H v> / <v, v> along the v that shows where Cholesky's factorisation failed: v solves L'v = 0 in the rows above and
 * is 1 in the failed one, so that <v, H v> is the pivot.
 */
function curvatureAt(L: Vector, H: Vector, n: number, row: number): number {
  const v = new Float64Array(row + 1);
  v[row] = 1;
  let pivot = H[row * n + row]!;
  for (let k = 0; k < row; k++) pivot -= L[row * n + k]! ** 2;
  for (let i = row - 1; i >= 0; i--) {
    let sum = L[row * n + i]!;
    for (let k = i + 1; k < row; k++) sum += L[k * n + i]! * v[k]!;
    v[i] = -sum / L[i * n + i]!;
  }
  return pivot / dot(v, v);
}
