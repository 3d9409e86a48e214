import type { Program } from "../lower/loops.ts";
import { PairClosures, RealClosures } from "./closure-numbers.ts";
import type { Admission, Array1D, BoundFunction } from "./javascript.ts";
import type { BoundPairFunction, PairCompiled, PairField } from "./pair-arrays.ts";
import type { Signature } from "./print.ts";

/**
 * A program as closures, for places where code from strings is forbidden. Every bit of its results is that of the
 * generated JavaScript; it takes tens of times as long.
 */
export function compileClosures(
  program: Program,
  signature: Signature,
): { bind(sizes: readonly number[], bound: readonly Array1D[], admit?: Admission): BoundFunction } {
  return {
    bind: (sizes, bound, admit) => {
      const cells = bound.map((first) => ({ first, second: noSecond }));
      const closures = new RealClosures(program, signature, sizes, cells);
      const run = closures.run();
      const returned = signature.returned && closures.place(signature.returned).cell;
      return caller(closures.vectors, admit, () => {
        if (!returned) {
          run();
          return undefined;
        }
        returned.first[0] = 0;
        run();
        return returned.first[0];
      });
    },
  };
}

/** The same over a field of pairs: complex numbers, dual numbers. */
export function compileClosuresOver<T>(pairs: PairField<T>, program: Program, signature: Signature): PairCompiled {
  return {
    bind: (sizes, bound): BoundPairFunction => {
      const cells = bound.map(({ first, second }) => ({ first, second }));
      const closures = new PairClosures(pairs, program, signature, sizes, cells);
      const run = closures.run();
      const returned = signature.returned && closures.place(signature.returned).cell;
      return (...vectors) => {
        for (const [k, cell] of closures.vectors.entries()) Object.assign(cell, vectors[k]);
        if (returned) returned.first[0] = returned.second[0] = 0;
        run();
        return returned && { first: returned.first[0]!, second: returned.second[0]! };
      };
    },
  };
}

const noSecond = new Float64Array(0);

/** Puts the vectors of a call in place and runs. Written out for the usual numbers of vectors: nothing is allocated. */
function caller(
  cells: readonly { first: Array1D }[],
  admit: Admission | undefined,
  run: () => number | undefined,
): BoundFunction {
  const [p, q, r, s] = cells as [{ first: Array1D }, { first: Array1D }, { first: Array1D }, { first: Array1D }];
  const isLast = (cell: { first: Array1D }, vector: Array1D) => cell.first === vector;
  switch (cells.length) {
    case 0:
      return run;
    case 1:
      return (a) => {
        if (!isLast(p, a!)) {
          const other = admit?.(a!);
          if (other) return other(a!);
          p.first = a!;
        }
        return run();
      };
    case 2:
      return (a, b) => {
        if (!(isLast(p, a!) && isLast(q, b!))) {
          const other = admit?.(a!, b!);
          if (other) return other(a!, b!);
          p.first = a!;
          q.first = b!;
        }
        return run();
      };
    case 3:
      return (a, b, c) => {
        if (!(isLast(p, a!) && isLast(q, b!) && isLast(r, c!))) {
          const other = admit?.(a!, b!, c!);
          if (other) return other(a!, b!, c!);
          p.first = a!;
          q.first = b!;
          r.first = c!;
        }
        return run();
      };
    case 4:
      return (a, b, c, d) => {
        if (!(isLast(p, a!) && isLast(q, b!) && isLast(r, c!) && isLast(s, d!))) {
          const other = admit?.(a!, b!, c!, d!);
          if (other) return other(a!, b!, c!, d!);
          p.first = a!;
          q.first = b!;
          r.first = c!;
          s.first = d!;
        }
        return run();
      };
    default:
      return (...vectors) => {
        const isKnown = cells.every((cell, k) => isLast(cell, vectors[k]!));
        const other = isKnown ? undefined : admit?.(...vectors);
        if (other) return other(...vectors);
        for (const [k, cell] of cells.entries()) cell.first = vectors[k]!;
        return run();
      };
  }
}
