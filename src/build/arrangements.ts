import { ShapeError, UsageError } from "../ir/errors.ts";
import { type Shape, showShape } from "../ir/graph.ts";
import { Integer } from "../ir/integer.ts";
import { add, div, mul, sub } from "../ops/algebra.ts";
import { concat, join, reshape, stack } from "../ops/arrays.ts";
import { toReal } from "../ops/cast.ts";
import { eye } from "../ops/composites.ts";
import { isNonNegative } from "./bounds.ts";
import { type Call, sizeOf } from "./calls.ts";
import { apply } from "./elementwise.ts";
import { requirePositive } from "./gather.ts";
import {
  aligned,
  axesFor,
  integerTerm,
  movedReads,
  ownRead,
  readsOf,
  readTerm,
  type Term,
  termOf,
  termsOf,
  unionOf,
  viewOf,
} from "./term.ts";
import type { TermFunction } from "./vocabulary.ts";

/**
 * x read at other places: own axis k of x at `places[k]`, over the own axes of the result. Places outside of x are
 * absent, so that reads of x's own parts are not read through: they may have elements there.
 */
function reindexed(x: Term, places: readonly Integer[], shape: Shape, mayLeave = false): Term {
  const reads = mayLeave ? [ownRead(x)] : readsOf(x);
  return readTerm(x.builder, movedReads(reads, places), x.iterators, shape, x.dtype);
}

/** The last two axes of x swapped. */
export function transposed(x: Term): Term {
  if (x.rank < 2) {
    throw new ShapeError(`a transpose needs two axes or more, got ${showShape(x.shape)}.`, {
      shapes: [showShape(x.shape)],
      notes: x.rank === 1 ? ["A vector is neither a row nor a column: x @ y is the inner product."] : [],
    });
  }
  const order = x.shape.map((_, axis) => axis);
  return permuted(x, [...order.slice(0, -2), x.rank - 1, x.rank - 2]);
}

/** Axis k of the result is axis `order[k]` of x. */
function permuted(x: Term, order: readonly number[]): Term {
  const places = x.shape.map((_, axis) => Integer.iterator(order.indexOf(axis)));
  return reindexed(
    x,
    places,
    order.map((axis) => x.shape[axis]!),
  );
}

function transpose(call: Call): Term {
  if (!call.options.has("axis")) return transposed(call.first);
  const order = call.axes();
  if (order.length !== call.first.rank) {
    throw new UsageError(`transpose needs all ${call.first.rank} axes in their new order, got ${order.length}.`);
  }
  return permuted(call.first, order);
}

/** pad(x, [0, 1]): one width per axis, for both sides; or a pair [before, after] per axis. */
function pad(call: Call): Term {
  const x = call.first;
  const given = call.operands[1]!;
  const entries = given.elements ?? x.shape.map(() => given);
  if (entries.length !== x.rank) {
    throw new ShapeError(`pad needs one width per axis of ${showShape(x.shape)}, got ${entries.length}.`);
  }
  const widths = entries.map((entry) => {
    const ends = (entry.elements ?? [entry, entry]).map((end) => sizeOf(end, "a width of pad"));
    if (ends.length !== 2) throw new UsageError(`a width of pad is a number or a pair, got ${ends.length} numbers.`);
    return ends as [Integer, Integer];
  });
  const shape = x.shape.map((size, axis) => size.plus(widths[axis]![0]).plus(widths[axis]![1]));
  for (const [axis, ends] of widths.entries()) {
    if (ends.some((end) => end.value !== undefined && end.value < 0)) {
      throw new ShapeError(`pad takes widths from 0 on, got ${ends.join(" and ")} for axis ${axis}.`);
    }
  }
  return reindexed(
    x,
    widths.map(([before], axis) => Integer.iterator(axis).minus(before)),
    shape,
    true,
  );
}

function reshaped(call: Call): Term {
  const { first: x, builder } = call;
  const shape = call.sizes(1);
  const [before, after] = [Integer.product(x.shape), Integer.product(shape)];
  if (!before.equals(after)) {
    const gap = after.minus(before);
    if (isNonNegative(builder, gap.minus(1)) || isNonNegative(builder, gap.scaled(-1).minus(1))) {
      throw new ShapeError(
        `reshape cannot make ${showShape(shape)} of ${showShape(x.shape)}: ${after} elements of ${before}.`,
        {
          shapes: [showShape(x.shape), showShape(shape)],
        },
      );
    }
    builder.require({
      index: builder.graph.size(gap),
      extent: Integer.one,
      guard: undefined,
      summary: `reshape needs as many elements in ${showShape(shape)} as in ${showShape(x.shape)}`,
    });
  }
  const outer = x.iterators.map(({ extent }) => extent);
  return termOf(builder, reshape(x.expr, [...outer, ...shape]), x.iterators);
}

