import type { Admission, Array1D, BoundFunction } from "./javascript.ts";

/** Puts the vectors of a call in place and runs. Written out for the usual numbers of vectors: nothing is allocated. */
export function caller(
  cells: readonly { first: Array1D }[],
  admit: Admission | undefined,
  run: () => number | undefined,
): BoundFunction {
  // arrays that were handed to another thread are still the same, and have lost their elements
  const lengths = cells.map(() => -1);
  const isLast = (k: number, vector: Array1D) => cells[k]!.first === vector && lengths[k] === vector.length;
  const take = (k: number, vector: Array1D) => {
    cells[k]!.first = vector;
    lengths[k] = vector.length;
  };
  switch (cells.length) {
    case 0:
      return run;
    case 1:
      return (a) => {
        if (!isLast(0, a!)) {
          const other = admit?.(a!);
          if (other) return other(a!);
          take(0, a!);
        }
        return run();
      };
    case 2:
      return (a, b) => {
        if (!(isLast(0, a!) && isLast(1, b!))) {
          const other = admit?.(a!, b!);
          if (other) return other(a!, b!);
          take(0, a!);
          take(1, b!);
        }
        return run();
      };
    case 3:
      return (a, b, c) => {
        if (!(isLast(0, a!) && isLast(1, b!) && isLast(2, c!))) {
          const other = admit?.(a!, b!, c!);
          if (other) return other(a!, b!, c!);
          take(0, a!);
          take(1, b!);
          take(2, c!);
        }
        return run();
      };
    case 4:
      return (a, b, c, d) => {
        if (!(isLast(0, a!) && isLast(1, b!) && isLast(2, c!) && isLast(3, d!))) {
          const other = admit?.(a!, b!, c!, d!);
          if (other) return other(a!, b!, c!, d!);
          take(0, a!);
          take(1, b!);
          take(2, c!);
          take(3, d!);
        }
        return run();
      };
    default:
      return (...vectors) => {
        const isKnown = vectors.length === cells.length && vectors.every((vector, k) => isLast(k, vector));
        const other = isKnown ? undefined : admit?.(...vectors);
        if (other) return other(...vectors);
        for (const k of cells.keys()) take(k, vectors[k]!);
        return run();
      };
  }
}
