import { type Guard, mayHoldLookup } from "../../ir/contraction.ts";
import { ShapeError, TypeMismatchError, UsageError } from "../../ir/errors.ts";
import { Ability } from "../../ir/extension.ts";
import type { Expr, Shape } from "../../ir/graph.ts";
import { type Atom, Integer } from "../../ir/integer.ts";
import type { DType } from "../../ir/primitive.ts";
import { logsumexpOver, positionOver, whereGuarded } from "../../ops/arrays/composites.ts";
import { contract, type Read, reduce, type Terms } from "../../ops/arrays/contractions.ts";
import { add, div } from "../../ops/elementary/algebra.ts";
import { toReal } from "../../ops/elementary/cast.ts";
import { greater, select } from "../../ops/elementary/comparison.ts";
import type { Builder, Iterator } from "../terms/builder.ts";
import { apply } from "../terms/elementwise.ts";
import {
  type Axis,
  aligned,
  axesFor,
  integerExpr,
  integerTerm,
  movedReads,
  oneRead,
  ownRead,
  realOf,
  Term,
  termOf,
  termsOf,
  unionOf,
  viewOf,
} from "../terms/term.ts";
import { variationOf } from "../terms/variation.ts";
import { extreme, isNonNegative, rangeGuards } from "./bounds.ts";
import { inPlaceOf, rowFunctions } from "./rows.ts";
import { underPath } from "./under-path.ts";

/** What gathers the values that a body takes over iterators. */
export interface Gatherer {
  /** The result, with the iterators gone. */
  readonly gather: (body: Term, bound: readonly Iterator[]) => Term;
  /** Shape and type of the result, when the iterators take so many values. */
  readonly result: (body: Term, extents: readonly Integer[]) => { readonly shape: Shape; readonly dtype: DType };
  /** Whether nothing to gather is an error. */
  readonly needsSome?: boolean;
}

const sameShape = (dtype: (body: Term) => DType) => (body: Term) => ({ shape: body.shape, dtype: dtype(body) });
const alwaysReal = sameShape(() => "real");
const numeric = sameShape(({ dtype }) => (dtype === "real" ? "real" : "int"));

/** What gathers, by the name of the binder. */
export const gatherers = {
  sum: { result: numeric, gather: (body, bound) => gathered(sumDomain(body, bound), contract) },
  mean: { result: alwaysReal, gather: meanOver },
  prod: {
    result: alwaysReal,
    gather: (body, bound) =>
      asLoop("prod", body, bound) ?? gathered(wholeDomain(realOf(body), bound, 1), (terms) => reduce("prod", terms)),
  },
  max: {
    result: numeric,
    needsSome: true,
    gather: (body, bound) =>
      asLoop("max", body, bound) ?? gathered(wholeDomain(body, bound, 0), (terms) => reduce("max", terms)),
  },
  min: {
    result: numeric,
    needsSome: true,
    gather: (body, bound) =>
      asLoop("min", body, bound) ?? gathered(wholeDomain(body, bound, 0), (terms) => reduce("min", terms)),
  },
  logsumexp: {
    result: alwaysReal,
    gather: (body, bound) =>
      asLoop("logsumexp", body, bound) ?? gathered(wholeDomain(realOf(body), bound, 0), logsumexpOver),
  },
  argmax: { result: sameShape(() => "int"), needsSome: true, gather: (body, bound) => winner("argmax", body, bound) },
  argmin: { result: sameShape(() => "int"), needsSome: true, gather: (body, bound) => winner("argmin", body, bound) },
  array: {
    result: ({ shape, dtype }, extents) => ({ shape: [...extents, ...shape], dtype }),
    gather: arrayOver,
  },
} as const satisfies Readonly<Record<string, Gatherer>>;

export type GathererName = keyof typeof gatherers;

/** What gathers over a range that grows or shrinks from one element to the next, where a loop can take them in turn. */
export type Running = (name: RunningName, body: Term, bound: readonly Iterator[]) => Term | undefined;
export type RunningName = "prod" | "logsumexp" | "max" | "min";

export const runningGather = new Ability<Running>("running");

const asLoop: Running = (name, body, bound) => body.builder.graph.ability(runningGather)?.(name, body, bound);

