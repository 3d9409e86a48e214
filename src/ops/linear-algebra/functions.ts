import { ShapeError } from "../../ir/errors.ts";
import { type Expr, type Shape, showShape } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import { axes, transpose, view } from "../arrays/contractions.ts";
import { identityLike } from "../arrays/letters.ts";
import { add, mul, sub } from "../elementary/algebra.ts";
import { toReal } from "../elementary/cast.ts";
import { choleskyLogDeterminant, choleskySolve, cholesky as factor } from "./cholesky.ts";
import { luDeterminant } from "./determinant.ts";
import { eigh as eigen } from "./eigen.ts";
import { lu, luLogDeterminant, luSolve } from "./general.ts";
import { type Direction, argsort as order } from "./order.ts";
import { qr as orthogonal } from "./orthogonal.ts";
import { solveTriangular as substitute, triangular } from "./triangular.ts";

// Linear algebra on expressions. The last two axes are a matrix; axes before them are a batch.

/** How a system is solved: by LU, or by Cholesky for a matrix that is symmetric and positive definite. */
export type Definiteness = "general" | "positive definite";

/** L, lower triangular with a positive diagonal, with L L' = (A + A')/2. NaN where that is not positive definite. */
export function cholesky(A: Expr): Expr {
  requireMatrix("cholesky", A);
  return factor("", toReal(A))[0]!;
}

/** x with A x = b, for a vector or the columns of a matrix b. NaN where A is singular. */
export function solve(A: Expr, b: Expr, definiteness: Definiteness = "general"): Expr {
  const [matrix, right] = [toReal(A), toReal(b)];
  return withColumns("solve", matrix, right, (columns) => {
    if (definiteness === "positive definite") return choleskySolve("", matrix, columns, factor("", matrix)[0]!)[0]!;
    const [LU, rows] = lu("", matrix) as [Expr, Expr, Expr];
    return luSolve("", matrix, columns, LU, rows)[0]!;
  });
}

/** x with T x = b, or T' x = b, where T is the lower or upper triangle of a matrix: what else it has is not read. */
export function solveTriangular(T: Expr, b: Expr, { lower = true, transpose = false } = {}): Expr {
  const [matrix, right] = [toReal(T), toReal(b)];
  return withColumns("solveTriangular", matrix, right, (columns) => {
    return substitute(triangular(lower, transpose), matrix, columns)[0]!;
  });
}

/** A^-1. In a product it becomes a solve. NaN where A is singular. */
export function inverse(A: Expr): Expr {
  requireSquare("inverse", A);
  return solve(A, identityLike(toReal(A), A.shape.length - 2));
}

/** det A. */
export function det(A: Expr): Expr {
  requireSquare("det", A);
  const matrix = toReal(A);
  const size = A.shape[A.shape.length - 1]!.value;
  if (size !== undefined && size <= 3) return smallDeterminant(matrix, size);
  const [LU, rows, sign] = lu("", matrix) as [Expr, Expr, Expr];
  return luDeterminant("", matrix, LU, rows, sign)[0]!;
}

/** log |det A|. */
export function logdet(A: Expr, definiteness: Definiteness = "general"): Expr {
  requireSquare("logdet", A);
  const matrix = toReal(A);
  if (definiteness === "positive definite") return choleskyLogDeterminant("", matrix, factor("", matrix)[0]!)[0]!;
  const [LU, rows] = lu("", matrix) as [Expr, Expr, Expr];
  return luLogDeterminant("", matrix, LU, rows)[0]!;
}

/** The determinant as a polynomial of its elements: its derivatives exist at singular matrices too. */
function smallDeterminant(A: Expr, size: number): Expr {
  const outer = A.shape.slice(0, -2);
  const at = (i: number, j: number) =>
    view(A, outer, [...axes(outer.length), Integer.constant(i), Integer.constant(j)]);
  const minor = (i: number, j: number, k: number, l: number) => sub(mul(at(i, k), at(j, l)), mul(at(i, l), at(j, k)));
  switch (size) {
    case 0:
      return A.graph.constant(1, outer);
    case 1:
      return at(0, 0);
    case 2:
      return minor(0, 1, 0, 1);
    default:
      return add(mul(at(0, 0), minor(1, 2, 1, 2)), mul(at(0, 1), minor(1, 2, 2, 0)), mul(at(0, 2), minor(1, 2, 0, 1)));
  }
}

