import { dampedStep, gaussNewtonStep, scaledNorm } from "../../numeric/dense/damped-least-squares.ts";
import { defineMethod } from "../method.ts";
import type { Optimizer } from "../optimizer.ts";
import { bound, nonNegative } from "../options.ts";
import { arrive, type LeastSquaresState } from "./state.ts";
import { leastSquaresStep, type StepFinder } from "./trials.ts";

const options = {
  offset: nonNegative(
    "converged where a linear change of the parameters takes away less than this part of the residuals",
    1e-12,
  ),
};

/**
 * The method of Levenberg and Marquardt for sums of squares, in the form of More (1978): steps of Gauss and Newton in a
 * ball whose axes follow the Jacobian's columns, so that units of parameters do not matter; QR factorisations, never
 * normal equations; the radius by the ratio of actual to predicted decrease. Along a valley steps follow its bend, where the
 * oracle has a residualCurvature. The oracle has residuals.
 */
export const levenbergMarquardt = defineMethod({
  name: "levenberg-marquardt",
  summary: "least squares: Gauss-Newton in a trust region scaled by the Jacobian's columns",
  options: {
    ...options,
    factor: bound("how far the first step may go, beside the length of the start, in the norm of the steps", 1),
  },
  create: (settings) => leastSquares("levenberg-marquardt", settings, dampedStep),
});

/**
 * The method of Gauss and Newton for sums of squares: full steps to the linear solution, the basic one where the
 * Jacobian has not full rank, shortened along their line until the loss falls.
 */
export const gaussNewton = defineMethod({
  name: "gauss-newton",
  summary: "least squares: steps to the linear solution, shortened where they do not lower the loss",
  options,
  create: (settings) =>
    leastSquares("gauss-newton", { ...settings, factor: Number.POSITIVE_INFINITY }, (problem, radius) => {
      const full = gaussNewtonStep(problem);
      if (!(full.length > radius)) return full;
      const t = radius / full.length;
      return {
        ...full,
        step: full.step.map((entry) => t * entry),
        length: radius,
        predicted: t * (2 - t) * full.predicted,
      };
    }),
});

function leastSquares(
  name: string,
  settings: { readonly offset: number; readonly factor: number },
  find: StepFinder,
): Optimizer<LeastSquaresState> {
  return {
    name,
    needs: ["residuals", "jacobian"],
    needsOneLoss: true,
    restarts: true,
    tolerances: {},
    test({ offset }) {
      return offset <= settings.offset
        ? { criterion: "offset", measured: offset, tolerance: settings.offset }
        : undefined;
    },
    init(oracle, x0) {
      const residuals = new Float64Array(oracle.residualCount!);
      oracle.residuals!(x0, residuals);
      const nothing = {
        iteration: 0,
        radius: Number.POSITIVE_INFINITY,
        damping: 0,
        slowSteps: 0,
        scale: new Float64Array(x0.length),
      };
      const state = arrive(x0.slice(), residuals, nothing, oracle);
      const length = scaledNorm(state.point, state.scale);
      if (!(length > 0 && length < Number.POSITIVE_INFINITY)) return { ...state, radius: Number.POSITIVE_INFINITY };
      const scale = state.scale.map((d, j) => (x0[j] === 0 ? d : Math.max(d, (unseen * length) / Math.abs(x0[j]!))));
      return { ...state, scale, radius: settings.factor * length };
    },
    step: (state, oracle) => leastSquaresStep(state, oracle, find),
  };
}

/**
 * A parameter that moves the residuals by less than this share of what all do at the start is not seen there: the ball then
 * measures it by its own size, or it would end everywhere where the others have hardly moved.
 */
const unseen = 2 ** -26;
