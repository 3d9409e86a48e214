import { describe, expect, it } from "vitest";
import { fillNormal } from "../../src/numeric/random.ts";
import {
  type Checkpoint,
  deserialize,
  type Evaluations,
  type Limits,
  minimize,
  minimizeSync,
  type Oracle,
  type OracleAt,
  optimizerNamed,
  optimizers,
  serialize,
} from "../../src/optimize.ts";
import { rosenbrock, rosenbrockStart } from "./problems.ts";

// What the driver promises, of every method that is listed: a new method is tested as soon as it stands in the list.

const zeroCalls = { value: 0, gradient: 0, hvp: 0 };

/** Rosenbrock's function with everything that a method may ask for. */
const everything: Oracle = {
  ...rosenbrock,
  residualCount: 2,
  residuals: ([x, y], r) => r.set([10 * (y! - x! ** 2), 1 - x!]),
  jacobian: ([x], J) => J.set([-20 * x!, 10, -1, 0]),
};

/** x'Ax / 2 - b'x, for the method that is for quadratics alone. */
const quadratic: Oracle = {
  loss: ([x, y]) => 2 * x! ** 2 + x! * y! + 3 * y! ** 2 - x!,
  lossAndGradient(point, g) {
    const [x, y] = point as unknown as [number, number];
    g.set([4 * x + y - 1, x + 6 * y]);
    return this.loss(point);
  },
  hvp: (_x, [u, v], h) => h.set([4 * u! + v!, u! + 6 * v!]),
};

/** Counts the calls that reach an oracle. */
function counting(oracle: Oracle, calls: { -readonly [Part in keyof Evaluations]: number }): Oracle {
  const count = <Call extends (...values: never[]) => unknown>(call: Call, parts: Partial<Evaluations>): Call =>
    ((...values: never[]) => {
      for (const [part, by] of Object.entries(parts)) calls[part as keyof Evaluations] += by;
      return call.apply(oracle, values);
    }) as Call;
  return {
    ...(oracle.residualCount !== undefined && { residualCount: oracle.residualCount }),
    loss: count(oracle.loss, { value: 1 }),
    lossAndGradient: count(oracle.lossAndGradient, { value: 1, gradient: 1 }),
    ...(oracle.hvp && { hvp: count(oracle.hvp, { hvp: 1 }) }),
    ...(oracle.hessian && { hessian: count(oracle.hessian, { hvp: 2 }) }),
    ...(oracle.residuals && { residuals: count(oracle.residuals, { value: 1 }) }),
    ...(oracle.jacobian && { jacobian: count(oracle.jacobian, { gradient: 1 }) }),
  };
}

/** The same with noise in its gradients, drawn by the number of the step. */
const noisy = (oracle: Oracle): OracleAt => {
  const noise = new Float64Array(2);
  return (step) => ({
    ...oracle,
    lossAndGradient(x, g) {
      const value = oracle.lossAndGradient(x, g);
      fillNormal(noise, 3, step);
      for (let i = 0; i < 2; i++) g[i] = g[i]! + 0.01 * noise[i]!;
      return value;
    },
  });
};

/** An oracle whose every call does something else before and after it writes. */
const interrupted = (oracle: Oracle, otherwise: () => unknown): Oracle =>
  new Proxy(oracle, {
    get(target, key: keyof Oracle) {
      const member = target[key];
      if (typeof member !== "function") return member;
      return (...values: never[]) => {
        otherwise();
        const value = (member as (...values: never[]) => unknown).apply(target, values);
        otherwise();
        return value;
      };
    },
  });

/** Options that a method needs to go somewhere from Rosenbrock's start. */
const options: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "adaptive-descent": { curvature: 2000 },
  "lbfgs-b": { lower: [-2, -2], upper: [0.9, 2] },
  momentum: { rate: 1e-4 },
  nesterov: { rate: 1e-4 },
};

