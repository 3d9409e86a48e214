import { describe, expect, it } from "vitest";
import {
  adam,
  adaptiveDescent,
  adaptiveDescentAsPrinted,
  type FirstOrderState,
  iterate,
  minimizeSync,
  momentum,
  type Optimizer,
  type OracleAt,
  optimizerNamed,
  optimizers,
  secondOrderAdam,
  secondOrderAdaptiveDescent,
  secondOrderAdaptiveDescentAsPrinted,
  sgd,
  windowAdam,
} from "../../src/optimize.ts";
import { frozen, inUnits, median, noisy, quadratic } from "./noise.ts";
import { rosenbrock, rosenbrockStart } from "./problems.ts";

/** All points of a run of so many steps. */
async function path(method: Optimizer<FirstOrderState>, oracle: OracleAt, start: readonly number[], steps: number) {
  const points: Float64Array[] = [];
  for await (const { point } of iterate(method, oracle, start, { limits: { iterations: steps } })) points.push(point);
  return points;
}

const curvature = [0.1, 1, 10, 100];
const start = [1, 1, 1, 1];

describe("stochastic gradient descent", () => {
  it("estimates: at a fixed point the variance of an average with rate rho is rho sigma^2 / (2 - rho)", () => {
    // g = noise of deviation 2, independent of the point; the velocity with dampening = momentum = 1 - rho is the average
    const still = frozen(quadratic([1]), [0]);
    for (const rho of [0.5, 0.2, 0.05]) {
      const seen: number[] = [];
      minimizeSync(momentum({ momentum: 1 - rho, dampening: 1 - rho, rate: 1e-3 }), noisy(still, 1, 2, 7), [0], {
        limits: { iterations: 40_000 },
        onIterate: ({ iteration, state }) => void (iteration > 10 / rho && seen.push(state.slots.velocity[0]!)),
      });
      const variance = seen.reduce((sum, v) => sum + v * v, 0) / seen.length;
      // 40,000 draws with a correlation over 2/rho - 1 of them: a relative deviation of at most sqrt(2 * 39 / 40,000) = 4 %
      expect(variance / ((rho * 4) / (2 - rho)) - 1).toSatisfy((error: number) => Math.abs(error) < 0.15);
    }
  });

  it("explores: it settles into a loss that is proportional to the rate, sum_i rate sigma^2 / (4 - 2 rate L_i)", () => {
    for (const rate of [0.1, 0.02]) {
      let sum = 0;
      let count = 0;
      minimizeSync(sgd({ rate }), noisy(quadratic([1, 2]), 2, 1, 3), [0, 0], {
        limits: { iterations: 60_000 },
        onIterate: ({ iteration, value }) => {
          if (iteration <= 1000) return;
          sum += value;
          count += 1;
        },
      });
      const wanted = [1, 2].reduce((total, L) => total + rate / (4 - 2 * rate * L), 0);
      // correlations over 1/(rate L) <= 50 steps: a relative deviation of about sqrt(2 * 50 / 60,000) = 4 %
      expect(Math.abs(sum / count / wanted - 1)).toBeLessThan(0.15);
    }
  });
});

describe("the units of the gradient", () => {
  const oracleIn = (loss: number): OracleAt => noisy(inUnits(rosenbrock, { loss, parameter: 1 }), 2, 3 * loss, 5);

  it("are loss / parameter: c times the loss and 1/c of the rate is the same run, to the last bit for c = 2^k", async () => {
    for (const make of [sgd, momentum]) {
      const plain = await path(make({ rate: 1e-4 }), oracleIn(1), rosenbrockStart, 50);
      for (const c of [2 ** -20, 8]) {
        expect(await path(make({ rate: 1e-4 / c }), oracleIn(c), rosenbrockStart, 50)).toEqual(plain);
      }
    }
  });

  it("tell nats from bits: with one rate they go different ways", async () => {
    const nats = await path(sgd({ rate: 1e-4 }), oracleIn(1), rosenbrockStart, 5);
    const bits = await path(sgd({ rate: 1e-4 }), oracleIn(1 / Math.LN2), rosenbrockStart, 5);
    expect(bits).not.toEqual(nats);
  });
});

