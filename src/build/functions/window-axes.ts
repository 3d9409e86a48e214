import { counted } from "../../ir/counted.ts";
import { ShapeError, UsageError } from "../../ir/errors.ts";
import { type Shape, showShape } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import type { Read } from "../../ops/arrays/contractions.ts";
import { placeOf, reach, slack, type WindowAxis, windowCount } from "../../ops/arrays/windows.ts";
import { isNonNegative } from "../binders/bounds.ts";
import { requirePositive } from "../binders/gather.ts";
import type { Builder } from "../terms/builder.ts";
import { axesFor, movedReads, ownRead, readsOf, type Term, termsOf, unionOf } from "../terms/term.ts";
import { type Call, sizeOf } from "./calls.ts";

// Convolution and pooling: windows over the last axes of an image, as one contraction or reduction each.

/** How many axes a window spans: 1 for sequences, 2 for images, 3 for volumes. */
export type Dimensions = 1 | 2 | 3;

const axisNames: Readonly<Record<Dimensions, readonly string[]>> = {
  1: ["length"],
  2: ["rows", "columns"],
  3: ["depth", "rows", "columns"],
};

/** Channels come last, [.., rows, columns, channels], or first, [.., channels, rows, columns]. */
export class Layout {
  readonly isFirst: boolean;
  readonly names: readonly string[];

  constructor(call: Call, dimensions: Dimensions) {
    if (call.options.has("channels")) throw new UsageError(`"channels" of ${call.name} is first or last.`);
    this.isFirst = call.words.get("channels") === "first";
    this.names = axisNames[dimensions];
  }

  image<T>(spatial: readonly T[], channels: readonly T[]): T[] {
    return this.isFirst ? [...channels, ...spatial] : [...spatial, ...channels];
  }

  filter<T>(window: readonly T[], inputs: T, outputs: T): T[] {
    return this.isFirst ? [outputs, inputs, ...window] : [...window, inputs, outputs];
  }

  /** The parts of an image's shape. Throws ShapeError. */
  ofImage(call: Call, { shape }: Term) {
    const own = this.names.length + 1;
    if (shape.length < own) {
      const wanted = [...this.image(this.names, ["channels"])].join(", ");
      throw new ShapeError(`${call.name} needs an image [.., ${wanted}], got ${showShape(shape)}.`, {
        shapes: [showShape(shape)],
      });
    }
    const [batch, last] = [shape.slice(0, -own), shape.slice(-own)];
    const channels = this.isFirst ? last[0]! : last[own - 1]!;
    return { batch, spatial: this.isFirst ? last.slice(1) : last.slice(0, -1), channels };
  }

  /** The parts of a filter's shape. Throws ShapeError. */
  ofFilter(call: Call, { shape }: Term) {
    const { length } = this.names;
    if (shape.length !== length + 2) {
      const wanted = this.filter(this.names, "inputs", "outputs").join(", ");
      throw new ShapeError(`${call.name} needs a filter [${wanted}], got ${showShape(shape)}.`, {
        shapes: [showShape(shape)],
      });
    }
    return this.isFirst
      ? { window: shape.slice(2), inputs: shape[1]!, outputs: shape[0]! }
      : { window: shape.slice(0, length), inputs: shape[length]!, outputs: shape[length + 1]! };
  }
}

/**
 * An option that is one whole number for all axes, or a list of one for each; 1 or more unless it says otherwise. Throws
 * UsageError.
 */
export function perAxis(
  call: Call,
  option: string,
  count: number,
  otherwise?: readonly Integer[],
  least: 0 | 1 = 1,
): readonly Integer[] {
  const given = call.options.get(option);
  if (!given) {
    if (otherwise) return otherwise;
    throw new UsageError(`${call.name} needs "${option} = ...".`);
  }
  const what = `"${option}" of ${call.name}`;
  const entries = given.elements ?? Array.from({ length: count }, () => given);
  if (entries.length !== count) {
    throw new UsageError(
      `${what} is one number, or one for each of ${counted(count, "axis", "axes")}, got ${entries.length}.`,
    );
  }
  return entries.map((entry) => {
    const size = sizeOf(entry, what);
    requireAtLeast(call.builder, size, least, what);
    return size;
  });
}

/** Requires a size to be at least so much, at once where it is known, else when sizes are bound. */
function requireAtLeast(builder: Builder, size: Integer, least: number, what: string): void {
  const room = size.minus(least);
  if (builder.isSearching || isNonNegative(builder, room)) return;
  if (isNonNegative(builder, size.scaled(-1).plus(least - 1))) {
    throw new UsageError(`${what} is ${least} or more, got ${size}.`);
  }
  const index = builder.graph.size(room);
  builder.require({
    index,
    extent: undefined,
    guard: undefined,
    summary: `${what} must be ${least} or more, so ${room}`,
  });
}

type Moves = Omit<WindowAxis, "before" | "after">;

/** What is added at both ends of each axis: a number for all, a list of numbers or pairs, or a word. Throws UsageError. */
export function paddings(call: Call, axes: readonly Moves[]): WindowAxis[] {
  const word = call.words.get("padding");
  if (word === "same") return axes.map((axis) => sameSize(call, axis));
  const given = call.options.get("padding");
  if (!given) return axes.map((axis) => ({ ...axis, before: Integer.zero, after: Integer.zero }));
  const list = given.elements;
  // a list of two for one axis can only be its two ends
  const isPair = axes.length === 1 && list?.length === 2 && list.every(({ elements }) => !elements);
  const entries = isPair ? [given] : (list ?? axes.map(() => given));
  const what = `"padding" of ${call.name}`;
  if (entries.length !== axes.length) {
    throw new UsageError(
      `${what} has an entry for each of ${counted(axes.length, "axis", "axes")}, got ${entries.length}.`,
    );
  }
  return axes.map((axis, k) => {
    const entry = entries[k]!;
    const ends = (entry.elements ?? [entry, entry]).map((end) => sizeOf(end, what));
    if (ends.length !== 2)
      throw new UsageError(`${what} is a number or a pair for an axis, got ${counted(ends.length, "number")}.`);
    const [before, after] = ends as [Integer, Integer];
    const negative = ends.find(({ value }) => value !== undefined && value < 0);
    if (negative) throw new UsageError(`${what} is 0 or more, got ${negative}.`);
    return { ...axis, before, after };
  });
}

