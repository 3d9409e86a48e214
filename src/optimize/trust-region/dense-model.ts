import { cholesky, solveCholesky } from "../../numeric/dense/cholesky.ts";
import { multiply, multiplyTransposed } from "../../numeric/dense/matrices.ts";
import { solveSecular } from "../../numeric/dense/secular.ts";
import { type Eigen, symmetricEigen } from "../../numeric/dense/symmetric-eigen.ts";
import { dot, norm, type Vector } from "../../numeric/vectors.ts";
import { dropRounding, type ModelStep, naturalRadius, type QuadraticModel } from "./model-step.ts";

/**
 * The exact minimum of a quadratic model over a ball, the hard case included. By Cholesky's factor where the model's
 * own minimum lies inside; else in the basis of eigenvectors, which is found once and serves every radius.
 */
export class DenseModel implements QuadraticModel {
  curvature = Number.POSITIVE_INFINITY;
  private readonly H: Vector;
  private readonly g: Vector;
  private readonly n: number;
  /** -H^-1 g where H is positive definite. */
  private readonly newton: Vector | undefined;
  private eigen: (Eigen & { readonly c: Vector }) | undefined;

  constructor(H: Vector, g: Vector) {
    this.H = H;
    this.g = g;
    this.n = g.length;
    const L = new Float64Array(H.length);
    if (cholesky(L, H, this.n) < this.n || !isSafe(L, this.n)) return;
    const p = new Float64Array(this.n);
    solveCholesky(p, L, this.n, g);
    this.newton = p.map((entry) => -entry);
  }

  get isDefinite(): boolean {
    return this.newton !== undefined;
  }

  minimize(radius: number): ModelStep {
    if (this.newton && norm(this.newton) <= radius) return this.step(this.newton, false);
    const { values, vectors, c } = this.basis();
    const ball =
      radius === Number.POSITIVE_INFINITY
        ? naturalRadius(norm(this.g), this.along(this.g) / dot(this.g, this.g))
        : radius;
    const { h, isOnBoundary } = solveSecular(values, c, ball);
    const p = new Float64Array(this.n);
    multiplyTransposed(p, vectors, this.n, this.n, h);
    return this.step(p, isOnBoundary);
  }

  refine(): boolean {
    return false;
  }

  private basis(): Eigen & { readonly c: Vector } {
    if (!this.eigen) {
      const { values, vectors } = symmetricEigen(this.H, this.n);
      const c = new Float64Array(this.n);
      multiply(c, vectors, this.n, this.n, this.g);
      this.curvature = values[0]!;
      dropRounding(values, c, norm(this.g));
      this.eigen = { values, vectors, c };
    }
    return this.eigen;
  }

  private along(v: Vector): number {
    const image = new Float64Array(this.n);
    multiply(image, this.H, this.n, this.n, v);
    return dot(v, image);
  }

  private step(step: Vector, isOnBoundary: boolean): ModelStep {
    const image = new Float64Array(this.n);
    multiply(image, this.H, this.n, this.n, step);
    let predicted = 0;
    for (let i = 0; i < this.n; i++) {
      predicted -= step[i]! * (this.g[i]! + image[i]! / 2);
      image[i] = image[i]! + this.g[i]!;
    }
    return { step, length: norm(step), predicted, residualNorm: norm(image), isOnBoundary };
  }
}

/** False where a pivot is what rounding left of the diagonal. */
function isSafe(L: Vector, n: number): boolean {
  let least = Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < n; i++) {
    const pivot = L[i * n + i]! ** 2;
    least = Math.min(least, pivot);
    largest = Math.max(largest, pivot);
  }
  return least > 4 * n * Number.EPSILON * largest;
}
