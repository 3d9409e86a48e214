/** Minimisation of compiled models, or of any object with the methods of an oracle. Numbers only: no graphs. */
export { type Checkpoint, deserialize, serialize } from "./optimize/checkpoint.ts";
export type { Limits } from "./optimize/counted.ts";
export { type GradientDescentState, gradientDescent } from "./optimize/gradient-descent.ts";
export {
  Iterate,
  iterate,
  type MinimizeOptions,
  minimize,
  minimizeSync,
  type Result,
  type Tolerances,
} from "./optimize/minimize.ts";
export type { Optimizer, OptimizerState, StepResult } from "./optimize/optimizer.ts";
export type { Evaluations, Oracle, OracleAt, OraclePart } from "./optimize/oracle.ts";
export type { FailureKind, LimitName, Obstacle, Status } from "./optimize/status.ts";
