import type { Guard } from "../../ir/contraction.ts";
import { ShapeError, UsageError } from "../../ir/errors.ts";
import type { Shape } from "../../ir/graph.ts";
import { type Atom, Integer } from "../../ir/integer.ts";
import type { DType } from "../../ir/primitive.ts";
import { sub } from "../../ops/elementary/algebra.ts";
import { max } from "../../ops/elementary/comparison.ts";
import type { Range } from "../model.ts";
import { type Builder, computed, type Iterator } from "../terms/builder.ts";
import { apply } from "../terms/elementwise.ts";
import { integerExpr, integerTerm, type Term, termOf } from "../terms/term.ts";
import { extreme, isNonNegative } from "./bounds.ts";
import { type Gatherer, gatherers, requirePositive } from "./gather.ts";
import { indexed } from "./indexing.ts";
import { settleRanges, unsettled } from "./ranges.ts";
import { at, inPlaceOf, refuseRows, rowOf } from "./rows.ts";
import { underPath } from "./under-path.ts";

/**
 * A name to run over a range, or over the rows of a tensor; without either, over the largest range that reads allow.
 * A range may depend on the iterators before it.
 */
export interface Binding {
  readonly name: string;
  readonly over: ((earlier: readonly Term[]) => Range | Term) | undefined;
}

/** A body as a function of the iterators' values. */
export type Body = (values: readonly Term[]) => Term;

/** Runs a body over its iterators and gathers the values. Throws UsageError where there are no iterators. */
export function bind(builder: Builder, gatherer: Gatherer, bindings: readonly Binding[], body: Body): Term {
  if (bindings.length === 0) throw new UsageError("a binder needs an iterator.");
  return builder.within(bindings.length, () => bindWithin(builder, gatherer, bindings, body));
}

function bindWithin(builder: Builder, gatherer: Gatherer, bindings: readonly Binding[], body: Body): Term {
  let entered = enter(builder, bindings, (name, given) => given && iteratorOver(builder, name, given));
  if (!entered) {
    const isInner = builder.isSearching;
    const search = builder.search(() => searchRanges(builder, gatherer, bindings, body));
    if (isInner) return search.standIn();
    entered = enter(builder, bindings, (name, given, k) => {
      const found = search.ranges[k];
      return given ? iteratorWithin(builder, name, given, found) : iteratorOver(builder, name, found!);
    })!;
  }
  const { iterators, values } = entered;
  const value = body(values);
  requireClosed(builder, value, gatherer === gatherers.array ? undefined : iterators);
  if (gatherer.needsSome) requireSome(builder, iterators);
  return gatherer.gather(value, iterators);
}

interface Entered {
  readonly iterators: readonly Iterator[];
  readonly values: readonly Term[];
}

/** Makes the k-th iterator, of a range unless that is left out; undefined where the range has to be looked for. */
type Open = (name: string, given: Range | undefined, k: number) => Iterator | undefined;

/** Makes the iterators in order, each with the values of those before it; undefined where one cannot be made. */
function enter(builder: Builder, bindings: readonly Binding[], open: Open): Entered | undefined {
  const iterators: Iterator[] = [];
  const values: Term[] = [];
  for (const [k, { name, over }] of bindings.entries()) {
    const domain = over?.(values);
    const rows = domain && !("low" in domain) ? domain : undefined;
    const row = rows && rowOf(rows);
    if (row) {
      const iterator = iteratorLike(builder, name, row);
      iterators.push(iterator);
      values.push(inPlaceOf(row, iterator, rows));
      continue;
    }
    const range = domain && "low" in domain ? domain : rows && rowsOf(rows);
    const iterator = open(name, range, k);
    if (!iterator) return undefined;
    const position = integerTerm(builder, iterator.start.plus(Integer.iterator(iterator.token)));
    iterators.push(iterator);
    values.push(rows ? indexed(rows, [{ kind: "at", at: position }]) : position);
  }
  return { iterators, values };
}

/** An iterator over the elements of a slice whose ends vary, in the place of its row. */
function iteratorLike(builder: Builder, name: string, { token, start, extent, guards, row }: Iterator): Iterator {
  const moved = (own: Integer) => (guard: Guard) => ({ ...guard, index: guard.index.withIterators(at(token, own)) });
  return builder.iterator(name, start, extent, (own) => guards.map(moved(own)), row && { ends: row });
}

function rowsOf({ shape }: Term): Range {
  const rows = shape[0];
  if (!rows) throw new ShapeError("only a range or a tensor with rows can be run over, got a scalar.");
  return { low: Integer.zero, high: rows };
}