describe("methods and scales", () => {
  const settings = { curvatureWindow: 50, window: 50 };
  type Make = (c: number, s: number) => Optimizer<FirstOrderState>;
  const makers: Readonly<Record<string, Make>> = {
    adam: () => adam({ rate: 0.01, epsilon: 0 }),
    "window-adam": () => windowAdam({ rate: 0.01, epsilon: 0 }),
    "second-order-adam": () => secondOrderAdam({ rate: 0.01, epsilon: 0 }),
    "adaptive-descent": (c, s) => adaptiveDescent({ curvature: (128 * c) / s ** 2 }),
    "second-order-adaptive-descent": (c, s) =>
      secondOrderAdaptiveDescent({ rate: (2 ** -20 * s ** 2) / c, ...settings }),
    "as printed 1": (c) =>
      secondOrderAdaptiveDescentAsPrinted({ rate: 2 ** -10 / c, growth: 2, print: "1", ...settings }),
    "as printed 3": (c) =>
      secondOrderAdaptiveDescentAsPrinted({ rate: 2 ** -10 / c, growth: 2, print: "3", ...settings }),
  };
  /** The path in units in which the loss is c times as large and the parameters s times, in the old units again. */
  async function pathIn(make: Make, c: number, s: number) {
    const oracle = noisy(inUnits(quadratic(curvature), { loss: c, parameter: s }), 4, c / s, 11);
    const points = await path(
      make(c, s),
      oracle,
      start.map((x) => s * x),
      60,
    );
    return points.map((point) => point.map((x) => x / s));
  }

  it.each(["adam", "window-adam", "second-order-adam", "adaptive-descent", "second-order-adaptive-descent"])(
    "%s does not see the scale of the loss, to the last bit for powers of two",
    async (name) => {
      expect(await pathIn(makers[name]!, 2 ** 13, 1)).toEqual(await pathIn(makers[name]!, 1, 1));
    },
  );

  it.each(["adaptive-descent", "second-order-adaptive-descent"])(
    "%s does not see the scale of all parameters, to the last bit for powers of two",
    async (name) => {
      expect(await pathIn(makers[name]!, 1, 2 ** 7)).toEqual(await pathIn(makers[name]!, 1, 1));
      expect(await pathIn(makers[name]!, 2 ** -9, 2 ** 7)).toEqual(await pathIn(makers[name]!, 1, 1));
    },
  );

  it.each(["adam", "window-adam", "second-order-adam", "as printed 1", "as printed 3"])(
    "%s sees the scale of the parameters",
    async (name) => {
      expect(await pathIn(makers[name]!, 1, 2 ** 7)).not.toEqual(await pathIn(makers[name]!, 1, 1));
    },
  );
});

describe("methods that divide by squares of gradients", () => {
  const names = ["adam", "adamw", "amsgrad", "window-adam", "rmsprop", "adagrad", "second-order-adam"];
  const limits = { iterations: 100 };

  it.each([1e160, 1e300])("go on where these overflow: a loss times %d", (c) => {
    const bowl = inUnits(quadratic([1, 2]), { loss: c, parameter: 1 });
    for (const name of names) {
      const { best, point } = minimizeSync(optimizerNamed(name, { rate: 0.01 }), bowl, [1, -2], { limits });
      expect(point.every(Number.isFinite), name).toBe(true);
      expect(best.value / c, name).toBeLessThan(0.95 * 4.5);
    }
    const averaged = adaptiveDescent({ curvature: 2 * c });
    for (const method of [averaged, secondOrderAdaptiveDescent({ rate: 0.01 / c })])
      expect(minimizeSync(method, bowl, [1, -2], { limits }).best.value / c, method.name).toBeLessThan(1e-3);
  });

  it.each([1e-170, 1e-300])("stay where these vanish: a loss times %d", (c) => {
    const bowl = inUnits(quadratic([1, 2]), { loss: c, parameter: 1 });
    for (const name of names) {
      const { point } = minimizeSync(optimizerNamed(name, { rate: 0.01, epsilon: 0 }), bowl, [1, -2], { limits });
      for (const [i, x] of point.entries()) expect(Math.abs(x), name).toBeLessThanOrEqual(i + 1);
    }
    for (const method of [adaptiveDescent({ curvature: 2 * c }), secondOrderAdaptiveDescent({ rate: 0.01 / c })])
      expect(minimizeSync(method, bowl, [1, -2], { limits }).best.value / c, method.name).toBeLessThan(1e-3);
  });
});

