import { IndexRangeError, ShapeError, TypeMismatchError } from "../../ir/errors.ts";
import { type Expr, type Shape, sameShape, showShape } from "../../ir/graph.ts";
import { type Atom, Integer } from "../../ir/integer.ts";
import type { Span } from "../../ir/source.ts";
import { allOf, equal, greaterEqual, not } from "../../ops/comparison.ts";
import type { Read } from "../../ops/contractions.ts";
import { type Builder, firstToken, type Iterator, type Step } from "../terms/builder.ts";
import { article, broadcastShape } from "../terms/elementwise.ts";
import {
  aligned,
  axesFor,
  integerExpr,
  integerTerm,
  isVariableAtom,
  movedReads,
  oneRead,
  readsOf,
  readTerm,
  spreadAxes,
  type Term,
  unionOf,
} from "../terms/term.ts";
import { extreme, isNonNegative, rangeGuards } from "./bounds.ts";
import { recordRead } from "./ranges.ts";
import { raggedError, refuseRows, requireSameRows, rowFunctions, rowOf } from "./rows.ts";

/** What stands in the brackets of a read, one per axis: a position, positions, a range of them, or all. */
export type Entry =
  | { readonly kind: "at"; readonly at: Term }
  | { readonly kind: "range"; readonly low: Integer; readonly high: Integer }
  | { readonly kind: "all" };

/** How messages name a read: the tensor, and the read as it was written. */
export interface ReadNames {
  readonly tensor: string;
  readonly written: string;
  /** Each index as it was written. */
  readonly indices: readonly string[];
}

const plainNames: ReadNames = { tensor: "the tensor", written: "the read", indices: [] };

/** x[entries]; axes without an entry stay whole. Records and checks that the positions lie inside. */
export function indexed(x: Term, entries: readonly Entry[], names: ReadNames = plainNames): Term {
  const { builder } = x;
  refuseRows(builder, x.iterators);
  if (entries.length > x.rank) {
    throw new ShapeError(
      `${names.tensor} ${axisCount(x)}, got ${entries.length} ${entries.length === 1 ? "index" : "indices"}.`,
      {
        shapes: [showShape(x.shape)],
      },
    );
  }
  const positions = entries.flatMap((entry) => (entry.kind === "at" ? [entry.at] : []));
  for (const position of positions) requireInt(position);
  // several arrays of positions meet element by element; their axes stand where the first of them stands
  const gathered = broadcastShape([[], ...positions.map(({ shape }) => shape)], "an index");
  const shape: Integer[] = [];
  /** Of slices of one length that move. */
  const moving: (readonly Iterator[])[] = [];
  let row = positions.map(rowOf).find((each) => each);
  let gatherAt: number | undefined;
  requireSameRows(positions);
  const places = x.shape.map((size, axis): (() => Integer) => {
    const entry = entries[axis] ?? { kind: "all" };
    if (entry.kind === "at" && shape.length > 0) refuseRows(builder, entry.at.iterators);
    if (entry.kind === "at" && entry.at.integer && entry.at.rank === 0) {
      checkInside(builder, entry.at.integer, size, axis, names);
      const place = affine(builder, entry.at.integer);
      return () => place;
    }
    if (entry.kind === "at") {
      if (gatherAt === undefined) {
        gatherAt = shape.length;
        shape.push(...gathered);
      }
      return gather(entry.at, size, axis, gathered, gatherAt, names);
    }
    const own = Integer.iterator(shape.length);
    if (entry.kind === "all") {
      shape.push(size);
      return () => own;
    }
    const length = entry.high.minus(entry.low);
    if (isVarying(length)) {
      // the row is the first axis of the slice, and the only one of its kind
      const isFirst = shape.length === 0 && gathered.length === 0 && !row;
      const made = isFirst ? builder.graph.ability(rowFunctions)?.row(builder, entry, size) : undefined;
      if (!made) throw raggedError(builder, entry);
      checkRange(builder, entry.low, entry.high, size, axis, names);
      row = made;
      moving.push([row], builder.iteratorsOf(row.start));
      const place = affine(builder, row.start.plus(Integer.iterator(row.token)));
      return () => place;
    }
    shape.push(length);
    if (isVarying(entry.low)) {
      for (const end of length.value === 0 ? [] : [entry.low, entry.high.minus(1)])
        checkInside(builder, end, size, axis, names);
      moving.push(builder.iteratorsOf(entry.low));
      const low = affine(builder, entry.low);
      return () => own.plus(low);
    }
    checkRange(builder, entry.low, entry.high, size, axis, names);
    return () => own.plus(entry.low);
  });
  const iterators = unionOf([x.iterators, ...moving, ...positions.map((position) => position.iterators)]);
  const indices = places.map((place) => place());
  return readTerm(builder, movedReads(readsOf(x), indices), iterators, shape, x.dtype);
}

