import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { arbitraries, checkModel, formatReport, taylor } from "../../src/check.ts";
import type { CompilableModel } from "../../src/compile/compile.ts";
import { type Expr, Graph } from "../../src/ir/graph.ts";
import { Integer } from "../../src/ir/integer.ts";
import type { Primitive } from "../../src/ir/primitive.ts";
import { loadModel } from "../../src/language/all.ts";
import { sum } from "../../src/ops/arrays/contractions.ts";
import { continuationOf } from "../../src/ops/continuation.ts";
import { type Operation, operation } from "../../src/ops/define.ts";
import { mul, square } from "../../src/ops/elementary/algebra.ts";
import { log } from "../../src/ops/elementary/exponential.ts";
import { sqrt } from "../../src/ops/elementary/powers.ts";
import { cos, sin } from "../../src/ops/elementary/trigonometric.ts";
import { relu } from "../../src/ops/special/activation.ts";
import "../../src/vitest.ts";
import { embedding, logarithms, logistic, modelOf, network, rosenbrock } from "./models.ts";

vi.setConfig({ testTimeout: 60_000 });

const n = Integer.named("n");

const good: Record<string, () => CompilableModel> = {
  logistic,
  rosenbrock,
  "a network of two layers": () => network(2),
  "a network with kinks": () => network(1, relu),
  "a lookup": embedding,
  "a loss for positive parameters": logarithms,
};

const cosine = operation({
  ...cos.primitive,
  name: "wrongCosine",
  complex: continuationOf(cos.primitive),
  partials: [([x]) => mul(sin(x!), -1 - 1e-11)],
});

const unwritten = operation({
  ...cos.primitive,
  name: "unwritten",
  complex: continuationOf(cos.primitive),
  partials: [{ none: "it was not written" }],
});

/** Sines with one thing wrong; a relative error of 1e-11 each. */
const wrongSines: Record<string, Operation> = {
  partial: sine({ partials: [([x]) => mul(cos(x!), 1 + 1e-11)] }),
  "second derivative": sine({ partials: [([x]) => cosine(x!)] }),
  "printed form": sine({ print: (x) => `Math.sin(${x}) * ${1 + 1e-11}` }),
  "complex kernel": sine({ complex: ({ re, im }) => ({ re: Math.sin(re), im: im * Math.cos(re) * (1 + 1e-11) }) }),
};

function sine(change: Partial<Primitive>): Operation {
  return operation({ ...sin.primitive, name: "wrongSine", complex: continuationOf(sin.primitive), ...change });
}

const through = (f: Operation) => {
  const x = new Graph().param("x", [n]);
  return modelOf("through", sum(mul(square(x), f(x))));
};

