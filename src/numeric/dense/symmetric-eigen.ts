import type { Vector } from "../vectors.ts";
import { identity } from "./matrices.ts";

export interface Eigen {
  /** In ascending order. */
  readonly values: Vector;
  /** Row-major [n, n]: row k is the unit eigenvector of values[k]. */
  readonly vectors: Vector;
}

/** The eigenvalues and eigenvectors of a symmetric matrix, row-major [n, n], of which the lower triangle is read. */
export function symmetricEigen(A: Vector, n: number): Eigen {
  const vectors = new Float64Array(n * n);
  const { diagonal, offDiagonal } = tridiagonalize(A, n, vectors);
  diagonalize(diagonal, offDiagonal, vectors, n);
  return { values: diagonal, vectors };
}

/** The eigenvalues of a symmetric matrix alone, in ascending order. */
export function symmetricEigenvalues(A: Vector, n: number): Vector {
  const { diagonal, offDiagonal } = tridiagonalize(A, n);
  diagonalize(diagonal, offDiagonal);
  return diagonal;
}

/** The eigenvalues and eigenvectors of the symmetric tridiagonal matrix with these diagonals of n and n - 1 entries. */
export function tridiagonalEigen(diagonal: Vector, offDiagonal: Vector): Eigen {
  const n = diagonal.length;
  const values = diagonal.slice();
  const vectors = identity(n);
  diagonalize(values, offDiagonal.slice(), vectors, n);
  return { values, vectors };
}

/**
 * The nodes and weights of the Gauss quadrature that a Jacobi matrix stands for: its eigenvalues in ascending order
 * and the squares of the first entries of its unit eigenvectors. Source: Golub and Welsch (1969).
 */
export function gaussQuadrature(diagonal: Vector, offDiagonal: Vector): { nodes: Vector; weights: Vector } {
  const nodes = diagonal.slice();
  const weights = new Float64Array(nodes.length);
  weights[0] = 1;
  diagonalize(nodes, offDiagonal.slice(), weights, 1);
  for (let i = 0; i < weights.length; i++) weights[i] = weights[i]! ** 2;
  return { nodes, weights };
}

/**
 * T = Q' A Q tridiagonal, by Householder reflections; Q' is written to `basis`, row-major [n, n], where it is given.
 * Source: Golub and Van Loan (2013), algorithm 8.3.1.
 */
function tridiagonalize(A: Vector, n: number, basis?: Vector): { diagonal: Vector; offDiagonal: Vector } {
  const M = A.slice();
  const diagonal = new Float64Array(n);
  const offDiagonal = new Float64Array(Math.max(0, n - 1));
  const v = new Float64Array(n);
  const p = new Float64Array(n);
  basis?.set(identity(n));
  for (let k = 0; k < n - 1; k++) {
    let largest = 0;
    for (let i = k + 1; i < n; i++) {
      v[i] = M[i * n + k]!;
      if (i > k + 1) largest = Math.max(largest, Math.abs(v[i]!));
    }
    offDiagonal[k] = v[k + 1]!;
    if (largest === 0) continue;
    const size = Math.max(largest, Math.abs(v[k + 1]!));
    let square = 0;
    for (let i = k + 1; i < n; i++) {
      v[i] = v[i]! / size;
      square += v[i]! ** 2;
    }
    const head = v[k + 1]!;
    const entry = head > 0 ? -Math.sqrt(square) : Math.sqrt(square);
    offDiagonal[k] = entry * size;
    v[k + 1] = head - entry;
    // I - tau v v' sends the column to (entry, 0, ...)
    const tau = 1 / (square - head * entry);
    twoSided(M, n, k + 1, v, p, tau);
    if (basis) leftReflect(basis, n, k + 1, v, p, tau);
  }
  for (let i = 0; i < n; i++) diagonal[i] = M[i * n + i]!;
  return { diagonal, offDiagonal };
}

/** M = H M H on the lower triangle from row and column `from` on, H = I - tau v v': a rank-two update. */
function twoSided(M: Vector, n: number, from: number, v: Vector, p: Vector, tau: number): void {
  p.fill(0, from);
  for (let i = from; i < n; i++) {
    const row = i * n;
    let sum = M[row + i]! * v[i]!;
    for (let j = from; j < i; j++) {
      sum += M[row + j]! * v[j]!;
      p[j] = p[j]! + M[row + j]! * v[i]!;
    }
    p[i] = p[i]! + sum;
  }
  let product = 0;
  for (let i = from; i < n; i++) product += p[i]! * v[i]!;
  const half = (tau * product) / 2;
  for (let i = from; i < n; i++) p[i] = tau * (p[i]! - half * v[i]!);
  for (let i = from; i < n; i++) {
    const row = i * n;
    for (let j = from; j <= i; j++) M[row + j] = M[row + j]! - v[i]! * p[j]! - p[i]! * v[j]!;
  }
}

