import { fillSigns } from "../random.ts";
import { addScaled, dot, norm, type Vector } from "../vectors.ts";
import type { LinearMap } from "./linear-map.ts";

/** A number estimated from random vectors, and how many products that took. */
export interface Estimate {
  readonly value: number;
  /** The standard error of the value, from the spread of the probes; NaN for one probe. */
  readonly standardError: number;
  readonly products: number;
}

export interface ProbeOptions {
  /** Random vectors. Default: 30. */
  readonly probes?: number;
  /** Of the random vectors. Default: 0. */
  readonly seed?: number;
}

/**
 * The trace of an [n, n] matrix by products: the mean of <z, A z> over vectors z of random signs.
 * Source: Hutchinson (1990).
 */
export function hutchinsonTrace(A: LinearMap, n: number, { probes = 30, seed = 0 }: ProbeOptions = {}): Estimate {
  const z = new Float64Array(n);
  const Az = new Float64Array(n);
  const samples = new Float64Array(probes);
  for (let k = 0; k < probes; k++) {
    fillSigns(z, seed, k);
    A(z, Az);
    samples[k] = dot(z, Az);
  }
  return { ...meanOf(samples), products: probes };
}

/**
 * The same with a third of the products spent on a basis of what A does most, whose share of the trace is exact: for
 * a symmetric A whose eigenvalues fall off, the error falls like 1 / probes in place of 1 / sqrt(probes).
 * Source: Meyer, Musco, Musco, Woodruff (2021), Hutch++.
 */
export function hutchPlusPlusTrace(A: LinearMap, n: number, { probes = 30, seed = 0 }: ProbeOptions = {}): Estimate {
  const third = Math.floor(probes / 3);
  const z = new Float64Array(n);
  const Az = new Float64Array(n);
  const basis: Vector[] = [];
  for (let k = 0; k < third; k++) {
    fillSigns(z, seed, k);
    A(z, Az);
    const q = Az.slice();
    const size = norm(q);
    project(q, basis);
    project(q, basis);
    const left = norm(q);
    if (left > 1e-12 * size) basis.push(q.map((entry) => entry / left));
  }
  let exact = 0;
  for (const q of basis) {
    A(q, Az);
    exact += dot(q, Az);
  }
  const others = probes - third - basis.length;
  const samples = new Float64Array(others);
  for (let k = 0; k < others; k++) {
    fillSigns(z, seed, third + k);
    project(z, basis);
    A(z, Az);
    samples[k] = dot(z, Az);
  }
  const rest = meanOf(samples);
  return { value: exact + rest.value, standardError: rest.standardError, products: probes };
}

/** A diagonal estimated from random vectors, and how many products that took. */
export interface DiagonalEstimate {
  readonly values: Vector;
  /** The standard error of each value, from the spread of the probes; NaN for one probe. */
  readonly standardErrors: Vector;
  readonly products: number;
}

/**
 * The diagonal of an [n, n] matrix by products: the mean of z * A z, elementwise, over vectors z of random signs.
 * Source: Bekas, Kokiopoulou, Saad (2007).
 */
export function stochasticDiagonal(A: LinearMap, n: number, options: ProbeOptions = {}): DiagonalEstimate {
  const { probes = 30, seed = 0 } = options;
  const z = new Float64Array(n);
  const Az = new Float64Array(n);
  const values = new Float64Array(n);
  const squares = new Float64Array(n);
  for (let k = 0; k < probes; k++) {
    fillSigns(z, seed, k);
    A(z, Az);
    for (let i = 0; i < n; i++) {
      const sample = z[i]! * Az[i]!;
      const off = sample - values[i]!;
      values[i] = values[i]! + off / (k + 1);
      squares[i] = squares[i]! + off * (sample - values[i]!);
    }
  }
  return { values, standardErrors: squares.map((s) => Math.sqrt(s / (probes - 1) / probes)), products: probes };
}

/** v -= Q Q' v. */
function project(v: Vector, basis: readonly Vector[]): void {
  for (const q of basis) addScaled(v, -dot(q, v), q);
}

function meanOf(samples: Vector): { value: number; standardError: number } {
  const count = samples.length;
  const value = samples.reduce((sum, sample) => sum + sample, 0) / Math.max(count, 1);
  const square = samples.reduce((sum, sample) => sum + (sample - value) ** 2, 0);
  return { value, standardError: Math.sqrt(square / (count - 1) / count) };
}
