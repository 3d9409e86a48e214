import { describe, expect, it } from "vitest";
import { compileText } from "../../src/language/all.ts";
import { loadModel } from "../../src/model/load.ts";
import { simplify } from "../../src/rewrite/rewrite.ts";

/** Functions of a length t whose series hold even powers alone, with those of t^0 and t^2: smooth at the origin. */
const evenFunctions: readonly (readonly [text: string, value: number, curvature: number])[] = [
  ["cos(t)", 1, -1 / 2],
  ["cosh(t / 2)", 1, 1 / 8],
  ["sinc(t)", 1, -1 / 6],
  ["sinc(t / 2)^2", 1, -1 / 12],
  ["t * sin(t)", 0, 1],
  ["logCosh(t)", 0, 1 / 2],
  ["sin(t) / t", 1, -1 / 6],
  ["sinc(t) + cos(t / 2)", 2, -1 / 6 - 1 / 8],
  ["hypot(t, 2)", 2, 1 / 4],
  ["hypot(1, t, 1)", Math.SQRT2, Math.SQRT1_2 / 2],
  ["1 / hypot(2, t)", 1 / 2, -1 / 16],
];

/** What vanishes with a norm, over as high a power of it. */
const quotients: typeof evenFunctions = [
  ["(1 - cos(t)) / t^2", 1 / 2, -1 / 24],
  ["(1 - cos(t)) / dot(w, w)", 1 / 2, -1 / 24],
  ["(t - sin(t)) / t^3", 1 / 6, -1 / 120],
  ["(t - sin(t)) / (t * dot(w, w))", 1 / 6, -1 / 120],
  ["(1 - sinc(t)) / sum(w^2)", 1 / 6, -1 / 120],
];

const lengths = ["norm(w)", "hypot(w[0], w[1])", "sqrt(sum(w^2))", "sqrt(dot(w, w))"];

describe("an even function of a length", () => {
  it.each([
    ...lengths.flatMap((length) => evenFunctions.map((one) => [length, ...one] as const)),
    ...quotients.map((one) => ["norm(w)", ...one] as const),
  ])("has the derivatives of its series at the origin: t = %s, %s", (length, text, value, curvature) => {
    const { flat } = compileText(`param w: [2]\nlet t = ${length}\nloss = ${text}`).bind();
    const [g, h] = [new Float64Array(2), new Float64Array(2)];
    const v = Float64Array.of(1, -0.5);
    for (const size of [0, 1e-9]) {
      const w = Float64Array.of(size, 2 * size);
      expect(flat.lossAndGradient(w, g)).toBeCloseTo(value, 14);
      flat.hvp(w, v, h);
      for (const k of [0, 1]) {
        expect(Math.abs(g[k]! - 2 * curvature * w[k]!)).toBeLessThan(1e-12 * size + 1e-300);
        expect(h[k]).toBeCloseTo(2 * curvature * v[k]!, 13);
      }
    }
  });

  it.each([
    "cos(sqrt(1 + x^2))",
    "cos(y * sqrt(1 + x^2))",
    "cosh(hypot(1, x) * sin(y) / 3)",
    "y * hypot(2, x) * sin(y * hypot(2, x))",
  ])("stays as it is where the length is never 0: %s", (text) => {
    const { loss } = loadModel({ name: "smooth.nabla", text: `param x, y\nloss = ${text}` });
    const made: (string | undefined)[] = [];
    simplify([loss!], { record: { pass: (_, rewrites) => made.push(...rewrites.map(({ rule }) => rule.name)) } });
    expect(made).not.toContain("series where a function cancels");
  });

  it("makes turns smooth where they are none: rotation vectors that begin at 0", () => {
    const { flat } = compileText(`param w: [n, 3]
data x: [n, 3]
let turned = [i in 0..n: {
  let t = norm(w[i])
  return cos(t) * x[i] + sinc(t) * cross(w[i], x[i]) + (1 - cos(t)) / t^2 * dot(w[i], x[i]) * w[i]
}]
loss = sum(turned * [[1, 2, 3]])`).bind({ x: [[0.5, -1, 2]] });
    const h = new Float64Array(3);
    flat.hvp(new Float64Array(3), Float64Array.of(1, 0, 0), h);
    // of y . exp([w]) x to second order: (y . w)(x . w) / 2 on both sides, less |w|^2 (x . y) / 2
    const [x, y] = [
      [0.5, -1, 2],
      [1, 2, 3],
    ] as const;
    const along = x.reduce((sum, value, k) => sum + value * y[k]!, 0);
    for (const k of [0, 1, 2]) expect(h[k]).toBeCloseTo((x[0] * y[k]! + y[0] * x[k]!) / 2 - (k === 0 ? along : 0), 13);
  });
});
