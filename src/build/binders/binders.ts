import { ShapeError, UsageError } from "../../ir/errors.ts";
import type { Shape } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import type { DType } from "../../ir/primitive.ts";
import type { Range } from "../model.ts";
import type { Builder, Iterator } from "../terms/builder.ts";
import { integerTerm, type Term, termOf } from "../terms/term.ts";
import { extreme, isNonNegative } from "./bounds.ts";
import { type Gatherer, gatherers, requirePositive } from "./gather.ts";
import { indexed } from "./indexing.ts";
import { settleRanges } from "./ranges.ts";
import { refuseRows } from "./rows.ts";

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

/** Runs a body over its iterators and gathers the values. */
export function bind(builder: Builder, gatherer: Gatherer, bindings: readonly Binding[], body: Body): Term {
  if (bindings.length === 0) throw new UsageError("a binder needs an iterator.");
  return builder.within(bindings.length, () => bindWithin(builder, gatherer, bindings, body));
}

function bindWithin(builder: Builder, gatherer: Gatherer, bindings: readonly Binding[], body: Body): Term {
  let found: readonly Range[] = [];
  if (bindings.some(({ over }) => !over)) {
    const isInner = builder.isSearching;
    const search = builder.search(() => searchRanges(builder, gatherer, bindings, body));
    if (isInner) return search.standIn();
    found = search.ranges;
  }
  const { iterators, values } = enter(builder, bindings, (name, k) => iteratorOver(builder, name, found[k]!));
  const value = body(values);
  requireClosed(builder, value, gatherer === gatherers.array ? undefined : iterators);
  if (gatherer.needsSome) for (const iterator of iterators) requireSome(builder, iterator);
  return gatherer.gather(value, iterators);
}

/** Makes the iterators in order, each with the values of those before it; `open` makes those without a range. */
function enter(builder: Builder, bindings: readonly Binding[], open: (name: string, k: number) => Iterator) {
  const iterators: Iterator[] = [];
  const values: Term[] = [];
  for (const [k, { name, over }] of bindings.entries()) {
    const domain = over?.(values);
    const rows = domain && !("low" in domain) ? domain : undefined;
    const range = domain && "low" in domain ? domain : rows && rowsOf(rows);
    const iterator = range ? iteratorOver(builder, name, range) : open(name, k);
    const position = integerTerm(builder, iterator.start.plus(Integer.iterator(iterator.token)));
    iterators.push(iterator);
    values.push(rows ? indexed(rows, [{ kind: "at", at: position }]) : position);
  }
  return { iterators, values };
}

function rowsOf({ builder, iterators, shape }: Term): Range {
  refuseRows(builder, iterators);
  const rows = shape[0];
  if (!rows) throw new ShapeError("only a range or a tensor with rows can be run over, got a scalar.");
  return { low: Integer.zero, high: rows };
}

/**
 * Finds ranges by running the body once with iterators of unknown range. Within another search that is all that is
 * needed, and a stand-in of the right shape takes the place of the result: a search within searches stays cheap.
 */
function searchRanges(builder: Builder, gatherer: Gatherer, bindings: readonly Binding[], body: Body) {
  const { iterators, values } = enter(builder, bindings, (name) => builder.unknownIterator(name));
  const value = body(values);
  const ranges = settleRanges(builder, iterators);
  const standIn = () => {
    const outer = value.iterators.filter((iterator) => !iterators.includes(iterator));
    const extents = ranges.map(({ low, high }) => high.minus(low));
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

const varies = (size: Integer) => size.atoms().some((atom) => atom.kind === "lookup" || atom.kind === "iterator");

/** An iterator over low..high. Ends that depend on other iterators become a condition on a range of sizes. */
export function iteratorOver(builder: Builder, name: string, { low, high }: Range, row?: Integer): Iterator {
  const length = high.minus(low);
  if (!varies(length)) {
    requireLength(builder, name, length);
    return builder.iterator(name, low, length);
  }
  if (!row && !varies(high) && isNonNegative(builder, low)) {
    // counted from 0, so that what is read at a place depends on nothing else
    return builder.iterator(name, Integer.zero, high, (own) => [{ index: own.minus(low), extent: undefined }]);
  }
  const largest = extreme(builder, length, "largest", "with data");
  if (!largest && row && builder.isSearching) return builder.iterator(name, low, Integer.named(name), () => [], row);
  if (!largest) {
    throw new ShapeError(
      `the range of "${name}" is ${builder.show(length)} long, for which no largest value is known.`,
      {
        notes: [
          'A range may depend on sizes, on iterators further out in a linear way, and on int data declared "within" a range.',
        ],
      },
    );
  }
  // where every range is empty, some may be of a length below 0: none of what counts positions may see that
  const most = largest.value! < 0 ? Integer.zero : largest;
  return builder.iterator(name, low, most, (own) => [{ index: length.minus(1).minus(own), extent: undefined }], row);
}

/** Rows of slices end with the iterators that their ends depend on; arrays have no place for them. */
function requireClosed(builder: Builder, { iterators }: Term, bound: readonly Iterator[] | undefined): void {
  const isOpen = ({ start, row }: Iterator) =>
    row && (!bound || [start, row].some((end) => builder.iteratorsOf(end).some((each) => bound.includes(each))));
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
function requireSome(builder: Builder, { name, token, extent, guards }: Iterator): void {
  const [own, bound] = [Integer.iterator(token), guards[0]?.index];
  // own < length, or low <= own
  const isUpper = bound?.coefficientOf(token)?.value === -1;
  const length = !bound ? extent : isUpper ? bound.plus(own).plus(1) : bound.plus(extent).minus(own);
  requirePositive(builder, length, `the range of "${name}"`);
}
