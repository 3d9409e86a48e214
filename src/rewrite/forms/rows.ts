import { iteratorOf } from "../../ir/contraction.ts";
import type { Expr } from "../../ir/graph.ts";
import { allAxes, contract, type Read, sum, type Terms, termsOf, view } from "../../ops/arrays/contractions.ts";
import { mul, square } from "../../ops/elementary/algebra.ts";
import { isMap } from "../../ops/maps.ts";
import { areSquare } from "./lengths.ts";
import { isView } from "./nodes.ts";

// Sums of products of vectors that are rows of arrays, such as x @ z': what they multiply, and what else is of the same vectors.

/** The two arrays whose rows a sum of products multiplies, as one array or as two; undefined of any other sum. */
export function rowsIn({ factors, guards, output }: Required<Terms>): readonly [Read, Read] | undefined {
  if (guards.length > 0 || output.some((index) => iteratorOf(index) === undefined)) return undefined;
  const [one, ...others] = factors;
  const isProduct = others.length === 0 && isMap(one!.of, mul);
  const reads = isProduct ? one!.of.operands.map((of) => ({ of, index: one!.index })) : factors;
  return reads.length === 2 ? [reads[0]!, reads[1]!] : undefined;
}

/** What a sum reads, over all that it goes through. */
export const rowsOf = ({ of, index }: Read, { extents, lookups }: Required<Terms>): Expr =>
  view(of, extents, index, [], lookups);

/** Two sizes of the vectors that a sum multiplies, whose squares are known, in the order of these. */
export function inOrder(
  sizes: readonly Expr[],
  reads: readonly Read[],
  product: Required<Terms>,
  squared: (size: Expr) => Expr | undefined,
): readonly Expr[] | undefined {
  const orders = sizes.length === reads.length ? [sizes, [...sizes].reverse()] : [];
  return orders.find((each) => each.every((size, k) => isSizeOf(size, reads[k]!, product, squared)));
}

/** True of sizes of vectors that are read along what a sum sums, one for each of its elements. */
function isSizeOf(
  sizes: Expr,
  read: Read,
  product: Required<Terms>,
  squared: (size: Expr) => Expr | undefined,
): boolean {
  const squares = squared(sizes);
  if (squares && areSquare(squares, contract({ ...product, factors: [{ ...read, of: square(read.of) }] }))) return true;
  if (!isView(sizes)) return false;
  const { of: size, index } = termsOf(sizes).factors[0]!;
  const along = alongOf(read, product);
  const own = along && squared(size);
  if (!own || !areSquare(own, sum(square(read.of), along))) return false;
  const iterators = index.map((each) => product.output[iteratorOf(each) ?? -1]);
  return but(read.index, along).every((each, k) => iterators[k] !== undefined && each.equals(iterators[k]));
}

/** All but some. */
export const but = <T>(all: readonly T[], axes: readonly number[]) => all.filter((_, axis) => !axes.includes(axis));

/** The axes of a read along which a sum sums, if these are the whole of both. */
export function alongOf({ of, index }: Read, { extents, output }: Required<Terms>): readonly number[] | undefined {
  const kept = output.map(iteratorOf);
  const iterators = index.map(iteratorOf);
  const along = allAxes(of).filter((axis) => iterators[axis] !== undefined && !kept.includes(iterators[axis]));
  const summed = new Set(along.map((axis) => iterators[axis]!));
  const areWhole = along.every((axis) => extents[iterators[axis]!]!.equals(of.shape[axis]!));
  return areWhole && summed.size === along.length && summed.size === extents.length - output.length ? along : undefined;
}
