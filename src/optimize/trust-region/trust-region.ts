import { allFinite, dot, norm, type Vector } from "../../numeric/vectors.ts";
import { beginAt } from "../begin.ts";
import { defineMethod } from "../method.ts";
import { curvatureScale } from "../newton/curvature-scale.ts";
import { decreaseAlong, hiddenDecrease, isLower, roundingNear } from "../newton/decrease.ts";
import { nextForcing } from "../newton/forcing.ts";
import { brokenHessian, standstill } from "../newton/obstacles.ts";
import type { Optimizer, OptimizerState, StepResult } from "../optimizer.ts";
import { bound, flag, fraction } from "../options.ts";
import type { Oracle, OraclePart } from "../oracle.ts";
import { DenseModel } from "./dense-model.ts";
import { LanczosModel } from "./lanczos-model.ts";
import type { ModelStep, QuadraticModel } from "./model-step.ts";
import { SteihaugModel } from "./steihaug.ts";

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
}

/** A way of minimising the model at a point: which parts of the oracle it needs, in what norm, how. */
interface Strategy {
  readonly name: string;
  readonly needs: readonly OraclePart[];
  readonly isScaled: boolean;
  /** The model at the state's point, and the scale for its ball. */
  model(state: TrustRegionState, oracle: Oracle): { readonly model: QuadraticModel; readonly scale: Vector };
}

interface Settings {
  readonly radius: number;
  readonly largestRadius: number;
}

const options = {
  radius: bound("how far the first step may go; infinite: as far as the model says", Number.POSITIVE_INFINITY),
  largestRadius: bound("how far any step may go", Number.POSITIVE_INFINITY),
};

const inexact = {
  ...options,
  forcing: fraction("what may be left of the gradient in a model's minimum, at most", 0.05),
};

/**
 * Newton's method in a trust region: every step minimises the quadratic model of the loss in a ball exactly, the hard
 * case included (More and Sorensen, 1983), and the ball grows or shrinks with what the model was worth. With `scaled` the
 * ball is measured in d_i = the largest sqrt |H_ii| so far: the steps then do not depend on the parameters' units.
 */
export const trustExact = defineMethod({
  name: "trust-exact",
  summary: "Newton in a trust region, with the whole Hessian; for up to some hundred parameters",
  options: { ...options, scaled: flag("whether parameters are scaled by their second derivatives", true) },
  create: (settings) =>
    trustRegion(settings, 0, {
      name: "trust-exact",
      needs: ["hessian"],
      isScaled: settings.scaled,
      model({ point, gradient, scale: before }, oracle) {
        const n = point.length;
        const H = new Float64Array(n * n);
        oracle.hessian!(point, H);
        const scale = settings.scaled ? curvatureScale(H, n).map((d, i) => Math.max(d, before[i]!)) : before;
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < n; j++) H[i * n + j] = H[i * n + j]! / scale[i]! / scale[j]!;
        }
        return { model: new DenseModel(H, scaledGradient(gradient, scale)), scale };
      },
    }),
});

/** The same by conjugate gradients: they stop at the ball, where the curvature is not positive, or near the minimum. */
export const trustNcg = defineMethod({
  name: "trust-ncg",
  summary: "Newton in a trust region by conjugate gradients; products with the Hessian only",
  options: inexact,
  create: (settings) =>
    trustRegion(settings, settings.forcing, {
      name: "trust-ncg",
      needs: ["hvp"],
      isScaled: false,
      model: ({ point, gradient, forcing, scale }, oracle) => ({
        model: new SteihaugModel((v, out) => oracle.hvp!(point, v, out), gradient, forcing),
        scale,
      }),
    }),
});

/** The same in Lanczos' basis, where the model is minimised along the boundary too, and negative curvature is used well. */
export const trustKrylov = defineMethod({
  name: "trust-krylov",
  summary: "Newton in a trust region, exact in a Krylov space; products with the Hessian only",
  options: inexact,
  create: (settings) =>
    trustRegion(settings, settings.forcing, {
      name: "trust-krylov",
      needs: ["hvp"],
      isScaled: false,
      model: ({ point, gradient, forcing, scale }, oracle) => ({
        model: new LanczosModel((v, out) => oracle.hvp!(point, v, out), gradient, forcing),
        scale,
      }),
    }),
});

function trustRegion(settings: Settings, forcing: number, strategy: Strategy): Optimizer<TrustRegionState> {
  return {
    name: strategy.name,
    needs: strategy.needs,
    needsOneLoss: true,
    restarts: true,
    init(oracle, x0) {
      const start = beginAt(oracle, x0);
      return {
        ...start,
        radius: settings.radius,
        scale: new Float64Array(x0.length).fill(strategy.isScaled ? 0 : 1),
        forcing,
        firstGradientNorm: norm(start.gradient),
        curvature: Number.POSITIVE_INFINITY,
      };
    },
    step: (state, oracle) => trustRegionStep(state, oracle, strategy, { ...settings, forcing }),
  };
}

