import { afterEach, describe, expect, it, vi } from "vitest";
import { closureEngine } from "../../src/closures.ts";
import { compile, model, param } from "../../src/index.ts";
import { compileText as compileWhole } from "../../src/language/all.ts";
import { closures } from "../../src/language/features.ts";
import { language } from "../../src/language.ts";

const text = "param x: [3]\nloss = sum(exp(x))";
const exponentials = () => model({ x: param([3]) }, ({ x }) => ({ loss: x.exp().sum() }));
const point = { x: [1, 2, 3] };
const gradient = { x: Float64Array.from(point.x, Math.exp) };

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

describe("a model where code from strings is forbidden", () => {
  it("says which engine to pass, of the core and of the core of the language", () => {
    forbidCode();
    const wayOut = /code generation from strings is forbidden here\.\n.*closureEngine.*"nabla\/closures"/;
    expect(() => compile(exponentials())).toThrow(wayOut);
    expect(() => language().compileText(text)).toThrow(wayOut);
  });

  it("runs as closures where it is given them, or its language has them", () => {
    const said = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    forbidCode();
    expect(compile(exponentials(), { engine: closureEngine }).gradient(point)).toEqual(gradient);
    expect(said).not.toHaveBeenCalled();
    expect(language(closures).compileText(text).gradient(point)).toEqual(gradient);
    expect(compileWhole(text).gradient(point)).toEqual(gradient);
    expect(said).toHaveBeenCalledTimes(1);
  });
});

describe("a function that JavaScript has no room for", () => {
  const names = Array.from({ length: 5001 }, (_, k) => `y${k}`);
  const many = `param x\n${names.map((name, k) => `output ${name} = x + ${k}`).join("\n")}`;

  it("says which engine to pass", () => {
    expect(() => language().compileText(many).outputs({ x: 1 })).toThrow(/no room.*\n.*closureEngine/);
  });

  it("is interpreted where its language has closures", () => {
    expect(language(closures).compileText(many).outputs({ x: 1 }).y5000).toEqual(Float64Array.of(5001));
  });
});
