import { columnNorms, explainedNorm, linearize } from "../../numeric/dense/damped-least-squares.ts";
import { multiplyTransposed } from "../../numeric/dense/matrices.ts";
import { dot, norm, scale as scaleBy, type Vector } from "../../numeric/vectors.ts";
import type { OptimizerState } from "../optimizer.ts";
import type { Oracle } from "../oracle.ts";

/** A point with the residuals there and the QR factorisation of their Jacobian. */
export interface LeastSquaresState extends OptimizerState {
  readonly residuals: Vector;
  /** The factorisation of the Jacobian with unit columns as pivotedQR gives it; `pivots` as numbers. */
  readonly factors: Vector;
  readonly taus: Vector;
  readonly pivots: Vector;
  /** The norms of the Jacobian's columns, by which they are divided before they are factored; those of zeros are not. */
  readonly columns: Vector;
  /** Q' r */
  readonly projected: Vector;
  /** d: the ball is ||d * p|| <= radius; the largest norms of the Jacobian's columns, so far or since they were forgotten. */
  readonly scale: Vector;
  readonly radius: number;
  /** mu of the last step: 0 where it was Gauss and Newton's. */
  readonly damping: number;
  /** Steps in a row that took little away. */
  readonly slowSteps: number;
  /** The part of the residuals' norm that a linear change of the parameters takes away. */
  readonly offset: number;
}

/** What a state keeps of the step that led to it. */
type Carried = Pick<LeastSquaresState, "iteration" | "radius" | "damping" | "slowSteps" | "scale">;

/** The state at a point whose residuals are known: takes the Jacobian there. */
export function arrive(point: Vector, residuals: Vector, carried: Carried, oracle: Oracle): LeastSquaresState {
  const n = point.length;
  const m = residuals.length;
  const factor = oracle.residualFactor ?? 1;
  const J = new Float64Array(m * n);
  const gradient = new Float64Array(n);
  oracle.jacobian!(point, J);
  multiplyTransposed(gradient, J, m, n, residuals);
  scaleBy(gradient, 2 * factor);
  const columns = columnNorms(J, m, n);
  const faded = fadedTo(carried, columns);
  const scale = faded ? columns.slice() : carried.scale.map((d, j) => Math.max(d, columns[j]!));
  const problem = linearize(J, residuals, columns, scale);
  const explained = explainedNorm(problem);
  const size = norm(residuals);
  return {
    ...carried,
    radius: (faded ?? 1) * carried.radius,
    point,
    value: factor * dot(residuals, residuals) + (oracle.residualOffset ?? 0),
    gradient,
    // M = (2 factor J'J)^-1
    metricNorm: Math.sqrt(2 * factor) * explained,
    residuals,
    factors: problem.qr.factors,
    taus: problem.qr.taus,
    pivots: Float64Array.from(problem.qr.pivots),
    projected: problem.projected,
    columns,
    scale,
    offset: size === 0 ? 0 : explained / size,
  };
}

/** Slow steps in a row after which the lengths of a ball may be forgotten: fewer are the way into a valley. */
const longWay = 20;
/** Columns no longer than this part of their damping count for nothing beside it. */
const drowned = 0.1;

/**
 * The largest share of its length in the ball that a column has here, where the lengths are to be forgotten: after a long way of
 * slow steps, where every parameter is damped far beyond what its column says. The columns were so much longer where the run
 * came from that steps follow the gradient in the metric of that place, and nothing of the residuals here.
 */
function fadedTo({ scale, damping, slowSteps }: Carried, columns: Vector): number | undefined {
  if (slowSteps < longWay) return undefined;
  let share = 0;
  for (let j = 0; j < columns.length; j++) if (columns[j]! > 0) share = Math.max(share, columns[j]! / scale[j]!);
  return share > 0 && share < drowned * Math.sqrt(damping) ? share : undefined;
}
