import { describe, expect, it } from "vitest";
import { compileText } from "../../src/language/all.ts";

/** Differences that vanish at 0, as JavaScript has them: they lose fewer than five digits where |x| is at least 0.45. */
const differences: Record<string, (x: number) => number> = {
  "x^4 - atan(x^4)": (x) => x ** 4 - Math.atan(x ** 4),
  "x^4 - tanh(x^4)": (x) => x ** 4 - Math.tanh(x ** 4),
  "x^4 - asinh(x^4)": (x) => x ** 4 - Math.asinh(x ** 4),
  "(x*x)^2 - atan((x*x)^2)": (x) => x ** 4 - Math.atan(x ** 4),
  "x^3 - atan(x^3)": (x) => x ** 3 - Math.atan(x ** 3),
  "x^5 - log1p(x^5)": (x) => x ** 5 - Math.log1p(x ** 5),
};

/** And where they are t - f(t) = a t^k (1 + b t^l ...), t = x^n. */
const leading: Record<string, (x: number) => number> = {
  "x^4 - atan(x^4)": (x) => (x ** 12 / 3) * (1 - 0.6 * x ** 8),
  "x^4 - asinh(x^4)": (x) => (x ** 12 / 6) * (1 - 0.45 * x ** 8),
  "x^6 - sin(x^6)": (x) => (x ** 18 / 6) * (1 - x ** 12 / 20),
};

const of = (text: string) => {
  const { loss } = compileText(`param x\nloss = ${text}`);
  return (x: number) => loss({ x });
};

describe("a series of which most coefficients are 0", () => {
  for (const [text, exact] of Object.entries(differences)) {
    it(`reaches no further than what follows is negligible: ${text}`, () => {
      const value = of(text);
      for (const x of [0.45, 0.49, 0.51, 0.6, 0.7, 0.8, 0.99, 1.01, -0.7])
        expect(Math.abs(value(x) / exact(x) - 1), `${x}`).toBeLessThan(1e-10);
    });
  }

  for (const [text, near] of Object.entries(leading)) {
    it(`has the digits that the difference loses: ${text}`, () => {
      const value = of(text);
      for (const x of [1e-3, 0.01, 0.05, 0.1]) expect(Math.abs(value(x) / near(x) - 1), `${x}`).toBeLessThan(1e-14);
    });
  }
});
