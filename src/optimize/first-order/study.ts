import { defineMethod } from "../method.ts";
import { bound, count, oneOf, positive } from "../options.ts";
import { type AverageSlot, averageOptions, learnMean } from "./adaptive-descent.ts";
import { firstOrder } from "./first-order.ts";
import { moveAfter } from "./second-order-adaptive-descent.ts";

/*
 * Methods as a lecture prints them (McAllester, TTIC 31230, 2017, "Second Order Optimization Methods"), kept to show
 * what is wrong with them. They are no methods to use, and stand in no list.
 */

/**
 * Adaptive Descent, letter by letter:
 *
 *     s = EMA g^2,   sigma = sqrt(s - g^^2),   k = (2 sigma / |g^|)^2,   eta = (B/k) / (2 L),
 *     theta -= eta * g^,   g^ += (B/k) (g - g^).
 *
 * Not finite after two steps: B/k exceeds 1 where gradients agree, and s - g^^2 is negative where they do not.
 */
export const adaptiveDescentAsPrinted = defineMethod({
  name: "adaptive-descent-as-printed",
  summary: "for study: not finite after two steps",
  options: {
    curvature: positive("L, in loss / parameter^2"),
    batch: positive("B, samples in a batch", 1),
    window: averageOptions.window,
  },
  create: ({ curvature, batch, window }) =>
    firstOrder<"mean" | "square" | "ratio">({
      name: "adaptive-descent-as-printed",
      slots: ["mean", "square", "ratio"],
      move({ point, slots }, next) {
        const out = next.point;
        for (let i = 0; i < out.length; i++) out[i] = point[i]! - (slots.ratio[i]! / (2 * curvature)) * slots.mean[i]!;
      },
      learn({ iteration, gradient, slots }, _oracle, previous) {
        const { mean, square, ratio } = slots;
        const before = (previous ?? { slots }).slots;
        const recent = 1 / Math.min(iteration + 1, window);
        for (let i = 0; i < mean.length; i++) {
          const g = gradient[i]!;
          mean[i] = previous ? before.mean[i]! + before.ratio[i]! * (g - before.mean[i]!) : g;
          square[i] = before.square[i]! + recent * (g * g - before.square[i]!);
          const sigma = Math.sqrt(square[i]! - mean[i]! ** 2);
          ratio[i] = batch / ((2 * sigma) / Math.abs(mean[i]!)) ** 2;
        }
      },
    }),
});

type Slot = AverageSlot | "rate" | "drift" | "move" | "product";

/**
 * Second-Order Adaptive Descent with the rates that the lecture prints, and the averages in working form:
 *
 *     g-dot^ = EMA of H^t (eta * g^),   eta = rho / (2 |g-dot^|),   theta -= eta * g^.
 *
 * Prints 1 and 2 are the same. Print 3 averages eta too, and changes it after the move. A move asks for an eta in
 * parameter^2 / loss; these are in parameter / loss, so that the same problem in other units takes another path.
 */
export const secondOrderAdaptiveDescentAsPrinted = defineMethod({
  name: "second-order-adaptive-descent-as-printed",
  summary: "for study: rates in the wrong units",
  options: {
    print: oneOf(["1", "2", "3"])("which print", "1"),
    rate: positive("the first eta", 1e-6),
    growth: bound("the largest factor by which an eta grows in a step", Number.POSITIVE_INFINITY),
    curvatureWindow: count("steps that the averages of drift and eta look back", 100),
    ...averageOptions,
  },
  create: (settings) => {
    const { print, rate: firstRate, growth, curvatureWindow, warmUp } = settings;
    return firstOrder<Slot>({
      name: "second-order-adaptive-descent-as-printed",
      needs: ["hvp"],
      slots: ["mean", "variance", "weight", "rate", "drift", "move", "product"],
      start: ({ rate }) => void rate.fill(firstRate),
      move: moveAfter(warmUp),
      learn(state, oracle, previous) {
        learnMean(state, previous, settings);
        const { iteration, point, slots } = state;
        const before = (previous ?? state).slots;
        const { mean, weight, rate, drift, move, product } = slots;
        for (let i = 0; i < move.length; i++) move[i] = before.rate[i]! * mean[i]!;
        oracle.hvp!(point, move, product);
        const recent = 1 / Math.min(iteration + 1, curvatureWindow);
        for (let i = 0; i < move.length; i++) {
          const d = before.drift[i]! + recent * (product[i]! - before.drift[i]!);
          drift[i] = d;
          const eta = d === 0 ? before.rate[i]! : Math.min(weight[i]! / (2 * Math.abs(d)), growth * before.rate[i]!);
          if (print === "3") {
            rate[i] = before.rate[i]! + (eta - before.rate[i]!) / curvatureWindow;
          } else {
            rate[i] = eta;
            move[i] = eta * mean[i]!;
          }
        }
      },
    });
  },
});
