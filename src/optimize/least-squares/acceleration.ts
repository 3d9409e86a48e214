import {
  type DampedStep,
  type LinearizedResiduals,
  scaledNorm,
  solutionAt,
} from "../../numeric/dense/damped-least-squares.ts";
import { applyQTransposed } from "../../numeric/dense/least-squares.ts";
import { allFinite, scale, type Vector } from "../../numeric/vectors.ts";
import type { Oracle } from "../oracle.ts";

/** A step that takes away less than this part of the sum of squares is a slow one. */
const slow = 0.3;
/** So many of them in a row are a valley. Elsewhere a second derivative costs more than it saves. */
const patience = 6;
/** Longer than this part of the step the series has no two good terms. */
const longest = 0.75;

/** How many slow steps in a row there are after this one; full steps are none, they need no help. */
export function slowSteps(before: number, { mu }: DampedStep, actual: number, square: number): number {
  return mu > 0 && actual < slow * square ? before + 1 : 0;
}

/**
 * By how much the way along which residuals shrink evenly has bent away from a damped step p at its end: a / 2, where
 * (J'J + mu D^2) a = -J' d2 r(x + t p) / dt2. Undefined where the step is to stay as it is.
 * Source: Transtrum and Sethna (2012), improvements to the Levenberg-Marquardt algorithm.
 */
export function accelerated(
  problem: LinearizedResiduals,
  found: DampedStep,
  { point, slowSteps: steps }: { readonly point: Vector; readonly slowSteps: number },
  oracle: Oracle,
): Vector | undefined {
  if (steps < patience || found.mu === 0 || !oracle.residualCurvature) return undefined;
  const projected = new Float64Array(problem.projected.length);
  oracle.residualCurvature(point, found.step, projected);
  if (!allFinite(projected)) return undefined;
  applyQTransposed(problem.qr, projected);
  const bend = solutionAt({ ...problem, projected }, found.mu);
  if (!(scaledNorm(bend, problem.scale) <= longest * found.length)) return undefined;
  scale(bend, 0.5);
  return bend;
}
