import { describe, expect, it } from "vitest";
import { compileModel } from "../../src/compile/compile.ts";
import { closureEngine, javaScriptEngine } from "../../src/compile/functions.ts";
import { webAssembly } from "../../src/compile/web-assembly.ts";
import { compileText } from "../../src/language/all.ts";
import { loadModel } from "../../src/model/load.ts";

/** Value, gradient and Hessian, from mpmath at 1000 digits and more. */
const references: readonly (readonly [text: string, point: readonly number[], values: readonly number[]])[] = [
  // the second derivative is a difference of two numbers of 1e300
  ["tanh(log(x)/2)", [1e-300], [-1, 2, -4]],
  ["(exp(x) + x)/(exp(x) - x)", [1e6], [1, 0, 0]],
  ["exp(2*x)/(exp(x) + x^2)^2", [1e9], [1, 0, 0]],
  ["log(sinh(x)) - log(sinh(x) + 1)", [1e6], [0, 0, 0]],
  ["atan2(x, 1)/x", [1e-160], [1, -6.666666666666667e-161, -2 / 3]],
  ["log(1 + exp(x)/y)", [700, 1e-200], [1160.517018598809, 1, -1e200, 0, 0, 0, Number.POSITIVE_INFINITY]],
  ["log(x^y)", [1e200, 3], [1381.551055796427, 3e-200, 460.5170185988091, 0, 1e-200, 1e-200, 0]],
];

/** Where the function has no value as it is written, and one that all points around lead to. */
const limits: typeof references = [
  [
    "((x^y+1)/2)^(1/y)",
    [2.5, 0],
    [
      ...[1.5811388300841898, 0.31622776601683794, 0.16593828790989407],
      ...[-0.06324555320336758, 0.17806594316322757, 0.17806594316322757, 0.017414989038629033],
    ],
  ],
  ["log((1-exp(-x*y))/(1-exp(-3*y)))", [0.5, 0], [-1.791759469228055, 2, 1.25, -4, -0.5, -0.5, -0.7291666666666666]],
  [
    "(exp(x)-exp(y))/(sin(x)-sin(y))",
    [0.5, 0.5],
    [
      ...[1.8787078758136102, 1.452525333029862, 1.452525333029862],
      ...[2.045990123204468, 1.4197541645999314, 1.4197541645999314, 2.045990123204468],
    ],
  ],
];

describe("results that are not finite, computed again", () => {
  it.each([...references, ...limits])("%s at %j", (text, point, values) => {
    const names = ["x", "y"].slice(0, point.length);
    for (const engine of [javaScriptEngine, closureEngine, webAssembly({ use: "always" })]) {
      const model = loadModel({ name: "f", text: `param ${names.join(", ")}\nloss = ${text}\n` });
      const bound = compileModel(model, { engine }).bind();
      const n = names.length;
      const [gradient, hessian, product] = [n, n * n, n].map((length) => new Float64Array(length)) as Float64Array[];
      const x = Float64Array.from(point);
      const loss = bound.flat.lossAndGradient(x, gradient!);
      bound.flat.hessian(x, hessian!);
      bound.flat.hvp(
        x,
        Float64Array.from(names, (_, k) => (k === 0 ? 1 : 0)),
        product!,
      );
      const found = [loss, ...gradient!, ...hessian!, ...product!];
      const expected = [...values, ...names.map((_, k) => values[1 + n + k]!)];
      for (const [k, value] of found.entries()) {
        const truth = expected[k]!;
        if (!Number.isFinite(truth)) expect(value, `${engine.name} ${k}`).toBe(truth);
        else
          expect(Math.abs(value - truth), `${engine.name} ${k}`).toBeLessThanOrEqual(1e-11 * Math.abs(truth) + 1e-280);
      }
    }
  });

  it("keeps what is finite where something else is held for fixed at 0", () => {
    const { flat } = compileText("param x, y, z\nloss = sqrt((1 - exp(-x*y))/(1 - exp(-x*z)))").bind();
    const hessian = new Float64Array(9);
    flat.hessian(Float64Array.of(0, 1, 3), hessian);
    const expected = [-1, 0, 2, 0, -3, -1, 2, -1, 1].map((times) => times / (12 * Math.sqrt(3)));
    for (const [k, value] of expected.entries()) expect(hessian[k]).toBeCloseTo(value, 14);
  });

  it("leaves what has no limit, or another one from elsewhere, and quotients as they are written", () => {
    for (const text of ["sin(x*y)/(x^2+y^2)", "abs(sin(x))/x + y", "sin(1/x) + y", "x/x + y", "(exp(y)-1)/x^2"]) {
      const model = loadModel({ name: "f", text: `param x, y\nloss = ${text}\n` });
      expect(compileModel(model).bind().loss({ x: 0, y: 0 }), text).toBeNaN();
    }
  });

  it("leaves remainders of a division by 0, which have none, and quotients by whole numbers", () => {
    for (const [type, text] of [
      ["real", "y + fmod(3, x)"],
      ["int", "y + mod(3, x)"],
      ["real", "exp(y) + fmod(y, x)"],
      ["int", "y + 0*(3/x)"],
    ]) {
      const model = loadModel({ name: "f", text: `param y\ndata x: ${type}\nloss = ${text}\n` });
      expect(compileModel(model).bind({ x: 0 }).loss({ y: 3 }), text).toBeNaN();
    }
  });

  it("leaves what is undefined, and what is infinite", () => {
    const at = (text: string, x: number) =>
      compileModel(loadModel({ name: "f", text: `param x\nloss = ${text}\n` }))
        .bind()
        .loss({ x });
    expect(at("log(x)", -1)).toBeNaN();
    expect(at("sqrt(x) + exp(x)", -1)).toBeNaN();
    expect(at("exp(x)", 1000)).toBe(Number.POSITIVE_INFINITY);
    expect(at("-exp(exp(x))", 1000)).toBe(Number.NEGATIVE_INFINITY);
    expect(at("log(x)", 0)).toBe(Number.NEGATIVE_INFINITY);
    expect(at("1/x", 0)).toBe(Number.POSITIVE_INFINITY);
  });
});
