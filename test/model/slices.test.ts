import { describe, expect, it } from "vitest";
import { type Answer, Evaluation } from "../../src/cli/eval/evaluate.ts";
import type { EngineName } from "../../src/cli/eval/request.ts";
import { loadModel } from "../../src/model/load.ts";

const x = [0.5, -1.2, 2.3, 0.7, -0.4];
const X = x.map((v, i) => x.map((w, j) => Math.sin(v * (i + 1) + w * (j + 2))));
const data = { at: [3, 1, 1, 0, 4], ends: [0, 2, 2, 5], a: 3 };
const direction = { x: [1, -2, 0.5, 0.3, 2], X: X.map((row) => row.map((v) => Math.cos(3 * v))) };
const declared = `param x: [n], X: [n, n]
data at: int[n] within 0..n, ends: int[k+1] within 0..n+1, a: int within 0..n
let none = 0 * (sum(X) + sum(x) + sum(at) + sum(ends) + a)
`;

function answer(loss: string, engine: EngineName = "js"): Answer {
  const model = loadModel({ name: "slices.nabla", text: `${declared}loss = ${loss} + none` });
  return new Evaluation(model).answer({
    inputs: { x, X, ...data },
    direction,
    engine,
    wrt: undefined,
    want: undefined,
  });
}

function numbers({ loss, gradient, hvp }: Answer): number[] {
  const derivatives = [gradient!, hvp!].flatMap((tensors) => Object.values(tensors));
  return [loss!, ...derivatives.flatMap(({ values }) => Array.from(values))];
}

