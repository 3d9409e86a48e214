import { describe, expect, it } from "vitest";
import { closureEngine, javaScriptEngine } from "../../src/compile/functions.ts";
import { compileText } from "../../src/language/all.ts";
import { expectReference, type Reference } from "../rewrite/references.ts";

/** What overflows or vanishes in arrays on its way to a plain result. Values, gradients and products from mpmath at 400 digits. */
const references: readonly Reference[] = [
  {
    name: "log of a sum of squares",
    text: "param x: [n]\nloss = log(sum(x^2))",
    at: { x: [7e169, -3e169, 1.1000000000000001e170] },
    along: { x: [0.612, -0.072, -0.09] },
    loss: 783.4611472378282,
    gradient: { x: [7.821229050279329e-171, -3.3519553072625694e-171, 1.229050279329609e-170] },
    product: { x: [0.0, 0.0, -0.0] },
  },
  {
    name: "quotient of Rayleigh",
    text: "param v: [n]\ndata A: [n, n]\nloss = dot(v, A @ v) / dot(v, v)",
    at: {
      v: [7e159, -2.9999999999999998e159, 1.1000000000000001e160],
      A: [
        [1.0, 2.0, 0.0],
        [0.5, 1.0, 3.0],
        [2.0, 0.0, 1.0],
      ],
    },
    along: { v: [0.617, 0.301, 0.832] },
    loss: 1.0139664804469275,
    gradient: { v: [7.99132361661621e-161, 2.8259105521051152e-160, 2.6216410224399975e-161] },
    product: { v: [-1.0034e-320, -1.193e-320, -1.1067e-320] },
  },
  {
    name: "skewness",
    text: "param x: [n]\nlet a = x - mean(x)\nloss = mean(a^3) / mean(a^2)^1.5",
    at: { x: [6.999999999999999e119, -2.9999999999999997e119, 1.1e120] },
    along: { x: [-0.84, 0.107, -0.079] },
    loss: -0.4703304603369857,
    gradient: { x: [-1.2311000297282222e-120, 3.517428656366351e-121, 8.793571640915872e-121] },
    product: { x: [-2.630739006383412e-240, 1.4675620701321117e-240, 1.1631769362513e-240] },
  },
  {
    name: "logs of running products",
    text: "param x: [n]\nloss = sum(log(cumprod(x)))",
    at: { x: [1e200, 3e150, 2e100] },
    along: { x: [0.855, 0.202, 0.195] },
    loss: 2305.4754647519417,
    gradient: { x: [3e-200, 6.666666666666667e-151, 5e-101] },
    product: { x: [-0.0, -4.488888888888889e-302, -4.875e-202] },
  },
  {
    name: "logs of running sums",
    text: "param x: [n]\nloss = sum(log(cumsum(exp(x))))",
    at: { x: [900.0, -3.0, 905.0] },
    along: { x: [0.318, -0.056, -0.133] },
    loss: 2705.0067153484893,
    gradient: { x: [2.006692850924285, -0.0, 0.9933071490757152] },
    product: { x: [0.00299827355852636, 0.0, -0.00299827355852636] },
  },
  {
    name: "geometric mean",
    text: "param x: [n]\nloss = prod(x)^(1/n)",
    at: { x: [1e200, 3e200, 2e200] },
    along: { x: [-0.68, 0.172, 0.648] },
    loss: 1.8171205928321394e200,
    gradient: { x: [0.6057068642773799, 0.20190228809245997, 0.3028534321386899] },
    product: { x: [3.515791843316703e-201, -3.1676225642950386e-202, -1.2827525370140958e-201] },
  },
  {
    name: "root of a sum of squares that vanish",
    text: "param x: [n]\nloss = sqrt(sum(x^2))",
    at: { x: [7e-169, -3e-169] },
    along: { x: [1e-169, 2e-170] },
    loss: 7.615773105863909e-169,
    gradient: { x: [0.9191450300180579, -0.39391929857916763] },
    product: { x: [0.02988353299566099, 0.06972824365654232] },
  },
  {
    name: "log of a sum of fourth powers",
    text: "param x: [n]\nloss = log(sum(x^4))",
    at: { x: [7e89, -3e89] },
    along: { x: [1e89, 2e90] },
    loss: 827.5371130716449,
    gradient: { x: [5.527800161160355e-90, -4.351329572925061e-91] },
    product: { x: [4.1240558126488155e-90, 8.564510567950646e-90] },
  },
];

describe("a function of small arrays whose results are not finite, or have vanished", () => {
  it.each(references)("is computed by numbers of any size: $name", (reference) => {
    for (const engine of [javaScriptEngine, closureEngine]) expectReference(reference, engine);
  });

  it("reads the data behind sums that are prepared", () => {
    expectReference({
      name: "counts that are prepared, beside what cancels",
      text: "param a, h\ndata x: [n]\nlet p = (2 * sin(a) - sin(a + h) - sin(a - h)) / h^2\nloss = -sum(x * log(p) + (1 - x) * log(1 - p))",
      at: { a: 0.5, h: 2 ** -13, x: [1, 1, 0] },
      along: { a: 1, h: 0.5 },
      loss: 2.1231557178327103,
      gradient: { a: [-1.9751790302778147], h: [2.1953231249918572e-5] },
      product: { a: [10.622292425303186], h: [0.08985455144145739] },
    });
  });

  it("is so in every block of a Hessian, and in outputs", () => {
    const text = "param x: [n]\nloss = sqrt(sum(x^2))\noutput shares = x^2 / sum(x^2)";
    const { hessian, outputs } = compileText(text);
    const x = [3e-170, 4e-170];
    expect(Array.from(hessian({ x }).x!.x!).map((second) => second * 1.25e-168)).toEqual(
      [16, -12, -12, 9].map((second) => expect.closeTo(second, 12)),
    );
    expect(Array.from(outputs({ x }).shares as Float64Array)).toEqual([expect.closeTo(0.36), expect.closeTo(0.64)]);
  });

  it("stays infinite or NaN where it is, or where a number given is", () => {
    const { loss, gradient } = compileText("param x: [n]\nloss = sum(log(x^2))");
    expect(loss({ x: [0, 1] })).toBe(Number.NEGATIVE_INFINITY);
    expect(loss({ x: [Number.NaN, 1] })).toBeNaN();
    expect(Array.from(gradient({ x: [Number.POSITIVE_INFINITY, 1] }).x!)).toEqual([0, 2]);
    expect(compileText("param x: [n]\nloss = sum(log(x))").loss({ x: [-1, 1] })).toBeNaN();
  });

  it("stays as it is, at once, where results alone are tiny", () => {
    const { flat } = compileText("param x: [n], z\nloss = sum(exp(-x^2)) + 0 * z").bind({}, { n: 5 });
    const slopes = new Float64Array(6);
    const time = (x: number) => {
      const at = Float64Array.of(x, 15, 14, 17, 16, 0);
      const begin = performance.now();
      for (let call = 0; call < 100; call++) flat.lossAndGradient(at, slopes);
      return performance.now() - begin;
    };
    const least = (x: number) => Math.min(...Array.from({ length: 10 }, () => time(x)));
    // a point that is itself tiny is looked at again
    expect(least(16)).toBeLessThan(least(1e-200) / 3);
    expect([slopes[1], slopes[5]]).toEqual([-30 * Math.exp(-225), 0]);
  });

  it("stays as it is where that would take long", () => {
    const { loss } = compileText("param x: [n]\nloss = log(sum(x^2))");
    expect(loss({ x: new Float64Array(1e5).fill(1e160) })).toBe(Number.POSITIVE_INFINITY);
  });
});