/**
 * Finds ranges by running the body once with iterators of unknown range. Within another search that is all that is
 * needed, and a stand-in of the right shape takes the place of the result: a search within searches stays cheap.
 */
function searchRanges(builder: Builder, gatherer: Gatherer, bindings: readonly Binding[], body: Body) {
  const { iterators, values } = enter(
    builder,
    bindings,
    (name, given) =>
      (given && iteratorOver(builder, name, given)) ??
      builder.unknownIterator(name, given, (reads) =>
        given ? withoutLargest(builder, name, given) : unsettled(name, reads),
      ),
  )!;
  const value = body(values);
  const ranges = settleRanges(builder, iterators);
  const standIn = () => {
    const outer = value.iterators.filter((iterator) => !iterators.includes(iterator));
    const extents = ranges.map((range, k) => range?.high.minus(range.low) ?? iterators[k]!.extent);
    const { shape, dtype } = gatherer.result(value, extents);
    return standInFor(builder, outer, shape, dtype);
  };
  return { ranges, standIn };
}

function standInFor(builder: Builder, iterators: readonly Iterator[], shape: Shape, dtype: DType): Term {
  return termOf(
    builder,
    builder.graph.variable([...iterators.map(({ extent }) => extent), ...shape], dtype),
    iterators,
  );
}

/**
 * An iterator over low..high. Ends that depend on other iterators become a condition on a range of sizes. Undefined
 * where none is known, for ends that are data; while ranges are looked for, those of others may be what is missing.
 */
function iteratorOver(builder: Builder, name: string, range: Range): Iterator | undefined {
  const { low, high } = range;
  const length = high.minus(low);
  if (!length.isVariable()) {
    requireLength(builder, name, length);
    return builder.iterator(name, low, length);
  }
  if (isUpToFixed(builder, range)) return fromZero(builder, name, range);
  const largest = extreme(builder, length, "largest", "with data");
  if (largest) return iteratorUpTo(builder, name, range, largest);
  const isData = (atom: Atom) => atom.kind === "lookup" && !builder.ranges.has(atom.operand);
  const isUnknown = ({ search, isOpen }: Iterator) => (search && !search.range) || isOpen;
  if (!builder.iteratorsOf(length).some(isUnknown) || length.atoms().some(isData)) return undefined;
  return builder.iterator(name, low, Integer.named(name), undefined, { ends: range, isOpen: true });
}

const isUpToFixed = (builder: Builder, { low, high }: Range) => !high.isVariable() && isNonNegative(builder, low);

/** An iterator over low..high counted from 0, so that what is read at a place depends on nothing else. */
function fromZero(builder: Builder, name: string, ends: Range, more: Pick<Iterator, "row"> = {}): Iterator {
  const { low, high } = ends;
  const guards = (own: Integer) => [{ index: own.minus(low), extent: undefined }];
  return builder.iterator(name, Integer.zero, high, guards, { ends, ...more });
}

/** An iterator over low..high, at most so many long. */
function iteratorUpTo(
  builder: Builder,
  name: string,
  ends: Range,
  largest: Integer,
  more: Pick<Iterator, "row"> = {},
): Iterator {
  const { low, high } = ends;
  const last = high.minus(low).minus(1);
  // where every range is empty, some may be of a length below 0: none of what counts positions may see that
  const most = largest.value! < 0 ? Integer.zero : largest;
  const guards = (own: Integer) => [{ index: last.minus(own), extent: undefined }];
  return builder.iterator(name, low, most, guards, { ends, ...more });
}

/** An iterator over a range of no largest length that is known but for where reads allow it to lie: it must lie there. */
function iteratorWithin(builder: Builder, name: string, range: Range, allowed: Range | undefined): Iterator {
  const made = iteratorOver(builder, name, range);
  if (made) return made;
  if (!allowed) throw withoutLargest(builder, name, range);
  const [above, below] = [range.low.minus(allowed.low), allowed.high.minus(range.high)];
  const summary = `the range of "${name}" must lie in ${allowed.low}..${allowed.high}, as what is read there does`;
  requireInRange(builder, { needed: above, index: above, summary });
  const end = allowed.high.plus(1);
  if (!isNonNegative(builder, allowed.low)) requireInRange(builder, { needed: below, index: below, summary });
  else
    requireInRange(builder, {
      needed: below,
      index: range.high,
      extent: end,
      summary: `${summary}; its end in 0..${end}`,
    });
  const low = range.low.isVariable() ? allowed.low : range.low;
  return iteratorUpTo(builder, name, range, allowed.high.minus(low));
}

