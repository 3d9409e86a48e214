import type { LinearMap } from "../numeric/linear-map.ts";
import { addScaled, dot, norm, type Vector } from "../numeric/vectors.ts";
import { type ModelStep, naturalRadius, type QuadraticModel } from "./model-step.ts";

/** A step of the path: from `from` along `direction`, `stride` of it, or to the boundary where the curvature is not positive. */
interface Leg {
  readonly from: Vector;
  readonly direction: Vector;
  readonly image: Vector;
  /** g + H from. */
  readonly residual: Vector;
  /** Infinite where the model falls along the direction without end. */
  readonly stride: number;
  readonly along: number;
  readonly slope: number;
  /** By how much the model has fallen at `from`. */
  readonly fallen: number;
}

/**
 * The path of conjugate gradients from 0 towards the minimum of a quadratic model, on which lengths only grow: the step
 * for a radius is where the path leaves the ball, so that a smaller radius costs no product. It ends where
 * ||g + H p|| <= forcing ||g||, or where the curvature is not positive.
 * Source: Steihaug (1983), as in Conn, Gould, Toint (2000), algorithm 7.5.1.
 */
export class SteihaugModel implements QuadraticModel {
  curvature = Number.POSITIVE_INFINITY;
  private readonly product: LinearMap;
  private readonly legs: Leg[] = [];
  private enough: number;
  private readonly gradientNorm: number;
  private firstCurvature = 0;
  private end: { readonly point: Vector; readonly residual: Vector; readonly fallen: number };
  private isDone = false;

  constructor(product: LinearMap, gradient: Vector, forcing: number) {
    this.product = product;
    this.gradientNorm = norm(gradient);
    this.enough = forcing * this.gradientNorm;
    this.end = { point: new Float64Array(gradient.length), residual: gradient.slice(), fallen: 0 };
  }

  minimize(radius: number): ModelStep {
    let ball = radius;
    for (let k = 0; ; k++) {
      if (k === this.legs.length && !this.extend()) break;
      const leg = this.legs[k]!;
      if (leg.stride === Number.POSITIVE_INFINITY && ball === Number.POSITIVE_INFINITY) {
        ball = Math.max(naturalRadius(this.gradientNorm, this.firstCurvature), 2 * norm(leg.from));
      }
      const end = this.legs[k + 1]?.from ?? this.end.point;
      if (leg.stride === Number.POSITIVE_INFINITY || norm(end) > ball) return this.crossing(leg, ball);
    }
    const { point, residual, fallen } = this.end;
    return {
      step: point,
      length: norm(point),
      predicted: fallen,
      residualNorm: norm(residual),
      isOnBoundary: false,
    };
  }

  refine(): boolean {
    this.enough /= 100;
    return this.enough > Number.EPSILON * this.gradientNorm && !this.isDone && this.extend();
  }

  /** One more leg by one product; false where the path has ended. */
  private extend(): boolean {
    const { point, residual, fallen } = this.end;
    const square = dot(residual, residual);
    if (this.isDone || Math.sqrt(square) <= this.enough || this.legs.length >= 2 * point.length) return false;
    const before = this.legs.at(-1);
    const direction = residual.map((entry) => -entry);
    if (before) addScaled(direction, square / dot(before.residual, before.residual), before.direction);
    const image = new Float64Array(point.length);
    this.product(direction, image);
    const along = dot(direction, image);
    const curvature = along / dot(direction, direction);
    if (this.legs.length === 0) this.firstCurvature = curvature;
    this.curvature = Number.isNaN(along) ? Number.NaN : Math.min(this.curvature, curvature);
    const stride = along > 0 ? square / along : Number.POSITIVE_INFINITY;
    this.legs.push({ from: point, direction, image, residual, stride, along, slope: dot(direction, residual), fallen });
    if (stride === Number.POSITIVE_INFINITY) {
      this.isDone = true;
      return true;
    }
    const end = { point: point.slice(), residual: residual.slice(), fallen: fallen + (stride * square) / 2 };
    addScaled(end.point, stride, direction);
    addScaled(end.residual, stride, image);
    this.end = end;
    return true;
  }

  /** Where a leg leaves the ball. */
  private crossing({ from, direction, image, residual, along, slope, fallen }: Leg, radius: number): ModelStep {
    const t = lengthToBoundary(from, direction, radius);
    const step = from.slice();
    addScaled(step, t, direction);
    const left = residual.slice();
    addScaled(left, t, image);
    return {
      step,
      length: radius,
      predicted: fallen - t * (slope + (t * along) / 2),
      residualNorm: norm(left),
      isOnBoundary: true,
    };
  }
}

/** The t >= 0 with ||x + t d|| = radius, for x in the ball. */
function lengthToBoundary(x: Vector, d: Vector, radius: number): number {
  const size = norm(d);
  const a = dot(x, d) / size;
  const length = norm(x);
  const c = Math.max(0, (radius - length) * (radius + length));
  const root = Math.hypot(a, Math.sqrt(c));
  // without cancellation for either sign of a
  return (a > 0 ? c / (a + root) : root - a) / size;
}
