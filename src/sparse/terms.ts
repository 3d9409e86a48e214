import { type Contraction, isGather, mayHoldLookup } from "../ir/contraction.ts";
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
import { ScatteredUnions, Union } from "./unions.ts";

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

/** A read whose elements differ. */
interface Read {
  readonly sets: Int32Array;
  readonly index: readonly Integer[];
  readonly shape: readonly number[];
}

/** What is read at a point of the domain. */
interface ReadAt {
  readonly sets: Int32Array;
  readonly address: (at: readonly number[]) => number;
}

/**
 * What the elements of a contraction or reduce depend on: the union over the terms that are present. Indices are followed exactly,
 * lookups by their values; only what no varying read and no output names is left out of the domain.
 */
export function termsDependence(contraction: Contraction, context: TermsContext): Dependence | undefined {
  if (context.extents.includes(0) || context.shape.includes(0)) return undefined;
  return new Terms(contraction, context).dependence();
}

class Terms {
  private readonly contraction: Contraction;
  private readonly context: TermsContext;
  /** What differs between the elements, and what is the same for all. */
  private readonly reads: readonly Read[];
  private readonly common: number;
  /** Factors that are 0 in places: a product with what is 0 is no term. */
  private readonly masks: readonly Read[];
  /** The iterators that something visible names, and the loops that they are. */
  private readonly kept: readonly number[];
  private readonly values: AtomValues;

  constructor(contraction: Contraction, context: TermsContext) {
    this.contraction = contraction;
    this.context = context;
    const { dependence, presence } = context;
    const known = contraction.factors.filter(({ index }) => !this.isUnknown(index));
    this.reads = this.readsOf(known, dependence);
    this.masks = this.readsOf(known, presence);
    const union = new Union(context.sets);
    for (const { operand, index } of contraction.factors) {
      const found = dependence[operand];
      if (typeof found === "number") union.add(found);
      else if (found && this.isUnknown(index)) for (const set of found) union.add(set);
    }
    this.common = union.take();
    const indices = [...contraction.output, ...[...this.reads, ...this.masks].flatMap(({ index }) => index)];
    this.kept = [...new Set(indices.flatMap((index) => index.iterators()))].sort((a, b) => a - b);
    this.values = {
      size: context.size,
      loopOf: new Map(this.kept.map((iterator, loop) => [iterator, loop])),
      lookup: (operand, position) =>
        context.wholeNumbers(operand)![offset(position, context.shapes[operand]!)] ?? Number.NaN,
    };
  }

  dependence(): Dependence | undefined {
    const { reads, masks, common, contraction } = this;
    if (reads.length === 0 && common === emptySet) return undefined;
    if (this.isUnknown(contraction.output)) return this.all();
    const loops = this.kept.map((iterator) => this.context.extents[iterator]!);
    const bounds = this.bounds().filter((bound) => !holdsEverywhere(bound, loops));
    if (!isGather(contraction)) return this.scattered(loops, bounds);
    if (reads.length === 0 && masks.length === 0 && bounds.length === 0) return common;
    return this.gathered(loops, bounds);
  }

  private gathered(loops: readonly number[], bounds: readonly Bound[]): Int32Array {
    const { contraction, context } = this;
    const result = emptySets(context.shape);
    const union = new Union(context.sets);
    const terms = this.terms((set) => union.add(set));
    const place = addressOf(contraction.output, context.shape, this.values);
    let element = 0;
    visitDomain(loops, bounds, context.shape.length, {
      enter: (at) => {
        element = place(at);
      },
      point: terms,
      leave: () => {
        result[element] = union.take();
      },
    });
    return result;
  }

  private scattered(loops: readonly number[], bounds: readonly Bound[]): Int32Array {
    const { contraction, context } = this;
    const result = emptySets(context.shape);
    const unions = new ScatteredUnions(context.sets, result);
    const place = addressOf(contraction.output, context.shape, this.values);
    let element = 0;
    const terms = this.terms((set) => unions.add(element, set));
    visitDomain(loops, bounds, loops.length, {
      enter: (at) => {
        element = place(at);
      },
      point: terms,
      leave: () => {},
    });
    unions.flush();
    return result;
  }

  /** Gives the sets of the term at a point, where there is one. */
  private terms(take: (set: number) => void): (at: readonly number[]) => void {
    const bound = ({ sets, index, shape }: Read): ReadAt => ({ sets, address: addressOf(index, shape, this.values) });
    const [reads, masks] = [this.reads.map(bound), this.masks.map(bound)];
    return (at) => {
      for (const { sets, address } of masks) if (sets[address(at)] === emptySet) return;
      take(this.common);
      for (const { sets, address } of reads) take(sets[address(at)]!);
    };
  }

  /** Everything that is read, wherever it goes. */
  private all(): number {
    const union = new Union(this.context.sets);
    union.add(this.common);
    for (const { sets } of this.reads) for (const set of sets) union.add(set);
    return union.take();
  }

  private readsOf(factors: Contraction["factors"], setsOf: readonly (Dependence | undefined)[]): readonly Read[] {
    return factors.flatMap(({ operand, index }) => {
      const sets = setsOf[operand];
      return typeof sets === "object" ? [{ sets, index, shape: this.context.shapes[operand]! }] : [];
    });
  }

  /** What indices must keep to: guards and the shapes that they lie in, as far as they are visible. */
  private bounds(): Bound[] {
    const { contraction, context, values } = this;
    const inShape = (indices: readonly Integer[], shape: readonly number[]) =>
      indices.map((index, axis) => ({ index, extent: shape[axis] }));
    const ranges = [
      ...contraction.guards.map(({ index, extent }) => ({ index, extent: extent && evaluated(extent, context) })),
      ...contraction.factors.flatMap(({ operand, index }) => inShape(index, context.shapes[operand]!)),
      ...inShape(contraction.output, context.shape),
    ];
    const isVisible = (index: Integer) =>
      !this.isUnknown([index]) && index.iterators().every((iterator) => values.loopOf.has(iterator));
    return ranges
      .filter(({ index }) => isVisible(index))
      .map(({ index, extent }) => ({ index: bindIndex(index, values), last: (extent ?? Infinity) - 1 }));
  }

  /** Whether indices follow from the point. */
  private isUnknown(indices: readonly Integer[]): boolean {
    const { wholeNumbers } = this.context;
    return indices.some((index) =>
      index.atoms().some((atom) => atom.kind === "lookup" && wholeNumbers(atom.operand) === undefined),
    );
  }
}

/** Number 0, the empty set, for each element. */
const emptySets = (shape: readonly number[]) => new Int32Array(shape.reduce((count, size) => count * size, 1));

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
  if (parts.some(({ kind }) => kind === "general") || index.some(mayHoldLookup)) {
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
