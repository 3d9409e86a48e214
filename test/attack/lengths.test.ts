import { describe, expect, it } from "vitest";
import { compileText, compileText as everything } from "../../src/language/all.ts";

/** What is written with lengths, the same with sums of squares, and where: values, slopes and curvature agree. */
const pairs: readonly (readonly [string, string, readonly number[]])[] = [
  ["norm(x)^2", "sum(x^2)", [0, 0, 0]],
  ["norm(x) * norm(x)", "sum(x^2)", [0, 0, 0]],
  ["norm(x)^2", "sum(x^2)", [1, -2, 3]],
  ["norm(x)^2", "sum(x^2)", [1e200, 1, 0]],
  ["(norm(x - 1) / 7)^2", "sum((x - 1)^2) / 49", [1, 1, 1]],
  ["sum(norm([i, j: x[i] * x[j] + 2 * x[i]], axis = 1)^2)", "sum(i, j: (x[i] * x[j] + 2 * x[i])^2)", [0, 0, 0]],
  ["standardDeviation(x)^2", "variance(x)", [2, 2, 2]],
  ["hypot(x[0], x[1])^2", "x[0]^2 + x[1]^2", [0, 0, 0]],
  ["hypot(x[0], x[1], x[2])^2", "sum(x^2)", [0, 0, 0]],
  ["sqrt(x[0]^2 + x[1]^2)^2", "x[0]^2 + x[1]^2", [0, 0, 0]],
  ["exp(-norm(x)^2)", "exp(-sum(x^2))", [0, 0, 0]],
  ["sqrt(1 + norm(x)^2)", "sqrt(1 + sum(x^2))", [0, 0, 0]],
  ["huber(2 * norm(x), 3)", "2 * sum(x^2)", [0, 0, 0]],
  ["huber(hypot(x[0], x[1]), 1)", "(x[0]^2 + x[1]^2) / 2", [0, 0, 0]],
];

describe("the square of a length", () => {
  it.each(pairs)("%s is %s at the origin too, with its curvature", (written, meant, x) => {
    const [got, expected] = [written, meant].map((text) => {
      const { loss, gradient, hvp } = compileText(`param x: [n]\nloss = ${text}`);
      return [[loss({ x })], [...gradient({ x }).x!], [...hvp({ x }, { x: [1, -2, 0.5] }).x!]];
    }) as [number[][], number[][]];
    for (const [k, list] of got.entries())
      for (const [i, value] of list.entries()) {
        const wanted = expected[k]![i]!;
        if (Number.isFinite(wanted)) expect(value).toBeCloseTo(wanted, 12);
        else expect(value).toBe(wanted);
      }
  });
});

describe("a norm", () => {
  for (const rewrites of ["all", "none"] as const)
    it.each([1e-320, 1e-311, 1e-292, 1e-200, 1e200])(`has its slopes at any scale: %s, ${rewrites}`, (scale) => {
      const { loss, gradient, hvp } = compileText("param x: [n]\nloss = norm(x)", { rewrites });
      const x = [3, -4, 12, 0].map((k) => k * scale);
      // what the numbers are: near the smallest, multiples of that
      const [a, b, c] = x.map((each) => each / x[2]!) as [number, number, number];
      const length = Math.hypot(a, b, c);
      const relative = (got: number, expected: number) => expect(Math.abs(got - expected)).toBeLessThan(1e-12);
      // to the nearest multiple of the smallest number
      expect(Math.abs(loss({ x }) / x[2]! - length)).toBeLessThan(1e-12 + Number.MIN_VALUE / x[2]!);
      for (const [k, slope] of gradient({ x }).x!.entries()) relative(slope, [a, b, c, 0][k]! / length);
      // along x itself a length is linear; of the smallest numbers products vanish
      if (scale > 1e-300) for (const curvature of hvp({ x }, { x }).x!) relative(curvature, 0);
    });
});

/** Lengths of the rows of X as a vector, and what its norm is at X = [[3, 4], [0, 12]] times a scale, to that power. */
const ofLengths: readonly (readonly [string, number, number])[] = [
  ["[i: norm(X[i])]", 13, 1],
  ["norm(X, axis = 1)", 13, 1],
  ["[i: 2 * norm(X[i]) / c]", 26 / 3, 1],
  ["[i: hypot(X[i, 0], X[i, 1])]", 13, 1],
  ["[i: X[i, 1] * hypot(X[i, 0], X[i, 1])]", Math.hypot(20, 144), 2],
  ["[i: X[i, 1] * norm(X[i])]", Math.hypot(20, 144), 2],
];

