import { NablaError } from "../../../ir/errors.ts";
import { symmetricEigen, symmetricEigenvalues } from "../../../numeric/dense/symmetric-eigen.ts";
import { extremeEigenvalues } from "../../../numeric/krylov/spectrum.ts";
import { stochasticDiagonal } from "../../../numeric/krylov/stochastic-trace.ts";
import { addScaled, allFinite, dot, norm } from "../../../numeric/vectors.ts";
import type { Oracle } from "../../../optimize/oracle.ts";
import type { Problem } from "../plan/problem.ts";
import type { Box } from "../plan/starts.ts";
import { fallsOn } from "./endless.ts";
import { restricted } from "./restricted.ts";

/** A direction along which the loss curves little, or downwards: a combination of parameters. */
export interface Direction {
  /** Beside the largest, of the Hessian whose diagonal is scaled to 1. */
  readonly curvature: number;
  /** The loss falls to both sides; else it does not change. */
  readonly falls: boolean;
  /**
   * How far each parameter goes, in its own unit, beside the first; those that matter most come first, by how far they
   * go in units of their own curvature.
   */
  readonly parts: readonly { readonly coordinate: number; readonly weight: number }[];
}

export interface Curvature {
  /**
   * Of the Hessian with its diagonal scaled to 1, ascending: no choice of units changes them. By products: the least and the
   * largest, with a diagonal that is estimated.
   */
  readonly eigenvalues: Float64Array;
  /** Largest by smallest eigenvalue, so scaled; Infinity for a singular Hessian, NaN for an indefinite one. */
  readonly condition: number;
  /** The same of the Hessian as it is, in the parameters' own units; unknown by products. */
  readonly unscaledCondition: number | undefined;
  /** The products with the Hessian that this comes from, where it is too large to be computed: the condition is a lower bound. */
  readonly products: number | undefined;
  /** The loss falls along some direction: no minimum. */
  readonly isIndefinite: boolean;
  /** Directions that the loss does not determine, and those along which it falls. */
  readonly flat: readonly Direction[];
  /** Directions along which the loss falls on, as far as was looked: it may have no minimum but at infinity. By products none are known. */
  readonly endless: readonly Direction[];
}

/** Larger Hessians take too long for what they tell: what they cost grows with the cube. */
export const mostCoordinates = 300;

/** Less curvature than this beside the largest is none that rounding could tell from 0. */
const flatShare = 1e-10;

interface Found {
  readonly curvature: Curvature | undefined;
  /** Why there is none. */
  readonly why: string | undefined;
}

const nothing = (why: string): Found => ({ curvature: undefined, why });

/** The Hessian's spectrum over the free coordinates: all of it, or its ends by products where it is large. */
export function curvatureAt({ oracle, box }: Problem, point: Float64Array, free: readonly number[]): Found {
  if (!oracle.hessian || !oracle.hvp) return nothing("the model has residuals and no loss.");
  if (free.length === 0) return nothing("every parameter is at a bound.");
  const x = Float64Array.from(free, (i) => point[i]!);
  const inner = restricted(oracle, point, free);
  if (free.length > mostCoordinates) return byProducts(inner, x, free);
  const freeOf = (bounds: Float64Array) => Float64Array.from(free, (i) => bounds[i]!);
  return byHessian(inner, x, free, { lower: freeOf(box.lower), upper: freeOf(box.upper) });
}

function byHessian(oracle: Oracle, x: Float64Array, free: readonly number[], box: Box): Found {
  const n = free.length;
  const H = new Float64Array(n * n);
  try {
    oracle.hessian!(x, H);
  } catch (error) {
    if (error instanceof NablaError) return nothing(error.summary);
    throw error;
  }
  if (!allFinite(H)) return nothing("the Hessian is not finite there.");
  const units = Float64Array.from({ length: n }, (_, i) => Math.sqrt(Math.abs(H[i * n + i]!)) || 1);
  const scaled = H.map((entry, at) => entry / (units[Math.floor(at / n)]! * units[at % n]!));
  const { values, vectors } = symmetricEigen(scaled, n);
  const largest = Math.max(Math.abs(values[0]!), Math.abs(values[n - 1]!));
  // a Hessian of zeros has no curvature at all
  const shareOf = (value: number) => (largest === 0 ? 0 : value / largest);
  const flat = Array.from(values.keys())
    .filter((k) => shareOf(values[k]!) < flatShare)
    .map((k) => {
      const vector = vectors.subarray(k * n, (k + 1) * n);
      const falls = shareOf(values[k]!) < -flatShare && fallsAlong(oracle, x, vector, units, values[k]!);
      return directionOf(vector, units, { curvature: shareOf(values[k]!), falls }, free);
    });
  const isIndefinite = flat.some(({ falls }) => falls);
  return {
    curvature: {
      eigenvalues: values,
      condition: conditionOf(values, isIndefinite),
      unscaledCondition: conditionOf(symmetricEigenvalues(H, n), isIndefinite),
      products: undefined,
      isIndefinite,
      flat,
      endless: isIndefinite ? [] : endlessFrom(oracle, x, { values, vectors, units }, free, box),
    },
    why: undefined,
  };
}

/** Probes of the diagonal, and products for the ends of the spectrum: fewer where they would take longer than this. */
const probes = 30;
const mostSteps = 200;
const mostSeconds = 10;

/**
 * The ends of the spectrum by Lanczos' method. Units come from an estimate of the diagonal: any units do for telling
 * directions without curvature.
 */
