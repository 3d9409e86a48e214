import type { Admission, Array1D, BoundFunction } from "./javascript.ts";

/** Puts the vectors of a call in place and runs. Written out for the usual numbers of vectors: nothing is allocated. */
export function caller(
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
