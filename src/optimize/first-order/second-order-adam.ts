import { defineMethod } from "../method.ts";
import { count, flag } from "../options.ts";
import { learnAverages, scaled, windowOptions } from "./adam.ts";
import { firstOrder, smallerRate } from "./first-order.ts";
import { rateAt } from "./schedule.ts";

type Slot = "mean" | "square" | "drift" | "move" | "product";

/**
 * Adam that knows how its gradient drifts. A move theta -= eta * g^ changes the gradient, to first order, by -g-dot with
 *
 *     g-dot = H (eta * g^) = E_i[H^i (eta * g^)],
 *
 * an expectation over batches, so that one product with the Hessian of each batch estimates it. At every point, after
 * the averages g^ and s have taken in its gradient,
 *
 *     eta = rate / (sqrt(s) + epsilon),   g-dot^ += (H^t (eta * g^) - g-dot^) / min(t, driftWindow),
 *     theta -= eta * g^,
 *
 * with H^t from the batch of that gradient, before the move. With `correction` the average of past gradients is carried
 * along with the move, g^ -= g-dot^, before it takes in the next one: it then belongs to the point where it is used.
 */
export const secondOrderAdam = defineMethod({
  name: "second-order-adam",
  summary: "adam whose averaged gradient follows each move, by a product with the Hessian",
  options: {
    ...windowOptions,
    driftWindow: count("steps that the average of the drift looks back", 10),
    correction: flag("whether the drift is taken off the average at each move", true),
  },
  create: (settings) => {
    const { rate, epsilon, driftWindow, correction } = settings;
    return firstOrder<Slot>({
      name: "second-order-adam",
      needs: ["hvp"],
      slots: ["mean", "square", "drift", "move", "product"],
      remedy: smallerRate,
      move({ point, slots }, next) {
        const out = next.point;
        for (let i = 0; i < out.length; i++) out[i] = point[i]! - slots.move[i]!;
      },
      learn(state, oracle, previous) {
        const { iteration, point, slots } = state;
        const before = (previous ?? state).slots;
        learnAverages(state, before, correction ? before.drift : undefined, settings);
        const { mean, square, drift, move, product } = slots;
        const eta = rateAt(rate, iteration);
        for (let i = 0; i < mean.length; i++) move[i] = scaled(mean[i]!, square[i]!, eta, epsilon);
        oracle.hvp!(point, move, product);
        const weight = 1 / Math.min(iteration + 1, driftWindow);
        for (let i = 0; i < mean.length; i++) drift[i] = before.drift[i]! + weight * (product[i]! - before.drift[i]!);
      },
    });
  },
});
