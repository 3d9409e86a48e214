import { NumberList } from "./number-list.ts";

/** The number of the empty set. */
export const emptySet = 0;

/** Places for unions of two sets that are remembered, a power of 2. */
const remembered = 2 ** 16;

/**
 * Sets of the whole numbers 0..dimension, each kept once and known by a number: equal sets have equal numbers, so that
 * what everything depends on is stored a single time.
 */
export class IndexSets {
  /** The members of one set after the other, each in increasing order. */
  private readonly list = new NumberList();
  /** Where the members of each set begin, and the end of the last. */
  private readonly starts = new NumberList();
  private readonly hashes = new NumberList();
  /** Sets by hash, a power of 2 of places: each at the first free one from its own on; 0 is free. */
  private table: Int32Array;
  /** Two sets and their union, by the hash of the two: the last that came there. */
  private readonly pairs = new Int32Array(3 * remembered);
  private readonly marks: Int32Array;
  private stamp = 0;

  readonly dimension: number;

  constructor(dimension: number) {
    this.dimension = dimension;
    this.marks = new Int32Array(dimension);
    this.table = new Int32Array(2 ** Math.ceil(Math.log2(4 * dimension + 64)));
    this.starts.push(0);
    this.keep(0, 0);
    // no union of several is one of these
    this.list.reserve(dimension);
    for (let member = 0; member < dimension; member++) {
      this.list.items[member] = member;
      this.keep(1, 0);
    }
  }

  /** How many sets there are; their numbers are below. */
  get count(): number {
    return this.hashes.length;
  }

  size(set: number): number {
    return this.starts.items[set + 1]! - this.starts.items[set]!;
  }

  /** Adds the members to the end of a list, in increasing order. */
  append(set: number, to: NumberList): void {
    const [first, end] = [this.starts.items[set]!, this.starts.items[set + 1]!];
    const { items } = this.list;
    to.reserve(end - first);
    for (let k = first; k < end; k++) to.items[to.length++] = items[k]!;
  }

  /** The set of one number. */
  single(member: number): number {
    return member + 1;
  }

  pair(a: number, b: number): number {
    if (a === b || b === emptySet) return a;
    if (a === emptySet) return b;
    const [low, high] = a < b ? [a, b] : [b, a];
    const at = 3 * (spread(Math.imul(low, 0x01000193) ^ high) & (remembered - 1));
    const { pairs } = this;
    if (pairs[at] === low && pairs[at + 1] === high) return pairs[at + 2]!;
    const union = this.merged(low, high);
    pairs[at] = low;
    pairs[at + 1] = high;
    pairs[at + 2] = union;
    return union;
  }

  union(sets: readonly number[]): number {
    if (sets.length === 0) return emptySet;
    return sets.length <= 2 ? this.pair(sets[0]!, sets[1] ?? sets[0]!) : this.united(sets);
  }

  private merged(a: number, b: number): number {
    const { list, starts } = this;
    const [sizeA, sizeB] = [this.size(a), this.size(b)];
    list.reserve(sizeA + sizeB);
    const { items } = list;
    let [i, j, to] = [starts.items[a]!, starts.items[b]!, list.length];
    const [endA, endB] = [i + sizeA, j + sizeB];
    while (i < endA && j < endB) {
      const [x, y] = [items[i]!, items[j]!];
      items[to++] = Math.min(x, y);
      if (x <= y) i++;
      if (y <= x) j++;
    }
    while (i < endA) items[to++] = items[i++]!;
    while (j < endB) items[to++] = items[j++]!;
    const size = to - list.length;
    // the one that holds the other is there
    return size === sizeA ? a : size === sizeB ? b : this.intern(size);
  }

  private united(sets: readonly number[]): number {
    const { marks, list, starts } = this;
    const stamp = ++this.stamp;
    let largest = emptySet;
    let size = 0;
    for (const set of sets) {
      if (this.size(set) > this.size(largest)) largest = set;
      list.reserve(size + this.size(set));
      const { items } = list;
      const end = starts.items[set + 1]!;
      for (let k = starts.items[set]!; k < end; k++) {
        const member = items[k]!;
        if (marks[member] === stamp) continue;
        marks[member] = stamp;
        items[list.length + size++] = member;
      }
    }
    if (size === this.size(largest)) return largest;
    this.sort(size, stamp);
    return this.intern(size);
  }

  /** Sorts what stands behind the last set: all that is marked. */
  private sort(size: number, stamp: number): void {
    const { items, length } = this.list;
    if (size * 16 < this.dimension) {
      items.subarray(length, length + size).sort();
      return;
    }
    let to = length;
    for (let member = 0; member < this.dimension; member++) if (this.marks[member] === stamp) items[to++] = member;
  }

  /** The set of the members that stand behind the last set. */
  private intern(size: number): number {
    const { list, hashes } = this;
    const { items, length } = list;
    let hash = size;
    for (let k = 0; k < size; k++) hash = Math.imul(hash ^ items[length + k]!, 0x01000193);
    hash = spread(hash);
    if (2 * this.count > this.table.length) this.grow();
    let place = hash & (this.table.length - 1);
    for (let set = this.table[place]!; set !== 0; set = this.table[place]!) {
      if (hashes.items[set] === hash && this.isLast(set, size)) return set;
      place = (place + 1) & (this.table.length - 1);
    }
    this.table[place] = this.count;
    return this.keep(size, hash);
  }

  /** Whether a set has the members that stand behind the last one. */
  private isLast(set: number, size: number): boolean {
    if (this.size(set) !== size) return false;
    const { items, length } = this.list;
    const start = this.starts.items[set]!;
    for (let k = 0; k < size; k++) if (items[start + k] !== items[length + k]) return false;
    return true;
  }

  private keep(size: number, hash: number): number {
    this.list.length += size;
    this.starts.push(this.list.length);
    this.hashes.push(hash);
    return this.count - 1;
  }

  private grow(): void {
    this.table = new Int32Array(2 * this.table.length);
    for (let set = this.dimension + 1; set < this.count; set++) {
      let place = this.hashes.items[set]! & (this.table.length - 1);
      while (this.table[place] !== 0) place = (place + 1) & (this.table.length - 1);
      this.table[place] = set;
    }
  }
}

/** Lets all bits of a number change those that a table looks at. */
function spread(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (mixed ^ (mixed >>> 12)) | 0;
}
