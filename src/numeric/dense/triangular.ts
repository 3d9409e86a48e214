import type { Vector } from "../vectors.ts";

/** x = L^-1 b for the lower triangle of L, row-major [n, n]. x may be b. */
export function solveLower(x: Vector, L: Vector, n: number, b: Vector): void {
  for (let i = 0; i < n; i++) {
    const row = i * n;
    let sum = b[i]!;
    for (let k = 0; k < i; k++) sum -= L[row + k]! * x[k]!;
    x[i] = sum / L[row + i]!;
  }
}

/** x = L'^-1 b for the lower triangle of L, row-major [n, n]. x may be b. */
export function solveLowerTransposed(x: Vector, L: Vector, n: number, b: Vector): void {
  if (x !== b) x.set(b);
  for (let i = n - 1; i >= 0; i--) {
    const row = i * n;
    const entry = x[i]! / L[row + i]!;
    x[i] = entry;
    for (let k = 0; k < i; k++) x[k] = x[k]! - L[row + k]! * entry;
  }
}

/** x = U^-1 b for the upper triangle of U, of whose rows the first n count; each row has `stride` entries. x may be b. */
export function solveUpper(x: Vector, U: Vector, n: number, b: Vector, stride = n): void {
  for (let i = n - 1; i >= 0; i--) {
    const row = i * stride;
    let sum = b[i]!;
    for (let k = i + 1; k < n; k++) sum -= U[row + k]! * x[k]!;
    x[i] = sum / U[row + i]!;
  }
}

/** x = U'^-1 b for the upper triangle of U, as `solveUpper` takes it, with rows of n entries. x may be b. */
export function solveUpperTransposed(x: Vector, U: Vector, n: number, b: Vector): void {
  if (x !== b) x.set(b);
  for (let i = 0; i < n; i++) {
    const row = i * n;
    const entry = x[i]! / U[row + i]!;
    x[i] = entry;
    for (let k = i + 1; k < n; k++) x[k] = x[k]! - U[row + k]! * entry;
  }
}
