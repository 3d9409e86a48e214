import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gradient, hvp } from "../../src/autodiff/derivatives.ts";
import { vmap } from "../../src/autodiff/vmap.ts";
import { programs } from "../../src/check/arbitraries.ts";
import { executable } from "../../src/check/execute.ts";
import { realField } from "../../src/interpreter/field.ts";
import { type Bindings, evaluateShape, interpret } from "../../src/interpreter/interpret.ts";
import { type Expr, Graph } from "../../src/ir/graph.ts";
import { Integer } from "../../src/ir/integer.ts";
import { topologicalOrder } from "../../src/ir/walks/traverse.ts";
import { loadModel } from "../../src/model/load.ts";
import { sum } from "../../src/ops/arrays/contractions.ts";
import { exp } from "../../src/ops/elementary/exponential.ts";
import { routines } from "../../src/ops/linear-algebra/registry.ts";
import { simplify } from "../../src/rewrite/rewrite.ts";
import { seed } from "../properties/subject.ts";

const count = 3;

/** A batch for each leaf: its own values first, then others. */
function batchesOf(leaves: readonly Expr[], { sizes, values }: Bindings<number>) {
  const mapped = new Map<Expr, Expr>();
  const numbers = new Map<Expr, readonly number[]>();
  for (const leaf of leaves) {
    const batch = leaf.graph.variable([Integer.constant(count), ...leaf.shape]);
    mapped.set(leaf, batch);
    const own = values.get(leaf)!;
    numbers.set(
      batch,
      Array.from({ length: count }, (_, b) => own.map((value, k) => value + (b * (((k * 7) % 5) - 2)) / 16)).flat(),
    );
  }
  return { mapped, numbers, sizes };
}

/** Results of the batch, and those of its elements one by one, flat and in the same order. */
function bothWays(
  roots: readonly Expr[],
  leaves: readonly Expr[],
  bindings: Bindings<number>,
  evaluate: (roots: readonly Expr[], bindings: Bindings<number>) => readonly (readonly number[])[],
) {
  const { mapped, numbers, sizes } = batchesOf(leaves, bindings);
  const got = evaluate(vmap(roots, mapped), { sizes, values: new Map([...bindings.values, ...numbers]) });
  const elements = Array.from({ length: count }, (_, b) => {
    const own = leaves.map((leaf) => {
      const all = numbers.get(mapped.get(leaf)!)!;
      const size = all.length / count;
      return [leaf, all.slice(b * size, (b + 1) * size)] as const;
    });
    return interpret(roots, { sizes, values: new Map([...bindings.values, ...own]) }, realField);
  });
  return { got, expected: roots.map((_, k) => elements.flatMap((element) => element[k]!)) };
}

function expectSame(got: readonly (readonly number[])[], expected: readonly (readonly number[])[], digits: number) {
  for (const [k, list] of expected.entries()) {
    expect(got[k]!.length).toBe(list.length);
    for (const [at, value] of list.entries()) {
      // sums in another order, beside numbers of the size of the largest
      if (Number.isFinite(value))
        expect(got[k]![at]! / (1 + Math.abs(value))).toBeCloseTo(value / (1 + Math.abs(value)), digits);
      else expect(got[k]![at]).toBe(value);
    }
  }
}

