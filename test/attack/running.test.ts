import { describe, expect, it } from "vitest";
import { Evaluation } from "../../src/cli/eval/evaluate.ts";
import type { EngineName } from "../../src/cli/eval/request.ts";
import { compileModel } from "../../src/compile/compile.ts";
import { loadModel } from "../../src/model/load.ts";
import { lossAt } from "../build/evaluate.ts";

/** Losses that read every element of a running combination in the loop that carries it along. */
const losses: readonly (readonly [string, string])[] = [
  ["a running sum under a sine", "param x: [n]\nloss = sum(sin(cumsum(x)))"],
  ["written as a triangle", "param x: [n]\nloss = sum(j in 0..n: sin(sum(k in 0..j+1: x[k])))"],
  ["without the element itself", "param x: [n]\nloss = sum(j in 0..n: x[j] * sin(sum(k in 0..j: x[k])))"],
  ["from the other end", "param x: [n]\nloss = sum(j in 0..n: sin(sum(k in j..n: x[k])))"],
  ["of a sum that reads another", "param x: [n]\nloss = sum(cumsum(sin(cumsum(x))) * x)"],
  ["a running product", "param x: [n]\nloss = sum(x * cumprod(x))"],
  ["a running maximum", "param x: [n]\nloss = sum(sin(cummax(x)))"],
];

describe("the loss alone of a model that reads a running combination", () => {
  it.each(losses)("is that of the interpreter: %s", (_name, text) => {
    const model = loadModel({ name: "running.nabla", text });
    const { flat } = compileModel(model).bind({});
    // around multiples of four, where sums are taken in four parts
    for (const n of [1, 3, 4, 5, 7, 8, 9, 13]) {
      const x = Array.from({ length: n }, (_, k) => ((7 * k + 3) % 11) / 8 - 0.5);
      expect(flat.loss(Float64Array.from(x))).toBeCloseTo(lossAt(model, { x }), 12);
    }
  });
});

/** Triangles whose sides differ by one: rounds and terms of these are not as many. */
const uneven = ["n - 1", "n", "n + 1", "n + 2"].flatMap((rounds) =>
  ["0..i", "0..i+1", "i..n", "i+1..n", "i-1..n"].flatMap((terms) =>
    ["sum", "prod"].map((name) => {
      const term = `if j >= 0 and j < n then x[j] else ${name === "sum" ? 0 : 1}`;
      return `param x: [n]\nloss = sum(i in 0..${rounds}: sin(${name}(j in ${terms}: ${term})))`;
    }),
  ),
);

describe("the derivatives of a sum over a triangle", () => {
  it.each(uneven)("are those of the interpreter: %s", (text) => {
    const model = loadModel({ name: "running.nabla", text });
    const ask = (engine: EngineName, x: readonly number[]) => {
      const direction = { x: x.map((_, k) => 1 - k / 2) };
      const asked = { inputs: { x }, direction, engine, wrt: undefined, want: undefined };
      const { gradient, hvp } = new Evaluation(model).answer(asked);
      return [...Array.from(gradient!.x!.values), ...Array.from(hvp!.x!.values)];
    };
    for (const n of [3, 4, 5, 9]) {
      const x = Array.from({ length: n }, (_, k) => ((7 * k + 3) % 11) / 8 - 0.45);
      const expected = ask("interpreter", x);
      for (const [k, got] of ask("js", x).entries()) expect(got).toBeCloseTo(expected[k]!, 12);
    }
  });
});
