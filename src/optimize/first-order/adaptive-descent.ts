import { defineMethod } from "../method.ts";
import { count, positive } from "../options.ts";
import { type FirstOrderState, firstOrder } from "./first-order.ts";
import { squareOf } from "./squares.ts";

export type AverageSlot = "mean" | "variance" | "weight";

export interface AverageSettings {
  readonly window: number;
  readonly warmUp: number;
}

export const averageOptions = {
  window: count("steps that the variance looks back", 100),
  warmUp: count("first gradients that are averaged without a move", 10),
};

/**
 * Learns from the t-th gradient g, coordinate by coordinate. v estimates the variance of a gradient by differences of
 * neighbours, which is never negative:
 *
 *     v += ((g - g_before)^2 / 2 - v) / min(t - 1, window)
 *     rho = clamp(g^^2 / (4 v), 1/t, 1),   in warm-up 1/t
 *     g^ += rho (g - g^)
 *
 * k = 4 v / g^^2 is the number of gradients whose mean is known to half of its size: beyond it, moving beats estimating.
 * (The lecture's B/k, for batches of B samples, is 1/k here, as v is the variance of whole batches and has B in it.)
 * Without the floor of 1/t the average stops learning where it passes 0.
 */
export function learnMean(
  { iteration, gradient, slots }: FirstOrderState<AverageSlot>,
  previous: FirstOrderState<AverageSlot> | undefined,
  { window, warmUp }: AverageSettings,
): void {
  const { mean, variance, weight } = slots;
  if (!previous) {
    mean.set(gradient);
    weight.fill(1);
    return;
  }
  const before = previous.slots;
  const t = iteration + 1;
  const recent = 1 / Math.min(iteration, window);
  for (let i = 0; i < mean.length; i++) {
    const g = gradient[i]!;
    const m = before.mean[i]!;
    const v = before.variance[i]! + recent * (squareOf(g - previous.gradient[i]!) / 2 - before.variance[i]!);
    const rho = t <= warmUp || m === 0 ? 1 / t : Math.min(Math.max(squareOf(m) / (4 * v), 1 / t), 1);
    variance[i] = v;
    weight[i] = rho;
    mean[i] = m + rho * (g - m);
  }
}

/**
 * Adaptive Descent: as far along the averaged gradient as its estimate is worth,
 *
 *     theta -= rho / (2 curvature) g^,   g^ and rho as in `learnMean`, no move in warm-up,
 *
 * for a loss whose curvature along each coordinate is at most `curvature`. Scaling the loss and the curvature together,
 * or all parameters, changes nothing. (As printed in the lecture, with s - g^^2 for the variance and no clamp, it is not
 * finite after two steps: `adaptiveDescentAsPrinted`.)
 */
export const adaptiveDescent = defineMethod({
  name: "adaptive-descent",
  summary: "averages noisy gradients until moving is worth more; needs a bound on the curvature",
  options: {
    curvature: positive("a bound on the second derivative in every coordinate, in loss / parameter^2"),
    ...averageOptions,
  },
  create: (settings) =>
    firstOrder<AverageSlot>({
      name: "adaptive-descent",
      slots: ["mean", "variance", "weight"],
      remedy: "A larger bound on the curvature may help.",
      move({ iteration, point, slots }, next) {
        const moved = iteration + 1 > settings.warmUp ? 0.5 / settings.curvature : 0;
        const out = next.point;
        for (let i = 0; i < out.length; i++) out[i] = point[i]! - moved * slots.weight[i]! * slots.mean[i]!;
      },
      learn: (state, _oracle, previous) => learnMean(state, previous, settings),
    }),
});
