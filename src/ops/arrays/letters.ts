import { type Guard, iterators } from "../../ir/contraction.ts";
import type { Expr } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import { contract, type Read } from "./contractions.ts";

/** A factor with one letter for each of its own axes. */
export type Lettered = readonly [of: Expr, letters: string];

/**
 * Sum of products over axes named by letters: those that the output lacks are summed. Every factor and the result have
 * `leading` axes in front, which are a batch; a factor whose letters end in "+" has more axes at its end, and so has a
 * result whose letters do. `guards` say where a term is present, by letters.
 */
export function einsum(
  leading: number,
  output: string,
  factors: readonly Lettered[],
  guards: (at: (letter: string) => Integer) => readonly Guard[] = () => [],
): Expr {
  const names: string[] = [];
  const extents: Integer[] = [];
  const number = (name: string, extent: Integer) => {
    const known = names.indexOf(name);
    if (known >= 0) return known;
    names.push(name);
    extents.push(extent);
    return names.length - 1;
  };
  const namesOf = (letters: string, rank: number) => {
    const own = letters.replace("+", "");
    return [
      ...Array.from({ length: leading }, (_, axis) => `*${axis}`),
      ...own,
      ...Array.from({ length: letters.endsWith("+") ? rank - leading - own.length : 0 }, (_, axis) => `+${axis}`),
    ];
  };
  const reads = factors.map(
    ([of, letters]): Read => ({
      of,
      index: namesOf(letters, of.shape.length).map((name, axis) => iterators(number(name, of.shape[axis]!))),
    }),
  );
  const trailing = names.filter((name) => name.startsWith("+")).length;
  const kept = namesOf(output, leading + output.replace("+", "").length + trailing).map((name) => names.indexOf(name));
  return contract({
    extents,
    output: kept.map(iterators),
    shape: kept.map((k) => extents[k]!),
    factors: reads,
    guards: guards((letter) => iterators(names.indexOf(letter))),
  });
}

/** Which elements of a matrix are kept, by row and column. */
export type Part = "lower" | "strictly lower" | "upper" | "strictly upper" | "diagonal";

/** Holds of the elements in a part of a matrix. */
export const inPart: Readonly<Record<Part, (row: Integer, column: Integer) => Guard>> = {
  lower: (row, column) => ({ index: row.minus(column), extent: undefined }),
  "strictly lower": (row, column) => ({ index: row.minus(column).minus(1), extent: undefined }),
  upper: (row, column) => ({ index: column.minus(row), extent: undefined }),
  "strictly upper": (row, column) => ({ index: column.minus(row).minus(1), extent: undefined }),
  diagonal: (row, column) => ({ index: row.minus(column), extent: Integer.one }),
};

/** A part of a matrix, with 0 elsewhere; axes behind the matrix are kept. */
export function partOf(x: Expr, leading: number, part: Part): Expr {
  return einsum(leading, "ij+", [[x, "ij+"]], (at) => [inPart[part](at("i"), at("j"))]);
}

/** Identity matrices, one for each element of the batch that x has. */
export function identityLike(x: Expr, leading: number): Expr {
  const [n] = x.shape.slice(leading);
  const ones = x.graph.constant(1, [...x.shape.slice(0, leading), n!, n!]);
  return partOf(ones, leading, "diagonal");
}

/** x with rows and columns exchanged; axes behind the matrix stay. */
export function transposed(x: Expr, leading: number): Expr {
  return einsum(leading, "ji+", [[x, "ij+"]]);
}