/** What the loss did beside what the model said: enough for a step, too little for the same ball, enough for a larger one. */
const leastRatio = 0.05;
const poorRatio = 0.4;
const goodRatio = 0.9;
const growth = 2;
/** A ball is too small to judge a model by where it promises less than this many times what rounding hides. */
const timid = 1024;

/** Tries smaller balls until the loss falls; a trial evaluates loss and gradient, so that the last one needs no more. */
function trustRegionStep(
  state: TrustRegionState,
  oracle: Oracle,
  strategy: Strategy,
  { largestRadius, forcing }: Settings & { readonly forcing: number },
): StepResult<TrustRegionState> {
  const { point, value, gradient } = state;
  const { model, scale } = strategy.model(state, oracle);
  const n = point.length;
  const trial = { point: new Float64Array(n), value: Number.NaN, gradient: new Float64Array(n) };
  const p = new Float64Array(n);
  const gradientNorm = norm(scaledGradient(gradient, scale));
  const hidden = hiddenDecrease(value);
  const rounding = Math.max(hidden, roundingNear(state));
  let radius = Math.min(state.radius, largestRadius);
  let missed = 0;
  let isBroken = true;
  let hasMissed = false;
  for (;;) {
    let found = model.minimize(radius);
    // a ball in which the loss has nothing to show tells nothing of the model
    while (!hasMissed && found.isOnBoundary && found.predicted <= timid * hidden) {
      const larger = Math.min(10 * found.length, largestRadius);
      const wider = model.minimize(larger);
      if (!(wider.predicted > found.predicted && wider.predicted < Number.POSITIVE_INFINITY)) break;
      radius = larger;
      found = wider;
    }
    if (!Number.isFinite(found.predicted) || !allFinite(found.step)) {
      return { ok: false, state, why: brokenHessian() };
    }
    let moved = false;
    for (let i = 0; i < n; i++) {
      p[i] = found.step[i]! / scale[i]!;
      trial.point[i] = point[i]! + p[i]!;
      moved ||= trial.point[i] !== point[i];
    }
    const ended = (): StepResult<TrustRegionState> => ({
      ok: false,
      state,
      why: standstill(
        Math.max(missed, found.predicted),
        rounding,
        isBroken && hasMissed,
        model.isDefinite === true && !found.isOnBoundary,
      ),
    });
    if (!moved) return ended();
    trial.value = oracle.lossAndGradient(trial.point, trial.gradient);
    const isUsable = Number.isFinite(trial.value) && allFinite(trial.gradient);
    const fall = isUsable ? decreaseAlong(p, state, trial, found.predicted) : Number.NEGATIVE_INFINITY;
    const ratio = fall / found.predicted;
    const trialNorm = isUsable ? norm(scaledGradient(trial.gradient, scale)) : Number.NaN;
    if (trial.value === Number.NEGATIVE_INFINITY) return accepted();
    const isProgress = trialNorm < 0.9 * gradientNorm || isLower(trial.value, value);
    if (found.predicted <= hidden && !(ratio > leastRatio && isProgress)) {
      // what a better minimum of the model promises may be seen
      if (model.refine()) continue;
      return ended();
    }
    if (ratio > leastRatio) return accepted();
    if (isUsable) isBroken = false;
    missed = Math.max(missed, found.predicted);
    hasMissed = true;
    radius = isUsable ? shrunk(found, fall, dot(gradient, p)) : found.length / 8;

    function accepted(): StepResult<TrustRegionState> {
      return {
        ok: true,
        state: {
          iteration: state.iteration + 1,
          point: trial.point,
          value: trial.value,
          gradient: trial.gradient,
          // the Newton decrement of the step just made
          metricNorm: found.isOnBoundary ? Number.NaN : Math.sqrt(Math.max(0, -dot(gradient, p))),
          radius: Math.min(largestRadius, nextRadius(radius, found, ratio)),
          scale,
          firstGradientNorm: state.firstGradientNorm,
          forcing: nextForcing(state.forcing, {
            most: forcing,
            miss: Math.abs(trialNorm - found.residualNorm) / gradientNorm,
            nearness: Math.sqrt(trialNorm / state.firstGradientNorm),
          }),
          curvature: model.curvature,
        },
      };
    }
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

function scaledGradient(gradient: Vector, scale: Vector): Vector {
  return gradient.map((entry, i) => entry / scale[i]!);
}
