import type { Integer } from "../../ir/integer.ts";
import { type Routine, routine } from "../routines/routine.ts";

/** The parameters of argsort. */
export type Direction = "ascending" | "descending";

/**
 * The positions of the elements of a vector in their order; equal ones keep theirs, NaN comes last. Merges runs of 1, 2,
 * 4, ... elements.
 */
export const argsort: Routine = routine({
  name: "argsort",
  ranks: [1],
  results: ([x]) => [{ dtype: "int", shape: x!.shape }],
  work: ([x]) => [{ dtype: "int", shape: x!.shape }],
  cost: ([x]) => x!.shape[0]!.times(30),
  program: (m, { operands: [x], results: [order], work: [merged] }, parameters) => {
    const n = x!.shape[0]!;
    const comesBefore = (a: Integer, b: Integer) => {
      const [p, q] = [m.name(x!.read(a)), m.name(x!.read(b))];
      const isBefore = parameters === "descending" ? m.greater(p, q) : m.less(p, q);
      return m.or(isBefore, m.and(m.isNaN(q), m.not(m.isNaN(p))));
    };
    m.each(n, (i) => order!.write([i], m.whole(i)));
    const width = m.variable(m.number(1));
    const isUnsorted = m.variable(m.less(width.get(), m.whole(n)));
    m.repeat(isUnsorted, () => {
      const start = m.variable(m.number(0));
      const hasRuns = m.variable(m.less(start.get(), m.whole(n)));
      m.repeat(hasRuns, () => {
        const middle = m.name(m.smaller(m.add(start.get(), width.get()), m.whole(n)));
        const end = m.name(m.smaller(m.add(middle, width.get()), m.whole(n)));
        const left = m.variable(start.get());
        const right = m.variable(middle);
        m.loop(m.index(start.get()), m.index(end), (at) => {
          // without a right run the left one is next, without a left run the right one
          const takesLeft = m.variable(m.atLeast(right.get(), end));
          m.choose(m.and(m.less(left.get(), middle), m.less(right.get(), end)), () => {
            const [first, second] = [m.index(left.get()), m.index(right.get())];
            const [a, b] = [m.index(order!.read(first)), m.index(order!.read(second))];
            takesLeft.set(m.not(comesBefore(b, a)));
          });
          const take = (from: typeof left) => {
            const next = m.index(from.get());
            merged!.write([at], order!.read(next));
            from.add(m.number(1));
          };
          m.choose(
            takesLeft.get(),
            () => take(left),
            () => take(right),
          );
        });
        start.set(end);
        hasRuns.set(m.less(start.get(), m.whole(n)));
      });
      m.each(n, (i) => order!.write([i], merged!.read(i)));
      width.set(m.mul(m.number(2), width.get()));
      isUnsorted.set(m.less(width.get(), m.whole(n)));
    });
  },
});
