import { moveTo, type Vector } from "../numeric/vectors.ts";
import type { Optimizer, OptimizerState } from "./optimizer.ts";

export interface GradientDescentState extends OptimizerState {}

/** theta -= rate g: stochastic gradient descent where the oracle draws batches. `rate` has the units parameter^2/loss. */
export function gradientDescent(options: { readonly rate: number }): Optimizer<GradientDescentState> {
  const { rate } = options;
  return {
    name: "sgd",
    needs: [],
    init(oracle, x0) {
      const gradient = new Float64Array(x0.length);
      const point = x0.slice();
      return { iteration: 0, point, value: oracle.lossAndGradient(point, gradient), gradient, metricNorm: Number.NaN };
    },
    step(state, oracle, spare) {
      const point: Vector = spare?.point ?? new Float64Array(state.point.length);
      const gradient: Vector = spare?.gradient ?? new Float64Array(state.point.length);
      moveTo(point, state.point, -rate, state.gradient);
      const value = oracle.lossAndGradient(point, gradient);
      return {
        ok: true,
        state: { iteration: state.iteration + 1, point, value, gradient, metricNorm: Number.NaN },
      };
    },
  };
}