/** With slices whose ends vary, and the same with iterators. */
const pairs: readonly (readonly [slices: string, iterators: string])[] = [
  ["sum(i in 0..n+1: sum(x[0..i])^2)", "sum(i in 0..n+1: sum(j in 0..i: x[j])^2)"],
  ["sum(i: i * logsumexp(x[0..i+1]))", "sum(i in 0..n: i * logsumexp(j in 0..i+1: x[j]))"],
  ["sum(i: mean(x[0..i+1]^2)^2)", "sum(i in 0..n: mean(j in 0..i+1: x[j]^2)^2)"],
  ["sum(i: max(x[0..i+1])^2 * min(x[i..n]))", "sum(i in 0..n: max(j in 0..i+1: x[j])^2 * min(j in i..n: x[j]))"],
  ["sum(i in 0..n+1: prod(x[i..n]))", "sum(i in 0..n+1: prod(j in i..n: x[j]))"],
  ["sum(i in 1..n+1: norm(x[0..i]))", "sum(i in 1..n+1: sqrt(sum(j in 0..i: x[j]^2)))"],
  ["sum(i in 1..n: variance(x[0..i+1]))", "sum(i in 1..n: mean(j in 0..i+1: (x[j] - mean(k in 0..i+1: x[k]))^2))"],
  [
    "sum(i in 1..n: variance(x[0..i+1], correction = 1))",
    "sum(i in 1..n: sum(j in 0..i+1: (x[j] - mean(k in 0..i+1: x[k]))^2) / i)",
  ],
  [
    "sum(i in 1..n: standardDeviation(x[0..i+1], correction = 1))",
    "sum(i in 1..n: sqrt(sum(j in 0..i+1: (x[j] - mean(k in 0..i+1: x[k]))^2) / i))",
  ],
  ["sum(i: dot(x[0..i+1], X[i, 0..i+1]))", "sum(i in 0..n, j in 0..i+1: x[j] * X[i, j])"],
  ["sum(i: x[0..i+1] @ X[0..i+1, i])", "sum(i in 0..n, j in 0..i+1: x[j] * X[j, i])"],
  ["sum(i: norm(x[0..i+1] @ X[0..i+1]))", "sum(i in 0..n: norm([d in 0..n: sum(j in 0..i+1: x[j] * X[j, d])]))"],
  [
    "sum(i: dot(softmax(x[0..i+1]), X[i, 0..i+1]))",
    "sum(i in 0..n: sum(j in 0..i+1: exp(x[j]) * X[i, j]) / sum(j in 0..i+1: exp(x[j])))",
  ],
  ["sum(i: sum(logSoftmax(x[0..i+1])))", "sum(i in 0..n: sum(j in 0..i+1: x[j] - logsumexp(k in 0..i+1: x[k])))"],
  [
    "sum(i: norm(softmax(X[0..i+1] @ x) @ X[0..i+1]))",
    `sum(i in 0..n: norm([d in 0..n:
      sum(j in 0..i+1: exp(X[j] @ x) * X[j, d]) / sum(j in 0..i+1: exp(X[j] @ x))]))`,
  ],
  [
    "sum(i: sum(sin(softmax(X[0..i+1], axis = 0)) * x))",
    "sum(i in 0..n, d in 0..n, j in 0..i+1: sin(exp(X[j, d]) / sum(l in 0..i+1: exp(X[l, d]))) * x[d])",
  ],
  ["sum(i: norm(mean(X[0..i+1], axis = 0)))", "sum(i in 0..n: norm([d in 0..n: mean(j in 0..i+1: X[j, d])]))"],
  ["sum(i: mean(X[0..i+1] * x)^2)", "sum(i in 0..n: mean(j in 0..i+1, d in 0..n: X[j, d] * x[d])^2)"],
  [
    "sum(i: norm(X[0..i+1] - mean(X[0..i+1], axis = 0) - 1))",
    "sum(i in 0..n: norm([j in 0..n, d in 0..n: if j <= i then X[j, d] - mean(k in 0..i+1: X[k, d]) - 1 else 0]))",
  ],
  ["sum(s in 0..k: sum(x[ends[s]..ends[s+1]])^2)", "sum(s in 0..k: sum(j in ends[s]..ends[s+1]: x[j])^2)"],
  ["sum(x[at[0..a]]^2) + sum(x[a..n]^3)", "sum(j in 0..a: x[at[j]]^2) + sum(j in a..n: x[j]^3)"],
  ["sum(i: mean(X[at[0..i+1], i]^3))", "sum(i in 0..n: mean(j in 0..i+1: X[at[j], i]^3))"],
  ["sum(i in 0..n: grad(logsumexp(x[0..i+1]), x)[0]^2)", "sum(i in 0..n: (exp(x[0]) / sum(j in 0..i+1: exp(x[j])))^2)"],
  [
    "sum(i: { let v = x[0..i+1]; let m = max(v); return m + log(sum(exp(v - m))) })",
    "sum(i in 0..n: logsumexp(j in 0..i+1: x[j]))",
  ],
  [
    "sum(i: sum(if x[0..i+1] > 0 then log(x[0..i+1]) else 0))",
    "sum(i in 0..n, j in 0..i+1: if x[j] > 0 then log(x[j]) else 0)",
  ],
  [
    "sum(i: { let v = x[0..i+1]; let c = sum(v); return sum(k in 0..n: norm(v * x[k] + c) + variance(v + x[k]^2 * v)) })",
    `sum(i in 0..n: { let c = sum(j in 0..i+1: x[j]); return sum(k in 0..n: norm([j in 0..n: if j <= i then x[j] * x[k] + c else 0])
      + mean(j in 0..i+1: (x[j] * (1 + x[k]^2) - mean(l in 0..i+1: x[l] * (1 + x[k]^2)))^2)) })`,
  ],
  [
    "sum(s in 0..k: norm(x[ends[s]..ends[s+1]]) * sum(x[ends[s]..ends[s+1]]))",
    "sum(s in 0..k: norm([j in 0..n: if j >= ends[s] and j < ends[s+1] then x[j] else 0]) * sum(j in ends[s]..ends[s+1]: x[j]))",
  ],
  // arrays over such ranges
  ["sum([i in 0..n, j in 0..i: x[i] * x[j]^2])", "sum(i in 0..n, j in 0..i: x[i] * x[j]^2)"],
  ["logsumexp([i in 0..n, j in i..n: X[i, j] * x])", "logsumexp(i in 0..n, j in i..n: logsumexp(X[i, j] * x))"],
  [
    "mean([i in 0..n, j in i..n, l in 0..j+1: x[i] * x[j] * x[l]])",
    "mean(i in 0..n, j in i..n, l in 0..j+1: x[i] * x[j] * x[l])",
  ],
  ["sum(i in 0..n: logsumexp([j in i..n: x[j]^2]))", "sum(i in 0..n: logsumexp(j in i..n: x[j]^2))"],
  ["sum(i in 0..n: norm([j in 0..i+1: x[j] * X[i, j]]))", "sum(i in 0..n: sqrt(sum(j in 0..i+1: (x[j] * X[i, j])^2)))"],
  [
    "sum(i in 0..n: dot([j in 0..i+1: exp(x[j])] / (i + 1), x[0..i+1]))",
    "sum(i in 0..n, j in 0..i+1: exp(x[j]) * x[j] / (i + 1))",
  ],
  [
    "sum(i in 0..n: sum([j in i..n, l in 0..n: X[j, l]^2 * x[i]]))",
    "sum(i in 0..n, j in i..n, l in 0..n: X[j, l]^2 * x[i])",
  ],
  ["sum(i in 0..n: x[i] * sum([j in 0..i: j * 1]))", "sum(i in 0..n, j in 0..i: x[i] * j)"],
  [
    "sum(i in 0..n: x[i] * max([j in 0..n, l in ends[0]..i+1: X[j, l]]))",
    "sum(i in 0..n: x[i] * max(j in 0..n, l in 0..i+1: X[j, l]))",
  ],
  // of some iterators no value, but not of all
  ["max([i in 0..n, j in 0..i: X[i, j]^3])", "max([i in 0..n, j in 0..n: if j < i then X[i, j]^3 else -9])"],
  [
    "sum(s in 0..k: min(j in 0..ends[s+1], i in j+1..n: x[i] * x[j]))",
    "sum(s in 0..k: min([j in 0..n, i in 0..n: if j < ends[s+1] and i > j then x[i] * x[j] else 99]))",
  ],
  ["sum([j in 0..a: x[at[j]]]^3)", "sum(j in 0..a: x[at[j]]^3)"],
  ["sum(s in 0..k: norm([j in ends[s]..ends[s+1]: x[j]]))", "sum(s in 0..k: norm(x[ends[s]..ends[s+1]]))"],
  [
    "sum(i: { let v = [j in 0..i+1: x[j] * x[i]]; return variance(v) + max(v) })",
    "sum(i: variance(x[0..i+1] * x[i]) + max(x[0..i+1] * x[i]))",
  ],
  // of nothing: nothing, and no NaN from what is beside it
  [
    "sum(i in 0..n: norm(x[0..i]) + sum(softmax(x[0..i]) * x[0..i]))",
    "sum(i in 1..n: norm(x[0..i]) + sum(softmax(x[0..i]) * x[0..i]))",
  ],
  ["sum(i in 0..n: tanh(logsumexp(x[0..i])) * x[i])", "sum(i in 1..n: tanh(logsumexp(x[0..i])) * x[i]) - x[0]"],
  ["sum(i in 0..n: exp(logsumexp(x[0..i])))", "sum(i in 0..n, j in 0..i: exp(x[j]))"],
  // as long as each other
  ["sum(i in 0..n: dot(x[:n-i], x[i:])^3)", "sum(i in 0..n: sum(j in 0..n-i: x[j] * x[i+j])^3)"],
  [
    "sum(i in 0..n: norm(x[n-1-i:] - sin(x[0..i+1]))^2 * x[i])",
    "sum(i in 0..n: sum(j in 0..i+1: (x[n-1-i+j] - sin(x[j]))^2) * x[i])",
  ],
  ["sum(i in 0..n: sum(x[n-1-i:] @ X[0..i+1])^3)", "sum(i in 0..n: sum(j in 0..i+1, l: x[n-1-i+j] * X[j, l])^3)"],
  [
    "sum(s in 0..k: sum(softmax(x[ends[s]..ends[s+1]]) * x[0..ends[s+1]-ends[s]]))",
    "sum(s in 0..k: sum(j in 0..ends[s+1]-ends[s]: exp(x[ends[s]+j]) * x[j]) / max(1e-9, sum(j in ends[s]..ends[s+1]: exp(x[j]))))",
  ],
];

