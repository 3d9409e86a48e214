import type { Expr } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import type { ValueType } from "../../ir/operation.ts";
import { einsum, identityLike, transposed } from "../arrays/letters.ts";
import { neg } from "../elementary/algebra.ts";
import type { Arrays, Machine, MachineArray, Variable } from "../routines/machine.ts";
import { type Routine, routine } from "../routines/routine.ts";
import { changedRightSide, onColumns, real, squareSize, systemSizes } from "./columns.ts";
import { substitute } from "./substitution.ts";

const cube = (n: Integer) => n.times(n).times(n);

/** The parameters of {@link lu} for pivots that are the largest of rows and columns: the last ones are the smallest. */
export const complete = "complete";

/**
 * P A = L U with partial pivoting: U in the upper triangle, L without its unit diagonal below it; the rows of A in
 * their new order; and the sign of that order. With {@link complete} pivoting P A Q = L U, the sign is that of both
 * orders, and the order of the columns is one more result. The factors are how others compute: they are given no
 * derivative, for what uses them is differentiated in A itself.
 */
export const lu: Routine = routine({
  name: "lu",
  ranks: [2],
  results: ([A], parameters) => {
    const n = squareSize(A!, "lu");
    const order: ValueType = { dtype: "int", shape: [n] };
    return [real(n, n), order, real(), ...(parameters === complete ? [order] : [])];
  },
  cost: ([A]) => cube(A!.shape[0]!),
  program: <T>(m: Machine<T>, { operands: [A], results: [LU, order, sign, columns] }: Arrays<T>) => {
    const n = A!.shape[0]!;
    const swaps = m.variable(m.number(1));
    m.each(n, (i) => {
      order!.write([i], m.whole(i));
      columns?.write([i], m.whole(i));
      m.each(n, (j) => LU!.write([i, j], A!.read(i, j)));
    });
    m.each(n, (k) => {
      const largest = m.variable(m.abs(LU!.read(k, k)));
      const at = m.variable(m.whole(k));
      const across = columns && m.variable(m.whole(k));
      const consider = (i: Integer, j: Integer) => {
        const size = m.name(m.abs(LU!.read(i, j)));
        m.choose(m.greater(size, largest.get()), () => {
          largest.set(size);
          at.set(m.whole(i));
          across?.set(m.whole(j));
        });
      };
      if (columns) m.loop(k, n, (i) => m.loop(k, n, (j) => consider(i, j)));
      else m.loop(k.plus(1), n, (i) => consider(i, k));
      const exchange = (found: Variable<T>, list: MachineArray<T>, place: (at: Integer, i: Integer) => Integer[]) =>
        m.choose(m.differs(found.get(), m.whole(k)), () => {
          const p = m.index(found.get());
          m.each(n, (i) => {
            const [here, there] = [LU!.read(...place(k, i)), LU!.read(...place(p, i))];
            LU!.write(place(k, i), there);
            LU!.write(place(p, i), here);
          });
          const [here, there] = [list.read(k), list.read(p)];
          list.write([k], there);
          list.write([p], here);
          swaps.set(m.neg(swaps.get()));
        });
      exchange(at, order!, (row, i) => [row, i]);
      if (across) exchange(across, columns!, (column, i) => [i, column]);
      const pivot = LU!.read(k, k);
      // below a pivot of 0 there is nothing to eliminate
      m.choose(m.differs(pivot, m.number(0)), () => {
        m.loop(k.plus(1), n, (i) => {
          const factor = m.name(m.div(LU!.read(i, k), pivot));
          LU!.write([i, k], factor);
          m.loop(k.plus(1), n, (j) => LU!.write([i, j], m.sub(LU!.read(i, j), m.mul(factor, LU!.read(k, j)))));
        });
      });
    });
    sign!.write([], swaps.get());
  },
});