/** Losses in a vector w and a matrix M of [n, n] that meet every kind of node. */
const losses: Readonly<Record<string, string>> = {
  "maps and sums": "sum(i: softplus(w[i]) * sum(j: M[i, j] * tanh(w[j])))",
  "largest and smallest": "max(i: w[i] * M[0, i]) + min(i, j: M[i, j] + w[j])",
  "a product": "prod(i in 0..n: 2 + w[i])",
  "running sums": "sum(cumsum(w) * w)",
  "lookups by data": "sum(i: w[at[i]] * M[at[i], i])",
  "windows and padding": "sum(i in 0..n: pad(w, 1)[i] * pad(w, 1)[i + 2]) + sum(reverse(w) * w)",
  conditions: "sum(i in 0..n: if w[i] > 0.2 then w[i]^2 else sin(w[i]))",
  "a loop over rows": "sum(scan(i in 0..n, h = w: tanh(M @ h) + M[i]))",
  "a loop within a loop": "sum(scan(i in 0..n, h = w: h / 2 + sum(scan(j in 0..2, g = h: sin(g) + M[j]))))",
  "a loop of factorisations": "sum(scan(i in 0..2, h = w: solve(P + h[0]^2 * eye(n), h)))",
  cholesky: "sum(cholesky(P)^2 @ w)",
  "changes of a factor": "sum(hvp(sum(cholesky(P)^3), M, M) * M)",
  systems: "dot(w, solve(P, w)) + dot(w, solve(M + 4 * eye(n), w))",
  "positive definite systems": "dot(w, solve(P, w, positiveDefinite = true)) + logdet(P, positiveDefinite = true)",
  "a triangle": "sum(solveTriangular(tril(P), w))",
  determinants: "logdet(P) + det(M + 3 * eye(n)) + log(det(P))",
  eigenvalues: "sum(eigenvalues(P)^3) + sum(i, j: exp(eigh(P).vectors[i, j]^2))",
  "orthogonal factors": "sum(qr(M + 2 * eye(n)).r^3)",
  sorting: "sum(sort(w) * y)",
  "a root": "sum(i in 0..n: root(z = 1: z^3 + z - exp(w[i])))",
  "a fixed point": "fixedPoint(z = 0: cos(z) / 2 + w[0] / 4)",
  "a loop of unknown length": "while(z = 4 + w[0], test = z > 1, limit = 20: z * (0.5 + w[1] / 16))",
  "a choice by one number": "if w[0] > 0 then sum(exp(w)) else logdet(P) * w[1]",
  "a definition that is called": "long(long(w[0], w[1]), long(w[1], w[2])) + long(M[0, 1], w[0])",
  "a function of eigenvalues": "sum(hvp(sum(eigenvalues(P)^2), M, M) * M)",
};

const steps = Array.from({ length: 12 }, (_, k) => `let z${k + 1} = sin(0.3 * z${k} + ${k}.5 * b) + 0.2 * a * z${k}`);
const long = `def long(a, b) = {\n  let z0 = a\n  ${steps.join("\n  ")}\n  return z12\n}\n`;

const textOf = (loss: string) =>
  `${long}param w: [n], M: [n, n]\ndata y: [n], at: int[n] within 0..n\nlet P = M @ M' + 2 * eye(n)\nloss = ${loss}`;

function modelWith(loss: string) {
  const model = loadModel({ name: "batch", text: textOf(loss) });
  const n = 3;
  const sizes = new Map([["n", n]]);
  const leaves = topologicalOrder([model.loss!]).filter(({ kind }) => kind === "leaf");
  const values = new Map(
    leaves.map((leaf) => {
      const length = evaluateShape(leaf.shape, sizes).reduce((all, size) => all * size, 1);
      const number = (k: number) => (leaf.dtype === "int" ? (k * 2 + 1) % n : (((k * 11 + leaf.id) % 13) - 6) / 8);
      return [leaf, Array.from({ length }, (_, k) => number(k))] as const;
    }),
  );
  const parameters = model.parameters.map(({ expr }) => expr).filter((expr) => leaves.includes(expr));
  return { loss: model.loss!, parameters, bindings: { sizes, values } };
}

