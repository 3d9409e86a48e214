import {
  columnNorms,
  type DampedStep,
  dampedStep,
  divisors,
  explainedNorm,
  gaussNewtonStep,
  type LinearizedResiduals,
  linearize,
  scaledNorm,
} from "../../numeric/damped-least-squares.ts";
import { rankOf } from "../../numeric/least-squares.ts";
import { multiplyTransposed } from "../../numeric/matrices.ts";
import { allFinite, dot, norm, scale as scaleBy, type Vector } from "../../numeric/vectors.ts";
import { promisesMore, relativePromise } from "../driver/relative-promise.ts";
import { defineMethod } from "../method.ts";
import { obstacle, standstill } from "../newton/obstacles.ts";
import type { Optimizer, OptimizerState, StepResult } from "../optimizer.ts";
import { bound, nonNegative } from "../options.ts";
import type { Oracle } from "../oracle.ts";
import { accelerated, slowSteps } from "./acceleration.ts";

/** A point with the residuals there and the QR factorisation of their Jacobian. */
export interface LeastSquaresState extends OptimizerState {
  readonly residuals: Vector;
  /** The factorisation of the Jacobian with unit columns as pivotedQR gives it; `pivots` as numbers. */
  readonly factors: Vector;
  readonly taus: Vector;
  readonly pivots: Vector;
  /** The norms of the Jacobian's columns, by which they are divided before they are factored; those of zeros are not. */
  readonly columns: Vector;
  /** Q' r */
  readonly projected: Vector;
  /** d: the ball is ||d * p|| <= radius; the largest norms so far of the Jacobian's columns. */
  readonly scale: Vector;
  readonly radius: number;
  /** mu of the last step: 0 where it was Gauss and Newton's. */
  readonly damping: number;
  /** Steps in a row that took little away. */
  readonly slowSteps: number;
  /** The part of the residuals' norm that a linear change of the parameters takes away. */
  readonly offset: number;
}

const options = {
  offset: nonNegative(
    "converged where a linear change of the parameters takes away less than this part of the residuals",
    1e-12,
  ),
};

/**
 * The method of Levenberg and Marquardt for sums of squares, in the form of More (1978): steps of Gauss and Newton in a
 * ball whose axes follow the Jacobian's columns, so that units of parameters do not matter; QR factorisations, never
 * normal equations; the radius by the ratio of actual to predicted decrease. Along a valley steps follow its bend, where the
 * oracle has a residualCurvature. The oracle has residuals.
 */
export const levenbergMarquardt = defineMethod({
  name: "levenberg-marquardt",
  summary: "least squares: Gauss-Newton in a trust region scaled by the Jacobian's columns",
  options: {
    ...options,
    factor: bound("how far the first step may go, beside the length of the start, in the norm of the steps", 1),
  },
  create: (settings) => leastSquares("levenberg-marquardt", settings, dampedStep),
});

/**
 * The method of Gauss and Newton for sums of squares: full steps to the linear solution, the basic one where the
 * Jacobian has not full rank, shortened along their line until the loss falls.
 */
export const gaussNewton = defineMethod({
  name: "gauss-newton",
  summary: "least squares: steps to the linear solution, shortened where they do not lower the loss",
  options,
  create: (settings) =>
    leastSquares("gauss-newton", { ...settings, factor: Number.POSITIVE_INFINITY }, (problem, radius) => {
      const full = gaussNewtonStep(problem);
      if (!(full.length > radius)) return full;
      const t = radius / full.length;
      return {
        ...full,
        step: full.step.map((entry) => t * entry),
        length: radius,
        predicted: t * (2 - t) * full.predicted,
      };
    }),
});

type StepFinder = (problem: LinearizedResiduals, radius: number) => DampedStep;

