import { norm, type Vector } from "../vectors.ts";
import { applyQTransposed, type PivotedQR, pivotedQR, rankOf, solveLeastSquares } from "./least-squares.ts";
import { solveUpper, solveUpperTransposed } from "./triangular.ts";

export interface DampedStep {
  /** argmin ||r + J p||^2 + mu ||d * p||^2 */
  readonly step: Vector;
  readonly mu: number;
  /** ||d * p|| */
  readonly length: number;
  /** ||r||^2 - ||r + J p||^2 */
  readonly predicted: number;
}

/** A linearised least-squares problem in a ball: all that a Jacobian's factorisation and residuals tell. */
export interface LinearizedResiduals {
  /** Of the Jacobian with columns of unit length, so that neither pivots nor the rank depend on units of parameters. */
  readonly qr: PivotedQR;
  /** Q' r */
  readonly projected: Vector;
  /** The norms of the Jacobian's columns; 1 for a column of zeros. */
  readonly columns: Vector;
  /** d: lengths are ||d * p||, elementwise. */
  readonly scale: Vector;
}

/** The norms of the columns of J, row-major [m, n]. */
export function columnNorms(J: Vector, m: number, n: number): Vector {
  const column = new Float64Array(m);
  return Float64Array.from({ length: n }, (_, j) => {
    for (let i = 0; i < m; i++) column[i] = J[i * n + j]!;
    return norm(column);
  });
}

/** What lengths are divided by: they themselves, and 1 for those that are 0. */
export function divisors(lengths: Vector): Vector {
  return lengths.map((length) => length || 1);
}

/** Factors J, row-major [m, n], which is overwritten; `norms` are those of its columns. */
export function linearize(J: Vector, r: Vector, norms: Vector, lengths: Vector): LinearizedResiduals {
  const m = r.length;
  const n = norms.length;
  const columns = divisors(norms);
  const scale = divisors(lengths);
  for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) J[i * n + j] = J[i * n + j]! / columns[j]!;
  const qr = pivotedQR(J, m, n, J);
  const projected = r.slice();
  applyQTransposed(qr, projected);
  return { qr, projected, columns, scale };
}

/** The size of the part of the residuals that a linear change of the parameters takes away. */
export function explainedNorm({ qr, projected }: LinearizedResiduals): number {
  return norm(projected.subarray(0, rankOf(qr)));
}

/** The step of Gauss and Newton: the basic solution where J has not full rank. */
export function gaussNewtonStep(problem: LinearizedResiduals): DampedStep {
  const { qr, projected } = problem;
  const { n, factors, pivots } = qr;
  const rank = rankOf(qr);
  const leading = projected.slice(0, rank).map((entry) => -entry);
  solveUpper(leading, factors, rank, leading, n);
  const z = new Float64Array(n);
  for (let k = 0; k < rank; k++) z[pivots[k]!] = leading[k]!;
  return stepOf(problem, z, 0, norm(projected.subarray(0, rank)) ** 2);
}

/** In the coordinates z = columns * p the ball has the axes scale / columns. */
function stepOf({ columns, scale }: LinearizedResiduals, z: Vector, mu: number, predicted: number): DampedStep {
  const step = z.map((entry, j) => entry / columns[j]!);
  return { step, mu, length: scaledNorm(step, scale), predicted };
}

/** How far ||d * p|| may be from the radius, beside it: finding it better costs more than it is worth. */
const slack = 0.1;
const mostSteps = 20;

/**
 * The step with ||d * p|| about `radius`, within a tenth of it, or the full step where that is shorter; where J has not
 * full rank, the shortest of the full steps. The root in mu of a function that is nearly linear in 1 / ||d * p||. Every mu takes a QR factorisation of [R; sqrt(mu) D], never of
 * normal equations. Source: More (1978), The Levenberg-Marquardt algorithm.
 */
export function dampedStep(problem: LinearizedResiduals, radius: number): DampedStep {
  const full = gaussNewtonStep(problem);
  if (!(full.length > (1 + slack) * radius)) return full;
  const { qr } = problem;
  const steep = steepness(problem);
  let low = rankOf(qr) === qr.n ? (full.length - radius) / radius / slopeAt(problem, qr, full) : 0;
  let high = steep / radius;
  let mu = Math.max(low, Math.min(high, steep / full.length)) || high / 1000;
  for (let k = 0; ; k++) {
    const { z, damped } = solveDamped(problem, mu);
    const found = stepOf(problem, z, mu, imageSquare(problem, z));
    const { length } = found;
    const off = length - radius;
    const isShortest = off < 0 && mu <= 1e-12 * (steep / radius);
    if (Math.abs(off) <= slack * radius || isShortest || k === mostSteps || !Number.isFinite(length)) {
      return { ...found, predicted: found.predicted + 2 * mu * length ** 2 };
    }
    if (off > 0) low = Math.max(low, mu);
    else high = Math.min(high, mu);
    const newton = mu + off / radius / slopeAt(problem, damped, found);
    mu = newton > low && newton < high ? newton : Math.max(low + (high - low) / 1000, Math.sqrt(low) * Math.sqrt(high));
  }
}

