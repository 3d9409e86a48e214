import { type Guard, mayHoldLookup } from "../../ir/contraction.ts";
import type { Graph, Shape } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";

/** What an index over iterators stands at, by iterator; absent ones are not known yet. */
export type Positions = readonly (Integer | undefined)[];

/** True of an index that an iterator moves. */
export const mentions = (index: Integer, iterator: number): boolean => index.iterators().includes(iterator);

/** One iterator at a position, the others where they are. */
export function only(iterator: number, position: Integer): Positions {
  const positions: (Integer | undefined)[] = [];
  positions[iterator] = position;
  return positions;
}

type Term = Integer["terms"][number];

/** The iterator that an index is, with nothing added: what most indices are. */
export function soleIterator({ terms }: Integer): number | undefined {
  const atom = isSingleAtom(terms) ? terms[0]!.atoms[0]! : undefined;
  return atom?.kind === "iterator" ? atom.iterator : undefined;
}

/** True of an atom alone, once. */
export function isSingleAtom(terms: readonly Term[]): boolean {
  return terms.length === 1 && terms[0]!.coefficient === 1 && terms[0]!.atoms.length === 1;
}

/** The index with its iterators replaced by where they stand. */
export function placed(index: Integer, positions: Positions): Integer {
  const iterator = soleIterator(index);
  return iterator === undefined ? index.withIterators(positions) : (positions[iterator] ?? index);
}

/** The guard with iterators at their positions. */
export const placedGuard = ({ index, extent }: Guard, positions: Positions): Guard => ({
  index: placed(index, positions),
  extent,
});

/** True of an index that looks nothing up but what is there before all loops: data. */
export const looksUpData = (index: Integer, graph: Graph): boolean =>
  !mayHoldLookup(index) ||
  index.atoms().every((atom) => atom.kind !== "lookup" || graph.kindOf(atom.operand) === "leaf");

/** How far apart neighbours along each axis of a row-major array lie. */
export function stridesOf(shape: Shape): readonly Integer[] {
  const strides = new Array<Integer>(shape.length);
  let stride = Integer.one;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    if (axis > 0) stride = stride.times(shape[axis]!);
  }
  return strides;
}

/** Row-major address of an element. */
export const addressOf = (index: readonly Integer[], shape: Shape): Integer => addressBy(index, stridesOf(shape));

/** The sum of index times stride: where an element is in a row-major array. */
export function addressBy(index: readonly Integer[], strides: readonly Integer[]): Integer {
  if (index.length < 2) return index[0] ?? Integer.zero;
  return Integer.sum(index.map((i, axis) => i.times(strides[axis]!)));
}
