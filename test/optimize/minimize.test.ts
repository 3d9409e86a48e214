import { describe, expect, it } from "vitest";
import { compileText } from "../../src/language.ts";
import {
  adaptiveDescent,
  type Checkpoint,
  deserialize,
  type FirstOrderState,
  iterate,
  lbfgs,
  lbfgsB,
  minimize,
  minimizeSync,
  newtonCg,
  type Oracle,
  serialize,
  sgd,
  trustNcg,
} from "../../src/optimize.ts";
import { rosenbrock, rosenbrockStart } from "./problems.ts";

/** As programs without types may pass it. */
const bound = compileText("param x\nloss = x^2").bind() as never;
const slow = sgd({ rate: 1e-3 });
/** Does not arrive within any test. */
const endless = sgd({ rate: 1e-12 });

/** Counts the calls that really arrive. */
function spy(oracle: Oracle) {
  const calls = { value: 0, gradient: 0 };
  const counting: Oracle = {
    loss(x) {
      calls.value += 1;
      return oracle.loss(x);
    },
    lossAndGradient(x, g) {
      calls.value += 1;
      calls.gradient += 1;
      return oracle.lossAndGradient(x, g);
    },
  };
  return { calls, counting };
}

describe("minimize", () => {
  it("counts exactly the calls that it makes", () => {
    const { calls, counting } = spy(rosenbrock);
    const result = minimizeSync(slow, counting, rosenbrockStart, { limits: { iterations: 17 } });
    expect(result.evaluations).toEqual({ ...calls, hvp: 0 });
    expect(result.iterations).toBe(17);
    expect(result.status).toEqual({ kind: "limit", limit: "iterations", allowed: 17 });
  });

  it("takes a method that is one of several kinds", async () => {
    for (const method of [lbfgs(), newtonCg(), trustNcg()]) {
      const result = minimizeSync(method, rosenbrock, rosenbrockStart);
      expect(result.status.kind).toBe("converged");
      expect((await minimize(method, rosenbrock, rosenbrockStart)).state).toEqual(result.state);
      expect((await iterate(method, rosenbrock, rosenbrockStart).next()).done).toBe(false);
    }
  });

  it("resumes a run bit for bit, through text", () => {
    const whole = minimizeSync(slow, rosenbrock, rosenbrockStart, { limits: { iterations: 40 } });
    const half = minimizeSync(slow, rosenbrock, rosenbrockStart, { limits: { iterations: 20 } });
    const resume = deserialize<typeof half.checkpoint>(serialize(half.checkpoint));
    const rest = minimizeSync(slow, rosenbrock, rosenbrockStart, { limits: { iterations: 40 }, resume });
    expect(rest).toEqual(whole);
  });

  it("obeys a limit on evaluations to the call, and keeps the best point", () => {
    const { calls, counting } = spy(rosenbrock);
    const result = minimizeSync(slow, counting, rosenbrockStart, { limits: { evaluations: { value: 5 } } });
    expect(calls.value).toBe(5);
    expect(result.status).toEqual({ kind: "limit", limit: "value", allowed: 5 });
    expect(result.best.value).toBe(rosenbrock.loss(result.best.point));
  });

  it("stops when a signal says so, between events of the program", async () => {
    const signal = AbortSignal.timeout(30);
    const result = await minimize(endless, rosenbrock, rosenbrockStart, { limits: { iterations: 1e9 }, signal });
    expect(result.status.kind).toBe("aborted");
    expect(Number.isFinite(result.value)).toBe(true);
  });

  it("stops when the callback asks, and when the time is over", () => {
    const asked = minimizeSync(slow, rosenbrock, rosenbrockStart, { onIterate: ({ iteration }) => iteration === 3 });
    expect(asked.iterations).toBe(3);
    expect(asked.status.kind).toBe("aborted");
    const late = minimizeSync(endless, rosenbrock, rosenbrockStart, {
      limits: { iterations: 1e9, seconds: 0.02 },
    });
    expect(late.status).toEqual({ kind: "limit", limit: "seconds", allowed: 0.02 });
  });

  it("lets signals through where a program iterates by itself", async () => {
    const signal = AbortSignal.timeout(30);
    const limits = { iterations: 1e9, seconds: 20 };
    const steps = iterate(endless, rosenbrock, rosenbrockStart, { limits, signal });
    let next = await steps.next();
    while (!next.done) next = await steps.next();
    expect(next.value.status.kind).toBe("aborted");
  });

  it("resumes from any iterate, the last one of every test included", () => {
    const tolerances = { step: 1e-4, value: 1e-4, gradient: 1e-3 };
    const checkpoints: Checkpoint<FirstOrderState>[] = [];
    const whole = minimizeSync(slow, rosenbrock, rosenbrockStart, {
      tolerances,
      onIterate: (iterate) => void checkpoints.push(iterate.checkpoint()),
    });
    expect(whole.status.kind).toBe("converged");
    expect(checkpoints.length).toBeGreaterThan(3);
    for (const resume of [...checkpoints.slice(0, 3), ...checkpoints.slice(-3)]) {
      expect(minimizeSync(slow, rosenbrock, rosenbrockStart, { tolerances, resume })).toEqual(whole);
    }
  });

  it("goes on from a run that was stopped before its first evaluation", () => {
    const stopped = minimizeSync(slow, rosenbrock, rosenbrockStart, { limits: { evaluations: { gradient: 0 } } });
    expect(stopped.status).toEqual({ kind: "limit", limit: "gradient", allowed: 0 });
    const limits = { iterations: 5 };
    const rest = minimizeSync(slow, rosenbrock, [0, 0], { limits, resume: stopped.checkpoint });
    expect(rest).toEqual(minimizeSync(slow, rosenbrock, rosenbrockStart, { limits }));
  });

  it("converges where the caller stops at the point that passes a test", () => {
    const result = minimizeSync(slow, rosenbrock, [1, 1], { onIterate: () => true });
    expect(result.status.kind).toBe("converged");
  });

  it("asks no test of a batch unless told to: a batch without a gradient is no minimum", () => {
    const flat: Oracle = {
      loss: () => 0,
      lossAndGradient(_x, g) {
        g.fill(0);
        return 0;
      },
    };
    const oracleAt = (step: number) => (step === 1 ? flat : rosenbrock);
    const limits = { iterations: 3 };
    expect(minimizeSync(slow, oracleAt, rosenbrockStart, { limits }).iterations).toBe(3);
    const tolerances = { gradient: 1e-8 };
    expect(minimizeSync(slow, oracleAt, rosenbrockStart, { limits, tolerances }).iterations).toBe(1);
  });

  it("reports the last point as the best of a run by batches, resumed or not", () => {
    const oracleAt = () => rosenbrock;
    const half = minimizeSync(slow, oracleAt, rosenbrockStart, { limits: { iterations: 4 } });
    const rest = minimizeSync(slow, oracleAt, rosenbrockStart, { limits: { iterations: 8 }, resume: half.checkpoint });
    expect(rest.best.point).toEqual(rest.point);
  });

  it("measures no gradient beside none at the start as 0", () => {
    const { status } = minimizeSync(lbfgs(), rosenbrock, [1, 1], { tolerances: { relativeGradient: 1e-8 } });
    expect(status).toEqual({ kind: "converged", criterion: "relativeGradient", measured: 0, tolerance: 1e-8 });
  });

  it("never calls NaN a success", () => {
    const result = minimizeSync(sgd({ rate: 1 }), rosenbrock, rosenbrockStart);
    expect(result.status).toEqual({ kind: "failed", why: "notFinite" });
    expect(Number.isFinite(result.best.value)).toBe(true);
  });

  it("names a smaller rate, or what stands for it, where points run away", () => {
    const bowl = compileText("param x = 1\nloss = x^2").bind();
    const away = minimizeSync(sgd({ rate: 1.5 }), bowl.flat, [1]);
    expect(away.message).toBe("failed: the iterates grow without bound. A smaller rate may help.");
    const beyond = minimizeSync(sgd({ rate: 1 }), rosenbrock, rosenbrockStart);
    expect(beyond.message).toBe("failed: the loss or its gradient is NaN or infinite here. A smaller rate may help.");
    const bent = minimizeSync(adaptiveDescent({ curvature: 1e-200, warmUp: 1 }), bowl.flat, [1]);
    expect(bent.message).toMatch(/ A larger bound on the curvature may help\.$/);
  });

  it("does not blame the rate where one batch is no number", () => {
    const batches = (step: number): Oracle =>
      step === 3 ? { ...rosenbrock, lossAndGradient: () => Number.NaN } : rosenbrock;
    const { message, iterations } = minimizeSync(slow, batches, [1, 1.1]);
    expect(message).toBe("failed: the loss or its gradient is NaN or infinite here.");
    expect(iterations).toBe(3);
  });

  it("says of a start without a loss where it lies, and where to begin instead", () => {
    const model = compileText("param a within 0..inf = 0, b = 1\nloss = a - log(a) + b^2 - log(b)").bind();
    const bounds = { lower: model.lowerBounds(), upper: model.upperBounds() };
    const from = (start: number[]) => minimizeSync(lbfgsB(bounds), model.flat, start).message;
    expect(from([0, 1])).toBe(
      "failed: the loss is Infinity at the start, where parameter 0 lies on a bound. Begin inside of the bounds.",
    );
    expect(from([1, -1])).toBe("failed: the loss is NaN at the start. Begin at another point.");
    const root = compileText("param x = 0\nloss = sqrt(x) + x^2").bind();
    expect(minimizeSync(lbfgs(), root.flat, [0]).message).toBe(
      "failed: the gradient is NaN or infinite at the start. Begin at another point.",
    );
  });

  it("is an async iterable whose points are copies", async () => {
    const points = [];
    for await (const { point } of iterate(slow, rosenbrock, rosenbrockStart, { limits: { iterations: 3 } })) {
      points.push(Array.from(point));
    }
    expect(points).toHaveLength(4);
    expect(new Set(points.map(String)).size).toBe(4);
  });

  it.each([
    [
      "a start that is no array",
      () => minimizeSync(slow, rosenbrock, undefined as never),
      "the start needs to be an array",
    ],
    [
      "a bound model, whose functions take parameters by name",
      () => minimizeSync(slow, bound, [0]),
      "needs an oracle with lossAndGradient, such as the `flat` functions of a bound model, got a BoundModel",
    ],
    ["NaN in the start", () => minimizeSync(slow, rosenbrock, [1, Number.NaN]), "got NaN at index 1"],
    [
      "an unknown tolerance",
      () => minimizeSync(slow, rosenbrock, [0, 0], { tolerances: { gradeint: 1 } as never }),
      'Did you mean "gradient"?',
    ],
    [
      "a negative limit",
      () => minimizeSync(slow, rosenbrock, [0, 0], { limits: { iterations: -1 } }),
      "at least 0, got -1",
    ],
    [
      "a run without end",
      () => minimizeSync(slow, rosenbrock, [0, 0], { limits: { iterations: Number.POSITIVE_INFINITY } }),
      "nothing else ends the run",
    ],
  ])("refuses %s", (_what, run, message) => {
    expect(run).toThrow(message);
  });
});
