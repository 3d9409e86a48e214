import { ShapeError, UsageError } from "../../ir/errors.ts";
import { type Shape, showShape } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import { join, reshape } from "../../ops/arrays/arrays.ts";
import { add, div, mul, sub } from "../../ops/elementary/algebra.ts";
import { isNonNegative } from "../binders/bounds.ts";
import { requireAtLeast, requireLengths, requirePositive } from "../binders/gather.ts";
import { apply } from "../terms/elementwise.ts";
import { axesFor, integerTerm, oneRead, type Term, termOf, termsOf, viewOf } from "../terms/term.ts";
import { reindexed } from "./arrangements.ts";
import { type Call, sizeOf } from "./calls.ts";
import { core } from "./core.ts";
import { furtherArrays } from "./further-arrays.ts";
import { cross, kron } from "./kronecker.ts";
import { lookups } from "./lookups.ts";
import type { Part, TermFunction } from "./vocabulary.ts";

/** n numbers from low to high, both included. */
function linspace(call: Call): Term {
  const [low, high, count] = call.operands as [Term, Term, Term];
  const { builder } = call;
  const size = sizeOf(count, "the count of linspace");
  requireAtLeast(builder, 2, size, "linspace has both its ends");
  const steps = termOf(builder, builder.graph.iota([size], 0));
  const width = apply(sub, [high, low]);
  const fraction = apply(div, [steps, integerTerm(builder, size.minus(1))]);
  return apply(add, [low, apply(mul, [width, fraction])]);
}

/** Two views that meet nowhere: what moves on, and what comes round. */
function rolled(call: Call): Term {
  const { first: x, builder } = call;
  const axis = call.axis("last");
  const given = sizeOf(call.operands[1]!, "the shift of roll");
  const size = x.shape[axis]!;
  const isBackwards = given.value !== 0 && isNonNegative(builder, given.scaled(-1));
  const distance = isBackwards ? given.scaled(-1) : given;
  // a shift whose sign is open moves forwards
  requireLengths(builder, [distance], "the distance of roll");
  const room = size.minus(distance);
  if (!builder.isSearching && !isNonNegative(builder, room)) {
    if (isNonNegative(builder, room.scaled(-1).minus(1))) {
      throw new UsageError(`roll moves by at most the size of the axis, ${size}, got ${given}.`);
    }
    const summary = `roll moves by at most the size of the axis, so ${room}`;
    builder.require({ index: builder.graph.size(room), extent: undefined, guard: undefined, summary });
  }
  const shifts = [given, isBackwards ? given.plus(size) : given.minus(size)];
  const parts = shifts.map((shift) => {
    const places = x.shape.map((_, k) => (k === axis ? Integer.iterator(k).minus(shift) : Integer.iterator(k)));
    return reindexed(x, places, x.shape, true).expr;
  });
  return termOf(builder, join(parts), x.iterators);
}

/** Elements repeated along a new axis, which then joins the axis beside it. */
function repeated(around: (call: Call, axis: number) => [before: Shape, after: Shape]) {
  return (call: Call): Term => {
    const { first: x, builder } = call;
    const axis = call.axis("last");
    const what = `the count of ${call.name}`;
    const count = sizeOf(call.operands[1]!, what);
    requireLengths(builder, [count], what);
    const [before, after] = around(call, axis);
    const places = x.shape.map((_, k) => Integer.iterator(k < before.length ? k : k + 1));
    const spread = reindexed(x, places, [...before, count, ...after]);
    const outer = x.iterators.map(({ extent }) => extent);
    const shape = x.shape.map((size, k) => (k === axis ? size.times(count) : size));
    return termOf(builder, reshape(spread.expr, [...outer, ...shape]), x.iterators);
  };
}

function split(call: Call): Term {
  const { first: x, builder } = call;
  const axis = call.axis(0);
  if (x.rank === 0) throw new ShapeError("split needs an array, got a scalar.");
  const count = sizeOf(call.operands[1]!, "the count of split");
  if (count.value !== undefined && count.value < 1)
    throw new UsageError(`split needs a count from 1 on, got ${count}.`);
  const size = x.shape[axis]!;
  const part = size.floorDiv(count);
  const rest = size.minus(part.times(count));
  if (!builder.isSearching && rest.value !== 0) {
    if (isNonNegative(builder, rest.minus(1)))
      throw new ShapeError(`split needs equal parts: ${size} is no multiple of ${count}.`);
    const summary = `split needs equal parts, so what is left of ${size}`;
    builder.require({ index: builder.graph.size(rest), extent: Integer.one, guard: undefined, summary });
  }
  const places = x.shape.map((_, k) => {
    const own = Integer.iterator(k + 1);
    return k === axis ? part.times(Integer.iterator(0)).plus(own) : own;
  });
  return reindexed(x, places, [count, ...x.shape.map((length, k) => (k === axis ? part : length))]);
}

