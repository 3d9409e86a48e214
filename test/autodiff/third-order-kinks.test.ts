import { describe, expect, it } from "vitest";
import { compileText } from "../../src/language/all.ts";

/** A function of x, a place where it has a kink or a tie, and its first three derivatives there by the conventions. */
const atKinks: readonly (readonly [string, number, number, number, number])[] = [
  ["x^2 * abs(x)", 0, 0, 0, 0],
  ["exp(abs(x))", 0, 0, 0, 0],
  ["relu(x)^3", 0, 0, 0, 0],
  ["leakyRelu(x, 0.1)^2", 0, 0, 0.02, 0],
  ["x * huber(x, 1)", 1, 1.5, 3, 3],
  ["clamp(x, 0, 1)^3", 1, 3, 6, 6],
  // ties share
  ["max(x, 0)^3", 0, 0, 0, 0.75],
  ["exp(max(x, 0))", 0, 0.5, 0.25, 0.125],
  ["max(exp(x), 1 + x)", 0, 1, 0.5, 0.5],
  ["max([x, x^2, x^3])", 1, 2, 8 / 3, 2],
  ["cummax([x, x^2])[1]", 1, 1.5, 1, 0],
  // the order that elements have
  ["sort([x, x^2, x^3])[1]", 1, 2, 2, 0],
  ["median([x, x^2])", 1, 1.5, 1, 0],
  ["if x > 0 then x^3 else x^2", 0, 0, 2, 0],
  // a length has slope 0 at the origin, and with it all further ones
  ["norm([x, x])", 0, 0, 0, 0],
  ["norm([x, x^2])", 0, 0, 0, 0],
  ["norm([x, 2 * x])^3", 0, 0, 0, 0],
  ["norm([x, 2 * x, x, x, x])^3", 0, 0, 0, 0],
  ["hypot(x, 2 * x) * x^2", 0, 0, 0, 0],
  ["x * norm([x, 2 * x])^2", 0, 0, 0, 30],
];

describe("at kinks and ties, derivatives to the third order", () => {
  for (const rewrites of ["all", "none"] as const)
    it.each(atKinks)(`follow the conventions: %s at %s, ${rewrites}`, (text, x, ...expected) => {
      const { outputs } = compileText(
        `param x\nlet f = ${text}\nloss = f\noutput a = grad(f, x), b = grad(a, x), c = grad(b, x)`,
        { rewrites },
      );
      const { a, b, c } = outputs({ x });
      for (const [k, derivative] of [a![0]!, b![0]!, c![0]!].entries())
        expect(derivative).toBeCloseTo(expected[k]!, 12);
    });
});

describe("a quotient of products over a sum of squares", () => {
  it.each(["x * y / (x^2 + y^2)", "x^2 / (x^2 + y^2)"])("has no value at the origin: %s", (text) => {
    const { loss, gradient } = compileText(`param x, y\nloss = ${text}`);
    expect(loss({ x: 0, y: 0 })).toBeNaN();
    expect(gradient({ x: 0, y: 0 }).x![0]).toBeNaN();
    expect(loss({ x: 3e-200, y: 3e-200 })).toBeCloseTo(0.5, 15);
  });
});
