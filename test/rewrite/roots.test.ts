import { describe, expect, it } from "vitest";
import { closureEngine, javaScriptEngine } from "../../src/compile/functions.ts";
import { webAssembly } from "../../src/compile/web-assembly.ts";
import { compileText } from "../../src/language/all.ts";
import { expectReference, type Reference } from "./references.ts";

/** Solutions of quadratic equations in arrays, of which the difference would leave no digit. From mpmath. */
const references: readonly Reference[] = [
  {
    name: "bound ligand",
    text: "param K, v\ndata e: [n], s: [n]\nlet b = e + s + K\nloss = sum((v * (b - sqrt(b^2 - 4 * e * s)) / 2 - 0.1)^2)",
    at: { K: 1000000000.0, v: 1000000000.0, e: [0.1, 1.0, 0.01], s: [1.0, 3.0, 0.5] },
    along: { K: 1.0, v: -0.7 },
    loss: 8.419024930400486,
    gradient: { K: [-1.7399049788778946e-8], v: [1.739904985837846e-8] },
    product: { K: [7.761151885116977e-17], v: [-4.803313447188203e-17] },
  },
  {
    name: "bound ligand, one by one",
    text: "param K, v\ndata e: [n], s: [n]\nloss = mean(i: log(e[i] + s[i] + K - sqrt((e[i] + s[i] + K)^2 - 4 * e[i] * s[i])) * v)",
    at: { K: 1000000.0, v: 1.5, e: [0.1, 1.0, 0.01], s: [1.0, 3.0, 0.5] },
    along: { K: 1.0, v: -0.7 },
    loss: -22.93469295653756,
    gradient: { K: [-1.49999719501184e-6], v: [-15.289795304358373] },
    product: { K: [7.000001909999153e-7], v: [-9.999981300078932e-7] },
  },
  {
    name: "the smaller root",
    text: "param b: [n], c\nloss = sum(log(sqrt(b^2 + c) - b))",
    at: { b: [3.0, 10000.0, 100000000.0, -2.0], c: 0.3 },
    along: { b: [1.0, -0.7, 0.4, 1.3], c: 0.01 },
    loss: -33.02468645067274,
    gradient: { b: [-0.32791291789197646, -9.999999985e-5, -1e-8, -0.4822428221704121], c: [10.03208851305851] },
    product: {
      b: [0.10595465787799885, -6.9999949685000225e-9, 4.0000000005e-17, -0.29102793570516733],
      c: [-0.2428883810703319],
    },
  },
  {
    name: "energy of a heavy particle",
    text: "param p: [n], m: [n]\nloss = sum(sqrt(p^2 + m^2) - m)",
    at: { p: [1.0, -0.5, 0.3], m: [1000000.0, 3000000.0, 10000000.0] },
    along: { p: [1.0, -0.7, 0.4], m: [0.3, 1.1, -2.0] },
    loss: 5.461666666665414e-7,
    gradient: {
      p: [9.999999999995e-7, -1.6666666666666435e-7, 2.9999999999999984e-8],
      m: [-4.99999999999625e-13, -1.38888888888886e-14, -4.499999999999996e-16],
    },
    product: {
      p: [9.999996999985e-7, -2.3333327222221247e-7, 4.000000599999995e-8],
      m: [-9.999996999985e-13, -3.888887870370208e-14, -1.2000001799999984e-15],
    },
  },
  {
    name: "a length and one of its sides",
    text: "param x: [n], y: [n]\nloss = sum(i: log(y[i] + sqrt(x[i]^2 + y[i]^2)))",
    at: { x: [1.0, -0.5, 0.3], y: [-1000000.0, -3000000.0, -10000000.0] },
    along: { x: [1.0, -0.7, 0.4], y: [0.3, 1.1, -2.0] },
    loss: -50.721410567006835,
    gradient: {
      x: [1.9999999999995, -3.999999999999972, 6.666666666666665],
      y: [9.999999999995e-7, 3.333333333333287e-7, 9.999999999999996e-8],
    },
    product: {
      x: [-2.0000000000005, 5.600000000000039, -8.888888888888893],
      y: [2.9999899999954997e-13, 1.2222220925925418e-13, -2.000000011999997e-14],
    },
  },
];

describe("roots of sums less the root of one term", () => {
  it.each(references)("keep their digits in arrays: $name", (reference) => {
    for (const engine of [javaScriptEngine, closureEngine, webAssembly({ use: "always" })])
      expectReference(reference, engine);
  });

  it("have the slopes of a length where all of its sides are 0", () => {
    const { gradient } = compileText("param p: [n], m: [n]\nloss = sum(sqrt(p^2 + m^2) - m)");
    expect(gradient({ p: [0, 3], m: [0, 4] })).toEqual({ p: Float64Array.of(0, 0.6), m: Float64Array.of(-1, -0.2) });
  });
});

describe("a root of a product of two variables", () => {
  // of the series: 1/y - x/(6 y^2) + x^2/(120 y^3)
  const expected = {
    gradient: { x: [-2 / 75], y: [-0.16] },
    product: { x: [2 / 1875 + 4 / 375], y: [8 / 375 + 0.064] },
  };
  const quotient = "sin(sqrt(x/y))/sqrt(x*y)";
  const texts = {
    alone: `param x: [], y: []\nloss = ${quotient}`,
    "in the steps of a loop": `param x: [], y: []\nloss = scan(i in 0..8, s = 0.0: s + ${quotient}/8)`,
  };

  for (const [where, text] of Object.entries(texts))
    it.each([0, 1e-12])(`meets that of their quotient, ${where}, at %s`, (x) => {
      const [at, along] = [
        { x, y: 2.5 },
        { x: 1, y: 0.5 },
      ];
      expectReference({ name: where, text, at, along, loss: 0.4, ...expected });
    });
});
