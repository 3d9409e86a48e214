import { describe, expect, it } from "vitest";
import { gradient } from "../../src/autodiff/derivatives.ts";
import { loadModel } from "../../src/model/load.ts";
import { complexStep, evaluate, type Inputs, lossAt, type Nested, outputAt } from "./evaluate.ts";

const load = (text: string) => loadModel({ name: "case.nabla", text });
const valuesOf = (expression: string, x: readonly number[]) =>
  outputAt(load(`data x: [n]\noutput out = ${expression}`), "out", { x });
const slopeOf = (expression: string, inputs: Inputs) => {
  const model = load(`param x: [n]\nloss = ${expression}`);
  return evaluate(model, gradient(model.loss!, [model.parameters[0]!.expr]), inputs)[0]!;
};

const inf = Number.POSITIVE_INFINITY;
const close = (got: readonly number[], wanted: readonly number[]) => {
  expect(got).toHaveLength(wanted.length);
  for (const [k, value] of wanted.entries()) {
    if (!Number.isFinite(value)) expect(got[k]).toBe(value);
    else expect(Math.abs(got[k]! - value)).toBeLessThanOrEqual(1e-14 * Math.max(Math.abs(value), Number.MIN_VALUE));
  }
};

type Row = readonly [expression: string, x: readonly number[], expected: readonly number[]];

/** Ordinary values and extremes, where a formula as it stands would overflow, underflow or cancel. */
const values: readonly Row[] = [
  ["mean(x)", [1, 2, 6], [3]],
  ["mean(x)", [], [Number.NaN]],
  ["sum(x) + prod(x)", [], [1]],
  ["variance(x)", [1, 2, 6], [14 / 3]],
  ["variance(x)", [1e9 + 1, 1e9 + 2, 1e9 + 6], [14 / 3]],
  ["standardDeviation(x)", [1e200, 3e200], [1e200]],
  ["standardDeviation(x)", [1e-200, 3e-200], [1e-200]],
  ["norm(x)", [3, 4], [5]],
  ["norm(x)", [3e200, -4e200], [5e200]],
  ["norm(x)", [3e-200, -4e-200], [5e-200]],
  ["norm(x)", [0, 0], [0]],
  ["norm(x)", [], [0]],
  ["norm(x)", [1, -inf], [inf]],
  ["norm(x)", [Number.NaN, 0], [Number.NaN]],
  ["logsumexp(x)", [1000, 1000], [1000 + Math.LN2]],
  ["logsumexp(x)", [-1000, -1000], [-1000 + Math.LN2]],
  ["logsumexp(x)", [-inf, 2], [2]],
  ["logsumexp(x)", [-inf, -inf], [-inf]],
  ["logsumexp(x)", [inf, 2], [inf]],
  ["logsumexp(x)", [], [-inf]],
  ["logsumexp(i: x[i])", [1000, -inf, 1000], [1000 + Math.LN2]],
  ["softmax(x)", [1000, 1000], [0.5, 0.5]],
  ["softmax(x)", [-inf, 0], [0, 1]],
  ["logSoftmax(x)", [1000, 0], [0, -1000]],
  ["logSoftmax(x)", [0, 3], [-3 - Math.log1p(Math.exp(-3)), -Math.log1p(Math.exp(-3))]],
  ["layerNorm(x, epsilon = 0)", [1, 3], [-1, 1]],
  ["argmax(x)", [1, 5, 5], [1]],
  ["argmin(x)", [2, 1, 1], [1]],
  ["argmax(x)", [1, Number.NaN, 5], [1]],
  ["argmax(x)", [-inf, -inf], [0]],
  ["cumsum(x)", [1, 2, 3], [1, 3, 6]],
  ["cumprod(x)", [2, 3, 4], [2, 6, 24]],
  ["cumsum(x)", [], []],
];

const slopes: readonly (readonly [expression: string, x: readonly number[]])[] = [
  ["mean(x)", [1, 2, 6]],
  ["variance(x)", [1, 2, 6]],
  ["standardDeviation(x)", [1, 2, 6]],
  ["norm(x)", [3, -4]],
  ["logsumexp(x)", [1, 2, -3]],
  ["softmax(x)[1]", [1, 2, -3]],
  ["sum(logSoftmax(x)^2)", [1, 2, -3]],
  ["sum(layerNorm(x)^3)", [1, 2, -3]],
  ["sum(cumsum(x)^2)", [1, 2, -3]],
  ["sum(cumprod(x)^2)", [1, 2, -3]],
  ["prod(x)", [1, 0, -3]],
  ["max(x) * min(x)", [1, 2, -3]],
  ["sum(outer(x, x)^2)", [1, 2, -3]],
  ["trace(outer(x, x) @ outer(x, x))", [1, 2, -3]],
  ["sum(i in 0..n: sum(j in 0..i: log(x[i - j] + 4)))", [1, 2, -3]],
  ["sum(i in 1..n: logsumexp(j in 0..i: x[j]))", [1, 2, -3]],
];

