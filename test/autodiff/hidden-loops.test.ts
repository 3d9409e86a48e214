import { describe, expect, it } from "vitest";
import { compileModel } from "../../src/compile/compile.ts";
import { loadModel } from "../../src/model/load.ts";

/** Losses at a = [-1, 4], x = [-1, 2], whose loops hide the root of -1 in every step, and their slopes in a. */
const hidden: readonly (readonly [name: string, text: string, slopes: readonly number[]])[] = [
  ["a value of all steps", "let s = sqrt(a[0])\nloss = a[1] * scan(v in x, c = 1: select(a[0] > 0, s, c + v))", [0, 2]],
  ["where carries decide", "loss = a[1] * scan(v in x, c = 1: if c > 5 then c * sqrt(a[0]) else c + v)", [0, 2]],
  ["an array of all steps", "loss = scan(v in x, c = 0: c + sum(select(a > 0, sqrt(a), v)))", [0, 0.5]],
  ["rows", "loss = scan(v in sqrt(a), y in x, c = 1: if y > 0 then c * v else 2 * c)", [0, 0.5]],
  ["backwards", "loss = reverseScan(v in sqrt(a), y in x, c = 1: if y > 0 then c * v else 2 * c)", [0, 0.5]],
  [
    "a stack",
    "loss = sum(scan(v in sqrt(a), y in x, c = 1: { c = c; z = if y > 0 then c * v else 2 * c }).z)",
    [0, 0.25],
  ],
];

describe("a loop", () => {
  it.each(hidden.flatMap((row) => (["all", "exact", "none"] as const).map((rewrites) => [rewrites, ...row] as const)))(
    "lets nothing out that a choice hides in every step, with rewrites %s: %s",
    (rewrites, _, text, slopes) => {
      const model = loadModel({
        name: "masked.nabla",
        text: `param a: [2]\ndata x: [2]\n${text}`,
      });
      const bound = compileModel(model, { rewrites }).bind({ x: [-1, 2] });
      const { gradient, hvp } = bound.lossGradientHvp({ a: [-1, 4] }, { a: [1, 0] });
      expect([...gradient.a!]).toEqual(slopes.map((slope) => expect.closeTo(slope, 14)));
      expect([...hvp.a!]).toEqual([expect.closeTo(0, 14), expect.closeTo(0, 14)]);
    },
  );
});

/** Losses at a = [-1, 4] that take roots of 4 alone: a choice leaves out those of -1, which are NaN. */
const leftOut: readonly (readonly [name: string, text: string, slopes: readonly number[]])[] = [
  ["a root", "if a[i] > 0 then root(s = 1: s^2 - a[i]) else a[i]", [1, 0.25]],
  [
    "roots of several unknowns",
    "if a[i] > 0 then root(s = [1, 1]: [s[0]^2 - a[i], s[1] - s[0]])[1] else a[i]",
    [1, 0.25],
  ],
  ["a minimum", "if a[i] > 0 then argmin(s = 1: (s - sqrt(a[i]))^2) else a[i]", [1, 0.25]],
  [
    "a minimum in several unknowns",
    "if a[i] > 0 then argmin(s = [1, 1]: (s[0] - sqrt(a[i]))^2 + (s[1] - s[0])^2)[1] else a[i]",
    [1, 0.25],
  ],
  [
    "a loop that counts",
    "if a[i] > 0 then scan(v in 0..2, c = a[i], k = 0: { c = sqrt(c); k = k + 1 }).c else a[i]",
    [1, 2 ** 0.5 / 16],
  ],
  ["a loop", "if a[i] > 0 then scan(k in 0..2, c = a[i]: sqrt(c)) else a[i]", [1, 2 ** 0.5 / 16]],
  [
    "a loop over what is taken in every step",
    "if a[i] > 0 then scan(k in 0..2, c = 1: c * sqrt(a[i])) else a[i]",
    [1, 1],
  ],
  [
    "a loop of several carries",
    "if a[i] > 0 then scan(k in 0..2, c = a[i], d = 0: { c = sqrt(c); d = d + c * a[i] }).d else a[i]",
    [1, 11],
  ],
  [
    "a loop over vectors",
    "if a[i] > 0 then sum(scan(k in 0..1, c = [a[i], 1]: sqrt([[1, 0], [1, 0]] @ c))) else a[i]",
    [1, 0.5],
  ],
  [
    "a loop of unknown length",
    "if a[i] > 0 then while(w = sqrt(a[i]), test = w > 1.5, limit = 4: sqrt(w)) else a[i]",
    [1, 2 ** 0.5 / 16],
  ],
  ["a fixed point", "if a[i] > 0 then fixedPoint(s = 1: (s + a[i] / s) / 2) else a[i]", [1, 0.25]],
];

