import { ShapeError, UsageError } from "../../ir/errors.ts";
import { type Expr, type Shape, showShape } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import { reshape } from "../../ops/arrays/arrays.ts";
import { contract, reduce, type Terms } from "../../ops/arrays/contractions.ts";
import { placeOf, reach, type WindowAxis, windowCount } from "../../ops/arrays/windows.ts";
import { div } from "../../ops/elementary/algebra.ts";
import { toReal } from "../../ops/elementary/cast.ts";
import { isNonNegative } from "../binders/bounds.ts";
import { axesFor, movedReads, ownRead, readsOf, realOf, type Term, termOf, termsOf, unionOf } from "../terms/term.ts";
import type { Call } from "./calls.ts";
import type { Part, TermFunction } from "./vocabulary.ts";

// Convolution and pooling: windows over the last axes of an image, as one contraction or reduction each.
import {
  atoms,
  type Dimensions,
  imageReads,
  Layout,
  paddings,
  perAxis,
  requireElements,
  termsOver,
  windowAxes,
} from "./window-axes.ts";

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
function pooling(
  dimensions: Dimensions,
  { gather, needsSome }: { gather: (terms: Terms, axes: readonly WindowAxis[]) => Expr; needsSome: boolean },
) {
  return (call: Call): Term => {
    const image = realOf(call.first);
    const layout = new Layout(call, dimensions);
    const { batch, spatial, channels } = layout.ofImage(call, image);
    const window = perAxis(call, "window", dimensions);
    const axes = windowAxes(call, layout, spatial, window, window);
    requireElements(call, layout, axes, needsSome);
    const shape = [...batch, ...layout.image(axes.map(windowCount), [channels])];
    const own = atoms(shape.length);
    const [spatialAt, channelAt] = layout.isFirst ? [1, 0] : [0, dimensions];
    const within = atoms(dimensions, shape.length);
    const pixels = axes.map((axis, k) => placeOf(axis, own[batch.length + spatialAt + k]!, within[k]!));
    const places = [...own.slice(0, batch.length), ...layout.image(pixels, [own[batch.length + channelAt]!])];
    // zeros around an array are absent from a sum, and candidates of an extreme
    const whole = movedReads([ownRead(image)], places);
    const reads = needsSome ? whole : imageReads(image, axes, places);
    const single = reads.length === 1 ? reads : whole;
    const { iterators, terms } = termsOver(call.builder, [image], shape, window, single);
    return termOf(call.builder, gather(terms, axes), iterators);
  };
}

const largest = { gather: (terms: Terms) => reduce("max", terms), needsSome: true };

const average = { gather: meanOver, needsSome: false };

function meanOver(terms: Terms, axes: readonly WindowAxis[]): Expr {
  const total = contract(terms);
  const { graph } = total;
  const count = graph.size(Integer.product(axes.map(({ window }) => window)), total.shape);
  return div(total, toReal(count));
}

const channels = ["last", "first"];
const paddingWords = ["same", "valid"];

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
