import { describe, expect, it } from "vitest";
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
