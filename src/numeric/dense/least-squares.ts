import { norm, type Vector } from "../vectors.ts";
import { solveUpper } from "./triangular.ts";

/**
 * A = Q R P' with |R_00| >= |R_11| >= ..., by Householder reflections with column pivoting. [m, n] of any two sizes.
 * Source: Golub and Van Loan (2013), algorithm 5.4.1; the column norms are updated as in Drmac and Bujanovic (2008).
 */
export interface PivotedQR {
  readonly m: number;
  readonly n: number;
  /**
   * Row-major [m, n]: R on and above the diagonal; below it in column k the reflection's vector v, whose entry k is 1
   * and not stored.
   */
  readonly factors: Vector;
  /** Reflection k is I - taus[k] v v'. Length min(m, n). */
  readonly taus: Vector;
  /** Column k of A P is column pivots[k] of A. */
  readonly pivots: Int32Array;
}

/** Factors A, row-major [m, n]; A is kept, unless `factors` is A itself. */
export function pivotedQR(A: Vector, m: number, n: number, factors: Vector = A.slice()): PivotedQR {
  if (factors !== A) factors.set(A);
  const rank = Math.min(m, n);
  const taus = new Float64Array(rank);
  const pivots = Int32Array.from({ length: n }, (_, j) => j);
  const norms = new Float64Array(n);
  const exact = new Float64Array(n);
  const products = new Float64Array(n);
  for (let j = 0; j < n; j++) norms[j] = exact[j] = columnNorm(factors, m, n, j, 0);
  for (let k = 0; k < rank; k++) {
    let best = k;
    for (let j = k + 1; j < n; j++) if (norms[j]! > norms[best]!) best = j;
    if (best !== k) {
      swapColumns(factors, m, n, k, best);
      norms[best] = norms[k]!;
      exact[best] = exact[k]!;
      const pivot = pivots[k]!;
      pivots[k] = pivots[best]!;
      pivots[best] = pivot;
    }
    taus[k] = reflectColumn(factors, m, n, k);
    applyToLaterColumns(factors, m, n, k, taus[k]!, products);
    for (let j = k + 1; j < n; j++) {
      if (norms[j] === 0) continue;
      const left = Math.max(0, 1 - (factors[k * n + j]! / norms[j]!) ** 2);
      // the square of the share of the norm that is left has no digits any more
      if (left * (norms[j]! / exact[j]!) ** 2 <= 1.5e-8) {
        norms[j] = exact[j] = columnNorm(factors, m, n, j, k + 1);
      } else {
        norms[j] = norms[j]! * Math.sqrt(left);
      }
    }
  }
  return { m, n, factors, taus, pivots };
}

/** b = Q' b, in place; b has length m. */
export function applyQTransposed({ m, n, factors, taus }: PivotedQR, b: Vector): void {
  for (let k = 0; k < taus.length; k++) reflect(b, factors, m, n, k, taus[k]!);
}

/** The number of diagonal entries of R above `tolerance` |R_00|. Default: max(m, n) 2^-52. */
export function rankOf({ m, n, factors, taus }: PivotedQR, tolerance = Math.max(m, n) * Number.EPSILON): number {
  const least = tolerance * Math.abs(factors[0] ?? 0);
  let rank = 0;
  while (rank < taus.length && Math.abs(factors[rank * n + rank]!) > least) rank++;
  return rank;
}

/**
 * x = argmin ||A x - b||, the basic solution where the rank is less than n: n - rank entries of x are 0. Overwrites b
 * with Q' b, whose entries from the rank on hold the residual. Returns the rank.
 */
export function solveLeastSquares(x: Vector, qr: PivotedQR, b: Vector, tolerance?: number): number {
  const { n, factors, pivots } = qr;
  applyQTransposed(qr, b);
  const rank = rankOf(qr, tolerance);
  const leading = b.slice(0, rank);
  solveUpper(leading, factors, rank, leading, n);
  x.fill(0);
  for (let k = 0; k < rank; k++) x[pivots[k]!] = leading[k]!;
  return rank;
}

function columnNorm(A: Vector, m: number, n: number, j: number, from: number): number {
  const column = new Float64Array(m - from);
  for (let i = from; i < m; i++) column[i - from] = A[i * n + j]!;
  return norm(column);
}

function swapColumns(A: Vector, m: number, n: number, j: number, k: number): void {
  for (let i = 0; i < m; i++) {
    const entry = A[i * n + j]!;
    A[i * n + j] = A[i * n + k]!;
    A[i * n + k] = entry;
  }
}

/** Makes column k zero below its diagonal entry; returns tau. */
function reflectColumn(A: Vector, m: number, n: number, k: number): number {
  const below = columnNorm(A, m, n, k, k + 1);
  if (below === 0) return 0;
  const head = A[k * n + k]!;
  const length = Math.hypot(head, below);
  const diagonal = head > 0 ? -length : length;
  const first = head - diagonal;
  for (let i = k + 1; i < m; i++) A[i * n + k] = A[i * n + k]! / first;
  A[k * n + k] = diagonal;
  return -first / diagonal;
}

/** A = (I - tau v v') A for the columns right of k: two sweeps along the rows. */
function applyToLaterColumns(A: Vector, m: number, n: number, k: number, tau: number, products: Vector): void {
  if (tau === 0) return;
  for (let j = k + 1; j < n; j++) products[j] = A[k * n + j]!;
  for (let i = k + 1; i < m; i++) {
    const v = A[i * n + k]!;
    for (let j = k + 1; j < n; j++) products[j] = products[j]! + v * A[i * n + j]!;
  }
  for (let j = k + 1; j < n; j++) A[k * n + j] = A[k * n + j]! - tau * products[j]!;
  for (let i = k + 1; i < m; i++) {
    const v = tau * A[i * n + k]!;
    for (let j = k + 1; j < n; j++) A[i * n + j] = A[i * n + j]! - v * products[j]!;
  }
}

function reflect(b: Vector, factors: Vector, m: number, n: number, k: number, tau: number): void {
  if (tau === 0) return;
  let product = b[k]!;
  for (let i = k + 1; i < m; i++) product += factors[i * n + k]! * b[i]!;
  product *= tau;
  b[k] = b[k]! - product;
  for (let i = k + 1; i < m; i++) b[i] = b[i]! - product * factors[i * n + k]!;
}