/** Requires a size to be at least 1 when sizes are bound. */
export function requirePositive(builder: Builder, size: Integer, what: string): void {
  requireAtLeast(builder, 1, size, `${what} must not be empty`);
}

/** Requires a whole number to be 0 or more when sizes are bound. */
export function requireNonNegative(builder: Builder, integer: Integer, summary: string): void {
  requireAtLeast(builder, 0, integer, summary);
}

/** Sizes of an array to make; each must be 0 or more when sizes are bound. Throws UsageError for a number below 0. */
export function requireLengths(builder: Builder, lengths: Shape, what: string): Shape {
  for (const length of lengths) {
    if (length.value === undefined) requireNonNegative(builder, length, what);
    else if (length.value < 0) throw new UsageError(`${what} is 0 or more, got ${length}.`);
  }
  return lengths;
}

/** Requires a whole number to be `least` or more when sizes are bound. */
export function requireAtLeast(builder: Builder, least: number, whole: Integer, summary: string): void {
  const integer = whole.minus(least);
  if (builder.isSearching || isNonNegative(builder, integer, builder.pathGuards)) return;
  const iterators = builder.iteratorsOf(integer);
  const { expr, guard } = underPath(builder, integerExpr(builder, integer, iterators), iterators);
  builder.require({ index: expr, extent: undefined, guard, least, summary });
}

/** The body's other iterators and its own axes, which stay, and a contraction over the bound iterators, which go. */
interface Domain {
  readonly builder: Builder;
  readonly iterators: readonly Iterator[];
  readonly kept: readonly Axis[];
  readonly terms: Terms;
}

function gathered({ builder, iterators, terms }: Domain, gather: (terms: Terms) => Expr): Term {
  return termOf(builder, gather(terms), iterators);
}

function domain(body: Term, bound: readonly Iterator[], reads: (axes: readonly Axis[]) => Term["reads"]): Domain {
  const { builder } = body;
  const guards = rangeGuards(builder, bound).filter(({ index }) =>
    index.iterators().some((token) => bound.some((iterator) => iterator.token === token)),
  );
  const used = unionOf([body.iterators, ...guards.map(({ index }) => builder.iteratorsOf(index))]);
  const iterators = used.filter((iterator) => !bound.includes(iterator));
  const kept = axesFor(iterators, body.shape);
  const inner = axesFor(bound, []);
  return { builder, iterators, kept, terms: termsOf(builder, kept, inner, reads([...kept, ...inner])!, guards) };
}

/** For sums: the reads of a product are the factors. A body that is computed is 0 where the range's conditions fail. */
function sumDomain(body: Term, bound: readonly Iterator[]): Domain {
  const isWhole = bound.every(({ guards }) => guards.length === 0);
  if (body.reads) return domain(body, bound, () => (isWhole ? body.reads : body.reads!.map(whereRead(body, bound, 0))));
  const own = ownRead(body);
  if (isWhole) return domain(body, bound, () => [own]);
  if (body.dtype !== "real") return wholeDomain(body, bound);
  return domain(body, bound, () => [whereRead(body, bound, 0)(own)]);
}

/**
 * A factor that the body computes, `neutral` where none of its terms is in the range: slopes there are those of nothing, and may
 * be infinite. Iterators that the factor lacks take the value at which most is in the range; where data are part of it, any.
 */
export function whereRead({ builder, reads }: Term, bound: readonly Iterator[], neutral: number): (read: Read) => Read {
  return (read) => {
    const { of, index } = read;
    const units = index.map((i) => i.unitIterator());
    if ((reads && of.kind !== "map") || of.dtype !== "real" || units.some((unit) => !unit)) return read;
    const own = axesFor([], of.shape);
    // an iterator is the place that it reads, less what is added to it there
    const places: Integer[] = [];
    for (const [axis, unit] of units.entries()) {
      places[unit!.iterator] = Integer.iterator(axis).minus(unit!.offset).scaled(unit!.sign);
    }
    const placed = (guard: Guard): Guard => ({ ...guard, index: guard.index.withIterators(places) });
    const guards = rangeGuards(builder, bound);
    const gone = unionOf(guards.map((guard) => builder.iteratorsOf(guard.index))).filter(({ token }) => !places[token]);
    if (gone.length > 0 && guards.some((guard) => mayHoldLookup(guard.index))) {
      const ones = [{ of: builder.graph.constant(1), index: [] }];
      const terms = contract(termsOf(builder, own, axesFor(gone, []), ones, guards.map(placed)));
      return { of: select(greater(terms, 0), of, neutral), index };
    }
    const isGone = (atom: Atom) =>
      Integer.ofAtom(atom)
        .iterators()
        .some((token) => !places[token]);
    const most = guards.flatMap((guard) => {
      const index = guard.extent ? undefined : extreme(builder, guard.index, "largest", "with data", isGone);
      return index ? [placed({ index, extent: undefined })] : [];
    });
    return { of: whereGuarded(termsOf(builder, own, [], [], most), of, neutral), index };
  };
}