describe("a norm of lengths", () => {
  for (const rewrites of ["all", "none"] as const)
    it.each(ofLengths)(`has its value and slopes at any scale, 0 too: %s, ${rewrites}`, (lengths, value, degree) => {
      const { loss, gradient } = compileText(`param X: [n, k]\ndata c = 3\nloss = norm(${lengths})`, { rewrites });
      // simplified, squares of lengths stand in quotients: they may neither vanish nor overflow
      for (const scale of rewrites === "all" ? [1e-60, 1, 1e60] : [0, 1e-120, 1, 1e120]) {
        const X = [[3 * scale, 4 * scale], [0, 12 * scale]]; // biome-ignore format: rows side by side
        expect(loss({ X }) / (scale ** degree || 1)).toBeCloseTo(scale === 0 ? 0 : value, 10);
        // homogeneous of that degree
        const along = gradient({ X }).X!.reduce((sum, slope, k) => sum + slope * X.flat()[k]!, 0);
        expect(along / (scale ** degree || 1)).toBeCloseTo(scale === 0 ? 0 : degree * value, 10);
      }
    });
});

describe("a norm of an order", () => {
  const text = "param A: [n, m]\nloss = sum(norm(A, ord = 3, axis = 1))";
  for (const rewrites of ["all", "none"] as const)
    it.each([1, 1e-311, 1e-292, 1e-200, 1e200])(
      `has its slopes at any scale, and none at 0: %s, ${rewrites}`,
      (scale) => {
        const { loss, gradient, hvp } = everything(text, { rewrites });
        const A = [[3, -4, 5, 0].map((k) => k * scale), [0, 0, 0, 0]];
        expect(loss({ A }) / scale).toBeCloseTo(6, 10);
        const slopes = [9, -16, 25, 0, 0, 0, 0, 0].map((each) => each / 36);
        for (const [k, slope] of gradient({ A }).A!.entries()) expect(slope).toBeCloseTo(slopes[k]!, 10);
        if (scale > 1e-300) for (const curvature of hvp({ A }, { A }).A!) expect(curvature).toBeCloseTo(0, 12);
      },
    );
});

describe("a direction", () => {
  it.each([1e-300, 1e-200, 1, 1e200])("has its second derivatives at any scale: %s", (scale) => {
    const { hvp } = compileText("param x: [n]\ndata r: [n]\nloss = dot(x/norm(x), r)");
    // at (3, 4, 0) and along (1, 0, 0), times the scale
    const product = hvp({ x: [3, 4, 0].map((k) => k * scale), r: [1, 0, 2] }, { x: [scale, 0, 0] }).x!;
    for (const [k, expected] of [-144 / 3125, 8 / 3125, -6 / 125].entries())
      expect(product[k]! * scale).toBeCloseTo(expected, 12);
  });
});

/** Powers of sums of squares, and what they are along x = t v. */
const powers: readonly (readonly [string, number])[] = [
  ["dot(x, x)^1.5", 3],
  ["(x[0]^2 + 2 * x[1]^2 + x[2]^2)^1.25", 2.5],
  ["mean(x^2)^1.5", 3],
  ["sum((x^2)^2)^1.5", 6],
  ["sqrt(sum(x^2))^3", 3],
  ["sqrt(sum(x^2)^3)", 3],
];

describe("a power of a sum of squares", () => {
  it.each(powers)("%s is flat at the origin, to second order", (text, degree) => {
    const { loss, gradient, hvp } = compileText(`param x: [n]\nloss = ${text}`);
    const v = [1, -2, 0.5];
    expect([...gradient({ x: [0, 0, 0] }).x!, ...hvp({ x: [0, 0, 0] }, { x: v }).x!]).toEqual(new Array(6).fill(0));
    // homogeneous functions: <x, f'> = d f and <x, f'' x> = d (d - 1) f
    const f = loss({ x: v });
    const along = (slopes: Float64Array) => slopes.reduce((sum, slope, i) => sum + slope * v[i]!, 0);
    expect(along(gradient({ x: v }).x!) / f).toBeCloseTo(degree, 12);
    expect(along(hvp({ x: v }, { x: v }).x!) / f).toBeCloseTo(degree * (degree - 1), 11);
  });
});
