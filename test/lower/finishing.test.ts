import { describe, expect, it } from "vitest";
import { gradient } from "../../src/autodiff/derivatives.ts";
import { forVectors } from "../../src/emit/wasm/vector-loop.ts";
import { compileText } from "../../src/language/all.ts";
import { lower } from "../../src/lower/lower.ts";
import type { Program, Value } from "../../src/lower/program/loops.ts";
import { statementsOf, visitStatement } from "../../src/lower/program/rewrite-statements.ts";
import { loadModel } from "../../src/model/load.ts";
import { relu } from "../../src/ops/special/activation.ts";
import { simplify } from "../../src/rewrite/rewrite.ts";
import { bothEngines, numbers } from "../emit/wasm/both.ts";
import { workOf } from "./operations.ts";

const sizes = { n: 12, d: 8, m: 8, c: 6 };

/** Two layers, the first of which ends in `finish`. */
const layers = (finish: string) => `size n, d, m, c
param A: [d, m], b: [m], B: [m, c]
data X: [n, d], r: [n]
let U = X @ A + b
let H = ${finish}
loss = sum((H @ B)^2)
`;

const finishes: Readonly<Record<string, string>> = {
  relu: "relu(U)",
  "a leak": "leakyRelu(U, 0.1)",
  "a choice": "[i, k: if U[i,k] > 0.1 then U[i,k] else 0]",
  "a sum of two products": "X @ A + X @ (2 * A + 1)",
  weights: "[i, k: relu(U[i,k]) * r[i]]",
  scales: "[i, k: U[i,k] * b[k]]",
};

/** Loss and gradient, as JavaScript and for vectors. */
function programs(finish: string): Program[] {
  const model = loadModel({ name: "layers", text: layers(finish) });
  const parameters = model.parameters.map(({ expr }) => expr);
  const loss = simplify([model.loss!])[0]!;
  const roots = simplify([loss, ...gradient(loss, parameters)], { last: true });
  const targets = roots.map((node, k) => ({ name: `o${k}`, node }));
  return [{}, { forVectors }].map((options) => lower(targets, options));
}

const operations = (finish: string) =>
  programs(finish).map((program) => workOf(program, new Map(Object.entries(sizes))).operations);

describe("what finishes a product", () => {
  it("is computed once for each element: relu, its slope, and the product with that", () => {
    const elements = sizes.n * sizes.m;
    const plain = operations("U");
    const finished = operations("relu(U)");
    for (const [k, count] of finished.entries()) expect(count - plain[k]!).toBeLessThanOrEqual(4 * elements);
  });

  it("is computed once behind a convolution too, and not by each product that reads it", () => {
    const text = `size n, m, c
param F: [3, m], a: [m], W: [8, m, c]
data X: [n, 10]
let H = [i, x, k: relu(sum(u: F[u, k] * X[i, x + u]) + a[k])]
loss = sum([i, c: sum(x, k: H[i, x, k] * W[x, k, c])]^2)`;
    const model = loadModel({ name: "convolution", text });
    const loss = simplify([model.loss!])[0]!;
    const roots = simplify(
      gradient(
        loss,
        model.parameters.map(({ expr }) => expr),
      ),
      { last: true },
    );
    const program = lower(roots.map((node, k) => ({ name: `o${k}`, node })));
    let count = 0;
    const value = (each: Value) => {
      if (each.kind === "apply" && each.primitive === relu.primitive) count++;
    };
    for (const outermost of statementsOf(program)) visitStatement(outermost, { value });
    expect(count).toBeGreaterThan(0);
    // several to a turn, and one of what is left over
    expect(count).toBeLessThanOrEqual(5);
  });

  it("asks of no row of a whole tile whether it is inside", () => {
    const guarded: Value[] = [];
    const value = (each: Value) => each.kind === "guarded" && guarded.push(each);
    for (const program of programs(finishes.weights!))
      for (const outermost of statementsOf(program)) visitStatement(outermost, { value });
    expect(guarded).toEqual([]);
  });

  describe.each(Object.entries(finishes))("%s", (_, finish) => {
    const engines = bothEngines(`${layers(finish)}output finished = H`);
    it.each([sizes, { n: 5, d: 3, m: 6, c: 4 }, { n: 1, d: 1, m: 1, c: 1 }, { n: 37, d: 4, m: 9, c: 5 }])(
      "gives what it gives in JavaScript, for %o",
      ({ n, d, m, c }) => {
        const X = { data: Float64Array.from({ length: n * d }, (_x, k) => ((k * 37) % 19) / 10 - 0.9), shape: [n, d] };
        const shapes = [
          ["A", [d, m]],
          ["b", [m]],
          ["B", [m, c]],
        ] as const;
        const r = numbers(n, 5);
        engines.expectAgreement(shapes, { X, r }, { n, d, m, c });
      },
    );
  });

  it("reads what has finished a later product", () => {
    const text = `param A: [n, n], B: [n, n]
data C: [n, n], D: [n, n]
let earlier = C @ B
let later = A @ B + D
loss = sum(((earlier + tril(later)) @ C)^2)`;
    const matrix = (seed: number) => ({ data: numbers(16, seed), shape: [4, 4] });
    const at = { A: matrix(1), B: matrix(2), C: matrix(3), D: matrix(4) };
    const [plain, finished] = (["none", "all"] as const).map((rewrites) => compileText(text, { rewrites }).loss(at));
    expect(finished).toBeCloseTo(plain!, 10);
  });

  it("is there for what reads it in fourth derivatives of a factorisation", () => {
    const text = "param A: [n, n]\nloss = sum(hvp(sum(cholesky(A)^2), A, A))";
    const at = {
      A: [
        [1, 0.2],
        [0.2, 1],
      ],
    };
    const [plain, finished] = (["none", "all"] as const).map(
      (rewrites) => compileText(text, { rewrites }).hvp(at, at).A!,
    );
    for (const [k, value] of plain!.entries()) expect(finished![k]).toBeCloseTo(value, 10);
  });
});