/** Terms over the iterators of all of them, each under its own shape. */
function together(operands: readonly Term[]) {
  const iterators = unionOf(operands.map((operand) => operand.iterators));
  const isReal = operands.some(({ dtype }) => dtype === "real");
  const exprs = operands.map((operand) => {
    const expr = aligned(operand, iterators, operand.shape);
    return isReal ? toReal(expr) : expr;
  });
  return { iterators, exprs };
}

function concatenated(call: Call): Term {
  const axis = call.axis(0);
  const { iterators, exprs } = together(call.operands);
  return termOf(call.builder, concat(exprs, axis + iterators.length), iterators);
}

function stacked(call: Call): Term {
  const axis = call.options.get("axis")?.constant ?? 0;
  const { rank } = call.first;
  if (!Number.isInteger(axis) || axis < 0 || axis > rank) {
    throw new UsageError(`stack needs an axis from 0 to ${rank}, got ${axis}.`);
  }
  const { iterators, exprs } = together(call.operands);
  return termOf(call.builder, stack(exprs, axis + iterators.length), iterators);
}

/** [a, b, c]: the elements along a new first axis. Numbers alone become a constant tensor. */
export function listOf(operands: readonly Term[]): Term {
  const [first] = operands;
  if (!first) throw new UsageError("an array needs an element: [] has no type.");
  const { builder } = first;
  const make = (): Term => {
    const values = operands.map(({ constant }) => constant);
    if (values.every((value) => value !== undefined) && operands.every(({ dtype }) => dtype !== "bool")) {
      const dtype = operands.every((operand) => operand.dtype === "int") ? "int" : "real";
      return termOf(builder, builder.graph.tensor(values as number[], [values.length], dtype));
    }
    const rows = nestedConstants(operands);
    if (rows) return termOf(builder, rows);
    const { iterators, exprs } = together(operands);
    return termOf(builder, stack(exprs, iterators.length), iterators);
  };
  return make().withElements(operands);
}

/** Rows of constants of one shape, as a constant tensor. */
function nestedConstants(operands: readonly Term[]) {
  const { builder, shape } = operands[0]!;
  const { graph } = builder;
  const sizes = shape.map((size) => size.value);
  const isRow = (operand: Term) =>
    operand.iterators.length === 0 &&
    operand.rank > 0 &&
    operand.expr.kind === "tensor" &&
    operand.shape.length === shape.length &&
    operand.shape.every((size, axis) => size.equals(shape[axis]!));
  if (!operands.every(isRow)) return undefined;
  const values = operands.flatMap((operand) => Array.from(graph.tensorOf(operand.expr.id)));
  const dtype = operands.every((operand) => operand.dtype === "int") ? "int" : "real";
  return graph.tensor(values, [operands.length, ...(sizes as number[])], dtype);
}

const filled = (value: number) => (call: Call) =>
  termOf(
    call.builder,
    call.builder.graph.constant(
      value,
      call.operands.map((operand) => sizeOf(operand, `a size of ${call.name}`)),
    ),
  );

/** n numbers from low to high, both included. */
function linspace(call: Call): Term {
  const [low, high, count] = call.operands as [Term, Term, Term];
  const { builder } = call;
  const size = sizeOf(count, "the count of linspace");
  requirePositive(builder, size.minus(1), "linspace from its first to its last number");
  const steps = termOf(builder, builder.graph.iota([size], 0));
  const width = apply(sub, [high, low]);
  const fraction = apply(div, [steps, integerTerm(builder, size.minus(1))]);
  return apply(add, [low, apply(mul, [width, fraction])]);
}

function identityMatrix(call: Call): Term {
  return termOf(call.builder, eye(call.builder.graph, sizeOf(call.first, "the size of eye")));
}

/** Two views that meet nowhere: what moves on, and what comes round. */
function rolled(call: Call): Term {
  const { first: x, builder } = call;
  const axis = call.axis("last");
  const given = sizeOf(call.operands[1]!, "the shift of roll");
  const size = x.shape[axis]!;
  const isBackwards = given.value !== undefined && given.value < 0;
  const distance = isBackwards ? given.scaled(-1) : given;
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
    const count = sizeOf(call.operands[1]!, `the count of ${call.name}`);
    if (count.value !== undefined && count.value < 0)
      throw new UsageError(`${call.name} needs a count from 0 on, got ${count}.`);
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
    const reads = x.reads?.length === 1 ? x.reads : [ownRead(x)];
    return termOf(builder, viewOf(termsOf(builder, x.axes, [], reads, [guard])), x.iterators);
  };
}

