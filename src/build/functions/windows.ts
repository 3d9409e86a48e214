import { ShapeError, UsageError } from "../../ir/errors.ts";
import { type Expr, type Shape, showShape } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import { div } from "../../ops/algebra.ts";
import { reshape } from "../../ops/arrays.ts";
import { toReal } from "../../ops/cast.ts";
import { contract, type Read, reduce, type Terms } from "../../ops/contractions.ts";
import { placeOf, reach, slack, type WindowAxis, windowCount } from "../../ops/windows.ts";
import { isNonNegative } from "../binders/bounds.ts";
import type { Builder } from "../terms/builder.ts";
import { axesFor, movedReads, ownRead, readsOf, realOf, type Term, termOf, termsOf, unionOf } from "../terms/term.ts";
import { type Call, sizeOf } from "./calls.ts";
import type { Part, TermFunction } from "./vocabulary.ts";

// Convolution and pooling: windows over the last axes of an image, as one contraction or reduction each.

/** How many axes a window spans: 1 for sequences, 2 for images, 3 for volumes. */
type Dimensions = 1 | 2 | 3;

const axisNames: Readonly<Record<Dimensions, readonly string[]>> = {
  1: ["length"],
  2: ["rows", "columns"],
  3: ["depth", "rows", "columns"],
};

/** Channels come last, [.., rows, columns, channels], or first, [.., channels, rows, columns]. */
class Layout {
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

/** An option that is one whole number for all axes, or a list of one for each; 1 or more unless it says otherwise. */
function perAxis(
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
    throw new UsageError(`${what} is one number, or one for each of ${count} axes, got ${entries.length}.`);
  }
  return entries.map((entry) => {
    const size = sizeOf(entry, what);
    const isLow = size.value !== undefined && size.value < least;
    if (isLow) throw new UsageError(`${what} is ${least} or more, got ${size.value}.`);
    requireAtLeast(call.builder, size, least, what);
    return size;
  });
}

/** Requires a size to be at least so much when sizes are bound. */
function requireAtLeast(builder: Builder, size: Integer, least: number, what: string): void {
  const room = size.minus(least);
  if (builder.isSearching || isNonNegative(builder, room)) return;
  const index = builder.graph.size(room);
  builder.require({
    index,
    extent: undefined,
    guard: undefined,
    summary: `${what} must be ${least} or more, so ${room}`,
  });
}

type Moves = Omit<WindowAxis, "before" | "after">;

