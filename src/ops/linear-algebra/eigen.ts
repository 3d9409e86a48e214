import type { Expr } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import { einsum, partOf } from "../arrays/letters.ts";
import { div } from "../elementary/algebra.ts";
import { equal, select } from "../elementary/comparison.ts";
import { stopGradient } from "../elementary/opaque.ts";
import type { Machine, MachineArray } from "../routines/machine.ts";
import { type Routine, routine } from "../routines/routine.ts";
import { real, squareSize, sumOf, symmetricPart } from "./columns.ts";
import { countAsEqual, gaps, inBasis, near, outOfBasis, spectral } from "./spectral.ts";
import { symmetricElement } from "./substitution.ts";

/** Sweeps over all pairs, at most; 6 to 10 are usual. */
const mostSweeps = 60;
/** Off the diagonal, relative to all: so near, every further sweep squares it. */
const nearlyDiagonal = 1e-13;
/** Sweeps after that: what varies follows what does not by one sweep, in complex and dual numbers. */
const lastSweeps = 2;

/** Eigenvalues in ascending order, and unit eigenvectors as columns, of a symmetric matrix. */
export const eigh: Routine = routine({
  name: "eigh",
  units: "a -> a, 1",
  ranks: [2],
  results: ([A]) => {
    const n = squareSize(A!, "eigh");
    return [real(n), real(n, n)];
  },
  work: ([A]) => [A!],
  cost: ([A]) => A!.shape[0]!.times(A!.shape[0]!).times(A!.shape[0]!).times(40),
  program: (m, { operands: [A], results: [values, V], work: [W] }) => {
    const n = A!.shape[0]!;
    m.each(n, (i) => {
      m.each(n, (j) => {
        W!.write([i, j], symmetricElement(m, A!, i, j));
        V!.write([i, j], m.number(0));
      });
      V!.write([i, i], m.number(1));
    });
    const sweeps = m.variable(m.number(0));
    const left = m.variable(m.number(lastSweeps));
    const goesOn = m.variable(m.less(m.number(1), m.whole(n)));
    m.repeat(goesOn, () => {
      const onDiagonal = m.sum(Integer.zero, n, (i) => m.abs(W!.read(i, i)));
      const off = m.variable(m.number(0));
      m.each(n, (i) => m.loop(Integer.zero, i, (j) => off.add(m.abs(W!.read(i, j)))));
      const isFar = m.greater(off.get(), m.mul(m.number(nearlyDiagonal), m.add(onDiagonal, off.get())));
      m.choose(m.not(isFar), () => left.add(m.number(-1)));
      m.each(n, (q) => m.loop(Integer.zero, q, (p) => rotate(m, W!, V!, n, p, q)));
      sweeps.add(m.number(1));
      goesOn.set(m.and(m.less(m.number(0), left.get()), m.less(sweeps.get(), m.number(mostSweeps))));
    });
    m.each(n, (i) => values!.write([i], W!.read(i, i)));
    sort(m, values!, V!, n);
    spoilEqual(m, A!, values!, V!, W!);
  },
  tangents: ({ results: [values, V], leading }, [dA]) => {
    if (!dA) return [];
    const along = inBasis(V!, symmetricPart(dA, leading), leading);
    const turn = apart(along, values!, leading);
    return [
      einsum(leading, "i+", [[along, "ii+"]]),
      einsum(leading, "ik+", [
        [V!, "ij"],
        [turn, "jk+"],
      ]),
    ];
  },
  cotangents: ({ operands: [A], results: [values, V], leading }, [ctValues, ctVectors]) => {
    const ofValues = ctValues && spectral("", A!, ctValues, values!, V!)[0]!;
    if (!ctVectors) return [ofValues];
    const along = einsum(leading, "jk", [
      [V!, "ij"],
      [ctVectors, "ik"],
    ]);
    const ofVectors = symmetricPart(outOfBasis(V!, apart(along, values!, leading), leading), leading);
    return [sumOf(ofValues, ofVectors)];
  },
});

/**
 * x[i,j] / (values[j] - values[i]) off the diagonal, 0 on it; x may have more axes at its end. Eigenvalues that count as
 * equal leave alone what is 0, and make NaN of the rest: what the quotient would be is rounding.
 */
function apart(x: Expr, values: Expr, leading: number): Expr {
  const gap = gaps(values, x, leading);
  const alike = select(equal(x, 0), x, Number.NaN);
  const quotient = select(countAsEqual(values, x, leading), alike, div(x, gap));
  const ones = x.graph.constantLike(1, x);
  return select(equal(partOf(ones, leading, "diagonal"), 1), 0, quotient);
}

