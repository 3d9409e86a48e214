import type { Vector } from "../numeric/vectors.ts";
import type { Obstacle } from "./driver/status.ts";
import type { Passed, Tolerances } from "./driver/tolerances.ts";
import type { Oracle, OraclePart } from "./oracle.ts";

/**
 * What every state of every method holds: a point with the loss and the gradient there, from the same batch. States
 * are plain records of numbers, strings, booleans, null, Float64Arrays and arrays of these, so that they can be
 * written to a file and read back to the last bit. What a method draws at random it draws from a counter in here.
 */
export interface OptimizerState {
  /** Steps made so far. */
  readonly iteration: number;
  readonly point: Vector;
  readonly value: number;
  /** The differential of the loss at `point`, in coordinates: a covector. */
  readonly gradient: Vector;
  /**
   * sqrt(<g, M g>) in the method's own metric M (Newton: the inverse Hessian): the same number in every coordinate
   * system for invariant methods. NaN where the method has no metric yet.
   */
  readonly metricNorm: number;
}

/** The state behind a step, or the one that no step leads away from, and why. */
export type StepResult<State> =
  | { readonly ok: true; readonly state: State }
  | { readonly ok: false; readonly state: State; readonly why: Obstacle };

/**
 * A method of minimisation as a pure step over a state: move, then evaluate. In a stochastic run the oracle of step t
 * is the batch of step t, and everything evaluated in that step uses it.
 */
export interface Optimizer<State extends OptimizerState = OptimizerState> {
  /** As `nabla fit --method` spells it. */
  readonly name: string;
  /** What it asks beyond loss and gradient. */
  readonly needs: readonly OraclePart[];
  /** True where a step compares losses at several points, which mini-batches would make losses of different functions. */
  readonly needsOneLoss?: boolean;
  /** True where the driver looks for a way on before it believes that no step helps: the run may begin anew at any point. */
  readonly restarts?: boolean;
  /** What may help where its points run away: a sentence. */
  readonly remedy?: string;
  /** The driver's tests where the user gives none. Default: a Euclidean norm of the gradient of at most 1e-8. */
  readonly tolerances?: Tolerances;
  /** The method's own tests of an iterate, asked before the driver's; the one that passes, if any. */
  test?(state: State): Passed | undefined;
  /** What the driver's tests on the gradient measure. Default: its Euclidean norm. With bounds, not all of it counts. */
  gradientNorm?(state: State): number;
  /** Brings a point into the set that the method keeps to, in place. */
  confine?(point: Vector): void;
  /** The state at a start; takes what it keeps of x0 by copy. */
  init(oracle: Oracle, x0: Vector): State;
  /**
   * The next state. `spare` is an earlier state that nobody needs any more: its arrays may be overwritten and used
   * again, so that long runs of cheap steps allocate nothing. The function is pure in all else.
   */
  step(state: State, oracle: Oracle, spare?: State): StepResult<State>;
}