/** What is added at both ends of each axis: a number for all, a list of numbers or pairs, or a word. */
function paddings(call: Call, axes: readonly Moves[]): WindowAxis[] {
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
    throw new UsageError(`${what} has an entry for each of ${axes.length} axes, got ${entries.length}.`);
  }
  return axes.map((axis, k) => {
    const entry = entries[k]!;
    const ends = (entry.elements ?? [entry, entry]).map((end) => sizeOf(end, what));
    if (ends.length !== 2)
      throw new UsageError(`${what} is a number or a pair for an axis, got ${ends.length} numbers.`);
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
  if (!isNonNegative(call.builder, reach(axis).minus(stride))) {
    throw new UsageError(
      `"padding = same" of ${call.name} needs windows that surely span a stride, got a window of ${reach(axis)} and a stride of ${stride}.`,
      { notes: ["Write the widths: padding = [[1, 1], [0, 1]]."] },
    );
  }
  return { ...axis, before: missing.floorDiv(2), after: missing.minus(missing.floorDiv(2)) };
}

/** How the windows of a call move over the axes of an image. Throws where a window cannot fit. */
function windowAxes(
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
    if (axis.window.value === 0)
      throw new ShapeError(`${call.name} needs windows of 1 or more ${layout.names[k]}, got 0.`);
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

const isPadded = (axes: readonly WindowAxis[]) =>
  axes.some(({ before, after }) => before.value !== 0 || after.value !== 0);

/** Atoms for so many own axes, from a number on. */
const atoms = (count: number, from = 0): Integer[] =>
  Array.from({ length: count }, (_, k) => Integer.iterator(from + k));

/** The image's reads at these places; where they may leave it, past its own parts nothing may be read through. */
function imageReads(image: Term, axes: readonly WindowAxis[], places: readonly Integer[]): Read[] {
  return movedReads(isPadded(axes) ? [ownRead(image)] : readsOf(image), places);
}

/** Own axes of a result, and summed ones behind them, as the terms of a contraction. */
function termsOver(builder: Builder, over: readonly Term[], shape: Shape, summed: Shape, reads: readonly Read[]) {
  const iterators = unionOf(over.map((term) => term.iterators));
  const bound = summed.map((extent, k) => ({ atom: shape.length + k, extent }));
  return { iterators, terms: termsOf(builder, axesFor(iterators, shape), bound, reads) };
}

/** How channels fall into groups: each meets `inputs` channels of the image and gives `outputs` of the result. */
interface Groups {
  readonly count: Integer;
  readonly inputs: Integer;
  readonly outputs: Integer;
}

function requireEqual({ builder, name }: Call, given: Integer, wanted: Integer, what: string): void {
  if (given.equals(wanted) || builder.isSearching) return;
  const gap = given.minus(wanted);
  const differs = isNonNegative(builder, gap.minus(1)) || isNonNegative(builder, gap.scaled(-1).minus(1));
  if (differs) throw new ShapeError(`${name} needs ${wanted} ${what}, got ${given}.`);
  const summary = `${name} needs ${wanted} ${what} where it has ${given}`;
  builder.require({ index: builder.graph.size(gap), extent: Integer.one, guard: undefined, summary });
}

/** z[.., x, y, k] = sum_uvc f[u, v, c, k] image[.., s x + d u - p, s y + d v - p, c], zeros outside the image. */
function convolution(dimensions: Dimensions) {
  return (call: Call): Term => {
    const [image, filter] = call.operands.map(realOf) as [Term, Term];
    const layout = new Layout(call, dimensions);
    const { batch, spatial, channels } = layout.ofImage(call, image);
    const { window, inputs, outputs } = layout.ofFilter(call, filter);
    const count = call.size("groups", Integer.one);
    if (count.value !== undefined && count.value < 1)
      throw new UsageError(`"groups" of ${call.name} is 1 or more, got ${count}.`);
    if (count.value === 1 && !inputs.equals(channels)) {
      const wanted = layout.filter(layout.names, String(channels), "outputs").join(", ");
      throw new ShapeError(`${call.name} needs a filter [${wanted}], got ${showShape(filter.shape)}.`, {
        shapes: [showShape(image.shape), showShape(filter.shape)],
      });
    }
    requireEqual(call, channels, count.times(inputs), "channels, as many as the filter's inputs in all groups");
    const groups: Groups = { count, inputs, outputs: outputs.floorDiv(count) };
    requireEqual(call, outputs, count.times(groups.outputs), "outputs, a multiple of the groups");
    const axes = windowAxes(call, layout, spatial, window);
    return convolved({ call, layout, image, filter, batch, axes, groups, outputs });
  };
}

interface Convolution {
  readonly call: Call;
  readonly layout: Layout;
  readonly image: Term;
  readonly filter: Term;
  readonly batch: Shape;
  readonly axes: readonly WindowAxis[];
  readonly groups: Groups;
  readonly outputs: Integer;
}

function convolved({ call, layout, image, filter, batch, axes, groups, outputs }: Convolution): Term {
  const { count, inputs } = groups;
  const isGrouped = count.value !== 1;
  const windows = axes.map(windowCount);
  const shape = [...batch, ...layout.image(windows, isGrouped ? [count, groups.outputs] : [outputs])];
  const own = atoms(shape.length);
  const place = (k: number) => own[batch.length + k]!;
  const channelAt = layout.isFirst ? 0 : axes.length;
  const spatialAt = layout.isFirst ? (isGrouped ? 2 : 1) : 0;
  const group = isGrouped ? place(channelAt) : Integer.zero;
  const output = isGrouped ? groups.outputs.times(group).plus(place(channelAt + 1)) : place(channelAt);
  const within = atoms(axes.length + 1, shape.length);
  const channel = within[axes.length]!;
  const pixels = axes.map((axis, k) => placeOf(axis, place(spatialAt + k), within[k]!));
  const reads = [
    ...movedReads(readsOf(filter), layout.filter(within.slice(0, -1), channel, output)),
    ...imageReads(image, axes, [
      ...own.slice(0, batch.length),
      ...layout.image(pixels, [inputs.times(group).plus(channel)]),
    ]),
  ];
  const summed = [...axes.map((axis) => axis.window), inputs];
  const { iterators, terms } = termsOver(call.builder, [image, filter], shape, summed, reads);
  const grouped = contract(terms);
  if (!isGrouped) return termOf(call.builder, grouped, iterators);
  const outer = iterators.map(({ extent }) => extent);
  const joined = [...outer, ...batch, ...layout.image(windows, [outputs])];
  return termOf(call.builder, reshape(grouped, joined), iterators);
}

/**
 * The transpose of a convolution with the same filter: z[.., s x + d u - p, s y + d v - p, c] += f[u, v, c, k] image[.., x, y, k].
 * Along an axis it gives s (H - 1) + d (F - 1) + 1 - p - q elements, and those that are asked for behind them.
 */
function transposedConvolution(dimensions: Dimensions) {
  return (call: Call): Term => {
    const [image, filter] = call.operands.map(realOf) as [Term, Term];
    const layout = new Layout(call, dimensions);
    const { batch, spatial, channels } = layout.ofImage(call, image);
    const { window, inputs, outputs } = layout.ofFilter(call, filter);
    if (!outputs.equals(channels)) {
      const wanted = layout.filter(layout.names, "outputs", String(channels)).join(", ");
      throw new ShapeError(
        `${call.name} needs the filter of the convolution that it transposes, [${wanted}], got ${showShape(filter.shape)}.`,
        {
          shapes: [showShape(image.shape), showShape(filter.shape)],
        },
      );
    }
    const ones = spatial.map(() => Integer.one);
    const stride = perAxis(call, "stride", dimensions, ones);
    const dilation = perAxis(call, "dilation", dimensions, ones);
    const extra = perAxis(
      call,
      "extra",
      dimensions,
      spatial.map(() => Integer.zero),
      0,
    );
    const moves = spatial.map((_, k) => ({
      size: Integer.zero,
      window: window[k]!,
      stride: stride[k]!,
      dilation: dilation[k]!,
    }));
    const axes = paddings(call, moves).map((axis, k): WindowAxis => {
      const size = axis.stride
        .times(spatial[k]!.minus(1))
        .plus(reach(axis))
        .minus(axis.before)
        .minus(axis.after)
        .plus(extra[k]!);
      return { ...axis, size };
    });
    for (const [k, { size }] of axes.entries()) requireSize(call, size, layout.names[k]!);
    return spreadOut(call, layout, { image, filter, batch, spatial, axes, inputs, outputs });
  };
}

function requireSize({ builder, name }: Call, size: Integer, axisName: string): void {
  if (builder.isSearching || isNonNegative(builder, size)) return;
  if (isNonNegative(builder, size.scaled(-1).minus(1))) {
    throw new ShapeError(`${name} leaves nothing along the ${axisName}: s (H - 1) + d (F - 1) + 1 - p - q is ${size}.`);
  }
  const summary = `${name} needs a result along the ${axisName}, s (H - 1) + d (F - 1) + 1 - p - q = ${size}`;
  builder.require({ index: builder.graph.size(size), extent: undefined, guard: undefined, summary });
}

interface Transposed {
  readonly image: Term;
  readonly filter: Term;
  readonly batch: Shape;
  readonly spatial: Shape;
  readonly axes: readonly WindowAxis[];
  readonly inputs: Integer;
  readonly outputs: Integer;
}

function spreadOut(call: Call, layout: Layout, parts: Transposed): Term {
  const { image, filter, batch, spatial, axes, inputs, outputs } = parts;
  const iterators = unionOf([image.iterators, filter.iterators]);
  // the domain: a batch, where the image is read, within a window, the two channels
  const domain = [...batch, ...spatial, ...axes.map(({ window }) => window), inputs, outputs];
  const own = atoms(domain.length);
  const at = own.slice(batch.length, batch.length + axes.length);
  const within = own.slice(batch.length + axes.length, -2);
  const [input, output] = own.slice(-2) as [Integer, Integer];
  const reads = [
    ...movedReads(readsOf(filter), layout.filter(within, input, output)),
    ...movedReads(readsOf(image), [...own.slice(0, batch.length), ...layout.image(at, [output])]),
  ];
  const terms = termsOf(call.builder, axesFor(iterators, domain), [], reads);
  const target = [
    ...own.slice(0, batch.length),
    ...layout.image(
      axes.map((axis, k) => placeOf(axis, at[k]!, within[k]!)),
      [input],
    ),
  ];
  const shift = domain.map((_, k) => Integer.iterator(iterators.length + k));
  const outer = iterators.map(({ extent }) => extent);
  const shape = [
    ...outer,
    ...batch,
    ...layout.image(
      axes.map(({ size }) => size),
      [inputs],
    ),
  ];
  const index = [...atoms(iterators.length), ...target.map((place) => place.withIterators(shift))];
  return termOf(call.builder, contract({ ...terms, output: index, shape }), iterators);
}

/** Gathers the pixels of each window of each channel. */
function pooling(dimensions: Dimensions, gather: (terms: Terms, axes: readonly WindowAxis[]) => Expr) {
  return (call: Call): Term => {
    const image = realOf(call.first);
    const layout = new Layout(call, dimensions);
    const { batch, spatial, channels } = layout.ofImage(call, image);
    const window = perAxis(call, "window", dimensions);
    const axes = windowAxes(call, layout, spatial, window, window);
    const empty = axes.findIndex((axis) =>
      [axis.before, axis.after].some((width) => isNonNegative(call.builder, width.minus(reach(axis)))),
    );
    if (empty >= 0) {
      const { before, after } = axes[empty]!;
      throw new UsageError(
        `"padding" of ${call.name} is smaller than the window, got ${before} and ${after} for a window of ${reach(axes[empty]!)}.`,
      );
    }
    const shape = [...batch, ...layout.image(axes.map(windowCount), [channels])];
    const own = atoms(shape.length);
    const [spatialAt, channelAt] = layout.isFirst ? [1, 0] : [0, dimensions];
    const within = atoms(dimensions, shape.length);
    const pixels = axes.map((axis, k) => placeOf(axis, own[batch.length + spatialAt + k]!, within[k]!));
    const places = [...own.slice(0, batch.length), ...layout.image(pixels, [own[batch.length + channelAt]!])];
    const reads = imageReads(image, axes, places);
    const single = reads.length === 1 ? reads : movedReads([ownRead(image)], places);
    const { iterators, terms } = termsOver(call.builder, [image], shape, window, single);
    return termOf(call.builder, gather(terms, axes), iterators);
  };
}

const largest = (terms: Terms) => reduce("max", terms);

function average(terms: Terms, axes: readonly WindowAxis[]): Expr {
  const total = contract(terms);
  const { graph } = total;
  const count = graph.size(Integer.product(axes.map(({ window }) => window)), total.shape);
  return div(total, toReal(count));
}

const channels = ["last", "first"];
const paddingWords = ["same", "valid"];

const _shown = (dimensions: Dimensions) => axisNames[dimensions].join(", ");

function convolutionOf(dimensions: Dimensions): TermFunction {
  return {
    operands: ["image", "filter"],
    options: ["stride", "padding", "dilation", "groups", "channels"],
    words: { padding: paddingWords, channels },
    build: convolution(dimensions),
  };
}

function transposedOf(dimensions: Dimensions): TermFunction {
  return {
    operands: ["image", "filter"],
    options: ["stride", "padding", "dilation", "extra", "channels"],
    words: { padding: ["valid"], channels },
    build: transposedConvolution(dimensions),
  };
}

function poolingOf(dimensions: Dimensions, gather: typeof average): TermFunction {
  return {
    operands: ["image"],
    options: ["window", "stride", "padding", "dilation", "channels"],
    words: { padding: paddingWords, channels },
    build: pooling(dimensions, gather),
  };
}

/** Functions of windows over images, sequences and volumes. */
const windowFunctions: Readonly<Record<string, TermFunction>> = {
  conv1d: convolutionOf(1),
  conv2d: convolutionOf(2),
  conv3d: convolutionOf(3),
  convTranspose1d: transposedOf(1),
  convTranspose2d: transposedOf(2),
  convTranspose3d: transposedOf(3),
  maxPool1d: poolingOf(1, largest),
  maxPool2d: poolingOf(2, largest),
  maxPool3d: poolingOf(3, largest),
  avgPool1d: poolingOf(1, average),
  avgPool2d: poolingOf(2, average),
  avgPool3d: poolingOf(3, average),
};

export const windows: Part = { functions: windowFunctions };