/** x where an index of the last two axes is not negative. */
function triangle(inside: (row: Integer, column: Integer, diagonal: Integer) => Integer) {
  return (call: Call): Term => {
    const { first: x, builder } = call;
    if (x.rank < 2)
      throw new ShapeError(`${call.name} needs a matrix, got ${showShape(x.shape)}.`, { shapes: [showShape(x.shape)] });
    const [row, column] = [Integer.iterator(x.rank - 2), Integer.iterator(x.rank - 1)];
    const guard = { index: inside(row, column, call.size("diagonal", Integer.zero)), extent: undefined };
    return termOf(builder, viewOf(termsOf(builder, x.axes, [], [oneRead(x)], [guard])), x.iterators);
  };
}

function diagonalMatrix(call: Call): Term {
  const { first: x, builder, name } = call;
  if (x.rank === 0) throw new ShapeError(`${name} needs a vector, got a scalar.`);
  // of a matrix its diagonal is meant, wherever there is a diag
  if (x.rank === 2) return core.functions!.diagonal!.build(call);
  if (x.rank > 2) {
    throw new ShapeError(`${name} needs a vector or a matrix, got ${showShape(x.shape)}.`, {
      notes: ['Write "diagonal(x)" for the diagonals of the last two axes.'],
    });
  }
  const size = x.shape[x.rank - 1]!;
  const guard = { index: Integer.iterator(x.rank - 1).minus(Integer.iterator(x.rank)), extent: Integer.one };
  return termOf(
    builder,
    viewOf(termsOf(builder, axesFor(x.iterators, [...x.shape, size]), [], [oneRead(x)], [guard])),
    x.iterators,
  );
}

function differences(call: Call): Term {
  const { first: x } = call;
  const axis = call.axis("last");
  const size = x.shape[axis]!;
  requirePositive(call.builder, size, `axis ${axis} of the array`);
  const shape = x.shape.map((length, k) => (k === axis ? length.minus(1) : length));
  const from = (start: number) =>
    reindexed(
      x,
      x.shape.map((_, k) => (k === axis ? Integer.iterator(k).plus(start) : Integer.iterator(k))),
      shape,
    );
  return apply(sub, [from(1), from(0)]);
}

/** Further functions that arrange elements. */
const functions: Readonly<Record<string, TermFunction>> = {
  roll: {
    operands: ["x", "shift"],
    options: ["axis"],
    build: rolled,
  },
  tile: {
    operands: ["x", "count"],
    options: ["axis"],
    build: repeated((call, axis) => [call.first.shape.slice(0, axis), call.first.shape.slice(axis)]),
  },
  repeatElements: {
    operands: ["x", "count"],
    options: ["axis"],
    build: repeated((call, axis) => [call.first.shape.slice(0, axis + 1), call.first.shape.slice(axis + 1)]),
  },
  split: {
    operands: ["x", "count"],
    options: ["axis"],
    build: split,
  },
  tril: {
    operands: ["x"],
    options: ["diagonal"],
    build: triangle((row, column, diagonal) => row.plus(diagonal).minus(column)),
  },
  triu: {
    operands: ["x"],
    options: ["diagonal"],
    build: triangle((row, column, diagonal) => column.minus(row).minus(diagonal)),
  },
  diag: {
    operands: ["x"],
    build: diagonalMatrix,
  },
  diff: {
    operands: ["x"],
    options: ["axis"],
    build: differences,
  },
  linspace: {
    operands: ["low", "high", "count"],
    build: linspace,
  },
  cross: {
    operands: ["x", "y"],
    build: ({ operands: [x, y] }) => cross(x!, y!),
  },
  kron: {
    operands: ["x", "y"],
    build: ({ operands: [x, y] }) => kron(x!, y!),
  },
  ...furtherArrays,
  ...lookups,
};

export const arrays: Part = { functions };
