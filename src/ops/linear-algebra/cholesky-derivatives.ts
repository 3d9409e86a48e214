import type { Expr } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import { broadcast, transpose } from "../arrays/contractions.ts";
import { einsum, inPart, partOf } from "../arrays/letters.ts";
import { add, div, mul, square } from "../elementary/algebra.ts";
import { type Routine, routine } from "../routines/routine.ts";
import { real, squareSize, sumOf } from "./columns.ts";
import { solveSymmetric, symmetricElement } from "./substitution.ts";

// The derivative of Cholesky's factor, and its transpose, each as one pass over triangles that takes twice what the factor takes.
// Both solve linear equations in the factor, so that derivatives of either are the two again. Source: Murray (2016).

/**
 * T, lower triangular with T L' + L T' = (D + D')/2: how L, Cholesky's factor, changes where L L' changes by D. With the
 * parameter "lower" D is symmetric, and half of it read.
 */
export const choleskyTangent: Routine = routine({
  name: "choleskyTangent",
  units: "a, b -> b/a",
  ranks: [2, 2],
  reads: (parameters) => ["lower", parameters === "lower" ? "lower" : "all"],
  results: ([L]) => {
    const n = squareSize(L!, "choleskyTangent");
    return [real(n, n)];
  },
  cost: ([L]) => L!.shape[0]!.times(L!.shape[0]!).times(L!.shape[0]!).times(2),
  program: (m, { operands: [L, D], results: [T] }, parameters) => {
    const n = L!.shape[0]!;
    const element = (i: Integer, j: Integer) =>
      parameters === "lower" ? D!.read(i, j) : symmetricElement(m, D!, i, j);
    const half = m.number(0.5);
    m.each(n, (j) => {
      const pivot = m.name(L!.read(j, j));
      const products = m.sum(Integer.zero, j, (k) => m.mul(T!.read(j, k), L!.read(j, k)));
      const onDiagonal = m.name(m.div(m.sub(m.mul(half, D!.read(j, j)), products), pivot));
      T!.write([j, j], onDiagonal);
      m.inGroups(j.plus(1), n, (rows) => {
        const sums = rows.map((i) => m.variable(m.mul(L!.read(i, j), onDiagonal)));
        m.loop(Integer.zero, j, (k) => {
          const [l, t] = [L!.read(j, k), T!.read(j, k)];
          for (const [at, i] of rows.entries()) {
            sums[at]!.add(m.add(m.mul(T!.read(i, k), l), m.mul(L!.read(i, k), t)));
          }
        });
        for (const [at, i] of rows.entries()) {
          T!.write([i, j], m.div(m.sub(element(i, j), sums[at]!.get()), pivot));
        }
      });
      m.loop(j.plus(1), n, (k) => T!.write([j, k], m.number(0)));
    });
  },
  tangents: ({ operands: [L], results: [T], leading }, [dL, dD]) => {
    const product = (dL: Expr) =>
      einsum(leading, "ij+", [
        [partOf(dL, leading, "lower"), "ik+"],
        [partOf(T!, leading, "lower"), "jk"],
      ]);
    const change = sumOf(dD, dL && mul(-2, product(dL)));
    return [change && tangentOfFactor(L!, change, leading)];
  },
  cotangents: ({ operands: [L], results: [T], leading }, [ct]) => {
    if (!ct) return [];
    const toChange = choleskyCotangent("", L!, ct)[0]!;
    return [mul(-2, productBelow(toChange, T!, leading)), toChange];
  },
});

/**
 * S, symmetric, with 2 S L = C in the lower triangle: the cotangent of L L', where L, Cholesky's factor, has C. Elements of C above the
 * diagonal are not read.
 */
export const choleskyCotangent: Routine = routine({
  name: "choleskyCotangent",
  units: "a, b -> b/a",
  ranks: [2, 2],
  reads: () => ["lower", "lower"],
  results: ([L]) => {
    const n = squareSize(L!, "choleskyCotangent");
    return [real(n, n)];
  },
  work: ([L]) => [real(L!.shape[0]!)],
  cost: ([L]) => L!.shape[0]!.times(L!.shape[0]!).times(L!.shape[0]!).times(2),
  program: (m, { operands: [L, C], results: [S], work: [column] }) =>
    solveSymmetric(m, L!, (i, j) => m.mul(m.number(0.5), C!.read(i, j)), { S: S!, column: column! }),
  tangents: ({ operands: [L], results: [S], leading }, [dL, dC]) => {
    const change = sumOf(dC, dL && mul(-2, productBelow(S!, dL, leading)));
    return [change && forEachChange(choleskyCotangent, L!, change, leading)];
  },
  cotangents: ({ operands: [L], results: [S], leading }, [ct]) => {
    if (!ct) return [];
    const toRight = choleskyTangent("", L!, ct)[0]!;
    return [mul(-2, productBelow(S!, toRight, leading)), toRight];
  },
});