function byProducts(oracle: Oracle, x: Float64Array, free: readonly number[]): Found {
  const n = free.length;
  const image = new Float64Array(n);
  const ones = new Float64Array(n).fill(1);
  // the first product compiles
  oracle.hvp!(x, ones, image);
  let seconds = -performance.now() / 1000;
  oracle.hvp!(x, ones, image);
  seconds += performance.now() / 1000;
  const affordable = Math.floor(mostSeconds / seconds) - probes;
  if (affordable < probes) return nothing(`a product with it takes ${seconds.toFixed(1)} s.`);
  const diagonal = stochasticDiagonal((v, h) => oracle.hvp!(x, v, h), n, { probes }).values;
  if (!allFinite(diagonal)) return nothing("the Hessian is not finite there.");
  const units = diagonal.map((entry) => Math.sqrt(Math.abs(entry)) || 1);
  const inner = new Float64Array(n);
  const scaled = (v: Float64Array, h: Float64Array) => {
    for (let i = 0; i < n; i++) inner[i] = v[i]! / units[i]!;
    oracle.hvp!(x, inner, h);
    for (let i = 0; i < n; i++) h[i] = h[i]! / units[i]!;
  };
  const steps = Math.min(n, mostSteps, affordable);
  const { least, largest, products } = extremeEigenvalues(scaled, n, { steps, tolerance: flatShare / 10 });
  if (Number.isNaN(least.value)) return nothing("the Hessian is not finite there.");
  const size = Math.max(Math.abs(least.value), Math.abs(largest.value));
  const share = size === 0 ? 0 : least.value / size;
  // the least is at most what was found; it is known to be 0 only as well as its vector is
  const isFlat = share < flatShare && (share < 0 || least.residual <= flatShare * size);
  const isIndefinite = share < -flatShare && fallsAlong(oracle, x, least.vector, units, least.value);
  return {
    curvature: {
      eigenvalues: Float64Array.of(least.value, largest.value),
      condition:
        isFlat && !isIndefinite
          ? Number.POSITIVE_INFINITY
          : conditionOf(Float64Array.of(least.value, largest.value), isIndefinite),
      unscaledCondition: undefined,
      products: 2 + probes + products,
      isIndefinite,
      flat: isFlat ? [directionOf(least.vector, units, { curvature: share, falls: isIndefinite }, free)] : [],
      endless: [],
    },
    why: undefined,
  };
}

/**
 * Does the loss really fall where its curvature is negative? Rounding in the Hessian gives slight negative curvature to
 * directions that hardly change the loss. Moves to both sides tell: what they take away on average must be a fair part of what
 * the curvature promises, and more than the rounding of the loss.
 */
function fallsAlong(
  oracle: Oracle,
  x: Float64Array,
  vector: Float64Array,
  units: Float64Array,
  curvature: number,
): boolean {
  const here = oracle.loss(x);
  const at = (length: number) => oracle.loss(x.map((value, i) => value + (length * vector[i]!) / units[i]!));
  for (let length = 1; length > 1e-8; length /= 4) {
    const fall = here - (at(length) + at(-length)) / 2;
    if (fall > 64 * Number.EPSILON * Math.abs(here) && fall > (-curvature * length ** 2) / 8) return true;
  }
  return false;
}

interface Spectrum {
  readonly values: Float64Array;
  readonly vectors: Float64Array;
  /** The Hessian is divided by the units of its row and column. */
  readonly units: Float64Array;
}

/** Newton's step where the loss falls on along it, or those of single parameters: rounding in others may hide what one does. */
function endlessFrom(
  oracle: Oracle,
  x: Float64Array,
  { values, vectors, units }: Spectrum,
  free: readonly number[],
  box: Box,
): Direction[] {
  const n = x.length;
  const g = new Float64Array(n);
  oracle.lossAndGradient(x, g);
  for (let i = 0; i < n; i++) g[i] = g[i]! / units[i]!;
  const newton = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    const vector = vectors.subarray(k * n, (k + 1) * n);
    if (values[k]! >= flatShare * values[n - 1]!) addScaled(newton, -dot(vector, g) / values[k]!, vector);
  }
  const goesOn = (scaled: Float64Array) =>
    fallsOn(
      oracle,
      x,
      scaled.map((entry, i) => entry / units[i]!),
      box,
    );
  const directions = (steps: readonly Float64Array[]) =>
    steps.map((step) => {
      const length = norm(step);
      const vector = step.map((entry) => entry / length);
      return directionOf(vector, units, { curvature: 0, falls: true }, free);
    });
  if (goesOn(newton)) return directions([newton]);
  const singles = free.map((_, i) => new Float64Array(n).fill(-g[i]!, i, i + 1));
  return directions(singles.filter(goesOn));
}

function conditionOf(values: Float64Array, isIndefinite: boolean): number {
  const [low, high] = [values[0]!, values[values.length - 1]!];
  const largest = Math.max(Math.abs(low), Math.abs(high));
  if (isIndefinite) return Number.NaN;
  return low <= Number.EPSILON * largest ? Number.POSITIVE_INFINITY : high / low;
}

const mostParts = 6;

function directionOf(
  vector: Float64Array,
  units: Float64Array,
  found: Pick<Direction, "curvature" | "falls">,
  free: readonly number[],
): Direction {
  const order = Array.from(vector.keys()).sort((i, j) => Math.abs(vector[j]!) - Math.abs(vector[i]!));
  const shown = order.slice(0, mostParts).filter((k) => Math.abs(vector[k]!) >= 0.05);
  const moveOf = (k: number) => vector[k]! / units[k]!;
  const parts = shown.map((k) => ({ coordinate: free[k]!, weight: moveOf(k) / moveOf(order[0]!) }));
  return { ...found, parts };
}
