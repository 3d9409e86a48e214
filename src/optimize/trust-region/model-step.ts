import type { Vector } from "../../numeric/vectors.ts";

/**
 * A quadratic model <g, p> + <p, H p> / 2 about a point, ready to be minimised in balls ||p|| <= radius, one after
 * the other: what was learned of H for one radius serves the next.
 */
export interface QuadraticModel {
  /** The least <v, H v> / <v, v> met so far; infinity where none was measured. */
  readonly curvature: number;
  /** True where H is positive definite beyond doubt: a step inside the ball then is the minimum in every direction. */
  readonly isDefinite?: boolean;
  /** An infinite radius asks for the whole model's minimum; where it has none, the model chooses a radius. */
  minimize(radius: number): ModelStep;
  /** Asks for a hundredth of what may be left of the gradient; false where the minimum is exact already. */
  refine(): boolean;
}

export interface ModelStep {
  readonly step: Vector;
  /** In the norm of the ball. */
  readonly length: number;
  /** By how much the model falls: at least 0, NaN where H is not finite. */
  readonly predicted: number;
  /** ||g + H p||. */
  readonly residualNorm: number;
  /** True where the ball held the step back. */
  readonly isOnBoundary: boolean;
}

/**
 * What rounding left of a null space has no curvature, and no gradient to follow: sets such eigenvalues to 0, and the
 * gradient's coefficients c in their directions, where they are small beside the gradient. Eigenvalues ascend.
 */
export function dropRounding(values: Vector, c: Vector, gradientNorm: number): void {
  const n = values.length;
  const tiny = n * Number.EPSILON;
  const flat = tiny * Math.max(Math.abs(values[0]!), Math.abs(values[n - 1]!));
  const still = 10 * tiny * gradientNorm;
  for (let i = 0; i < n; i++) {
    if (Math.abs(values[i]!) > flat) continue;
    values[i] = 0;
    if (Math.abs(c[i]!) <= still) c[i] = 0;
  }
}

/** The length of the step that one line along the gradient would take: the scale of a model without a minimum. */
export function naturalRadius(gradientNorm: number, curvature: number): number {
  const size = gradientNorm / Math.abs(curvature);
  return size > 0 && size < Number.POSITIVE_INFINITY ? size : 1;
}
