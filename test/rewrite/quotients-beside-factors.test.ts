import { describe, expect, it } from "vitest";
import { closureEngine, javaScriptEngine } from "../../src/compile/functions.ts";
import { logExpm1RatioDerivative } from "../../src/ops/ratios/log-ratios.ts";
import { webAssembly } from "../../src/wasm.ts";
import { expectReference, type Reference } from "./references.ts";

// Quotients in arrays of functions that vanish together, beside other factors. Of mpmath, 120 digits.

const references: readonly Reference[] = [
  {
    name: "an exponential over a tangent and a factor of its operand",
    text: "param x: [n], y: [n]\nloss = sum(i: (1 - exp(-x[i]*y[i]))/(tanh(x[i]*y[i])*y[i]))",
    at: { x: [1e-9], y: [2] },
    along: { x: [1], y: [0.5] },
    loss: 0.4999999995,
    gradient: { x: [-0.499999998], y: [-0.25] },
    product: { x: [1.9999999955], y: [0.125000001] },
  },
  {
    name: "an exponential over a root and a factor of its operand",
    text: "param x: [n], y: [n]\nloss = sum(i: expm1(x[i]*y[i])/(1 - sqrt(1 - x[i]*y[i]))/y[i])",
    at: { x: [1e-9], y: [2] },
    along: { x: [1], y: [0.5] },
    loss: 1.0000000005,
    gradient: { x: [0.4999999998333333], y: [-0.5] },
    product: { x: [-0.16666666970833335], y: [0.24999999991666666] },
  },
  {
    name: "an inverse function over an exponential and a factor of its operand",
    text: "param x: [n], y: [n]\nloss = sum(i: asinh(x[i]*y[i])/((exp(x[i]*y[i]) - 1)*y[i]))",
    at: { x: [1e-9], y: [2] },
    along: { x: [1], y: [0.5] },
    loss: 0.4999999995,
    gradient: { x: [-0.5000000003333334], y: [-0.25] },
    product: { x: [-0.33333333141666666], y: [0.12499999983333333] },
  },
  {
    name: "functions of a square",
    text: "param x: [n], y: [n]\nloss = sum(i: sinh(x[i]^2)/(exp(x[i]^2) - 1) + y[i])",
    at: { x: [1e-9], y: [2] },
    along: { x: [1], y: [0.5] },
    loss: 3.0,
    gradient: { x: [-1e-9], y: [1.0] },
    product: { x: [-1.0], y: [0.0] },
  },
  {
    name: "the logarithm of a quotient",
    text: "param x: [n], y: [n]\nloss = sum(i: (exp(x[i]) - 1)/log((exp(x[i]) - 1)/x[i])*y[i])",
    at: { x: [1e-9], y: [2] },
    along: { x: [1], y: [0.5] },
    loss: 4.000000001666667,
    gradient: { x: [1.6666666677222222], y: [2.0000000008333334] },
    product: { x: [1.4722222232388888], y: [0.8333333338611111] },
  },
];

describe("a quotient of functions that vanish together", () => {
  it.each(references)("keeps its digits in arrays: $name", (reference) => {
    for (const engine of [javaScriptEngine, closureEngine, webAssembly({ use: "always" })])
      expectReference(reference, engine);
  });
});

describe("the derivatives of log((e^x - 1)/x)", () => {
  it("are those of each other, to the 12th", () => {
    const h = 1e-5;
    for (let n = 1; n <= 12; n++) {
      const [f, slope] = [n, n + 1].map((order) => logExpm1RatioDerivative(order).primitive.real) as [Real, Real];
      for (const x of [0.1, 1, 3, 4.4, 6, -2.5]) {
        const size = Math.max(Math.abs(slope(x)), Math.abs(f(x)));
        expect(Math.abs((f(x + h) - f(x - h)) / (2 * h) - slope(x)) / size, `${n} at ${x}`).toBeLessThan(1e-5);
      }
    }
  });
});

type Real = (x: number) => number;