/** The body as one expression over exactly the domain; with `neutral`, that where the body is in no range. */
function wholeDomain(body: Term, bound: readonly Iterator[], neutral?: number): Domain {
  return domain(body, bound, (axes) => {
    const read = oneRead(body);
    const factor = neutral === undefined ? read : whereRead(body, bound, neutral)(read);
    const of = viewOf(termsOf(body.builder, axes, [], [factor]));
    return [{ of, index: axes.map(({ atom }) => Integer.iterator(atom)) }];
  });
}

function meanOver(body: Term, bound: readonly Iterator[]): Term {
  const { builder } = body;
  const summed = sumDomain(realOf(body), bound);
  const { terms, iterators } = summed;
  const total = contract(terms);
  if ((terms.guards ?? []).length > 0) {
    const ones = { ...terms, factors: [{ of: builder.graph.constant(1), index: [] }] };
    return termOf(builder, div(total, contract(ones)), iterators);
  }
  const count = Integer.product(bound.map(({ extent }) => extent));
  return termOf(builder, div(total, toReal(builder.graph.size(count, total.shape))), iterators);
}

const extremes = { argmax: "max", argmin: "min" } as const;

/** The value of the one bound iterator that wins. */
function winner(name: "argmax" | "argmin", body: Term, bound: readonly Iterator[]): Term {
  const [only, another] = bound;
  if (another) throw new TypeMismatchError(`${name} takes one iterator, got ${bound.length}.`);
  const { builder, iterators, kept, terms } = wholeDomain(body, bound);
  const position = termOf(builder, positionOver(extremes[name], terms, kept.length), iterators);
  return only!.start.terms.length === 0 ? position : apply(add, [position, integerTerm(builder, only!.start)]);
}

/** A new tensor whose first axes are the iterators. Where the ends of the first vary, it is a row. */
function arrayOver(body: Term, bound: readonly Iterator[]): Term {
  const { builder } = body;
  const [first, ...rest] = bound;
  if (first?.ends && !rest.some(({ ends }) => ends)) {
    const row = builder.graph.ability(rowFunctions)?.row(builder, first.ends, first.extent);
    if (row) return inPlaceOf(first, row, rest.length > 0 ? arrayOver(body, rest) : body);
  }
  const ragged = bound.find(({ ends }) => ends);
  if (ragged) throw raggedArray(builder, ragged);
  const iterators = body.iterators.filter((iterator) => !bound.includes(iterator));
  const shape = [...bound.map(({ extent }) => extent), ...body.shape];
  const places: Integer[] = body.shape.map((_, axis) => Integer.iterator(axis + bound.length));
  for (const [k, { token }] of bound.entries()) places[token] = Integer.iterator(k);
  return new Term(builder, {
    iterators,
    shape,
    dtype: body.dtype,
    reads: body.reads && movedReads(body.reads, places),
    make: () => aligned(body, [...iterators, ...bound], body.shape),
  });
}

function raggedArray(builder: Builder, iterator: Iterator): ShapeError {
  const { low, high } = iterator.ends!;
  const { told, notes } = variationOf(builder, [low, high]);
  return new ShapeError(
    `the length of the range of "${iterator.name}" ${told}: the length of an array follows from sizes alone.`,
    {
      notes: [...notes, "Give a range of sizes, and write the condition in the body: if ... then ... else 0."],
    },
  );
}
