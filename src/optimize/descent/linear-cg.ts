import { conjugateTo, flatShare, strideAlong } from "../../numeric/krylov/conjugate-gradient.ts";
import { binade, moveTo, norm, scale, type Vector } from "../../numeric/vectors.ts";
import { beginAt } from "../begin.ts";
import { defineMethod } from "../method.ts";
import type { Optimizer, OptimizerState } from "../optimizer.ts";

export interface LinearCgState extends OptimizerState {
  /** Conjugate to all before it, divided by the binade of the gradient's norm: no square overflows or vanishes. */
  readonly direction: Vector;
  /** The largest curvature along a direction so far. */
  readonly steepest: number;
}

/** A loss that rises by more than this part of it was no quadratic. */
const rounding = 2 ** -40;

/**
 * Linear conjugate gradients (Hestenes and Stiefel, 1952) for a quadratic loss x'Ax/2 - b'x + c with A positive
 * definite, by one product A d and one gradient a move: t = -<g, d> / <d, A d>, beta = <g, g> / <g_before, g_before>. It
 * ends after as many moves as A has different eigenvalues. A direction with <d, A d> <= 0 along which the loss falls
 * ends the run: a quadratic has no lower bound then.
 */
export const linearCg = defineMethod({
  name: "linear-cg",
  summary: "linear conjugate gradients, for losses that are quadratic",
  options: {},
  create: (): Optimizer<LinearCgState> => ({
    name: "linear-cg",
    needs: ["hvp"],
    needsOneLoss: true,
    init(oracle, x0) {
      const start = beginAt(oracle, x0);
      const unit = binade(norm(start.gradient));
      return { ...start, direction: start.gradient.map((g) => -g / unit), steepest: 0 };
    },
    step(state, oracle, spare) {
      const n = state.point.length;
      const size = norm(state.gradient);
      if (size === 0) {
        const message = "converged: the gradient is 0.";
        return { ok: false, state, why: { kind: "rounding", measured: 0, tolerance: 0, message } };
      }
      const times = (v: Vector, out: Vector) => oracle.hvp!(state.point, v, out);
      const unit = binade(size);
      const image = new Float64Array(n);
      const flat = flatShare * state.steepest;
      const { length, curvature } = strideAlong(times, state.direction, (size / unit) ** 2, image, flat);
      if (!(curvature > 0)) {
        const message = `failed: the curvature along the direction is ${curvature.toExponential(2)}, and a quadratic has no minimum then.`;
        return { ok: false, state, why: { kind: Number.isNaN(curvature) ? "notFinite" : "unbounded", message } };
      }
      const point = spare?.point ?? new Float64Array(n);
      const gradient = spare?.gradient ?? new Float64Array(n);
      const direction = spare?.direction ?? new Float64Array(n);
      moveTo(point, state.point, length * unit, state.direction);
      const value = oracle.lossAndGradient(point, gradient);
      if (value > state.value + rounding * Math.abs(state.value)) {
        const message = "failed: the loss rose along a direction of descent: is it a quadratic?";
        return { ok: false, state, why: { kind: "lineSearch", message } };
      }
      const reached = norm(gradient);
      conjugateTo(direction, state.direction, gradient, (reached / size) ** 2 * unit);
      scale(direction, 1 / binade(reached));
      const steepest = Math.max(state.steepest, curvature);
      const next = {
        iteration: state.iteration + 1,
        point,
        value,
        gradient,
        metricNorm: Number.NaN,
        direction,
        steepest,
      };
      return { ok: true, state: next };
    },
  }),
});
