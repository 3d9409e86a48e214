/** Minimisation of compiled models, or of any object with the methods of an oracle. Numbers only: no graphs. */
export { type LeastSquaresOracle, leastSquares } from "./compile/squares/least-squares.ts";
export type { LeastSquaresOptions } from "./compile/squares/residuals.ts";
export type { CgOptions, CgResult } from "./numeric/krylov/conjugate-gradient.ts";
export type { LinearMap } from "./numeric/krylov/linear-map.ts";
export type { MinresOptions, MinresResult } from "./numeric/krylov/minres.ts";
export type {
  DensityOptions,
  Eigenpair,
  ExtremeEigenvalues,
  ExtremeOptions,
  SpectralDensity,
} from "./numeric/krylov/spectrum.ts";
export type { DiagonalEstimate, Estimate, ProbeOptions } from "./numeric/krylov/stochastic-trace.ts";
export { type BfgsMemory, type BfgsState, bfgs } from "./optimize/descent/bfgs.ts";
export {
  type ConjugateMemory,
  type ConjugateState,
  conjugateGradients,
} from "./optimize/descent/conjugate-gradients.ts";
export type { DescentState } from "./optimize/descent/descent.ts";
export { type LbfgsMemory, type LbfgsState, lbfgs } from "./optimize/descent/lbfgs.ts";
export { type BoundedMemory, type BoundedState, lbfgsB } from "./optimize/descent/lbfgs-b.ts";
export { type LinearCgState, linearCg } from "./optimize/descent/linear-cg.ts";
export { type StochasticLbfgsState, stochasticLbfgs } from "./optimize/descent/stochastic-lbfgs.ts";
export { type Checkpoint, deserialize, serialize } from "./optimize/driver/checkpoint.ts";
export type { Limits } from "./optimize/driver/counted.ts";
export { iterate, minimize, minimizeSync } from "./optimize/driver/minimize.ts";
export { Iterate, type MinimizeOptions, type Result } from "./optimize/driver/run.ts";
export type { FailureKind, LimitName, Obstacle, Status } from "./optimize/driver/status.ts";
export type { Passed, Tolerances } from "./optimize/driver/tolerances.ts";
export { adagrad } from "./optimize/first-order/adagrad.ts";
export { adam, adamw, amsgrad, windowAdam } from "./optimize/first-order/adam.ts";
export { type AverageSlot, adaptiveDescent } from "./optimize/first-order/adaptive-descent.ts";
export type { FirstOrderState } from "./optimize/first-order/first-order.ts";
export { rmsprop } from "./optimize/first-order/rmsprop.ts";
export { rateAt, type Schedule } from "./optimize/first-order/schedule.ts";
export { secondOrderAdam } from "./optimize/first-order/second-order-adam.ts";
export { secondOrderAdaptiveDescent } from "./optimize/first-order/second-order-adaptive-descent.ts";
export { momentum, nesterov, sgd } from "./optimize/first-order/sgd.ts";
export { adaptiveDescentAsPrinted, secondOrderAdaptiveDescentAsPrinted } from "./optimize/first-order/study.ts";
export {
  type Covariance,
  likelihoodCovariance,
  type ResidualCovariance,
  residualCovariance,
} from "./optimize/least-squares/covariance.ts";
export { gaussNewton, levenbergMarquardt } from "./optimize/least-squares/levenberg-marquardt.ts";
export type { LeastSquaresState } from "./optimize/least-squares/state.ts";
export { backtracking } from "./optimize/line-search/backtracking.ts";
export { hagerZhang } from "./optimize/line-search/hager-zhang.ts";
export type { Line, Trial } from "./optimize/line-search/line.ts";
export { type Conditions, type Found, type Strategy, searchAlong } from "./optimize/line-search/line-search.ts";
export { moreThuente } from "./optimize/line-search/more-thuente.ts";
export { defineMethod, type Method } from "./optimize/method.ts";
export { dampedNewton, type NewtonState, newton } from "./optimize/newton/newton.ts";
export { type NewtonCgState, newtonCg } from "./optimize/newton/newton-cg.ts";
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
export type { TrustRegionState } from "./optimize/trust-region/trials.ts";
export { trustExact, trustKrylov, trustNcg } from "./optimize/trust-region/trust-region.ts";
