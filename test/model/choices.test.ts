import { describe, expect, it, vi } from "vitest";
import { checkModel, formatReport } from "../../src/check.ts";
import { closureEngine, type Engine, javaScriptEngine } from "../../src/compile/functions.ts";
import { emitModule } from "../../src/emit.ts";
import { loops } from "../../src/extensions/loops.ts";
import { showGraph } from "../../src/ir/show.ts";
import { compileText } from "../../src/language/all.ts";
import { loadModel } from "../../src/model/load.ts";
import { primitiveNamed } from "../../src/ops/registry.ts";
import { sparseHessian } from "../../src/sparse.ts";
import { webAssembly } from "../../src/wasm.ts";
import { parseGraph } from "../ir/parse-graph.ts";

vi.setConfig({ testTimeout: 60_000 });

const load = (text: string) => loadModel({ name: "choices.nabla", text });

/** Sides that have no value, or no derivative, where x is -1 and A is 0. */
const costly: Readonly<Record<string, string>> = {
  "a sum": "sum(sqrt(y)) + norm(y)",
  "Cholesky's factor": "logdet(A, positiveDefinite = true) + sum(cholesky(A))",
  "an orthogonal factor": "sum(qr(A).r)",
  eigenvectors: "sum(eigh(A).vectors^3)",
  "a system": "sum(solve(A, y))",
  "a loop": "scan(v in y, s = x: sqrt(s) + v)",
  "a loop until a test fails": "while(s = x, test = s > 0.1, limit = 20: sqrt(s) / 2)",
  "a root": "root(s = 1: s^2 - x)",
  "a choice within": "(if x > 1 then sum(sqrt(y)) else sum(log(y)))",
  "a vector": "sum(if x > 2 then log(y) / sum(y) else sqrt(y) * sum(y))",
};

const at = {
  x: -1,
  y: [0, -1],
  A: [
    [0, 0],
    [0, 0],
  ],
};
const along = {
  x: 1,
  y: [1, 2],
  A: [
    [1, 2],
    [3, 4],
  ],
};
const numbers = (vectors: object) => Object.values(vectors).flatMap((v) => Array.from(v as Float64Array));

describe("the side of a choice that is not taken", () => {
  const engines: Readonly<Record<string, Engine>> = {
    JavaScript: javaScriptEngine,
    closures: closureEngine,
    WebAssembly: webAssembly({ use: "always" }),
  };
  it.each(Object.entries(costly))("is not computed, nor are its derivatives: %s", (_, side) => {
    const leaves = "param x, y: [n], A: [n, n]\n";
    for (const [name, engine] of Object.entries(engines)) {
      const text = `${leaves}loss = 3 * (if x > 0 then ${side} else x^2 * sum(y)) + sum(A) + x * y[0]`;
      const [got, expected] = [text, text.replace(`(if x > 0 then ${side} else x^2 * sum(y))`, "x^2 * sum(y)")].map(
        (each) => {
          const bound = compileText(each, { engine }).bind();
          return [bound.loss(at), ...numbers(bound.gradient(at)), ...numbers(bound.hvp(at, along))];
        },
      );
      for (const [k, value] of expected!.entries()) expect(got![k]! + 0, `${name} ${k}`).toBeCloseTo(value, 12);
    }
  });

  it("is not computed where a choice decides about what was computed before", () => {
    const text = "param x, y: [n]\nlet s = scan(v in y, s = x: sqrt(s) + v)\nloss = (if x > 0 then s else 0) + x^2";
    const bound = compileText(text).bind();
    expect(numbers(bound.gradient({ x: -1, y: [1] }))).toEqual([-2, 0]);
    expect(numbers(bound.hvp({ x: -1, y: [1] }, { x: 1, y: [1] }))).toEqual([2, 0]);
  });

  it("stands in a branch of the code", () => {
    const text = emitModule(load("param x, A: [n, n]\nloss = if x > 0 then logdet(A) else x^2"), {
      functions: ["loss"],
    });
    const body = /function loss\([\s\S]*?\n}/.exec(text)![0];
    expect(body.indexOf("if (")).toBeLessThan(body.indexOf("for ("));
  });
});

describe("a choice", () => {
  const models: Readonly<Record<string, string>> = {
    "of sums": "param x, y: [n]\nloss = (if x > 0 then sum(x * y^3) else sum(sin(x * y)) * x)^2",
    "of vectors, for each value of an iterator":
      "param x, Y: [n, 2]\nloss = sum(i: (if x > 0 then sum(j: Y[i, j]^2 * x) else prod(j: sin(Y[i, j])) * x) * Y[i, 0])",
    "of loops and matrices, in a loop": `param x, y: [n], A: [n, n]
      loss = scan(i in 0..3, s = x: if s > 0 then sin(s) - logdet(A @ A' + eye(n)) else s^2 + scan(v in y, r = s: tanh(r * v)))`,
    "of several, one within another": `param x, y: [n]
      let f = if x > 1 then sum(y^2) * x else if x > 0 then sum(exp(x * y)) else if x > -1 then norm(y + 2) else sum(x * y)
      loss = f^2 + x * f`,
  };
  it.each(Object.entries(models))("has the derivatives of the side that is taken: %s", async (_, text) => {
    const report = await checkModel(load(text), { points: 3, region: [-2, 2], sizes: { n: 2 } });
    expect(report.passed, formatReport(report)).toBe(true);
  });

  it("has a text that reads back", () => {
    const { loss } = load(models["of sums"]!);
    const text = showGraph([loss!]);
    expect(text).toContain("choice (");
    expect(parseGraph({ name: "graph", text }, primitiveNamed, loss!.graph, undefined, loops).roots).toEqual([loss]);
  });

  it("shows which coordinates meet in it", () => {
    const text = "param x: [n]\ndata flag\nloss = if flag > 0 then sum(i in 0..n-1: x[i]^2 * x[i+1]) else sum(x^4)";
    const bound = compileText(text).bind({ flag: 1 }, { n: 12 });
    expect(sparseHessian(bound).products).toBeLessThan(4);
  });

  it("has one unit on both sides", () => {
    const text = (unit: string) => `param x in m, y: [n] in ${unit}\nloss = if x > 0 then sum(y^2) else x^2`;
    expect(() => load(`unit m, s\n${text("m")}`)).not.toThrow();
    expect(() => load(`unit m, s\n${text("s")}`)).toThrow(/unit/);
  });
});

describe("a choice that its condition settles", () => {
  it.each([
    ["a number beside a vector", "sum(if n >= 0 then 2 * a else x)", "2 * a * n"],
    ["a row beside a matrix", "sum((if n < 0 then outer(x, x) else x) * outer(x, x))", "sum(x) * sum(x^2)"],
    ["a whole number beside a real", "{\nlet k = if n >= 0 then 1 else a\nreturn grad(k^3 * a, k)\n}", "3 * a"],
    ["one of several", "sum(if n < 0 then x else if n < -1 then a else 3)", "3 * n"],
  ])("is as wide as all its sides, and a real where one is: %s", (_, text, same) => {
    const [got, expected] = [text, same].map((loss) => {
      const bound = compileText(`param a, x: [n]\nloss = ${loss} + 0 * sum(a * x)`).bind({}, { n: 3 });
      const at = { a: 0.5, x: [1, 2, 4] };
      return [bound.loss(at), ...numbers(bound.gradient(at))];
    });
    expect(got).toEqual(expected);
  });
});
