import { fillNormal } from "../../src/numeric/random.ts";
import type { Oracle, OracleAt } from "../../src/optimize.ts";

/** sum_i curvature_i x_i^2 / 2: its loss is reported as it is. */
export function quadratic(
  curvature: readonly number[],
  scale = 1,
): Required<Pick<Oracle, "loss" | "lossAndGradient" | "hvp">> {
  return {
    loss: (x) => curvature.reduce((sum, c, i) => sum + (scale * c * x[i]! ** 2) / 2, 0),
    lossAndGradient(x, g) {
      for (const [i, c] of curvature.entries()) g[i] = scale * c * x[i]!;
      return this.loss(x);
    },
    hvp(_x, v, h) {
      for (const [i, c] of curvature.entries()) h[i] = scale * c * v[i]!;
    },
  };
}

/** The oracle with normal noise of deviation sigma added to its gradients: a draw for each step. */
export function noisy(oracle: Oracle, dimension: number, sigma: number, seed: number): OracleAt {
  const noise = new Float64Array(dimension);
  return (step) => ({
    ...oracle,
    lossAndGradient(x, g) {
      const value = oracle.lossAndGradient(x, g);
      fillNormal(noise, seed, step);
      for (let i = 0; i < dimension; i++) g[i] = g[i]! + sigma * noise[i]!;
      return value;
    },
  });
}

/** The oracle stays where it is, whatever the method does: theta is frozen there. */
export function frozen(oracle: Oracle, at: readonly number[]): Oracle {
  const theta = Float64Array.from(at);
  return {
    loss: () => oracle.loss(theta),
    lossAndGradient: (_x, g) => oracle.lossAndGradient(theta, g),
    ...(oracle.hvp ? { hvp: (_x, v, h) => oracle.hvp!(theta, v, h) } : {}),
  };
}

/** The oracle in scaled units: its loss is `loss` times as large, its parameters `parameter` times. */
export function inUnits(oracle: Oracle, units: { readonly loss: number; readonly parameter: number }): Oracle {
  const back = (x: Float64Array) => x.map((entry) => entry / units.parameter);
  return {
    loss: (x) => units.loss * oracle.loss(back(x)),
    lossAndGradient(x, g) {
      const value = oracle.lossAndGradient(back(x), g);
      for (let i = 0; i < g.length; i++) g[i] = (units.loss * g[i]!) / units.parameter;
      return units.loss * value;
    },
    hvp(x, v, h) {
      oracle.hvp!(back(x), back(v), h);
      for (let i = 0; i < h.length; i++) h[i] = (units.loss * h[i]!) / units.parameter;
    },
  };
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