describe("vmap", () => {
  it.each(Object.entries(losses))("is the loop over the batch: %s", (_, text) => {
    const { loss, parameters, bindings } = modelWith(text);
    const roots = [loss, ...gradient(loss, parameters)];
    for (const mapped of [parameters, parameters.slice(0, 1), parameters.slice(-1)]) {
      const { got, expected } = bothWays(roots, mapped, bindings, (all, given) => interpret(all, given, realField));
      expectSame(got, expected, 10);
    }
  });

  it.each(Object.entries(losses))("is so for generated code after rewriting: %s", (_, text) => {
    const { loss, parameters, bindings } = modelWith(text);
    const roots = [loss, ...gradient(loss, parameters)];
    const { got, expected } = bothWays(roots, parameters, bindings, (all, given) =>
      executable(simplify(all, { level: "all", last: true }))(given),
    );
    expectSame(got, expected, 8);
  });

  it("is tried on every operation", () => {
    const met = new Set<string>();
    for (const text of Object.values(losses)) {
      const { loss, parameters } = modelWith(text);
      for (const node of topologicalOrder([loss, ...gradient(loss, parameters), ...simplify([loss])])) {
        if (node.kind === "operation") met.add(node.graph.operationOf(node.id).name);
      }
    }
    expect([...routines.keys(), "scan"].filter((name) => !met.has(name))).toEqual([]);
  });

  it("is the loop over the batch for random programs, with gradient and Hessian-vector product", () => {
    fc.assert(
      fc.property(programs(), fc.nat(), ({ output, parameters, sizes, values }, choice) => {
        const slopes = gradient(output, parameters);
        const roots = [output, ...slopes, ...hvp(output, parameters, parameters)];
        const leaves = parameters.filter((_, k) => (choice >> k) % 2 === 0 || k === choice % parameters.length);
        const { got, expected } = bothWays(roots, leaves, { sizes, values }, (all, given) =>
          interpret(all, given, realField),
        );
        expectSame(got, expected, 9);
      }),
      { numRuns: 40, seed: Number(process.env.NABLA_SEED ?? seed) },
    );
  });

  it("computes once what does not depend on the batch", () => {
    const graph = new Graph();
    const [w, v] = [graph.param("w", [Integer.named("n")]), graph.variable([Integer.named("n")])];
    const [product] = hvp(sum(exp(w)), [w], [v]);
    const [all] = vmap([product!], new Map([[v, graph.variable([Integer.constant(count), Integer.named("n")])]]));
    const wide = topologicalOrder([all!]).filter(({ kind, shape }) => kind === "map" && shape.length > 1);
    const narrow = topologicalOrder([all!]).filter((node) => node.kind === "map" && node.shape.length === 1);
    expect(narrow.map(({ id }) => graph.primitiveOf(id).name)).toContain("exp");
    expect(wide.map(({ id }) => graph.primitiveOf(id).name)).not.toContain("exp");
  });

  it("maps a batch of batches", () => {
    const { loss, parameters, bindings } = modelWith(losses["maps and sums"]!);
    const [w] = parameters as [Expr];
    const inner = w.graph.variable([Integer.constant(2), ...w.shape]);
    const [once] = vmap([loss], new Map([[w, inner]]));
    const outer = w.graph.variable([Integer.constant(count), ...inner.shape]);
    const [twice] = vmap([once!], new Map([[inner, outer]]));
    const numbers = Array.from({ length: count * 2 * 3 }, (_, k) => ((k * 5) % 11) / 8 - 0.5);
    const [got] = interpret(
      [twice!],
      { ...bindings, values: new Map([...bindings.values, [outer, numbers]]) },
      realField,
    );
    const expected = Array.from({ length: count * 2 }, (_, b) => {
      const values = new Map([...bindings.values, [w, numbers.slice(3 * b, 3 * b + 3)] as const]);
      return interpret([loss], { ...bindings, values }, realField)[0]![0]!;
    });
    expectSame([got!], [expected], 12);
  });

  it("refuses what is no batch of its leaf", () => {
    const { loss, parameters } = modelWith(losses["maps and sums"]!);
    const [w, M] = parameters as [Expr, Expr];
    const three = Integer.constant(3);
    expect(() => vmap([loss], new Map([[w, w.graph.variable([])]]))).toThrow("it has nothing to map over");
    expect(() => vmap([loss], new Map([[w, w.graph.variable([three])]]))).toThrow(
      "a batch needs real[3, n], got real[3]",
    );
    const two = w.graph.variable([Integer.constant(2), ...M.shape]);
    expect(() =>
      vmap(
        [loss],
        new Map([
          [w, w.graph.variable([three, ...w.shape])],
          [M, two],
        ]),
      ),
    ).toThrow("a batch needs real[3, n, n], got real[2, n, n]");
  });
});
