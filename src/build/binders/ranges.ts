import { IndexRangeError } from "../../ir/errors.ts";
import { Integer } from "../../ir/integer.ts";
import type { Range } from "../model.ts";
import type { Builder, Iterator, RangeRead } from "../terms/builder.ts";
import { extreme, isNonNegative, splitAt } from "./bounds.ts";

/** One side of a range, as a read asks for it. */
interface Bound {
  readonly value: Integer;
  /** True when it follows from sizes alone; other iterators may leave a choice. */
  readonly isPlain: boolean;
  /** False where beyond it nothing is read, as beyond i = n of x[i..n]: it counts where no other says where to end. */
  readonly isStrict: boolean;
  readonly label: string;
}

/**
 * Finds the ranges of iterators from the reads that their search recorded: each time the largest on which every
 * read is in bounds. Reads that involve several of them count once the others are known. Of ends that depend on others
 * nothing is found. Throws IndexRangeError.
 */
export function settleRanges(builder: Builder, iterators: readonly Iterator[]): (Range | undefined)[] {
  let open = iterators.filter(({ search }) => search && !search.range);
  while (open.length > 0) {
    const left = open.filter((iterator) => {
      const range = rangeFor(builder, iterator);
      if (range) iterator.search!.range = range;
      return !range;
    });
    if (left.length === open.length) {
      const { unsettled, reads } = left[0]!.search!;
      throw unsettled(reads);
    }
    open = left;
  }
  return iterators.map(({ search, isOpen, start, extent }) =>
    isOpen ? undefined : (search?.range ?? { low: start, high: start.plus(extent) }),
  );
}

/** Of a range that is left out. */
export function unsettled(name: string, reads: readonly RangeRead[]): IndexRangeError {
  const chosen = reads.find(({ guards }) => guards.length > 0);
  const why = chosen
    ? `${chosen.label} counts only where its condition holds, and "${name}" may go further.`
    : `no read with "${name}" in its index settles it.`;
  return new IndexRangeError(`the range of "${name}" is not known: ${why}`, {
    notes: [`Write the range: "${name} in 0..n".`],
  });
}

function rangeFor(builder: Builder, iterator: Iterator): Range | undefined {
  const bounds = iterator.search!.reads.flatMap((read) => boundsOf(builder, iterator, read) ?? []);
  const [lows, highs] = (["low", "high"] as const).map((side) => bounds.flatMap((each) => each[side] ?? []));
  const high = endOf(builder, iterator, highs!, "high");
  if (!high) return undefined;
  const low = endOf(builder, iterator, lows!, "low") ?? Integer.zero;
  // what reads nothing below a position does not say that it begins there
  const isOpen = !lows!.some(({ isStrict }) => isStrict) && isNonNegative(builder, low);
  return { low: isOpen ? Integer.zero : low, high };
}

function endOf(
  builder: Builder,
  iterator: Iterator,
  bounds: readonly Bound[],
  side: "low" | "high",
): Integer | undefined {
  const strict = bounds.filter(({ isStrict }) => isStrict);
  return tightest(builder, iterator, strict.length > 0 ? strict : bounds, side);
}

/**
 * Takes down a read for the iterators in its index whose ranges are looked for. Of an iterator whose own range depends
 * on those the ends count: x[k] with k in 0..i+1 reaches i.
 */
export function recordRead(builder: Builder, read: RangeRead): void {
  if (!builder.isSearching) return;
  const iterators = builder.iteratorsOf(read.index);
  const inner = iterators.find(({ isOpen }) => isOpen);
  if (!inner) {
    for (const { search } of iterators) search?.reads.push(read);
    return;
  }
  const split = splitAt(read.index, Integer.iterator(inner.token).terms[0]!.atoms[0]!);
  if (!split) return;
  const { coefficient, rest } = split;
  const grows = isNonNegative(builder, coefficient);
  if (!grows && !isNonNegative(builder, coefficient.scaled(-1))) return;
  // its value is its start and the iterator
  const { low, high } = inner.ends!;
  const ends = [Integer.zero, high.minus(low).minus(1)].map((at) => rest.plus(coefficient.times(at)));
  for (const [k, end] of (["low", "high"] as const).entries()) {
    if ((read.end ?? end) === end) recordRead(builder, { ...read, index: ends[grows ? k : 1 - k]!, end });
  }
}

