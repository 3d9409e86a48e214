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
    m.loop(from, to, (k) => {
      const factor = m.name(element(i, k));
      m.each(columns, (c) => x.write([i, c], m.sub(x.read(i, c), m.mul(factor, x.read(k, c)))));
    });
    if (pivot !== undefined) m.each(columns, (c) => x.write([i, c], divided(x.read(i, c))));
  };
  if (order === "down") m.each(size, row);
  else m.descend(Integer.zero, size, row);
}
