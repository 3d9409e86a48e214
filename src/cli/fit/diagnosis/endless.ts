import { dot } from "../../../numeric/vectors.ts";
import type { Oracle } from "../../../optimize/oracle.ts";
import type { Box } from "../plan/starts.ts";

/** So many steps of Newton's method away a loss that has a minimum nearby has risen again. */
export const farthest = 64;

/**
 * Does the loss fall on along a step of Newton's method, which leads to the minimum of a quadratic? Looks at slopes and curvature as
 * far as 64 steps: losses fall by less than they can show where an exponential runs out. Of a step that is rounding the curvature
 * stays as it is.
 */
export function fallsOn(oracle: Oracle, x: Float64Array, step: Float64Array, { lower, upper }: Box): boolean {
  const at = (t: number) => x.map((value, i) => value + t * step[i]!);
  const last = at(farthest);
  const isInside = last.every((value, i) => value >= lower[i]! && value <= upper[i]!);
  const isFar = step.some((entry, i) => entry !== 0 && farthest * Math.abs(entry) >= Math.abs(x[i]!));
  if (!isInside || !isFar) return false;
  const gradient = new Float64Array(x.length);
  const slope = (t: number) => {
    oracle.lossAndGradient(at(t), gradient);
    return dot(gradient, step);
  };
  const curvature = (point: Float64Array) => {
    oracle.hvp!(point, step, gradient);
    return dot(gradient, step);
  };
  const first = slope(0);
  // along a quadratic the slope at 2 is -first; what rounding adds to a loss that falls is far less
  for (let t = 2; t <= farthest; t *= 2) if (!(slope(t) <= -1e-3 * first)) return false;
  return first < 0 && curvature(last) <= curvature(x) / 4 && oracle.loss(last) <= oracle.loss(x);
}