describe("Adam's averages", () => {
  it("have no bias at the start: both ways give the mean of equal gradients at once", () => {
    const still = frozen(quadratic([2, 8]), [1, 1]);
    for (const method of [adam({ epsilon: 0, rate: 1 }), windowAdam({ epsilon: 0, rate: 1 })]) {
      for (const steps of [1, 2, 3, 20]) {
        const { point } = minimizeSync<FirstOrderState>(method, () => still, [0, 0], { limits: { iterations: steps } });
        // every step is rate * g / sqrt(g^2) = 1, to the rounding of the averages
        for (const x of point) expect(Math.abs(x + steps)).toBeLessThan(1e-13 * steps);
      }
    }
  });
});

describe("the drift of the gradient", () => {
  it("is H (eta * g^), and the gradient changes by its negative: exactly so on a quadratic", () => {
    const oracle = quadratic([1, 2, 4]);
    const x = Float64Array.of(3, 5, -7);
    const g = new Float64Array(3);
    oracle.lossAndGradient(x, g);
    const move = g.map((entry, i) => entry * [0.5, 0.25, 0.125][i]!);
    const drift = new Float64Array(3);
    oracle.hvp(x, move, drift);
    const after = new Float64Array(3);
    oracle.lossAndGradient(
      x.map((entry, i) => entry - move[i]!),
      after,
    );
    // integers over powers of two: nothing is rounded
    expect(Array.from(after, (entry, i) => entry - g[i]!)).toEqual(Array.from(drift, (entry) => -entry));
  });

  it("is what second-order Adam averages: with theta frozen it converges to H (eta * g)", () => {
    const method = secondOrderAdam({ rate: 0.1, epsilon: 0, correction: false, driftWindow: 20, gradientWindow: 20 });
    const still = frozen(rosenbrock, [-1.2, 1]);
    const g = new Float64Array(2);
    still.lossAndGradient(g, g);
    const { state } = minimizeSync(method, () => still, [0, 0], { limits: { iterations: 400 } });
    const drift = new Float64Array(2);
    still.hvp!(
      g,
      g.map((entry) => 0.1 * Math.sign(entry)),
      drift,
    );
    for (const [i, wanted] of drift.entries()) expect(state.slots.drift[i]).toBeCloseTo(wanted, 9);
  });

  it("keeps the averaged gradient where the point is: exact on a quadratic, where Adam's lags behind", () => {
    const oracle = quadratic([1, 10]);
    const run = (correction: boolean) =>
      minimizeSync(secondOrderAdam({ rate: 0.01, driftWindow: 1, correction }), () => oracle, [1, 1], {
        limits: { iterations: 30 },
      }).state;
    const lag = ({ gradient, slots }: FirstOrderState) =>
      Math.max(...gradient.map((g, i) => Math.abs(g - slots.mean![i]!)));
    expect(lag(run(true))).toBeLessThan(1e-13);
    expect(lag(run(false))).toBeGreaterThan(0.02);
  });
});

