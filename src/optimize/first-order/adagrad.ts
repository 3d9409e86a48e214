import { defineMethod } from "../method.ts";
import { nonNegative, rate } from "../options.ts";
import { firstOrder, smallerRate } from "./first-order.ts";
import { rateAt } from "./schedule.ts";
import { squarable, squareOf } from "./squares.ts";

/**
 * Adagrad (Duchi, Hazan, Singer, 2011), as in PyTorch: sum += g^2, elementwise, and
 *
 *     theta -= rate / (1 + (t - 1) rateDecay) g / (sqrt(sum) + epsilon),   t = 1, 2, ...
 */
export const adagrad = defineMethod({
  name: "adagrad",
  summary: "gradients divided by the root of the sum of all their squares; for sparse features",
  options: {
    rate: rate("how far the first step moves a coordinate, in units of the parameters", 1e-2),
    rateDecay: nonNegative("the rate is divided by 1 + this times the steps made", 0),
    initialSum: nonNegative("where the sums of squares start, in (loss / parameter)^2", 0),
    epsilon: nonNegative("added to the root, in loss / parameter", 1e-10),
    weightDecay: nonNegative("this times the point is added to the gradient", 0),
  },
  create: ({ rate, rateDecay, initialSum, epsilon, weightDecay }) =>
    firstOrder<"sum">({
      name: "adagrad",
      slots: ["sum"],
      remedy: smallerRate,
      start: ({ sum }) => void sum.fill(initialSum),
      move({ iteration, point, gradient, slots }, next) {
        const eta = rateAt(rate, iteration) / (1 + iteration * rateDecay);
        const { sum } = next.slots;
        const out = next.point;
        for (let i = 0; i < out.length; i++) {
          const g = squarable(gradient[i]! + weightDecay * point[i]!);
          const s = slots.sum[i]! + squareOf(g);
          sum[i] = s;
          out[i] = point[i]! - (g === 0 ? 0 : (eta * g) / (Math.sqrt(s) + epsilon));
        }
      },
    }),
});
