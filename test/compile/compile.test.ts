import { transformSync } from "esbuild";
import { describe, expect, expectTypeOf, it, vi } from "vitest";
import { type Engine, javaScriptEngine } from "../../src/compile/functions.ts";
import { verifyBinding } from "../../src/compile/inputs/verify.ts";
import type { Array1D } from "../../src/emit/javascript.ts";
import { emitModule } from "../../src/emit.ts";
import { type BoundModel, compile, DataError, mat, model, param, UsageError, vec } from "../../src/index.ts";
import { compileText } from "../../src/language/all.ts";
import { loadModel } from "../../src/model/load.ts";

const logistic = model({ w: vec("d"), X: mat("n", "d"), y: vec("n") }, ({ w, X, y }) => {
  const z = X.matmul(w);
  return z.softplus().sub(y.mul(z)).mean();
});
const inputs = {
  w: [0.1, -0.2],
  X: [
    [1, 2],
    [3, -4],
    [0.5, 0.25],
  ],
  y: [1, 0, 1],
};
const { w, ...data } = inputs;

interface Module {
  bind(data?: object): { outputs(params: object): Record<string, Float64Array> };
}

function load(text: string): Module {
  const module = { exports: {} };
  const { code } = transformSync(text, { loader: "ts", format: "cjs", target: "es2022" });
  new Function("module", "exports", code)(module, module.exports);
  return module.exports as Module;
}

