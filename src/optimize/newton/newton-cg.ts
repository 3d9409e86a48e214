import { type CgResult, conjugateGradient } from "../../numeric/krylov/conjugate-gradient.ts";
import { dot, norm, type Vector } from "../../numeric/vectors.ts";
import { beginAt } from "../begin.ts";
import { defineMethod } from "../method.ts";
import type { OptimizerState } from "../optimizer.ts";
import { count, fraction } from "../options.ts";
import type { Rest } from "../rest.ts";
import { naturalRadius } from "../trust-region/model-step.ts";
import { nextForcing } from "./forcing.ts";
import { descend, newtonSearch } from "./newton-descent.ts";
import { brokenHessian } from "./obstacles.ts";

export interface NewtonCgState extends OptimizerState {
  /** What is left of the gradient in the linear system's solution, at most, beside the gradient. */
  readonly forcing: number;
  /** The norm of the gradient at the start. */
  readonly firstGradientNorm: number;
  /** The least <v, H v> / <v, v> that the last step met: below 0 where curvature is negative. */
  readonly curvature: number;
  /** How far the last step went along its direction. */
  readonly step: number;
  readonly rest: Rest;
}

/**
 * Newton's method by products alone: H p = -g is solved by conjugate gradients, as exactly as the last linear model was
 * worth (Eisenstat and Walker, 1996), and where they meet a direction along which the curvature is not positive they
 * stop with what they have. The step is shortened until it lowers the loss.
 */
export const newtonCg = defineMethod({
  name: "newton-cg",
  summary: "Newton's method by conjugate gradients and a line search; products with the Hessian only",
  options: {
    forcing: fraction("what may be left of the gradient in a step's linear system, at most", 0.1),
    products: count("the most products in a step", 1000),
    ...newtonSearch,
  },
  create: (settings) => ({
    name: "newton-cg",
    needs: ["hvp"],
    needsOneLoss: true,
    restarts: true,
    init(oracle, x0): NewtonCgState {
      const start = beginAt(oracle, x0);
      return {
        ...start,
        forcing: settings.forcing,
        firstGradientNorm: norm(start.gradient),
        curvature: Number.POSITIVE_INFINITY,
        step: Number.NaN,
        rest: { steps: 0, value: start.value, gradientNorm: norm(start.gradient) },
      };
    },
    step(state, oracle) {
      const { point, gradient, iteration } = state;
      const solved = conjugateGradient(
        (v, out) => oracle.hvp!(point, v, out),
        gradient.map((entry) => -entry),
        { tolerance: state.forcing, iterations: settings.products },
      );
      if (solved.ended === "notFinite") {
        return { ok: false, state, why: brokenHessian() };
      }
      const direction = solved.ended === "negativeCurvature" ? onwards(solved) : solved.x;
      const arrival = descend(state, direction, oracle, settings);
      if (!arrival.ok) return { ok: false, state, why: arrival.why };
      const { reached } = arrival;
      const size = norm(gradient);
      const isNewton = solved.ended === "converged" && reached.step === 1;
      const miss = isNewton ? Math.abs(norm(reached.gradient) - solved.residualNorm) / size : Number.NaN;
      return {
        ok: true,
        state: {
          ...reached,
          iteration: iteration + 1,
          // the Newton decrement of the step just made
          metricNorm: solved.ended === "converged" ? Math.sqrt(Math.max(0, -dot(gradient, direction))) : Number.NaN,
          forcing: nextForcing(state.forcing, {
            most: settings.forcing,
            miss,
            // a search along the direction makes up for more than a ball does
            nearness: (norm(reached.gradient) / state.firstGradientNorm) ** (1 / 4),
          }),
          firstGradientNorm: state.firstGradientNorm,
          curvature: solved.curvature,
        },
      };
    },
  }),
});

/** The point reached and on along the direction of negative curvature, as far as the size of that curvature says. */
function onwards({ x, direction, residualNorm, curvature }: CgResult): Vector {
  const size = norm(direction);
  const length = (naturalRadius(residualNorm, curvature) / size) * (residualNorm / size);
  return x.map((entry, i) => entry + length * direction[i]!);
}
