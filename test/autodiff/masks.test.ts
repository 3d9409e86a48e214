import { describe, expect, it } from "vitest";
import { compileModel } from "../../src/compile/compile.ts";
import { loadModel } from "../../src/model/load.ts";

type Point = Readonly<Record<string, number | readonly number[]>>;

/** Models with a side that is not taken and not differentiable there, and what they are without that side. */
const cases: readonly (readonly [name: string, masked: string, plain: string, point: Point])[] = [
  [
    "a root under a condition of its square",
    "param r: [3]\nlet s = sum(r^2)\nloss = (if s < 0.01 then 1 - s / 6 else sinc(sqrt(s))) * (1 + s)",
    "param r: [3]\nlet s = sum(r^2)\nloss = (1 - s / 6) * (1 + s)",
    { r: [0, 0, 0] },
  ],
  [
    "roots under several conditions, added",
    "param r: [3]\nlet s = sum(r^2)\nlet t = sqrt(s)\nlet u = if s < 0.01 then 1 - s / 6 else sinc(t)\nlet v = if s < 0.02 then 1 - s else 1 / t\nloss = r[0] * u + (1 + r[1]) * v + (if s < 0.03 then 0 else log(t))",
    "param r: [3]\nlet s = sum(r^2)\nloss = r[0] * (1 - s / 6) + (1 + r[1]) * (1 - s)",
    { r: [0, 0, 0] },
  ],
  [
    "one choice within another",
    "param r: [3]\nlet s = sum(r^2)\nloss = (if s < 0.01 then 1 - s / 6 else if s < 1 then sin(sqrt(s)) / s else exp(log(s))) * (1 + s)",
    "param r: [3]\nlet s = sum(r^2)\nloss = (1 - s / 6) * (1 + s)",
    { r: [0, 0, 0] },
  ],
  [
    "a sum of roots",
    "param x: [n], c\nloss = sum(x^3) * c + (if c > 0 then 1 else sum(sqrt(x)))",
    "param x: [n], c\nloss = sum(x^3) * c + 1",
    { x: [0, 0], c: 1 },
  ],
  [
    "negated, shared and added",
    "param x: [n], c\nlet y = sqrt(x)\nloss = sum(x^2) - (if c > 0 then 0 else sum(y) + sum(y^3) - sum(1 / y))",
    "param x: [n], c\nloss = sum(x^2) + 0 * c",
    { x: [0, 0], c: 1 },
  ],
  [
    "pairs, each with itself left out",
    "param X: [n]\nloss = sum(i in 0..n, j in 0..n: if i == j then 0 else 1 / sum(k in 0..2: (k + 1) * (X[i] - X[j])^2))",
    "param X: [n]\nloss = 2 * (1 / (3 * (X[0] - X[1])^2) + 1 / (3 * (X[0] - X[2])^2) + 1 / (3 * (X[1] - X[2])^2))",
    { X: [1, 3, 4] },
  ],
  [
    "a triangle of inverse distances",
    "param X: [n]\nloss = sum(i in 0..n, j in 0..i: 1 / sum(k in 0..2: (k + 1) * (X[i] - X[j])^2))",
    "param X: [n]\nloss = 1 / (3 * (X[0] - X[1])^2) + 1 / (3 * (X[0] - X[2])^2) + 1 / (3 * (X[1] - X[2])^2)",
    { X: [1, 3, 4] },
  ],
  [
    "one function under two conditions, where it is infinite",
    "param x: [n]\nloss = sum(x^2 + select(x < -5, sin(exp(1/x)), 0) + select(x > 0.7, exp(1/x), 0))",
    "param x: [n]\nloss = sum(x^2)",
    { x: [0, 0.25] },
  ],
];

const numbers = (vectors: Readonly<Record<string, ArrayLike<number>>>) =>
  Object.values(vectors).flatMap((values) => Array.from(values));

