import { describe, expect, it } from "vitest";
import type { Loop, Statement } from "../../src/lower/program/loops.ts";
import { lower } from "../../src/lower/lower.ts";
import { visitStatement } from "../../src/lower/program/rewrite-statements.ts";
import { forVectors } from "../../src/lower/vectors.ts";
import { loadModel } from "../../src/language/all.ts";
import { simplify } from "../../src/rewrite/rewrite.ts";
import { bothEngines, numbers } from "../emit/wasm/both.ts";

/** Losses of a model with parameters w and a constant b, of n rows with d numbers each. */
const models: Readonly<Record<string, string>> = {
  "a logistic regression": "mean(softplus(-y * (X @ w + b))) + dot(w, w)",
  "a Poisson regression": "mean(exp(X @ w / d) - y * (X @ w))",
  "a distance with a scale of its own for each row": "sum(sqrt(1 + ((X @ w - y) / (2 + y))^2))",
  "rows that are looked up": "sum(i: softplus(y[g[i]] * sum(j: X[i, j] * w[j]) + b))",
  "two products a row": "sum(i: tanh(sum(j: X[i, j] * w[j])) * sum(j: X[i, j] * w[j]^2))",
  "values of rows that are kept": "sum(i: softplus(sum(j: X[i, j] * w[j]))) + max(i: tanh(sum(j: X[i, j] * w[j])))",
  "conditions of rows": "sum(i: if sum(j: X[i, j] * w[j]) > y[i] then y[i] * sum(j: X[i, j] * w[j]^3) else exp(b))",
};

const textOf = (loss: string, sizes = "n, d") =>
  `size ${sizes}\nparam w: [d], b: []\ndata X: [n, d], y: [n], g: int[n] within 0..n\nloss = ${loss}`;

const dataOf = (n: number, d: number) => ({
  X: { data: numbers(n * d, 3), shape: [n, d] },
  y: { data: numbers(n, 5), shape: [n] },
  g: { data: Int32Array.from({ length: n }, (_, k) => (k * k + 1) % n), shape: [n] },
});

function layoutsOf(loss: string, sizes?: string): { readonly layouts: readonly string[]; readonly loops: readonly Loop[] } {
  const model = loadModel({ name: "rows", text: textOf(loss, sizes) });
  const [node] = simplify([model.loss!], { level: "all", last: true });
  const loops: Loop[] = [];
  const statement = (inner: Statement) => {
    if (inner.kind === "for") loops.push(inner);
  };
  for (const each of lower([{ name: "loss", node: node! }], { forVectors }).parts.flat())
    visitStatement(each, { statement });
  return { layouts: loops.flatMap(({ making }) => making?.layouts ?? []), loops };
}

describe("rows in strips", () => {
  it.each(Object.entries(models))("give the results of rows one by one: %s", (_, loss) => {
    const engines = bothEngines(textOf(loss));
    for (const [n, d] of [
      [1, 1],
      [3, 5],
      [4, 2],
      [5, 7],
      [33, 4],
      [70, 9],
      [2 ** 14 + 3, 9],
    ] as const)
      engines.expectAgreement(
        [
          ["w", [d]],
          ["b", []],
        ],
        dataOf(n, d),
        { n, d },
      );
  });

  it.each(Object.entries(models))("are taken in strips: %s", (_, loss) => {
    expect(layoutsOf(loss).layouts).toContain("strips");
  });

  it("go row by row where they come from afar, which sizes may say", () => {
    const steps = (sizes: string) =>
      layoutsOf(models["a logistic regression"]!, sizes).loops.filter(({ making }) => making?.layouts.includes("rows"));
    expect(steps("n = 1000, d = 20")).toHaveLength(1);
    expect(steps("n = 10000, d = 100")).toHaveLength(0);
  });

  it.each([
    ["a running sum of rows", "sum(softplus(cumsum(X @ w)))"],
    ["the largest of rows so far", "sum(i: max(k in 0..i+1: softplus(sum(j: X[k, j] * w[j]))))"],
    ["rows of as many numbers as they say", "sum(i: exp(sum(j in 0..d: X[i, j] * w[j]) + sum(j in 0..g[i]: y[j])))"],
  ])("are not made of %s", (_, loss) => {
    expect(layoutsOf(loss).layouts).not.toContain("strips");
  });
});