/** The eigenvalues of (A + A')/2 in ascending order, and unit eigenvectors as columns. */
export function eigh(A: Expr): { values: Expr; vectors: Expr } {
  requireSquare("eigh", A);
  const [values, vectors] = eigen("", toReal(A)) as [Expr, Expr];
  return { values, vectors };
}

/** Q with orthonormal columns and R, upper triangular with a positive diagonal, with Q R = A. */
export function qr(A: Expr): { q: Expr; r: Expr } {
  requireMatrix("qr", A);
  const [q, r] = orthogonal("", toReal(A)) as [Expr, Expr];
  return { q, r };
}

/** Positions along an axis in the order of the elements; equal ones keep theirs, NaN comes last. */
export function argsort(x: Expr, axis: number, direction: Direction = "ascending"): Expr {
  return withLast(x, axis, (last) => order(direction, last)[0]!);
}

/** The elements along an axis in their order, NaN last. */
export function sort(x: Expr, axis: number, direction: Direction = "ascending"): Expr {
  return withLast(x, axis, (last) => taken(last, order(direction, last)[0]!, last.shape[last.shape.length - 1]!));
}

/** The k largest elements along an axis, largest first. */
export function topK(x: Expr, k: Integer, axis: number): Expr {
  return withLast(x, axis, (last) => taken(last, order("descending", last)[0]!, k));
}

/** The first `count` elements along the last axis, in an order given by their positions. */
function taken(x: Expr, positions: Expr, count: Integer): Expr {
  const shape: Shape = [...x.shape.slice(0, -1), count];
  const own = axes(shape.length);
  return view(x, shape, [...own.slice(0, -1), Integer.lookup(0, own)], [], [positions]);
}

/** A function along the last axis, applied along another one. */
function withLast(x: Expr, axis: number, apply: (x: Expr) => Expr): Expr {
  const last = x.shape.length - 1;
  if (axis === last) return apply(x);
  const swapped = axes(x.shape.length).map((_, at) => (at === axis ? last : at === last ? axis : at));
  return transpose(apply(transpose(x, swapped)), swapped);
}

/** A function of the columns of b, which may be one vector. */
function withColumns(name: string, A: Expr, b: Expr, apply: (columns: Expr) => Expr): Expr {
  requireSquare(name, A);
  const isVector = b.shape.length === A.shape.length - 1;
  const rows = b.shape[A.shape.length - 2];
  if (!rows?.equals(A.shape[A.shape.length - 1]!) || b.shape.length > A.shape.length) {
    const shapes = [showShape(A.shape), showShape(b.shape)];
    throw new ShapeError(`shape mismatch: ${name} needs [n, n] and [n] or [n, k], got ${shapes.join(" and ")}.`, {
      shapes,
    });
  }
  if (!isVector) return apply(b);
  const own = axes(b.shape.length);
  return view(apply(view(b, [...b.shape, Integer.one], own)), b.shape, [...own, Integer.zero]);
}

function requireMatrix(name: string, { shape }: Expr): void {
  if (shape.length >= 2) return;
  throw new ShapeError(`${name} needs a matrix, got ${showShape(shape)}.`, { shapes: [showShape(shape)] });
}

function requireSquare(name: string, A: Expr): void {
  requireMatrix(name, A);
  const [rows, columns] = A.shape.slice(-2) as [Integer, Integer];
  if (rows.equals(columns)) return;
  throw new ShapeError(`${name} needs a square matrix, got ${showShape(A.shape)}.`, { shapes: [showShape(A.shape)] });
}
