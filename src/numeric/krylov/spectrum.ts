import { gaussQuadrature, tridiagonalEigen } from "../dense/symmetric-eigen.ts";
import { fillNormal } from "../random.ts";
import type { Vector } from "../vectors.ts";
import { Lanczos } from "./lanczos.ts";
import type { LinearMap } from "./linear-map.ts";

/** An eigenvalue with its eigenvector, to within a residual. */
export interface Eigenpair {
  readonly value: number;
  /** Of unit length. */
  readonly vector: Vector;
  /** ||A v - value v||: an eigenvalue of A is within this of `value`. */
  readonly residual: number;
}

export interface ExtremeEigenvalues {
  readonly least: Eigenpair;
  readonly largest: Eigenpair;
  readonly products: number;
}

export interface ExtremeOptions {
  /** Both residuals are to be at most this times the largest |eigenvalue|. Default: 1e-8. */
  readonly tolerance?: number;
  /** The most products. Default: min(n, 300). */
  readonly steps?: number;
  /** Of the random start. Default: 0. */
  readonly seed?: number;
}

/** The least and the largest eigenvalue of a symmetric [n, n] matrix, with eigenvectors, by products only. n >= 1. */
export function extremeEigenvalues(A: LinearMap, n: number, options: ExtremeOptions = {}): ExtremeEigenvalues {
  const { tolerance = 1e-8, steps = Math.min(n, 300), seed = 0 } = options;
  const lanczos = new Lanczos(A, normal(n, seed, 0));
  let at = 1;
  for (;;) {
    while (lanczos.steps < at && lanczos.step());
    const stopped = lanczos.steps < at || lanczos.steps >= steps || lanczos.isComplete;
    if (lanczos.steps === 0) return notFinite(n);
    const { diagonal, offDiagonal } = lanczos.tridiagonal();
    const k = diagonal.length;
    const { values, vectors } = tridiagonalEigen(diagonal, offDiagonal);
    const beta = lanczos.beta[k - 1]!;
    const residual = (row: number) => (lanczos.isComplete ? 0 : beta * Math.abs(vectors[row * k + k - 1]!));
    const enough = tolerance * Math.max(Math.abs(values[0]!), Math.abs(values[k - 1]!));
    if (stopped || (residual(0) <= enough && residual(k - 1) <= enough)) {
      const pair = (row: number): Eigenpair => ({
        value: values[row]!,
        vector: lanczos.combine(vectors.subarray(row * k, (row + 1) * k)),
        residual: residual(row),
      });
      return { least: pair(0), largest: pair(k - 1), products: lanczos.steps };
    }
    // a test costs the cube of the steps: seldom, then
    at = Math.min(steps, at + Math.max(1, at >> 2));
  }
}

function notFinite(n: number): ExtremeEigenvalues {
  const pair = { value: Number.NaN, vector: new Float64Array(n).fill(Number.NaN), residual: Number.NaN };
  return { least: pair, largest: pair, products: 1 };
}

/** A density of eigenvalues as a quadrature: sum_i weights_i f(nodes_i) estimates trace(f(A)) / n. */
export interface SpectralDensity {
  /** In ascending order. */
  readonly nodes: Vector;
  /** They add up to 1. */
  readonly weights: Vector;
  readonly products: number;
}

export interface DensityOptions {
  /** Random vectors. Default: 10. */
  readonly probes?: number;
  /** Products for each of them. Default: min(n, 80). */
  readonly steps?: number;
  /** Of the random vectors. Default: 0. */
  readonly seed?: number;
}

/**
 * The density of the eigenvalues of a symmetric [n, n] matrix, by stochastic Lanczos quadrature: products only.
 * Source: Golub and Meurant (2010), chapter 11; for Hessians of networks Ghorbani, Krishnan, Xiao (2019).
 */
export function spectralDensity(A: LinearMap, n: number, options: DensityOptions = {}): SpectralDensity {
  const { probes = 10, steps = Math.min(n, 80), seed = 0 } = options;
  const found: { node: number; weight: number }[] = [];
  let products = 0;
  for (let probe = 0; probe < probes; probe++) {
    const lanczos = new Lanczos(A, normal(n, seed, probe));
    while (lanczos.steps < steps && lanczos.step());
    products += lanczos.steps;
    const { diagonal, offDiagonal } = lanczos.tridiagonal();
    if (diagonal.length === 0) continue;
    const { nodes, weights } = gaussQuadrature(diagonal, offDiagonal);
    for (let i = 0; i < nodes.length; i++) found.push({ node: nodes[i]!, weight: weights[i]! / probes });
  }
  found.sort((a, b) => a.node - b.node);
  return {
    nodes: Float64Array.from(found, ({ node }) => node),
    weights: Float64Array.from(found, ({ weight }) => weight),
    products,
  };
}

/** The density seen through a normal curve of this width, at each of the places: integrates to 1. */
export function smoothDensity({ nodes, weights }: SpectralDensity, places: ArrayLike<number>, width: number): Vector {
  return Float64Array.from(places, (place) => {
    let sum = 0;
    for (let i = 0; i < nodes.length; i++) sum += weights[i]! * Math.exp(-(((place - nodes[i]!) / width) ** 2) / 2);
    return sum / (width * Math.sqrt(2 * Math.PI));
  });
}

function normal(n: number, seed: number, stream: number): Vector {
  const vector = new Float64Array(n);
  fillNormal(vector, seed, stream);
  return vector;
}
