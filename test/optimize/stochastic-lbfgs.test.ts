import { describe, expect, it } from "vitest";
import { norm } from "../../src/numeric/vectors.ts";
import {
  type Checkpoint,
  deserialize,
  minimizeSync,
  type OptimizerState,
  type Oracle,
  serialize,
  sgd,
  stochasticLbfgs,
} from "../../src/optimize.ts";
import { noisy, quadratic } from "./noise.ts";

/** A loss that is linear, so that H = 0: every change of a gradient is noise. */
const flat: Oracle = {
  loss: (x) => x[0]! - x[1]!,
  lossAndGradient(x, g) {
    g[0] = 1;
    g[1] = -1;
    return x[0]! - x[1]!;
  },
  hvp: (_x, _v, h) => void h.fill(0),
};

describe("the y of a stochastic quasi-Newton method", () => {
  const changes = (change: "products" | "same-batch" | "differences") => {
    const seen: number[] = [];
    minimizeSync(stochasticLbfgs({ change }), noisy(flat, 2, 0.5, 3), [0, 0], {
      limits: { iterations: 20 },
      onIterate: ({ iteration, state }) => void (iteration > 0 && seen.push(norm(state.change))),
    });
    return seen;
  };

  it("is noise where batches differ, and exactly 0 = H s by a product or by one batch", () => {
    expect(Math.min(...changes("differences"))).toBeGreaterThan(0.01);
    expect(changes("products")).toEqual(new Array(20).fill(0));
    expect(changes("same-batch")).toEqual(new Array(20).fill(0));
  });
});

describe("stochastic L-BFGS", () => {
  const curvature = [0.1, 1, 10, 100];
  const oracleAt = noisy(quadratic(curvature), 4, 0.1, 17);
  const start = [1, 1, 1, 1];
  const limits = { iterations: 1000 };
  const rate = { kind: "inverse", rate: 0.5, steps: 20 } as const;
  const lossOf = (point: Float64Array) => quadratic(curvature).loss(point);

  it.each(["products", "same-batch"] as const)(
    "learns curvatures through noise, by %s: far below gradient descent",
    (change) => {
      const ours = minimizeSync(stochasticLbfgs({ change, rate }), oracleAt, start, { limits });
      const plain = [1e-2, 1e-3].map((eta) => minimizeSync(sgd({ rate: eta }), oracleAt, start, { limits }));
      const best = Math.min(...plain.map(({ point }) => lossOf(point)));
      expect(lossOf(ours.point)).toBeLessThan(best / 3);
      expect(ours.evaluations).toEqual({
        value: change === "products" ? 1001 : 2001,
        gradient: change === "products" ? 1001 : 2001,
        hvp: change === "products" ? 1000 : 0,
      });
    },
  );

  it("resumes bit for bit, with the batches of its steps", () => {
    const method = stochasticLbfgs({ rate });
    const texts: string[] = [];
    const whole = minimizeSync(method, oracleAt, start, {
      limits: { iterations: 40 },
      onIterate: (iterate) => void texts.push(serialize(iterate.checkpoint())),
    });
    for (const k of [0, 1, 2, 25, 40]) {
      const resume = deserialize<Checkpoint<OptimizerState>>(texts[k]!);
      expect(minimizeSync(method as never, oracleAt, start, { limits: { iterations: 40 }, resume })).toEqual(whole);
    }
  });

  it("stands still where the gradient is 0, and fails honestly where there is none", () => {
    const still = minimizeSync(stochasticLbfgs(), () => quadratic([1, 2]), [0, 0], { limits: { iterations: 5 } });
    expect(still.point).toEqual(Float64Array.of(0, 0));
    const nowhere: Oracle = { ...quadratic([1]), lossAndGradient: () => Number.NaN };
    const lost = minimizeSync(stochasticLbfgs({ change: "differences" }), () => nowhere, [1]);
    expect(lost.status).toEqual({ kind: "failed", why: "notFinite" });
  });
});
