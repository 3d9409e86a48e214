import { describe, expect, it } from "vitest";
import { Evaluation } from "../../src/cli/eval/evaluate.ts";
import { closureEngine, javaScriptEngine } from "../../src/compile/functions.ts";
import { compileText, loadModel } from "../../src/language/all.ts";
import { webAssembly } from "../../src/wasm.ts";

const M = [
  [1, 2, 3],
  [4, 5, 7],
];
const flat = M.flat();

/** Reshapes in the sides of a choice, of what is computed where it is read; the loss and its slopes by hand. */
const choices: readonly (readonly [string, number, readonly number[]])[] = [
  ["sum((if p then reshape(M', [n, m]) else M)^2)", 104, flat.map((x) => 2 * x)],
  ["sum((if p then flatten(2 * M) else flatten(M'))^2)", 416, flat.map((x) => 8 * x)],
  ["sum(flatten(if p then reshape(M^2, [m, n]) else M')^2)", 3380, flat.map((x) => 4 * x ** 3)],
];

describe("a reshape of what has no array", () => {
  it.each(choices)("is a copy within a choice: %s", (text, value, slopes) => {
    const compiled = compileText(`param M: [n, m]\ndata p: bool\nloss = ${text}`);
    const { loss, gradient } = compiled.lossAndGradient({ M, p: true });
    expect(loss).toBeCloseTo(value, 9);
    expect([...gradient.M!]).toEqual(slopes.map((slope) => expect.closeTo(slope, 9)));
    expect([...compiled.hvp({ M, p: true }, { M }).M!]).toHaveLength(6);
  });

  it.each(["all", "none"] as const)("is a copy where sizes of 1 make one of a diagonal, rewrites %s", (rewrites) => {
    const of = (engine: typeof javaScriptEngine, body: string) =>
      compileText(`param M: [n, m]\nloss = ${body}`, { engine, rewrites }).gradient({ M: [[1, 2]] }).M!;
    for (const body of ["trace(softsign(M @ M'))", "trace(M @ M')^2"]) {
      const [got, expected] = [of(webAssembly({ use: "always" }), body), of(javaScriptEngine, body)];
      expect([...got]).toEqual([...expected].map((slope) => expect.closeTo(slope, 14)));
    }
  });
});

describe("arrays without elements", () => {
  const pairs = "sum(i in 0..n, j in 0..i: sin((x * x)[i] - abs(sin(x))[j]))";
  const [x, y, z] = [0.5, 1, 0.2];
  /** What is beside the pairs, of which there are none; and its Hessian times the point, in x. */
  const beside: readonly (readonly [string, number])[] = [
    ["sum(sin(x) * y[0])", Math.cos(x) * y - Math.sin(x) * y * x],
    [
      "sum(cos(reshape(outer(x, y), [m, n]))^2)",
      -[y, z].reduce((sum, v) => sum + v * Math.sin(2 * x * v) + 4 * x * v * v * Math.cos(2 * x * v), 0),
    ],
  ];

  it.each(["", "size n = 1\n"])("are read by nothing: %j", (known) => {
    for (const [body, expected] of beside)
      for (const engine of [javaScriptEngine, webAssembly({ use: "always" })])
        for (const rewrites of ["all", "none"] as const) {
          const model = compileText(`${known}param x: [n], y: [m]\nloss = ${pairs} + ${body}`, { engine, rewrites });
          const point = { x: [x], y: [y, z] };
          expect(model.hvp(point, point).x![0]).toBeCloseTo(expected, 10);
        }
  });

  it("have no length below 0 where a range is empty that others begin in", () => {
    const text = "param x: [n]\nloss = sum(i in 0..n-2: prod(j in 0..i: sin(x[j])))";
    for (const engine of [javaScriptEngine, closureEngine, webAssembly({ use: "always" })])
      for (const rewrites of ["all", "none"] as const) {
        const model = compileText(text, { engine, rewrites });
        expect(model.lossAndGradient({ x: [1, 2] })).toEqual({ loss: 0, gradient: { x: new Float64Array(2) } });
        expect(model.hvp({ x: [1, 2] }, { x: [1, 1] }).x).toEqual(new Float64Array(2));
      }
    const answer = new Evaluation(loadModel({ name: "m", text })).answer({
      engine: "interpreter",
      inputs: { x: [1, 2] },
      want: ["loss"],
      wrt: undefined,
      direction: undefined,
    });
    expect(answer.loss).toBe(0);
  });

  it.each(["interpreter", "complex", "dual"] as const)("have no length below 0 with %s numbers", (engine) => {
    const text = "param x: [n]\nloss = sum(i in 0..n//2, j in 0..i-1: if j//2 > 0 then x[0] else 0)";
    const answer = new Evaluation(loadModel({ name: "m", text })).answer({
      engine,
      inputs: { x: [1] },
      want: ["loss", "hvp"],
      wrt: undefined,
      direction: { x: [1] },
    });
    expect(answer.loss).toBe(0);
  });
});
