import { ShapeError, UsageError } from "../ir/errors.ts";
import type { Shape } from "../ir/graph.ts";
import { Integer } from "../ir/integer.ts";
import type { DType } from "../ir/primitive.ts";
import { extreme, isNonNegative } from "./bounds.ts";
import type { Builder, Iterator } from "./builder.ts";
import { type Gatherer, requirePositive } from "./gather.ts";
import { indexed } from "./indexing.ts";
import type { Range } from "./model.ts";
import { settleRanges } from "./ranges.ts";
import { integerTerm, type Term, termOf } from "./term.ts";

/** A name to run over a range, or over the rows of a tensor; with neither, over the largest range that reads allow. */
export interface Binding {
  readonly name: string;
  readonly range: Range | Term | undefined;
}

/** A body as a function of the iterators' values. */
export type Body = (values: readonly Term[]) => Term;

/** Runs a body over its iterators and gathers the values. */
export function bind(builder: Builder, gatherer: Gatherer, bindings: readonly Binding[], body: Body): Term {
  if (bindings.length === 0) throw new UsageError("a binder needs an iterator.");
  let ranges: readonly (Range | undefined)[] = bindings.map(({ range }) => rangeOver(range));
  if (ranges.some((range) => !range)) {
    const isInner = builder.isSearching;
    const found = builder.search(() => searchRanges(builder, gatherer, bindings, ranges, body));
    if (isInner) return found.standIn();
    ranges = found.ranges;
  }
  const iterators = bindings.map(({ name }, k) => iteratorOver(builder, name, ranges[k]!));
  const value = body(iterators.map((iterator, k) => boundValue(builder, bindings[k]!, iterator)));
  if (gatherer.needsSome) for (const iterator of iterators) requireSome(builder, iterator);
  return gatherer.gather(value, iterators);
}

function rangeOver(range: Range | Term | undefined): Range | undefined {
  if (!range || "low" in range) return range;
  const rows = range.shape[0];
  if (!rows) throw new ShapeError("only a range or a tensor with rows can be run over, got a scalar.");
  return { low: Integer.zero, high: rows };
}

/** The value of a bound name: a position, or a row. */
function boundValue(builder: Builder, { range }: Binding, { start, token }: Iterator): Term {
  const position = integerTerm(builder, start.plus(Integer.iterator(token)));
  return range && !("low" in range) ? indexed(range, [{ kind: "at", at: position }]) : position;
}

/**
 * Finds ranges by running the body once with iterators of unknown range. Within another search that is all that is
 * needed, and a stand-in of the right shape takes the place of the result: a search within searches stays cheap.
 */
function searchRanges(
  builder: Builder,
  gatherer: Gatherer,
  bindings: readonly Binding[],
  known: readonly (Range | undefined)[],
  body: Body,
): { readonly ranges: readonly Range[]; readonly standIn: () => Term } {
  const iterators = bindings.map(({ name }, k) => {
    const range = known[k];
    return range ? iteratorOver(builder, name, range) : builder.unknownIterator(name);
  });
  const value = body(iterators.map((iterator, k) => boundValue(builder, bindings[k]!, iterator)));
  const settled = settleRanges(builder, iterators);
  const ranges = known.map((range, k) => range ?? settled[k]!);
  const standIn = () => {
    const outer = value.iterators.filter((iterator) => !iterators.includes(iterator));
    const { shape, dtype } = gatherer.result(
      value,
      ranges.map(({ low, high }) => high.minus(low)),
    );
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

/** An iterator over low..high. Ends that depend on other iterators become a condition on a range of sizes. */
function iteratorOver(builder: Builder, name: string, { low, high }: Range): Iterator {
  const length = high.minus(low);
  if (!length.atoms().some((atom) => atom.kind === "lookup" || atom.kind === "iterator")) {
    requireLength(builder, name, length);
    return builder.iterator(name, low, length);
  }
  const largest = extreme(builder, length, "largest");
  if (!largest) {
    throw new ShapeError(`the range of "${name}" is ${length.toString()} long, for which no largest value is known.`, {
      notes: ["A range may depend on sizes and, in a linear way, on iterators further out."],
    });
  }
  return builder.iterator(name, low, largest, (own) => [{ index: length.minus(1).minus(own), extent: undefined }]);
}

function requireLength(builder: Builder, name: string, length: Integer): void {
  if (builder.isSearching || isNonNegative(builder, length)) return;
  builder.require({
    index: builder.graph.size(length),
    extent: undefined,
    guard: undefined,
    summary: `the range of "${name}" needs a length ${length.toString()} that is not negative`,
  });
}

/** The largest of nothing is an error when sizes are bound. */
function requireSome(builder: Builder, { name, token, extent, guards }: Iterator): void {
  const length = guards[0] ? guards[0].index.plus(Integer.iterator(token)).plus(1) : extent;
  requirePositive(builder, length, `the range of "${name}"`);
}