function leastSquares(
  name: string,
  settings: { readonly offset: number; readonly factor: number },
  find: StepFinder,
): Optimizer<LeastSquaresState> {
  return {
    name,
    needs: ["residuals", "jacobian"],
    needsOneLoss: true,
    restarts: true,
    tolerances: {},
    test({ offset }) {
      return offset <= settings.offset
        ? { criterion: "offset", measured: offset, tolerance: settings.offset }
        : undefined;
    },
    init(oracle, x0) {
      const residuals = new Float64Array(oracle.residualCount!);
      oracle.residuals!(x0, residuals);
      const nothing = {
        iteration: 0,
        radius: Number.POSITIVE_INFINITY,
        damping: 0,
        slowSteps: 0,
        scale: new Float64Array(x0.length),
      };
      const state = arrive(x0.slice(), residuals, nothing, oracle);
      const length = scaledNorm(state.point, state.scale);
      if (!(length > 0 && length < Number.POSITIVE_INFINITY)) return { ...state, radius: Number.POSITIVE_INFINITY };
      const scale = state.scale.map((d, j) => (x0[j] === 0 ? d : Math.max(d, (unseen * length) / Math.abs(x0[j]!))));
      return { ...state, scale, radius: settings.factor * length };
    },
    step: (state, oracle) => leastSquaresStep(state, oracle, find),
  };
}

/**
 * A parameter that moves the residuals by less than this share of what all do at the start is not seen there: the ball then
 * measures it by its own size, or it would end everywhere where the others have hardly moved.
 */
const unseen = 2 ** -26;

/** The state at a point whose residuals are known: takes the Jacobian there. */
function arrive(
  point: Vector,
  residuals: Vector,
  carried: Pick<LeastSquaresState, "iteration" | "radius" | "damping" | "slowSteps" | "scale">,
  oracle: Oracle,
): LeastSquaresState {
  const n = point.length;
  const m = residuals.length;
  const factor = oracle.residualFactor ?? 1;
  const J = new Float64Array(m * n);
  const gradient = new Float64Array(n);
  oracle.jacobian!(point, J);
  multiplyTransposed(gradient, J, m, n, residuals);
  scaleBy(gradient, 2 * factor);
  const columns = columnNorms(J, m, n);
  const scale = carried.scale.map((d, j) => Math.max(d, columns[j]!));
  const problem = linearize(J, residuals, columns, scale);
  const explained = explainedNorm(problem);
  const size = norm(residuals);
  return {
    ...carried,
    point,
    value: factor * dot(residuals, residuals) + (oracle.residualOffset ?? 0),
    gradient,
    // M = (2 factor J'J)^-1
    metricNorm: Math.sqrt(2 * factor) * explained,
    residuals,
    factors: problem.qr.factors,
    taus: problem.qr.taus,
    pivots: Float64Array.from(problem.qr.pivots),
    projected: problem.projected,
    columns,
    scale,
    offset: size === 0 ? 0 : explained / size,
  };
}

