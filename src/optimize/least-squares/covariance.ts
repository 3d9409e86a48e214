import { isRecord, requireThat } from "../../ir/arguments/arguments.ts";
import { DataError, UsageError } from "../../ir/errors.ts";
import { cholesky } from "../../numeric/dense/cholesky.ts";
import { columnNorms, linearize } from "../../numeric/dense/damped-least-squares.ts";
import { rankOf } from "../../numeric/dense/least-squares.ts";
import { solveLower, solveUpperTransposed } from "../../numeric/dense/triangular.ts";
import { dot, type Vector } from "../../numeric/vectors.ts";
import { missingPart, missingParts } from "../driver/counted.ts";
import { firstWrite } from "../driver/written.ts";
import type { Oracle } from "../oracle.ts";

/** How well a fit determines its parameters, to first order. */
export interface Covariance {
  /** Row-major [n, n], in units of the parameters; NaN where the data do not determine all of them. */
  readonly matrix: Vector;
  /** The roots of the diagonal. */
  readonly standardErrors: Vector;
  /** False where some direction of the parameters changes nothing, or is no minimum. */
  readonly isDetermined: boolean;
}

/** A covariance with the deviation of the residuals that it rests on. */
export interface ResidualCovariance extends Covariance {
  /** sqrt(<r, r> / (m - n)): the deviation of the residuals. */
  readonly deviation: number;
  /** m - n */
  readonly degreesOfFreedom: number;
}

/**
 * The covariance of a least-squares fit, s^2 (J'J)^-1 with s^2 = <r, r> / (m - n), as NIST and most programs of
 * statistics define it: for independent residuals of one deviation that is not known. By a QR factorisation. Throws
 * DataError where there are no more residuals than parameters.
 */
export function residualCovariance(oracle: Oracle, x: Vector): ResidualCovariance {
  requireParts(oracle, x, ["residuals", "jacobian"]);
  const m = oracle.residualCount!;
  const n = x.length;
  if (m <= n) throw new DataError(`standard errors need more residuals than parameters, got ${m} and ${n}.`);
  const r = new Float64Array(m);
  const J = new Float64Array(m * n);
  firstWrite("residuals", r, () => void oracle.residuals!(x, r));
  firstWrite("jacobian", J, () => void oracle.jacobian!(x, J));
  const columns = columnNorms(J, m, n);
  const { qr } = linearize(J, r, columns, columns);
  const degreesOfFreedom = m - n;
  const variance = dot(r, r) / degreesOfFreedom;
  const rest = { deviation: Math.sqrt(variance), degreesOfFreedom };
  if (!(rankOf(qr) === n)) return { ...undetermined(n), ...rest };
  const roots = inverseRoot(n, (row, e) => solveUpperTransposed(row, qr.factors, n, e));
  const units = Float64Array.from(qr.pivots, (j) => 1 / columns[j]!);
  return { ...assembled(roots, n, qr.pivots, units, variance), ...rest };
}

/**
 * The covariance of a maximum-likelihood fit, the inverse of the Hessian of the loss, which has to be the negative
 * logarithm of a likelihood as it stands: a sum over all data, no mean, with every factor in place.
 */
export function likelihoodCovariance(oracle: Oracle, x: Vector): Covariance {
  requireParts(oracle, x, ["hessian"]);
  const n = x.length;
  const H = new Float64Array(n * n);
  firstWrite("hessian", H, () => void oracle.hessian!(x, H));
  const units = Float64Array.from({ length: n }, (_, i) => 1 / Math.sqrt(H[i * n + i]!));
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) H[i * n + j] = H[i * n + j]! * units[i]! * units[j]!;
  if (cholesky(H, H, n) < n || leastPivot(H, n) < n * Number.EPSILON) return undetermined(n);
  const roots = inverseRoot(n, (row, e) => solveLower(row, H, n, e));
  return assembled(roots, n, Int32Array.from(units.keys()), units, 1);
}

function requireParts(oracle: Oracle, x: Vector, needs: readonly ("residuals" | "jacobian" | "hessian")[]): void {
  requireThat(isRecord(oracle), "a covariance", "an oracle", oracle);
  requireThat(x instanceof Float64Array, "a covariance", "a packed point, a Float64Array", x);
  const [missing] = missingParts(oracle, needs);
  if (missing) throw missingPart(missing);
  if (needs.includes("residuals") && !(oracle.residualCount! >= 0)) {
    throw new UsageError("an oracle with residuals needs a residualCount.");
  }
}

/** The least square of a pivot: of the entries of the factor of a matrix with unit diagonal. */
function leastPivot(L: Vector, n: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < n; i++) least = Math.min(least, L[i * n + i]! ** 2);
  return least;
}

function undetermined(n: number): Covariance {
  return {
    matrix: new Float64Array(n * n).fill(Number.NaN),
    standardErrors: new Float64Array(n).fill(Number.NaN),
    isDetermined: false,
  };
}

/** The rows T'^-1 e_k for the factor T of T'T: their products are the inverse. */
function inverseRoot(n: number, solve: (out: Vector, unit: Vector) => void): readonly Vector[] {
  return Array.from({ length: n }, (_, k) => {
    const unit = new Float64Array(n);
    unit[k] = 1;
    const row = new Float64Array(n);
    solve(row, unit);
    return row;
  });
}

function assembled(
  roots: readonly Vector[],
  n: number,
  order: Int32Array,
  units: Vector,
  variance: number,
): Covariance {
  const matrix = new Float64Array(n * n);
  for (const [a, row] of roots.entries()) {
    for (const [b, column] of roots.entries()) {
      matrix[order[a]! * n + order[b]!] = variance * units[a]! * units[b]! * dot(row, column);
    }
  }
  const standardErrors = Float64Array.from({ length: n }, (_, i) => Math.sqrt(matrix[i * n + i]!));
  return { matrix, standardErrors, isDetermined: true };
}