describe("a loop or a solution under an iterator", () => {
  it.each(leftOut.flatMap((row) => (["all", "exact", "none"] as const).map((rewrites) => [rewrites, ...row] as const)))(
    "lets nothing out where a choice leaves it out, with rewrites %s: %s",
    (rewrites, _, text, slopes) => {
      const model = loadModel({
        name: "left-out.nabla",
        text: `param a: [n]\nloss = sum(i in 0..n: ${text})`,
      });
      const bound = compileModel(model, { rewrites }).bind({}, { n: 2 });
      expect([...bound.gradient({ a: [-1, 4] }).a!]).toEqual(slopes.map((slope) => expect.closeTo(slope, 12)));
      // where the choice gives a[i] itself nothing curves; elsewhere the slopes near by tell how it does
      const near = [4 + 1e-4, 4 - 1e-4].map((a) => bound.gradient({ a: [-1, a] }).a![1]!);
      const curvature = (near[0]! - near[1]!) / 2e-4;
      const product = bound.hvp({ a: [-1, 4] }, { a: [1, 1] }).a!.map((value) => value + 0);
      expect([...product]).toEqual([0, expect.closeTo(curvature, 6)]);
    },
  );
});

/** Steps that read rows of data up to a length: what is behind it is in no slope, whatever it is. */
const upToLengths: Readonly<Record<string, string>> = {
  "all at once": "h = where((t < len)[:, None], tanh(x[:, t] @ W + h * b), h)",
  "gates by columns":
    "let z = x[:, t] @ W\n let u = [i in 0..B, j in 0..d: sigmoid(z[i, d-1-j]) * tanh(z[i, j] + h[i, j] * b[j])]\n h = where((t < len)[:, None], u, h)",
};

describe("a loop over rows of different lengths", () => {
  const inSteps = Object.entries(upToLengths).map(
    ([name, step]) => [name, `let r = scan(t in 0..T, h = zeros(B, d): {\n ${step}\n})\nloss = sum(r.h^2)`] as const,
  );
  const oneByOne =
    "loss = sum(q in 0..B: sum(scan(t in 0..T, h = zeros(d): if t < len[q] then tanh(x[q, t] @ W + h * b) else h)^2))";
  const texts = [...inSteps, ["one by one", oneByOne] as const];
  it.each(texts.flatMap((row) => (["all", "exact", "none"] as const).map((rewrites) => [rewrites, ...row] as const)))(
    "reads nothing behind them, with rewrites %s: %s",
    (rewrites, _, text) => {
      const model = loadModel({
        name: "n.nabla",
        text: `param W: [2, d], b: [d]\ndata x: [B, T, 2], len: int[B]\n${text}`,
      });
      const compiled = compileModel(model, { rewrites });
      const point = { W: [0.1, 0.2, 0.3, -0.4], b: [0.1, 0.2] };
      const [got, expected] = [Number.NaN, 0].map((behind) =>
        compiled
          .bind({ x: { data: [1, 2, 0.5, 0.1, 1, 0.3, behind, behind], shape: [2, 2, 2] }, len: [2, 1] })
          .lossGradientHvp(
            { ...point, W: { data: point.W, shape: [2, 2] } },
            { W: { data: [1, -1, 2, 0.5], shape: [2, 2] }, b: [1, 1] },
          ),
      );
      expect(got).toEqual(expected);
    },
  );
});
