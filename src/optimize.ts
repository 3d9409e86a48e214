/** Minimisation of compiled models, or of any object with the methods of an oracle. Numbers only: no graphs. */
export { type LeastSquaresOracle, leastSquares } from "./compile/squares/least-squares.ts";
export type { LeastSquaresOptions } from "./compile/squares/residuals.ts";
export type { CgOptions, CgResult } from "./numeric/conjugate-gradient.ts";
export type { LinearMap } from "./numeric/linear-map.ts";
export type { MinresOptions, MinresResult } from "./numeric/minres.ts";
export type {
  DensityOptions,
  Eigenpair,
  ExtremeEigenvalues,
  ExtremeOptions,
  SpectralDensity,
} from "./numeric/spectrum.ts";
export type { DiagonalEstimate, Estimate, ProbeOptions } from "./numeric/stochastic-trace.ts";
export { adagrad } from "./optimize/adagrad.ts";
export { adam, adamw, amsgrad, windowAdam } from "./optimize/adam.ts";
export { adaptiveDescent } from "./optimize/adaptive-descent.ts";
export { backtracking } from "./optimize/backtracking.ts";
export { type BfgsState, bfgs } from "./optimize/bfgs.ts";
export { type Checkpoint, deserialize, serialize } from "./optimize/checkpoint.ts";
export { type ConjugateState, conjugateGradients } from "./optimize/conjugate-gradients.ts";
export type { Limits } from "./optimize/counted.ts";
export {
  type Covariance,
  likelihoodCovariance,
  type ResidualCovariance,
  residualCovariance,
} from "./optimize/covariance.ts";
export type { DescentState } from "./optimize/descent.ts";
export type { FirstOrderState } from "./optimize/first-order.ts";
export { hagerZhang } from "./optimize/hager-zhang.ts";
export { type LbfgsState, lbfgs } from "./optimize/lbfgs.ts";
export { type BoundedState, lbfgsB } from "./optimize/lbfgs-b.ts";
export { gaussNewton, type LeastSquaresState, levenbergMarquardt } from "./optimize/levenberg-marquardt.ts";
export type { Line, Trial } from "./optimize/line.ts";
export { type Conditions, type Found, type Strategy, searchAlong } from "./optimize/line-search.ts";
export { type LinearCgState, linearCg } from "./optimize/linear-cg.ts";
export { defineMethod, type Method } from "./optimize/method.ts";
export {
  Iterate,
  iterate,
  type MinimizeOptions,
  minimize,
  minimizeSync,
  type Result,
} from "./optimize/minimize.ts";
export { moreThuente } from "./optimize/more-thuente.ts";
export { dampedNewton, type NewtonState, newton } from "./optimize/newton.ts";
export { type NewtonCgState, newtonCg } from "./optimize/newton-cg.ts";
export type { Optimizer, OptimizerState, StepResult } from "./optimize/optimizer.ts";
export { type AnyMethod, optimizerNamed, optimizers } from "./optimize/optimizers.ts";
export { type Option, type OptionTable, optionFromText } from "./optimize/options.ts";
export type { Evaluations, Oracle, OracleAt, OraclePart } from "./optimize/oracle.ts";
export {
  conjugateGradient,
  extremeEigenvalues,
  hutchinsonTrace,
  hutchPlusPlusTrace,
  Lanczos,
  minres,
  smoothDensity,
  spectralDensity,
  stochasticDiagonal,
} from "./optimize/products.ts";
export { rmsprop } from "./optimize/rmsprop.ts";
export { rateAt, type Schedule } from "./optimize/schedule.ts";
export { secondOrderAdam } from "./optimize/second-order-adam.ts";
export { secondOrderAdaptiveDescent } from "./optimize/second-order-adaptive-descent.ts";
export { momentum, nesterov, sgd } from "./optimize/sgd.ts";
export type { FailureKind, LimitName, Obstacle, Status } from "./optimize/status.ts";
export { type StochasticLbfgsState, stochasticLbfgs } from "./optimize/stochastic-lbfgs.ts";
export { adaptiveDescentAsPrinted, secondOrderAdaptiveDescentAsPrinted } from "./optimize/study.ts";
export type { Passed, Tolerances } from "./optimize/tolerances.ts";
export { type TrustRegionState, trustExact, trustKrylov, trustNcg } from "./optimize/trust-region.ts";
