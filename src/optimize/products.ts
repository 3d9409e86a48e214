import { type Need, needs, requireArgument } from "../ir/arguments/arguments.ts";
import { checked, is, options } from "../ir/arguments/checked.ts";
import * as cg from "../numeric/krylov/conjugate-gradient.ts";
import * as lanczos from "../numeric/krylov/lanczos.ts";
import type { LinearMap } from "../numeric/krylov/linear-map.ts";
import * as residuals from "../numeric/krylov/minres.ts";
import * as spectrum from "../numeric/krylov/spectrum.ts";
import * as trace from "../numeric/krylov/stochastic-trace.ts";
import type { Vector } from "../numeric/vectors.ts";
import { firstWrite } from "./driver/written.ts";

// What is known of a matrix by its products alone, for callers who may pass anything: their arguments are tested first.

const map: Need = { what: "a function (v, out) that writes a product with v to out", accepts: needs.callable.accepts };
const vector: Need = { what: "a Float64Array", accepts: (value) => value instanceof Float64Array };
const count: Need = {
  what: "a whole number of at least 1",
  accepts: (value) => Number.isSafeInteger(value) && (value as number) >= 1,
};
const whole: Need = { what: "a whole number", accepts: Number.isSafeInteger };
const tolerance: Need = {
  what: "a number of at least 0",
  accepts: (value) => typeof value === "number" && value >= 0,
};
const list: Need = {
  what: "an array of numbers",
  accepts: (value) => Array.isArray(value) || ArrayBuffer.isView(value),
};
const positive: Need = { what: "a number above 0", accepts: (value) => typeof value === "number" && value > 0 };
const density: Need = {
  what: "what spectralDensity gives",
  accepts: (value) => needs.record.accepts(value) && vector.accepts((value as { readonly nodes?: unknown }).nodes),
};

/** The same map, whose first product has to write what it should. */
function written(A: LinearMap): LinearMap {
  let isCalled = false;
  return (v, out) => {
    if (isCalled) return A(v, out);
    isCalled = true;
    return firstWrite("the matrix A", out, () => void A(v, out));
  };
}

/** A function of products alone, with its arguments tested. */
function ofProducts<F extends (A: LinearMap, ...rest: never[]) => unknown>(
  name: string,
  parameters: Parameters<typeof checked>[1],
  run: F,
): F {
  const guarded = (A: LinearMap, ...rest: never[]) => run(written(A), ...rest);
  return checked(name, parameters, guarded as unknown as F);
}

const system = {
  A: is(map),
  b: is(vector),
  options: options<cg.CgOptions>({ tolerance, iterations: whole, onIterate: needs.callable }),
};
const probes = { A: is(map), n: is(count), options: options<trace.ProbeOptions>({ probes: count, seed: whole }) };

/** Solves A x = b for a symmetric positive definite A, by conjugate gradients from 0. Throws UsageError. */
export const conjugateGradient = ofProducts("conjugateGradient", system, cg.conjugateGradient);

/** Solves A x = b for a symmetric A, indefinite or singular: every residual is the least of its Krylov space. Throws UsageError. */
export const minres = ofProducts("minres", system, residuals.minres);

/** The least and the largest eigenvalue of a symmetric [n, n] matrix, with eigenvectors. n >= 1. Throws UsageError. */
export const extremeEigenvalues = ofProducts(
  "extremeEigenvalues",
  { A: is(map), n: is(count), options: options<spectrum.ExtremeOptions>({ tolerance, steps: count, seed: whole }) },
  spectrum.extremeEigenvalues,
);

/** The density of the eigenvalues of a symmetric [n, n] matrix, by stochastic Lanczos quadrature. Throws UsageError. */
export const spectralDensity = ofProducts(
  "spectralDensity",
  { A: is(map), n: is(count), options: options<spectrum.DensityOptions>({ probes: count, steps: count, seed: whole }) },
  spectrum.spectralDensity,
);

/** The density seen through a normal curve of this width, at each of the places: integrates to 1. Throws UsageError. */
export const smoothDensity = checked(
  "smoothDensity",
  { density: is(density), places: is(list), width: is(positive) },
  spectrum.smoothDensity,
);

/** The trace of an [n, n] matrix: the mean of <z, A z> over vectors z of random signs. Throws UsageError. */
export const hutchinsonTrace = ofProducts("hutchinsonTrace", probes, trace.hutchinsonTrace);

/** The same with a third of the products spent on the space where most of the trace is. Throws UsageError. */
export const hutchPlusPlusTrace = ofProducts("hutchPlusPlusTrace", probes, trace.hutchPlusPlusTrace);

/** The diagonal of an [n, n] matrix: the mean of z * A z over vectors z of random signs. Throws UsageError. */
export const stochasticDiagonal = ofProducts("stochasticDiagonal", probes, trace.stochasticDiagonal);

/** The symmetric Lanczos process from a start, one product a step. Throws UsageError. */
export class Lanczos extends lanczos.Lanczos {
  constructor(A: LinearMap, start: Vector) {
    requireArgument('"A" of Lanczos', map, A);
    requireArgument('"start" of Lanczos', vector, start);
    super(written(A), start);
  }
}
