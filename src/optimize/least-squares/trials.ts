import {
  type DampedStep,
  divisors,
  type LinearizedResiduals,
  scaledNorm,
} from "../../numeric/dense/damped-least-squares.ts";
import { rankOf } from "../../numeric/dense/least-squares.ts";
import { allFinite, dot, type Vector } from "../../numeric/vectors.ts";
import { promisesMore, relativePromise } from "../driver/relative-promise.ts";
import { obstacle, standstill } from "../newton/obstacles.ts";
import type { StepResult } from "../optimizer.ts";
import type { Oracle } from "../oracle.ts";
import { accelerated, slowSteps } from "./acceleration.ts";
import { arrive, type LeastSquaresState } from "./state.ts";

/** The step of a method in a ball of a radius. */
export type StepFinder = (problem: LinearizedResiduals, radius: number) => DampedStep;

/** Tries smaller balls until the sum of squares falls. */
export function leastSquaresStep(
  state: LeastSquaresState,
  oracle: Oracle,
  find: StepFinder,
): StepResult<LeastSquaresState> {
  if (allFinite(state.factors)) return new Trials(state, oracle, find).run();
  return { ok: false, state, why: obstacle("notFinite", "the Jacobian is NaN or infinite here, and the loss is not.") };
}

/** What the residuals did at a trial. */
interface Outcome {
  readonly square: number;
  /** By how much the sum of squares fell. */
  readonly actual: number;
  /** The fall, in units of the one that was predicted. */
  readonly ratio: number;
}

class Trials {
  private readonly state: LeastSquaresState;
  private readonly oracle: Oracle;
  private readonly find: StepFinder;
  private readonly problem: LinearizedResiduals;
  private readonly square: number;
  /** The rounding of the sum of squares, and the decrease that it hides. */
  private readonly noise: number;
  private readonly hidden: number;
  private readonly point: Vector;
  private readonly residuals: Vector;
  private radius: number;
  /** By how much the residuals fell at the last trial where it could be seen. */
  private seen = 0;
  /** No refused step led to numbers. */
  private isBroken = true;
  private hasMissed = false;

  constructor(state: LeastSquaresState, oracle: Oracle, find: StepFinder) {
    const { point, residuals, scale, columns, factors, taus, projected } = state;
    const n = point.length;
    const m = residuals.length;
    const qr = { m, n, factors, taus, pivots: Int32Array.from(state.pivots) };
    this.state = state;
    this.oracle = oracle;
    this.find = find;
    this.problem = { qr, projected, columns: divisors(columns), scale: divisors(scale) };
    this.square = dot(residuals, residuals);
    this.noise = squareNoise(this.square, scaledNorm(point, columns));
    this.hidden = 64 * this.noise;
    this.point = new Float64Array(n);
    this.residuals = new Float64Array(m);
    this.radius = state.radius;
  }

  run(): StepResult<LeastSquaresState> {
    const isSteepAt = this.steepness();
    for (;;) {
      const found = this.find(this.problem, this.radius);
      const isHidden = found.predicted <= this.hidden;
      const isSteep = isSteepAt(found);
      if (!this.move(found, isHidden)) return this.ended(found, isSteep);
      const outcome = this.evaluate(found);
      if (isHidden && Number.isFinite(outcome.square) && outcome.square <= this.square + this.noise) {
        return this.judgedByGradients(found, outcome, isSteep);
      }
      if (isHidden && found.mu === 0) return this.ended(found, isSteep);
      if (outcome.ratio > 1e-4) {
        const arrived = this.arrive(found, outcome);
        if (isUsable(arrived)) return { ok: true, state: arrived };
        // a loss without derivatives is no place to go on from
        this.hasMissed = true;
        this.radius = found.length / 10;
      } else this.refuse(found, outcome, isHidden);
    }
  }

  /** Tells whether what is left to win cannot be rounding alone, when a step is the best that there is. */
  private steepness(): (found: DampedStep) => boolean {
    const { state, problem, square } = this;
    const factor = this.oracle.residualFactor ?? 1;
    const isFull = rankOf(problem.qr) === state.point.length;
    const promise = relativePromise(state.point, state.gradient);
    const slopes = steepDecrease(state, factor);
    // of squares that are all rounding no slope promises anything
    if (square <= this.hidden) return () => false;
    // of the gradient a full step leaves nothing: what it promises is known
    return ({ mu }) =>
      slopes > Math.max(steep * square, this.hidden) ||
      (!(isFull && mu === 0) && promisesMore(promise, factor * square));
  }

  /** Goes to the end of a step, bent along its valley; false where that is the point itself. */
  private move(found: DampedStep, isHidden: boolean): boolean {
    const { state, point } = this;
    const bend = isHidden ? undefined : accelerated(this.problem, found, state, this.oracle);
    for (let i = 0; i < point.length; i++) point[i] = state.point[i]! + (found.step[i]! + (bend?.[i] ?? 0));
    return moves(state.point, point);
  }

  private evaluate({ predicted }: DampedStep): Outcome {
    this.oracle.residuals!(this.point, this.residuals);
    const actual = decrease(this.state.residuals, this.residuals);
    return { square: dot(this.residuals, this.residuals), actual, ratio: actual / predicted };
  }

  /** The sums of squares cannot tell these points apart: what is left to explain can. */
  private judgedByGradients(found: DampedStep, outcome: Outcome, isSteep: boolean): StepResult<LeastSquaresState> {
    const arrived = this.arrive(found, outcome, isSteep ? undefined : this.radius);
    const isProgress =
      isUsable(arrived) &&
      (arrived.metricNorm < 0.9 * this.state.metricNorm || outcome.actual > (isSteep ? 0 : this.noise));
    return isProgress ? { ok: true, state: arrived } : this.ended(found, isSteep);
  }

  private arrive(
    found: DampedStep,
    { actual, ratio }: Outcome,
    radius = nextRadius(this.radius, found, ratio),
  ): LeastSquaresState {
    const { state } = this;
    const carried = {
      iteration: state.iteration + 1,
      radius,
      damping: found.mu,
      slowSteps: slowSteps(state.slowSteps, found, actual, this.square),
      scale: state.scale,
    };
    return arrive(this.point, this.residuals, carried, this.oracle);
  }

  private refuse(found: DampedStep, { square, actual, ratio }: Outcome, isHidden: boolean): void {
    if (Number.isFinite(square)) this.isBroken = false;
    if (!isHidden) this.seen = actual;
    this.hasMissed = true;
    this.radius = nextRadius(this.radius, found, ratio);
  }

  /** No step is left to try. */
  private ended({ predicted }: DampedStep, isSteep: boolean): StepResult<LeastSquaresState> {
    const { state, hidden } = this;
    const promised = this.seen < -hidden || isSteep ? Number.POSITIVE_INFINITY : Math.min(predicted, hidden);
    return { ok: false, state, why: standstill(promised, hidden, this.isBroken && this.hasMissed, true) };
  }
}

/** Where the gradient promises more than this part of the sum of squares, nothing has converged. */
const steep = 1e-9;

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
