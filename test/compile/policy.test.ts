import { afterEach, describe, expect, it, vi } from "vitest";
import { compile, model, param } from "../../src/index.ts";
import { compileText } from "../../src/language.ts";

/** As a content security policy without 'unsafe-eval'. */
function forbidCode(): void {
  vi.stubGlobal("Function", () => {
    throw new EvalError("refused");
  });
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

describe("a function that JavaScript has no room for", () => {
  it("is interpreted", () => {
    const names = Array.from({ length: 5001 }, (_, k) => `y${k}`);
    const many = compileText(`param x\n${names.map((name, k) => `output ${name} = x + ${k}`).join("\n")}`);
    expect(many.outputs({ x: 1 }).y5000).toEqual(Float64Array.of(5001));
  });
});