/** B = H B, in two sweeps along the rows. */
function leftReflect(B: Vector, n: number, from: number, v: Vector, p: Vector, tau: number): void {
  p.fill(0);
  for (let i = from; i < n; i++) {
    const row = i * n;
    for (let j = 0; j < n; j++) p[j] = p[j]! + v[i]! * B[row + j]!;
  }
  for (let i = from; i < n; i++) {
    const row = i * n;
    const factor = tau * v[i]!;
    for (let j = 0; j < n; j++) B[row + j] = B[row + j]! - factor * p[j]!;
  }
}

const mostSweeps = 60;

/**
 * Implicit QL with Wilkinson's shift on the tridiagonal T: `d` becomes its eigenvalues in ascending order, `e` is used
 * up, and the rows of `vectors`, each `width` entries long, are combined as Z' vectors, where T = Z diag(d) Z'. The
 * eigenvalues are NaN where an entry is not finite.
 * Source: Parlett (1998), section 8.
 */
function diagonalize(d: Vector, e: Vector, vectors?: Vector, width = 0): void {
  const n = d.length;
  for (let low = 0; low < n; low++) {
    for (let sweep = 0; ; sweep++) {
      let high = low;
      while (high < n - 1 && !negligible(d, e, high)) high++;
      if (high === low) break;
      if (sweep === mostSweeps) {
        d.fill(Number.NaN);
        return;
      }
      sweepUp(d, e, low, high, vectors, width);
    }
  }
  sortAscending(d, vectors, width);
}

function negligible(d: Vector, e: Vector, i: number): boolean {
  const off = Math.abs(e[i]!);
  const size = Math.abs(d[i]!) + Math.abs(d[i + 1]!);
  return off <= Number.EPSILON * size || off < Number.MIN_VALUE / Number.EPSILON;
}

/** One implicit step on the unreduced block low..high: the bulge is chased from its lower end to its upper. */
function sweepUp(d: Vector, e: Vector, low: number, high: number, vectors: Vector | undefined, width: number): void {
  const gap = (d[low + 1]! - d[low]!) / (2 * e[low]!);
  const root = Math.hypot(gap, 1);
  let x = d[high]! - d[low]! + e[low]! / (gap + (gap >= 0 ? root : -root));
  let cosine = 1;
  let sine = 1;
  let carried = 0;
  for (let i = high - 1; i >= low; i--) {
    const bulge = sine * e[i]!;
    const off = cosine * e[i]!;
    const length = Math.hypot(bulge, x);
    if (i + 1 < high) e[i + 1] = length;
    if (length === 0) {
      // the block falls apart here: what was carried belongs to the lower part
      d[i + 1] = d[i + 1]! - carried;
      return;
    }
    sine = bulge / length;
    cosine = x / length;
    const base = d[i + 1]! - carried;
    const turn = (d[i]! - base) * sine + 2 * cosine * off;
    carried = sine * turn;
    d[i + 1] = base + carried;
    x = cosine * turn - off;
    if (vectors) rotateRows(vectors, width, i, cosine, sine);
  }
  d[low] = d[low]! - carried;
  e[low] = x;
}

function rotateRows(vectors: Vector, width: number, i: number, cosine: number, sine: number): void {
  const upper = i * width;
  const lower = upper + width;
  for (let j = 0; j < width; j++) {
    const x = vectors[upper + j]!;
    const y = vectors[lower + j]!;
    vectors[lower + j] = sine * x + cosine * y;
    vectors[upper + j] = cosine * x - sine * y;
  }
}

function sortAscending(d: Vector, vectors: Vector | undefined, width: number): void {
  const order = Array.from(d.keys()).sort((i, j) => d[i]! - d[j]!);
  const values = d.slice();
  const rows = vectors?.slice();
  order.forEach((from, to) => {
    d[to] = values[from]!;
    if (vectors && rows) vectors.set(rows.subarray(from * width, (from + 1) * width), to * width);
  });
}