/** As many windows as ceil(size / stride), the odd element of padding behind. */
function sameSize(call: Call, axis: Moves): WindowAxis {
  const { size, stride } = axis;
  const windows = size.plus(stride).minus(1).floorDiv(stride);
  const missing = windows.minus(1).times(stride).plus(reach(axis)).minus(size);
  if (size.value !== undefined && missing.value !== undefined) {
    const total = Integer.constant(Math.max(0, missing.value));
    return { ...axis, before: total.floorDiv(2), after: total.minus(total.floorDiv(2)) };
  }
  // (windows - 1) stride >= size - stride: nothing is missing the other way round when a window spans a stride
  requireAtLeast(
    call.builder,
    reach(axis).minus(stride),
    0,
    `for padding = same, a window less a stride of ${call.name}`,
  );
  return { ...axis, before: missing.floorDiv(2), after: missing.minus(missing.floorDiv(2)) };
}

/** How the windows of a call move over the axes of an image. Throws where a window cannot fit. */
export function windowAxes(
  call: Call,
  layout: Layout,
  spatial: Shape,
  window: readonly Integer[],
  strides?: readonly Integer[],
): WindowAxis[] {
  const ones = spatial.map(() => Integer.one);
  const stride = perAxis(call, "stride", spatial.length, strides ?? ones);
  const dilation = perAxis(call, "dilation", spatial.length, ones);
  const moves = spatial.map((size, k) => ({ size, window: window[k]!, stride: stride[k]!, dilation: dilation[k]! }));
  const axes = paddings(call, moves);
  for (const [k, axis] of axes.entries()) {
    requireAtLeast(call.builder, axis.window, 1, `the window of ${call.name}`);
    requireFit(call, axis, layout.names[k]!);
  }
  return axes;
}

function requireFit({ builder, name }: Call, axis: WindowAxis, axisName: string): void {
  const room = slack(axis);
  if (builder.isSearching || isNonNegative(builder, room)) return;
  const { size, window, stride, dilation, before, after } = axis;
  const isPlain = before.equals(after) && dilation.value === 1;
  const [needed, values] = isPlain
    ? ["H + 2p - F", [`H = ${size}`, `p = ${before}`, `F = ${window}`, `s = ${stride}`]]
    : [
        "H + p + q - d(F - 1) - 1",
        [`H = ${size}`, `p = ${before}`, `q = ${after}`, `d = ${dilation}`, `F = ${window}`, `s = ${stride}`],
      ];
  const formula = `H' = floor((${needed})/s) + 1 with ${values.join(", ")}`;
  if (isNonNegative(builder, room.scaled(-1).minus(1))) {
    throw new ShapeError(
      `${name} finds no place for a window along the ${axisName}: ${formula} is ${windowCount(axis)}.`,
      {
        notes: ["The padded axis must be at least as long as the window."],
      },
    );
  }
  builder.require({
    index: builder.graph.size(room),
    extent: undefined,
    guard: undefined,
    summary: `${name} needs a place for a window along the ${axisName}, so ${needed} in ${formula}`,
  });
}

/** Requires padding to be smaller than the windows of a pool and, where it needs some, an element of the image in each. */
export function requireElements(call: Call, layout: Layout, axes: readonly WindowAxis[], needsSome: boolean): void {
  const { builder, name } = call;
  for (const [k, axis] of axes.entries()) {
    const { size, dilation, before, after } = axis;
    const width = reach(axis);
    for (const padding of [before, after]) {
      requireAtLeast(builder, width.minus(padding), 1, `a window less its padding of ${name}`);
    }
    if (!needsSome || !isPadded([axis])) continue;
    // an axis shorter than the steps within a window may lie between two of its elements
    const { token } = builder.iterator("window", Integer.zero, windowCount(axis));
    const first = placeOf(axis, Integer.iterator(token), Integer.zero);
    const firstInside = first.minus(dilation.times(first.floorDiv(dilation)));
    requirePositive(builder, size.minus(firstInside), `each window of ${name} along the ${layout.names[k]}`);
  }
}

const isPadded = (axes: readonly WindowAxis[]) =>
  axes.some(({ before, after }) => before.value !== 0 || after.value !== 0);

/** Atoms for so many own axes, from a number on. */
export const atoms = (count: number, from = 0): Integer[] =>
  Array.from({ length: count }, (_, k) => Integer.iterator(from + k));

/** The image's reads at these places; where they may leave it, past its own parts nothing may be read through. */
export function imageReads(image: Term, axes: readonly WindowAxis[], places: readonly Integer[]): Read[] {
  return movedReads(isPadded(axes) ? [ownRead(image)] : readsOf(image), places);
}

/** Own axes of a result, and summed ones behind them, as the terms of a contraction. */
export function termsOver(
  builder: Builder,
  over: readonly Term[],
  shape: Shape,
  summed: Shape,
  reads: readonly Read[],
) {
  const iterators = unionOf(over.map((term) => term.iterators));
  const bound = summed.map((extent, k) => ({ atom: shape.length + k, extent }));
  return { iterators, terms: termsOf(builder, axesFor(iterators, shape), bound, reads) };
}
