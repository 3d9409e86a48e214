import { type Division, fewestTerms, frequent, type LongSum } from "./long-sums.ts";
import type { Structure, Structures } from "./structure.ts";

/** Terms of fewer operations in all stay as they are: code without loops is the faster one there. */
const fewestOperations = 256;

/** Parts that differ in their entries alone. */
export interface Family {
  /** That of the first member. */
  readonly structure: Structure;
  /** By id; a term that is added twice is there twice. */
  readonly members: readonly number[];
  /** What is a member's own, for each. */
  readonly entries: readonly (readonly number[])[];
}

/** Where a node is among the members of a family. */
export interface Place {
  readonly family: Family;
  readonly at: number;
}

/** A long sum with whole families in the place of terms. */
export interface Regrouped {
  /** The terms that stay, by their positions in the sum. */
  readonly rest: readonly number[];
  readonly families: readonly { readonly family: Family; readonly isNegative: boolean }[];
}

export interface Families {
  /** Where the nodes are that sums need as members of families, by id. */
  readonly places: ReadonlyMap<number, Place>;
  /** Those families, each behind those that it needs itself. */
  readonly shared: readonly Family[];
  /** The sums that change, by their roots. */
  readonly sums: ReadonlyMap<number, Regrouped>;
}

/** The families of a graph that are large enough to be loops. `ids`: what the roots need, operands first. */
export function familiesOf(ids: readonly number[], division: Division, structures: Structures): Families {
  const { isPart, isShared, sums } = division;
  const isSum = new Set(sums.map(({ root }) => root));
  const numberOf = new Map<number, number>();
  const familyOf = (id: number) => numberOf.get(id);
  const parts = ids.filter((id) => isPart(id) && isShared(id) && !isSum.has(id));
  const places = new Map<number, Place>();
  const groups = new Grouping((id) => structures.of(id, (end) => end !== id && isPart(end), familyOf), places);
  for (const [position, id] of frequent(parts, structures)) numberOf.set(id, groups.add(position, id, ""));
  for (const { family } of groups.families()) {
    if (family.members.length < fewestTerms) continue;
    for (const [at, id] of family.members.entries()) places.set(id, { family, at });
  }
  const wanted = new Set<Family>();
  const changed = new Map<number, Regrouped>();
  const isEnd = (term: number) => (isShared(term) ? isPart : (end: number) => end !== term && isPart(end));
  for (const sum of sums) {
    const candidates = frequent(sum.terms, structures);
    const found = regroup(sum, candidates, new Grouping((term) => structures.of(term, isEnd(term), familyOf), places));
    if (found.families.length === 0) continue;
    changed.set(sum.root, found);
    for (const { family } of found.families) want(family, places, wanted);
  }
  return {
    places: new Map([...places].filter(([, { family }]) => wanted.has(family))),
    shared: [...wanted].sort((a, b) => firstOf(a) - firstOf(b)),
    sums: changed,
  };
}

/** The smallest id of a family's members: what it needs of others has smaller ones. */
export const firstOf = ({ members }: Family) => members.reduce((first, id) => Math.min(first, id));

/** The nodes that are the same for all members of a family. */
export function fixedIn({ structure, entries }: Family): number[] {
  return structure.steps.flatMap(({ id, role, from }) => {
    if (role === "fixed") return [id];
    return role === "member" && isSame(entries, from) ? [entries[0]![from]!] : [];
  });
}

const isSame = (entries: Family["entries"], at: number) => entries.every((each) => each[at] === entries[0]![at]);

/** Notes the families whose members one needs, and those that they need. */
function want(family: Family, places: ReadonlyMap<number, Place>, wanted: Set<Family>): void {
  const pending = [family];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { structure, entries } = next;
    for (const { role, from } of structure.steps) {
      if (role !== "member" || isSame(entries, from)) continue;
      const needed = places.get(entries[0]![from]!)!.family;
      if (wanted.has(needed)) continue;
      wanted.add(needed);
      pending.push(needed);
    }
  }
}

/** The sum with the families that are large enough, which are among `candidates`. */
function regroup({ terms, isNegative }: LongSum, candidates: ReturnType<typeof frequent>, groups: Grouping): Regrouped {
  const isCandidate = new Set(candidates.map(([position]) => position));
  const rest = [...terms.keys()].filter((position) => !isCandidate.has(position));
  for (const [position, term] of candidates) groups.add(position, term, isNegative[position] ? "-" : "+");
  const families: Regrouped["families"][number][] = [];
  for (const { family, positions } of groups.families()) {
    const count = family.members.length;
    if (count < fewestTerms || count * groups.operations(family) < fewestOperations) rest.push(...positions);
    else families.push({ family, isNegative: isNegative[positions[0]!]! });
  }
  return { rest: rest.sort((a, b) => a - b), families };
}

interface Group {
  readonly family: Family & { readonly members: number[]; readonly entries: (readonly number[])[] };
  /** Where the members stand in the list that they come from. */
  readonly positions: number[];
}

/** Sorts parts into families. */
class Grouping {
  private readonly structureOf: (id: number) => Structure;
  private readonly places: ReadonlyMap<number, Place>;
  private readonly groups: Group[] = [];
  private readonly numbers = new Map<string, number>();

  constructor(structureOf: (id: number) => Structure, places: ReadonlyMap<number, Place>) {
    this.structureOf = structureOf;
    this.places = places;
  }

  /** The number of those that are alike but for whose members they need. */
  add(position: number, id: number, prefix: string): number {
    const structure = this.structureOf(id);
    const key = `${prefix}${structure.key}`;
    const number = this.numbers.get(key) ?? this.groups.length;
    if (number === this.groups.length) {
      this.numbers.set(key, number);
      this.groups.push({ family: { structure, members: [], entries: [] }, positions: [] });
    }
    insert(this.groups[number]!, id, structure.entries, position);
    return number;
  }

  /** Operations of one member, with those of the members of families that it needs. */
  operations({ structure, entries }: Family): number {
    let count = 1;
    for (const { role, from } of structure.steps) {
      const needed = role === "member" && !isSame(entries, from) ? this.places.get(entries[0]![from]!) : undefined;
      if (role === "made") count++;
      if (needed) count += needed.family.structure.steps.length;
    }
    return count;
  }

  /** The families, those before that others need: members of one family, or one node, are needed at each place. */
  *families(): Generator<Group> {
    for (const group of this.groups) {
      const { structure, members, entries } = group.family;
      const columns = structure.steps.flatMap(({ role, from }) => (role === "member" ? [from] : []));
      const parts = new Map<string, Group>();
      const numbers = new Map<Family, number>();
      for (const [k, own] of entries.entries()) {
        const words = columns.map((at) => {
          const family = this.places.get(own[at]!)?.family;
          if (!family) return own[at]!;
          const number = numbers.get(family) ?? numbers.size;
          numbers.set(family, number);
          return `f${number}`;
        });
        const key = words.join();
        let part = parts.get(key);
        if (!part) {
          const first = k === 0 ? structure : this.structureOf(members[k]!);
          part = { family: { structure: first, members: [], entries: [] }, positions: [] };
          parts.set(key, part);
        }
        insert(part, members[k]!, own, group.positions[k]!);
      }
      yield* parts.values();
    }
  }
}

function insert({ family, positions }: Group, id: number, entries: readonly number[], position: number): void {
  family.members.push(id);
  family.entries.push(entries);
  positions.push(position);
}
