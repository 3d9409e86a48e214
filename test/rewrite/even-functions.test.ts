import { describe, expect, it } from "vitest";
import type { Expr } from "../../src/ir/graph.ts";
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
  ["t^2 / (1 - cos(t))", 2, 1 / 6],
  // of the inverse of a turn's derivative, as they are written
  ["(1 - t / 2 / tan(t / 2)) / t^2", 1 / 12, 1 / 720],
  ["(1 - t / 2 * sin(t) / (1 - cos(t))) / t^2", 1 / 12, 1 / 720],
  ["1 / t^2 - (1 + cos(t)) / (2 * t * sin(t))", 1 / 12, 1 / 720],
  ["1 / t^2 - 1 / (2 * t * tan(t / 2))", 1 / 12, 1 / 720],
  ["1 / (2 * t * tan(t / 2)) - 1 / dot(w, w)", -1 / 12, -1 / 720],
];

/** Functions whose parts have slopes at t = 0, with odd powers too; kernels of machine learning and of particles. */
const flatFunctions: typeof evenFunctions = [
  ["(1 + t) * exp(-t)", 1, -1 / 2],
  ["(1 + t) / exp(t)", 1, -1 / 2],
  ["1.5^2 * (1 + sqrt(5) * t + 5/3 * t^2) * exp(-sqrt(5) * t)", 2.25, -2.25 * (5 / 6)],
  ["max(1 - t, 0)^4 * (4 * t + 1)", 1, -10],
  ["if t < 1 then (1 - t)^4 * (4 * t + 1) else 0", 1, -10],
  ["exp(-t) + t", 1, 1 / 2],
  ["exp(t) / (1 + t)", 1, 1 / 2],
  ["t - log(1 + t)", 0, 1 / 2],
  ["t * (1 - exp(-t))", 0, 1],
  ["(1 - exp(-t))^2", 0, 1],
  ["sin(t)^2", 0, 1],
  ["log(1 + t)^2", 0, 1],
  ["cos(tanh(t))", 1, -1 / 2],
  ["t^2 * exp(t)", 0, 1],
];

/** Functions of a length and of q = 2. */
const beside: typeof evenFunctions = [
  ["atan2(t, q)^2", 0, 1 / 4],
  ["(2 * atan2(t, q))^2", 0, 1],
  ["atan(t / q)^2", 0, 1 / 4],
  ["t * atan2(t, q)", 0, 1 / 2],
  ["t * sin(t * q)", 0, 2],
  ["cos(atan2(t, q))", 1, -1 / 8],
  ["1 - cos(atan2(t, q))", 0, 1 / 8],
  ["1 - cos(atan2(t, -q))", 2, -1 / 8],
  ["log(q + t) - t / q", Math.LN2, -1 / 8],
  ["atan2(t, q) / t", 1 / 2, -1 / 24],
  ["3 * atan2(t, q) / (t * q)", 3 / 4, -1 / 16],
  ["atan(t / q) / t", 1 / 2, -1 / 24],
  ["atan(-t / q) / t", -1 / 2, 1 / 24],
  ["sin(t * q) / t", 2, -4 / 3],
];

const lengths = ["norm(w)", "hypot(w[0], w[1])", "sqrt(sum(w^2))", "sqrt(dot(w, w))"];

/** The names of the rules that a loss meets before its derivatives. */
function namesIn(loss: Expr): readonly (string | undefined)[] {
  const made: (string | undefined)[] = [];
  simplify([loss], {
    record: { pass: (_, rewrites) => made.push(...rewrites.map(({ rule }) => rule.name)) },
  });
  return made;
}

