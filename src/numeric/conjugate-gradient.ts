import type { LinearMap } from "./linear-map.ts";
import { addScaled, dot, norm, type Vector } from "./vectors.ts";

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
  /** `negativeCurvature`: A is not positive definite, as `direction` shows. */
  readonly ended: "converged" | "limit" | "negativeCurvature" | "notFinite";
  /** The least <d, A d> / <d, d> along the directions met; infinity where there was none. */
  readonly curvature: number;
  /** The last direction d: along it the curvature is not positive where the method ended so. */
  readonly direction: Vector;
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
  const r = b.slice();
  const d = b.slice();
  const Ad = new Float64Array(n);
  const enough = tolerance * norm(b);
  let square = dot(r, r);
  let curvature = Number.POSITIVE_INFINITY;
  const result = (ended: CgResult["ended"], products: number): CgResult => ({
    x,
    residualNorm: norm(r),
    products,
    ended,
    curvature,
    direction: d,
  });
  for (let k = 0; ; k++) {
    if (!Number.isFinite(square)) return result("notFinite", k);
    if (Math.sqrt(square) <= enough) return result("converged", k);
    if (k === iterations) return result("limit", k);
    A(d, Ad);
    const along = dot(d, Ad);
    if (!Number.isFinite(along)) return result("notFinite", k + 1);
    curvature = Math.min(curvature, along / dot(d, d));
    if (along <= 0) return result("negativeCurvature", k + 1);
    const step = square / along;
    addScaled(x, step, d);
    addScaled(r, -step, Ad);
    const next = dot(r, r);
    const beta = next / square;
    square = next;
    for (let i = 0; i < n; i++) d[i] = r[i]! + beta * d[i]!;
    onIterate?.(x, Math.sqrt(square));
  }
}