describe("compile", () => {
  it("asks for variables when a model without parameters is differentiated", () => {
    expect(compile(logistic).loss(inputs)).toBeGreaterThan(0);
    expect(() => compile(logistic).gradient(inputs)).toThrow(UsageError);
  });

  it("has types that know which leaves are parameters", () => {
    const { gradient, hvp } = compile(model({ v: param(["n"]), y: vec("n") }, ({ v, y }) => v.sub(y).square().sum()));
    const at = { v: [1, 2], y: [0, 5] };
    expect(hvp(at, { v: [1, 0] }).v).toEqual(Float64Array.of(2, 0));
    expectTypeOf(gradient(at)).toEqualTypeOf<{ v: Float64Array }>();
    // where no leaf is declared as one, any can be
    expectTypeOf(compile(logistic).gradient).returns.toEqualTypeOf<Record<"w" | "X" | "y", Float64Array>>();
    expectTypeOf(compile(logistic, { wrt: ["w"] }).gradient).returns.toEqualTypeOf<{ w: Float64Array }>();
  });

  it("has types of bound models that know parameters and outputs", () => {
    const m = model({ v: param(["n"]), y: vec("n") }, ({ v, y }) => ({ loss: v.sub(y).square().sum(), fit: v.mul(2) }));
    const bound = compile(m).bind({ y: [0, 5] });
    const at = { v: [1, 2] };
    expect(bound.hvp(at, { v: [1, 0] }).v).toEqual(Float64Array.of(2, 0));
    expect(bound.outputs(at, ["fit"]).fit).toEqual(Float64Array.of(2, 4));
    expectTypeOf(bound.gradient(at)).toEqualTypeOf<{ v: Float64Array }>();
    expectTypeOf(bound.hessian(at).v).toEqualTypeOf<{ v: Float64Array }>();
    expectTypeOf(bound.refill).parameter(0).not.toHaveProperty("v");
    expectTypeOf(bound.unpack(Float64Array.of(1, 2))).toEqualTypeOf<{ v: Float64Array }>();
    expectTypeOf(bound.outputs(at)).toEqualTypeOf<{ fit: Float64Array }>();
    // functions of any bound model take it
    expectTypeOf(bound).toExtend<BoundModel>();
    // @ts-expect-error: data that are bound
    expect(() => bound.loss({ v: [1, 2], y: [0, 5] })).toThrow('"y" is data');
    // @ts-expect-error: an output that the model does not have
    expect(() => bound.outputs(at, ["fits"])).toThrow('Did you mean "fit"');
    // @ts-expect-error: a result that the model does not have
    expect(bound.gradient(at).w).toBeUndefined();
  });

  it("gives in its bound, packed and unbound forms the same bits", () => {
    const compiled = compile(logistic, { wrt: ["w"] });
    const bound = compiled.bind(data);
    const g = new Float64Array(2);
    const loss = bound.flat.lossAndGradient(Float64Array.from(w), g);
    expect(compiled.lossAndGradient(inputs)).toEqual({ loss, gradient: { w: g } });
    expect(bound.lossAndGradient({ w })).toEqual({ loss, gradient: { w: g } });
  });

  it("answers points of another length after the first by binding anew", () => {
    const { flat } = compileText("param x: [n]\nloss = sum(x^2)").bind();
    expect([flat.loss(Float64Array.of(1, 2)), flat.loss(Float64Array.of(1, 2, 3))]).toEqual([5, 14]);
  });

  it("refuses results that share memory with inputs, and arrays that do not fit", () => {
    const { flat } = compile(logistic, { wrt: ["w"] }).bind(data);
    const x = Float64Array.from(w);
    expect(() => flat.lossAndGradient(x, x)).toThrow(DataError);
    expect(() => flat.lossAndGradient(x, new Float64Array(x.buffer, 0, 2))).toThrow(DataError);
    expect(() => flat.lossAndGradient(x, new Float64Array(3))).toThrow(DataError);
  });

  it("names both sides of sizes that contradict", () => {
    const wrong = { ...data, y: [1, 0] };
    expect(() => compile(logistic, { wrt: ["w"] }).bind(wrong)).toThrow(/"y" needs 3 .* n = 3 from "X".* got 2/);
  });

  it("refuses data that contradict before the sizes of the parameters are known", () => {
    const { bind } = compileText("param w: [k]\ndata x: [n], y: [n]\nloss = sum(w^2) + dot(x, y)");
    expect(() => bind({ x: [1, 2, 3], y: [1, 2] })).toThrow(/"y" needs 3 .* n = 3 from "x".* got 2/);
    expect(bind({ x: [1, 2], y: [3, 4] }).loss({ w: [1] })).toBe(12);
  });

  it("names the input and the place of NaN when debugging", () => {
    const { gradient } = compile(logistic, { wrt: ["w"], debug: true });
    const broken = { ...inputs, y: [1, Number.NaN, 1] };
    expect(() => gradient(broken)).toThrow('"y" is NaN at [1]');
    const model = compileText("param x\nloss = log(x)^2", { debug: true });
    expect(() => model.loss({ x: -1 })).toThrow(/NaN appears first in log/);
  });

  it("finds where NaN begins in outputs, in all that one pass gives, and in second derivatives", () => {
    const model = compileText("param x, y\nloss = log(x) + abs(y)^1.5\noutput z = sqrt(x), u = y", { debug: true });
    const bound = model.bind();
    const [at, v] = [
      { x: -1, y: 1 },
      { x: 1, y: 1 },
    ];
    expect(() => model.outputs(at)).toThrow("3:12: NaN appears first in sqrt");
    expect(model.outputs({ y: 1 }, ["u"]).u![0]).toBe(1);
    expect(() => bound.lossGradientHvp(at, v)).toThrow("2:8: NaN appears first in log");
    expect(() => bound.hvp({ x: 1, y: 0 }, v)).toThrow("2:17: NaN appears first in");
    expect(() => bound.hvp({ x: 1, y: 1 }, { x: Number.NaN, y: 1 })).toThrow("a result is NaN, and nothing that leads");
  });

  it("finds the NaN that reaches the result, and none that a choice leaves out", () => {
    const model = compileText("param x, y\nloss = select(x > 0, log(x), x^2) + sqrt(y)", { debug: true });
    expect(() => model.loss({ x: -1, y: -1 })).toThrow("NaN appears first in sqrt");
  });

  it("takes longer points than the last in flat functions that debug, or check indices", () => {
    const texts = ["loss = sum(x^2)", "loss = sum(x^2) + 0 * x[toInt(x[0])]"];
    for (const [k, loss] of texts.entries()) {
      const { flat } = compileText(`param x: [n]\n${loss}`, { debug: k === 0 }).bind();
      const losses = [
        [1, 2],
        [2, 1, 1],
        [1, 2],
        [3, 1, 1, 1],
      ].map((x) => flat.loss(Float64Array.from(x)));
      expect(losses).toEqual([5, 6, 5, 12]);
      const g = new Float64Array(3);
      flat.gradient(Float64Array.of(2, 1, 1), g);
      expect(g).toEqual(Float64Array.of(4, 2, 2));
    }
  });

  it("checks indices that depend on parameters at every call", () => {
    const { loss } = compileText("param x: [3]\nlet at = floor(x[0])\nloss = x[toInt(at)]^2");
    expect(loss({ x: [1, 5, 7] })).toBe(25);
    expect(() => loss({ x: [9, 5, 7] })).toThrow(/needed 0\.\.3, got 9/);
    const { flat } = compileText("param x: [3]\nlet at = floor(x[0])\nloss = x[toInt(at)]^2").bind();
    expect(() => flat.hessian(Float64Array.of(9, 5, 7), new Float64Array(9))).toThrow(/needed 0\.\.3, got 9/);
  });

  it("checks all of them by one function, and looks for the one that failed only then", () => {
    const text = `param c: [n, 2]
data I: [h, w], seen: bool[n]
def sample(y, x) = I[floor(y), floor(x)] * (x - floor(x)) + I[floor(y) + 1, floor(x)] * (y - floor(y))
loss = sum(i in 0..n: if seen[i] then sample(c[i, 0], c[i, 1]) else 0)`;
    const made: string[] = [];
    const counted: Engine = {
      ...javaScriptEngine,
      compile: (program, signature) => {
        made.push(signature.name);
        return javaScriptEngine.compile(program, signature);
      },
    };
    const I = { data: Float64Array.from({ length: 20 }, (_, k) => k % 7), shape: [4, 5] };
    const { flat } = compileText(text, { engine: counted }).bind({ I, seen: [true, false, true] });
    flat.loss(Float64Array.of(1.5, 2.25, 90, 0, 0.5, 4.5));
    expect(made).toEqual(["loss", "outputs"]);
    expect(() => flat.loss(Float64Array.of(1.5, 2.25, 90, 0, 3.5, 4.5))).toThrow(/needed 0\.\.4, got 4 at \[2\]/);
    expect(() => flat.loss(Float64Array.of(1.5, Number.NaN, 90, 0, 0.5, 4.5))).toThrow(/must hold whole numbers/);
    expect(() => flat.loss(Float64Array.of(1.5, 2.25, 90, 0, 0.5, -0.5))).toThrow(/needed 0\.\.5, got -1 at \[2\]/);
  });

  it("checks them for outputs too, as far as what they read is given", () => {
    const text =
      "param w: [3], t\ndata k = 1, y: [n]\nloss = t^2\noutput z = w[toInt(t)], a = sum(w), far = sum(y) * w[toInt(k * t)]";
    const { outputs } = compileText(text);
    expect(outputs({ w: [1, 2, 3], t: 2 }, ["z"]).z![0]).toBe(3);
    expect(outputs({ w: [1, 2, 3] }, ["a"]).a![0]).toBe(6);
    expect(() => outputs({ w: [1, 2, 3], t: 7 }, ["z"])).toThrow(/needed 0\.\.3, got 7/);
    expect(() => outputs({ w: [1, 2, 3], t: -1, y: [1] })).toThrow(/needed 0\.\.3, got -1/);
  });

  it("finds NaN in a Hessian when debugging", () => {
    const bound = compileText("param x\nloss = log(x)^2", { debug: true }).bind();
    expect(() => bound.flat.hessian(Float64Array.of(-1), new Float64Array(1))).toThrow(/NaN appears first in log/);
    expect(() => bound.hessian({ x: -1 })).toThrow(/NaN appears first in log/);
  });

  it("writes packed Hessians over what an array held, of one parameter and of several", () => {
    const text = "data at: int[4] = [0, 2, 1, 1]\nloss = sum(j: x[at[j]]^3 * j) + ";
    for (const rest of ["x[0] * x[3]", "b * x[1]^2 + b^2"]) {
      const { flat } = compileText(`param x: [4]${rest.includes("b") ? ", b" : ""}\n${text}${rest}`).bind();
      const x = Float64Array.of(1, 2, 3, 4, 5).subarray(0, rest.includes("b") ? 5 : 4);
      const n = x.length;
      const [first, again] = [new Float64Array(n * n).fill(Number.NaN), new Float64Array(n * n)];
      flat.hessian(x, first!);
      flat.hessian(x.map(Math.sin), again!);
      flat.hessian(x, again!);
      expect(again).toEqual(first);
      for (let k = 0; k < n; k++) {
        const column = new Float64Array(n);
        flat.hvp(
          x,
          new Float64Array(n).map((_, i) => (i === k ? 1 : 0)),
          column,
        );
        expect(column).toEqual(first!.filter((_, at) => at % n === k));
      }
    }
  });

  it("keeps whole numbers that it computes, beyond 32 bits too", () => {
    const text = "param x: [n]\nloss = sum(x^2)\noutput far = [i in 0..n: i * 100000 * (i + 100000)]";
    const far = [0, 10_000_100_000, 20_000_400_000];
    expect([...compileText(text).outputs({ x: [1, 2, 3] }).far!]).toEqual(far);
    const module = load(emitModule(loadModel({ name: "far.nabla", text })));
    expect([...module.bind().outputs({ x: [1, 2, 3] }).far!]).toEqual(far);
  });

  it("gives no outputs where none are asked for, or the model has none", () => {
    for (const text of ["param x\nloss = x^2", "param x\nloss = x^2\noutput double = 2 * x"]) {
      const compiled = compileText(text);
      expect({ ...compiled.outputs({ x: 3 }, []) }).toEqual({});
      expect({ ...compiled.bind().outputs({ x: 3 }, []) }).toEqual({});
      expect(Object.keys(compiled.outputs({ x: 3 }))).toEqual(text.includes("output") ? ["double"] : []);
    }
    expect(() => compileText("param x\nloss = x^2").source("outputs")).toThrow("the model has none");
  });

  it("passes calls of a flat function kept from before its first call on, also when the sizes change", () => {
    const bound = compileText("param x: [n]\nloss = sum(x^2)").bind();
    const { loss, lossAndGradient } = bound.flat;
    const built = vi.spyOn(bound, "flatFunction");
    const [x, g] = [Float64Array.of(1, 2), new Float64Array(2)];
    expect([loss(x), loss(x), lossAndGradient(x, g), lossAndGradient(x, g), ...g]).toEqual([5, 5, 5, 5, 2, 4]);
    expect(built).toHaveBeenCalledTimes(2);
    for (let repeat = 0; repeat < 2; repeat++) expect(loss(Float64Array.of(1, 2, 3))).toBe(14);
    expect(built).toHaveBeenCalledTimes(3);
  });
});

describe("verifyBinding", () => {
  it("reads none of the data that no requirement names", () => {
    const model = loadModel({
      name: "lookup.nabla",
      text: "param w: [k]\ndata X: [n], at: int[n]\nloss = sum(i: w[at[i]] * X[i])",
    });
    const X = new Proxy(new Float64Array(3), {
      get: () => {
        throw new Error("X is read");
      },
    });
    const sizes = new Map([
      ["n", 3],
      ["k", 2],
    ]);
    const arrays = (at: readonly number[]) =>
      new Map<string, Array1D>([
        ["X", X],
        ["at", Int32Array.from(at)],
      ]);
    verifyBinding(model, sizes, arrays([0, 1, 1]));
    expect(() => verifyBinding(model, sizes, arrays([0, 2, 1]))).toThrow(/needed 0\.\.2, got 2/);
  });
});
