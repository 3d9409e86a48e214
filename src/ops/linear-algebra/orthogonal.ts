import { ShapeError } from "../../ir/errors.ts";
import { type Expr, showShape } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import { einsum, partOf, transposed } from "../arrays/letters.ts";
import { add, neg, sub } from "../elementary/algebra.ts";
import { type Routine, routine } from "../routines/routine.ts";
import { real, sumOf } from "./columns.ts";
import { solveColumns } from "./triangular.ts";

/** The upper triangle of M once what is below it is added from across the diagonal: (M + M') above, M on it. */
function gathered(M: Expr, leading: number): Expr {
  const above = partOf(add(M, transposed(M, leading)), leading, "strictly upper");
  return add(above, partOf(M, leading, "diagonal"));
}

/** The transpose of that: what is above the diagonal, on both sides of it. */
function spreadOut(W: Expr, leading: number): Expr {
  const above = partOf(W, leading, "strictly upper");
  return add(above, transposed(above, leading), partOf(W, leading, "diagonal"));
}

/** Squares of lengths, relative to the column: less than this is what rounding leaves of nothing. */
const negligible = 1e-30;

/** Q and R with Q R = A for a matrix with at least as many rows as columns: Q' Q = I, R upper triangular. */
export const qr: Routine = routine({
  name: "qr",
  units: "a -> 1, a",
  ranks: [2],
  results: ([A]) => {
    const [rows, columns] = A!.shape as readonly [Integer, Integer];
    const missing = columns.minus(rows).value;
    if (missing !== undefined && missing > 0) {
      throw new ShapeError(`qr needs at least as many rows as columns, got ${showShape(A!.shape)}.`, {
        shapes: [showShape(A!.shape)],
        notes: ["Write qr(transpose(A)): A' = Q R gives A = R' Q'."],
      });
    }
    return [real(rows, columns), real(columns, columns)];
  },
  cost: ([A]) => A!.shape[0]!.times(A!.shape[1]!).times(A!.shape[1]!).times(4),
  program: (m, { operands: [A], results: [Q, R] }) => {
    const [rows, columns] = A!.shape as readonly [Integer, Integer];
    const square = (x: Parameters<typeof m.neg>[0]) => m.mul(x, x);
    m.each(columns, (j) => {
      // by the largest of the column, so that squares neither overflow nor vanish
      const largest = m.variable(m.number(0));
      m.each(rows, (i) => {
        const size = m.name(m.abs(A!.read(i, j)));
        m.choose(m.greater(size, largest.get()), () => largest.set(size));
      });
      const scale = m.name(m.select(m.less(m.number(0), largest.get()), largest.get(), m.number(1)));
      m.each(rows, (i) => Q!.write([i, j], m.div(A!.read(i, j), scale)));
      const whole = m.name(m.sum(Integer.zero, rows, (i) => square(Q!.read(i, j))));
      m.each(columns, (k) => R!.write([k, j], m.number(0)));
      // what a first pass leaves of earlier columns, by rounding, a second one takes away
      for (let pass = 0; pass < 2; pass++) {
        m.loop(Integer.zero, j, (k) => {
          const along = m.name(m.sum(Integer.zero, rows, (i) => m.mul(Q!.read(i, k), Q!.read(i, j))));
          R!.write([k, j], m.add(R!.read(k, j), along));
          m.each(rows, (i) => Q!.write([i, j], m.sub(Q!.read(i, j), m.mul(along, Q!.read(i, k)))));
        });
      }
      const left = m.name(m.sum(Integer.zero, rows, (i) => square(Q!.read(i, j))));
      const isNew = m.less(m.mul(m.number(negligible), whole), left);
      const length = m.name(m.select(isNew, m.sqrt(left), m.number(Number.NaN)));
      m.loop(Integer.zero, j, (k) => R!.write([k, j], m.mul(scale, R!.read(k, j))));
      R!.write([j, j], m.mul(scale, length));
      m.each(rows, (i) => Q!.write([i, j], m.div(Q!.read(i, j), length)));
    });
  },
  tangents: ({ results: [Q, R], leading }, [dA]) => {
    if (!dA) return [];
    // C = dA R^-1
    const C = transposed(solveColumns("upper transposed", R!, transposed(dA, leading), leading), leading);
    const U = gathered(
      einsum(leading, "jk+", [
        [Q!, "ij"],
        [C, "ik+"],
      ]),
      leading,
    );
    const dQ = sub(
      C,
      einsum(leading, "ik+", [
        [Q!, "ij"],
        [U, "jk+"],
      ]),
    );
    return [
      dQ,
      einsum(leading, "ik+", [
        [U, "ij+"],
        [R!, "jk"],
      ]),
    ];
  },
  cotangents: ({ results: [Q, R], leading }, [ctQ, ctR]) => {
    const ofR =
      ctR &&
      einsum(leading, "ik", [
        [ctR, "ij"],
        [R!, "kj"],
      ]);
    const ofQ =
      ctQ &&
      einsum(leading, "jk", [
        [Q!, "ij"],
        [ctQ, "ik"],
      ]);
    const W = ofR && ofQ ? sub(ofR, ofQ) : ofR ? ofR : ofQ && neg(ofQ);
    if (!W) return [];
    const C = sumOf(
      ctQ,
      einsum(leading, "ik", [
        [Q!, "ij"],
        [spreadOut(W, leading), "jk"],
      ]),
    )!;
    return [transposed(solveColumns("upper", R!, transposed(C, leading), leading), leading)];
  },
});
