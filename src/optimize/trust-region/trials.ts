import { allFinite, dot, norm, type Vector } from "../../numeric/vectors.ts";
import { decreaseAlong, hiddenDecrease, isLower, roundingNear } from "../newton/decrease.ts";
import { nextForcing } from "../newton/forcing.ts";
import { brokenHessian, standstill } from "../newton/obstacles.ts";
import type { OptimizerState, StepResult } from "../optimizer.ts";
import type { Oracle } from "../oracle.ts";
import type { ModelStep, QuadraticModel } from "./model-step.ts";

export interface TrustRegionState extends OptimizerState {
  /** How far the model is trusted, in the norm of `scale`; infinite at the start, unless it is given. */
  readonly radius: number;
  /** d: the ball is ||d * p|| <= radius, elementwise. */
  readonly scale: Vector;
  /** What is left of the gradient in the model's minimum, at most, beside the gradient. */
  readonly forcing: number;
  /** The norm of the gradient at the start. */
  readonly firstGradientNorm: number;
  /** The least <v, H v> / <v, v> met by the last step, in the scaled coordinates: below 0 where curvature is negative. */
  readonly curvature: number;
  /** The noise of the loss, measured where balls showed nothing; 0 where the last step lowered it by more. */
  readonly noise: number;
}

/** The model at a state's point, and the scale for its ball. */
export interface ScaledModel {
  readonly model: QuadraticModel;
  readonly scale: Vector;
}

/** What bounds a step: how far it may go, and what may be left of the gradient in a model's minimum. */
interface Bounds {
  readonly largestRadius: number;
  readonly forcing: number;
}

/** What the loss did beside what the model said. */
interface Outcome {
  /** Loss and gradient are numbers. */
  readonly isUsable: boolean;
  readonly fall: number;
  /** The fall, in units of the one that was predicted. */
  readonly ratio: number;
  readonly gradientNorm: number;
}

/** Ratios: enough for a step, too little for the same ball, enough for a larger one. */
const leastRatio = 0.05;
const poorRatio = 0.4;
const goodRatio = 0.9;
const growth = 2;
/** A ball is too small to judge a model by where it promises less than this many times what rounding hides. */
const timid = 1024;

/**
 * The trials of one step: balls around a point, each smaller than the last, until the loss falls. A trial evaluates loss and
 * gradient, so that the one that is accepted needs no more.
 */
export class Trials {
  private readonly state: TrustRegionState;
  private readonly oracle: Oracle;
  private readonly model: QuadraticModel;
  private readonly scale: Vector;
  private readonly bounds: Bounds;
  private readonly gradientNorm: number;
  /** The decrease that the loss cannot show. */
  private readonly hidden: number;
  /** Where the trial is, how it got there, and what it found. */
  private readonly point: Vector;
  private readonly step: Vector;
  private readonly gradient: Vector;
  private value = Number.NaN;
  private radius: number;
  /** The most that a refused step promised; undefined while none was refused. */
  private missed: number | undefined;
  /** No refused step led to numbers. */
  private isBroken = true;

  constructor(state: TrustRegionState, oracle: Oracle, { model, scale }: ScaledModel, bounds: Bounds) {
    this.state = state;
    this.oracle = oracle;
    this.model = model;
    this.scale = scale;
    this.bounds = bounds;
    this.gradientNorm = norm(scaledGradient(state.gradient, scale));
    this.hidden = hiddenDecrease(state.value, state.value, state.noise);
    const n = state.point.length;
    this.point = new Float64Array(n);
    this.step = new Float64Array(n);
    this.gradient = new Float64Array(n);
    this.radius = Math.min(state.radius, bounds.largestRadius);
  }

  run(): StepResult<TrustRegionState> {
    for (;;) {
      const found = this.minimum();
      if (!Number.isFinite(found.predicted) || !allFinite(found.step)) {
        return { ok: false, state: this.state, why: brokenHessian() };
      }
      if (!this.move(found)) return this.ended(found);
      const outcome = this.evaluate(found);
      if (this.value === Number.NEGATIVE_INFINITY) return this.accepted(found, outcome);
      const isGood = outcome.ratio > leastRatio;
      if (found.predicted <= this.hidden && !(isGood && this.isProgress(outcome))) {
        // what a better minimum of the model promises may be seen
        if (this.model.refine()) continue;
        return this.ended(found);
      }
      if (isGood) return this.accepted(found, outcome);
      this.refuse(found, outcome);
    }
  }

