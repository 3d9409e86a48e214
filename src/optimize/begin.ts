import type { Vector } from "../numeric/vectors.ts";
import type { OptimizerState } from "./optimizer.ts";
import type { Oracle } from "./oracle.ts";

/** What every state holds, at a start: the point, a copy of x0, with the loss and the gradient there. */
export function beginAt(oracle: Oracle, x0: Vector): OptimizerState {
  const point = x0.slice();
  const gradient = new Float64Array(x0.length);
  const value = oracle.lossAndGradient(point, gradient);
  return { iteration: 0, point, value, gradient, metricNorm: Number.NaN };
}
