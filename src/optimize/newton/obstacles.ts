import type { FailureKind, Obstacle } from "../driver/status.ts";

/** What ends a run that cannot go on. */
export function obstacle(kind: FailureKind, message: string): Obstacle {
  return { kind, message: `failed: ${message}` };
}

/** Second derivatives that are no numbers at a point whose loss is one. */
export function brokenHessian(): Obstacle {
  return obstacle(
    "notFinite",
    "the Hessian is NaN or infinite here, and the loss is not: methods of gradients alone, such as lbfgs, go on from here.",
  );
}

/**
 * Why no step was made. Where no more was promised than rounding hides, the run is at its end; where more was promised and
 * the loss did not show it, loss and derivatives contradict each other.
 */
export function standstill(promised: number, rounding: number, isBroken: boolean, isResolved = false): Obstacle {
  if (promised <= rounding) {
    const message = "converged: the decrease left to make is within the rounding of the loss.";
    return { kind: "rounding", message, measured: promised, tolerance: rounding, isResolved };
  }
  if (isBroken) return brokenSteps();
  const message =
    "however short the step, the loss does not fall as its derivatives say. Are they right, and is it smooth here?";
  return { kind: "lineSearch", message: `failed: ${message}`, promised };
}

/** No trial led to numbers. */
export function brokenSteps(): Obstacle {
  const message = "failed: the loss or its gradient is NaN or infinite however short the step.";
  return { kind: "notFinite", message, isBeyond: true };
}
