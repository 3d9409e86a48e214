import { afterEach, describe, expect, it, vi } from "vitest";
import { type Engine, javaScriptEngine } from "../../src/compile/functions.ts";
import { compileText } from "../../src/language/all.ts";
import { webAssembly } from "../../src/wasm.ts";
import { numbers } from "../generators/numbers.ts";

const logistic = "param w: [d], b = 0\ndata X: [n, d], y: [n]\nloss = mean(softplus(-y * (X @ w + b)))";

/** Whole numbers scaled: results of another order of sums differ in the last digits only. */
const rows = (n: number, d: number) => ({
  X: { data: numbers(n * d, 1), shape: [n, d] },
  y: numbers(n, 3).map((v) => (v > 0 ? 1 : -1)),
});

function resultsOf(engine: Engine, n: number, d: number) {
  const bound = compileText(logistic, { engine }).bind(rows(n, d));
  const x = bound.pack({ w: numbers(d, 5), b: 0.25 });
  const v = numbers(d + 1, 8);
  const [g, h] = [new Float64Array(d + 1), new Float64Array(d + 1)];
  const loss = bound.flat.lossGradientHvp(x, v, g, h);
  const again = bound.flat.loss(x);
  return [loss, again, ...g, ...h];
}

describe("the option engine", () => {
  it("says of a function that makes engines to call it", () => {
    const engine = webAssembly as unknown as Engine;
    expect(() => compileText("param x\nloss = x^2", { engine })).toThrow(
      "got the function webAssembly: call it, webAssembly().",
    );
  });
});

