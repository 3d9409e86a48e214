import { describe, expect, it } from "vitest";
import type { Primitive } from "../../src/ir/primitive.ts";
import { compileText, loadModel } from "../../src/language/all.ts";
import { language } from "../../src/language.ts";
import { mul } from "../../src/ops/elementary/algebra.ts";

const cube: Primitive = {
  name: "cube",
  arity: 1,
  real: (x) => x * x * x,
  complex: ({ re, im }) => ({ re: re * re * re - 3 * re * im * im, im: 3 * re * re * im - im * im * im }),
  partials: [([x]) => mul(3, mul(x!, x!))],
  print: (x) => `(${x} * ${x} * ${x})`,
  cost: 2,
  documentation: { summary: "x^3" },
};

describe("a primitive of the user's own", () => {
  const text = "param x: [n]\nloss = sum(cube(x) / 6) + x.cube()[0]";

  it("is called from texts by its name, element by element, with its derivatives", () => {
    const { lossAndGradient } = compileText(text, { primitives: [cube] });
    const { loss, gradient } = lossAndGradient({ x: [2, 3] });
    expect(loss).toBeCloseTo(8 / 6 + 27 / 6 + 8, 14);
    expect(Array.from(gradient.x!)).toEqual([2 + 12, 4.5]);
    const core = language().compileText(text, { primitives: [cube] });
    expect(core.loss({ x: [2, 3] })).toBe(loss);
  });

  it("is known where it is given, and nowhere else", () => {
    const source = { name: "own.nabla", text };
    expect(loadModel(source, { primitives: [cube] }).loss).toBeDefined();
    expect(() => loadModel(source)).toThrow('unknown function "cube"');
  });

  it("is no text that runs, and no word of the language", () => {
    for (const name of ["x) + (y", "*/ process.exit() /*", "let", ""]) {
      expect(() => compileText(text, { primitives: [{ ...cube, name }] })).toThrow("has a name for its name");
    }
  });

  // sum is a function, argmin a function and a binder, scan a binder alone, pi a number
  it("has no name that means something in the language already", () => {
    for (const name of ["sin", "sum", "max", "argmin", "scan", "grad", "pi"]) {
      const named = () => compileText("param x\nloss = x^2", { primitives: [{ ...cube, name }] });
      expect(named).toThrow(`"${name}" is in the language: a primitive that texts call needs another name.`);
    }
  });

  it("states units of operands and result, or none", () => {
    const measured = (units: string) => () =>
      compileText("param x in m\nloss = (cube(x) / cube(x))^2", { primitives: [{ ...cube, units }] });
    expect(measured("a")).toThrow('the units of a function needs a text such as "a, a -> a"');
  });

  it("may have the name of what every object has", () => {
    for (const name of ["constructor", "toString", "valueOf"]) {
      const { loss } = compileText(`param x\nloss = ${name}(x)`, { primitives: [{ ...cube, name }] });
      expect(loss({ x: 2 })).toBe(8);
    }
  });
});
