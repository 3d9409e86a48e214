import type { Vector } from "../../numeric/vectors.ts";
import { defineMethod } from "../method.ts";
import { count, fraction, nonNegative, rate } from "../options.ts";
import { type FirstOrderState, firstOrder, type Rule, type Slots, smallerRate } from "./first-order.ts";
import { rateAt, type Schedule } from "./schedule.ts";
import { squarable, squareOf } from "./squares.ts";

const options = {
  rate: rate("about how far a coordinate moves in a step, in units of the parameters", 1e-3),
  beta1: fraction("what is kept of the average of the gradient at each step", 0.9),
  beta2: fraction("what is kept of the average of its squares", 0.999),
  epsilon: nonNegative("added to the root of the average square, in loss / parameter", 1e-8),
};

/**
 * Adam (Kingma and Ba, 2015), as in PyTorch. With averages mean and square of g and g^2, elementwise,
 *
 *     mean = beta1 mean + (1 - beta1) g          square = beta2 square + (1 - beta2) g^2
 *     theta -= rate (mean / (1 - beta1^t)) / (sqrt(square / (1 - beta2^t)) + epsilon),   t = 1, 2, ...
 *
 * `weightDecay` times theta is added to g first. With epsilon 0 the steps do not change when the loss is scaled, to
 * the last bit for powers of two; they do when parameters are.
 */
export const adam = defineMethod({
  name: "adam",
  summary: "steps of about one length in every coordinate, by averages of the gradient and its square",
  options: { ...options, weightDecay: nonNegative("this times the point is added to the gradient", 0) },
  create: ({ weightDecay, ...settings }) =>
    firstOrder(adamRule("adam", settings, { coupled: weightDecay, decoupled: 0 })),
});

/** Adam with decoupled decay (Loshchilov and Hutter, 2019): theta *= 1 - rate weightDecay before the step, g as it is. */
export const adamw = defineMethod({
  name: "adamw",
  summary: "adam with weight decay apart from the gradient",
  options: { ...options, weightDecay: nonNegative("this times the rate is taken off the point at each step", 1e-2) },
  create: ({ weightDecay, ...settings }) =>
    firstOrder(adamRule("adamw", settings, { coupled: 0, decoupled: weightDecay })),
});

