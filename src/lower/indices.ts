import type { Guard } from "../ir/contraction.ts";
import type { Shape } from "../ir/graph.ts";
import { Integer } from "../ir/integer.ts";

/** What an index over iterators stands at, by iterator; absent ones are not known yet. */
export type Positions = readonly (Integer | undefined)[];

type Term = Integer["terms"][number];

/** The iterator that an index is, with nothing added: what most indices are. */
export function soleIterator({ terms }: Integer): number | undefined {
  const atom = isSingleAtom(terms) ? terms[0]!.atoms[0]! : undefined;
  return atom?.kind === "iterator" ? atom.iterator : undefined;
}

export function isSingleAtom(terms: readonly Term[]): boolean {
  return terms.length === 1 && terms[0]!.coefficient === 1 && terms[0]!.atoms.length === 1;
}

/** The index with its iterators replaced by where they stand. */
export function placed(index: Integer, positions: Positions): Integer {
  const iterator = soleIterator(index);
  return iterator === undefined ? index.withIterators(positions) : (positions[iterator] ?? index);
}

export const placedGuard = ({ index, extent }: Guard, positions: Positions): Guard => ({
  index: placed(index, positions),
  extent,
});

/** Row-major address of an element. */
export function addressOf(index: readonly Integer[], shape: Shape): Integer {
  let address = index[0] ?? Integer.zero;
  for (let axis = 1; axis < index.length; axis++) address = address.times(shape[axis]!).plus(index[axis]!);
  return address;
}
