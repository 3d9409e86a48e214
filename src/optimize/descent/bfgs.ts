import { multiply } from "../../numeric/dense/matrices.ts";
import { dot, type Vector } from "../../numeric/vectors.ts";
import { defineMethod } from "../method.ts";
import { oneOf } from "../options.ts";
import { type Pair, scaleOf } from "./curvature-pairs.ts";
import { type Aim, type DescentState, descent, searchOptions } from "./descent.ts";
import { aimed, changeOptions, firstStep, pairAfter } from "./lbfgs.ts";

/** `inverse`: M, row-major [n, n], symmetric. */
export interface BfgsMemory {
  readonly inverse: Vector;
}

export type BfgsState = DescentState & BfgsMemory;

/**
 * BFGS in its inverse form: the direction is -M g, and after a move s with the change y of the gradient
 *
 *     M := (I - rho s y') M (I - rho y s') + rho s s',   rho = 1 / <y, s>,
 *
 * which satisfies the secant equation M y = s. M starts from I, or, with `initial: "scaled"`, from <y, s> / <y, y> I as soon
 * as there is a move; that is better where the curvature along all directions is alike, and worse on ill-conditioned
 * quadratics. A move with less curvature than Wolfe's conditions leave is damped, so that M stays positive definite. With
 * `change: "products"`, y = H s at the point just reached, which noise in the gradients does not reach.
 */
export const bfgs = defineMethod({
  name: "bfgs",
  summary: "quasi-Newton with a dense inverse Hessian; for up to about 1,000 parameters",
  options: {
    initial: oneOf(["scaled", "identity"])("what the inverse Hessian starts from: gamma I, or I", "identity"),
    ...changeOptions,
    ...searchOptions({ search: "more-thuente", curvature: 0.75 }),
  },
  create: ({ initial, change, damping, ...search }) => {
    const aim = (
      gradient: Vector,
      inverse: Vector,
      hasMemory: boolean,
      spare: BfgsState | undefined,
    ): Aim<BfgsMemory> => {
      const direction = spare?.direction ?? new Float64Array(gradient.length);
      multiply(direction, inverse, gradient.length, gradient.length, gradient);
      for (let i = 0; i < direction.length; i++) direction[i] = -direction[i]!;
      return aimed(gradient, direction, { inverse }, hasMemory);
    };
    return descent<BfgsMemory>(
      {
        name: "bfgs",
        needs: change === "products" ? ["hvp"] : [],
        begin({ gradient }, spare) {
          const n = gradient.length;
          const inverse = spare?.inverse.fill(0) ?? new Float64Array(n * n);
          for (let i = 0; i < n; i++) inverse[i * n + i] = 1;
          return aim(gradient, inverse, false, spare);
        },
        proceed(at, previous, oracle, spare) {
          const n = at.point.length;
          const arrays = { s: new Float64Array(n), y: new Float64Array(n) };
          const expected = { step: at.step, gradient: previous.gradient, least: damping };
          const pair = pairAfter(change, at, previous, oracle, arrays, expected);
          const inverse = spare?.inverse ?? new Float64Array(n * n);
          if (pair) {
            const gamma = previous.hasMemory || initial === "identity" ? 1 : scaleOf(pair);
            updateInverse(inverse, previous.inverse, gamma, pair, new Float64Array(n));
          } else {
            inverse.set(previous.inverse);
          }
          const next = aim(at.gradient, inverse, previous.hasMemory || pair !== undefined, spare);
          return initial === "scaled" ? next : { ...next, first: firstStep(at.value, previous.value, next) };
        },
      },
      search,
    );
  },
});

/** out = the update of gamma M by the pair; `product` is room for n numbers. */
export function updateInverse(
  out: Vector,
  M: Vector,
  gamma: number,
  { s, y, product: ys }: Pair,
  product: Vector,
): void {
  const n = s.length;
  multiply(product, M, n, n, y);
  // M+ = M - rho (s u' + u s') + rho (1 + rho <y, u>) s s' with u = M y
  const rho = 1 / ys;
  const sFactor = rho * (1 + rho * gamma * dot(y, product));
  const cross = rho * gamma;
  for (let i = 0; i < n; i++) {
    const row = i * n;
    const a = sFactor * s[i]! - cross * product[i]!;
    const b = cross * s[i]!;
    for (let j = 0; j < n; j++) out[row + j] = gamma * M[row + j]! + a * s[j]! - b * product[j]!;
  }
}
