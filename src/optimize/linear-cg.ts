import { dot, type Vector } from "../numeric/vectors.ts";
import { defineMethod } from "./method.ts";
import type { Optimizer, OptimizerState } from "./optimizer.ts";

export interface LinearCgState extends OptimizerState {
  /** Conjugate to all before it. */
  readonly direction: Vector;
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
  create: (): Optimizer<LinearCgState> => {
    let product = new Float64Array(0);
    return {
      name: "linear-cg",
      needs: ["hvp"],
      needsOneLoss: true,
      init(oracle, x0) {
        const point = x0.slice();
        const gradient = new Float64Array(x0.length);
        const value = oracle.lossAndGradient(point, gradient);
        const direction = gradient.map((g) => -g);
        return { iteration: 0, point, value, gradient, metricNorm: Number.NaN, direction };
      },
      step(state, oracle, spare) {
        const n = state.point.length;
        if (product.length !== n) product = new Float64Array(n);
        oracle.hvp!(state.point, state.direction, product);
        const bend = dot(state.direction, product);
        const slope = dot(state.gradient, state.direction);
        if (slope === 0) {
          const message = "converged: the gradient is 0.";
          return { ok: false, state, why: { kind: "rounding", measured: 0, tolerance: 0, message } };
        }
        if (!(bend > 0)) {
          const message = `failed: the curvature along the direction is ${bend.toExponential(2)}, and a quadratic has no minimum then.`;
          return { ok: false, state, why: { kind: Number.isNaN(bend) ? "notFinite" : "unbounded", message } };
        }
        const t = -slope / bend;
        const point = spare?.point ?? new Float64Array(n);
        const gradient = spare?.gradient ?? new Float64Array(n);
        const direction = spare?.direction ?? new Float64Array(n);
        for (let i = 0; i < n; i++) point[i] = state.point[i]! + t * state.direction[i]!;
        const value = oracle.lossAndGradient(point, gradient);
        if (value > state.value + rounding * Math.abs(state.value)) {
          const message = "failed: the loss rose along a direction of descent: is it a quadratic?";
          return { ok: false, state, why: { kind: "lineSearch", message } };
        }
        const beta = dot(gradient, gradient) / dot(state.gradient, state.gradient);
        for (let i = 0; i < n; i++) direction[i] = beta * state.direction[i]! - gradient[i]!;
        const next = { iteration: state.iteration + 1, point, value, gradient, metricNorm: Number.NaN, direction };
        return { ok: true, state: next };
      },
    };
  },
});
