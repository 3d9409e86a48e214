import type { Operand, SizeLike, Tensor } from "../api/tensor.ts";
import { windows } from "../functions/windows.ts";
import { Entry } from "./entry.ts";

/** A whole number for all axes that windows move along, or one for each. */
type PerAxis = SizeLike | readonly SizeLike[];

interface WindowOptions {
  /** From one window to the next. Default: 1, of pools the window. */
  readonly stride?: PerAxis;
  /** From one element of a window to the next. Default: 1. */
  readonly dilation?: PerAxis;
  /** What is added at the ends of each axis: a width, one for each axis, or a pair for each. Default: nothing. */
  readonly padding?: "same" | "valid" | SizeLike | readonly (SizeLike | readonly [SizeLike, SizeLike])[];
  /** Where the axis of channels stands; with "first", a filter is [outputs, inputs, ...window]. Default: "last". */
  readonly channels?: "first" | "last";
}

/** How windows lie on an image: a number for all axes, or one for each. */
export interface ConvolutionOptions extends WindowOptions {
  /** Groups of channels that do not meet; as many as channels is a depthwise convolution. Default: 1. */
  readonly groups?: SizeLike;
}

export interface TransposedConvolutionOptions extends WindowOptions {
  /** Elements more at the end of each axis. Default: 0. */
  readonly extra?: PerAxis;
}

export interface PoolOptions extends WindowOptions {
  readonly window: PerAxis;
}

const entry = new Entry(windows);

type Convolution = (image: Operand, filter: Operand, options?: ConvolutionOptions) => Tensor;

/** Cross-correlation with a filter over one axis. [.., n, inputs] and [window, inputs, outputs] -> [.., windows, outputs]. */
export const conv1d: Convolution = entry.tensor("conv1d");
/** The same over two axes. */
export const conv2d: Convolution = entry.tensor("conv2d");
/** The same over three axes. */
export const conv3d: Convolution = entry.tensor("conv3d");

type TransposedConvolution = (image: Operand, filter: Operand, options?: TransposedConvolutionOptions) => Tensor;

/** The transpose of a convolution in its image: [.., windows, outputs] and the filter -> [.., n, inputs]. */
export const convTranspose1d: TransposedConvolution = entry.tensor("convTranspose1d");
/** The same over two axes. */
export const convTranspose2d: TransposedConvolution = entry.tensor("convTranspose2d");
/** The same over three axes. */
export const convTranspose3d: TransposedConvolution = entry.tensor("convTranspose3d");

type Pool = (image: Operand, options: PoolOptions) => Tensor;

/** The largest element of each window of each channel. [.., n, channels] -> [.., windows, channels]. */
export const maxPool1d: Pool = entry.tensor("maxPool1d");
/** The same over two axes. */
export const maxPool2d: Pool = entry.tensor("maxPool2d");
/** The same over three axes. */
export const maxPool3d: Pool = entry.tensor("maxPool3d");
/** The mean of each window of each channel. [.., n, channels] -> [.., windows, channels]. */
export const avgPool1d: Pool = entry.tensor("avgPool1d");
/** The same over two axes. */
export const avgPool2d: Pool = entry.tensor("avgPool2d");
/** The same over three axes. */
export const avgPool3d: Pool = entry.tensor("avgPool3d");