interface Bounds {
  readonly low: Bound | undefined;
  readonly high: Bound | undefined;
}

/** Where 0 <= c t + rest < size holds for every value of the rest, except sides that the path's conditions imply. */
function boundsOf(
  builder: Builder,
  { token }: Iterator,
  { index, size, guards, label, end }: RangeRead,
): Bounds | undefined {
  const split = splitAt(index, Integer.iterator(token).terms[0]!.atoms[0]!);
  if (!split) return undefined;
  const { coefficient, rest } = split;
  const grows = isNonNegative(builder, coefficient.minus(1));
  if (!grows && !isNonNegative(builder, coefficient.scaled(-1).minus(1)) && !isSizeLike(coefficient)) return undefined;
  const least = extreme(builder, rest, "least");
  const largest = extreme(builder, rest, "largest");
  if (!least || !largest) return undefined;
  const isPlain = rest.iterators().length === 0;
  const impliesLow = guards.length > 0 && isNonNegative(builder, index, guards);
  const impliesHigh = guards.length > 0 && isNonNegative(builder, size.minus(1).minus(index), guards);
  const shrinks = isNonNegative(builder, coefficient.scaled(-1).minus(1));
  const bound = (value: Integer, side: "low" | "high"): Bound => ({
    value,
    isPlain,
    isStrict: !end || end === side,
    label,
  });
  // c t + rest >= 0 and c t + rest <= size - 1, solved for t
  if (!shrinks) {
    return {
      low: impliesLow ? undefined : bound(least.floorDiv(coefficient).scaled(-1), "low"),
      high: impliesHigh ? undefined : bound(size.minus(1).minus(largest).floorDiv(coefficient).plus(1), "high"),
    };
  }
  const step = coefficient.scaled(-1);
  return {
    low: impliesHigh ? undefined : bound(size.minus(1).minus(largest).floorDiv(step).scaled(-1), "high"),
    high: impliesLow ? undefined : bound(least.floorDiv(step).plus(1), "low"),
  };
}

/** A coefficient of sizes, such as d in i*d + j: it is taken to be at least 1. */
function isSizeLike(coefficient: Integer): boolean {
  return coefficient.terms.length > 0 && coefficient.isProvablyNonNegative([]);
}

/** The bound that implies the others. Plain ones must be comparable; the rest only count where they can be compared. */
function tightest(
  builder: Builder,
  { name }: Iterator,
  bounds: readonly Bound[],
  side: "low" | "high",
): Integer | undefined {
  const ordered = [...bounds].sort((a, b) => Number(b.isPlain) - Number(a.isPlain));
  let best: Bound | undefined;
  for (const bound of ordered) {
    if (!best) {
      best = bound;
      continue;
    }
    const gap = side === "high" ? best.value.minus(bound.value) : bound.value.minus(best.value);
    if (isNonNegative(builder, gap.scaled(-1))) continue;
    if (isNonNegative(builder, gap)) best = bound;
    else if (bound.isPlain || !best.isPlain) throw undecided(name, best, bound, side);
  }
  return best?.value;
}

function undecided(name: string, first: Bound, second: Bound, side: "low" | "high"): IndexRangeError {
  const end = side === "high" ? "ends before" : "begins at";
  return new IndexRangeError(
    `the range of "${name}" cannot be told: by ${first.label} it ${end} ${first.value.toString()}, by ${second.label} ${end} ${second.value.toString()}.`,
    { notes: [`Write the range: "${name} in 0..${first.value.toString()}".`] },
  );
}
