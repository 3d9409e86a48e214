import { defineMethod } from "../method.ts";
import { fraction, nonNegative, rate } from "../options.ts";
import { firstOrder, smallerRate } from "./first-order.ts";
import { rateAt, type Schedule } from "./schedule.ts";

const commonOptions = {
  rate: rate("how far a step goes along the gradient, in parameter^2 / loss", 1e-3),
  weightDecay: nonNegative("this times the point is added to the gradient", 0),
};

const momentumOptions = {
  ...commonOptions,
  momentum: fraction("what is kept of the velocity at each step", 0.9),
};

/** theta -= rate g: gradient descent, stochastic where the oracle draws batches. */
export const sgd = defineMethod({
  name: "sgd",
  summary: "gradient descent with a rate; stochastic where batches are drawn",
  options: commonOptions,
  create: ({ rate, weightDecay }) =>
    firstOrder<never>({
      name: "sgd",
      slots: [],
      remedy: smallerRate,
      move({ iteration, point, gradient }, next) {
        const eta = rateAt(rate, iteration);
        const out = next.point;
        for (let i = 0; i < out.length; i++) out[i] = point[i]! - eta * (gradient[i]! + weightDecay * point[i]!);
      },
    }),
});

interface MomentumSettings {
  readonly rate: Schedule;
  readonly weightDecay: number;
  readonly momentum: number;
  readonly dampening: number;
}

/**
 * velocity = momentum velocity + (1 - dampening) g, at the first step g whatever the dampening; theta -= rate velocity.
 * The gradient enters unscaled and the rate stays outside the velocity, as in PyTorch. With dampening = momentum the
 * velocity is an average of gradients; without, it is up to 1 / (1 - momentum) times as long.
 */
export const momentum = defineMethod({
  name: "momentum",
  summary: "gradient descent along a decaying sum of gradients",
  options: { ...momentumOptions, dampening: fraction("what is taken from each gradient before it is added", 0) },
  create: (settings) => withVelocity("momentum", settings, { ofGradient: 0, ofVelocity: 1 }),
});

/** The same velocity; theta -= rate (g + momentum velocity): the gradient met half a step ahead, as in PyTorch. */
export const nesterov = defineMethod({
  name: "nesterov",
  summary: "gradient descent with Nesterov's momentum",
  options: momentumOptions,
  create: (settings) =>
    withVelocity("nesterov", { ...settings, dampening: 0 }, { ofGradient: 1, ofVelocity: settings.momentum }),
});

function withVelocity(
  name: string,
  { rate, weightDecay, momentum, dampening }: MomentumSettings,
  { ofGradient, ofVelocity }: { readonly ofGradient: number; readonly ofVelocity: number },
) {
  return firstOrder<"velocity">({
    name,
    slots: ["velocity"],
    remedy: smallerRate,
    move({ iteration, point, gradient, slots }, next) {
      const eta = rateAt(rate, iteration);
      const weight = iteration === 0 ? 1 : 1 - dampening;
      const before = slots.velocity;
      const { velocity } = next.slots;
      const out = next.point;
      for (let i = 0; i < out.length; i++) {
        const g = gradient[i]! + weightDecay * point[i]!;
        const v = momentum * before[i]! + weight * g;
        velocity[i] = v;
        out[i] = point[i]! - eta * (ofGradient * g + ofVelocity * v);
      }
    },
  });
}
