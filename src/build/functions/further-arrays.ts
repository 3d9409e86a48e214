import { ShapeError, UsageError } from "../../ir/errors.ts";
import { type Shape, sameShape, showShape } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import { add } from "../../ops/elementary/algebra.ts";
import { requireNonNegative } from "../binders/gather.ts";
import { apply, broadcastShape } from "../terms/elementwise.ts";
import { einsumTerms } from "../terms/products.ts";
import { aligned, integerTerm, type Term, termOf } from "../terms/term.ts";
import { reindexed } from "./arrangements.ts";
import { type Call, sizeOf } from "./calls.ts";
import { core } from "./core.ts";
import { withAxes } from "./new-axes.ts";
import type { TermFunction } from "./vocabulary.ts";

const letters = "[a-zA-Z]*(?:\\.\\.\\.[a-zA-Z]*)?";
const einsumForm = new RegExp(`^(${letters}(?:,${letters})*)(?:->(${letters}))?$`);

/**
 * einsum("ij,jk->ik", A, B): letters that the result lacks are summed; without "->" it has those that occur once. "..."
 * stands for the axes that have no letter, aligned from the right.
 */
function einsum(call: Call): Term {
  const equation = call.words.get("equation")?.replace(/\s/g, "");
  const form = einsumForm.exec(equation ?? "");
  if (!form) throw new UsageError(`einsum needs its letters: einsum("ij,jk->ik", A, B).`);
  const factors = form[1]!.split(",");
  if (factors.length !== call.operands.length) {
    throw new UsageError(`einsum has letters for ${factors.length} arrays, got ${call.operands.length}.`);
  }
  /** The axes of a text, of which some have no letter. */
  const axesOf = (text: string, unnamed: number) =>
    (text.match(/\.{3}|[a-zA-Z]/g) ?? []).flatMap((letter) =>
      letter === "..." ? Array.from({ length: unnamed }, (_, k) => `...${unnamed - k}`) : letter,
    );
  const unnamed = call.operands.map(({ shape }, k) => {
    const left = shape.length - factors[k]!.replace("...", "").length;
    if (left === 0 || (left > 0 && factors[k]!.includes("..."))) return left;
    throw new ShapeError(`einsum has the letters "${factors[k]}" for an array ${showShape(shape)}.`, {
      shapes: [showShape(shape)],
    });
  });
  const axes = factors.map((text, k) => axesOf(text, unnamed[k]!));
  const all = axes.flat();
  const once = all.filter((letter) => letter.length === 1 && all.indexOf(letter) === all.lastIndexOf(letter)).sort();
  const output = axesOf(form[2] ?? `...${once.join("")}`, Math.max(...unnamed));
  const wrong = output.find((letter, k) => !all.includes(letter) || output.indexOf(letter) < k);
  if (wrong) throw new UsageError(`einsum needs each letter of its result once, and in an array: "${wrong}".`);
  return einsumTerms(
    call.operands.map((of, k) => ({ of, axes: axes[k]! })),
    output,
  );
}

/** Whole numbers from 0, or low, to high - 1. */
function arange(call: Call): Term {
  const { builder } = call;
  const [first, second, third] = call.operands.map((operand, k) =>
    operand.dtype === "int" ? sizeOf(operand, `operand ${k + 1} of arange`) : notWhole(),
  );
  const [low, high] = second ? [first!, second] : [Integer.zero, first!];
  const step = third?.value ?? 1;
  if (step < 1) throw new UsageError(`arange needs a step from 1 on, got ${step}.`);
  const count = high.minus(low).plus(step - 1);
  const size = step === 1 ? count : count.floorDiv(step);
  if (size.value !== undefined && size.value < 0) throw new UsageError(`arange ends before it begins, at ${high}.`);
  requireNonNegative(builder, size, "the count of arange");
  const own = integerTerm(builder, low);
  const places = termOf(builder, builder.graph.iota([size], 0));
  const steps = step === 1 ? places : apply(operation("mul"), [places, integerTerm(builder, Integer.constant(step))]);
  return low.value === 0 ? steps : apply(add, [steps, own]);
}

function notWhole(): never {
  throw new UsageError("arange counts in whole numbers.", { notes: ['Write "linspace(0, 1, 11)" for reals.'] });
}

const operation = (name: string) => core.operations!.operations.get(name)!;

