import { ShapeError } from "../../ir/errors.ts";
import { type Shape, showShape } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import { contract } from "../../ops/arrays/contractions.ts";
import { requireLengths } from "../binders/gather.ts";
import { type Entry, indexed, lookupOf } from "../binders/indexing.ts";
import {
  type Axis,
  axesFor,
  movedReads,
  oneRead,
  readsOf,
  type Term,
  termOf,
  termsOf,
  unionOf,
  viewOf,
} from "../terms/term.ts";
import { type Call, sizeOf } from "./calls.ts";
import type { TermFunction } from "./vocabulary.ts";

// Reads and writes at places that int tensors hold: x[idx[i], j] and its relatives as functions.

const own = (from: number, count: number): Integer[] =>
  Array.from({ length: count }, (_, k) => Integer.iterator(from + k));

/** x[:, positions, :]: the positions' axes stand in the place of one axis of x. */
function take(call: Call): Term {
  const [x, positions] = call.operands as [Term, Term];
  const axis = call.axis(0);
  if (x.rank === 0) throw new ShapeError("take needs an array, got a scalar.");
  const entries = x.shape.slice(0, axis).map((): Entry => ({ kind: "all" }));
  return indexed(x, [...entries, { kind: "at", at: positions }], {
    tensor: "the array of take",
    written: "take",
    indices: x.shape.map(() => "of a position"),
  });
}

/** z[i, j] = x[positions[i, j], j] along axis 0, and so on: positions has an axis for each axis of x. */
function takeAlongAxis(call: Call): Term {
  const [x, positions] = call.operands as [Term, Term];
  const axis = call.axis("last");
  const fits = positions.rank === x.rank && x.shape.every((size, k) => k === axis || size.equals(positions.shape[k]!));
  if (!fits) {
    const shapes = [showShape(x.shape), showShape(positions.shape)];
    throw new ShapeError(
      `takeAlongAxis needs positions of the array's shape outside axis ${axis}, got ${shapes.join(" and ")}.`,
      { shapes },
    );
  }
  const at = lookupOf(positions, x.shape[axis]!, "takeAlongAxis");
  const places = x.shape.map((_, k) => (k === axis ? at : Integer.iterator(k)));
  const reads = movedReads([oneRead(x)], places);
  const iterators = unionOf([x.iterators, positions.iterators]);
  return termOf(x.builder, viewOf(termsOf(x.builder, axesFor(iterators, positions.shape), [], reads)), iterators);
}

/** z[positions[i], j] += x[i, j], for all leading axes of x that positions has. */
function scatterAdd(call: Call): Term {
  const [x, positions, count] = call.operands as [Term, Term, Term];
  const { builder } = call;
  const what = "the size of scatterAdd";
  const size = sizeOf(count, what);
  requireLengths(builder, [size], what);
  const leading = positions.rank;
  if (x.rank < leading || positions.shape.some((length, k) => !length.equals(x.shape[k]!))) {
    const shapes = [showShape(x.shape), showShape(positions.shape)];
    throw new ShapeError(
      `scatterAdd needs a position for each leading place of the array, got ${shapes.join(" and ")}.`,
      { shapes },
    );
  }
  const iterators = unionOf([x.iterators, positions.iterators]);
  const at = lookupOf(positions, size, "scatterAdd");
  // the place is looked up where the terms are: it takes part in their domain, and then becomes an axis of the result
  const rest = x.shape.slice(leading);
  const kept: Axis[] = axesFor(iterators, x.shape);
  const terms = termsOf(builder, kept, [], readsOf(x), [{ index: at, extent: size }]);
  const place = terms.guards!.at(-1)!.index;
  const outer = iterators.map(({ extent }) => extent);
  const restAt = own(iterators.length + leading, rest.length);
  return termOf(
    builder,
    contract({
      ...terms,
      guards: [],
      output: [...own(0, iterators.length), place, ...restAt],
      shape: [...outer, size, ...rest],
    }),
    iterators,
  );
}

/** z[.., k] = 1 where positions[..] is k, else 0: a view of the constant 1, so that a product with it is a lookup. */
function oneHot(call: Call): Term {
  const [positions, count] = call.operands as [Term, Term];
  const { builder } = call;
  const what = "the size of oneHot";
  const size = sizeOf(count, what);
  requireLengths(builder, [size], what);
  const at = lookupOf(positions, size, "oneHot");
  const shape: Shape = [...positions.shape, size];
  const meets = { index: at.minus(Integer.iterator(positions.rank)), extent: Integer.one };
  const one = { of: builder.graph.constant(1), index: [] };
  const terms = termsOf(builder, axesFor(positions.iterators, shape), [], [one], [meets]);
  return termOf(builder, contract(terms), positions.iterators);
}

/** Functions of int tensors that say where. */
export const lookups: Readonly<Record<string, TermFunction>> = {
  take: {
    operands: ["x", "positions"],
    options: ["axis"],
    build: take,
  },
  takeAlongAxis: {
    operands: ["x", "positions"],
    options: ["axis"],
    build: takeAlongAxis,
  },
  scatterAdd: {
    operands: ["x", "positions", "size"],
    build: scatterAdd,
  },
  oneHot: {
    operands: ["positions", "size"],
    build: oneHot,
  },
};