/** ||J' r|| in the dual norm of the ball. */
function steepness({ qr, projected, columns, scale }: LinearizedResiduals): number {
  const { n, factors, pivots, taus } = qr;
  const slopes = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    const j = pivots[k]!;
    let sum = 0;
    for (let i = 0; i <= Math.min(k, taus.length - 1); i++) sum += factors[i * n + k]! * projected[i]!;
    slopes[k] = (sum * columns[j]!) / scale[j]!;
  }
  return norm(slopes);
}

/** argmin ||r + J p||^2 + mu ||d * p||^2 for mu above 0. */
export function solutionAt(problem: LinearizedResiduals, mu: number): Vector {
  const { z } = solveDamped(problem, mu);
  return z.map((entry, j) => entry / problem.columns[j]!);
}

type Factor = Pick<PivotedQR, "n" | "factors" | "pivots">;

/** ||S'^-1 P' d^2 p||^2 / ||d * p||^2 for the factor S of J' J + mu D^2: the slope of log ||d * p|| in -mu. */
function slopeAt({ columns, scale }: LinearizedResiduals, { n, factors, pivots }: Factor, at: DampedStep): number {
  const w = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    const j = pivots[k]!;
    w[k] = ((scale[j]! / columns[j]!) * (scale[j]! * at.step[j]!)) / at.length;
  }
  solveUpperTransposed(w, factors, n, w);
  return norm(w) ** 2;
}

/** ||J p||^2. */
function imageSquare({ qr }: LinearizedResiduals, z: Vector): number {
  const { n, factors, pivots, taus } = qr;
  const image = new Float64Array(taus.length);
  for (let i = 0; i < image.length; i++) {
    let sum = 0;
    for (let k = i; k < n; k++) sum += factors[i * n + k]! * z[pivots[k]!]!;
    image[i] = sum;
  }
  return norm(image) ** 2;
}

function solveDamped({ qr, projected, columns, scale }: LinearizedResiduals, mu: number) {
  const { n, factors, pivots, taus } = qr;
  const rows = taus.length;
  const roots = Float64Array.from(pivots, (j) => (Math.sqrt(mu) * scale[j]!) / columns[j]!);
  const order = rowsBySize(factors, roots, rows);
  const stacked = new Float64Array((rows + n) * n);
  const right = new Float64Array(rows + n);
  for (const [to, from] of order.entries()) {
    if (from >= rows) stacked[to * n + from - rows] = roots[from - rows]!;
    else {
      for (let k = from; k < n; k++) stacked[to * n + k] = factors[from * n + k]!;
      right[to] = -projected[from]!;
    }
  }
  const damped = pivotedQR(stacked, rows + n, n, stacked);
  const solution = new Float64Array(n);
  solveLeastSquares(solution, damped, right, 0);
  const z = new Float64Array(n);
  for (let k = 0; k < n; k++) z[pivots[k]!] = solution[k]!;
  return { z, damped: { n, factors: damped.factors, pivots: damped.pivots.map((k) => pivots[k]!) } };
}

/**
 * The rows of [R; D] with large ones first: a reflection that ends in a small row above large ones leaves none of its digits.
 * Source: Cox and Higham (1998), stability of Householder QR factorization for weighted least squares problems.
 */
function rowsBySize(R: Vector, diagonal: Vector, rows: number): number[] {
  const n = diagonal.length;
  const sizes = Array.from({ length: rows }, (_, i) => {
    let largest = 0;
    for (let k = i; k < n; k++) largest = Math.max(largest, Math.abs(R[i * n + k]!));
    return largest;
  }).concat(Array.from(diagonal));
  return Array.from(sizes.keys()).sort((a, b) => sizes[b]! - sizes[a]!);
}

/** ||scale * p|| */
export function scaledNorm(p: Vector, scale: Vector): number {
  return norm(p.map((entry, i) => scale[i]! * entry));
}
