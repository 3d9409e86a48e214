import { dot, type Vector } from "../../numeric/vectors.ts";
import type { OptimizerState } from "../optimizer.ts";

/** How far off a loss may be by the rounding of its own evaluation: a few units in its last place. */
function lossNoise(before: number, after: number): number {
  return 8 * Number.EPSILON * Math.max(Math.abs(before), Math.abs(after));
}

/** Beyond so many times the noise, a difference of losses has digits enough to be compared with a prediction. */
const clear = 64;

/** Of a noise that was measured, the largest of a few changes. */
const clearOfMeasured = 4;

/** What cannot be seen in the loss: gradients tell a decrease of this size better. `measured`: its noise, where that is known. */
export function hiddenDecrease(before: number, after = before, measured = 0): number {
  return Math.max(clear * lossNoise(before, after), clearOfMeasured * measured);
}

/** True where the loss has fallen by more than its own rounding: progress, whatever the gradient has become. */
export function isLower(after: number, before: number, measured = 0): boolean {
  return before - after > Math.max(lossNoise(before, after), measured);
}

/**
 * By how much the loss fell along p. Where rounding hides that, by the trapezoidal rule -<g + g', p> / 2, which is exact
 * for quadratics; where the loss has visibly risen, it has risen. Compare Hager and Zhang (2005), section 4.
 */
export function decreaseAlong(
  p: Vector,
  before: { readonly value: number; readonly gradient: Vector },
  after: { readonly value: number; readonly gradient: Vector },
  predicted: number,
  measured = 0,
): number {
  const fall = before.value - after.value;
  const noise = Math.max(lossNoise(before.value, after.value), measured);
  if (predicted > hiddenDecrease(before.value, after.value, measured) || fall < -noise) return fall;
  return -(dot(before.gradient, p) + dot(after.gradient, p)) / 2;
}

/** Sums whose terms cancel lose four digits. */
const roundingShare = 2 ** -40;

/**
 * A decrease that neither the loss nor the rounding of the point's coordinates can be asked to show: where nothing larger
 * was promised and missed, nothing is left to win.
 */
export function roundingNear({ value, gradient, point }: Pick<OptimizerState, "value" | "gradient" | "point">): number {
  let sum = Math.abs(value);
  for (let i = 0; i < gradient.length; i++) sum += Math.abs(gradient[i]! * point[i]!);
  return roundingShare * sum;
}
