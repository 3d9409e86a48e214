import { iterators } from "../ir/contraction.ts";
import { ShapeError } from "../ir/errors.ts";
import { type Expr, showShape } from "../ir/graph.ts";
import { Integer } from "../ir/integer.ts";
import { div } from "./algebra.ts";
import { toReal } from "./cast.ts";
import { contract, reduce, type Terms } from "./contractions.ts";

// Windows that move over images [batch, rows, columns, channels], as plain index formulas.

export interface WindowOptions {
  readonly stride: Integer;
  /** Zeros around the image, the same on all four sides. */
  readonly padding: Integer;
}

const positions = (size: Integer, window: Integer, { stride, padding }: WindowOptions) =>
  size.plus(padding.scaled(2)).minus(window).floorDiv(stride).plus(1);

const pixel = (at: Integer, within: Integer, { stride, padding }: WindowOptions) =>
  stride.times(at).plus(within).minus(padding);

function requireImage(name: string, image: Expr): void {
  if (image.shape.length === 4) return;
  throw new ShapeError(`${name} needs an image [batch, rows, columns, channels], got ${showShape(image.shape)}.`, {
    shapes: [showShape(image.shape)],
  });
}

/** z[m, x, y, k] = sum_uvc filter[u, v, c, k] image[m, s x + u - p, s y + v - p, c], zeros outside the image. */
export function conv2d(image: Expr, filter: Expr, options: WindowOptions): Expr {
  requireImage("conv2d", image);
  const [batch, rows, columns, channels] = image.shape as [Integer, Integer, Integer, Integer];
  const [height, width, inputs, outputs] = filter.shape;
  if (!height || !width || !outputs || !inputs?.equals(channels)) {
    const shapes = [showShape(image.shape), showShape(filter.shape)];
    throw new ShapeError(`conv2d needs a filter [rows, columns, ${channels}, outputs], got ${shapes[1]}.`, { shapes });
  }
  const [m, x, y, k, u, v, c] = Array.from({ length: 7 }, (_, at) => iterators(at)) as Integer[];
  const shape = [batch, positions(rows, height, options), positions(columns, width, options), outputs];
  return contract({
    extents: [...shape, height, width, channels],
    output: [m!, x!, y!, k!],
    shape,
    factors: [
      { of: toReal(filter), index: [u!, v!, c!, k!] },
      { of: toReal(image), index: [m!, pixel(x!, u!, options), pixel(y!, v!, options), c!] },
    ],
  });
}

function windows(name: string, image: Expr, window: Integer, stride: Integer): Terms {
  requireImage(name, image);
  const options: WindowOptions = { stride, padding: Integer.zero };
  const [batch, rows, columns, channels] = image.shape as [Integer, Integer, Integer, Integer];
  const [m, x, y, c, u, v] = Array.from({ length: 6 }, (_, at) => iterators(at)) as Integer[];
  const shape = [batch, positions(rows, window, options), positions(columns, window, options), channels];
  return {
    extents: [...shape, window, window],
    output: [m!, x!, y!, c!],
    shape,
    factors: [{ of: toReal(image), index: [m!, pixel(x!, u!, options), pixel(y!, v!, options), c!] }],
  };
}

/** The largest pixel of each window; tied pixels share its slope. Rows and columns that fill no window are left out. */
export function maxPool2d(image: Expr, window: Integer, stride: Integer = window): Expr {
  return reduce("max", windows("maxPool2d", image, window, stride));
}

/** The mean over each window. */
export function avgPool2d(image: Expr, window: Integer, stride: Integer = window): Expr {
  const total = contract(windows("avgPool2d", image, window, stride));
  return div(total, toReal(image.graph.size(window.times(window), total.shape)));
}
