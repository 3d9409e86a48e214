import { describe, expect, it } from "vitest";
import { closureEngine, javaScriptEngine } from "../../src/compile/functions.ts";
import { webAssembly } from "../../src/compile/web-assembly.ts";
import { compileText } from "../../src/language/all.ts";

const engines = [javaScriptEngine, closureEngine, webAssembly({ use: "always" })] as const;

const close = (got: readonly number[], expected: readonly number[]) => {
  for (const [k, each] of expected.entries()) expect(got[k]).toBeCloseTo(each, 12);
};

describe("results that are not finite", () => {
  // cosh(2 x)/cosh(x)^2 = 2 - 1/cosh(x)^2, of which all parts overflow
  const text = "param x, y\ndata a\nloss = a * cosh(2*x)/cosh(x)^2 + y\noutput half = cosh(2*x)/cosh(x)^2/2";

  it.each(engines)("are computed again by $name", (engine) => {
    const compiled = compileText(text, { engine });
    const bound = compiled.bind({ a: 3 });
    const at = Float64Array.of(-800, 7);
    const g = Float64Array.of(5, 5);
    const h = Float64Array.of(5, 5);
    const v = Float64Array.of(1, 2);
    for (let call = 0; call < 2; call++) {
      expect(bound.flat.loss(at)).toBeCloseTo(13, 12);
      expect(bound.flat.lossAndGradient(at, g)).toBeCloseTo(13, 12);
      close([...g], [0, 1]);
      expect(bound.flat.lossGradientHvp(at, v, g, h)).toBeCloseTo(13, 12);
      close([...g, ...h], [0, 1, 0, 0]);
      const { x, y } = bound.hessian({ x: -800, y: 7 });
      close([x!.x![0]!, x!.y![0]!, y!.x![0]!, y!.y![0]!], [0, 0, 0, 0]);
      expect(bound.outputs({ x: -800 }).half![0]).toBeCloseTo(1, 12);
      // other functions and points are as they are
      expect(bound.flat.loss(Float64Array.of(0, 7))).toBe(10);
      expect(bound.flat.loss(Float64Array.of(-800, Number.POSITIVE_INFINITY))).toBe(Number.POSITIVE_INFINITY);
    }
    bound.refill({ a: 4 });
    expect(bound.flat.loss(at)).toBeCloseTo(15, 12);
  });

  it.each(engines)("are computed again by $name where they have vanished", (engine) => {
    const quotient = compileText("param x, y\nloss = y / (x + y^2)", { engine });
    expect(quotient.loss({ x: 3, y: 1e160 })).toBeCloseTo(1e-160, 170);
    const root = compileText("param x, y\nloss = sqrt(x^4 + y^4)", { engine }).bind();
    const at = Float64Array.of(3e-100, 1e-100);
    const along = Float64Array.of(1, 2);
    const [g, h] = [new Float64Array(2), new Float64Array(2)];
    expect(root.flat.lossAndGradient(at, g) * 1e200).toBeCloseTo(9.055385138137417, 12);
    root.flat.hvp(at, along, h);
    close(
      [...g].map((x) => x * 1e100),
      [5.963302408041714, 0.2208630521496931],
    );
    close([...h], [1.7453568023536723, 1.168958105280083]);
    expect(compileText("param x, y\nloss = exp(-x) + 0 * y", { engine }).loss({ x: 1e100, y: 1e-100 })).toBe(0);
  });

  it("stay where they are what they should be", () => {
    const { loss, gradient } = compileText("param x\nloss = log(x)");
    expect(loss({ x: 0 })).toBe(Number.NEGATIVE_INFINITY);
    expect(gradient({ x: 0 }).x![0]).toBe(Number.POSITIVE_INFINITY);
    expect(loss({ x: -1 })).toBe(Number.NaN);
    expect(compileText("param x\nloss = exp(x)").loss({ x: 1000 })).toBe(Number.POSITIVE_INFINITY);
  });

  it("have digits where rounding would leave none", () => {
    const { loss, gradient } = compileText("param x\nlet y = stopGradient(x)\nloss = x*y - (x - 1)*(y - 1)");
    expect(loss({ x: 1e3 })).toBe(1999);
    expect(loss({ x: 1e160 })).toBe(2e160);
    expect(gradient({ x: 1e160 }).x![0]).toBe(1);
  });

  it("stay where rewriting is limited", () => {
    for (const rewrites of ["none", "exact"] as const)
      expect(compileText(text, { rewrites }).loss({ x: 800, y: 0, a: 1 })).toBe(Number.NaN);
  });

  it("stay in functions of long arrays and of long expressions", () => {
    const ofArray = compileText("param x: [n]\nloss = (exp(x[0]) + x[0])/(exp(x[0]) - x[0]) + sum(x[1:]^2)");
    expect(ofArray.loss({ x: [800, 1] })).toBe(2);
    expect(ofArray.loss({ x: [800, ...new Array<number>(20_000).fill(0)] })).toBe(Number.NaN);
    const many = Array.from({ length: 700 }, (_, k) => `sin(x)/(${k} + cos(y*${k + 1}))`).join(" + ");
    const long = compileText(`param x, y\nloss = (exp(x) + x)/(exp(x) - x) + ${many}`);
    expect(long.loss({ x: 800, y: 1 })).toBe(Number.NaN);
  });

  it.each([
    ["log(x - 3)*sin(x)", 1.7, Number.NaN],
    ["tan(tan(x)^x)^(tan(x)^x)", 1.3, Number.NaN],
    ["x^(x^(x^(x^(x^(x^(x^(x^(x^x))))))))", 1.7, Number.POSITIVE_INFINITY],
  ])("end soon where there is no value, or none in reach: %s at %d", (formula, x, value) => {
    const { loss, hvp } = compileText(`param x\nloss = ${formula}`);
    expect(loss({ x })).toBe(value);
    hvp({ x }, { x: 1 });
    const start = process.cpuUsage();
    hvp({ x }, { x: 1 });
    expect(process.cpuUsage(start).user / 1e6).toBeLessThan(0.6);
  });
});