const axisCount = ({ rank, shape }: Term) =>
  rank === 0 ? "is a number and has no axis" : `has ${rank === 1 ? "one axis" : `${rank} axes`} ${showShape(shape)}`;

function requireInt(position: Term): void {
  if (position.dtype === "int") return;
  throw new TypeMismatchError(`an index needs an int, got ${article(position.dtype)}.`);
}

/**
 * The elements of an int tensor as an index over its own axes, checked to lie in 0..size. Throws TypeMismatchError for
 * what is no int.
 */
export function lookupOf(at: Term, size: Integer, name: string): Integer {
  requireInt(at);
  const names: ReadNames = { tensor: "the result", written: name, indices: ["of a position"] };
  const { integer } = at;
  if (integer && at.rank === 0) {
    checkInside(at.builder, integer, size, 0, names);
    return affine(at.builder, integer);
  }
  const read = requireAllInside(at, size, 0, names);
  return Integer.lookup(read.of.id, read.index);
}

/** Positions held in an int tensor, read along its own axes. */
function gather(at: Term, size: Integer, axis: number, shape: Shape, offset: number, names: ReadNames): () => Integer {
  const read = requireAllInside(at, size, axis, names);
  const places = spreadAxes(at.shape, shape).map((place) =>
    place.withIterators(shape.map((_, k) => Integer.iterator(k + offset))),
  );
  return () => Integer.lookup(read.of.id, movedReads([read], places)[0]!.index);
}

/**
 * An index as contractions take it: affine in iterators and lookups, with sizes as coefficients. Everything else is
 * computed into an int tensor and looked up.
 */
export function affine(builder: Builder, index: Integer): Integer {
  const isPlain = (atoms: readonly Atom[]) => {
    const varying = atoms.filter(isVariableAtom);
    return varying.length === 0 || (varying.length === 1 && varying[0]!.kind !== "floorDiv");
  };
  const computed = index.terms.filter((term) => !isPlain(term.atoms));
  if (computed.length === 0) return index;
  const value = Integer.collect(computed);
  const iterators = builder.iteratorsOf(value);
  const tensor = integerExpr(builder, value, iterators);
  const lookup = Integer.lookup(
    tensor.id,
    iterators.map(({ token }) => Integer.iterator(token)),
  );
  return index.minus(value).plus(lookup);
}

/** Settles whether 0 <= index < size: by proof, as an error, or as a requirement on what is bound. */
function checkInside(builder: Builder, index: Integer, size: Integer, axis: number, names: ReadNames): void {
  const guards = builder.pathGuards;
  const iterators = builder.iteratorsOf(index);
  recordRead(builder, { index, size, guards, label: names.written });
  if (index.value !== undefined && index.value < 0) throw negative(index.value, size, names);
  if (builder.isSearching) return;
  const isInside = isNonNegative(builder, index, guards) && isNonNegative(builder, size.minus(1).minus(index), guards);
  if (isInside) return;
  const isPlain = builder.pathConditions.length === 0 && rangeGuards(builder, iterators).length === 0;
  const outside = isPlain ? provenOutside(builder, index, size) : undefined;
  if (outside) throw leaves(outside, size, axis, names, iterators);
  requireInside(builder, integerExpr(builder, index, iterators), iterators, size, axis, names);
}

function negative(value: number, size: Integer, names: ReadNames): IndexRangeError {
  const fromEnd = size.plus(value);
  return new IndexRangeError(`a negative index has no meaning, got ${value}: indices begin at 0 and do not wrap.`, {
    notes: [`Write "${fromEnd}" to count from the end of ${names.tensor}.`],
  });
}

/** A position that the index surely takes and that lies outside. */
function provenOutside(builder: Builder, index: Integer, size: Integer): Integer | undefined {
  const least = extreme(builder, index, "least");
  if (least && isNonNegative(builder, least.scaled(-1).minus(1))) return least;
  const largest = extreme(builder, index, "largest");
  return largest && isNonNegative(builder, largest.minus(size)) ? largest : undefined;
}

function leaves(
  at: Integer,
  size: Integer,
  axis: number,
  names: ReadNames,
  iterators: readonly Iterator[],
): IndexRangeError {
  const [only, ...others] = iterators;
  const isOneBased = only && others.length === 0 && only.start.value === 1 && at.equals(size);
  return new IndexRangeError(
    `${names.written} leaves ${names.tensor}: the index reaches ${at}, and axis ${axis} has the positions 0..${size}.`,
    {
      notes: isOneBased
        ? [`Indices begin at 0: write "${only.name} in 0..${size}".`]
        : iterators.length === 0 && at.equals(size)
          ? ["Indices begin at 0: the last position is -1."]
          : ["Zeros around a tensor come only from pad(...); a read may also stand under a condition."],
    },
  );
}

