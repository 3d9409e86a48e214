import { type Guard, guardKey } from "../../ir/contraction.ts";
import { Integer } from "../../ir/integer.ts";
import { looksUpData, placedGuard } from "./indices.ts";
import { type Item, type ItemTable, isWhole, type NodeRead } from "./item.ts";

/**
 * Notes of items the conditions on which alone their elements are read: those that all reads have in common. Loops over the
 * result need not go further. `items`: all, what is read before what reads it; `isKept`: of a node that is read from outside too.
 */
export function noteWanted(items: readonly Item[], table: ItemTable, isKept: (item: Item) => boolean): void {
  for (const [k, item] of items.entries()) item.position = k;
  const wanted: (readonly Guard[] | undefined)[] = new Array(items.length);
  for (let at = items.length - 1; at >= 0; at--) {
    const reader = items[at]!;
    const own = isKept(reader) ? none : (wanted[at] ?? none);
    if (own.length > 0 && canBePart(reader)) reader.wanted = own;
    const further = reader.wanted ?? none;
    const isTile = isWhole(reader) && !reader.call;
    const guards = isTile ? none : further.length > 0 ? [...reader.guards, ...further] : reader.guards;
    for (const read of reader.reads) {
      const makers = table.get(read.node) ?? [];
      for (const maker of makers) {
        const known = wanted[maker.position];
        if (known?.length === 0) continue;
        const there = makers.length > 1 ? none : conditionsAt(read, guards, maker);
        wanted[maker.position] = known ? inBoth(known, there) : there;
      }
    }
  }
}

const none: readonly Guard[] = [];

/** What follows from each of two lists of conditions. */
function inBoth(one: readonly Guard[], other: readonly Guard[]): readonly Guard[] {
  if (other.length === 0) return none;
  return one.flatMap((guard) => {
    for (const each of other) {
      const weaker = weakerOf(guard, each);
      if (weaker) return [weaker];
    }
    return [];
  });
}

/** The one of two conditions that follows from the other. */
function weakerOf(one: Guard, other: Guard): Guard | undefined {
  if (guardKey(one) === guardKey(other)) return one;
  if (one.extent || other.extent) return undefined;
  const difference = one.index.minus(other.index).value;
  return difference === undefined ? undefined : difference > 0 ? one : other;
}

/** True where some elements can be left out, and the others stay what they are. */
const canBePart = (item: Item): boolean =>
  !isWhole(item) && !item.running && !item.ontoExisting && !item.isSpelledOut && item.output.length > 0;

/** The conditions on a read over the positions that it reads: those on other iterators say nothing of these. */
function conditionsAt({ index }: NodeRead, guards: readonly Guard[], maker: Item): readonly Guard[] {
  const onDiagonal = equalPlaces(index, maker.output);
  if (guards.length === 0) return onDiagonal;
  const positions: (Integer | undefined)[] = [];
  for (const [axis, each] of index.entries()) {
    const unit = each.unitIterator();
    const place = maker.output[axis]?.unitIterator();
    if (!unit || place?.offset.value !== 0 || place.sign !== 1) continue;
    positions[unit.iterator] = Integer.iterator(place.iterator).minus(unit.offset).scaled(unit.sign);
  }
  const { graph } = maker.node;
  const isKnown = (each: Integer) =>
    each.iterators().every((iterator) => positions[iterator] !== undefined) && looksUpData(each, graph);
  const known = guards
    .filter((guard) => isKnown(guard.index) && (!guard.extent || isKnown(guard.extent)))
    .map((guard) => placedGuard(guard, positions));
  return [...known, ...onDiagonal];
}

const dependsOnAnywhere = (index: Integer) => index.iterators().some((iterator) => iterator < 0);

/** That neither of two places is beyond the other, where a read has one index at both. */
function equalPlaces(index: readonly Integer[], output: readonly Integer[]): readonly Guard[] {
  return index.flatMap((each, p) =>
    index.slice(p + 1).flatMap((other, at) => {
      const [first, second] = [output[p], output[p + 1 + at]];
      if (!first || !second || !each.equals(other) || dependsOnAnywhere(each)) return [];
      return [first.minus(second), second.minus(first)].map((index): Guard => ({ index, extent: undefined }));
    }),
  );
}
