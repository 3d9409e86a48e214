import { describe, expect, it } from "vitest";
import { compileText as compileWhole } from "../../src/language/all.ts";
import {
  arrays,
  habits,
  linearAlgebra,
  loops,
  otherNames,
  random,
  special,
  units,
  windows,
} from "../../src/language/features.ts";
import { language } from "../../src/language.ts";

/** Texts that need one feature and no other. */
const needs = {
  arrays: { feature: arrays, text: "param x: [3]\nloss = sum(roll(x, 1) * x)" },
  linearAlgebra: {
    feature: linearAlgebra,
    text: "param x: [3]\nloss = logdet([i in 0..3, j in 0..3: if i == j then 4 + x[i] else x[i] * x[j]])",
  },
  loops: { feature: loops, text: "param x: [3]\nloss = scan(each in x, y = 1: sin(y + each))" },
  otherNames: { feature: otherNames, text: "param x: [3]\nloss = sum(logistic(x), 0)" },
  random: { feature: random, text: "param x: [3]\nloss = dot(x, normal(7, [3]))" },
  special: { feature: special, text: "param x: [3]\nloss = sum(erf(x) + lgamma(x + 2))" },
  units: { feature: units, text: "param x: [3] in m\nloss = sum(x^2)" },
  "slices whose ends vary": { feature: arrays, text: "param x: [3]\nloss = sum([i in 0..3: max(sin(x[0..i+1]))])" },
  windows: {
    feature: windows,
    text: "param x: [3]\nloss = sum(avgPool1d([i in 0..3, c in 0..1: x[i]], window = 2)^2)",
  },
};
const wrong = "param x: [3]\nloss = sum(x ** 2)";

const point = { x: [0.3, -0.2, 0.5] };
const plain = language();

describe("a language with a feature", () => {
  for (const [name, { feature, text }] of Object.entries(needs)) {
    it(`computes what the whole language computes: ${name}`, () => {
      const { compileText } = language(feature);
      const [own, whole] = [compileText(text), compileWhole(text)].map((model) => model.lossAndGradient(point));
      expect(own).toEqual(whole);
    });

    it(`says where it comes from, to a text that needs it: ${name}`, () => {
      expect(() => plain.compileText(text)).toThrow(/nabla\/language\/features.*nabla\/language\/all/);
    });
  }

  it("explains errors of syntax with the feature for them, and says what was expected without it", () => {
    expect(() => language(habits).compileText(wrong)).toThrow('a power is written with "^"');
    expect(() => plain.compileText(wrong)).toThrow('expected a value, got "*"');
    expect(() => plain.compileText("param x\nloss = x × x")).toThrow('"×" (U+00D7) has no meaning here.');
  });

  it("knows nothing of another language's features", () => {
    language(special);
    expect(() => plain.compileText(needs.special.text)).toThrow('unknown function "erf"');
  });
});

describe("the core of the language", () => {
  it("computes what the whole language computes, with definitions and choices", () => {
    const text = [
      "param x: [3]",
      "def f(u) = { let s = sum(u^2); return if s > 0 then sqrt(s) + log(1 + s) else 0 }",
      "loss = f(x) * f(2 * x) + sum(i: if i > 0 then x[i] * x[i - 1] else 0)",
      "output g = grad(loss, x)",
    ].join("\n");
    const [own, whole] = [plain.compileText(text), compileWhole(text)].map((model) => ({
      ...model.lossAndGradient(point),
      hvp: model.hvp(point, point),
      outputs: model.outputs(point),
    }));
    expect(own!.loss).toBeCloseTo(whole!.loss, 14);
    for (const [one, other] of [
      [own!.gradient, whole!.gradient],
      [own!.hvp, whole!.hvp],
      [own!.outputs, whole!.outputs],
    ] as const) {
      for (const [key, values] of Object.entries(one)) {
        for (const [k, value] of values!.entries()) expect(value).toBeCloseTo(other[key]![k]!, 13);
      }
    }
  });
});
