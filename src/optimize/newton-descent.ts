import { allFinite, dot, moveTo, norm, type Vector } from "../numeric/vectors.ts";
import { decreaseAlong, hiddenDecrease } from "./decrease.ts";
import { runaway, standstill } from "./obstacles.ts";
import type { OptimizerState } from "./optimizer.ts";
import type { Oracle } from "./oracle.ts";
import type { Obstacle } from "./status.ts";

/** A point with the loss and the gradient there, and how far along its direction it lies. */
export type Reached = Pick<OptimizerState, "point" | "value" | "gradient"> & { readonly step: number };

export type Descended =
  | { readonly ok: true; readonly reached: Reached }
  | { readonly ok: false; readonly why: Obstacle };

/** c of Armijo's condition. */
const decrease = 1e-4;

/**
 * The full step along a direction of descent, or a shorter one that lowers the loss by Armijo's condition. Where rounding
 * hides the decrease, gradients decide, and a step has to make the gradient smaller. A step beyond which the loss falls
 * faster than before is made longer.
 */
export function descend(from: OptimizerState, direction: Vector, oracle: Oracle): Descended {
  const { point, value, gradient } = from;
  const slope = dot(gradient, direction);
  const hidden = hiddenDecrease(value);
  const p = new Float64Array(point.length);
  const trial = place(point.length);
  let seen = 0;
  for (let step = 1; ; ) {
    trial.step = step;
    const predicted = (-step * slope) / 2;
    moveTo(trial.point, point, step, direction);
    for (let i = 0; i < p.length; i++) p[i] = step * direction[i]!;
    if (!(slope < 0) || trial.point.every((entry, i) => entry === point[i])) {
      return { ok: false, why: standstill(predicted, hidden, seen) };
    }
    trial.value = oracle.lossAndGradient(trial.point, trial.gradient);
    const isUsable = Number.isFinite(trial.value) && allFinite(trial.gradient);
    const fall = isUsable ? decreaseAlong(p, from, trial, predicted) : Number.NEGATIVE_INFINITY;
    const isGood = fall >= -decrease * step * slope || trial.value === Number.NEGATIVE_INFINITY;
    if (isUsable && predicted <= hidden) {
      if (!(isGood && norm(trial.gradient) < 0.9 * norm(gradient)))
        return { ok: false, why: standstill(predicted, hidden, seen) };
    }
    if (isGood) {
      if (dot(trial.gradient, direction) <= slope) lengthen(from, direction, oracle, trial);
      const why = runaway(trial.point, point, trial.value);
      return why ? { ok: false, why } : { ok: true, reached: trial };
    }
    if (predicted > hidden) seen = fall;
    // the minimum of the parabola through the loss at both ends with the slope at the first
    const t = slope / (2 * (slope + fall / step));
    step *= Math.min(0.5, Math.max(0.1, Number.isNaN(t) ? 0 : t));
  }
}

/** Doubles a step for as long as the loss falls ever faster: no convex model tells how far to go. */
function lengthen(from: OptimizerState, direction: Vector, oracle: Oracle, best: Place): void {
  let next = place(best.point.length);
  for (let slope = dot(from.gradient, direction); dot(best.gradient, direction) <= slope; ) {
    slope = dot(best.gradient, direction);
    next.step = 2 * best.step;
    moveTo(next.point, from.point, next.step, direction);
    next.value = oracle.lossAndGradient(next.point, next.gradient);
    if (!(next.value < best.value && (allFinite(next.gradient) || next.value === Number.NEGATIVE_INFINITY))) return;
    const spare = { ...best };
    Object.assign(best, next);
    next = spare;
  }
}

type Place = { -readonly [Key in keyof Reached]: Reached[Key] };

function place(n: number): Place {
  return { point: new Float64Array(n), value: Number.NaN, gradient: new Float64Array(n), step: 0 };
}
