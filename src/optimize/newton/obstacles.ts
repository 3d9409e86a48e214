import { norm, type Vector } from "../../numeric/vectors.ts";
import type { FailureKind, Obstacle } from "../driver/status.ts";

export function obstacle(kind: FailureKind, message: string): Obstacle {
  return { kind, message: `failed: ${message}` };
}

/** Second derivatives that are no numbers at a point whose loss is one. */
export function brokenHessian(): Obstacle {
  return obstacle("notFinite", "the Hessian is NaN or infinite here, and the loss is not.");
}

/**
 * Why no step was made. Where no more is predicted than rounding hides, the run is at its end; but not where the last
 * trial that the loss could tell, whose fall was `seen`, went up: then loss and derivatives contradict each other. NaN
 * says nothing.
 */
export function standstill(predicted: number, hidden: number, seen: number): Obstacle {
  if (Number.isNaN(seen)) return obstacle("notFinite", "the loss is NaN however short the step.");
  if (predicted <= hidden && !(seen < -hidden)) {
    const message = "converged: the decrease left to make is within the rounding of the loss.";
    return { kind: "rounding", message, measured: predicted, tolerance: hidden };
  }
  return obstacle(
    "lineSearch",
    "however short the step, the loss does not fall as its derivatives say. Are they right, and is it smooth here?",
  );
}

/** Points this far from everything have no use, and soon no digits. */
const tooFar = 1e100;

/** Why a run ends that leaves every bound: the loss falls without end, or has an infimum at infinity. */
export function runaway(point: Vector, before: Vector, value: number): Obstacle | undefined {
  const length = norm(point);
  if (!(length > tooFar && length > 1.5 * norm(before))) return undefined;
  return value < -Math.sqrt(tooFar)
    ? obstacle("unbounded", "the loss has no lower bound along the way taken.")
    : obstacle("diverged", "the iterates grow without bound.");
}
