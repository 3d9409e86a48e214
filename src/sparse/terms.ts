import { type Contraction, hasLookup, isGather } from "../ir/contraction.ts";
import type { Integer } from "../ir/integer.ts";
import {
  type AtomValues,
  type Bound,
  type BoundIndex,
  bindIndex,
  holdsEverywhere,
  indexAt,
  visitDomain,
} from "./affine.ts";
import type { Dependence } from "./dependence.ts";
import { emptySet, type IndexSets } from "./index-sets.ts";

export interface TermsContext {
  readonly sets: IndexSets;
  /** Of the operands, of the result, and the extents of the domain. */
  readonly shapes: readonly (readonly number[])[];
  readonly shape: readonly number[];
  readonly extents: readonly number[];
  readonly dependence: readonly (Dependence | undefined)[];
  /** By operand, a set for each element, the empty one where it is 0 whatever the point; undefined: nowhere. */
  readonly presence: readonly (Int32Array | undefined)[];
  readonly size: (name: string) => number;
  /** The values of an operand that a lookup reads; undefined where they depend on the point. */
  readonly wholeNumbers: (operand: number) => readonly number[] | undefined;
}

/** A read whose elements differ in what they depend on. */
interface VaryingRead {
  readonly sets: Int32Array;
  readonly index: readonly Integer[];
  readonly shape: readonly number[];
}

/**
 * What the elements of a contraction or reduce depend on: the union over the terms that are present. Indices are followed exactly,
 * lookups by their values; only what no varying read and no output names is left out of the domain.
 */
export function termsDependence(contraction: Contraction, context: TermsContext): Dependence | undefined {
  const { sets, dependence, shapes, shape, extents } = context;
  if (extents.includes(0) || shape.includes(0)) return undefined;
  const unknown = (index: Integer) =>
    index.atoms().some((atom) => atom.kind === "lookup" && context.wholeNumbers(atom.operand) === undefined);
  const reads: VaryingRead[] = [];
  const everywhere: number[] = [];
  for (const { operand, index } of contraction.factors) {
    const found = dependence[operand];
    if (found === undefined) continue;
    if (typeof found === "number") everywhere.push(found);
    else if (index.some(unknown)) everywhere.push(...new Set(found));
    else reads.push({ sets: found, index, shape: shapes[operand]! });
  }
  if (reads.length === 0 && everywhere.length === 0) return undefined;
  const common = sets.union(everywhere);
  const all = () => sets.union([...new Set([common, ...reads.flatMap(({ sets: list }) => [...new Set(list)])])]);
  if (contraction.output.some(unknown)) return all();
  const masks = contraction.factors.flatMap(({ operand, index }): VaryingRead[] => {
    const present = context.presence[operand];
    return present && !index.some(unknown) ? [{ sets: present, index, shape: shapes[operand]! }] : [];
  });

  const indices = [...contraction.output, ...[...reads, ...masks].flatMap(({ index }) => index)];
  const kept = [...new Set(indices.flatMap(iteratorsOf))];
  kept.sort((a, b) => a - b);
  const loopOf = new Map(kept.map((iterator, loop) => [iterator, loop]));
  const loops = kept.map((iterator) => extents[iterator]!);
  const values: AtomValues = {
    size: context.size,
    loopOf,
    lookup: (operand, position) => context.wholeNumbers(operand)![offset(position, shapes[operand]!)] ?? Number.NaN,
  };
  const isVisible = (index: Integer) => !unknown(index) && iteratorsOf(index).every((iterator) => loopOf.has(iterator));
  const ranges = [
    ...contraction.guards.map(({ index, extent }) => ({ index, extent: extent && evaluated(extent, context) })),
    ...contraction.factors.flatMap(({ operand, index }) =>
      index.map((each, axis) => ({ index: each, extent: shapes[operand]![axis] })),
    ),
    ...contraction.output.map((index, axis) => ({ index, extent: shape[axis] })),
  ];
  const bounds = ranges
    .filter(({ index }) => isVisible(index))
    .map(({ index, extent }): Bound => ({ index: bindIndex(index, values), last: (extent ?? Infinity) - 1 }))
    .filter((bound) => !holdsEverywhere(bound, loops));
  const gathers = isGather(contraction);
  if (gathers && reads.length === 0 && masks.length === 0 && bounds.length === 0) return common;

  const addresses = reads.map((read) => addressOf(read.index, read.shape, values));
  const result = new Int32Array(shape.reduce((count, size) => count * size, 1));
  const collector = new Collector(sets);
  const maskAddresses = masks.map((mask) => addressOf(mask.index, mask.shape, values));
  const setsAt = (at: readonly number[], take: (set: number) => void) => {
    // a product with what is 0 is no term
    for (let k = 0; k < masks.length; k++) if (masks[k]!.sets[maskAddresses[k]!(at)] === emptySet) return;
    take(common);
    for (let k = 0; k < reads.length; k++) take(reads[k]!.sets[addresses[k]!(at)]!);
  };
  const place = addressOf(contraction.output, shape, values);
  if (gathers) {
    let element = 0;
    visitDomain(loops, bounds, shape.length, {
      enter: (at) => {
        element = place(at);
        collector.begin();
      },
      point: (at) => setsAt(at, (set) => collector.add(set)),
      leave: () => {
        result[element] = collector.end();
      },
    });
    return result;
  }
  const received = new Map<number, Set<number>>();
  visitDomain(loops, bounds, loops.length, {
    enter: () => {},
    point: (at) => {
      const element = place(at);
      const known = received.get(element) ?? new Set<number>();
      received.set(element, known);
      setsAt(at, (set) => known.add(set));
    },
    leave: () => {},
  });
  for (const [element, list] of received) result[element] = sets.union([...list]);
  return result;
}

