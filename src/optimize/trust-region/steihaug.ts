import { conjugateTo, flatShare, strideAlong } from "../../numeric/krylov/conjugate-gradient.ts";
import type { LinearMap } from "../../numeric/krylov/linear-map.ts";
import { addScaled, binade, dot, norm, scale, type Vector } from "../../numeric/vectors.ts";
import { type ModelStep, naturalRadius, type QuadraticModel } from "./model-step.ts";

/**
 * A step of the path: `stride` along `direction`, or to the boundary where the curvature is not positive. All in a unit in
 * which the gradient is about 1, so that no square overflows or vanishes.
 */
interface Leg {
  readonly direction: Vector;
  /** Infinite where the model falls along the direction without end. */
  readonly stride: number;
  /** <d, H d> */
  readonly along: number;
  /** <r, r>, <r, H d> and ||H d|| for r = g + H p at the leg's begin. */
  readonly square: number;
  readonly across: number;
  readonly imageNorm: number;
  /** ||p|| and by how much the model has fallen at the leg's end. */
  readonly length: number;
  readonly fallen: number;
}

/** A path of more numbers than this ends where it is: each of its legs keeps a direction. */
const room = 2 ** 27;

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
  private readonly unit: number;
  private readonly gradientNorm: number;
  private enough: number;
  private steepest = 0;
  /** Where the path ends so far, and g + H p there. */
  private readonly point: Vector;
  private readonly residual: Vector;
  private readonly image: Vector;

  constructor(product: LinearMap, gradient: Vector, forcing: number) {
    this.product = product;
    this.unit = binade(norm(gradient));
    this.residual = gradient.map((entry) => entry / this.unit);
    this.gradientNorm = norm(this.residual);
    this.enough = forcing * this.gradientNorm;
    this.point = new Float64Array(gradient.length);
    this.image = new Float64Array(gradient.length);
  }

  minimize(radius: number): ModelStep {
    const { unit } = this;
    const { step, length, predicted, residualNorm, isOnBoundary } = this.minimum(radius / unit);
    scale(step, unit);
    return {
      step,
      length: unit * length,
      predicted: unit * (unit * predicted),
      residualNorm: unit * residualNorm,
      isOnBoundary,
    };
  }

  private minimum(radius: number): ModelStep {
    let ball = radius;
    for (let k = 0; k < this.legs.length || this.extend(); k++) {
      const { stride, length } = this.legs[k]!;
      if (stride === Number.POSITIVE_INFINITY && ball === Number.POSITIVE_INFINITY) {
        const [first] = this.legs as [Leg];
        const natural = naturalRadius(this.gradientNorm, first.along / dot(first.direction, first.direction));
        ball = Math.max(natural, 2 * (this.legs[k - 1]?.length ?? 0));
      }
      if (length > ball) return this.crossing(k, ball);
    }
    return {
      step: this.point.slice(),
      length: norm(this.point),
      predicted: this.legs.at(-1)?.fallen ?? 0,
      residualNorm: norm(this.residual),
      isOnBoundary: false,
    };
  }

  refine(): boolean {
    this.enough /= 100;
    return this.enough > Number.EPSILON * this.gradientNorm && this.extend();
  }

  /** One more leg by one product; false where the path has ended. */
  private extend(): boolean {
    const { point, residual, image } = this;
    const square = dot(residual, residual);
    const before = this.legs.at(-1);
    const most = Math.min(2 * point.length, Math.ceil(room / point.length));
    const hasEnded = before?.stride === Number.POSITIVE_INFINITY || this.legs.length >= most;
    if (hasEnded || Math.sqrt(square) <= this.enough) return false;
    const direction = new Float64Array(point.length);
    conjugateTo(direction, before?.direction ?? direction, residual, before ? square / before.square : 0);
    const flat = flatShare * this.steepest;
    const { length: stride, along, curvature } = strideAlong(this.product, direction, square, image, flat);
    this.steepest = Math.max(this.steepest, curvature);
    this.curvature = Number.isNaN(along) ? Number.NaN : Math.min(this.curvature, curvature);
    const leg = { direction, stride, along, square, across: dot(residual, image), imageNorm: norm(image) };
    if (stride === Number.POSITIVE_INFINITY) {
      this.legs.push({ ...leg, length: stride, fallen: stride });
      return true;
    }
    addScaled(point, stride, direction);
    addScaled(residual, stride, image);
    this.legs.push({ ...leg, length: norm(point), fallen: (before?.fallen ?? 0) + (stride * square) / 2 });
    return true;
  }

  /** Where leg k leaves the ball. */
  private crossing(k: number, radius: number): ModelStep {
    const step = new Float64Array(this.point.length);
    for (const { stride, direction } of this.legs.slice(0, k)) addScaled(step, stride, direction);
    const { direction, along, square, across, imageNorm } = this.legs[k]!;
    const t = lengthToBoundary(step, direction, radius);
    addScaled(step, t, direction);
    return {
      step,
      length: radius,
      // the slope along a conjugate direction is -<r, r>
      predicted: (this.legs[k - 1]?.fallen ?? 0) + t * (square - (t * along) / 2),
      residualNorm: Math.sqrt(Math.max(0, square + 2 * t * across + (t * imageNorm) ** 2)),
      isOnBoundary: true,
    };
  }
}

/** The t >= 0 with ||x + t d|| = radius, for x in the ball. */
function lengthToBoundary(x: Vector, d: Vector, radius: number): number {
  const size = norm(d);
  const a = dot(x, d) / size;
  const length = norm(x);
  const c = Math.sqrt(Math.max(0, radius - length)) * Math.sqrt(radius + length);
  const root = Math.hypot(a, c);
  // without cancellation for either sign of a
  return (a > 0 ? c * (c / (a + root)) : root - a) / size;
}
