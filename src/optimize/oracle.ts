import type { Vector } from "../numeric/vectors.ts";

/**
 * What an optimiser may ask of a function R^n -> R at a point x: numbers only. The `flat` functions of a bound model
 * are an oracle as they stand; so is any object with these methods. Results go to the array given last.
 */
export interface Oracle {
  loss(x: Vector): number;
  /** Writes the gradient to g and returns the loss. */
  lossAndGradient(x: Vector, g: Vector): number;
  /** Writes the Hessian at x times v to h. */
  hvp?(x: Vector, v: Vector, h: Vector): void;
  /** Writes the Hessian, row-major, to H of length n^2. */
  hessian?(x: Vector, H: Vector): void;
  /** m, for losses that are made of residuals r: the loss is residualFactor <r, r> + residualOffset. */
  readonly residualCount?: number;
  /** Default: 1. */
  readonly residualFactor?: number;
  /** Default: 0. */
  readonly residualOffset?: number;
  /** Writes the residuals at x to r of length m. */
  residuals?(x: Vector, r: Vector): void;
  /** Writes the Jacobian of the residuals, row-major [m, n], to J. */
  jacobian?(x: Vector, J: Vector): void;
  /** Writes the second derivative of the residuals along v, d2 r(x + t v) / dt2 at t = 0, to out of length m. */
  residualCurvature?(x: Vector, v: Vector, out: Vector): void;
}

/** An oracle for each step, counted from 0: mini-batches drawn by counter, so that a resumed run draws the same ones. */
export type OracleAt = (step: number) => Oracle;

/** A part of an oracle beyond loss and gradient. */
export type OraclePart = "hvp" | "hessian" | "residuals" | "jacobian";

/** Calls so far. A call for loss and gradient counts once in each; a Hessian counts n products, a residualCurvature one. */
export interface Evaluations {
  readonly value: number;
  readonly gradient: number;
  readonly hvp: number;
}