/** x with A x = b, or A' x = b, by the factors at hand; see {@link lu}. */
export const luSolve: Routine = routine({
  name: "luSolve",
  units: "a, b, c, 1 -> b/a",
  ranks: [2, 2, 2, 1],
  columns: 1,
  results: (operands) => {
    const { n, columns } = systemSizes(operands, "solve");
    return [real(n, columns)];
  },
  work: ([, b]) => [b!],
  cost: ([A, b]) => A!.shape[0]!.times(A!.shape[0]!).times(b!.shape[1]!).times(2),
  program: (m, { operands: [, b, LU, order], results: [x], work: [y] }, parameters) => {
    const size = LU!.shape[0]!;
    if (parameters === "transposed") {
      // U' L' P x = b
      const read = (i: Integer, k: Integer) => LU!.read(k, i);
      substitute(m, { size, order: "down", element: read }, (i, c) => b!.read(i, c), y!);
      const right = (i: Integer, c: Integer) => y!.read(i, c);
      substitute(m, { size, order: "up", element: read, hasUnitDiagonal: true }, right, y!);
      m.each(size, (i) => {
        const row = m.index(order!.read(i));
        m.each(x!.shape[1]!, (c) => x!.write([row, c], y!.read(i, c)));
      });
      return;
    }
    const read = (i: Integer, k: Integer) => LU!.read(i, k);
    const inOrder = (i: Integer, c: Integer) => b!.read(m.index(order!.read(i)), c);
    substitute(m, { size, order: "down", element: read, hasUnitDiagonal: true }, inOrder, y!);
    substitute(m, { size, order: "up", element: read }, (i, c) => y!.read(i, c), x!);
  },
  tangents: ({ operands: [A, , LU, order], results: [x], leading, parameters }, [dA, db]) => {
    const turned = dA && parameters === "transposed" ? transposed(dA, leading) : dA;
    const change = changedRightSide(leading, turned, db, x!);
    return [change && onColumns(change, leading, (columns) => luSolve(parameters, A!, columns, LU!, order!)[0]!)];
  },
  cotangents: ({ operands: [A, , LU, order], results: [x], leading, parameters }, [ct]) => {
    if (!ct) return [];
    const isTransposed = parameters === "transposed";
    const toRight = luSolve(isTransposed ? "" : "transposed", A!, ct, LU!, order!)[0]!;
    const [row, column] = isTransposed ? [x!, toRight] : [toRight, x!];
    return [
      neg(
        einsum(leading, "ij", [
          [row, "ik"],
          [column, "jk"],
        ]),
      ),
      toRight,
    ];
  },
});

/** The inverse of A, by the factors at hand. */
export const inverseOf = (A: Expr, LU: Expr, order: Expr, leading: number): Expr =>
  luSolve("", A, identityLike(A, leading), LU, order)[0]!;

/** log |det A| by the factors at hand. */
export const luLogDeterminant: Routine = routine({
  name: "luLogDeterminant",
  units: "1 -> 1",
  ranks: [2, 2, 1],
  results: ([A]) => {
    squareSize(A!, "logdet");
    return [real()];
  },
  cost: ([A]) => A!.shape[0]!.times(10),
  program: (m, { operands: [, LU], results: [value] }) => {
    value!.write(
      [],
      m.sum(Integer.zero, LU!.shape[0]!, (k) => m.log(m.abs(LU!.read(k, k)))),
    );
  },
  tangents: ({ operands: [A, LU, order], leading }, [dA]) => {
    if (!dA) return [];
    return [
      einsum(leading, "+", [
        [inverseOf(A!, LU!, order!, leading), "ji"],
        [dA, "ij+"],
      ]),
    ];
  },
  cotangents: ({ operands: [A, LU, order], leading }, [ct]) => {
    if (!ct) return [];
    return [
      einsum(leading, "ij", [
        [ct, ""],
        [inverseOf(A!, LU!, order!, leading), "ji"],
      ]),
    ];
  },
});