function leastSquaresStep(state: LeastSquaresState, oracle: Oracle, find: StepFinder): StepResult<LeastSquaresState> {
  const { point, residuals, scale, columns, factors, taus, pivots, projected } = state;
  const n = point.length;
  const m = residuals.length;
  if (!allFinite(factors)) {
    return {
      ok: false,
      state,
      why: obstacle("notFinite", "the Jacobian is NaN or infinite here, and the loss is not."),
    };
  }
  const qr = { m, n, factors, taus, pivots: Int32Array.from(pivots) };
  const problem = { qr, projected, columns: divisors(columns), scale: divisors(scale) };
  const square = dot(residuals, residuals);
  const noise = squareNoise(square, scaledNorm(point, columns));
  const trial = new Float64Array(n);
  const trialResiduals = new Float64Array(m);
  const hidden = 64 * noise;
  const factor = oracle.residualFactor ?? 1;
  const isFull = rankOf(qr) === n;
  const promise = relativePromise(point, state.gradient);
  const slopes = steepDecrease(state, factor);
  // of the gradient a full step leaves nothing: what it promises is known
  const isSteepAt = ({ mu }: DampedStep) =>
    slopes > Math.max(steep * square, hidden) || (!(isFull && mu === 0) && promisesMore(promise, factor * square));
  let { radius } = state;
  // by how much the residuals fell at the last trial where it could be seen
  let seen = 0;
  let isBroken = true;
  let hasMissed = false;
  for (;;) {
    const found = find(problem, radius);
    const isHidden = found.predicted <= hidden;
    const bend = isHidden ? undefined : accelerated(problem, found, state, oracle);
    for (let i = 0; i < n; i++) trial[i] = point[i]! + (found.step[i]! + (bend?.[i] ?? 0));
    const isSteep = isSteepAt(found);
    const ended = (): StepResult<LeastSquaresState> => ({
      ok: false,
      state,
      why: standstill(
        seen < -hidden || isSteep ? Number.POSITIVE_INFINITY : Math.min(found.predicted, hidden),
        hidden,
        isBroken && hasMissed,
        true,
      ),
    });
    if (!moves(point, trial)) return ended();
    oracle.residuals!(trial, trialResiduals);
    const trialSquare = dot(trialResiduals, trialResiduals);
    const actual = decrease(residuals, trialResiduals);
    const ratio = actual / found.predicted;
    const next = {
      iteration: state.iteration + 1,
      radius: nextRadius(radius, found, ratio),
      damping: found.mu,
      slowSteps: slowSteps(state.slowSteps, found, actual, square),
      scale,
    };
    if (isHidden && Number.isFinite(trialSquare) && trialSquare <= square + noise) {
      // the sums of squares cannot tell these points apart: what is left to explain can
      const arrived = arrive(trial, trialResiduals, isSteep ? next : { ...next, radius }, oracle);
      const isProgress = arrived.metricNorm < 0.9 * state.metricNorm || actual > (isSteep ? 0 : noise);
      return isProgress ? { ok: true, state: arrived } : ended();
    }
    if (isHidden && found.mu === 0) return ended();
    if (ratio > 1e-4) {
      const arrived = arrive(trial, trialResiduals, next, oracle);
      if (isUsable(arrived)) return { ok: true, state: arrived };
      // a loss without derivatives is no place to go on from
      hasMissed = true;
      radius = found.length / 10;
      continue;
    }
    if (Number.isFinite(trialSquare)) isBroken = false;
    if (!isHidden) seen = actual;
    hasMissed = true;
    radius = next.radius;
  }
}

/** Where the gradient promises more than this part of the sum of squares, nothing has converged. */
const steep = 1e-6;

/**
 * What a step along the gradient takes away at least, where residuals are linear, in units in which the Jacobian's columns
 * have length 1: no direction that leads nowhere hides it.
 */
function steepDecrease({ gradient, columns }: LeastSquaresState, factor: number): number {
  let sum = 0;
  for (let j = 0; j < columns.length; j++) sum += (gradient[j]! / (2 * factor * (columns[j]! || 1))) ** 2;
  return sum / columns.length;
}

/** The rounding of a sum of squares: its own, and that of residuals whose parameters are changed in the last place. */
function squareNoise(square: number, length: number): number {
  const ofResiduals = Number.EPSILON * length;
  return 8 * Number.EPSILON * square + 2 * Math.sqrt(square) * ofResiduals + ofResiduals ** 2;
}

/** <r, r> - <s, s>, term by term: nearby residuals cancel before they are squared. */
function decrease(r: Vector, s: Vector): number {
  let sum = 0;
  for (let i = 0; i < r.length; i++) sum += (r[i]! - s[i]!) * (r[i]! + s[i]!);
  return Number.isNaN(sum) ? Number.NEGATIVE_INFINITY : sum;
}

/**
 * The ball after a step of a length, by More's rules: after a good step twice as large as the step, not as the ball was. A
 * ball that was never felt says nothing, and one that is too large costs a trial at every step.
 */
function nextRadius(radius: number, { length, mu }: DampedStep, ratio: number): number {
  // linear residuals, as far as can be seen
  if (Math.abs(ratio - 1) < 1e-8) return Number.POSITIVE_INFINITY;
  if (!Number.isFinite(ratio)) return length / 10;
  if (ratio > 0.25) return mu === 0 || ratio >= 0.75 ? 2 * length : radius;
  // the minimum of the parabola through the sums of squares at both ends; the slope at the first is -2 predicted or more
  return Math.min(radius, 10 * length) * Math.min(0.5, Math.max(0.1, 1 / (2 - ratio)));
}

function isUsable({ gradient, factors }: LeastSquaresState): boolean {
  return allFinite(gradient) && allFinite(factors);
}

function moves(x: Vector, y: Vector): boolean {
  for (let i = 0; i < x.length; i++) if (x[i] !== y[i]) return true;
  return false;
}