function diagonalMatrix({ first: x, builder, name }: Call): Term {
  if (x.rank === 0) throw new ShapeError(`${name} needs a vector, got a scalar.`);
  const size = x.shape[x.rank - 1]!;
  const guard = { index: Integer.iterator(x.rank - 1).minus(Integer.iterator(x.rank)), extent: Integer.one };
  const reads = x.reads?.length === 1 ? x.reads : [ownRead(x)];
  return termOf(
    builder,
    viewOf(termsOf(builder, axesFor(x.iterators, [...x.shape, size]), [], reads, [guard])),
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

/** Functions that arrange elements, or make arrays of nothing but sizes. */
export const arrangements: Readonly<Record<string, TermFunction>> = {
  transpose: {
    operands: ["x"],
    options: ["axis"],
    summary: "the last two axes swapped; with a list of all axes, in that order",
    build: transpose,
  },
  reshape: {
    operands: ["x", "shape"],
    summary: "the elements in row-major order under another shape",
    build: reshaped,
  },
  flatten: {
    operands: ["x"],
    summary: "the elements in row-major order as a vector",
    build: ({ first: x, builder }) => {
      const outer = x.iterators.map(({ extent }) => extent);
      return termOf(builder, reshape(x.expr, [...outer, Integer.product(x.shape)]), x.iterators);
    },
  },
  pad: { operands: ["x", "widths"], summary: "zeros around x: a width, or a pair, per axis", build: pad },
  concat: {
    operands: ["x", "y"],
    optional: 1,
    repeats: true,
    options: ["axis"],
    summary: "arrays one after the other, by default along the first axis",
    build: concatenated,
  },
  stack: {
    operands: ["x"],
    repeats: true,
    options: ["axis"],
    summary: "arrays of one shape along a new axis, by default the first",
    build: stacked,
  },
  reverse: {
    operands: ["x"],
    options: ["axis"],
    summary: "the elements in the opposite order, by default along the last axis",
    build: (call) => {
      const { first: x } = call;
      const axes = call.axes("last");
      const places = x.shape.map((size, k) =>
        axes.includes(k) ? size.minus(1).minus(Integer.iterator(k)) : Integer.iterator(k),
      );
      return reindexed(x, places, x.shape);
    },
  },
  roll: {
    operands: ["x", "shift"],
    options: ["axis"],
    summary: "the elements moved by so many places around an axis, by default the last; at most once around",
    build: rolled,
  },
  tile: {
    operands: ["x", "count"],
    options: ["axis"],
    summary: "the whole array so many times over along an axis, by default the last",
    build: repeated((call, axis) => [call.first.shape.slice(0, axis), call.first.shape.slice(axis)]),
  },
  repeatElements: {
    operands: ["x", "count"],
    options: ["axis"],
    summary: "each element so many times in a row along an axis, by default the last",
    build: repeated((call, axis) => [call.first.shape.slice(0, axis + 1), call.first.shape.slice(axis + 1)]),
  },
  split: {
    operands: ["x", "count"],
    options: ["axis"],
    summary: "an axis, by default the first, in so many equal parts, one after the other along a new first axis",
    build: split,
  },
  tril: {
    operands: ["x"],
    options: ["diagonal"],
    summary: "the last two axes on and below a diagonal, 0 above it",
    build: triangle((row, column, diagonal) => row.plus(diagonal).minus(column)),
  },
  triu: {
    operands: ["x"],
    options: ["diagonal"],
    summary: "the last two axes on and above a diagonal, 0 below it",
    build: triangle((row, column, diagonal) => column.minus(row).minus(diagonal)),
  },
  diag: {
    operands: ["x"],
    summary: "the matrix with the last axis of x on its diagonal, 0 elsewhere",
    build: diagonalMatrix,
  },
  diff: {
    operands: ["x"],
    options: ["axis"],
    summary: "each element less the one before it, by default along the last axis",
    build: differences,
  },
  zeros: { operands: ["size"], repeats: true, optional: 1, summary: "zeros of a shape", build: filled(0) },
  ones: { operands: ["size"], repeats: true, optional: 1, summary: "ones of a shape", build: filled(1) },
  eye: { operands: ["size"], summary: "the identity matrix", build: identityMatrix },
  linspace: {
    operands: ["low", "high", "count"],
    summary: "evenly spaced numbers, both ends included",
    build: linspace,
  },
};
