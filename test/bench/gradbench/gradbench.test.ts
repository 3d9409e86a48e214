import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ba } from "./ba.ts";
import { gmm } from "./gmm.ts";
import { hello } from "./hello.ts";
import { kmeans } from "./kmeans.ts";
import { llsq } from "./llsq.ts";
import { lse } from "./lse.ts";
import { ode } from "./ode.ts";
import { particle } from "./particle.ts";
import { Tool } from "./tool.ts";

const tool = new Tool({ hello, lse, llsq, gmm, kmeans, ode, ba, particle });

interface Answer {
  readonly id: number;
  readonly success?: boolean;
  readonly output?: unknown;
  readonly error?: string;
  readonly timings?: readonly { readonly name: string; readonly nanoseconds: number }[];
}

const ask = (message: object) => JSON.parse(tool.answer(JSON.stringify({ id: 7, ...message }))) as Answer;

const evaluate = (module: string, name: string, input: unknown): Answer =>
  ask({ kind: "evaluate", module, function: name, input });

/** All numbers of a result, the keys of records in alphabetical order. */
function numbersOf(value: unknown): number[] {
  if (Array.isArray(value)) return value.flatMap(numbersOf);
  if (typeof value === "object" && value !== null) {
    return Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([, entry]) => numbersOf(entry));
  }
  return [Number(value)];
}

/** Equal within 1e-10 of the largest reference. */
function expectClose(got: unknown, expected: unknown): void {
  const [values, references] = [numbersOf(got), numbersOf(expected)];
  expect(values).toHaveLength(references.length);
  const scale = Math.max(...references.map(Math.abs), Number.MIN_VALUE);
  for (const [k, reference] of references.entries()) {
    expect(Math.abs(values[k]! - reference) / scale).toBeLessThan(1e-10);
  }
}

describe("the GradBench tool", () => {
  it("answers every kind of message with its id", () => {
    expect(ask({ kind: "start", eval: "lse" })).toEqual({ id: 7, tool: "nabla" });
    expect(ask({ kind: "define", module: "lse" })).toEqual({ id: 7, success: true });
    expect(ask({ kind: "define", module: "constructor" })).toEqual({ id: 7, success: false });
    expect(ask({ kind: "analysis", of: 3, valid: true })).toEqual({ id: 7 });
  });

  it("says why an evaluation failed, and goes on", () => {
    expect(evaluate("lse", "hessian", {}).error).toContain("it has primal, gradient");
    expect(evaluate("nothing", "primal", {}).error).toContain('no eval "nothing"');
    expect(evaluate("lse", "primal", {}).success).toBe(false);
    expect(JSON.parse(tool.answer("{"))).toMatchObject({ id: null, success: false });
    expect(evaluate("hello", "double", 1.5).output).toBe(3);
  });

  it.each(["null", "42", "[]", '"x"', "", "{", "{}"])("answers the line %j without an end of the process", (line) => {
    expect(JSON.parse(tool.answer(line))).toMatchObject({ id: null });
  });

  it.each([
    ["lse", "primal", undefined, "input needs numbers, got nothing"],
    ["lse", "primal", null, "input needs numbers, got null"],
    ["lse", "gradient", { x: [1, null] }, "input.x.1 needs numbers, got null"],
    ["lse", "gradient", { x: "abc" }, 'input.x needs numbers, got "abc"'],
    ["lse", "gradient", { x: [1, 1], min_runs: "a" }, "input.min_runs needs numbers"],
    ["lse", "primal", { x: [] }, "must not be empty"],
    ["llsq", "primal", { x: [1], n: 2.5 }, "whole number"],
    ["kmeans", "dir", { points: [[1, 2], [3]], centroids: [[0, 0]] }, "uneven"],
    ["particle", "rr", { w: "a" }, "input.w needs numbers"],
  ])("refuses what is no input: %s %s %j", (module, name, input, message) => {
    expect(evaluate(module, name, input).error).toContain(message);
  });

  it("runs once where it is asked to run never", () => {
    expect(evaluate("lse", "gradient", { x: [1, 1], min_runs: 0, min_seconds: -1 }).output).toEqual([0.5, 0.5]);
  });

  it("runs as often and as long as it is asked to", () => {
    const runs = (input: object) =>
      evaluate("lse", "primal", { x: [1, 2], ...input }).timings!.filter(({ name }) => name === "evaluate");
    expect(runs({ min_runs: 5, min_seconds: 0 })).toHaveLength(5);
    const long = runs({ min_runs: 1, min_seconds: 0.01 });
    expect(long.reduce((total, { nanoseconds }) => total + nanoseconds, 0)).toBeGreaterThanOrEqual(1e7);
  });
});

const small = JSON.parse(readFileSync(new URL("../../cases/gradbench.json", import.meta.url), "utf8")) as {
  readonly cases: readonly {
    readonly eval: string;
    readonly input: unknown;
    readonly primal: unknown;
    readonly gradient: unknown;
    readonly dir?: unknown;
  }[];
};

describe.each(small.cases.filter(({ eval: name }) => name === "lse" || name === "llsq"))("$eval", (reference) => {
  it("has the reference's value and gradient", () => {
    expectClose(evaluate(reference.eval, "primal", reference.input).output, reference.primal);
    expectClose(evaluate(reference.eval, "gradient", reference.input).output, reference.gradient);
  });
});

describe.each(small.cases.filter(({ eval: name }) => name === "ode"))("$eval", (reference) => {
  it("has the reference's last value and its gradient", () => {
    const { output } = evaluate("ode", "primal", reference.input);
    expectClose((output as number[]).at(-1), reference.primal);
    expectClose(evaluate("ode", "gradient", reference.input).output, reference.gradient);
  });
});

