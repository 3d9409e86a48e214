import { LimitError } from "../ir/errors.ts";

/** The number of the empty set. */
export const emptySet = 0;

/** Entries of all sets together; more would take half a gigabyte. */
const mostEntries = 100_000_000;

/**
 * Sets of the whole numbers 0..dimension, each kept once and known by a number: equal sets have equal numbers, so that
 * what everything depends on is stored a single time.
 */
export class IndexSets {
  private readonly sets: Int32Array[] = [new Int32Array(0)];
  private readonly byHash = new Map<number, number[]>();
  private readonly pairs = new Map<number, number>();
  private readonly marks: Int32Array;
  private readonly collected: Int32Array;
  private stamp = 0;
  private entries = 0;

  readonly dimension: number;

  constructor(dimension: number) {
    this.dimension = dimension;
    this.marks = new Int32Array(dimension);
    this.collected = new Int32Array(dimension);
  }

  /** How many sets there are; their numbers are below. */
  get count(): number {
    return this.sets.length;
  }

  /** The members in increasing order. */
  at(set: number): Int32Array {
    return this.sets[set]!;
  }

  /** The set of one number. */
  single(member: number): number {
    return this.intern(Int32Array.of(member));
  }

  pair(a: number, b: number): number {
    if (a === b || b === emptySet) return a;
    if (a === emptySet) return b;
    const key = a < b ? a * 2 ** 26 + b : b * 2 ** 26 + a;
    const known = this.pairs.get(key);
    if (known !== undefined) return known;
    const made = this.merged([a, b]);
    this.pairs.set(key, made);
    return made;
  }

  union(sets: readonly number[]): number {
    if (sets.length === 0) return emptySet;
    if (sets.length <= 2) return this.pair(sets[0]!, sets[1] ?? sets[0]!);
    return this.merged(sets);
  }

  private merged(sets: readonly number[]): number {
    // the largest first: where it holds the others already, nothing is built
    let largest = sets[0]!;
    for (const set of sets) if (this.at(set).length > this.at(largest).length) largest = set;
    const { marks, collected } = this;
    const stamp = ++this.stamp;
    const first = this.at(largest);
    for (let k = 0; k < first.length; k++) marks[first[k]!] = stamp;
    let added = 0;
    for (const set of sets) {
      const members = this.at(set);
      for (let k = 0; k < members.length; k++) {
        const member = members[k]!;
        if (marks[member] === stamp) continue;
        marks[member] = stamp;
        collected[added++] = member;
      }
    }
    if (added === 0) return largest;
    const members = new Int32Array(first.length + added);
    members.set(first);
    members.set(collected.subarray(0, added), first.length);
    return this.intern(members.sort());
  }

  private intern(members: Int32Array): number {
    let hash = members.length;
    for (let k = 0; k < members.length; k++) hash = Math.imul(hash ^ members[k]!, 0x01000193);
    const alike = this.byHash.get(hash);
    const known = alike?.find((set) => equal(this.at(set), members));
    if (known !== undefined) return known;
    this.entries += members.length;
    if (this.entries > mostEntries || this.sets.length >= 2 ** 26) {
      throw new LimitError(
        `a sparsity pattern with more than ${mostEntries} entries on the way is not kept: use products with vectors.`,
      );
    }
    this.sets.push(members);
    if (alike) alike.push(this.sets.length - 1);
    else this.byHash.set(hash, [this.sets.length - 1]);
    return this.sets.length - 1;
  }
}

function equal(a: Int32Array, b: Int32Array): boolean {
  if (a.length !== b.length) return false;
  for (let k = 0; k < a.length; k++) if (a[k] !== b[k]) return false;
  return true;
}