/** Collects sets, each once, and unites them. */
class Collector {
  private readonly sets: IndexSets;
  private seen = new Int32Array(64);
  private stamp = 0;
  private readonly list: number[] = [];

  constructor(sets: IndexSets) {
    this.sets = sets;
  }

  begin(): void {
    this.stamp++;
    this.list.length = 0;
  }

  add(set: number): void {
    if (set === emptySet) return;
    if (set >= this.seen.length) {
      const more = new Int32Array(2 * Math.max(set, this.sets.count));
      more.set(this.seen);
      this.seen = more;
    }
    if (this.seen[set] === this.stamp) return;
    this.seen[set] = this.stamp;
    this.list.push(set);
  }

  end(): number {
    return this.sets.union(this.list);
  }
}

function iteratorsOf(index: Integer): readonly number[] {
  return index.iterators();
}

function evaluated(size: Integer, context: TermsContext): number {
  return size.evaluate((atom) => (atom.kind === "name" ? context.size(atom.name) : Number.NaN));
}

/** The row-major address of a read within its tensor; indices are known to lie in it. */
function addressOf(
  index: readonly Integer[],
  shape: readonly number[],
  values: AtomValues,
): (at: readonly number[]) => number {
  const parts: BoundIndex[] = index.map((each) => bindIndex(each, values));
  if (parts.some(({ kind }) => kind === "general") || index.some(hasLookup)) {
    return (at) => parts.reduce((address, part, axis) => address * shape[axis]! + indexAt(part, at), 0);
  }
  let constant = 0;
  const coefficients = new Array<number>(values.loopOf.size).fill(0);
  for (const [axis, part] of parts.entries()) {
    if (part.kind === "general") continue;
    constant = constant * shape[axis]! + part.constant;
    for (let k = 0; k < coefficients.length; k++)
      coefficients[k] = coefficients[k]! * shape[axis]! + part.coefficients[k]!;
  }
  const whole: BoundIndex = { kind: "affine", constant, coefficients };
  return (at) => indexAt(whole, at);
}

/** Row-major position; -1 outside of the tensor. */
function offset(position: readonly number[], shape: readonly number[]): number {
  let address = 0;
  for (const [axis, at] of position.entries()) {
    if (!(at >= 0 && at < shape[axis]!)) return -1;
    address = address * shape[axis]! + at;
  }
  return address;
}
