import { placed } from "../items/indices.ts";
import { allAxes, type Item, type ItemTable, isWhole, type NodeRead } from "../items/item.ts";
import { varyingEnds } from "./limits.ts";
import {
  axesLeft,
  extentOf,
  hasOpenOutput,
  isAsked,
  isPointwise,
  maySkip,
  nextAxis,
  type Progress,
  runsAlong,
} from "./progress.ts";

/** A member that must come first, and whether both can share their next loop. */
interface Wait {
  /** Its position among the members. */
  readonly from: number;
  readonly canJoin: boolean;
}

/** The members that share their next loop, in the order in which the loops come. */
export function groupsOf(members: readonly Progress[], itemsByNode: ItemTable): readonly (readonly Progress[])[] {
  if (members.length === 1) return [members];
  const whole = wholeExtents(members);
  const spaces = members.map((member) => spaceOf(member, whole));
  const waits = waitsOf(members, spaces, itemsByNode);
  const groups: Progress[][] = [];
  const groupOf = new Int32Array(members.length);
  const groupsBySpace = new Map<string, number[]>();
  for (const k of latestFirstUse(members, waits)) {
    const space = spaces[k]!;
    let earliest = 0;
    for (const { from, canJoin } of waits[k]!) earliest = Math.max(earliest, groupOf[from]! + (canJoin ? 0 : 1));
    let candidates = groupsBySpace.get(space);
    if (!candidates) {
      candidates = [];
      groupsBySpace.set(space, candidates);
    }
    const position = candidates[firstAtLeast(candidates, earliest)] ?? groups.length;
    if (position === groups.length) {
      groups.push([]);
      candidates.push(position);
    }
    groups[position]!.push(members[k]!);
    groupOf[k] = position;
  }
  noteBuffers(members, waits, groupOf);
  return groups;
}

/** Where the next loops of members end that write all elements, with terms or without, by keys. */
function wholeExtents(members: readonly Progress[]): ReadonlySet<string> {
  const whole = new Set<string>();
  for (const member of members) {
    const key = nextAxis(member)?.extent.key;
    if (key !== undefined && !maySkip(member) && extentOf(member).key === key) whole.add(key);
  }
  return whole;
}

/**
 * Equal for members that may share their next loop: it goes over the same rounds. One that may leave out rounds goes through them
 * where another one has to.
 */
function spaceOf(member: Progress, whole: ReadonlySet<string>): string {
  const { item } = member;
  if (isWhole(item)) return `whole ${item.node.id}`;
  if (isAsked(member)) {
    const { condition } = member.mask!;
    return `if ${condition.node.id} ${condition.index.map((i) => placed(i, member.variables).key).join(",")}`;
  }
  const axis = nextAxis(member);
  const kind = runsAlong(member)?.descending ? "down " : item.isSpelledOut && axis?.extent.value ? "each " : "";
  if (!axis) return kind;
  const least = extentOf(member).key;
  const { key } = axis.extent;
  return `${kind}${!whole.has(least) && whole.has(key) ? key : least}${varyingEnds(member)}`;
}

/** What each member waits for among the others: the items of every node it reads, and earlier parts of its own. */
function waitsOf(members: readonly Progress[], spaces: readonly string[], itemsByNode: ItemTable): Wait[][] {
  for (let k = 0; k < members.length; k++) members[k]!.item.position = k;
  const waits: Wait[][] = [];
  const add = (part: Item, read?: NodeRead) => {
    const k = waits.length;
    const from = part.position;
    const maker = members[from];
    // others have a position elsewhere
    if (from === k || maker?.item !== part) return;
    list.push({ from, canJoin: spaces[from] === spaces[k] && isPointwise(maker, members[k]!, read) });
  };
  let list: Wait[] = [];
  for (const { item } of members) {
    for (const read of item.reads) {
      // scalars that are written before have no items
      const parts = itemsByNode.get(read.node);
      if (parts?.length === 1) add(parts[0]!, read);
      else for (const part of parts ?? []) add(part);
    }
    if (item.ontoExisting && item.how !== "define") add(itemsByNode.get(item.node)![0]!);
    waits.push(list);
    list = [];
  }
  return waits;
}

/**
 * The order in which members look for a group: each as late as its readers allow, counted in loops that must be
 * complete first. What a long loop waits for then comes before it, and the loop collects all that can share it.
 */
function latestFirstUse(members: readonly Progress[], waits: readonly (readonly Wait[])[]): Iterable<number> {
  const earliest = new Int32Array(waits.length);
  let last = 0;
  for (let k = 0; k < waits.length; k++) {
    for (const { from, canJoin } of waits[k]!)
      earliest[k] = Math.max(earliest[k]!, earliest[from]! + (canJoin ? 0 : 1));
    last = Math.max(last, earliest[k]!);
  }
  if (last === 0) return waits.keys();
  const latest = new Int32Array(waits.length).fill(last);
  for (let k = waits.length - 1; k >= 0; k--) {
    for (const { from, canJoin } of waits[k]!) latest[from] = Math.min(latest[from]!, latest[k]! - (canJoin ? 0 : 1));
  }
  // zeros wait for nothing, and what is added to them may then stand in the loop that makes it
  for (const [k, { item }] of members.entries()) if (item.how === "fill") latest[k] = -1;
  // the sort keeps the order of equals
  return [...waits.keys()].sort((a, b) => latest[a]! - latest[b]!);
}

/** An item needs its buffer when a reader in another group asks for elements of axes not open yet. */
function noteBuffers(
  members: readonly Progress[],
  waits: readonly (readonly Wait[])[],
  groupOf: ArrayLike<number>,
): void {
  for (const [k, list] of waits.entries()) {
    for (const { from } of list) {
      const producer = members[from]!;
      const { item } = producer;
      if (item.ontoExisting || item.how === "fill") item.storedAxes = allAxes(item);
      if (groupOf[from] !== groupOf[k] && hasOpenOutput(producer)) item.storedAxes ??= axesLeft(producer);
    }
  }
}

/** Position of the first entry >= value in an increasing list. */
function firstAtLeast(list: readonly number[], value: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