interface AdamSettings {
  readonly rate: Schedule;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

interface Decay {
  readonly coupled: number;
  readonly decoupled: number;
}

function adamRule(name: string, settings: AdamSettings, { coupled, decoupled }: Decay): Rule<"mean" | "square"> {
  const { rate, beta1, beta2, epsilon } = settings;
  return {
    name,
    slots: ["mean", "square"],
    remedy: smallerRate,
    move({ iteration, point, gradient, slots }, next) {
      const { eta, rootBias, kept } = stepSizes(settings, iteration, decoupled * rateAt(rate, iteration));
      const { mean: meanBefore, square: squareBefore } = slots;
      const { mean, square } = next.slots;
      const out = next.point;
      for (let i = 0; i < out.length; i++) {
        const g = squarable(gradient[i]! + coupled * point[i]!);
        const m = beta1 * meanBefore[i]! + (1 - beta1) * g;
        const s = beta2 * squareBefore[i]! + (1 - beta2) * squareOf(g);
        mean[i] = m;
        square[i] = s;
        out[i] = kept * point[i]! - (m === 0 ? 0 : (eta * m) / (Math.sqrt(s) / rootBias + epsilon));
      }
    },
  };
}

function stepSizes({ rate, beta1, beta2 }: AdamSettings, iteration: number, decay: number) {
  const t = iteration + 1;
  return {
    eta: rateAt(rate, iteration) / (1 - beta1 ** t),
    rootBias: Math.sqrt(1 - beta2 ** t),
    kept: 1 - decay,
  };
}

/** Adam with the largest average square so far in the denominator (Reddi, Kale, Kumar, 2018), as in PyTorch. */
export const amsgrad = defineMethod({
  name: "amsgrad",
  summary: "adam whose steps never grow again where gradients have been large",
  options: { ...options, weightDecay: nonNegative("this times the point is added to the gradient", 0) },
  create: (settings) => {
    const { beta1, beta2, epsilon, weightDecay } = settings;
    return firstOrder<"mean" | "square" | "largest">({
      name: "amsgrad",
      slots: ["mean", "square", "largest"],
      remedy: smallerRate,
      move({ iteration, point, gradient, slots }, next) {
        const { eta, rootBias } = stepSizes(settings, iteration, 0);
        const { mean: meanBefore, square: squareBefore, largest: largestBefore } = slots;
        const { mean, square, largest } = next.slots;
        const out = next.point;
        for (let i = 0; i < out.length; i++) {
          const g = squarable(gradient[i]! + weightDecay * point[i]!);
          const m = beta1 * meanBefore[i]! + (1 - beta1) * g;
          const s = beta2 * squareBefore[i]! + (1 - beta2) * squareOf(g);
          const most = Math.max(largestBefore[i]!, s);
          mean[i] = m;
          square[i] = s;
          largest[i] = most;
          out[i] = point[i]! - (m === 0 ? 0 : (eta * m) / (Math.sqrt(most) / rootBias + epsilon));
        }
      },
    });
  },
});

/** The settings of Adam by windows; see `windowAdam`. */
export interface WindowSettings {
  readonly rate: Schedule;
  readonly gradientWindow: number;
  readonly squareWindow: number;
  readonly epsilon: number;
}

export const windowOptions = {
  rate: options.rate,
  gradientWindow: count("steps that the average of the gradient looks back", 10),
  squareWindow: count("steps that the average of its squares looks back", 1000),
  epsilon: options.epsilon,
};

/**
 * Adam as a lecture reviews it: g^ and s are averages of g and g^2 whose rates are 1 / min(t, window), so that the
 * first of them are plain means and nothing has to be corrected for a start at zero;
 *
 *     eta = rate / (sqrt(s) + epsilon);   theta -= eta * g^.
 */
export const windowAdam = defineMethod({
  name: "window-adam",
  summary: "adam with plain means over the first steps in place of a correction for bias",
  options: windowOptions,
  create: (settings) =>
    firstOrder<"mean" | "square">({
      name: "window-adam",
      slots: ["mean", "square"],
      remedy: smallerRate,
      move({ iteration, point, slots }, next) {
        const eta = rateAt(settings.rate, iteration);
        const out = next.point;
        for (let i = 0; i < out.length; i++) {
          out[i] = point[i]! - scaled(slots.mean[i]!, slots.square[i]!, eta, settings.epsilon);
        }
      },
      learn(state, _oracle, previous) {
        learnAverages(state, (previous ?? state).slots, undefined, settings);
      },
    }),
});

/** eta m / (sqrt(s) + epsilon), and no move where nothing was ever seen. */
export function scaled(m: number, s: number, eta: number, epsilon: number): number {
  return m === 0 ? 0 : (eta * m) / (Math.sqrt(s) + epsilon);
}

/** The averages of g and g^2 after the gradient of `state`; `drift` is taken off the earlier mean first. */
export function learnAverages(
  { iteration, gradient, slots }: FirstOrderState<"mean" | "square">,
  before: Slots<"mean" | "square">,
  drift: Vector | undefined,
  { gradientWindow, squareWindow }: WindowSettings,
): void {
  const t = iteration + 1;
  const weight = 1 / Math.min(t, gradientWindow);
  const squareWeight = 1 / Math.min(t, squareWindow);
  const { mean, square } = slots;
  const { mean: meanBefore, square: squareBefore } = before;
  for (let i = 0; i < mean.length; i++) {
    const g = squarable(gradient[i]!);
    // the drift of a gradient that was cut says nothing of its average
    const m = drift && g === gradient[i] ? squarable(meanBefore[i]! - drift[i]!) : meanBefore[i]!;
    mean[i] = m + weight * (g - m);
    square[i] = squareBefore[i]! + squareWeight * (squareOf(g) - squareBefore[i]!);
  }
}
