import { describe, expect, it } from "vitest";
import { derive, type FunctionName, lowerFunction } from "../../src/compile/derive.ts";
import { loadModel } from "../../src/model/load.ts";
import { simplify } from "../../src/rewrite/rewrite.ts";
import { workOf } from "../lower/operations.ts";

/** Model, sizes, and the most that everything in one call may cost, in units of three calls. */
const models: readonly (readonly [string, string, Readonly<Record<string, number>>, number])[] = [
  [
    "logistic regression",
    "param w: [d]\ndata X: [n, d], y: [n]\nloss = mean(softplus(-y * (X @ w))) + 0.1 * sum(w^2)",
    { n: 100, d: 20 },
    0.75,
  ],
  [
    "a perceptron",
    `param W: [i, h], b: [h], V: [h, o], c: [o]
data X: [n, i], label: int[n] within 0..o
let z = tanh(X @ W + b) @ V + c
loss = mean(s in 0..n: logsumexp(z[s]) - z[s, label[s]])`,
    { n: 32, i: 16, h: 24, o: 5 },
    0.7,
  ],
  ["a loop", "param A: [k, k], h: [k]\nloss = sum(scan(i in 0..6, z = h: tanh(A @ z))^2)", { k: 8 }, 0.75],
  ["a chain", "param x: [n]\nloss = sum(i in 0..n-1: 100 * (x[i+1] - x[i]^2)^2 + (1 - x[i])^2)", { n: 100 }, 0.9],
];

function operationsOf(text: string, name: FunctionName, sizes: ReadonlyMap<string, number>): number {
  const model = loadModel({ name: "shared", text });
  const [loss] = simplify([model.loss!]);
  const { graph, outputs, parameters } = model;
  const derived = derive(name, { graph, loss: loss!, outputs, variables: parameters, level: "all" });
  return workOf(lowerFunction(derived, parameters).program, sizes).operations;
}

describe("loss, gradient and product in one call", () => {
  it.each(models)("share what they have in common: %s", (_, text, sizes, most) => {
    const known = new Map(Object.entries(sizes));
    const [loss, gradient, hvp, all] = (["loss", "gradient", "hvp", "lossGradientHvp"] as const).map((name) =>
      operationsOf(text, name, known),
    ) as [number, number, number, number];
    expect(all).toBeLessThanOrEqual(most * (loss + gradient + hvp));
  });
});
