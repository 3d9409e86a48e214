import { afterEach, describe, expect, it, vi } from "vitest";
import { compile, type Engine, javaScriptEngine, model, param } from "../../src/index.ts";
import { compileText, loadModel } from "../../src/language.ts";

/** As a content security policy without 'unsafe-eval'. */
function forbidCode(): void {
  class Refused {
    constructor() {
      throw new EvalError("refused");
    }
  }
  vi.stubGlobal("Function", Refused);
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe("where code from strings is forbidden", () => {
  it("a model of the core, and one of text, are interpreted, which is said once", () => {
    const said = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    forbidCode();
    const point = { x: [1, 2, 3] };
    const gradient = { x: Float64Array.from(point.x, Math.exp) };
    const exponentials = model({ x: param([3]) }, ({ x }) => ({ loss: x.exp().sum() }));
    expect(compile(exponentials).gradient(point)).toEqual(gradient);
    expect(compileText("param x: [3]\nloss = sum(exp(x))").gradient(point)).toEqual(gradient);
    expect(said.mock.calls.flat()).toEqual([expect.stringContaining("are interpreted: right, but slower")]);
  });
});

describe("JavaScript that is asked for where code from strings is forbidden", () => {
  const square = loadModel({ name: "square.nabla", text: "param x\nloss = x^2" });
  const nowhere: Engine = { name: "nowhere", compile: () => ({ bind: () => () => 7 }) };

  it("is interpreted too, and another engine is what it is", () => {
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
    forbidCode();
    expect(compile(square, { engine: javaScriptEngine }).gradient({ x: 3 }).x).toEqual(Float64Array.of(6));
    expect(compile(square, { engine: nowhere }).loss({ x: 3 })).toBe(7);
  });

  it("cannot be timed, which says why", () => {
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
    forbidCode();
    const message = "profile times generated JavaScript, and no other engine.";
    for (const options of [{}, { engine: javaScriptEngine }, { engine: nowhere }]) {
      expect(() => compile(square, { ...options, profile: true })).toThrow(message);
    }
  });
});

describe("a function that JavaScript has no room for", () => {
  it("is interpreted", () => {
    const names = Array.from({ length: 5001 }, (_, k) => `y${k}`);
    const many = compileText(`param x\n${names.map((name, k) => `output ${name} = x + ${k}`).join("\n")}`);
    expect(many.outputs({ x: 1 }).y5000).toEqual(Float64Array.of(5001));
  });
});