  /** The model's minimum in the ball, which grows first where the loss has nothing to show: that tells nothing of the model. */
  private minimum(): ModelStep {
    let found = this.model.minimize(this.radius);
    while (this.missed === undefined && found.isOnBoundary && found.predicted <= timid * this.hidden) {
      const larger = Math.min(10 * found.length, this.bounds.largestRadius);
      const wider = this.model.minimize(larger);
      if (!(wider.predicted > found.predicted && wider.predicted < Number.POSITIVE_INFINITY)) break;
      this.radius = larger;
      found = wider;
    }
    return found;
  }

  /** Goes to the end of a step; false where that is the point itself. */
  private move({ step }: ModelStep): boolean {
    const from = this.state.point;
    let hasMoved = false;
    for (let i = 0; i < from.length; i++) {
      this.step[i] = step[i]! / this.scale[i]!;
      this.point[i] = from[i]! + this.step[i]!;
      hasMoved ||= this.point[i] !== from[i];
    }
    return hasMoved;
  }

  private evaluate({ predicted }: ModelStep): Outcome {
    this.value = this.oracle.lossAndGradient(this.point, this.gradient);
    const { value, gradient } = this;
    const isUsable = Number.isFinite(value) && allFinite(gradient);
    const fall = isUsable
      ? decreaseAlong(this.step, this.state, { value, gradient }, predicted, this.state.noise)
      : Number.NEGATIVE_INFINITY;
    const gradientNorm = isUsable ? norm(scaledGradient(gradient, this.scale)) : Number.NaN;
    return { isUsable, fall, ratio: fall / predicted, gradientNorm };
  }

  private isProgress({ gradientNorm }: Outcome): boolean {
    return gradientNorm < 0.9 * this.gradientNorm || isLower(this.value, this.state.value, this.state.noise);
  }

  private refuse(found: ModelStep, { isUsable, fall }: Outcome): void {
    if (isUsable) this.isBroken = false;
    this.missed = Math.max(this.missed ?? 0, found.predicted);
    this.radius = isUsable ? shrunk(found, fall, this.slope()) : found.length / 8;
  }

  private accepted(found: ModelStep, { ratio, gradientNorm }: Outcome): StepResult<TrustRegionState> {
    const { state, bounds } = this;
    return {
      ok: true,
      state: {
        iteration: state.iteration + 1,
        point: this.point,
        value: this.value,
        gradient: this.gradient,
        // the Newton decrement of the step just made
        metricNorm: found.isOnBoundary ? Number.NaN : Math.sqrt(Math.max(0, -this.slope())),
        radius: Math.min(bounds.largestRadius, nextRadius(this.radius, found, ratio)),
        scale: this.scale,
        firstGradientNorm: state.firstGradientNorm,
        forcing: nextForcing(state.forcing, {
          most: bounds.forcing,
          miss: Math.abs(gradientNorm - found.residualNorm) / this.gradientNorm,
          nearness: Math.sqrt(gradientNorm / state.firstGradientNorm),
        }),
        curvature: this.model.curvature,
        noise: state.value - this.value > state.noise ? 0 : state.noise,
      },
    };
  }

  /** No step is left to try. */
  private ended({ predicted, isOnBoundary }: ModelStep): StepResult<TrustRegionState> {
    const { state, missed } = this;
    const promised = Math.max(missed ?? 0, predicted);
    const rounding = Math.max(this.hidden, roundingNear(state));
    const isBroken = this.isBroken && missed !== undefined;
    const isResolved = this.model.isDefinite === true && !isOnBoundary;
    return { ok: false, state, why: standstill(promised, rounding, isBroken, isResolved) };
  }

  /** <gradient, step> at the start of the step. */
  private slope(): number {
    return dot(this.state.gradient, this.step);
  }
}

function nextRadius(radius: number, { length, isOnBoundary }: ModelStep, ratio: number): number {
  const known = radius === Number.POSITIVE_INFINITY ? length : radius;
  if (ratio >= goodRatio)
    return isOnBoundary || radius === Number.POSITIVE_INFINITY ? growth * length : Math.max(known, growth * length);
  return ratio < poorRatio ? length / 2 : known;
}

/** Where the parabola through the loss at both ends and the slope at the first has its minimum, kept within bounds. */
function shrunk({ length }: ModelStep, fall: number, slope: number): number {
  const t = slope / (2 * (slope + fall));
  return length * Math.min(0.5, Math.max(0.1, Number.isNaN(t) ? 0 : t));
}

/** The gradient in the variables scale_i x_i. */
export function scaledGradient(gradient: Vector, scale: Vector): Vector {
  return gradient.map((entry, i) => entry / scale[i]!);
}
