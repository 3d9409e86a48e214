import type { Vector } from "../vectors.ts";

/** y = A x for A row-major [m, n]. */
export function multiply(y: Vector, A: Vector, m: number, n: number, x: Vector): void {
  for (let i = 0; i < m; i++) {
    let sum = 0;
    for (let j = 0, at = i * n; j < n; j++, at++) sum += A[at]! * x[j]!;
    y[i] = sum;
  }
}

/** y = A' x for A row-major [m, n]. */
export function multiplyTransposed(y: Vector, A: Vector, m: number, n: number, x: Vector): void {
  y.fill(0);
  for (let i = 0; i < m; i++) {
    const factor = x[i]!;
    for (let j = 0, at = i * n; j < n; j++, at++) y[j] = y[j]! + factor * A[at]!;
  }
}

/** The identity, row-major [n, n]. */
export function identity(n: number): Vector {
  const I = new Float64Array(n * n);
  for (let i = 0; i < n; i++) I[i * n + i] = 1;
  return I;
}
