import { counted } from "../../ir/counted.ts";
import { ShapeError, UsageError } from "../../ir/errors.ts";
import { type Shape, sameShape, showShape } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import { concat, reshape, stack } from "../../ops/arrays/arrays.ts";
import { eye } from "../../ops/arrays/composites.ts";
import { toReal } from "../../ops/elementary/cast.ts";
import { isNonNegative } from "../binders/bounds.ts";
import { requireLengths } from "../binders/gather.ts";
import { refuseRows } from "../binders/rows.ts";
import { aligned, movedReads, ownRead, readsOf, readTerm, Term, termOf, unionOf } from "../terms/term.ts";
import { type Call, sizeOf } from "./calls.ts";
import type { TermFunction } from "./vocabulary.ts";

/**
 * x read at other places: own axis k of x at `places[k]`, over the own axes of the result. Places outside of x are
 * absent, so that reads of x's own parts are not read through: they may have elements there.
 */
export function reindexed(x: Term, places: readonly Integer[], shape: Shape, mayLeave = false): Term {
  const reads = mayLeave ? [ownRead(x)] : readsOf(x);
  return readTerm(x.builder, movedReads(reads, places), x.iterators, shape, x.dtype);
}

/** The last two axes of x swapped: [.., m, n] -> [.., n, m]. Throws ShapeError for fewer axes. */
export function transposed(x: Term): Term {
  if (x.rank < 2) {
    throw new ShapeError(`a transpose needs two axes or more, got ${showShape(x.shape)}.`, {
      shapes: [showShape(x.shape)],
      notes:
        x.rank === 1
          ? [
              'A vector is neither a row nor a column: write "x @ y" for the inner product, "outer(x, y)" for all products.',
            ]
          : [],
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
    throw new UsageError(
      `transpose needs an order of ${counted(call.first.rank, "axis", "axes")}, got ${order.length}.`,
    );
  }
  return permuted(call.first, order);
}

/** pad(x, [0, 1]): one width per axis, for both sides; or a pair [before, after] per axis. A vector takes the pair by itself. */
function pad(call: Call): Term {
  const x = call.first;
  const given = call.operands[1]!;
  const isPair = x.rank === 1 && given.rank === 1 && given.elements?.length === 2;
  const entries = (isPair ? [given] : given.elements) ?? x.shape.map(() => given);
  if (entries.length !== x.rank) {
    throw new ShapeError(`pad needs a width or a pair per axis of ${showShape(x.shape)}, got ${entries.length}.`);
  }
  const widths = entries.map((entry) => {
    const ends = (entry.elements ?? [entry, entry]).map((end) => sizeOf(end, "a width of pad"));
    if (ends.length !== 2)
      throw new UsageError(`a width of pad is a number or a pair, got ${counted(ends.length, "number")}.`);
    return ends as [Integer, Integer];
  });
  const shape = x.shape.map((size, axis) => size.plus(widths[axis]![0]).plus(widths[axis]![1]));
  requireLengths(call.builder, widths.flat(), "a width of pad");
  return reindexed(
    x,
    widths.map(([before], axis) => Integer.iterator(axis).minus(before)),
    shape,
    true,
  );
}

function reshaped(call: Call): Term {
  const { first: x, builder } = call;
  const shape = requireLengths(call.builder, call.sizes(1), `a size of ${call.name}`);
  const [before, after] = [Integer.product(x.shape), Integer.product(shape)];
  if (!before.equals(after)) {
    const gap = after.minus(before);
    if (isNonNegative(builder, gap.minus(1)) || isNonNegative(builder, gap.scaled(-1).minus(1))) {
      throw new ShapeError(
        `reshape cannot make ${showShape(shape)} of ${showShape(x.shape)}: ${after} ${after.value === 1 ? "element" : "elements"} of ${before}.`,
        {
          shapes: [showShape(x.shape), showShape(shape)],
        },
      );
    }
    builder.require({
      index: builder.graph.size(gap),
      extent: Integer.one,
      guard: undefined,
      summary: `reshape needs as many elements in ${showShape(shape)} as in ${showShape(x.shape)}, so a difference of 0`,
    });
  }
  const outer = x.iterators.map(({ extent }) => extent);
  return termOf(builder, reshape(x.expr, [...outer, ...shape]), x.iterators);
}

/** Terms over the iterators of all of them, each under its own shape. */
function together(operands: readonly Term[]) {
  const iterators = unionOf(operands.map((operand) => operand.iterators));
  refuseRows(operands[0]!.builder, iterators);
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
  const { rank } = call.first;
  const given = call.options.get("axis")?.constant ?? 0;
  const axis = given < 0 ? rank + 1 + given : given;
  if (!Number.isInteger(axis) || axis < 0 || axis > rank) {
    throw new UsageError(`stack needs an axis from 0 to ${rank}, got ${given}.`);
  }
  const { iterators, exprs } = together(call.operands);
  return termOf(call.builder, stack(exprs, axis + iterators.length), iterators);
}

/** [a, b, c]: the elements along a new first axis. Numbers alone become a constant tensor. Throws UsageError for no elements. */
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
    const stacked = () => {
      const { iterators, exprs } = together(operands);
      return termOf(builder, stack(exprs, iterators.length), iterators);
    };
    if (operands.every(({ shape }) => sameShape(shape, first.shape))) return stacked();
    // not an array, but what takes a list reads its elements: concat([x, y]), pad(x, [0, [1, 2]])
    const shape = [Integer.constant(operands.length)];
    return new Term(builder, { iterators: [], shape, dtype: first.dtype, make: () => stacked().expr });
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
    sameShape(operand.shape, shape);
  if (!operands.every(isRow)) return undefined;
  const values = operands.flatMap((operand) => Array.from(graph.tensorOf(operand.expr.id)));
  const dtype = operands.every((operand) => operand.dtype === "int") ? "int" : "real";
  return graph.tensor(values, [operands.length, ...(sizes as number[])], dtype);
}

const filled = (value: number) => (call: Call) => {
  const { builder, name, operands } = call;
  const what = `a size of ${name}`;
  const shape = operands.map((operand) => sizeOf(operand, what));
  return termOf(builder, builder.graph.constant(value, requireLengths(builder, shape, what)));
};

function identityMatrix({ builder, first }: Call): Term {
  const what = "the size of eye";
  const [size] = requireLengths(builder, [sizeOf(first, what)], what);
  return termOf(builder, eye(builder.graph, size!));
}

/** Functions that arrange elements, or make arrays of nothing but sizes. */
export const arrangements: Readonly<Record<string, TermFunction>> = {
  transpose: {
    operands: ["x"],
    options: ["axis"],
    build: transpose,
  },
  reshape: {
    operands: ["x", "shape"],
    build: reshaped,
  },
  flatten: {
    operands: ["x"],
    build: ({ first: x, builder }) => {
      const outer = x.iterators.map(({ extent }) => extent);
      return termOf(builder, reshape(x.expr, [...outer, Integer.product(x.shape)]), x.iterators);
    },
  },
  pad: { operands: ["x", "widths"], build: pad },
  concat: {
    operands: ["x", "y"],
    optional: 1,
    repeats: true,
    options: ["axis"],
    build: concatenated,
  },
  stack: {
    operands: ["x"],
    repeats: true,
    options: ["axis"],
    build: stacked,
  },
  reverse: {
    operands: ["x"],
    options: ["axis"],
    build: (call) => {
      const { first: x } = call;
      const axes = call.axes("last");
      const places = x.shape.map((size, k) =>
        axes.includes(k) ? size.minus(1).minus(Integer.iterator(k)) : Integer.iterator(k),
      );
      return reindexed(x, places, x.shape);
    },
  },
  zeros: { operands: ["size"], repeats: true, optional: 1, build: filled(0) },
  ones: { operands: ["size"], repeats: true, optional: 1, build: filled(1) },
  eye: { operands: ["size"], build: identityMatrix },
};
