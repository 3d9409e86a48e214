import { afterEach, describe, expect, it, vi } from "vitest";
import { compileComplex, compileDual } from "../../src/emit.ts";
import {
  type CompileOptions,
  closureEngine,
  compile,
  javaScriptEngine,
  model,
  param,
  UsageError,
} from "../../src/index.ts";
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

const refused = "code generation from strings is forbidden here, and JavaScript in memory needs it";

describe("JavaScript that is asked for where code from strings is forbidden", () => {
  const square = loadModel({ name: "square.nabla", text: "param x\nloss = x^2" });
  it.each<[string, CompileOptions]>([
    ["by its engine", { engine: javaScriptEngine }],
    ["by its engine, timed", { engine: javaScriptEngine, profile: true }],
    ["timed", { profile: true }],
  ])("is refused with a way out: %s", (_, options) => {
    const { loss } = compile(square, options);
    forbidCode();
    expect(() => loss({ x: 3 })).toThrow(new UsageError(`${refused}: give closureEngine, and no profile.`));
    expect(compile(square, { engine: closureEngine }).loss({ x: 3 })).toBe(9);
  });

  it("is refused for pairs of numbers", () => {
    const { whole, signature } = compile(square).bind().parts().functions.get("loss");
    forbidCode();
    for (const compilePairs of [compileComplex, compileDual]) {
      expect(() => compilePairs(whole(), signature)).toThrow(refused);
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
