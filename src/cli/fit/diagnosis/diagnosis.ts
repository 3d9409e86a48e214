import { allFinite } from "../../../numeric/vectors.ts";
import {
  type Covariance,
  likelihoodCovariance,
  residualCovariance,
} from "../../../optimize/least-squares/covariance.ts";
import type { Problem } from "../plan/problem.ts";
import type { Outcome } from "../run/runs.ts";
import { type Curvature, curvatureAt, mostCoordinates } from "./curvature.ts";
import { restricted } from "./restricted.ts";

/** What the loss is, where the user says so: the negative logarithm of a likelihood, in all or the mean over rows. */
export type Likelihood = "total" | "mean";

export interface AtBound {
  readonly coordinate: number;
  readonly side: "lower" | "upper";
  readonly bound: number;
}

export interface Uncertainty {
  /** By coordinate; NaN at bounds. */
  readonly standardErrors: Float64Array;
  /** Row-major, of all coordinates; NaN at bounds. */
  readonly correlations: Float64Array;
  /** The deviation of the residuals, and its degrees of freedom. */
  readonly residuals?: { readonly deviation: number; readonly degreesOfFreedom: number };
  readonly from: "residuals" | "likelihood";
}

/** What can be said of a fit beyond its loss. */
export interface Diagnosis {
  readonly atBounds: readonly AtBound[];
  readonly curvature: Curvature | undefined;
  /** Why there is none. */
  readonly noCurvature: string | undefined;
  readonly uncertainty: Uncertainty | undefined;
  /** Why there are no standard errors. */
  readonly noErrors: string | undefined;
}

/** Looks at the loss around the point that a fit found. */
export function diagnose(
  problem: Problem,
  outcome: Outcome,
  {
    likelihood,
    rows,
    isNamed,
  }: { readonly likelihood: Likelihood | undefined; readonly rows: number; readonly isNamed: boolean },
): Diagnosis {
  const { point, status } = outcome;
  const atBounds = boundsAt(problem, point);
  const free = Array.from(point.keys()).filter((i) => !atBounds.some(({ coordinate }) => coordinate === i));
  if (!allFinite(point) || !Number.isFinite(outcome.loss))
    return {
      atBounds,
      curvature: undefined,
      noCurvature: "the loss is not finite there.",
      uncertainty: undefined,
      noErrors: "the loss is not finite there.",
    };
  if (status.kind === "aborted") {
    const why = "the fit was interrupted.";
    return { atBounds, curvature: undefined, noCurvature: why, uncertainty: undefined, noErrors: why };
  }
  const { curvature, why } = curvatureAt(problem, point, free);
  if (free.length > mostCoordinates) {
    const many = `they need the inverse of a matrix of all ${free.length} parameters, and are computed for up to ${mostCoordinates}.`;
    return { atBounds, curvature, noCurvature: why, uncertainty: undefined, noErrors: many };
  }
  const errors = uncertaintyAt(problem, outcome, free, { likelihood, rows, isNamed });
  const isFlat = errors.uncertainty === undefined && curvature?.flat.some(({ curvature }) => curvature >= 0);
  return {
    atBounds,
    curvature,
    noCurvature: why,
    uncertainty: errors.uncertainty,
    noErrors:
      errors.why && isFlat && errors.why === undeterminedText
        ? `${undeterminedText} See the flat directions.`
        : errors.why,
  };
}

function boundsAt({ box }: Problem, point: Float64Array): AtBound[] {
  return Array.from(point).flatMap((x, coordinate): AtBound[] => {
    const [low, high] = [box.lower[coordinate]!, box.upper[coordinate]!];
    const near = 1e-12 * Math.max(1, Math.abs(x));
    if (x - low <= near) return [{ coordinate, side: "lower", bound: low }];
    if (high - x <= near) return [{ coordinate, side: "upper", bound: high }];
    return [];
  });
}

const undeterminedText = "the data do not determine all parameters.";

function uncertaintyAt(
  problem: Problem,
  { point, status }: Outcome,
  free: readonly number[],
  {
    likelihood,
    rows,
    isNamed,
  }: { readonly likelihood: Likelihood | undefined; readonly rows: number; readonly isNamed: boolean },
): { uncertainty: Uncertainty | undefined; why: string | undefined } {
  const nothing = (why: string) => ({ uncertainty: undefined, why });
  const { residuals, oracle } = problem;
  if (status.kind !== "converged") return nothing("the fit has not converged.");
  if (free.length === 0) return nothing("every parameter is at a bound.");
  const x = Float64Array.from(free, (i) => point[i]!);
  if (likelihood) {
    if (!oracle.hessian) return nothing("the model has no loss.");
    const scaled = restricted(oracle, point, free, likelihood === "mean" ? rows : 1);
    return settled(likelihoodCovariance(scaled, x), point.length, free, "likelihood");
  }
  if (!residuals)
    return nothing(
      "the model does not say what its loss is: --likelihood total or mean does, for the negative logarithm of a likelihood.",
    );
  const { residualCounts } = residuals;
  if (residualCounts.length > 1 && !isNamed) {
    return nothing(
      `the loss has ${residualCounts.length} sums of squares (of ${residualCounts.join(", ")} terms): --residual NAME says which are residuals.`,
    );
  }
  const m = residuals.residualCount;
  if (m <= free.length) return nothing(`there are no more residuals (${m}) than parameters (${free.length}).`);
  const covariance = residualCovariance(restricted(residuals, point, free), x);
  const { deviation, degreesOfFreedom } = covariance;
  const found = settled(covariance, point.length, free, "residuals");
  return found.uncertainty
    ? { ...found, uncertainty: { ...found.uncertainty, residuals: { deviation, degreesOfFreedom } } }
    : found;
}

/** A covariance of free coordinates as errors and correlations of all. */
function settled(
  { matrix, standardErrors, isDetermined }: Covariance,
  n: number,
  free: readonly number[],
  from: Uncertainty["from"],
) {
  if (!isDetermined || !allFinite(standardErrors)) return { uncertainty: undefined, why: undeterminedText };
  const errors = new Float64Array(n).fill(Number.NaN);
  const correlations = new Float64Array(n * n).fill(Number.NaN);
  for (const [a, i] of free.entries()) {
    errors[i] = standardErrors[a]!;
    for (const [b, j] of free.entries()) {
      const product = standardErrors[a]! * standardErrors[b]!;
      correlations[i * n + j] = a === b ? 1 : product === 0 ? Number.NaN : matrix[a * free.length + b]! / product;
    }
  }
  return { uncertainty: { standardErrors: errors, correlations, from }, why: undefined };
}
