import type { AxisOption, Operand, SizeLike, Tensor } from "../api/tensor.ts";
import { linearAlgebra } from "../functions/linear-algebra.ts";
import { Entry } from "./entry.ts";

// The last two axes are a matrix, axes before them a batch.

export interface OrderOptions extends AxisOption {
  /** Default: false. */
  readonly descending?: boolean;
}

export interface Definite {
  /** True where A is symmetric and positive definite: Cholesky's factors in place of LU. Default: false. */
  readonly positiveDefinite?: boolean;
}

const entry = new Entry(linearAlgebra);

/** L, lower triangular with a positive diagonal, with L L' = (A + A')/2. NaN where that is not positive definite. */
export const cholesky: (A: Operand) => Tensor = entry.tensor("cholesky");

/** x with A x = b, for a vector b or the columns of a matrix. NaN where A is singular. */
export const solve: (A: Operand, b: Operand, options?: Definite) => Tensor = entry.tensor("solve");

/** x with T x = b, T the lower triangle of a matrix, or the upper one; with transpose, T' x = b. */
export const solveTriangular: (
  T: Operand,
  b: Operand,
  options?: { readonly lower?: boolean; readonly transpose?: boolean },
) => Tensor = entry.tensor("solveTriangular");

/** A^-1. In a product it becomes a solve. NaN where A is singular. */
export const inverse: (A: Operand) => Tensor = entry.tensor("inverse");

/** The determinant. [.., n, n] -> [..]. */
export const det: (A: Operand) => Tensor = entry.tensor("det");

/** log |det A|. */
export const logdet: (A: Operand, options?: Definite) => Tensor = entry.tensor("logdet");

/** The sign of the determinant, and the logarithm of its size. */
export const slogdet: (A: Operand) => { readonly sign: Tensor; readonly logabsdet: Tensor } = entry.record("slogdet");

/** The eigenvalues of (A + A')/2, ascending. */
export const eigenvalues: (A: Operand) => Tensor = entry.tensor("eigenvalues");

/** The eigenvalues of (A + A')/2, ascending, and unit eigenvectors as columns. */
export const eigh: (A: Operand) => { readonly values: Tensor; readonly vectors: Tensor } = entry.record("eigh");

/** q with orthonormal columns and r, upper triangular with a positive diagonal, with q @ r = A. */
export const qr: (A: Operand) => { readonly q: Tensor; readonly r: Tensor } = entry.record("qr");

/** Positions in ascending order of the elements, NaN last, by default along the last axis. */
export const argsort: (x: Operand, options?: OrderOptions) => Tensor = entry.tensor("argsort");

/** The elements in ascending order, NaN last, by default along the last axis. */
export const sort: (x: Operand, options?: OrderOptions) => Tensor = entry.tensor("sort");

/** The k largest elements, largest first, by default along the last axis. */
export const topK: (x: Operand, k: SizeLike, options?: AxisOption) => Tensor = entry.tensor("topK");

/** Between the sorted elements at q (n - 1), in a straight line; by default of all axes. NaN for q outside of 0 to 1. */
export const quantile: (x: Operand, q: Operand, options?: AxisOption) => Tensor = entry.tensor("quantile");

/** The middle of the sorted elements, by default of all axes. */
export const median: (x: Operand, options?: AxisOption) => Tensor = entry.tensor("median");
