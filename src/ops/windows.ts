import { iterators } from "../ir/contraction.ts";
import { ShapeError } from "../ir/errors.ts";
import { type Expr, type Shape, showShape } from "../ir/graph.ts";
import { Integer } from "../ir/integer.ts";
import { div } from "./algebra.ts";
import { toReal } from "./cast.ts";
import { axes, contract, reduce, type Terms } from "./contractions.ts";

// Windows that move over images [.., rows, columns, channels], as plain index formulas; leading axes are a batch.

export interface WindowOptions {
  readonly stride: Integer;
  /** Zeros around the image, the same on all four sides. */
  readonly padding: Integer;
}

const positions = (size: Integer, window: Integer, { stride, padding }: WindowOptions) =>
  size.plus(padding.scaled(2)).minus(window).floorDiv(stride).plus(1);

const pixel = (at: Integer, within: Integer, { stride, padding }: WindowOptions) =>
  stride.times(at).plus(within).minus(padding);

interface Image {
  readonly batch: Shape;
  readonly rows: Integer;
  readonly columns: Integer;
  readonly channels: Integer;
}

function imageOf(name: string, { shape }: Expr): Image {
  const [rows, columns, channels] = shape.slice(-3);
  if (rows && columns && channels) return { batch: shape.slice(0, -3), rows, columns, channels };
  throw new ShapeError(`${name} needs an image [.., rows, columns, channels], got ${showShape(shape)}.`, {
    shapes: [showShape(shape)],
  });
}

/** z[.., x, y, k] = sum_uvc filter[u, v, c, k] image[.., s x + u - p, s y + v - p, c], zeros outside the image. */
export function conv2d(image: Expr, filter: Expr, options: WindowOptions): Expr {
  const { batch, rows, columns, channels } = imageOf("conv2d", image);
  const [height, width, inputs, outputs] = filter.shape;
  if (!height || !width || !outputs || !inputs?.equals(channels)) {
    const shapes = [showShape(image.shape), showShape(filter.shape)];
    throw new ShapeError(`conv2d needs a filter [rows, columns, ${channels}, outputs], got ${shapes[1]}.`, { shapes });
  }
  const shape = [...batch, positions(rows, height, options), positions(columns, width, options), outputs];
  const [x, y, k, u, v, c] = axes(batch.length + 6).slice(batch.length) as [
    Integer,
    Integer,
    Integer,
    Integer,
    Integer,
    Integer,
  ];
  return contract({
    extents: [...shape, height, width, channels],
    output: axes(shape.length),
    shape,
    factors: [
      { of: toReal(filter), index: [u, v, c, k] },
      { of: toReal(image), index: [...axes(batch.length), pixel(x, u, options), pixel(y, v, options), c] },
    ],
  });
}

function windows(name: string, image: Expr, window: Integer, stride: Integer): Terms {
  const { batch, rows, columns, channels } = imageOf(name, image);
  const options: WindowOptions = { stride, padding: Integer.zero };
  const shape = [...batch, positions(rows, window, options), positions(columns, window, options), channels];
  const at = (k: number) => iterators(batch.length + k);
  return {
    extents: [...shape, window, window],
    output: axes(shape.length),
    shape,
    factors: [
      {
        of: toReal(image),
        index: [...axes(batch.length), pixel(at(0), at(3), options), pixel(at(1), at(4), options), at(2)],
      },
    ],
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
