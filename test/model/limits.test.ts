import { describe, expect, it } from "vitest";
import { compileModel } from "../../src/compile/compile.ts";
import { LimitError, type NablaError } from "../../src/ir/errors.ts";
import { loadModel } from "../../src/model/load.ts";
import { broken, lossAt, outputAt } from "../build/evaluate.ts";

const repeat = (count: number, text: (k: number) => string) => Array.from({ length: count }, (_, k) => text(k));
const load = (text: string) => loadModel({ name: "case.nabla", text });

describe("a large model", () => {
  it.each([
    ["a long sum", `param x\nloss = ${repeat(20_000, () => "x").join(" + ")}`, 20_000],
    [
      "many definitions",
      `param x\nlet a0 = x\n${repeat(2000, (k) => `let a${k + 1} = a${k} * x`).join("\n")}\nloss = a2000`,
      1,
    ],
    ["deep brackets", `param x\nloss = ${"(".repeat(900)}x${")".repeat(900)}`, 1],
    ["deep calls", `param x\nloss = ${"abs(".repeat(900)}x${")".repeat(900)}`, 1],
    ["deep blocks", `param x\nloss = ${repeat(800, () => "{ let a = x; return a * ").join("")}1${" }".repeat(800)}`, 1],
    ["deep choices", `param x\nloss = ${repeat(500, () => "if x > 0 then (").join("")}x${") else 0".repeat(500)}`, 1],
    ["a long chain of choices", `param x\nloss = ${repeat(2000, (k) => `if x > ${k + 1} then 0 else `).join("")}x`, 1],
    [
      "squares of squares",
      `param x\nlet a0 = x\n${repeat(60, (k) => `let a${k + 1} = a${k} * a${k}`).join("\n")}\nloss = a60`,
      1,
    ],
    ["a tower of powers", `param x\nloss = ${repeat(5000, () => "x").join("^")}`, 1],
    ["many signs", `param x\nloss = ${"- ".repeat(5000)}x`, 1],
    ["many operands", `param x\nloss = max(${repeat(150_000, () => "x").join(", ")})`, 1],
  ])("is right: %s", (_, text, expected) => {
    expect(lossAt(load(text), { x: 1 })).toBe(expected);
  });

  it("reads a list that is longer than a call's arguments may be", () => {
    const { loss } = load(`param x\nloss = sum([${repeat(150_000, () => "x").join(", ")}])`);
    expect(loss!.graph).toBeDefined();
  });

  it.each([
    [
      "calls that double",
      `param x\ndef f0(x) = x\n${repeat(60, (k) => `def f${k + 1}(x) = f${k}(f${k}(x))`).join("\n")}\nloss = f60(x)`,
    ],
    [
      "a long chain of calls",
      `param x\ndef f0(x) = x\n${repeat(2000, (k) => `def f${k + 1}(x) = f${k}(x)`).join("\n")}\nloss = f2000(x)`,
    ],
    [
      "iterators within iterators",
      `param x: [n]\nloss = ${repeat(100, (k) => `sum(i${k}: x[i${k}] + `).join("")}1${")".repeat(100)}`,
    ],
    ["choices without end", `param x\nloss = ${repeat(20_000, (k) => `if x > ${k + 1} then 0 else `).join("")}x`],
    ["signs without end", `param x\nloss = ${"-".repeat(1e7)}x`],
    ["too many axes", `param x\nloss = sum(${"[".repeat(100)}x${"]".repeat(100)})`],
  ])("meets a clear limit: %s", (_, text) => {
    expect(() => load(text)).toThrow(LimitError);
  });

  it("takes names that objects treat in their own way", () => {
    const model = load(
      "param __proto__, constructor: [n]\nlet hasOwnProperty = __proto__ * 2\nloss = hasOwnProperty + sum(constructor)\noutput toString = loss",
    );
    const inputs = Object.fromEntries([
      ["__proto__", 1],
      ["constructor", [1, 2]],
    ]);
    expect(outputAt(model, "toString", inputs, { n: 2 })).toEqual([5]);
  });

  it.each([
    ["of meaning", (k: number) => `let a${k} = y${k}`],
    ["of syntax", (k: number) => `let a${k} = = x`],
  ])("shows the first errors %s and counts the statements after them", (_, statement) => {
    const broken = () => load(`param x\n${repeat(20_000, statement).join("\n")}\nloss = x\n`);
    expect(broken).toThrow("... and 19981 more statements are not read yet.");
    expect(broken).not.toThrow("a20 =");
  });

  it("reports errors once, however often a body runs", () => {
    const text = "param x: [n]\nloss = sum(i: x[i] * sum(j: x[j] * y[j] * z))";
    try {
      load(text);
    } catch (error) {
      expect((error as NablaError).message.match(/unknown name/g)).toHaveLength(2);
    }
    expect.assertions(1);
  });
});

describe("what only data can settle", () => {
  it("names the value of real data out of its range", () => {
    const model = load("param w\ndata p: [n] within 0..1\nloss = w * sum(p)");
    expect(() => compileModel(model).bind({ p: [0, 0.5, 1.5] })).toThrow('"p" must lie in 0..1, got 1.5 at [2].');
    expect(() => compileModel(model).bind({ p: [0, Number.NaN] })).toThrow('"p" must lie in 0..1, got NaN at [1].');
  });

  it.each([
    ["data x: [n], k: int\noutput out = x[k]", { x: [1, 2], k: 2 }, 1],
    ["data x: [n], k: int within 0..n\noutput out = x[k]", { x: [1, 2], k: 1 }, 0],
    ["data x: [n], k: int within 0..n\noutput out = x[k]", { x: [1, 2], k: -1 }, 1],
    ["data x: [n]\noutput out = x[3]", { x: [1, 2, 3] }, 1],
    ["data x: [n]\noutput out = max(x)", { x: [] }, 1],
    ["data x: [n]\noutput out = [i: x[i + 1] - x[i]]", { x: [] }, 1],
    ["data p within 0..1\noutput out = log(p)", { p: 1.5 }, 1],
    ["data p within 0..1\noutput out = log(p)", { p: 1 }, 0],
    ["data x: [n], at: int[m]\noutput out = [i: if at[i] >= 0 then x[at[i]] else 0]", { x: [1, 2], at: [0, -1, 1] }, 0],
    ["data x: [n], at: int[m]\noutput out = [i: if at[i] >= 0 then x[at[i]] else 0]", { x: [1, 2], at: [0, -1, 2] }, 1],
    [
      "data x: [n], at: int[m], on: bool[m]\noutput out = [i: if on[i] then x[at[i]] else 0]",
      { x: [1, 2], at: [9, 1], on: [0, 1] },
      0,
    ],
    ["data x: [n], y: [m]\noutput out = sum(reshape(x, [m]) * y)", { x: [1, 2], y: [1, 2] }, 0],
    ["data x: [n], y: [m]\noutput out = sum(reshape(x, [m]) * y)", { x: [1, 2], y: [1, 2, 3] }, 1],
  ])("is checked when it is bound: %s at %j", (text, inputs, count) => {
    expect(broken(load(text), inputs)).toHaveLength(count);
  });
});
