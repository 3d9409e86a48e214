import type { Vector } from "../vectors.ts";
import { solveLower, solveLowerTransposed } from "./triangular.ts";

/**
 * The Cholesky factor of a symmetric matrix: A + shift I = L L'. Reads the lower triangle of A, row-major [n, n], and
 * writes L to the lower triangle of L, which may be A itself; what lies above the diagonal is neither read nor written.
 * Returns n, or the first row whose pivot is not positive (or not a number): A + shift I is then not positive definite,
 * and L is complete above that row only.
 */
export function cholesky(L: Vector, A: Vector, n: number, shift = 0): number {
  for (let i = 0; i < n; i++) {
    const row = i * n;
    for (let j = 0; j < i; j++) {
      const other = j * n;
      let sum = A[row + j]!;
      for (let k = 0; k < j; k++) sum -= L[row + k]! * L[other + k]!;
      L[row + j] = sum / L[other + j]!;
    }
    let pivot = A[row + i]! + shift;
    for (let k = 0; k < i; k++) pivot -= L[row + k]! ** 2;
    if (!(pivot > 0 && pivot < Number.POSITIVE_INFINITY)) return i;
    L[row + i] = Math.sqrt(pivot);
  }
  return n;
}

/** x = (L L')^-1 b. x may be b. */
export function solveCholesky(x: Vector, L: Vector, n: number, b: Vector): void {
  solveLower(x, L, n, b);
  solveLowerTransposed(x, L, n, x);
}

/**
 * Factors A + shift I for the smallest shift that a doubling search from 0 finds positive definite, and returns the
 * shift. `floor` is the least shift beyond the one that the diagonal shows to be needed, beside the largest entry of
 * A. NaN where A has an entry that is not finite. Source: Nocedal and Wright (2006), algorithm 3.3.
 */
export function choleskyWithShift(L: Vector, A: Vector, n: number, floor = 1e-3): number {
  let least = Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < n; i++) {
    least = Math.min(least, A[i * n + i]!);
    for (let j = 0; j <= i; j++) largest = Math.max(largest, Math.abs(A[i * n + j]!));
  }
  if (!Number.isFinite(largest)) return Number.NaN;
  const step = floor * (largest || 1);
  let shift = least > 0 || n === 0 ? 0 : step - least;
  while (cholesky(L, A, n, shift) < n) {
    shift = Math.max(2 * shift, step);
    if (!Number.isFinite(shift)) return Number.NaN;
  }
  return shift;
}