describe("a side that is not taken", () => {
  it.each(cases.flatMap((one) => (["none", "exact", "all"] as const).map((rewrites) => [...one, rewrites] as const)))(
    "leaves no trace in first and second derivatives: %s",
    (_, masked, plain, point, rewrites) => {
      const derivatives = (text: string) => {
        const bound = compileModel(loadModel({ name: "masked.nabla", text }), { rewrites }).bind();
        const along = Object.fromEntries(
          Object.entries(point).map(([name, value]) => [
            name,
            typeof value === "number" ? 1 : value.map((_, k) => k + 1),
          ]),
        );
        return [...numbers(bound.lossAndGradient(point).gradient), ...numbers(bound.hvp(point, along))];
      };
      const [got, wanted] = [derivatives(masked), derivatives(plain)];
      expect(got).toHaveLength(wanted.length);
      for (const [k, value] of wanted.entries())
        expect(Math.abs(got[k]! - value)).toBeLessThan(1e-14 * Math.max(1, Math.abs(value)));
    },
  );
});

/** Losses of rows of which some are seen; the others are not numbers. `seen` is true of the first two. */
const ofRows: Readonly<Record<string, string>> = {
  "a product with a vector": "loss = sum(i: if seen[i] then ((X @ w)[i] - 1)^2 else 0)",
  "a product of matrices": "let Z = X @ W\nloss = sum(i: if seen[i] then sum(j: Z[i, j]^3) else 0)",
  "a mask over elements": "let Z = tanh(X @ W)\nloss = sum(select([i in 0..n, j in 0..k: seen[i]], Z, 0)^2)",
  "two layers":
    "let Z = tanh(X @ W) @ v\nloss = sum(select(seen, Z, 0)^2) + sum(select(seen, Z, 1)) - sum(seen == false)",
  "rows scaled by a parameter": "let f = logSoftmax(X * w)\nloss = sum(i: if seen[i] then f[i, 0]^2 else 0)",
  "squared distances": "loss = sum(i: if seen[i] then exp(-sum(j: (X[i, j] - w[j])^2)) else 0)",
  "rows of their own": "let z = select(seen, X @ w, 0)\nloss = (z[0] * z[1])^2",
  "what follows from rows": "let z = select(seen, exp(X) @ w, 0)\nloss = sin(z[0] * z[1]) + z[0]^2 * z[1]",
  "a negated condition": "let Z = X @ w\nloss = sum(i: if not seen[i] then 0 else sin(Z[i]))",
};

describe("rows that a choice leaves out", () => {
  it.each(
    Object.entries(ofRows).flatMap(([name, loss]) =>
      (["none", "exact", "all"] as const).map((level) => [name, level, loss] as const),
    ),
  )("leave no trace in first and second derivatives: %s, rewrites %s", (_, rewrites, loss) => {
    const text = `param w: [2], W: [2, k], v: [k]\ndata X: [n, 2], seen: bool[n]\n${loss} + sum(w^2) * sum(W) * sum(v)`;
    const compiled = compileModel(loadModel({ name: "rows.nabla", text }), { rewrites });
    const point = {
      w: [0.5, -0.25],
      W: [
        [0.5, 1],
        [0.25, -1],
      ],
      v: [1, -0.5],
    };
    const along = {
      w: [1, 2],
      W: [
        [1, 0],
        [2, 1],
      ],
      v: [1, 3],
    };
    const rows = [
      [1, 2],
      [-1, 0.5],
    ];
    const derivatives = (X: number[][]) => {
      const bound = compiled.bind({ X, seen: X.map((_, k) => k < 2) });
      return [bound.loss(point), ...numbers(bound.gradient(point)), ...numbers(bound.hvp(point, along))];
    };
    const wanted = derivatives(rows);
    for (const hidden of [
      [Number.NaN, 1],
      [Number.POSITIVE_INFINITY, Number.NaN],
    ]) {
      const got = derivatives([...rows, hidden]);
      for (const [k, value] of wanted.entries()) expect(got[k], `${k}`).toBeCloseTo(value, 11);
    }
  });
});