describe("hello", () => {
  it("squares and doubles", () => {
    expect(evaluate("hello", "square", 3).output).toBe(9);
    expect(evaluate("hello", "double", 3).output).toBe(6);
  });
});

describe("kmeans", () => {
  const points = [
    [0, 0],
    [1, 0],
    [4, 4],
    [6, 4],
  ];
  const centroids = [
    [1, 1],
    [4, 6],
  ];

  it("adds the squared distances to the nearest", () => {
    expect(evaluate("kmeans", "cost", { points, centroids }).output).toBe(2 + 1 + 4 + 8);
  });

  it("points from the mean of each cluster to its centroid", () => {
    expect(evaluate("kmeans", "dir", { points, centroids }).output).toEqual([
      [0.5, 1],
      [-1, 2],
    ]);
  });
});

describe("gmm", () => {
  // one component in one dimension: a normal density with precision exp(2 q), and the prior of that precision
  const [x, mean, q, gamma] = [0.7, 0.2, 0.3, 1.5];
  const input = { d: 1, k: 1, n: 1, x: [[x]], m: 0, gamma, alpha: [0.4], mu: [[mean]], q: [[q]], l: [[]] };

  it("is the log density and the prior", () => {
    const density = q - 0.5 * Math.log(2 * Math.PI) - 0.5 * Math.exp(2 * q) * (x - mean) ** 2;
    const prior = 2 * Math.log(gamma / Math.SQRT2) - 0.5 * gamma ** 2 * Math.exp(2 * q);
    expect(evaluate("gmm", "objective", input).output).toBeCloseTo(density + prior, 13);
  });

  it("has the gradient in the shape of the parameters", () => {
    const precision = Math.exp(2 * q);
    const slope = 1 - precision * (x - mean) ** 2 - gamma ** 2 * precision;
    const { output } = evaluate("gmm", "jacobian", input);
    expect(output).toEqual({
      alpha: [expect.closeTo(0, 13)],
      mu: [[expect.closeTo(precision * (x - mean), 13)]],
      q: [[expect.closeTo(slope, 13)]],
      l: [[]],
    });
  });
});

describe("ba", () => {
  // one turned camera and one point: the Jacobian against central differences, whose error is of order step^2
  const input = {
    n: 2,
    m: 3,
    p: 4,
    cam: [0.3, -0.2, 0.5, 0.1, 0.2, -2, 400, 1, 2, -0.01, 0.002],
    x: [0.4, 0.7, 3],
    w: 0.8,
    feat: [10, -20],
  };
  const errorOf = (changed: typeof input) => {
    const { reproj_error } = evaluate("ba", "objective", changed).output as { reproj_error: { elements: number[] } };
    return reproj_error.elements;
  };

  it("has a block for each observation in compressed rows", () => {
    const { rows, cols, vals } = evaluate("ba", "jacobian", input).output as Record<"rows" | "cols" | "vals", number[]>;
    expect(rows.at(-1)).toBe(31 * input.p);
    expect(rows.slice(0, 3)).toEqual([0, 15, 30]);
    expect(cols.slice(0, 15)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 22, 23, 24, 31]);
    expect(cols.at(-1)).toBe(34);
    expect(vals.at(-1)).toBe(-1.6);
    const step = 1e-5;
    for (let i = 0; i < 14; i++) {
      const moved = (by: number) =>
        i < 11
          ? { ...input, cam: input.cam.map((entry, k) => (k === i ? entry + by : entry)) }
          : { ...input, x: input.x.map((entry, k) => (k === i - 11 ? entry + by : entry)) };
      const [high, low] = [errorOf(moved(step)), errorOf(moved(-step))];
      const slope = (high[0]! - low[0]!) / (2 * step);
      expect(Math.abs(vals[i]! - slope)).toBeLessThan(1e-5 * (1 + Math.abs(slope)));
    }
  });

  it("has a Jacobian where nothing is turned", () => {
    const straight = { ...input, cam: [0, 0, 0, ...input.cam.slice(3)] };
    expect(numbersOf(evaluate("ba", "jacobian", straight).output).every(Number.isFinite)).toBe(true);
  });
});

describe("particle", () => {
  it.each(["ff", "fr", "rf", "rr"])("finds the control that the suite states: %s", (name) => {
    expect(evaluate("particle", name, { w: 0 }).output).toBeCloseTo(0.2071918746486116, 12);
  });
});

const fresh = JSON.parse(readFileSync(new URL("../../cases/gradbench-fresh.json", import.meta.url), "utf8")) as {
  readonly cases: readonly {
    readonly module: string;
    readonly function: string;
    readonly input: unknown;
    readonly expected: readonly (number | string)[];
  }[];
};

describe("inputs that are nowhere else", () => {
  it("are of all eight evals", () => {
    const evals = ["ba", "gmm", "hello", "kmeans", "llsq", "lse", "ode", "particle"];
    expect([...new Set(fresh.cases.map(({ module }) => module))].sort()).toEqual(evals);
  });

  it.each(fresh.cases.map((one, k) => [`${one.module}.${one.function}, ${k}`, one] as const))(
    "have their outputs norm-wise: %s",
    (_, { module, function: name, input, expected }) => {
      const [got, wanted] = [numbersOf(evaluate(module, name, input).output), expected.map(Number)];
      expect(got).toHaveLength(wanted.length);
      const difference = Math.hypot(...wanted.map((value, k) => value - got[k]!));
      // the reference of particle is run in doubles, with slopes by differences
      expect(difference / Math.hypot(...wanted)).toBeLessThan(module === "particle" ? 1e-10 : 1e-14);
    },
  );
});
