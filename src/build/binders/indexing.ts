import { counted } from "../../ir/counted.ts";
import { ShapeError, TypeMismatchError } from "../../ir/errors.ts";
import { type Shape, showShape } from "../../ir/graph.ts";
import { type Atom, Integer, isVariableAtom } from "../../ir/integer.ts";
import type { Builder, Iterator } from "../terms/builder.ts";
import { article, broadcastShape } from "../terms/elementwise.ts";
import { integerExpr, movedReads, readsOf, readTerm, spreadAxes, type Term, unionOf } from "../terms/term.ts";
import { checkInside, checkRange, isVarying, type ReadAxis, type ReadNames, requireAllInside } from "./inside.ts";
import { raggedError, refuseRows, rowFunctions, rowOf, withSameRows } from "./rows.ts";

/** What stands in the brackets of a read, one per axis: a position, positions, a range of them, or all. */
export type Entry =
  | { readonly kind: "at"; readonly at: Term }
  | { readonly kind: "range"; readonly low: Integer; readonly high: Integer }
  | { readonly kind: "all" };

const plainNames: ReadNames = { tensor: "the tensor", written: "the read", indices: [] };

/** x[entries]; axes without an entry stay whole. Records and checks that the positions lie inside. Throws ShapeError for too many. */
export function indexed(x: Term, entries: readonly Entry[], names: ReadNames = plainNames): Term {
  const { builder } = x;
  refuseRows(builder, x.iterators);
  if (entries.length > x.rank) {
    throw new ShapeError(`${names.tensor} ${axisCount(x)}, got ${counted(entries.length, "index", "indices")}.`, {
      shapes: [showShape(x.shape)],
    });
  }
  const given = entries.flatMap((entry) => (entry.kind === "at" ? [entry.at] : []));
  for (const position of given) requireInt(position);
  const positions = withSameRows(given);
  const indexing = new Indexing(x, positions);
  const left = [...positions];
  const met = entries.map((entry): Entry => (entry.kind === "at" ? { kind: "at", at: left.shift()! } : entry));
  const places = x.shape.map((size, axis) => indexing.placeOf(met[axis] ?? { kind: "all" }, { size, axis, names }));
  const iterators = unionOf([x.iterators, ...indexing.moving, ...positions.map((position) => position.iterators)]);
  const indices = places.map((place) => place());
  return readTerm(builder, movedReads(readsOf(x), indices), iterators, indexing.shape, x.dtype);
}

/** The shape of a read, as its entries make it axis by axis. */
class Indexing {
  readonly shape: Integer[] = [];
  /** Of slices of one length that move. */
  readonly moving: (readonly Iterator[])[] = [];
  private readonly x: Term;
  /** Several arrays of positions meet element by element; their axes stand where the first of them stands. */
  private readonly gathered: Shape;
  private gatherAt: number | undefined;
  private row: Iterator | undefined;

  constructor(x: Term, positions: readonly Term[]) {
    this.x = x;
    this.gathered = broadcastShape([[], ...positions.map(({ shape }) => shape)], "an index");
    this.row = positions.map(rowOf).find((each) => each);
  }

  /** Where an axis is read, once the whole shape is known. */
  placeOf(entry: Entry, read: ReadAxis): () => Integer {
    if (entry.kind === "at") return this.placeAt(entry.at, read);
    if (entry.kind === "range") return this.placeIn(entry, read);
    const own = Integer.iterator(this.shape.length);
    this.shape.push(read.size);
    return () => own;
  }

  private placeAt(at: Term, read: ReadAxis): () => Integer {
    const { builder } = this.x;
    if (this.shape.length > 0) refuseRows(builder, at.iterators);
    if (at.integer && at.rank === 0) {
      checkInside(builder, at.integer, read);
      const place = affine(builder, at.integer);
      return () => place;
    }
    if (this.gatherAt === undefined) {
      this.gatherAt = this.shape.length;
      this.shape.push(...this.gathered);
    }
    return gather(at, read, this.gathered, this.gatherAt);
  }

  private placeIn(range: Extract<Entry, { kind: "range" }>, read: ReadAxis): () => Integer {
    const { builder } = this.x;
    const { low, high } = range;
    const length = high.minus(low);
    if (isVarying(length)) return this.placeInRow(range, read);
    const own = Integer.iterator(this.shape.length);
    this.shape.push(length);
    if (!isVarying(low)) {
      checkRange(builder, range, read);
      return () => own.plus(low);
    }
    for (const end of length.value === 0 ? [] : [low, high.minus(1)]) checkInside(builder, end, read);
    this.moving.push(builder.iteratorsOf(low));
    const start = affine(builder, low);
    return () => own.plus(start);
  }

  /** The row of a slice whose ends vary is its first axis, and the only one of its kind. */
  private placeInRow(range: Extract<Entry, { kind: "range" }>, read: ReadAxis): () => Integer {
    const { builder } = this.x;
    const isFirst = this.shape.length === 0 && this.gathered.length === 0 && !this.row;
    const made = isFirst ? builder.graph.ability(rowFunctions)?.row(builder, range, read.size) : undefined;
    if (!made) throw raggedError(builder, range);
    checkRange(builder, range, read);
    this.row = made;
    this.moving.push([made], builder.iteratorsOf(made.start));
    const place = affine(builder, made.start.plus(Integer.iterator(made.token)));
    return () => place;
  }
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
  const result: ReadAxis = { size, axis: 0, names };
  const { integer } = at;
  if (integer && at.rank === 0) {
    checkInside(at.builder, integer, result);
    return affine(at.builder, integer);
  }
  const read = requireAllInside(at, result);
  return Integer.lookup(read.of.id, read.index);
}

/** Positions held in an int tensor, read along its own axes. */
function gather(at: Term, read: ReadAxis, shape: Shape, offset: number): () => Integer {
  const positions = requireAllInside(at, read);
  const places = spreadAxes(at.shape, shape).map((place) =>
    place.withIterators(shape.map((_, k) => Integer.iterator(k + offset))),
  );
  return () => Integer.lookup(positions.of.id, movedReads([positions], places)[0]!.index);
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
