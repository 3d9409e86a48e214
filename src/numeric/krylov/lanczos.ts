import { addScaled, dot, norm, type Vector } from "../vectors.ts";
import type { LinearMap } from "./linear-map.ts";

/**
 * The symmetric Lanczos process: an orthonormal basis q_0, q_1, ... of the Krylov space of A and a start, in which A is
 * the tridiagonal T = Q' A Q with diagonal alpha and off-diagonal beta. Every vector is made orthogonal to all earlier
 * ones, twice, so that no eigenvalue appears more than once by rounding alone.
 * Source: Golub and Van Loan (2013), section 10.3.
 */
export class Lanczos {
  readonly alpha: number[] = [];
  /** beta[k] couples q_k and q_k+1; it is one entry longer than the off-diagonal of T, by the coupling to what is left. */
  readonly beta: number[] = [];
  readonly basis: Vector[] = [];
  private readonly A: LinearMap;
  private next: Vector;
  private scale = 0;

  constructor(A: LinearMap, start: Vector) {
    this.A = A;
    const size = norm(start);
    this.next = start.map((entry) => entry / size);
  }

  /** Products with A so far. */
  get steps(): number {
    return this.alpha.length;
  }

  /** True where the basis spans an invariant space: there is no further vector. */
  get isComplete(): boolean {
    const last = this.beta.at(-1);
    return last !== undefined && last <= 4 * Number.EPSILON * this.scale;
  }

  /** One more row of T, by one product. Returns false where there is none, or where A gives NaN or infinity. */
  step(): boolean {
    if (this.isComplete || this.steps >= this.next.length) return false;
    const q = this.next;
    const w = new Float64Array(q.length);
    this.A(q, w);
    const alpha = dot(q, w);
    if (!Number.isFinite(alpha)) return false;
    this.basis.push(q);
    for (let sweep = 0; sweep < 2; sweep++) {
      for (const earlier of this.basis) addScaled(w, -dot(earlier, w), earlier);
    }
    const beta = norm(w);
    this.alpha.push(alpha);
    this.beta.push(beta);
    this.scale = Math.max(this.scale, Math.abs(alpha) + beta);
    if (!this.isComplete) for (let i = 0; i < w.length; i++) w[i] = w[i]! / beta;
    this.next = w;
    return true;
  }

  /** The diagonal and the off-diagonal of T. */
  tridiagonal(): { readonly diagonal: Vector; readonly offDiagonal: Vector } {
    return {
      diagonal: Float64Array.from(this.alpha),
      offDiagonal: Float64Array.from(this.beta.slice(0, -1)),
    };
  }

  /** sum_k coefficients_k q_k. */
  combine(coefficients: ArrayLike<number>): Vector {
    const sum = new Float64Array(this.next.length);
    for (const [k, q] of this.basis.entries()) addScaled(sum, coefficients[k]!, q);
    return sum;
  }
}
