/** nabla/core: models in TypeScript, derivatives as graphs, compiled functions. No file system, no language, and the rules of the core alone. */
export {
  argmax,
  argmin,
  array,
  concat,
  cond,
  constant,
  definePrimitive,
  dot,
  eye,
  f,
  grad,
  hessian,
  hvp,
  type IteratorBody,
  jacobian,
  jvp,
  type Leaves,
  logsumexp,
  type ModelOptions,
  matmul,
  max,
  mean,
  min,
  model,
  ones,
  outer,
  prod,
  type Spec,
  select,
  stack,
  sum,
  zeros,
} from "./build/api/api.ts";
export {
  bool,
  type Declaration,
  data,
  int,
  type LeafOptions,
  mat,
  param,
  scalar,
  tensor,
  vec,
} from "./build/api/declare.ts";
export {
  type AxesOption,
  type AxisOption,
  type Index,
  type Operand,
  range,
  Size,
  type SizeLike,
  type Span,
  size,
  Tensor,
} from "./build/api/tensor.ts";
export type { ElaboratedModel } from "./build/model.ts";
export { type CompiledFunctions, compile, type Sizes } from "./compile/api.ts";
export type { FlatFunctions } from "./compile/bound/flat.ts";
export { BoundModel } from "./compile/bound/model.ts";
export type { CompileOptions } from "./compile/compile.ts";
export type { FunctionName } from "./compile/derive.ts";
export { closureEngine, type Engine, javaScriptEngine } from "./compile/functions.ts";
export type {
  ArgumentsOf,
  GradientOf,
  HessianOf,
  InputsOf,
  LossAndGradientOf,
  OutputsOf,
  PointOf,
} from "./compile/inputs/by-name.ts";
export type { Vectors } from "./compile/inputs/packing.ts";
export type { Nested, ShapedTensor, TensorInput, TypedArray } from "./compile/inputs/tensors.ts";
export type { LoopTime } from "./emit/report/profile.ts";
export {
  DataError,
  DifferentiationError,
  type ErrorDetails,
  type ErrorKind,
  IndexRangeError,
  LimitError,
  ModelErrors,
  ModelSyntaxError,
  NablaError,
  NameError,
  ShapeError,
  TypeMismatchError,
  UnitError,
  UnsupportedError,
  UsageError,
} from "./ir/errors.ts";
export type { Primitive } from "./ir/primitive.ts";
