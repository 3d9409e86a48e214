import { addScaled, binade, dot, norm, scale, type Vector } from "../vectors.ts";
import type { LinearMap } from "./linear-map.ts";

export interface CgOptions {
  /** It stops where ||b - A x|| <= tolerance ||b||. Default: 1e-10. */
  readonly tolerance?: number;
  /** The most products. Default: 2 n. */
  readonly iterations?: number;
  /** Called after every step with the point and the norm of its residual; the point is overwritten by the next step. */
  readonly onIterate?: (x: Vector, residualNorm: number) => void;
}

export interface CgResult {
  readonly x: Vector;
  /** Of the residual that the recurrence carries. */
  readonly residualNorm: number;
  /** Products with A. */
  readonly products: number;
  /** `negativeCurvature`: A is not positive definite, to rounding, as `direction` shows. */
  readonly ended: "converged" | "limit" | "negativeCurvature" | "notFinite";
  /** The least <d, A d> / <d, d> along the directions met; infinity where there was none. */
  readonly curvature: number;
  /** The last direction d: along it the curvature is not positive where the method ended so. */
  readonly direction: Vector;
}

/** A direction d of the recurrence, measured by one product. */
export interface Stride {
  /** How far along d the quadratic has its minimum; infinity where it falls without end. */
  readonly length: number;
  /** <d, A d> */
  readonly along: number;
  /** <d, A d> / <d, d>; 0 where it is below the least. */
  readonly curvature: number;
}

/** What rounding leaves of a null space where products themselves are exact: a direction has its last places in another. */
export const flatShare = (16 * Number.EPSILON) ** 2;

/** One product: writes A d to `image`. `square` is <g, g> for the gradient g = A x - b where d starts; less than `least` is flat. */
export function strideAlong(A: LinearMap, d: Vector, square: number, image: Vector, least: number): Stride {
  A(d, image);
  const along = dot(d, image);
  const measured = along / dot(d, d);
  const isFlat = measured > 0 && measured <= least;
  return {
    length: along > 0 && !isFlat ? square / along : Number.POSITIVE_INFINITY,
    along,
    curvature: isFlat ? 0 : measured,
  };
}

/** out = -g + beta d, beta = <g, g> / <g, g> before: conjugate to d and all directions before it. `out` may be d. */
export function conjugateTo(out: Vector, d: Vector, g: Vector, beta: number): void {
  for (let i = 0; i < out.length; i++) out[i] = beta * d[i]! - g[i]!;
}

/**
 * Solves A x = b for a symmetric positive definite A from x = 0, by products only. At a direction whose curvature is
 * not positive it stops, with the point reached before.
 * Source: Hestenes and Stiefel (1952), as in Nocedal and Wright (2006), algorithm 5.2.
 */
export function conjugateGradient(A: LinearMap, b: Vector, options: CgOptions = {}): CgResult {
  const n = b.length;
  const { tolerance = 1e-10, iterations = 2 * n, onIterate } = options;
  const x = new Float64Array(n);
  // in a unit in which b is about 1, so that no square overflows or vanishes
  const unit = binade(norm(b));
  const g = b.map((entry) => -entry / unit);
  const d = b.map((entry) => entry / unit);
  const image = new Float64Array(n);
  const enough = (tolerance * norm(b)) / unit;
  let square = dot(g, g);
  let curvature = Number.POSITIVE_INFINITY;
  let steepest = 0;
  const result = (ended: CgResult["ended"], products: number): CgResult => {
    scale(d, unit);
    return { x, residualNorm: unit * norm(g), products, ended, curvature, direction: d };
  };
  for (let k = 0; ; k++) {
    if (!Number.isFinite(square)) return result("notFinite", k);
    if (Math.sqrt(square) <= enough) return result("converged", k);
    if (k === iterations) return result("limit", k);
    // what rounding of products leaves of a null space has no curvature
    const stride = strideAlong(A, d, square, image, Number.EPSILON * steepest);
    if (!Number.isFinite(stride.along)) return result("notFinite", k + 1);
    steepest = Math.max(steepest, stride.curvature);
    curvature = Math.min(curvature, stride.curvature);
    if (stride.curvature <= 0) return result("negativeCurvature", k + 1);
    addScaled(x, stride.length * unit, d);
    addScaled(g, stride.length, image);
    const before = square;
    square = dot(g, g);
    conjugateTo(d, d, g, square / before);
    onIterate?.(x, unit * Math.sqrt(square));
  }
}