describe("a composite", () => {
  it.each(values)("has its value: %s of %j", (expression, x, expected) => {
    close(valuesOf(expression, x), expected);
  });

  it.each(slopes)("has the gradient of the complex step: %s at %j", (expression, x) => {
    const model = load(`param x: [n]\nloss = ${expression}`);
    const reference = complexStep(model, model.loss!, "x", { x });
    const got = slopeOf(expression, { x });
    // a sum of a few terms of size 1: a few ulp
    for (const [k, slope] of got.entries())
      expect(Math.abs(slope - reference[k]!)).toBeLessThan(1e-12 * Math.max(1, Math.abs(slope)));
  });

  it.each([
    ["norm(x)", [0, 0], [0, 0]],
    ["norm(x)", [3e200, 4e200], [0.6, 0.8]],
    ["norm(x)", [3e-200, 4e-200], [0.6, 0.8]],
    ["standardDeviation(x)", [2, 2], [0, 0]],
    ["logsumexp(x)", [1000, -inf], [1, 0]],
    ["max(x)", [1, 3, 3], [0, 0.5, 0.5]],
    ["min(x)", [1, 1, 3], [0.5, 0.5, 0]],
    ["sum(i in 0..n: if i > 0 then log(x[i - 1]) else 0)", [1, 2, 4], [1, 0.5, 0]],
  ] as const)("has its stated gradient at a kink or extreme: %s at %j", (expression, x, expected) => {
    close(slopeOf(expression, { x: [...x] }), expected);
  });

  it("works within a scope as outside of it", () => {
    const text =
      "data A: [m, n]\nloss = sum(i: norm(A[i]) + variance(A[i]) + logsumexp(A[i]) + argmax(A[i]) + softmax(A[i])[0])";
    const A = [
      [1, 2, 3],
      [4, -5, 6],
    ];
    const wanted = A.map((x) =>
      ["norm(x)", "variance(x)", "logsumexp(x)", "argmax(x)", "softmax(x)[0]"]
        .map((one) => valuesOf(one, x)[0]!)
        .reduce((a, b) => a + b),
    );
    expect(lossAt(load(text), { A })).toBeCloseTo(wanted[0]! + wanted[1]!, 13);
  });

  it("multiplies batches of matrices", () => {
    const model = load("data A: [b, m, n], B: [b, n, p], v: [n]\noutput out = A @ B\noutput row = A @ v");
    const inputs = {
      A: [[[1, 2]], [[3, 4]]],
      B: [
        [[1], [1]],
        [[2], [0]],
      ],
      v: [1, 10],
    };
    expect(outputAt(model, "out", inputs)).toEqual([3, 6]);
    expect(outputAt(model, "row", inputs)).toEqual([21, 43]);
  });

  it.each([
    ["[2, 1, 2, 3]", "[3, 3, 1]", "[i in 0..2, j in 0..3: A[i, 0] @ B[j]]"],
    ["[1, 2, 3]", "[b, 3, 2]", "[j in 0..b: A[0] @ B[j]]"],
    ["[b, 2, 3]", "[1, 3, 2]", "[i in 0..b: A[i] @ B[0]]"],
    ["[1, 1, 3]", "[b, 3, 1]", "[j in 0..b: A[0] @ B[j]]"],
    ["[2, 3]", "[4, 1, 3, 2]", "[i in 0..4, j in 0..1: A @ B[i, j]]"],
  ])("lets a literal 1 meet any size of a batch: %s @ %s", (left, right, spelled) => {
    const model = load(`data A: ${left}, B: ${right}\noutput out = A @ B, spelled = ${spelled}`);
    let count = 0;
    const filled = ([length, ...inner]: readonly number[]): Nested =>
      length === undefined ? Math.sin(++count) : Array.from({ length }, () => filled(inner));
    const [A, B] = [left, right].map((declared) => filled(declared.replace("b", "4").match(/\d+/g)!.map(Number))) as [
      Nested,
      Nested,
    ];
    const wanted = outputAt(model, "spelled", { A, B });
    expect(wanted.length).toBeGreaterThan(3);
    expect(outputAt(model, "out", { A, B })).toEqual(wanted);
  });

  it("pools and convolves images", () => {
    const text = (name: string) => `data x: [B, H, W, C]\noutput out = ${name}(x, window = 2)`;
    const x = [
      [
        [[1], [2], [9]],
        [[3], [5], [9]],
        [[9], [9], [9]],
      ],
    ];
    expect(outputAt(load(text("maxPool2d")), "out", { x })).toEqual([5]);
    expect(outputAt(load(text("avgPool2d")), "out", { x })).toEqual([2.75]);
    const conv = load("data x: [B, H, W, C], f: [2, 2, C, K]\noutput out = conv2d(x, f, padding = 1, stride = 2)");
    expect(
      outputAt(conv, "out", {
        x,
        f: [
          [[[1]], [[10]]],
          [[[100]], [[1000]]],
        ],
      }),
    ).toEqual([1000, 200 + 9000, 30 + 9000, 5 + 90 + 900 + 9000]);
  });
});
