import { describe, expect, it } from "vitest";
import { compileText } from "../../src/language/all.ts";

const count = 20_000;
const lines = (line: (k: number) => string) => Array.from({ length: count }, (_, k) => line(k)).join("\n");

// where each name is looked for among all, it takes minutes
describe("a model of 20,000", () => {
  it.each([
    ["parameters", lines((k) => `param p${k}`), "p"],
    ["data", lines((k) => `data p${k}`), "p"],
    ["values", lines((k) => `let y${k} = x + ${k}`), ""],
    ["constants", lines((k) => `const c${k} = ${k}`), ""],
    ["sizes", lines((k) => `size s${k} = ${k}`), ""],
    ["outputs", lines((k) => `output y${k} = x + ${k}`), ""],
    ["functions", lines((k) => `def f${k}(a) = a + ${k}`), ""],
    ["arguments of a function", `def f(${lines((k) => `a${k},`)} a) = a`, ""],
  ])("%s compiles in seconds, and is called again with other data", { timeout: 120_000 }, (_, text, name) => {
    const inputs: Record<string, number> = { x: 3 };
    if (name !== "") for (let k = 0; k < count; k++) inputs[`${name}${k}`] = 1;
    const before = performance.now();
    const compiled = compileText(`param x\n${text}\nloss = x^2`);
    expect(compiled.loss(inputs)).toBe(9);
    expect(compiled.loss({ ...inputs, x: 4 })).toBe(16);
    expect(compiled.gradient(inputs).x).toEqual(Float64Array.of(6));
    expect(performance.now() - before).toBeLessThan(20_000);
  });
});

describe("a model of 150,000 parameters", () => {
  it("has a gradient: no list of all is passed as arguments", { timeout: 120_000 }, () => {
    const names = Array.from({ length: 150_000 }, (_, k) => `p${k}`);
    const { bind } = compileText(`${names.map((name) => `param ${name}`).join("\n")}\nloss = p0^2`);
    const { flat } = bind();
    const gradient = new Float64Array(names.length);
    expect(flat.lossAndGradient(new Float64Array(names.length).fill(3), gradient)).toBe(9);
    expect(gradient.reduce((sum, each) => sum + each)).toBe(6);
  });
});

describe("a model of 1,500 vectors", () => {
  // offsets in the packed vector, written out, have a million terms
  it("of a size each has a product in seconds", { timeout: 120_000 }, () => {
    const each = (line: (k: number) => string) => Array.from({ length: 1500 }, (_, k) => line(k));
    const loss = each((k) => `sum(p${k}^3)`).join(" + ");
    const before = performance.now();
    const compiled = compileText(`${each((k) => `param p${k}: [n${k}]`).join("\n")}\nloss = ${loss}`);
    const params = Object.fromEntries(
      each((k) => `p${k}`).map((name, k) => [name, new Float64Array(1 + (k % 3)).fill(k)]),
    );
    expect(compiled.lossAndGradient(params).gradient.p1499).toEqual(new Float64Array(3).fill(3 * 1499 ** 2));
    expect(compiled.hvp(params, params).p1499).toEqual(new Float64Array(3).fill(6 * 1499 ** 2));
    expect(performance.now() - before).toBeLessThan(40_000);
  });
});