describe.each(Object.keys(optimizers))("%s", (name) => {
  const method = optimizerNamed(name, options[name]);
  const oracle = name === "linear-cg" ? quadratic : everything;
  const steps = 25;
  const run = (from: Oracle | OracleAt, more: object = {}) =>
    minimizeSync(method, from, rosenbrockStart, {
      tolerances: { gradient: 0 },
      limits: { iterations: steps },
      ...more,
    });

  it("counts exactly the calls that it makes", () => {
    const calls = { ...zeroCalls };
    expect(run(counting(oracle, calls)).evaluations).toEqual(calls);
    expect(calls.value).toBeGreaterThan(0);
  });

  it("may run within its own oracle", () => {
    const inner = () => minimizeSync(method, oracle, [0.5, -0.5], { limits: { iterations: 3 } });
    expect(run(interrupted(oracle, inner))).toEqual(run(oracle));
  });

  it("takes no array that was left as it was for zeros", () => {
    const sums = method.needs.includes("residuals");
    for (const part of [...(sums ? [] : (["lossAndGradient"] as const)), ...method.needs]) {
      // a function that returns what it should write, and one that forgets the last entry
      const returning = { ...oracle, [part]: () => 1 };
      const forgetting = {
        ...oracle,
        [part]: (...given: Float64Array[]) => {
          const kept = given.at(-1)!.at(-1)!;
          const value = (oracle[part] as (...given: Float64Array[]) => unknown)(...given);
          given.at(-1)!.set([kept], given.at(-1)!.length - 1);
          return value;
        },
      };
      expect(() => run(returning)).toThrow(`${part} wrote nothing at index 0 of the array that it was given.`);
      expect(() => run(forgetting)).toThrow(new RegExp(`${part} wrote nothing at index [13] of the array`));
    }
  });

  it("obeys every limit to the call, keeps the best point, and goes on from there as if nothing had been", () => {
    const whole = run(oracle);
    for (const part of ["value", "gradient", "hvp"] as const) {
      for (let allowed = 0; allowed < Math.min(9, whole.evaluations[part]); allowed++) {
        const calls = { ...zeroCalls };
        const limits: Limits = { iterations: steps, evaluations: { [part]: allowed } };
        const result = run(counting(oracle, calls), { limits });
        expect(calls[part]).toBeLessThanOrEqual(allowed);
        expect(result.evaluations).toEqual(calls);
        expect(result.status).toEqual({ kind: "limit", limit: part, allowed });
        if (calls.value > 0)
          expect(result.best.value).toBeLessThanOrEqual(oracle.loss(Float64Array.from(rosenbrockStart)));
        const rest = run(oracle, { resume: result.checkpoint });
        expect([rest.point, rest.value, rest.status]).toEqual([whole.point, whole.value, whole.status]);
      }
    }
  });

  it("resumes from every iterate, through text, bit for bit", () => {
    const texts: string[] = [];
    const whole = run(oracle, {
      onIterate: (iterate: { checkpoint(): unknown }) => void texts.push(serialize(iterate.checkpoint())),
    });
    expect(texts.length).toBeGreaterThan(1);
    for (const text of texts) {
      const resume = deserialize<Checkpoint>(text);
      expect(serialize(resume)).toBe(text);
      expect(run(oracle, { resume })).toEqual(whole);
    }
  });

  it("is aborted between any two calls with a state that can be used", async () => {
    const whole = run(oracle);
    for (const last of [1, 2, 3, 7]) {
      const controller = new AbortController();
      let made = 0;
      const calls = { ...zeroCalls };
      const counted = counting(oracle, calls);
      const stopping = new Proxy(counted, {
        get(target, key: keyof Oracle) {
          const member = target[key];
          if (typeof member !== "function") return member;
          return (...values: never[]) => {
            made += 1;
            if (made === last) controller.abort(new Error("enough"));
            return (member as (...values: never[]) => unknown)(...values);
          };
        },
      });
      const result = await minimize(method, stopping, rosenbrockStart, {
        tolerances: { gradient: 0 },
        limits: { iterations: steps },
        signal: controller.signal,
      });
      if (made < last) continue;
      expect(made).toBe(last);
      expect(result.status).toEqual({ kind: "aborted", reason: "enough" });
      expect(result.evaluations).toEqual(calls);
      const rest = run(oracle, { resume: result.checkpoint });
      expect([rest.point, rest.value, rest.status]).toEqual([whole.point, whole.value, whole.status]);
    }
  });

  it("never calls NaN a success, wherever it comes up", () => {
    for (let bad = 1; bad < 6; bad++) {
      let made = 0;
      const broken: Oracle = {
        ...oracle,
        lossAndGradient(x, g) {
          made += 1;
          const value = oracle.lossAndGradient(x, g);
          if (made < bad) return value;
          g.fill(Number.NaN);
          return Number.NaN;
        },
        residuals(x, r) {
          made += 1;
          oracle.residuals!(x, r);
          if (made >= bad) r.fill(Number.NaN);
        },
      };
      const { status, best } = run(broken);
      expect(status.kind).not.toBe("converged");
      if (bad > 1) expect(best.value).toBeLessThanOrEqual(oracle.loss(Float64Array.from(rosenbrockStart)));
    }
  });

  it("takes batches by counter the same way again, or says that it cannot", () => {
    const texts: string[] = [];
    const onIterate = (iterate: { checkpoint(): unknown }) => void texts.push(serialize(iterate.checkpoint()));
    if (method.needsOneLoss) {
      expect(() => run(noisy(oracle))).toThrow("every batch has a loss of its own");
      return;
    }
    const whole = run(noisy(oracle), { onIterate });
    expect(run(noisy(oracle))).toEqual(whole);
    for (const text of texts) expect(run(noisy(oracle), { resume: deserialize<Checkpoint>(text) })).toEqual(whole);
  });
});

describe.each([
  ["lbfgs", "products"],
  ["bfgs", "products"],
  ["stochastic-lbfgs", "same-batch"],
])("%s by %s", (name, change) => {
  it("may run within its own oracle", () => {
    const method = optimizerNamed(name, { change });
    const run = (oracle: Oracle) => minimizeSync(method, oracle, rosenbrockStart, { limits: { iterations: 25 } });
    const inner = () => minimizeSync(method, everything, [0.5, -0.5], { limits: { iterations: 3 } });
    expect(run(interrupted(everything, inner))).toEqual(run(everything));
  });
});
