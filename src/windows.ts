/** nabla/windows: functions of windows over sequences, images and volumes. */
export {
  avgPool1d,
  avgPool2d,
  avgPool3d,
  type ConvolutionOptions,
  conv1d,
  conv2d,
  conv3d,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
  maxPool1d,
  maxPool2d,
  maxPool3d,
  type PoolOptions,
  type TransposedConvolutionOptions,
} from "./build/entries/windows.ts";
