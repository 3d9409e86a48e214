import type { TensorInput } from "./tensors.ts";

// Arguments and results by name, for the type checker. Where names are not known, as of models from text, they are any.

/** Arguments of a call: every leaf that the function reads, by name. Data with a default may be left out. */
export type InputsOf<Name extends string> = { readonly [K in Name]?: TensorInput };

/** Arguments of a call for the loss or its derivatives, which need every parameter, whatever they read of the data. */
export type ArgumentsOf<Name extends string, Wrt extends Name> = string extends Wrt
  ? InputsOf<Name>
  : InputsOf<Name> & PointOf<Wrt>;

/** A value for each parameter: a point, or a direction. */
export type PointOf<Wrt extends string> = { readonly [K in Wrt]: TensorInput };

/** One array per parameter, row-major. */
export type GradientOf<Wrt extends string> = { [K in Wrt]: Float64Array };

export type LossAndGradientOf<Wrt extends string> = { loss: number; gradient: GradientOf<Wrt> };

/** Blocks by row and column parameter, each of the shape of the row followed by that of the column. */
export type HessianOf<Wrt extends string> = { [Row in Wrt]: GradientOf<Wrt> };

/** One array per output, row-major. */
export type OutputsOf<Output extends string> = { [K in Output]: Float64Array };