interface InRange {
  /** Not negative where all is well. */
  readonly needed: Integer;
  /** What messages tell, with where it must lie: by default at 0 and above. */
  readonly index: Integer;
  readonly extent?: Integer;
  readonly summary: string;
}

function requireInRange(builder: Builder, { needed, index, extent, summary }: InRange): void {
  if (isNonNegative(builder, needed, builder.pathGuards)) return;
  const iterators = builder.iteratorsOf(needed);
  const { expr, guard } = underPath(builder, integerExpr(builder, index, iterators), iterators);
  builder.require({ index: expr, extent, guard, summary });
}

/** The row of a slice low..high of an axis of a size: its own ends go with it. */
export function rowOver(builder: Builder, ends: Range, size: Integer): Iterator {
  const { low, high } = ends;
  const [name, length] = [`${builder.show(low)}..${builder.show(high)}`, high.minus(low)];
  if (isUpToFixed(builder, ends)) return fromZero(builder, name, ends, { row: ends });
  const largest = extreme(builder, length, "largest", "with data");
  if (largest || !builder.isSearching) return iteratorUpTo(builder, name, ends, largest ?? size, { row: ends });
  return builder.iterator(name, low, Integer.named(name), undefined, { row: ends });
}

function withoutLargest(builder: Builder, name: string, { low, high }: Range): ShapeError {
  const length = builder.show(high.minus(low));
  const isComputed = length.includes(computed);
  return new ShapeError(
    isComputed
      ? `no largest length of the range of "${name}" is known: its ends are computed, and no read tells how far it may reach.`
      : `the range of "${name}" is ${length} long, for which no largest value is known.`,
    {
      notes: [
        isComputed
          ? 'Run over a range of sizes, with the rest as a condition: "sum(j in 0..n: if j < k then ... else 0)".'
          : "No read tells how far it may reach. Ends that are int data may be declared within a range, which needs no read: " +
            '"data len: int[n] within 0..m+1".',
      ],
    },
  );
}

/** Rows of slices end with the iterators that their ends depend on; arrays have no place for them. */
function requireClosed(builder: Builder, { iterators }: Term, bound: readonly Iterator[] | undefined): void {
  const isOpen = ({ row }: Iterator) =>
    row && (!bound || [row.low, row.high].some((end) => builder.iteratorsOf(end).some((each) => bound.includes(each))));
  refuseRows(builder, iterators.filter(isOpen));
}

function requireLength(builder: Builder, name: string, length: Integer): void {
  if (builder.isSearching || isNonNegative(builder, length)) return;
  builder.require({
    index: builder.graph.size(length),
    extent: undefined,
    guard: undefined,
    summary: `the length ${length.value === undefined ? `${length} ` : ""}of the range of "${name}" must not be negative`,
  });
}

/** The largest of nothing is an error when sizes are bound. */
function requireSome(builder: Builder, iterators: readonly Iterator[]): void {
  const isInner = ({ ends }: Iterator) =>
    ends && [ends.low, ends.high].some((end) => builder.iteratorsOf(end).some((each) => iterators.includes(each)));
  if (!iterators.some(isInner)) {
    for (const iterator of iterators) requirePositive(builder, lengthOf(iterator), `the range of "${iterator.name}"`);
    return;
  }
  // some may have no values, but not all
  const [zero, one] = [0, 1].map((value) => integerTerm(builder, Integer.constant(value))) as [Term, Term];
  const innermost = apply(max, [integerTerm(builder, lengthOf(iterators.at(-1)!)), zero]);
  const further = apply(sub, [gatherers.sum.gather(innermost, iterators.slice(0, -1)), one]);
  const { expr, guard } = underPath(builder, further.expr, further.iterators);
  const names = iterators.map(({ name }) => `"${name}"`).join(", ");
  builder.require({
    index: expr,
    extent: undefined,
    guard,
    least: 1,
    summary: `the ranges of ${names} must not be empty`,
  });
}

function lengthOf({ token, extent, guards }: Iterator): Integer {
  const [own, bound] = [Integer.iterator(token), guards[0]?.index];
  if (!bound) return extent;
  // own < length, or low <= own
  const isUpper = bound.coefficientOf(token)?.value === -1;
  return isUpper ? bound.plus(own).plus(1) : bound.plus(extent).minus(own);
}
