import { norm, type Vector } from "../numeric/vectors.ts";
import type { FailureKind, Obstacle } from "./status.ts";

export function obstacle(kind: FailureKind, message: string): Obstacle {
  return { kind, message };
}

/** The end of a run at a point from where the loss can fall no further than its own rounding. */
export function withinRounding(predicted: number, tolerance: number): Obstacle {
  const message = "converged: the decrease left to make is within the rounding of the loss.";
  return { kind: "rounding", message, measured: predicted, tolerance };
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
