import { describe, expect, it } from "vitest";
import { compileText } from "../../src/language/all.ts";

const functions = ["log", "exp", "expm1", "sqrt", "cbrt", "sin", "cos", "tan", "sinh", "cosh", "tanh", "sigmoid"];
const quotients = [...functions.map((f) => `(${f}(c + k*x) - ${f}(c))/k`), "log((c + k*x)/c)/k"];

describe("a difference of a function at two points over what they differ by", () => {
  it.each(quotients)("has digits where that is small, and a value where it is 0: %s", (text) => {
    const inArrays = compileText(`param c, k\ndata x: [n]\nloss = sum(${text})`);
    // functions of numbers are computed a second time where digits are lost
    const ofNumbers = compileText(`param c, k\ndata x: []\nloss = ${text}`);
    const along = { c: 1, k: 0.4 };
    for (const k of [0, 1e-12, -1e-7, 1e-3, 0.3]) {
      for (const x of [1.25, -0.75, 0]) {
        const [mine, right] = [
          [inArrays.lossAndGradient({ c: 2, k, x: [x] }), inArrays.hvp({ c: 2, k, x: [x] }, along)] as const,
          [ofNumbers.lossAndGradient({ c: 2, k, x }), ofNumbers.hvp({ c: 2, k, x }, along)] as const,
        ].map(([{ loss, gradient }, hvp]) => [loss, gradient.c![0]!, gradient.k![0]!, hvp.c![0]!, hvp.k![0]!]);
        for (const [i, value] of mine!.entries()) {
          const size = Math.max(1e-3, Math.abs(right![i]!));
          expect(Math.abs(value - right![i]!), `number ${i} at ${k}, ${x}`).toBeLessThanOrEqual(1e-10 * size);
        }
      }
    }
  });

  it("is divided by what it does not have as a factor as it is", () => {
    const { loss, gradient } = compileText("param c, k, m\ndata x: [n]\nloss = sum((exp(c + k*x) - exp(c))/m)");
    expect(loss({ c: 1, k: 0.25, m: 3, x: [2] })).toBeCloseTo((Math.exp(1.5) - Math.E) / 3, 14);
    expect(gradient({ c: 1, k: 0.25, m: 3, x: [2] }).m![0]).toBeCloseTo((Math.E - Math.exp(1.5)) / 9, 14);
  });
});