describe("an even function of a length", () => {
  it.each([
    ...lengths.flatMap((length) => [...evenFunctions, ...flatFunctions].map((one) => [length, ...one] as const)),
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
        // functions that are not even have a term in t^3, too
        const further = flatFunctions.some(([flat]) => flat === text) ? 400 * size : 0;
        expect(Math.abs(g[k]! - 2 * curvature * w[k]!)).toBeLessThan((1e-12 + further) * size + 1e-300);
        expect(Math.abs(h[k]! - 2 * curvature * v[k]!)).toBeLessThan(5e-14 + 2 * further);
      }
    }
  });

  it.each(
    ["abs(x - 1) / s", "s * abs(x - 1) / 4", "sqrt(sum((x - 1)^2)) / s", "norm(x - 1) * s / 4"].flatMap((size) =>
      [...evenFunctions, ...flatFunctions].map((one) => [size, ...one] as const),
    ),
  )("has those of what is a multiple: t = %s, %s", (size, text, value, curvature) => {
    for (const shape of ["[n]", "[1]"]) {
      const { flat } = compileText(`param x: ${shape}, s\nlet t = ${size}\nloss = sum(${text})`).bind();
      const h = new Float64Array(2);
      const at = Float64Array.of(1, 2);
      expect(flat.loss(at)).toBeCloseTo(value, 14);
      flat.hvp(at, Float64Array.of(1, 0), h);
      expect(h[0]).toBeCloseTo((2 * curvature) / 4, 13);
      expect(h[1]).toBeCloseTo(0, 14);
    }
  });

  it.each(lengths.slice(0, 2).flatMap((length) => beside.map((one) => [length, ...one] as const)))(
    "has those of what is of more than a length: t = %s, %s",
    (length, text, value, curvature) => {
      for (const model of [
        `param w: [2], q\nlet t = ${length}\nloss = ${text}`,
        `param w: [2], q\nlet W = [i in 0..3, j in 0..2: w[j]]\nlet t = [i in 0..3: norm(W[i])]\nloss = mean(${text})`,
      ]) {
        const { flat } = compileText(model).bind();
        const [g, h] = [new Float64Array(3), new Float64Array(3)];
        for (const size of [0, 1e-9]) {
          const at = Float64Array.of(size, 2 * size, 2);
          expect(flat.lossAndGradient(at, g)).toBeCloseTo(value, 14);
          flat.hvp(at, Float64Array.of(1, -0.5, 0), h);
          for (const [k, v] of [1, -0.5].entries()) {
            expect(Math.abs(g[k]! - 2 * curvature * at[k]!)).toBeLessThan(2e-8 * size + 1e-16);
            expect(Math.abs(h[k]! - 2 * curvature * v)).toBeLessThan(1e-12 + 60 * size);
          }
        }
      }
    },
  );

  it.each(["t * sin(t * q)", "atan2(t, q)^2", "t * atan2(t, q)"])(
    "has no curvature of a root that is no length, as its square has a slope: %s",
    (text) => {
      const { hvp } = compileText(`param a, q\nlet t = sqrt(a)\nloss = ${text}`);
      expect(hvp({ a: 0, q: 2 }, { a: 1, q: 0 }).a).toEqual(Float64Array.of(Number.NaN));
    },
  );

  it.each(["(t - q)^2", "t * q", "atan2(t, -q)^2", "t^3 * q", "atan2(t, q)"])(
    "stays as it is with a slope: %s",
    (text) => {
      const { hessian } = compileText(`param w: [2], q\nlet t = norm(w)\nloss = ${text}`);
      expect(hessian({ w: [0, 0], q: 2 }).w!.w).toEqual(new Float64Array(4));
    },
  );

  it.each(["max(x, -x)", "-min(x, -x)", "max(x, y) - min(x, y)", "max(x - y, y - x)", "relu(x) + relu(-x)"])(
    "has the curvature of a size that is written by extremes: (%s)^2",
    (size) => {
      const { hvp } = compileText(`param x, y\nloss = (${size})^2`);
      expect(hvp({ x: 0, y: 0 }, { x: 1, y: 0 }).x![0]).toBe(2);
    },
  );

  it.each([
    "sum(i in 0..n-1: F(r[i, i+1]))",
    "sum(i in 0..n, j in 0..i: F(r[i, j]))",
    "sum(k: F(r[a[k], b[k]]))",
    "sum(F(r[0]))",
    "sum(i in 0..n, j in 0..i: F(3 * r[i, j] / 2)) + sum(r)",
  ])("has them of lengths that are stored, and read in %s", (sums) => {
    const leaves = "param X: [n, 2]\ndata a: int[m] within 0..n, b: int[m] within 0..n";
    const stored = "let r = [i in 0..n, j in 0..n: norm(X[i] - X[j])]";
    const length = "norm(X[$1] - X[$2])";
    const written = sums.includes("r[0]")
      ? "sum(i in 0..n: F(norm(X[0] - X[i])))"
      : sums
          .replace(/r\[([^,]*), ([^)/]*)\]/, length)
          .replace("sum(r)", "sum(i in 0..n, j in 0..n: norm(X[i] - X[j]))");
    for (const text of ["cos(t)", "sin(t) / t", "sinc(t)", "(1 + t) * exp(-t)", "t^2"]) {
      const of = (lines: readonly string[], sum: string) =>
        compileText([leaves, `def F(t) = ${text}`, ...lines, `loss = ${sum}`].join("\n")).bind({
          a: [1, 0],
          b: [0, 2],
        });
      const [one, other] = [of([stored], sums), of([], written)];
      const v = {
        X: [
          [1, 0.5],
          [0.25, -1],
          [0, 2],
        ],
      };
      for (const X of [
        [
          [1, 2],
          [1, 2],
          [1, 2],
        ],
        [
          [1, 2],
          [1, 2],
          [3, 1],
        ],
        [
          [1, 2],
          [0.5, 2],
          [3, 1],
        ],
      ]) {
        const [h, wanted] = [one.hvp({ X }, v).X!, other.hvp({ X }, v).X!];
        expect(wanted.some((value) => value !== 0)).toBe(true);
        for (const [k, value] of wanted.entries()) expect(h[k]).toBeCloseTo(value, 12);
      }
    }
  });

  it("counts no slope where data are what is 0, and takes no series there", () => {
    const kernel = (r: string) => `param l: [2], s
data X: [n, 2]
loss = sum(i in 0..n, j in 0..n: { let r = ${r}; return s * (1 + r) * exp(-r) })`;
    for (const r of ["norm((X[i] - X[j]) / l)", "sqrt(sum(((X[i] - X[j]) * exp(-l))^2))", "norm(X[i] - X[j]) / l[0]"]) {
      const { loss } = loadModel({ name: "kernel.nabla", text: kernel(r) });
      expect(namesIn(loss!), r).not.toContain("flat function of a length");
    }
    const { loss } = loadModel({ name: "kernel.nabla", text: kernel("norm(X[i] * l)") });
    expect(namesIn(loss!)).toContain("flat function of a length");
  });

  it.each([
    "cos(sqrt(1 + x^2))",
    "cos(y * sqrt(1 + x^2))",
    "cosh(hypot(1, x) * sin(y) / 3)",
    "y * hypot(2, x) * sin(y * hypot(2, x))",
  ])("stays as it is where the length is never 0: %s", (text) => {
    const { loss } = loadModel({ name: "smooth.nabla", text: `param x, y\nloss = ${text}` });
    expect(namesIn(loss!)).not.toContain("series where a function cancels");
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

/** Functions of a = acos(x), with their derivatives in x at 1. */
const ofAngles: readonly (readonly [text: string, value: number, slope: number, curvature: number])[] = [
  ["a^2", 0, -2, 2 / 3],
  ["(2 * a)^2 / 4", 0, -2, 2 / 3],
  ["cos(a / 2)", 1, 1 / 4, -1 / 16],
  ["tan(a / 2)^2", 0, -1 / 2, 1 / 2],
  ["exp(-a^2)", 1, 2, 10 / 3],
  ["cos(2 * a)", 1, 4, 4],
  ["1 + cos(3 * a)", 2, 9, 24],
  ["cos(-8 * a)", 1, 64, 1344],
  ["a / sin(a)", 1, -1 / 3, 4 / 15],
  ["a / tan(a)", 1, 2 / 3, -2 / 5],
  ["a / sin(a / 2)", 2, -1 / 6, 3 / 40],
  ["sin(a / 4) / sin(a)", 1 / 4, -5 / 64, 63 / 1024],
  ["(a - sin(a)) / sin(a)^3", 1 / 6, -3 / 20, 29 / 140],
];
/** With what is of x beside the angle. */
const ofCosines: typeof ofAngles = [["a / sqrt(1 - x^2)", 1, -1 / 3, 4 / 15]];

describe("even function of an angle", () => {
  const angles = ["acos(x)", "acos(clamp(x, -1, 1))", "acos(1 - (1 - x))", "acos((4 * x + 1 - 1) / 4)"] as const;
  it.each([
    ...angles.flatMap((angle) => ofAngles.map((one) => [angle, ...one] as const)),
    ...ofCosines.map((one) => ["acos(x)", ...one] as const),
  ])("has derivatives where the angle is 0: %s, %s", (angle, text, value, slope, curvature) => {
    for (const [declared, total] of [
      ["param x", text],
      ["param x: [n]", `sum(${text})`],
    ] as const) {
      const { flat } = compileText(`${declared}\nlet a = ${angle}\nloss = ${total}`).bind();
      const [g, h] = [new Float64Array(1), new Float64Array(1)];
      for (const u of [0, 2 ** -40]) {
        const at = Float64Array.of(1 - u);
        expect(Math.abs(flat.lossAndGradient(at, g) - value + slope * u)).toBeLessThan(1e-13);
        flat.hvp(at, Float64Array.of(1), h);
        expect(Math.abs(g[0]! - slope)).toBeLessThan(1e-11 * Math.abs(curvature));
        expect(Math.abs(h[0]! - curvature)).toBeLessThan(1e-8 * Math.abs(curvature));
      }
    }
  });

  it.each(["cos(2 * acos(x))", "cos(3 * acos(x))"])("has derivatives where the angle is a half turn: %s", (text) => {
    const { hessian, gradient } = compileText(`param x\nloss = ${text}`);
    const [slope, curvature] = text.includes("2") ? [-4, 4] : [9, -24];
    expect(gradient({ x: -1 }).x).toEqual(Float64Array.of(slope));
    expect(hessian({ x: -1 }).x!.x).toEqual(Float64Array.of(curvature));
  });

  it.each(["acos(x)^2", "cos(2 * acos(x))", "cos(acos(x) / 2)"])("is NaN where there is no angle: %s", (text) => {
    const { gradient, loss } = compileText(`param x\nloss = ${text}`);
    for (const x of [1.5, -1.5, 1 + 2 ** -52]) {
      expect(loss({ x })).toBeNaN();
      expect(gradient({ x }).x).toEqual(Float64Array.of(Number.NaN));
    }
  });

  it("is that of a turn which is none", () => {
    const { flat } = compileText(`param R: [3, 3]
let a = acos((trace(R) - 1) / 2)
let w = a / (2 * sin(a)) * [R[2, 1] - R[1, 2], R[0, 2] - R[2, 0], R[1, 0] - R[0, 1]]
loss = sum(w * [1, 2, 3]) + dot(w, w)`).bind();
    const [g, h] = [new Float64Array(9), new Float64Array(9)];
    const none = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);
    expect(flat.lossAndGradient(none, g)).toBe(0);
    const slopes = [0, -1.5, 1, 1.5, 0, -0.5, -1, 0.5, 0];
    for (const [k, slope] of slopes.entries()) expect(g[k]).toBeCloseTo(slope, 14);
    // by R21 alone: w0 = a / (2 sin a) (1 + R21), where only the trace moves the factor
    flat.hvp(none, Float64Array.of(1, 0, 0, 0, 0, 0, 0, 1, 0), h);
    expect(h[0]).toBeCloseTo(-1 / 12, 14);
    expect(h[7]).toBeCloseTo(-1 / 12 + 1 / 2, 14);
  });

  it("leaves the angle itself and its odd powers the slopes that they have", () => {
    const { gradient } = compileText("param x, y\nloss = acos(x) + acos(y)^3");
    expect(gradient({ x: 1, y: 1 - 2 ** -40 }).x).toEqual(Float64Array.of(Number.NEGATIVE_INFINITY));
    const { y } = gradient({ x: 0, y: 1 - 2 ** -40 });
    expect(y![0]! / ((-6 * Math.sqrt(2 ** -39)) / 2)).toBeCloseTo(1, 10);
  });
});

/** A vector and numbers that its elements are multiplied and divided by, which are 1 where the vector is 0. */
const besideArrays = [
  "v * sin(t) / t",
  "sin(t) * v / t",
  "v / t * sin(t)",
  "3 * v * atan2(t, 3) / t",
  "2 * v * (1 - cos(t)) / t^2",
  "v * (exp(t) - 1) / t",
];

describe("a vector times a quotient that vanishes with its length", () => {
  it.each(besideArrays)("has the derivatives of its series: %s", (text) => {
    const { flat } = compileText(`param v: [3]\nlet t = norm(v)\nloss = sum(${text} * [1, 2, 3])`).bind();
    const g = new Float64Array(3);
    for (const size of [0, 1e-12]) {
      flat.lossAndGradient(Float64Array.of(size, 0, -size), g);
      for (const k of [0, 1, 2]) expect(Math.abs(g[k]! - (k + 1))).toBeLessThan(1e-11);
    }
  });

  it.each(["v * sin(t) / s", "v * t / norm(s * v)"])(
    "stays as it is where they are of different numbers: %s",
    (text) => {
      const { loss } = loadModel({
        name: "apart.nabla",
        text: `param v: [3], s\nlet t = norm(v)\nloss = sum(${text})`,
      });
      expect(namesIn(loss!)).not.toContain("quotient that is repeated in a product");
    },
  );
});
