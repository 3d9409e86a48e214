import { IndexRangeError } from "../../ir/errors.ts";
import type { Expr } from "../../ir/graph.ts";
import type { Integer } from "../../ir/integer.ts";
import type { Span } from "../../ir/source.ts";
import type { Read } from "../../ops/arrays/contractions.ts";
import { type Builder, firstToken, type Iterator, type Step } from "../terms/builder.ts";
import { integerExpr, oneRead, type Term } from "../terms/term.ts";
import { extreme, isNonNegative, rangeGuards } from "./bounds.ts";
import { recordRead } from "./ranges.ts";
import { underPath } from "./under-path.ts";

// What is read must lie inside its tensor: by proof, as an error, or as a requirement on what is bound.

/** How messages name a read: the tensor, and the read as it was written. */
export interface ReadNames {
  readonly tensor: string;
  readonly written: string;
  /** Each index as it was written. */
  readonly indices: readonly string[];
}

/** An axis that is read: its size, its place among the axes, and what messages call the read. */
export interface ReadAxis {
  readonly size: Integer;
  readonly axis: number;
  readonly names: ReadNames;
}

/** True of what differs from element to element. */
export const isVarying = (end: Integer) => end.iterators().some((atom) => atom >= firstToken) || end.isVariable();

/** Settles whether 0 <= index < size. */
export function checkInside(builder: Builder, index: Integer, read: ReadAxis): void {
  const { size, names } = read;
  const guards = builder.pathGuards;
  const iterators = builder.iteratorsOf(index);
  recordRead(builder, { index, size, guards, label: names.written });
  if (index.value !== undefined && index.value < 0) throw negative(index.value, read);
  if (builder.isSearching) return;
  const isInside = isNonNegative(builder, index, guards) && isNonNegative(builder, size.minus(1).minus(index), guards);
  if (isInside) return;
  const isPlain = builder.pathConditions.length === 0 && rangeGuards(builder, iterators).length === 0;
  const outside = isPlain ? provenOutside(builder, index, size) : undefined;
  if (outside) throw leaves(outside, read, iterators);
  requireInside(builder, { expr: integerExpr(builder, index, iterators), iterators }, read);
}

/** Settles whether 0 <= low <= high <= size. */
export function checkRange(
  builder: Builder,
  { low, high }: { readonly low: Integer; readonly high: Integer },
  read: ReadAxis,
): void {
  const { size, axis, names } = read;
  const guards = builder.pathGuards;
  recordRead(builder, { index: low, size, guards, label: names.written, end: "low" });
  recordRead(builder, { index: high.minus(1), size, guards, label: names.written, end: "high" });
  if (builder.isSearching) return;
  for (const { value } of [low, high]) if (value !== undefined && value < 0) throw negative(value, read);
  const beyond = `${names.written} leaves axis ${axis} of ${names.tensor}, which has the positions 0..${size}`;
  requireEnd(builder, { needed: low, index: low, summary: `${names.written} begins before position 0` });
  const end = size.plus(1);
  const wanted = `${beyond}: its end must lie in 0..${end}`;
  requireEnd(builder, { needed: size.minus(high), index: high, extent: end, summary: beyond, wanted });
  const length = high.minus(low);
  requireEnd(builder, { needed: length, index: length, summary: `${names.written} ends before it begins` });
}

/** What makes an end of a slice possible: a whole number that is not negative, in messages an index in 0..extent. */
interface End {
  readonly needed: Integer;
  readonly index: Integer;
  readonly extent?: Integer;
  readonly summary: string;
  /** What is said of values; by default the summary. */
  readonly wanted?: string;
}

function requireEnd(builder: Builder, { needed, index, extent, summary, wanted = summary }: End): void {
  const iterators = builder.iteratorsOf(needed);
  if (isNonNegative(builder, needed, iterators.length > 0 ? builder.pathGuards : [])) return;
  if (isNonNegative(builder, needed.scaled(-1).minus(1))) throw new IndexRangeError(`${summary}.`);
  const { expr, guard } = isVarying(needed)
    ? underPath(builder, integerExpr(builder, index, iterators), iterators)
    : { expr: builder.graph.size(index), guard: undefined };
  builder.require({ index: expr, extent, guard, summary: wanted });
}

function negative(value: number, { size, names }: ReadAxis): IndexRangeError {
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

function leaves(at: Integer, { size, axis, names }: ReadAxis, iterators: readonly Iterator[]): IndexRangeError {
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
export function requireAllInside(at: Term, read: ReadAxis): Read {
  const { builder, iterators, expr } = at;
  const positions = oneRead(at);
  const index = { expr, iterators };
  requireInside(builder, index, read);
  const { pathConditions: path, span } = builder;
  if (path.length > 0 && !builder.isSearching) {
    const others = path.filter(({ condition }) => condition.rank === 0);
    const requireAll = () => requireInside(builder, index, read, { path: others, span });
    builder.positions.push({ ...positions, path, requireAll });
  }
  return positions;
}

/** `place`: where in the text it is asked, under which conditions; by default where the builder is. */
function requireInside(
  builder: Builder,
  index: { readonly expr: Expr; readonly iterators: readonly Iterator[] },
  { size, axis, names }: ReadAxis,
  place: { readonly path?: readonly Step[]; readonly span?: Span | undefined } = {},
): void {
  const { expr, guard } = underPath(builder, index.expr, index.iterators, place.path);
  builder.require({
    index: expr,
    extent: size,
    guard,
    span: place.span,
    summary: `in ${names.written} the index ${names.indices[axis] ?? `on axis ${axis}`} must lie in 0..${size}`,
  });
}
