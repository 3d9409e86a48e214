import { defineMethod } from "../method.ts";
import { bound, count, positive } from "../options.ts";
import { type AverageSlot, averageOptions, learnMean } from "./adaptive-descent.ts";
import { type FirstOrderState, firstOrder, type Slots } from "./first-order.ts";

/** `push` and `pull` average |eta g^| and |H^t (eta g^)|. */
type Slot = AverageSlot | "rate" | "push" | "pull" | "move" | "product";

/**
 * Adaptive Descent that measures the curvature: at every point, after g^ and rho have taken in its gradient,
 *
 *     L = EMA |H^t (eta * g^)| / EMA |eta * g^|,   coordinate by coordinate, H^t from the batch of that gradient,
 *     eta = min(rho / (2 L), growth eta),          the old eta where either average is 0,
 *     theta -= eta * g^.
 *
 * eta has the units parameter^2 / loss that a move asks for, so that nothing but the first rate, which the growth soon
 * leaves behind, depends on units. The lecture prints eta = rho / (2 |g-dot^|), in parameter / loss:
 * `secondOrderAdaptiveDescentAsPrinted`.
 */
export const secondOrderAdaptiveDescent = defineMethod({
  name: "second-order-adaptive-descent",
  summary: "adaptive-descent that measures the curvature by products with the Hessian",
  options: {
    rate: positive("the first eta, best too small, in parameter^2 / loss", 1e-6),
    growth: bound("the largest factor by which an eta grows in a step", 2),
    curvatureWindow: count("steps that the measured curvature looks back", 100),
    ...averageOptions,
  },
  create: (settings) => {
    const { rate: firstRate, growth, curvatureWindow, warmUp } = settings;
    return firstOrder<Slot>({
      name: "second-order-adaptive-descent",
      needs: ["hvp"],
      slots: ["mean", "variance", "weight", "rate", "push", "pull", "move", "product"],
      remedy: "A smaller rate or growth may help.",
      start: ({ rate }) => void rate.fill(firstRate),
      move: moveAfter(warmUp),
      learn(state, oracle, previous) {
        learnMean(state, previous, settings);
        const { iteration, point, slots } = state;
        const before = (previous ?? state).slots;
        const { mean, weight, rate, push, pull, move, product } = slots;
        for (let i = 0; i < move.length; i++) move[i] = before.rate[i]! * mean[i]!;
        oracle.hvp!(point, move, product);
        const recent = 1 / Math.min(iteration + 1, curvatureWindow);
        for (let i = 0; i < move.length; i++) {
          const a = before.push[i]! + recent * (Math.abs(move[i]!) - before.push[i]!);
          const b = before.pull[i]! + recent * (Math.abs(product[i]!) - before.pull[i]!);
          push[i] = a;
          pull[i] = b;
          const eta =
            a === 0 || b === 0 ? before.rate[i]! : Math.min((weight[i]! * a) / (2 * b), growth * before.rate[i]!);
          rate[i] = eta;
          move[i] = eta * mean[i]!;
        }
      },
    });
  },
});

/** theta -= move, once the warm-up is over. */
export function moveAfter(warmUp: number) {
  return (
    { iteration, point, slots }: FirstOrderState<"move">,
    next: { readonly point: Float64Array; readonly slots: Slots<"move"> },
  ) => {
    const taken = iteration + 1 > warmUp ? 1 : 0;
    const out = next.point;
    for (let i = 0; i < out.length; i++) out[i] = point[i]! - taken * slots.move[i]!;
  };
}