describe("webAssembly", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });

  it.each([
    [1, 1],
    [2, 3],
    [57, 20],
    [300, 33],
  ])("computes what JavaScript computes, for %i rows of %i", (n, d) => {
    const expected = resultsOf(javaScriptEngine, n, d);
    const got = resultsOf(webAssembly({ use: "always" }), n, d);
    expect(got.length).toBe(expected.length);
    for (const [k, value] of got.entries()) expect(Math.abs(value - expected[k]!)).toBeLessThan(1e-14);
  });

  it("leaves small functions to JavaScript, whose bits they have", () => {
    expect(resultsOf(webAssembly(), 3, 2)).toEqual(resultsOf(javaScriptEngine, 3, 2));
    expect(resultsOf(webAssembly(), 300, 33)).not.toEqual(resultsOf(javaScriptEngine, 300, 33));
  });

  it.each([
    ["sum(x^2)", 1, false],
    ["sum(x^2)", 30, false],
    ["sum(x^2)", 4000, true],
    // vectors that no cache holds are copied in and out
    ["sum(x^2)", 1_000_000, false],
    ["sum(exp(x))", 4, false],
    ["sum(exp(x))", 200, true],
    ["sum(exp(x) + sin(x))", 1_000_000, true],
    // arithmetic alone, with hardly a number loaded
    ["sum(i: x[i] * prod(k in 0..40: 1 + (x[i] - k)^2))", 400, true],
  ])("chooses by what a call costs: %s of %i numbers", (loss, n, isChosen) => {
    const chosen = new Set<boolean>();
    const auto = webAssembly();
    const choose: Engine["choose"] = (...given) => {
      const choice = auto.choose!(...given);
      chosen.add(choice !== undefined);
      return choice;
    };
    const { flat } = compileText(`param x: [n]\nloss = ${loss}`, { engine: { ...auto, choose } }).bind();
    flat.gradient(new Float64Array(n), new Float64Array(n));
    expect([...chosen]).toEqual([isChosen]);
  });

  it("follows the sizes of its points", () => {
    const compiled = compileText("param x: [n]\nloss = sum(x^2)", { engine: webAssembly({ use: "always" }) });
    const bound = compiled.bind();
    for (const n of [3, 40_000, 3, 40_000]) {
      const x = numbers(n, 2);
      const g = new Float64Array(n);
      expect(bound.flat.lossAndGradient(x, g)).toBeCloseTo(
        x.reduce((sum, value) => sum + value * value, 0),
        6,
      );
      expect(g).toEqual(x.map((value) => 2 * value));
    }
  });

  it("counts conditions where a size that is known is 1", () => {
    const text =
      "param x: [n], y: [m]\ndata flag: bool[n]\nloss = sum(softmax(outer(x, y), axis = 1)[-1]^2) + sum(flag)";
    for (const n of [1, 3]) {
      const at = { x: numbers(n, 1), y: numbers(3, 2), flag: Array.from({ length: n }, (_, k) => k % 2 === 0) };
      const [expected, got] = [javaScriptEngine, webAssembly({ use: "always" })].map((engine) => {
        const { loss, gradient } = compileText(text, { engine }).lossAndGradient(at);
        return [loss, ...gradient.x!, ...gradient.y!];
      });
      for (const [k, value] of got!.entries()) expect(value).toBeCloseTo(expected![k]!, 14);
    }
  });

  it.each(["sin(a * w[j])", "sin(a * w[j] * w[i])"])(
    "takes pairs of nothing, whose second has a length of -1: %s",
    (pair) => {
      const engine = webAssembly({ use: "always" });
      const { gradient, hvp } = compileText(`param w: [n], a\nloss = a + sum(i in 0..n, j in 0..i: ${pair})`, {
        engine,
      });
      const none = { w: [], a: 0.3 };
      expect([...gradient(none).a!, ...hvp(none, none).a!]).toEqual([1, 0]);
    },
  );

  it.each([
    "[i in 0..k, j in 0..N: if j < length[i] then exp(x[second[first[j]]]) else y[j]]",
    "[i in 0..N: (if i < length[1] then x[argsort(x)[first[i]]] else 0) + y[i]]",
    "[i in 0..k, j in 0..N: if (i + 1) * j < n and j > 3 then x[argsort(x)[first[(i + 1) * j]]] else y[j]]",
  ])("looks nothing up at positions that are not there: %s", (output) => {
    const [n, N] = [7, 200_000];
    const text = `param x: [n], y: [N]\ndata first: int[n] within 0..n, second: int[n] within 0..n, length: int[k]\noutput z = ${output}`;
    const positions = (step: number) => Int32Array.from({ length: n }, (_, k) => (step * k + 1) % n);
    const data = { first: positions(2), second: positions(3), length: [0, 7, 5, 4] };
    const point = { x: numbers(n, 2), y: numbers(N, 4) };
    const [expected, got] = [javaScriptEngine, webAssembly({ use: "always" })].map(
      (engine) => compileText(text, { engine }).bind(data).outputs(point).z,
    );
    expect(got).toHaveLength(expected!.length);
    expect(got!.every((value, k) => Math.abs(value - expected![k]!) < 1e-14)).toBe(true);
  });

  it("looks nothing up behind the entries of a sparse matrix", () => {
    const text =
      "param A: [p, q], x: [p]\ndata from: int[p+1], at: int[m] within 0..p, v: [m]\nlet S = sort(A, axis = 0)\n" +
      "loss = sum(i in 0..p: sum(e in from[i]..from[i+1]: v[e] * S[at[e], 0] * x[i]))";
    const data = { from: [0, 1, 2, 3], at: [1, 2, 2], v: [-0.4, 1.2, 1.5] };
    const point = { A: [[-1], [-2], [3]], x: [2, 3, 4] };
    const bound = compileText(text, { engine: webAssembly({ use: "always" }) }).bind(data);
    expect(bound.loss(point)).toBeCloseTo(0.4 * 2 + 3.6 * 3 + 4.5 * 4, 12);
    expect(Array.from(bound.gradient(point).x!, (slope) => slope.toFixed(12))).toEqual(
      [0.4, 3.6, 4.5].map((slope) => slope.toFixed(12)),
    );
  });

  it("sees data that are filled in again", () => {
    const bound = compileText("param w = 1\ndata y: [n]\nloss = sum(w * y)", {
      engine: webAssembly({ use: "always" }),
    }).bind({ y: [1, 2, 3] });
    expect(bound.loss({ w: 2 })).toBe(12);
    bound.refill({ y: [10, 20, 30] });
    expect(bound.loss({ w: 2 })).toBe(120);
  });

  const refusing = (isRefused: (bytes: Uint8Array) => boolean) => ({
    Module: class {
      constructor(bytes: Uint8Array) {
        if (isRefused(bytes)) throw new Error("forbidden by the policy of this test");
      }
    },
  });

  it("is JavaScript where WebAssembly may not be compiled, and says so once", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    vi.stubGlobal(
      "WebAssembly",
      refusing(() => true),
    );
    const expected = resultsOf(javaScriptEngine, 57, 20);
    expect(resultsOf(webAssembly({ use: "always" }), 57, 20)).toEqual(expected);
    expect(resultsOf(webAssembly(), 57, 20)).toEqual(expected);
    expect(warn.mock.calls.length).toBe(1);
    expect(warn.mock.calls[0]![0]).toContain("forbidden by the policy of this test");
  });

  it("is JavaScript for modules that are too large to be compiled at once", () => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    vi.stubGlobal(
      "WebAssembly",
      refusing(({ length }) => length > 100),
    );
    const expected = resultsOf(javaScriptEngine, 57, 20);
    const got = resultsOf(webAssembly({ use: "always" }), 57, 20);
    for (const [k, value] of got.entries()) expect(Math.abs(value - expected[k]!)).toBeLessThan(1e-14);
  });

  it("refuses sizes beyond its memory as JavaScript does", () => {
    const compiled = compileText("param x: [n]\nloss = sum(i: x[i] * sum(j: exp(x[j]*i)))", {
      engine: webAssembly({ use: "always" }),
    });
    expect(() => compiled.bind({}, { n: 1e15 })).toThrow(/more than there is memory for/);
  });
});