describe("checkModel", () => {
  it.each([
    { of: "a right gradient", change: {}, passed: true },
    {
      of: "a wrong gradient",
      change: { partials: [([x]: readonly Expr[]) => unwritten(mul(x!, 1.1))] },
      passed: false,
    },
  ])("judges $of that has no derivative itself", async ({ change, passed }) => {
    const report = await checkModel(through(sine({ partials: [([x]) => unwritten(x!)], ...change })));
    expect(report.passed).toBe(passed);
    expect(report.laws.map(({ name }) => name)).toEqual(["gradient", "scaling", "compiled code", "bits"]);
    expect(report.notes).toEqual([
      "Hessian-vector products were not compared, for there are none: unwritten has no derivative: it was not written.",
    ]);
  });

  it("tries every law at one point at least, and says at how many once its time is up", async () => {
    const report = await checkModel(logistic(), { points: 5, seconds: 1e-9 });
    expect(report.laws.map(({ comparisons }) => comparisons > 0)).not.toContain(false);
    expect(report.laws.find(({ name }) => name === "gradient")?.comparisons).toBe(1);
    expect(report.notes.join()).toMatch(/^Tried at fewer points, for 1e-9 seconds were up: gradient at 1, /);
  });

  it("ends in its time however many points it was to try", async () => {
    const begin = performance.now();
    // drawn alone, so many points would take minutes
    const report = await checkModel(logistic(), { points: 10_000_000, seconds: 0.5 });
    expect(report.passed).toBe(true);
    expect(report.skipped).toBe(0);
    expect(performance.now() - begin).toBeLessThan(20_000);
  });

  it.each(Object.entries(good))("trusts %s", async (_, build) => {
    const report = await checkModel(build(), { points: 10 });
    expect(report.passed, formatReport(report)).toBe(true);
    for (const { name, comparisons } of report.laws) expect(comparisons, name).toBeGreaterThan(0);
  });

  it.each(Object.entries(wrongSines))("finds a wrong %s and shrinks to a small point", async (_, wrong) => {
    const report = await checkModel(through(wrong));
    expect(report.passed).toBe(false);
    for (const { passed, counterexample } of report.laws) {
      expect(counterexample === undefined).toBe(passed);
      if (counterexample) expect(counterexample.point.x!.length).toBeLessThanOrEqual(2);
    }
  });

  it("names the law that fails: a wrong second derivative leaves the gradient right", async () => {
    const { laws } = await checkModel(through(wrongSines["second derivative"]!));
    expect(laws.filter(({ passed }) => !passed).map(({ name }) => name)).toEqual(["hvp: complex step"]);
  });

  it("draws the same points again from the same seed", async () => {
    const broken = through(wrongSines.partial!);
    const once = await checkModel(broken, { seed: 7 });
    expect(await checkModel(broken, { seed: 7 })).toEqual(once);
  });

  it("keeps inputs and sizes that are given", async () => {
    const X = [
      [1, 2],
      [3, 4],
      [5, 6],
    ];
    const { laws } = await checkModel(logistic(), { inputs: { X }, points: 3 });
    expect(laws.every(({ passed }) => passed)).toBe(true);
    const report = await checkModel(through(wrongSines.partial!), { inputs: { x: [0.5, 1.5] }, points: 3 });
    expect(report.laws[0]!.counterexample).toMatchObject({ point: { x: [0.5, 1.5] }, sizes: { n: 2 } });
  });

  it("takes names in wrt as compile does: each once, of reals that are declared", async () => {
    const model = loadModel({ name: "m", text: "param w: [n], u\ndata k: int[n]\nloss = u * sum(k * w^2)" });
    expect(await checkModel(model, { wrt: ["w", "u", "w"], points: 3 })).toMatchObject({ passed: true, skipped: 0 });
    await expect(checkModel(model, { wrt: ["k"] })).rejects.toThrow('wrt names "k", which is int: only reals vary.');
    await expect(checkModel(model, { wrt: ["v"] })).rejects.toThrow('wrt names "v", which the model does not declare.');
  });

  it("refuses sizes that the model does not have, and what is no size", async () => {
    const model = loadModel({ name: "m", text: "param w: [n]\nloss = sum(w^2)" });
    for (const [sizes, message] of [
      [{ q: 3 }, 'the model has no size "q". It has: n.'],
      [{ n: -1 }, 'the size "n" needs a whole number, got -1.'],
    ] as const) {
      await expect(checkModel(model, { sizes })).rejects.toThrow(message);
      expect(() => taylor(model, { w: [1] }, { w: [1] }, 2, { sizes })).toThrow(message);
    }
  });

  it("draws inside declared bounds", async () => {
    const graph = new Graph();
    const x = graph.param("x", [n]);
    const within = { low: graph.constant(-1), high: graph.constant(0) };
    const model = modelOf("bounded", sum(log(mul(-3, x))), { parameters: [{ name: "x", expr: x, within }] });
    expect(await checkModel(model)).toMatchObject({ passed: true, skipped: 0 });
  });

  it.each(["3..3", "0..0", "0..5e-324", "1e300..1e300"])("takes bounds with one number in them: %s", async (within) => {
    const model = loadModel({ name: "m", text: `param x: [2] within ${within}\nloss = sum(tanh(x))` });
    expect(await checkModel(model, { points: 3 })).toMatchObject({ passed: true, skipped: 0 });
  });

  it("finds sizes that depend on each other", async () => {
    const text = "param W: [p, 2]\ndata x: [n, m]\nloss = sum((reshape(x, [p]) @ W)^4)";
    const report = await checkModel(loadModel({ name: "reshaped", text }), { points: 10 });
    expect(report).toMatchObject({ passed: true, skipped: 0 });
  });

  it("leaves out sizes of which an axis would have less than no elements", async () => {
    const text =
      "param K: [3, 3]\ndata X: [h, w], Y: [h-2, w-2]\nloss = sum(i, j: (sum(a, b: K[a, b] * X[i+a, j+b]) - Y[i, j])^4)";
    const report = await checkModel(loadModel({ name: "windows", text }), { points: 5 });
    expect(report).toMatchObject({ passed: true, skipped: 0 });
  });

  it("fails when the loss is hardly ever finite, and says so", async () => {
    const x = new Graph().param("x", [n]);
    const report = await checkModel(modelOf("nowhere", sum(sqrt(mul(-1, square(x))))));
    expect(report).toMatchObject({ passed: false, skipReason: "the loss is NaN there" });
    expect(report.skipped).toBeGreaterThan(100);
    expect(formatReport(report)).toContain(`Of ${report.skipped} points 0 could be used`);
  });

  it("draws further points for those at which the loss is not finite", async () => {
    const text = "param x: [2]\nloss = sum(sqrt(x - 0.5)) * log(1.5 - x[0])";
    const report = await checkModel(loadModel({ name: "narrow", text }), { points: 8, region: [-1, 2] });
    expect(report.passed, formatReport(report)).toBe(true);
    expect(report.skipped).toBeGreaterThan(8);
    expect(report.laws[0]).toMatchObject({ name: "gradient", comparisons: 8 });
    expect(formatReport(report)).toContain(`8 points, seed 1, ${report.skipped} more left out (the loss is NaN there)`);
  });

  it("finds sizes that data need", async () => {
    const text = "param x: [n]\ndata at: int[k] within 0..n\nloss = sum(i: x[at[i]]^3)";
    const report = await checkModel(loadModel({ name: "places", text }), { points: 5, inputs: { at: [0, 9] } });
    expect(report.passed, formatReport(report)).toBe(true);
  });

  it("leaves out points at which an index that follows from parameters leaves its array", async () => {
    const text = "param v: [n]\ndata T: [4]\nlet k = toInt(floor(v))\nloss = sum(i: T[k[i]] * (v[i] - k[i])^3)";
    const report = await checkModel(loadModel({ name: "table", text }), { points: 8, region: [-0.5, 4] });
    expect(report.passed, formatReport(report)).toBe(true);
    expect(report.skipReason).toMatch(/the index "k\[i\]" must lie in 0\.\.4/);
  });

  it("finds the bits of the interpreter where terms of one sum stand under several conditions", async () => {
    const text = "param Q: [3, 2], K: [3, 2], V: [3]\nloss = sum([i in 0..3: softmax(K[0..i+1] @ Q[i]) @ V[0..i+1]])";
    const report = await checkModel(loadModel({ name: "causal", text }), { points: 10 });
    expect(report.passed, formatReport(report)).toBe(true);
  });

  it("refuses a model without a loss", async () => {
    await expect(checkModel({ ...rosenbrock(), loss: undefined })).rejects.toThrow(/has no loss/);
  });

  it("says how to install fast-check when it is missing", async () => {
    vi.resetModules();
    vi.doMock("fast-check", () => Promise.reject(new Error("Cannot find package 'fast-check'")));
    const fresh = await import("../../src/check.ts");
    await expect(fresh.checkModel(rosenbrock())).rejects.toThrow(/npm install --save-dev fast-check/);
    vi.doUnmock("fast-check");
  });
});