describe("a slice whose ends vary", () => {
  it.each(pairs)("%s has loss, gradient and Hessian-vector product of %s", (slices, iterators) => {
    const expected = numbers(answer(iterators));
    const scale = Math.max(...expected.map(Math.abs));
    for (const engine of ["js", "interpreter"] as const) {
      for (const [k, got] of numbers(answer(slices, engine)).entries()) {
        // sums are added in another order, and softmax and norm are shifted and scaled
        expect(Math.abs(got - expected[k]!)).toBeLessThanOrEqual(1e-14 * scale);
      }
    }
  });

  it("is NaN where a mean or a variance has no element", () => {
    for (const name of ["mean", "variance"]) expect(answer(`sum(i in 0..n: ${name}(x[0..i]))`).loss).toBeNaN();
  });

  it.each([
    "sum([i in 0..n: x[0..i+1]])",
    "sum(i: x[0..i+1])",
    "sum([i in 0..n: [j in 0..i+1: x[j]]])",
    "{ let t: [n] = [j in 0..a: x[j]]; return sum(t) }",
    "sum([i in 0..n, j in 0..i+1: x[0..i+1]])",
    "sum(i: sum([j in 0..i+1: x[j]] * x[0..i]))",
    "sum(i: sum([x[0..i+1], x[0..i+1]]))",
    "sum(i: sum(x[0..i+1] * x))",
    "sum(i: sum(x[0..i+1] * x[0..i]))",
    "sum(i: sum(x[0..i+1] + X[0..i+1]))",
    "sum(i: sum(X[0..i+1, 0..i+1]))",
    "sum(i: sum(X[:, 0..i+1]))",
    "sum(i: sum(X[at[0..i+1], 0..i+1]))",
    "sum(i: sum(X[:, at[0..i+1]]))",
    "sum(i: x[0..i+1][0])",
    "sum(i: (X[0..i+1].T @ x)[0])",
    "sum(i: (x @ X[0..i+1])[0])",
    "sum(i: sum(sort(x[0..i+1])))",
    "sum(i: sum(x[0..i+1, None]))",
    "sum(i: scan(v in x, s = x[0..i+1]: s * v))",
    "sum(i: scan(v in X[0..i+1], s = 0: s + v[0]))",
    "sum(i: while(s = x[0..i+1], test = s < 1, limit = 9: s + 1))",
    "sum(i: root(s = x[0..i+1]: s^3 - 1))",
    "x[0..a]",
    "qr(X[0..a]).r[0, 0]",
  ])("is refused where all rows must have one length: %s", (loss) => {
    expect(() => answer(loss)).toThrow(/would give rows of different lengths|the length of 0..a depends on "a"/);
  });

  it.each([
    ["sum(i in 0..n: sum(x[0..i+2]))", /leaves axis 0 of x, .*: needed 0..6, got 6 at \[4\]/],
    ["sum(s in 0..k: sum(x[ends[s+1]..ends[s]]))", /ends before it begins: needed 0 and above, got -2 at \[0\]/],
    ["sum(i in 0..n: max(x[0..i]))", /the slice in max must not be empty: needed 1 and above, got 0 at \[0\]/],
    ["sum(i: sum(X[0..i+1], axis = 1))", /works along its axis 0, or along all axes/],
    ["sum(i: sum(softmax(X[0..i+1])))", /needs "axis = 0"/],
  ])("is checked: %s", (loss, message) => {
    expect(() => answer(loss)).toThrow(message);
  });
});