describe("adaptive descent", () => {
  it("as printed is not finite after two steps", () => {
    const method = adaptiveDescentAsPrinted({ curvature: 100 });
    for (const seed of [1, 2, 3]) {
      const result = minimizeSync(method, noisy(quadratic(curvature), 4, 1, seed), start, {
        limits: { iterations: 10 },
      });
      expect(result.status).toEqual({ kind: "failed", why: "notFinite" });
      expect(result.iterations).toBeLessThanOrEqual(2);
    }
  });

  it("goes to 0 under noise: ten times the steps, less than a third of the loss", () => {
    for (const method of [adaptiveDescent({ curvature: 4 }), secondOrderAdaptiveDescent()]) {
      const lossAfter = (iterations: number) =>
        median(
          [1, 2, 3, 4, 5, 6, 7].map(
            (seed) =>
              minimizeSync<FirstOrderState>(method, noisy(quadratic([1, 2, 3, 4]), 4, 1, seed), start, {
                limits: { iterations },
              }).value,
          ),
        );
      const losses = [300, 3000, 30_000].map(lossAfter);
      expect(losses[1]! / losses[0]!).toBeLessThan(1 / 3);
      expect(losses[2]! / losses[1]!).toBeLessThan(1 / 3);
    }
  });

  it("does not move in warm-up", async () => {
    for (const method of [adaptiveDescent({ curvature: 4, warmUp: 5 }), secondOrderAdaptiveDescent({ warmUp: 5 })]) {
      const points = await path(method, noisy(quadratic([1, 2]), 2, 1, 1), [1, 1], 8);
      for (const [t, point] of points.entries()) {
        if (t <= 5) expect(point).toEqual(Float64Array.of(1, 1));
        else expect(point).not.toEqual(points[t - 1]);
      }
    }
  });

  it("measures the curvature of every coordinate", () => {
    const { state } = minimizeSync(secondOrderAdaptiveDescent(), noisy(quadratic(curvature), 4, 1, 1), start, {
      limits: { iterations: 200 },
    });
    for (const [i, L] of curvature.entries()) expect(state.slots.pull[i]! / state.slots.push[i]!).toBeCloseTo(L, 10);
  });

  it("keeps the old rate where nothing moves or nothing curves", () => {
    const flat = noisy(quadratic([0, 1]), 2, 1, 1);
    const { state } = minimizeSync(secondOrderAdaptiveDescent({ rate: 0.25 }), flat, [1, 1], {
      limits: { iterations: 50 },
    });
    expect(state.slots.rate[0]).toBe(0.25);
    expect(state.slots.rate[1]).not.toBe(0.25);
  });

  it("has two prints that are the same, and a third", async () => {
    const oracle = noisy(quadratic(curvature), 4, 1, 1);
    const [one, two, three] = await Promise.all(
      (["1", "2", "3"] as const).map((print) =>
        path(secondOrderAdaptiveDescentAsPrinted({ print }), oracle, start, 40),
      ),
    );
    expect(two).toEqual(one);
    expect(three).not.toEqual(one);
  });

  it("stands in the list of methods; the prints do not", () => {
    expect(Object.keys(optimizers).filter((name) => name.includes("adaptive"))).toEqual([
      "adaptive-descent",
      "second-order-adaptive-descent",
    ]);
  });

  it("ends far below the others on a noisy diagonal problem: median losses after 50,000 samples", () => {
    const finalLoss = (method: Optimizer<FirstOrderState>) =>
      median(
        [1, 2, 3, 4, 5, 6, 7].map(
          (seed) =>
            minimizeSync(method, noisy(quadratic(curvature), 4, 1, seed), start, { limits: { iterations: 50_000 } })
              .value,
        ),
      );
    const losses = {
      sgd: finalLoss(sgd({ rate: 0.008 })),
      adam: finalLoss(adam({ rate: 0.005 })),
      print1: finalLoss(secondOrderAdaptiveDescentAsPrinted({ print: "1", growth: 1.1 })),
      print3: finalLoss(secondOrderAdaptiveDescentAsPrinted({ print: "3", growth: 1.1 })),
      corrected: finalLoss(secondOrderAdaptiveDescent()),
    };
    const within = (value: number, order: number) => value > order / 5 && value < order * 5;
    expect(losses).toSatisfy(() => within(losses.sgd, 8e-3), JSON.stringify(losses));
    expect(losses).toSatisfy(() => within(losses.adam, 4e-3));
    expect(losses).toSatisfy(() => within(losses.print1, 3e-2));
    expect(losses).toSatisfy(() => within(losses.print3, 2e-2));
    expect(losses).toSatisfy(() => within(losses.corrected, 5e-5));
    expect(losses.corrected).toBeLessThan(0.1 * Math.min(losses.sgd, losses.adam, losses.print1, losses.print3));
  });
});