describe("formatReport", () => {
  it("tells a person what failed, where, and how to see it again", async () => {
    const text = formatReport(await checkModel(through(wrongSines.partial!)));
    expect(text).toContain("through: DERIVATIVES ARE NOT TRUSTED");
    expect(text).toMatch(/gradient +\d+ +[\d.]+ {2}FAILED/);
    expect(text).toMatch(/gradient \. v: got [-\d.]+, expected [-\d.]+ \(tolerance [\d.e-]+\)/);
    expect(text).toMatch(/at {6}x = /);
    expect(text).toMatch(/again {3}seed 1$/m);
  });
});

describe("toHaveCorrectDerivatives", () => {
  it("passes for a right model", async () => {
    await expect(rosenbrock()).toHaveCorrectDerivatives({ points: 5 });
  });

  it("fails with the report for a wrong one", async () => {
    const attempt = expect(through(wrongSines.partial!)).toHaveCorrectDerivatives();
    await expect(attempt).rejects.toThrow(/DERIVATIVES ARE NOT TRUSTED/);
  });
});

describe("arbitraries", () => {
  it("draw whole models whose derivatives are correct", async () => {
    const { models } = await arbitraries();
    for (const model of fc.sample(models(), { numRuns: 15, seed: 3 })) {
      const report = await checkModel(model, { points: 2 });
      expect(report.passed, formatReport(report)).toBe(true);
    }
  });

  it("draw tensors of a shape, off round numbers", async () => {
    const { tensors } = await arbitraries();
    for (const values of fc.sample(tensors([2, 3]), { numRuns: 50, seed: 1 })) {
      expect(values).toHaveLength(6);
      for (const value of values) expect(Math.abs(value) <= 2.1 && value % 0.125 !== 0).toBe(true);
    }
  });

  it("draw no tensors of less than no elements", async () => {
    const { tensors } = await arbitraries();
    expect(() => tensors([2, -1])).toThrow(/a size is 0 or more, got -1/);
  });

  it("draw points whose ints index their tensors", async () => {
    const { points } = await arbitraries();
    for (const { sizes, values } of fc.sample(points(embedding()), { numRuns: 50, seed: 1 })) {
      expect(values.get("chosen")).toHaveLength(sizes.get("h")!);
      for (const index of values.get("chosen")!) expect(index >= 0 && index < sizes.get("n")!).toBe(true);
    }
  });
});
