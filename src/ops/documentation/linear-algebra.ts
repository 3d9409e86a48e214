import type { RoutineDocumentation } from "../routines/routine.ts";

/** What is said of the operations on matrices and of order. */
export const routineDocumentation: Readonly<Record<string, RoutineDocumentation>> = {
  cholesky: {
    summary: "L, lower triangular with a positive diagonal, with L L' = (A + A')/2",
    derivative: "dL L' + L dL' = (dA + dA')/2, dL lower triangular",
    failure: "NaN from the first column on whose pivot is not positive: the matrix is not positive definite",
    reference: "Murray (2016)",
  },
  choleskyTangent: {
    summary: "T, lower triangular with T L' + L T' = (D + D')/2, L a Cholesky factor",
    derivative: "the same T of dD - 2 dL T'",
    failure: "NaN where the matrix is not positive definite",
  },
  choleskyCotangent: {
    summary: "S, symmetric, with 2 S L = C in the lower triangle, L a Cholesky factor",
    derivative: "the same S of dC - 2 S dL",
    failure: "NaN where the matrix is not positive definite",
  },
  lowerProduct: {
    summary: "the lower triangle of S T, S symmetric and T the lower triangle of a matrix",
    derivative: "the lower triangle of dS T + S dT",
    failure: "none",
  },
  choleskySolve: {
    summary: "x with A x = b, A symmetric and positive definite, by a Cholesky factor at hand",
    derivative: "A dx = db - dA x",
    failure: "NaN where the matrix is not positive definite",
  },
  choleskyInverse: {
    summary: "A^-1, A symmetric and positive definite, by a Cholesky factor at hand",
    derivative: "dA^-1 = -A^-1 dA A^-1",
    failure: "NaN where the matrix is not positive definite",
  },
  choleskyLogDeterminant: {
    summary: "log det A, A symmetric and positive definite, by a Cholesky factor at hand",
    derivative: "tr(A^-1 dA)",
    failure: "NaN where the matrix is not positive definite",
  },
  eigh: {
    summary: "the eigenvalues of (A + A')/2 in ascending order, and unit eigenvectors as columns",
    derivative: "with P = V' dA V: dvalues = diag P, dV = V (P[i,j] / (values[j] - values[i]))",
    failure:
      "eigenvectors have no derivative where eigenvalues are equal: NaN or infinite, in dual and complex runs too",
    reference: "Golub and Van Loan (2013), section 8.5",
  },
  lu: {
    summary:
      "the factors of P A = L U in one matrix, the order of the rows, its sign, and the order of columns if they turn too",
    derivative: "none: what uses the factors is differentiated in A",
    failure: "a singular matrix has a 0 on the diagonal of U",
  },
  luSolve: {
    summary: "x with A x = b, or A' x = b, by the factors of A",
    derivative: "A dx = db - dA x",
    failure: "NaN where A is singular",
  },
  luDeterminant: {
    summary: "det A",
    derivative: "tr(C' dA), C the cofactors of A, by complete pivoting and polynomials of the three smallest pivots",
    failure: "fourth and further derivatives are NaN where the rank is below n - 3",
    reference: "Stewart (1998)",
  },
  luLogDeterminant: {
    summary: "log |det A|",
    derivative: "tr(A^-1 dA)",
    failure: "-Infinity where A is singular; the derivative is NaN there",
  },
  argsort: {
    summary: "the positions of the elements in ascending or descending order, equal ones in the order they have",
    derivative: "0: positions are whole numbers",
    failure: "NaN comes last",
  },
  matrixFunction: {
    summary:
      "sum(h(x)), V diag(h(x)) V' and their derivatives, x and V the eigenvalues and eigenvectors of A: the value is at hand",
    derivative:
      "by divided differences of h (Daleckii and Krein): V [sum_b h[x_a, x_b, ..] P_ab ..] V', P = V' dA V; of every order",
    failure: "none where eigenvalues are equal; NaN where h has no derivative",
  },
  qr: {
    summary: "Q with orthonormal columns and R, upper triangular with a positive diagonal, with Q R = A",
    derivative: "with C = dA R^-1 and U the upper triangle of Q'C + its lower one turned over: dQ = C - Q U, dR = U R",
    failure: "NaN from the first column on that depends on the columns before it",
  },
  spectral: {
    summary: "V diag(c) V', V the eigenvectors of A",
    derivative: "V (P[i,j] (c[j] - c[i]) / (values[j] - values[i])) V' + V diag(dc) V', P = V' dA V",
    failure: "infinite where eigenvalues are equal and their weights are not",
  },
  solveTriangular: {
    summary: "x with T x = b, T the lower or upper triangle of a matrix, or with T' x = b",
    derivative: "T dx = db - dT x",
    failure: "NaN where an element of the diagonal is 0",
    reference: "Giles (2008)",
  },
};
