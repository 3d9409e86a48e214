import { norm } from "../../numeric/vectors.ts";
import { beginAt } from "../begin.ts";
import { defineMethod } from "../method.ts";
import { curvatureScale } from "../newton/curvature-scale.ts";
import { isLower } from "../newton/decrease.ts";
import { isDoubtful, noiseAround } from "../noise.ts";
import type { Optimizer } from "../optimizer.ts";
import { bound, count, flag, fraction } from "../options.ts";
import type { Oracle, OraclePart } from "../oracle.ts";
import { DenseModel } from "./dense-model.ts";
import { LanczosModel } from "./lanczos-model.ts";
import { SteihaugModel } from "./steihaug.ts";
import { type ScaledModel, scaledGradient, Trials, type TrustRegionState } from "./trials.ts";

/** A way of minimising the model at a point: which parts of the oracle it needs, in what norm, how. */
interface Strategy {
  readonly name: string;
  readonly needs: readonly OraclePart[];
  readonly isScaled: boolean;
  model(state: TrustRegionState, oracle: Oracle): ScaledModel;
}

interface Settings {
  readonly radius: number;
  readonly largestRadius: number;
}

const options = {
  radius: bound("how far the first step may go; infinite: as far as the model says", Number.POSITIVE_INFINITY),
  largestRadius: bound("how far any step may go", Number.POSITIVE_INFINITY),
};

const inexact = {
  ...options,
  forcing: fraction("what may be left of the gradient in a model's minimum, at most", 0.05),
};

/**
 * Newton's method in a trust region: every step minimises the quadratic model of the loss in a ball exactly, the hard
 * case included (More and Sorensen, 1983), and the ball grows or shrinks with what the model was worth. With `scaled` the
 * ball is measured in d_i = the largest sqrt |H_ii| so far: the steps then do not depend on the parameters' units.
 */
export const trustExact = defineMethod({
  name: "trust-exact",
  summary: "Newton in a trust region, with the whole Hessian; for up to some hundred parameters",
  options: { ...options, scaled: flag("whether parameters are scaled by their second derivatives", true) },
  create: (settings) =>
    trustRegion(settings, 0, {
      name: "trust-exact",
      needs: ["hessian"],
      isScaled: settings.scaled,
      model({ point, gradient, scale: before }, oracle) {
        const n = point.length;
        const H = new Float64Array(n * n);
        oracle.hessian!(point, H);
        const scale = settings.scaled ? curvatureScale(H, n).map((d, i) => Math.max(d, before[i]!)) : before;
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < n; j++) H[i * n + j] = H[i * n + j]! / scale[i]! / scale[j]!;
        }
        return { model: new DenseModel(H, scaledGradient(gradient, scale)), scale };
      },
    }),
});

/** The same by conjugate gradients: they stop at the ball, where the curvature is not positive, or near the minimum. */
export const trustNcg = defineMethod({
  name: "trust-ncg",
  summary: "Newton in a trust region by conjugate gradients; products with the Hessian only",
  options: inexact,
  create: (settings) =>
    trustRegion(settings, settings.forcing, {
      name: "trust-ncg",
      needs: ["hvp"],
      isScaled: false,
      model: ({ point, gradient, forcing, scale }, oracle) => ({
        model: new SteihaugModel((v, out) => oracle.hvp!(point, v, out), gradient, forcing),
        scale,
      }),
    }),
});

/** The same in Lanczos' basis, where the model is minimised along the boundary too, and negative curvature is used well. */
export const trustKrylov = defineMethod({
  name: "trust-krylov",
  summary: "Newton in a trust region, exact in a Krylov space; products with the Hessian only",
  options: { ...inexact, products: count("the most products in a step, each of which keeps a vector", 500) },
  create: (settings) =>
    trustRegion(settings, settings.forcing, {
      name: "trust-krylov",
      needs: ["hvp"],
      isScaled: false,
      model: ({ point, gradient, forcing, scale }, oracle) => ({
        model: new LanczosModel((v, out) => oracle.hvp!(point, v, out), gradient, forcing, settings.products),
        scale,
      }),
    }),
});

function trustRegion(settings: Settings, forcing: number, strategy: Strategy): Optimizer<TrustRegionState> {
  return {
    name: strategy.name,
    needs: strategy.needs,
    needsOneLoss: true,
    restarts: true,
    init(oracle, x0) {
      const start = beginAt(oracle, x0);
      return {
        ...start,
        radius: settings.radius,
        scale: new Float64Array(x0.length).fill(strategy.isScaled ? 0 : 1),
        forcing,
        firstGradientNorm: norm(start.gradient),
        curvature: Number.POSITIVE_INFINITY,
        noise: 0,
      };
    },
    step(state, oracle) {
      const model = strategy.model(state, oracle);
      const bounds = { ...settings, forcing };
      const result = new Trials(state, oracle, model, bounds).run();
      if (result.ok || !isDoubtful(result.why, state) || state.noise > 0) return result;
      // another try by gradients where the loss is noisier than was thought
      const { loss: noise } = noiseAround(oracle, state);
      if (!(isLower(state.value - noise, state.value) && noise < Number.POSITIVE_INFINITY)) return result;
      const again = new Trials({ ...state, noise }, oracle, model, bounds).run();
      return again.ok ? again : { ...again, state };
    },
  };
}
