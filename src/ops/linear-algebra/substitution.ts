import { Integer } from "../../ir/integer.ts";
import type { Machine, MachineArray } from "../machine.ts";

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

/** x = (T T')^-1 for a lower triangle T. Of each symmetric pair one is computed: a third of what the two systems with all columns take. */
export function invertSymmetric<T>(m: Machine<T>, triangle: MachineArray<T>, x: MachineArray<T>): void {
  const n = triangle.shape[0]!;
  const divideRow = (i: Integer) => {
    const pivot = triangle.read(i, i);
    m.each(i.plus(1), (c) => x.write([i, c], m.div(x.read(i, c), pivot)));
  };
  // T^-1
  m.each(n, (i) => {
    m.each(n, (c) => x.write([i, c], m.number(0)));
    x.write([i, i], m.number(1));
    m.inGroups(Integer.zero, i, (rows) =>
      subtractRows(m, x, i, rows, (k) => triangle.read(i, k), rows[rows.length - 1]!.plus(1)),
    );
    divideRow(i);
  });
  m.descend(Integer.zero, n, (i) => {
    m.inGroups(i.plus(1), n, (rows) => subtractRows(m, x, i, rows, (k) => triangle.read(k, i), i.plus(1)));
    divideRow(i);
    m.each(i, (c) => x.write([c, i], x.read(i, c)));
  });
}

/** An element of (A + A') / 2. */
export function symmetricElement<T>(m: Machine<T>, A: MachineArray<T>, i: Integer, j: Integer): T {
  const half = m.number(0.5);
  return m.add(m.mul(half, A.read(i, j)), m.mul(half, A.read(j, i)));
}
