import type { Guard } from "../../ir/contraction.ts";
import { Integer } from "../../ir/integer.ts";
import { soleIterator } from "../items/indices.ts";
import { type Axis, allAxes, type Item, isWhole, type Mask, mostCopies, type NodeRead } from "../items/item.ts";
import type { Running } from "../items/running.ts";
import type { Temporary } from "../program/loops.ts";

/** An item on its way through the loops: which of its axes are open, and under which loop variables. */
export interface Progress {
  readonly item: Item;
  /** The loop variable of each iterator of the item's domain; closed ones are absent. */
  readonly variables: (Integer | undefined)[];
  /** How many of `item.axes` are open. */
  readonly depth: number;
  readonly guards: readonly Guard[];
  /** The condition that is still to be asked. */
  readonly mask: Mask | undefined;
  readonly accumulator: Temporary | undefined;
  /** What a running combination has taken in so far. */
  readonly runner?: Temporary;
  readonly isStarted: boolean;
}

/** True when the next thing to do for a member is to ask its condition. */
export const isAsked = ({ mask, depth }: Progress) => mask !== undefined && depth === mask.depth;

/** Loops of up to so many rounds are written out; four are whole vectors where a vector takes two at a time. */
const shortest = { scalars: 8, vectors: 3 } as const;

/** True when all loops that a member has before it are short. */
export function isShort({ item, depth }: Progress, forVectors: boolean): boolean {
  const most = item.isSpelledOut ? mostCopies : shortest[forVectors ? "vectors" : "scalars"];
  let copies = 1;
  for (const { extent } of item.axes.slice(depth)) {
    if (extent.value === undefined || extent.value > most) return false;
    copies *= extent.value;
  }
  return copies <= mostCopies;
}

/** The running combination whose accumulator the next loop of a member carries. */
export function runsAlong(member: Progress): Running | undefined {
  const { running } = member.item;
  return running && nextAxis(member)?.iterator === running.along ? running : undefined;
}

/** The axis of which a member opens a loop next; undefined where all are open. */
export const nextAxis = (member: Progress): Axis | undefined => member.item.axes[member.depth];

/** The axes of the result that the open loops do not tell apart; where it is a scatter, all. */
export function axesLeft({ item, variables }: Progress): readonly number[] {
  const all = allAxes(item);
  if (item.axes.every(({ role }) => role === "summed")) return all;
  return all.filter((axis) => {
    const iterator = item.output[axis]?.unitIterator()?.iterator;
    return iterator === undefined || variables[iterator] === undefined;
  });
}

/** True while the result has elements that the open loops do not tell apart. */
export function hasOpenOutput(member: Progress): boolean {
  const { item, depth } = member;
  if (isWhole(item)) return true;
  const scatters = item.axes.length > 0 && item.output.length > 0 && item.axes.every((axis) => axis.role === "summed");
  return scatters || item.axes.slice(depth).some((axis) => axis.role === "output");
}

/** True where rounds of a member's next loop that have no terms may be left out. */
export const maySkip = (member: Progress) =>
  nextAxis(member)!.role === "summed" || member.isStarted || member.item.ontoExisting;

const none: readonly Guard[] = [];

/** The conditions under which rounds of a member's next loop are needed: those on its terms, or on what is read of its elements. */
export const roundsOf = (member: Progress): readonly Guard[] =>
  maySkip(member) ? member.guards : (member.item.wanted ?? none);

/**
 * How far the next loop of a member goes: less far than its axis where a condition such as j < i shows that there are no terms
 * beyond. So loops over the same terms are known to be the same, whether the axis is that of pairs or that of what they add to.
 */
export function extentOf(member: Progress): Integer {
  const { iterator, extent } = nextAxis(member)!;
  const own = Integer.iterator(iterator);
  let least = extent;
  for (const { index } of roundsOf(member)) {
    const rest = index.plus(own);
    const other = rest.unitIterator();
    if (other?.sign !== 1 || other.iterator === iterator) continue;
    // the condition 0 <= other + offset - own
    const end = member.item.extents[other.iterator]!.plus(other.offset);
    if (least.minus(end).isProvablyNonNegative([])) least = end;
  }
  return least;
}

/** How far the loop goes that members share: as far as their axes where they do not agree on less. */
export function commonExtent(members: readonly Progress[]): Integer {
  const [first, ...others] = members as readonly [Progress, ...Progress[]];
  const least = extentOf(first);
  return others.every((other) => extentOf(other).equals(least)) ? least : nextAxis(first)!.extent;
}

/** True when the reader's next loop can be the producer's too: it reads the element that the loop just made. */
export function isPointwise(producer: Progress, reader: Progress, read: NodeRead | undefined): boolean {
  if (!read || producer.item.ontoExisting || isWhole(producer.item) || isAsked(producer)) return false;
  const own = nextAxis(producer);
  const other = nextAxis(reader);
  if (!own || !other) return !own && !other;
  if (own.role !== "output") return false;
  const target = producer.item.output.findIndex((index) => soleIterator(index) === own.iterator);
  const at = read.index[target];
  return at !== undefined && soleIterator(at) === other.iterator;
}
