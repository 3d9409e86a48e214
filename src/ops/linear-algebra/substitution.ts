import { Integer } from "../../ir/integer.ts";
import type { Machine, MachineArray } from "../routines/machine.ts";

/** A triangular system, by its elements. */
export interface Triangle<T> {
  readonly size: Integer;
  /** "down": row i holds elements at 0 to i; "up": at i to the last. */
  readonly order: "down" | "up";
  readonly element: (row: Integer, column: Integer) => T;
  readonly hasUnitDiagonal?: boolean;
}

/**
 * Solves T x = b for every column, row by row; `right` gives the elements of b, and is asked for each of them once.
 * NaN where an element of the diagonal is 0.
 */
export function substitute<T>(
  machine: Machine<T>,
  { size, order, element, hasUnitDiagonal }: Triangle<T>,
  right: (row: Integer, column: Integer) => T,
  x: MachineArray<T>,
): void {
  const m = machine;
  const columns = x.shape[1]!;
  const row = (i: Integer) => {
    const [from, to] = order === "down" ? [Integer.zero, i] : [i.plus(1), size];
    const pivot = hasUnitDiagonal ? undefined : m.name(element(i, i));
    const divided = (value: T) =>
      pivot === undefined ? value : m.select(m.differs(pivot, m.number(0)), m.div(value, pivot), m.number(Number.NaN));
    if (columns.value === 1) {
      // one column: in a register, and in the order of several, so that code for any number of columns has the same bits
      const rest = m.variable(right(i, Integer.zero));
      m.loop(from, to, (k) => rest.add(m.neg(m.mul(element(i, k), x.read(k, Integer.zero)))));
      x.write([i, Integer.zero], divided(rest.get()));
      return;
    }
    m.each(columns, (c) => x.write([i, c], right(i, c)));
    m.inGroups(from, to, (rows) => subtractRows(m, x, i, rows, (k) => element(i, k), columns));
    if (pivot !== undefined) m.each(columns, (c) => x.write([i, c], divided(x.read(i, c))));
  };
  if (order === "down") m.each(size, row);
  else m.descend(Integer.zero, size, row);
}

/** x[i, c] -= factor(k) x[k, c] for the rows k in turn and c from 0 to `columns` - 1. */
function subtractRows<T>(
  m: Machine<T>,
  x: MachineArray<T>,
  i: Integer,
  rows: readonly Integer[],
  factor: (row: Integer) => T,
  columns: Integer,
): void {
  const factors = rows.map((k) => m.name(factor(k)));
  const rest = (c: Integer) =>
    rows.reduce((value, k, at) => m.sub(value, m.mul(factors[at]!, x.read(k, c))), x.read(i, c));
  m.each(columns, (c) => x.write([i, c], rest(c)));
}

/**
 * S, symmetric, with S T in the lower triangle as `right` says, for a lower triangle T: column by column from the last one, each of the
 * symmetric block behind it. `column` is for a column of T.
 */
export function solveSymmetric<T>(
  m: Machine<T>,
  triangle: MachineArray<T>,
  right: (row: Integer, column: Integer) => T,
  { S, column }: { readonly S: MachineArray<T>; readonly column: MachineArray<T> },
): void {
  const n = triangle.shape[0]!;
  m.descend(Integer.zero, n, (j) => {
    const pivot = m.name(triangle.read(j, j));
    const below = j.plus(1);
    m.loop(below, n, (k) => column.write([k], triangle.read(k, j)));
    m.inGroups(below, n, (rows) => {
      const sums = rows.map(() => m.variable(m.number(0)));
      m.loop(below, n, (k) => {
        const t = column.read(k);
        for (const [at, i] of rows.entries()) sums[at]!.add(m.mul(S.read(i, k), t));
      });
      for (const [at, i] of rows.entries()) {
        const s = m.name(m.div(m.sub(right(i, j), sums[at]!.get()), pivot));
        S.write([i, j], s);
        S.write([j, i], s);
      }
    });
    const products = m.sum(below, n, (k) => m.mul(S.read(j, k), column.read(k)));
    S.write([j, j], m.div(m.sub(right(j, j), products), pivot));
  });
}

/** An element of (A + A') / 2. */
export function symmetricElement<T>(m: Machine<T>, A: MachineArray<T>, i: Integer, j: Integer): T {
  const half = m.number(0.5);
  return m.add(m.mul(half, A.read(i, j)), m.mul(half, A.read(j, i)));
}
