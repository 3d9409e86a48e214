import { dot, norm, type Vector } from "../vectors.ts";
import type { LinearMap } from "./linear-map.ts";

export interface MinresOptions {
  /** It stops where ||b - A x|| <= tolerance ||b||. Default: 1e-10. */
  readonly tolerance?: number;
  /** The most products. Default: 2 n. */
  readonly iterations?: number;
  /** Called after every step with the point and the norm of its residual; the point is overwritten by the next step. */
  readonly onIterate?: (x: Vector, residualNorm: number) => void;
}

export interface MinresResult {
  readonly x: Vector;
  /** By the recurrence: it never grows from one step to the next. */
  readonly residualNorm: number;
  /** Products with A. */
  readonly products: number;
  /** `stationary`: A r = 0 for the residual r, up to rounding: x is a least-squares solution of a singular system. */
  readonly ended: "converged" | "limit" | "stationary" | "notFinite";
}

/**
 * Solves A x = b for a symmetric A, indefinite or singular, by products only: every step has the least residual of
 * its Krylov space. Source: Paige and Saunders (1975).
 */
export function minres(A: LinearMap, b: Vector, options: MinresOptions = {}): MinresResult {
  const n = b.length;
  const { tolerance = 1e-10, iterations = 2 * n, onIterate } = options;
  const x = new Float64Array(n);
  const size = norm(b);
  let v = b.map((entry) => entry / (size || 1));
  let before = new Float64Array(n);
  let w = new Float64Array(n);
  let wBefore = new Float64Array(n);
  let wAfter = new Float64Array(n);
  let Av = new Float64Array(n);
  let beta = 0;
  // two rotations of the tridiagonal matrix's QR factorisation are still felt
  let [cosine, sine, cosineBefore, sineBefore] = [1, 0, 1, 0];
  let residual = size;
  let signed = size;
  let scale = 0;
  const result = (ended: MinresResult["ended"], products: number) => ({ x, residualNorm: residual, products, ended });
  for (let k = 0; ; k++) {
    if (!Number.isFinite(residual)) return result("notFinite", k);
    if (residual <= tolerance * size) return result("converged", k);
    if (k === iterations) return result("limit", k);
    A(v, Av);
    const alpha = dot(v, Av);
    for (let i = 0; i < n; i++) Av[i] = Av[i]! - alpha * v[i]! - beta * before[i]!;
    const betaNext = norm(Av);
    scale = Math.max(scale, Math.abs(alpha) + beta + betaNext);
    const epsilon = sineBefore * beta;
    const turned = cosineBefore * beta;
    const delta = cosine * turned + sine * alpha;
    const gammaBar = cosine * alpha - sine * turned;
    const gamma = Math.hypot(gammaBar, betaNext);
    if (!Number.isFinite(gamma)) return result("notFinite", k + 1);
    // ||A r|| / ||r|| of the residual before this step
    if (Math.hypot(gammaBar, cosine * betaNext) <= 64 * Number.EPSILON * scale) return result("stationary", k + 1);
    const c = gammaBar / gamma;
    const s = betaNext / gamma;
    const move = c * signed;
    for (let i = 0; i < n; i++) {
      const entry = (v[i]! - epsilon * wBefore[i]! - delta * w[i]!) / gamma;
      wAfter[i] = entry;
      x[i] = x[i]! + move * entry;
    }
    signed *= -s;
    residual = Math.abs(signed);
    onIterate?.(x, residual);
    [wBefore, w, wAfter] = [w, wAfter, wBefore];
    [sineBefore, cosineBefore, sine, cosine] = [sine, cosine, s, c];
    if (betaNext <= Number.EPSILON * scale) {
      residual = Math.min(residual, Number.EPSILON * size);
      return result("converged", k + 1);
    }
    const spare = before;
    before = v;
    v = Av;
    for (let i = 0; i < n; i++) v[i] = v[i]! / betaNext;
    Av = spare;
    beta = betaNext;
  }
}
