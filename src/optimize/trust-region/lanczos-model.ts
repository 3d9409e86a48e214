import { solveSecular } from "../../numeric/dense/secular.ts";
import { tridiagonalEigen } from "../../numeric/dense/symmetric-eigen.ts";
import { Lanczos } from "../../numeric/krylov/lanczos.ts";
import type { LinearMap } from "../../numeric/krylov/linear-map.ts";
import { norm, type Vector } from "../../numeric/vectors.ts";
import { dropRounding, type ModelStep, naturalRadius, type QuadraticModel } from "./model-step.ts";

/**
 * The minimum of a quadratic model over a ball, in the Krylov space of H and g: a problem with a tridiagonal matrix,
 * solved exactly. The space grows until ||g + (H + mu) p|| <= forcing ||g||, or to all there is; a smaller radius
 * starts from the space that is there. Each dimension keeps a vector: no space has more than `most`. Source: Gould, Lucidi, Roma, Toint (1999), GLTR.
 */
export class LanczosModel implements QuadraticModel {
  curvature = Number.POSITIVE_INFINITY;
  private readonly lanczos: Lanczos;
  private readonly gradientNorm: number;
  private readonly most: number;
  private enough: number;
  private isFinite = true;
  private readonly still: Vector;

  constructor(product: LinearMap, gradient: Vector, forcing: number, most = Number.POSITIVE_INFINITY) {
    this.most = most;
    this.lanczos = new Lanczos(product, gradient);
    this.gradientNorm = norm(gradient);
    this.still = new Float64Array(gradient.length);
    this.enough = forcing * this.gradientNorm;
  }

  minimize(radius: number): ModelStep {
    const { lanczos } = this;
    if (this.gradientNorm === 0)
      return { step: this.still, length: 0, predicted: 0, residualNorm: 0, isOnBoundary: false };
    if (lanczos.steps === 0) this.extend();
    for (;;) {
      const solution = this.solve(radius);
      const isGood = solution.optimality <= this.enough || lanczos.isComplete;
      if (isGood || !this.extend()) return this.finished(solution);
      // a solution costs k^3: a large space grows by a part of itself in between
      const next = lanczos.steps + Math.floor(lanczos.steps / 16) - 1;
      while (lanczos.steps < next && this.extend());
    }
  }

  refine(): boolean {
    this.enough /= 100;
    return this.enough > Number.EPSILON * this.gradientNorm && this.extend();
  }

  private extend(): boolean {
    const { lanczos } = this;
    if (lanczos.isComplete || lanczos.steps >= this.most) return false;
    const grew = lanczos.step();
    if (!grew) this.isFinite = lanczos.steps === lanczos.basis[0]?.length;
    return grew;
  }

  private solve(radius: number) {
    const { alpha, beta } = this.lanczos;
    const { diagonal, offDiagonal } = this.lanczos.tridiagonal();
    const k = diagonal.length;
    const { values, vectors } = tridiagonalEigen(diagonal, offDiagonal);
    this.curvature = Math.min(this.curvature, values[0] ?? Number.NaN);
    const c = Float64Array.from(values, (_, row) => this.gradientNorm * vectors[row * k]!);
    dropRounding(values, c, this.gradientNorm);
    const ball =
      radius === Number.POSITIVE_INFINITY && !(values[0]! > 0) ? naturalRadius(this.gradientNorm, alpha[0]!) : radius;
    const { h, multiplier, isOnBoundary } = solveSecular(values, c, ball);
    const last = h.reduce((sum, entry, row) => sum + entry * vectors[row * k + k - 1]!, 0);
    const beyond = (beta[k - 1] ?? 0) * Math.abs(last);
    return { values, vectors, c, h, multiplier, isOnBoundary, optimality: beyond };
  }

  private finished({
    values,
    vectors,
    c,
    h,
    multiplier,
    isOnBoundary,
    optimality,
  }: ReturnType<LanczosModel["solve"]>): ModelStep {
    const k = h.length;
    const coefficients = new Float64Array(k);
    let predicted = this.isFinite ? 0 : Number.NaN;
    for (let row = 0; row < k; row++) {
      for (let j = 0; j < k; j++) coefficients[j] = coefficients[j]! + h[row]! * vectors[row * k + j]!;
      predicted -= h[row]! * (c[row]! + (values[row]! * h[row]!) / 2);
    }
    const length = norm(h);
    return {
      step: this.lanczos.combine(coefficients),
      length,
      predicted,
      // inside the space g + H p = -mu p
      residualNorm: Math.hypot(multiplier * length, optimality),
      isOnBoundary,
    };
  }
}
