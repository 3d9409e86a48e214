import { NablaError } from "../../ir/errors.ts";
import { symmetricEigen } from "../../numeric/symmetric-eigen.ts";
import { allFinite } from "../../numeric/vectors.ts";
import { type Covariance, likelihoodCovariance, residualCovariance } from "../../optimize/covariance.ts";
import type { Oracle } from "../../optimize/oracle.ts";
import type { Problem } from "./problem.ts";
import type { Outcome } from "./runs.ts";

/** What the loss is, where the user says so: the negative logarithm of a likelihood, in all or the mean over rows. */
export type Likelihood = "total" | "mean";

export interface AtBound {
  readonly coordinate: number;
  readonly side: "lower" | "upper";
  readonly bound: number;
}

/** A direction along which the loss curves little, or downwards: a combination of parameters. */
export interface Direction {
  /** Beside the largest, of the Hessian whose diagonal is scaled to 1. */
  readonly curvature: number;
  /**
   * How far each parameter goes, in its own unit, beside the first; those that matter most come first, by how far they
   * go in units of their own curvature.
   */
  readonly parts: readonly { readonly coordinate: number; readonly weight: number }[];
}

export interface Curvature {
  /** Of the Hessian with its diagonal scaled to 1, ascending: no choice of units changes them. */
  readonly eigenvalues: Float64Array;
  /** Largest by smallest eigenvalue, so scaled; Infinity for a singular Hessian, NaN for an indefinite one. */
  readonly condition: number;
  /** The same of the Hessian as it is, in the parameters' own units. */
  readonly unscaledCondition: number;
  /** The loss falls along some direction: no minimum. */
  readonly isIndefinite: boolean;
  /** Directions that the loss does not determine, and those along which it falls. */
  readonly flat: readonly Direction[];
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

/** Hessians of more parameters take too long for what they tell. */
const mostCoordinates = 300;

/** Less curvature than this beside the largest is none that rounding could tell from 0. */
const flatShare = 1e-10;

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
  if (free.length > mostCoordinates) {
    const many = `there are ${free.length} parameters, more than ${mostCoordinates}.`;
    return { atBounds, curvature: undefined, noCurvature: many, uncertainty: undefined, noErrors: many };
  }
  const { curvature, why } = curvatureAt(problem, point, free);
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

/** The oracle as a function of some coordinates, the others staying at a point. */
function restricted(oracle: Oracle, point: Float64Array, free: readonly number[], scale = 1): Oracle {
  const n = point.length;
  const whole = (x: Float64Array) => {
    const full = point.slice();
    for (const [k, i] of free.entries()) full[i] = x[k]!;
    return full;
  };
  const rowsOf = (from: Float64Array, to: Float64Array, rows: readonly number[], factor: number) => {
    for (const [a, row] of rows.entries()) {
      for (const [b, column] of free.entries()) to[a * free.length + b] = factor * from[row * n + column]!;
    }
  };
  const m = oracle.residualCount ?? 0;
  return {
    loss: (x) => scale * oracle.loss(whole(x)),
    lossAndGradient: () => Number.NaN,
    hessian(x, H) {
      const full = new Float64Array(n * n);
      oracle.hessian!(whole(x), full);
      rowsOf(full, H, free, scale);
    },
    residualCount: m,
    residuals: (x, r) => oracle.residuals!(whole(x), r),
    jacobian(x, J) {
      const full = new Float64Array(m * n);
      oracle.jacobian!(whole(x), full);
      rowsOf(
        full,
        J,
        Array.from({ length: m }, (_, row) => row),
        1,
      );
    },
  };
}

function curvatureAt(
  problem: Problem,
  point: Float64Array,
  free: readonly number[],
): { curvature: Curvature | undefined; why: string | undefined } {
  const nothing = (why: string) => ({ curvature: undefined, why });
  const { oracle } = problem;
  if (!oracle.hessian) return nothing("the model has residuals and no loss.");
  if (free.length === 0) return nothing("every parameter is at a bound.");
  const n = free.length;
  const H = new Float64Array(n * n);
  try {
    restricted(oracle, point, free).hessian!(
      Float64Array.from(free, (i) => point[i]!),
      H,
    );
  } catch (error) {
    if (error instanceof NablaError) return nothing(error.summary);
    throw error;
  }
  if (!allFinite(H)) return nothing("the Hessian is not finite there.");
  const unscaled = conditionOf(symmetricEigen(H, n).values);
  const units = Float64Array.from({ length: n }, (_, i) => Math.sqrt(Math.abs(H[i * n + i]!)) || 1);
  const scaled = H.map((entry, at) => entry / (units[Math.floor(at / n)]! * units[at % n]!));
  const { values, vectors } = symmetricEigen(scaled, n);
  const largest = Math.max(Math.abs(values[0]!), Math.abs(values[n - 1]!));
  // a Hessian of zeros has no curvature at all
  const shareOf = (value: number) => (largest === 0 ? 0 : value / largest);
  const flat = Array.from(values.keys()).filter((k) => shareOf(values[k]!) < flatShare);
  return {
    curvature: {
      eigenvalues: values,
      condition: conditionOf(values),
      unscaledCondition: unscaled,
      isIndefinite: shareOf(values[0]!) < -flatShare,
      flat: flat.map((k) => directionOf(vectors.subarray(k * n, (k + 1) * n), units, shareOf(values[k]!), free)),
    },
    why: undefined,
  };
}

function conditionOf(values: Float64Array): number {
  const [low, high] = [values[0]!, values[values.length - 1]!];
  const largest = Math.max(Math.abs(low), Math.abs(high));
  if (low < -1e-14 * largest) return Number.NaN;
  return low <= Number.EPSILON * largest ? Number.POSITIVE_INFINITY : high / low;
}

const mostParts = 6;

function directionOf(vector: Float64Array, units: Float64Array, curvature: number, free: readonly number[]): Direction {
  const order = Array.from(vector.keys()).sort((i, j) => Math.abs(vector[j]!) - Math.abs(vector[i]!));
  const shown = order.slice(0, mostParts).filter((k) => Math.abs(vector[k]!) >= 0.05);
  const moveOf = (k: number) => vector[k]! / units[k]!;
  const parts = shown.map((k) => ({ coordinate: free[k]!, weight: moveOf(k) / moveOf(order[0]!) }));
  return { curvature, parts };
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
  const { leastSquares, oracle } = problem;
  if (status.kind !== "converged") return nothing("the fit has not converged.");
  if (free.length === 0) return nothing("every parameter is at a bound.");
  const x = Float64Array.from(free, (i) => point[i]!);
  if (likelihood) {
    if (!oracle.hessian) return nothing("the model has no loss.");
    const scaled = restricted(oracle, point, free, likelihood === "mean" ? rows : 1);
    return settled(likelihoodCovariance(scaled, x), point.length, free, "likelihood");
  }
  if (!leastSquares)
    return nothing(
      "the model does not say what its loss is: --likelihood total or mean does, for the negative logarithm of a likelihood.",
    );
  const { residualCounts } = leastSquares;
  if (residualCounts.length > 1 && !isNamed) {
    return nothing(
      `the loss has ${residualCounts.length} sums of squares (of ${residualCounts.join(", ")} terms): --residual NAME says which are residuals.`,
    );
  }
  const m = leastSquares.residualCount;
  if (m <= free.length) return nothing(`there are no more residuals (${m}) than parameters (${free.length}).`);
  const covariance = residualCovariance(restricted(leastSquares, point, free), x);
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