/** Turns rows and columns p and q so that what joins them vanishes. */
function rotate<T>(m: Machine<T>, W: MachineArray<T>, V: MachineArray<T>, n: Integer, p: Integer, q: Integer): void {
  const one = m.number(1);
  const twice = m.name(m.mul(m.number(2), W.read(p, q)));
  const gap = m.name(m.sub(W.read(q, q), W.read(p, p)));
  const tangent = m.variable(m.number(0));
  const root = (w: T) => m.sqrt(m.add(one, m.mul(w, w)));
  // equal on the diagonal and apart off it, there is nothing to turn
  m.choose(
    m.atLeast(m.abs(gap), m.abs(twice)),
    () =>
      m.choose(m.differs(gap, m.number(0)), () => {
        const w = m.name(m.div(twice, gap));
        tangent.set(m.div(w, m.add(one, root(w))));
      }),
    () => {
      const w = m.name(m.div(gap, twice));
      const size = m.name(root(w));
      tangent.set(m.div(one, m.select(m.less(w, m.number(0)), m.sub(w, size), m.add(w, size))));
    },
  );
  const t = m.name(tangent.get());
  const c = m.name(m.div(one, root(t)));
  const s = m.name(m.mul(t, c));
  const turn = (read: (r: Integer, k: Integer) => T, write: (r: Integer, k: Integer, value: T) => void) =>
    m.each(n, (r) => {
      const [x, y] = [read(r, p), read(r, q)];
      write(r, p, m.sub(m.mul(c, x), m.mul(s, y)));
      write(r, q, m.add(m.mul(s, x), m.mul(c, y)));
    });
  turn(
    (r, k) => W.read(r, k),
    (r, k, value) => W.write([r, k], value),
  );
  turn(
    (r, k) => W.read(k, r),
    (r, k, value) => W.write([k, r], value),
  );
  turn(
    (r, k) => V.read(r, k),
    (r, k, value) => V.write([r, k], value),
  );
}

/** A number whose square is beyond all numbers. */
const huge = 1e300;

/** 0, of which the change is that of x times infinity: for what has no change that is known. */
export function infiniteChange<T>(m: Machine<T>, x: T): T {
  const change = m.sub(x, m.apply(stopGradient.primitive, x));
  return m.mul(m.mul(change, m.number(huge)), m.number(huge));
}

/**
 * Vectors of equal eigenvalues turn at no rate that is known: a change that joins them makes theirs infinite, for numbers that
 * carry a change. Values stay what they are.
 */
function spoilEqual<T>(
  m: Machine<T>,
  A: MachineArray<T>,
  values: MachineArray<T>,
  V: MachineArray<T>,
  AV: MachineArray<T>,
): void {
  const n = A.shape[0]!;
  const fixed = (x: T) => m.apply(stopGradient.primitive, x);
  const size = m.name(
    m.mul(
      m.number(near),
      m.sum(Integer.zero, n, (i) => m.abs(values.read(i))),
    ),
  );
  const areEqual = (p: Integer, q: Integer) => m.atLeast(size, m.abs(m.sub(values.read(q), values.read(p))));
  const pairs = (body: (p: Integer, q: Integer) => void) =>
    m.each(n, (q) => m.loop(Integer.zero, q, (p) => body(p, q)));
  const some = m.variable(m.number(0));
  pairs((p, q) => m.choose(areEqual(p, q), () => some.set(m.number(1))));
  m.choose(m.less(m.number(0), some.get()), () => {
    const product = (i: Integer, q: Integer) =>
      m.sum(Integer.zero, n, (j) => m.mul(symmetricElement(m, A, i, j), fixed(V.read(j, q))));
    m.each(n, (i) => m.each(n, (q) => AV.write([i, q], product(i, q))));
    pairs((p, q) =>
      m.choose(areEqual(p, q), () => {
        const joins = m.name(m.sum(Integer.zero, n, (i) => m.mul(fixed(V.read(i, p)), AV.read(i, q))));
        const rate = m.name(infiniteChange(m, joins));
        m.each(n, (r) => {
          const [x, y] = [V.read(r, p), V.read(r, q)];
          V.write([r, p], m.add(x, m.mul(rate, y)));
          V.write([r, q], m.sub(y, m.mul(rate, x)));
        });
      }),
    );
  });
}

/** Ascending order of the values, each with its column. */
function sort<T>(m: Machine<T>, values: MachineArray<T>, V: MachineArray<T>, n: Integer): void {
  m.each(n, (i) => {
    const least = m.variable(values.read(i));
    const at = m.variable(m.whole(i));
    m.loop(i.plus(1), n, (j) => {
      const value = values.read(j);
      m.choose(m.less(value, least.get()), () => {
        least.set(value);
        at.set(m.whole(j));
      });
    });
    m.choose(m.differs(at.get(), m.whole(i)), () => {
      const other = m.index(at.get());
      const first = values.read(i);
      values.write([i], values.read(other));
      values.write([other], first);
      m.each(n, (r) => {
        const x = V.read(r, i);
        V.write([r, i], V.read(r, other));
        V.write([r, other], x);
      });
    });
  });
}
