import { describe, expect, it } from "vitest";
import { compileText } from "../../src/language/all.ts";

/** Sums that are finite where a rate is 0, though their terms are not; the declared numbers and where. */
const sums = [
  ["(v + g/k)*(1 - exp(-k*t))/k - g*t/k", { k: 0.02, v: 3, g: 9.8 }],
  ["(v + g*T)*T*(1 - exp(-t/T)) - g*T*t", { T: 50, v: 3, g: 9.8 }],
  ["(b - s^2/(2*a^2))*((1 - exp(-a*t))/a - t) - s^2*((1 - exp(-a*t))/a)^2/(4*a)", { a: 0.02, b: 0.05, s: 0.3 }],
  ["sin(w*t)/w^2 - t/w", { w: 0.02 }],
  ["log(1 + a*t)/a^2 - t/a", { a: 0.02 }],
  ["2*k/g*(t - m/g*(1 - exp(-g*t/m)))", { g: 0.02, k: 3, m: 0.5 }],
  ["t - log(1 + a*t)/a", { a: 0.02 }],
  ["P/k^3*(sinh(k*t) - k*t)", { k: 0.02, P: 5 }],
] as const;

const weak = (name: string, size: number) => (name === "T" ? 1 / size : size);

describe("terms over a rate that cancel where it is 0", () => {
  it.each(sums)("are a function of its product with a time: %s", (text, numbers) => {
    const [rate] = Object.keys(numbers) as [string];
    const names = Object.keys(numbers).join(", ");
    const inArrays = compileText(`param ${names}\ndata t: [n]\nloss = sum(${text})`);
    // functions of numbers are computed a second time where digits are lost
    const ofNumbers = compileText(`param ${names}\ndata t: []\nloss = ${text}`);
    for (const size of [1e-9, 1e-5, 1e-2, 1]) {
      for (const t of [0, 0.1, 10]) {
        const at = { ...numbers, [rate]: weak(rate, size) };
        const [mine, right] = [inArrays.lossAndGradient({ ...at, t: [t] }), ofNumbers.lossAndGradient({ ...at, t })];
        expect(Math.abs(mine.loss - right.loss), `at ${size}, ${t}`).toBeLessThanOrEqual(1e-13 * Math.abs(right.loss));
        for (const name of Object.keys(numbers)) {
          const [found, truth] = [mine.gradient[name]![0]!, right.gradient[name]![0]!];
          expect(Math.abs(found - truth), `${name} at ${size}, ${t}`).toBeLessThanOrEqual(1e-9 * Math.abs(truth));
        }
      }
    }
  });

  it("have values where the rate is 0", () => {
    const [text] = sums[2];
    const { loss, gradient } = compileText(`param a, b, s\ndata t: [n]\nloss = sum(${text})`).lossAndGradient({
      a: 0,
      b: 0.05,
      s: 0.3,
      t: [2],
    });
    expect(loss).toBeCloseTo((0.09 * 8) / 6, 14);
    expect(gradient.s![0]).toBeCloseTo((0.3 * 8) / 3, 14);
  });

  it.each([
    "exp(-k*t)*a/k + exp(-m*t)*b/k - c/k",
    "a*exp(-k*t)/k - b/k + c*t",
    "exp(-k*t)*a/k^2 - b*cos(k)/k^2 + t*c/k",
    "exp(-k*t)/k - exp(-k*t*t)/k",
  ])("stay what they are where they do not: %s", (text) => {
    const at = { k: 0.7, m: 1.3, a: 1, b: 2, c: 3, t: [0.5, 1, 4] };
    const values = (["all", "none"] as const).map((rewrites) => {
      const model = compileText(`param k, m, a, b, c\ndata t: [n]\nloss = sum(${text})`, { rewrites });
      return [model.loss(at), ...Object.values(model.gradient(at)).map((part) => part[0]!)];
    });
    for (const [i, value] of values[0]!.entries()) expect(value).toBeCloseTo(values[1]![i]!, 11);
  });
});
