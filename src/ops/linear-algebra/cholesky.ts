import type { Expr } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import { einsum } from "../arrays/letters.ts";
import { neg } from "../elementary/algebra.ts";
import { type Routine, routine } from "../routines/routine.ts";
import { choleskyCotangent, tangentOfFactor, tangentOfInverse } from "./cholesky-derivatives.ts";
import { changedRightSide, onColumns, real, squareSize, symmetricPart, systemSizes } from "./columns.ts";
import { solveSymmetric, substitute, symmetricElement } from "./substitution.ts";

/** L with L L' = (A + A')/2, lower triangular with a positive diagonal. With the parameter "lower" A is symmetric, and half of it read. */
export const cholesky: Routine = routine({
  name: "cholesky",
  units: "a^2 -> a",
  ranks: [2],
  results: ([A]) => [real(squareSize(A!, "cholesky"), A!.shape[1]!)],
  reads: (parameters) => [parameters === "lower" ? "lower" : "all"],
  cost: ([A]) => A!.shape[0]!.times(A!.shape[0]!).times(A!.shape[0]!),
  program: (m, { operands: [A], results: [L] }, parameters) => {
    const n = A!.shape[0]!;
    const element = (i: Integer, j: Integer) =>
      parameters === "lower" ? A!.read(i, j) : symmetricElement(m, A!, i, j);
    m.each(n, (j) => {
      const square = m.sum(Integer.zero, j, (k) => {
        const l = L!.read(j, k);
        return m.mul(l, l);
      });
      const rest = m.name(m.sub(A!.read(j, j), square));
      const root = m.name(m.select(m.less(m.number(0), rest), m.sqrt(rest), m.number(Number.NaN)));
      L!.write([j, j], root);
      m.inGroups(j.plus(1), n, (rows) => {
        const products = rows.map(() => m.variable(m.number(0)));
        m.loop(Integer.zero, j, (k) => {
          const l = L!.read(j, k);
          for (const [at, i] of rows.entries()) products[at]!.add(m.mul(L!.read(i, k), l));
        });
        for (const [at, i] of rows.entries()) L!.write([i, j], m.div(m.sub(element(i, j), products[at]!.get()), root));
      });
      m.loop(j.plus(1), n, (k) => L!.write([j, k], m.number(0)));
    });
  },
  tangents: ({ results: [L], leading }, [dA]) => [dA && tangentOfFactor(L!, dA, leading)],
  cotangents: ({ results: [L] }, [ct]) => [ct && choleskyCotangent("", L!, ct)[0]!],
});

/**
 * x with A x = b for the symmetric part of A, by its Cholesky factor L. The factor is how x is computed, not what it
 * depends on: derivatives are those of the system, and use the factor again.
 */
export const choleskySolve: Routine = routine({
  name: "choleskySolve",
  units: "a, b, c -> b/a",
  ranks: [2, 2, 2],
  columns: 1,
  reads: () => ["nothing", "all", "lower"],
  results: (operands) => {
    const { n, columns } = systemSizes(operands, "solve");
    return [real(n, columns)];
  },
  work: ([, b]) => [b!],
  cost: ([A, b]) => A!.shape[0]!.times(A!.shape[0]!).times(b!.shape[1]!).times(4),
  program: (m, { operands: [, b, L], results: [x], work: [y] }) => {
    const size = L!.shape[0]!;
    substitute(m, { size, order: "down", element: (i, k) => L!.read(i, k) }, (i, c) => b!.read(i, c), y!);
    substitute(m, { size, order: "up", element: (i, k) => L!.read(k, i) }, (i, c) => y!.read(i, c), x!);
  },
  tangents: ({ operands: [A, , L], results: [x], leading }, [dA, db]) => {
    const change = changedRightSide(leading, dA && symmetricPart(dA, leading), db, x!);
    return [change && onColumns(change, leading, (columns) => choleskySolve("", A!, columns, L!)[0]!)];
  },
  cotangents: ({ operands: [A, , L], results: [x], leading }, [ct]) => {
    if (!ct) return [];
    const toRight = choleskySolve("", A!, ct, L!)[0]!;
    const toMatrix = einsum(leading, "ij", [
      [toRight, "ik"],
      [x!, "jk"],
    ]);
    return [neg(symmetricPart(toMatrix, leading)), toRight];
  },
});

/** A^-1 for the symmetric part of A, by its Cholesky factor L. As in choleskySolve, the factor only helps. */
export const choleskyInverse: Routine = routine({
  name: "choleskyInverse",
  units: "a, b -> 1/a",
  ranks: [2, 2],
  reads: () => ["nothing", "lower"],
  results: ([A]) => {
    const n = squareSize(A!, "inverse");
    return [real(n, n)];
  },
  work: ([A]) => [real(A!.shape[0]!)],
  cost: ([A]) => A!.shape[0]!.times(A!.shape[0]!).times(A!.shape[0]!),
  // A^-1 L is the inverse of L', with a diagonal and what is above it
  program: (m, { operands: [, L], results: [x], work: [column] }) => {
    const right = (i: Integer, j: Integer) => (i === j ? m.div(m.number(1), L!.read(j, j)) : m.number(0));
    solveSymmetric(m, L!, right, { S: x!, column: column! });
  },
  tangents: ({ operands: [, L], results: [x], leading }, [dA]) => [dA && tangentOfInverse(x!, L!, dA, leading)],
  cotangents: ({ results: [x], leading }, [ct]) =>
    ct ? [neg(betweenInverses(x!, symmetricPart(ct, leading), leading))] : [],
});

/** X Y X. */
const betweenInverses = (x: Expr, y: Expr, leading: number) =>
  einsum(leading, "il", [
    [x, "ij"],
    [y, "jk"],
    [x, "kl"],
  ]);

/** log det A for the symmetric part of A, by its Cholesky factor L; as in choleskySolve, the factor only helps. */
export const choleskyLogDeterminant: Routine = routine({
  name: "choleskyLogDeterminant",
  units: "1 -> 1",
  ranks: [2, 2],
  reads: () => ["nothing", "diagonal"],
  results: ([A]) => {
    squareSize(A!, "logdet");
    return [real()];
  },
  cost: ([A]) => A!.shape[0]!.times(10),
  program: (m, { operands: [, L], results: [value] }) => {
    const half = m.sum(Integer.zero, L!.shape[0]!, (k) => m.log(L!.read(k, k)));
    value!.write([], m.mul(m.number(2), half));
  },
  tangents: ({ operands: [A, L], leading }, [dA]) => {
    return [
      dA &&
        einsum(leading, "+", [
          [choleskyInverse("", A!, L!)[0]!, "ij"],
          [dA, "ij+"],
        ]),
    ];
  },
  cotangents: ({ operands: [A, L], leading }, [ct]) => {
    if (!ct) return [];
    return [
      einsum(leading, "ij", [
        [ct, ""],
        [choleskyInverse("", A!, L!)[0]!, "ij"],
      ]),
    ];
  },
});