/** What is not in a range that depends on an iterator has no slope here, and may have none elsewhere. */
const beyond: readonly (readonly [range: string, condition: string])[] = [
  [
    "sum(i in 0..n, j in 0..i: x[j] * sqrt(i - j))",
    "sum(i in 0..n, j in 0..n: if j < i then x[j] * sqrt(i - j) else 0)",
  ],
  [
    "sum(i in 0..n, j in 0..i: X[i, j] * log(abs(x[i] - x[j])))",
    "sum(i in 0..n, j in 0..n: if j < i then X[i, j] * log(abs(x[i] - x[j])) else 0)",
  ],
  [
    "sum(i in 0..n, j in 0..i: X[i, 0] * log(abs(x[n-1] - x[j])))",
    "sum(i in 0..n, j in 0..n-1: if j < i then X[i, 0] * log(abs(x[n-1] - x[j])) else 0)",
  ],
  [
    "sum(i in 1..n: mean(j in 0..i: X[i, j] / (x[i] - x[j]))^2)",
    "sum(i in 1..n: (sum(j in 0..n: if j < i then X[i, j] / (x[i] - x[j]) else 0) / i)^2)",
  ],
  [
    "sum(i in 1..n: prod(j in 0..i: log(abs(x[i] - x[j]))))",
    "sum(i in 1..n: prod(j in 0..n: if j < i then log(abs(x[i] - x[j])) else 1))",
  ],
];

describe("a range that depends on an iterator", () => {
  it.each(beyond)("keeps slopes of nothing apart: %s is %s", (range, condition) => {
    const expected = numbers(answer(condition));
    const scale = Math.max(...expected.map(Math.abs));
    for (const engine of ["js", "interpreter"] as const) {
      // sums are added in another order
      for (const [k, got] of numbers(answer(range, engine)).entries()) {
        expect(Math.abs(got - expected[k]!)).toBeLessThanOrEqual(1e-14 * scale);
      }
    }
  });

  it("is checked once for each value of the iterators", () => {
    const { requirements } = loadModel({
      name: "renewal.nabla",
      text: `param p: [m, n]
data f: [n], low: int[m], high: int[m]
loss = sum(c in 0..m, i in low[c]..high[c]: log(sum(j in 0..i: p[c, j] * f[i - j - 1])))`,
    });
    expect(requirements.map(({ index }) => index.shape.map(String))).toEqual([
      ["m"],
      ["m"],
      ["m", "n + 1"],
      ["m", "n + 1", "n"],
    ]);
  });
});