/** Requires the positions of an int tensor to lie inside, and tells where they are read. */
function requireAllInside(at: Term, size: Integer, axis: number, names: ReadNames): Read {
  const { builder, iterators, expr } = at;
  const read = oneRead(at);
  requireInside(builder, expr, iterators, size, axis, names);
  const { pathConditions: path, span } = builder;
  if (path.length > 0 && !builder.isSearching) {
    const others = path.filter(({ condition }) => condition.rank === 0);
    const requireAll = () => requireInside(builder, expr, iterators, size, axis, names, others, span);
    builder.positions.push({ ...read, path, requireAll });
  }
  return read;
}

function requireInside(
  builder: Builder,
  index: Expr,
  iterators: readonly Iterator[],
  extent: Integer,
  axis: number,
  names: ReadNames,
  path?: readonly Step[],
  span?: Span,
): void {
  const { expr, guard } = underPath(builder, index, iterators, path);
  builder.require({
    index: expr,
    extent,
    guard,
    span,
    summary: `in ${names.written} the index ${names.indices[axis] ?? `on axis ${axis}`} must lie in 0..${extent}`,
  });
}

/** An int expression over iterators, beside the conditions of the path and of the iterators' ranges. */
export function underPath(
  builder: Builder,
  index: Expr,
  iterators: readonly Iterator[],
  steps = builder.pathConditions,
): { readonly expr: Expr; readonly guard: Expr | undefined } {
  const own = index.shape.slice(iterators.length);
  // an array of conditions says which of as many positions count; beside others the read is computed for all elements
  const path = steps.filter(({ condition: { shape } }) => shape.length === 0 || sameShape(shape, own));
  const guards = rangeGuards(builder, iterators);
  if (path.length === 0 && guards.length === 0) return { expr: index, guard: undefined };
  const fromGuards = guards.flatMap((guard) => builder.iteratorsOf(guard.index));
  const all = unionOf([iterators, fromGuards, ...path.map(({ condition }) => condition.iterators)]);
  const spread = (expr: Expr, over: readonly Iterator[], shape: Shape): Expr =>
    aligned(readTermOf(builder, expr, over, shape), all, own);
  const conditions: Expr[] = path.map(({ condition, holds }) => {
    const expr = spread(condition.expr, condition.iterators, condition.shape);
    return holds ? expr : not(expr);
  });
  for (const guard of guards) {
    const value = integerTerm(builder, guard.index);
    conditions.push(holdsExpr(spread(value.expr, value.iterators, []), guard.extent));
  }
  return {
    expr: spread(index, iterators, own),
    guard: conditions.length > 0 ? allOf(conditions) : undefined,
  };
}

/** The guard 0 <= index < extent as a condition; only "not negative" and "zero" occur. */
function holdsExpr(index: Expr, extent: Integer | undefined): Expr {
  return extent ? equal(index, 0) : greaterEqual(index, 0);
}

function readTermOf(builder: Builder, of: Expr, iterators: readonly Iterator[], shape: Shape): Term {
  const index = axesFor(iterators, shape).map(({ atom }) => Integer.iterator(atom));
  return readTerm(builder, [{ of, index }], iterators, shape, of.dtype);
}

const isVarying = (end: Integer) =>
  end.iterators().some((atom) => atom >= firstToken) || end.atoms().some(isVariableAtom);

function checkRange(
  builder: Builder,
  low: Integer,
  high: Integer,
  size: Integer,
  axis: number,
  names: ReadNames,
): void {
  const guards = builder.pathGuards;
  recordRead(builder, { index: low, size, guards, label: names.written, end: "low" });
  recordRead(builder, { index: high.minus(1), size, guards, label: names.written, end: "high" });
  if (builder.isSearching) return;
  if (low.value !== undefined && low.value < 0) throw negative(low.value, size, names);
  const needs: [Integer, string][] = [
    [low, `${names.written} begins before position 0`],
    [size.minus(high), `${names.written} leaves axis ${axis} of ${names.tensor}, which has the positions 0..${size}`],
    [high.minus(low), `${names.written} ends before it begins`],
  ];
  for (const [needed, summary] of needs) {
    const iterators = builder.iteratorsOf(needed);
    const known = iterators.length > 0 ? guards : [];
    if (isNonNegative(builder, needed, known)) continue;
    if (isNonNegative(builder, needed.scaled(-1).minus(1))) throw new IndexRangeError(`${summary}.`);
    const { expr, guard } = isVarying(needed)
      ? underPath(builder, integerExpr(builder, needed, iterators), iterators)
      : { expr: builder.graph.size(needed), guard: undefined };
    builder.require({ index: expr, extent: undefined, guard, summary });
  }
}