/** How L changes where L L' changes by dA, which may have axes of its own behind the matrix. */
export const tangentOfFactor = (L: Expr, dA: Expr, leading: number) => forEachChange(choleskyTangent, L, dA, leading);

/** How X = (L L')^-1 changes where L L' changes by dA, which may have axes of its own: X L has 1 / L[j, j] on its diagonal, 0 below. */
export function tangentOfInverse(X: Expr, L: Expr, dA: Expr, leading: number): Expr {
  const dL = tangentOfFactor(L, dA, leading);
  const squares = square(einsum(leading, "i", [[L, "ii"]]));
  const ofDiagonal = einsum(
    leading,
    "ij+",
    [
      [dL, "ij+"],
      [div(1, squares), "i"],
    ],
    (at) => [inPart.diagonal(at("i"), at("j"))],
  );
  const change = mul(-2, add(ofDiagonal, productBelow(X, dL, leading)));
  return forEachChange(choleskyCotangent, L, change, leading);
}

/** The results for matrices [.., n, n, ...more]: further axes become a batch, in which all have one first operand. */
function forEachChange(apply: Routine, first: Expr, changes: Expr, leading: number): Expr {
  const rank = changes.shape.length;
  const own = Array.from({ length: rank }, (_, axis) => axis);
  const [outer, matrix, further] = [own.slice(0, leading), own.slice(leading, leading + 2), own.slice(leading + 2)];
  if (further.length === 0) return apply("", first, changes)[0]!;
  const moved = transpose(changes, [...outer, ...further, ...matrix]);
  const repeated = broadcast(first, moved.shape, [...outer, rank - 2, rank - 1]);
  const back = [...outer, ...matrix.map((axis) => axis + further.length), ...further.map((axis) => axis - 2)];
  return transpose(apply("", repeated, moved)[0]!, back);
}

/** The lower triangle of S T, S symmetric and T the lower triangle of a matrix. */
export const lowerProduct: Routine = routine({
  name: "lowerProduct",
  units: "a, b -> a*b",
  ranks: [2, 2],
  reads: () => ["all", "lower"],
  results: ([S]) => {
    const n = squareSize(S!, "lowerProduct");
    return [real(n, n)];
  },
  work: ([S]) => [real(S!.shape[0]!)],
  cost: ([S]) => S!.shape[0]!.times(S!.shape[0]!).times(S!.shape[0]!).times(2),
  program: (m, { operands: [S, T], results: [P], work: [column] }) => {
    const n = S!.shape[0]!;
    m.each(n, (j) => {
      m.loop(j, n, (k) => column!.write([k], T!.read(k, j)));
      m.inGroups(j, n, (rows) => {
        const sums = rows.map(() => m.variable(m.number(0)));
        m.loop(j, n, (k) => {
          const t = column!.read(k);
          for (const [at, i] of rows.entries()) sums[at]!.add(m.mul(S!.read(i, k), t));
        });
        for (const [at, i] of rows.entries()) P!.write([i, j], sums[at]!.get());
      });
      m.loop(j.plus(1), n, (k) => P!.write([j, k], m.number(0)));
    });
  },
  tangents: ({ operands: [S, T], leading }, [dS, dT]) => {
    const ofSymmetric = (dS: Expr) =>
      einsum(leading, "ij+", [
        [dS, "ik+"],
        [partOf(T!, leading, "lower"), "kj"],
      ]);
    return [sumOf(dS && partOf(ofSymmetric(dS), leading, "lower"), dT && productBelow(S!, dT, leading))];
  },
  cotangents: ({ operands: [S, T], leading }, [ct]) => {
    if (!ct) return [];
    const toSymmetric = einsum(leading, "ik", [
      [partOf(ct, leading, "lower"), "ij"],
      [partOf(T!, leading, "lower"), "kj"],
    ]);
    return [toSymmetric, productBelow(S!, ct, leading)];
  },
});

/** The lower triangle of S T for the lower triangle of T, which may have axes of its own behind the matrix. */
const productBelow = (S: Expr, T: Expr, leading: number) => forEachChange(lowerProduct, S, T, leading);
