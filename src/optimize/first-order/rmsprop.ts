import { defineMethod } from "../method.ts";
import { flag, fraction, nonNegative, rate } from "../options.ts";
import { firstOrder, smallerRate } from "./first-order.ts";
import { rateAt } from "./schedule.ts";
import { squarable, squareOf } from "./squares.ts";

type Slot = "square" | "mean" | "velocity";

/**
 * RMSProp (Tieleman and Hinton, 2012), as in PyTorch: square = alpha square + (1 - alpha) g^2,
 *
 *     step = g / (sqrt(square) + epsilon);   theta -= rate step.
 *
 * `centered` takes off the square of the averaged gradient first: what remains estimates a variance. With `momentum`
 * steps are summed up, velocity = momentum velocity + step, and theta -= rate velocity.
 */
export const rmsprop = defineMethod({
  name: "rmsprop",
  summary: "gradients divided by the root of the average of their squares",
  options: {
    rate: rate("how far a coordinate moves where the gradient is as usual, in units of the parameters", 1e-2),
    alpha: fraction("what is kept of the averages at each step", 0.99),
    epsilon: nonNegative("added to the root, in loss / parameter", 1e-8),
    momentum: fraction("what is kept of the sum of steps", 0),
    centered: flag("whether the square of the averaged gradient is taken off first", false),
    weightDecay: nonNegative("this times the point is added to the gradient", 0),
  },
  create: ({ rate, alpha, epsilon, momentum, centered, weightDecay }) => {
    const centering = centered ? 1 : 0;
    return firstOrder<Slot>({
      name: "rmsprop",
      slots: ["square", "mean", "velocity"],
      remedy: smallerRate,
      move({ iteration, point, gradient, slots }, next) {
        const eta = rateAt(rate, iteration);
        const { square, mean, velocity } = next.slots;
        const out = next.point;
        for (let i = 0; i < out.length; i++) {
          const g = squarable(gradient[i]! + weightDecay * point[i]!);
          const s = alpha * slots.square[i]! + (1 - alpha) * squareOf(g);
          const m = alpha * slots.mean[i]! + (1 - alpha) * g;
          // an average of squares is never below the square of the average, but rounding is
          const spread = Math.max(s - centering * (m * m), 0);
          const v = momentum * slots.velocity[i]! + (g === 0 ? 0 : g / (Math.sqrt(spread) + epsilon));
          square[i] = s;
          mean[i] = m;
          velocity[i] = v;
          out[i] = point[i]! - eta * v;
        }
      },
    });
  },
});