/** One value in every element of a shape. */
function filled(value: Term, shape: Shape): Term {
  if (value.rank > 0) throw new ShapeError(`a number fills an array, got ${showShape(value.shape)}.`);
  return termOf(value.builder, aligned(value, value.iterators, shape), value.iterators);
}

const ofShape = (value: 0 | 1) => (call: Call) =>
  termOf(call.builder, call.builder.graph.constant(value, call.first.shape));

/** An axis of the result, which has one more than the operand. */
function newAxis(call: Call): number {
  const { rank } = call.first;
  const given = call.options.get("axis")?.constant ?? 0;
  const axis = given < 0 ? rank + 1 + given : given;
  if (Number.isInteger(axis) && axis >= 0 && axis <= rank) return axis;
  throw new UsageError(`${call.name} needs an axis from 0 to ${rank}, got ${given}.`);
}

/** The array without axes of size 1: those that are named, or all. */
function squeezed(call: Call): Term {
  const { first: x } = call;
  const isOne = (axis: number) => x.shape[axis]!.value === 1;
  const axes = call.options.has("axis") ? call.axes() : x.shape.flatMap((_, axis) => (isOne(axis) ? [axis] : []));
  const wide = axes.find((axis) => !isOne(axis));
  if (wide !== undefined) throw new ShapeError(`squeeze takes axes of size 1 away, got ${x.shape[wide]}.`);
  const kept = x.shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
  const places = x.shape.map((_, axis) => (axes.includes(axis) ? Integer.zero : Integer.iterator(kept.indexOf(axis))));
  return reindexed(
    x,
    places,
    kept.map((axis) => x.shape[axis]!),
  );
}

function broadcastTo(call: Call): Term {
  const { first: x, builder } = call;
  const shape = call.sizes(1);
  if (!sameShape(broadcastShape([x.shape, shape], "broadcastTo"), shape)) {
    throw new ShapeError(`broadcastTo cannot make ${showShape(shape)} of ${showShape(x.shape)}.`, {
      shapes: [showShape(x.shape), showShape(shape)],
    });
  }
  return termOf(builder, aligned(x, x.iterators, shape), x.iterators);
}

function swapped(call: Call): Term {
  const { first: x } = call;
  const [, ...operands] = call.operands;
  const [a, b] = operands.map((operand) => {
    const given = operand.constant ?? Number.NaN;
    const axis = given < 0 ? x.rank + given : given;
    if (Number.isInteger(axis) && axis >= 0 && axis < x.rank) return axis;
    throw new UsageError(`swapAxes needs two axes of ${showShape(x.shape)}, from 0 to ${x.rank - 1}.`);
  }) as [number, number];
  const other = (axis: number) => (axis === a ? b : axis === b ? a : axis);
  return reindexed(
    x,
    x.shape.map((_, axis) => Integer.iterator(other(axis))),
    x.shape.map((_, axis) => x.shape[other(axis)]!),
  );
}

/** Axes backwards; of a matrix they are to be named, since all of them are meant elsewhere, or only one. */
function flipped(call: Call): Term {
  if (!call.options.has("axis") && call.first.rank > 1) {
    throw new UsageError("flip needs the axis, or axes, to turn around.", {
      notes: ['Write "flip(x, axis = 0)", or "flip(x, axis = [0, 1])" for both.'],
    });
  }
  return core.functions!.reverse!.build(call);
}

/** Arrays of one value, of positions, with other axes, and sums over letters. */
export const furtherArrays: Readonly<Record<string, TermFunction>> = {
  einsum: { operands: ["x"], repeats: true, options: ["equation"], text: "equation", build: einsum },
  arange: { operands: ["size"], repeats: true, build: arange },
  full: {
    operands: ["shape", "value"],
    build: (call) => filled(call.operands[1]!, call.sizes(0)),
  },
  zerosLike: { operands: ["x"], build: ofShape(0) },
  onesLike: { operands: ["x"], build: ofShape(1) },
  fullLike: { operands: ["x", "value"], build: ({ operands: [x, value] }) => filled(value!, x!.shape) },
  expandDims: { operands: ["x"], options: ["axis"], build: (call) => withAxes(call.first, [newAxis(call)]) },
  squeeze: { operands: ["x"], options: ["axis"], build: squeezed },
  broadcastTo: { operands: ["x", "shape"], build: broadcastTo },
  swapAxes: { operands: ["x", "first", "second"], build: swapped },
  flip: { operands: ["x"], options: ["axis"], build: flipped },
};
