import { describe, expect, it } from "vitest";
import { gradient, hvp } from "../../src/autodiff/derivatives.ts";
import { executable, pairExecutable } from "../../src/check/execute.ts";
import { compileModel } from "../../src/compile/compile.ts";
import { compileDual } from "../../src/emit/pairs/pairs.ts";
import { realField } from "../../src/interpreter/field.ts";
import { interpret } from "../../src/interpreter/interpret.ts";
import type { Scan } from "../../src/ir/bodies/scan.ts";
import type { Expr } from "../../src/ir/graph.ts";
import type { Operation } from "../../src/ir/operation.ts";
import { topologicalOrder } from "../../src/ir/walks/traverse.ts";
import { loadModel } from "../../src/model/load.ts";
import { simplify } from "../../src/rewrite/rewrite.ts";
import { example } from "../model/examples.ts";

const load = (text: string) => loadModel({ name: "loop.nabla", text });
const lstm = () => loadModel(example("lstm"));

/** The operations under the roots, each call once. */
function operationsOf(roots: readonly Expr[]): Operation[] {
  const calls = new Map(
    topologicalOrder(roots)
      .filter(({ kind }) => kind === "operation")
      .map(({ graph, id }) => [graph.callOf(id), graph.operationOf(id)]),
  );
  return [...calls.values()];
}

const scansOf = (roots: readonly Expr[]) => operationsOf(roots).filter(({ kind }) => kind === "scan") as Scan[];

/** Sums of products in the body of a scan. */
const productsIn = ({ body }: Scan) =>
  topologicalOrder(body.roots).filter(({ graph, id, kind }) => kind === "contraction" && !graph.isView(id));

describe("loops, rewritten", () => {
  it("have one forward loop for a loss and its gradient", () => {
    const model = lstm();
    const [loss] = simplify([model.loss!]);
    const slopes = gradient(
      loss!,
      model.parameters.map(({ expr }) => expr),
    );
    const scans = scansOf(simplify([loss!, ...slopes], { last: true }));
    expect(scans.map(({ isReversed }) => isReversed)).toEqual([false, true]);
    // what flows back through U @ s is all that a step of the gradient multiplies: everything else is whole products
    expect(scans.map((scan) => productsIn(scan).length)).toEqual([1, 1]);
    expect(scans[1]!.body.roots.every(({ shape }) => shape.length < 2)).toBe(true);
  });

  it("are transposed once for a loss and for the loop that stacks its carries", () => {
    const model = lstm();
    const x = model.parameters.map(({ expr }) => expr);
    const [loss] = simplify([model.loss!]);
    const along = x.map(({ shape }) => model.graph.variable(shape));
    const scans = scansOf(simplify(hvp(loss!, x, along, "reverse-over-reverse"), { last: true }));
    expect(scans.map(({ isReversed }) => isReversed)).toEqual([false, true, false, true]);
  });

  it("are run forward through the gradient for a product with the Hessian: tangents run along", () => {
    const model = lstm();
    const x = model.parameters.map(({ expr }) => expr);
    const [loss] = simplify([model.loss!]);
    const along = x.map(({ shape }) => model.graph.variable(shape));
    const scans = scansOf(simplify(hvp(loss!, x, along), { last: true }));
    expect(scans.map(({ isReversed }) => isReversed)).toEqual([false, true]);
  });

  it("compute each function of a step once for a product with the Hessian, and read it behind that", () => {
    const model = lstm();
    const x = model.parameters.map(({ expr }) => expr);
    const [loss] = simplify([model.loss!]);
    const along = x.map(({ shape }) => model.graph.variable(shape));
    const bodies = scansOf(simplify(hvp(loss!, x, along, "reverse-over-reverse"), { last: true })).map(({ body }) =>
      topologicalOrder(body.roots).flatMap(({ graph, id, kind }) =>
        kind === "map" && graph.primitiveOf(id).cost > 5 ? [graph.primitiveOf(id).name] : [],
      ),
    );
    const [forward, reverse, second, last] = bodies.map((names) => names.sort());
    expect(forward).toEqual(["sigmoid", "sigmoid", "sigmoid", "tanh", "tanh"]);
    expect(reverse).toEqual(["sech2", "sech2", "sigmoidSlope", "sigmoidSlope", "sigmoidSlope"]);
    // what is left are the slopes of sigmoidSlope
    expect(second).toEqual(["tanh", "tanh", "tanh"]);
    expect(last).toEqual([]);
  });

  it.each([
    ["a function of a carry", "tanh(s + x)", "tanh(s + x) * x", { tanh: 1 }],
    ["a function of an input", "s + exp(x)", "s * exp(x)", { exp: 1 }],
    ["a function that is stacked already", "exp(s - 2 * x)", "exp(s - 2 * x)", { exp: 1 }],
    ["a function of the step", "s * sin(t / 10 + x)", "s^2", { sin: 1 }],
    // five in the loop of the loss, and four where the other one begins anew
    [
      "the middle of a chain of cheap functions",
      "x - s * abs(x - s * abs(x - s * abs(x - s * abs(x - s * abs(x - s)))))",
      "s",
      { sub: 9 },
    ],
    ["a factorisation", "s / (1 + logdet(outer(x, x) + eye(d)))", "s * x", { lu: 1, luSolve: 1 }],
  ])("stack %s for the gradient", (_, next, seen, counts) => {
    const model = load(`param X: [n, d], h: [d]
      let run = scan(x in X, t in 0..n, s = h: { s = ${next}; y = ${seen} })
      loss = sum(run.y^2) + sum(run.s)`);
    const x = model.parameters.map(({ expr }) => expr);
    const slopes = [model.loss!, ...gradient(model.loss!, x)];
    const roots = simplify(slopes, { last: true });
    const found = scansOf(roots).flatMap(({ body }) =>
      topologicalOrder(body.roots).flatMap(({ graph, id, kind }) =>
        kind === "map"
          ? [graph.primitiveOf(id).name]
          : kind === "operation" && graph.resultOf(id) === 0
            ? [graph.operationOf(id).name]
            : [],
      ),
    );
    for (const [name, count] of Object.entries(counts)) {
      expect(found.filter((other) => other === name)).toHaveLength(count);
    }
    const bindings = {
      sizes: new Map(Object.entries({ n: 4, d: 2 })),
      values: new Map([
        [x[0]!, [0.5, -1, 0.2, 0.25, 0.1, 0.7, -0.3, 0.4]],
        [x[1]!, [0.3, -0.6]],
      ]),
    };
    const [before, after] = [slopes, roots].map((list) => interpret(list, bindings, realField).flat());
    for (const [k, value] of before!.entries()) expect(after![k]).toBeCloseTo(value, 12);
  });

  it("lose carries, stacks and inputs that nothing reads", () => {
    const model = load(`param x: [n], h
      let run = scan(v in x, u in x, a = h, b = h, c = h: { a = a * v; b = b + c * u; c = c; y = b; z = a })
      loss = run.a`);
    const [scan] = scansOf(simplify([model.loss!]));
    expect([scan!.carries, scan!.inputs, scan!.stacks, scan!.operands.length]).toEqual([1, 1, 0, 2]);
  });

  it("take a carry that never changes as a constant, and a stack of an input as the input", () => {
    const model = load(`param x: [n], h
      let run = scan(v in x, a = 1, c = h: { a = a * v + c; c = c; y = v })
      loss = run.a * run.c + sum(run.y)`);
    const [scan] = scansOf(simplify([model.loss!]));
    expect([scan!.carries, scan!.inputs, scan!.stacks]).toEqual([1, 1, 0]);
  });

  it("take numbers that are the same in every step into their bodies", () => {
    const model = load(`param x: [n], h
      let run = scan(v in x, u in ones(n), s = h: { s = sin(u * s + v); y = s })
      loss = sum(run.y)`);
    const roots = simplify([model.loss!, ...gradient(model.loss!, [model.parameters[0]!.expr])], { last: true });
    const calls = topologicalOrder(roots).filter(({ kind }) => kind === "operation");
    for (const { operands, graph, id } of calls) {
      const { carries } = graph.operationOf(id) as Scan;
      expect(operands.slice(carries).map(({ kind }) => kind)).not.toContain("constant");
    }
    const products = scansOf(roots).map(({ body }) =>
      topologicalOrder(body.roots).filter(
        ({ graph, id, kind }) => kind === "map" && graph.primitiveOf(id).name === "mul",
      ),
    );
    expect(products.map((list) => list.length)).toEqual([0, 1]);
  });

  it.each([
    ["scan", "n-1"],
    ["reverseScan", "0"],
  ])("store one slice where only the last one is read: %s", (scan, last) => {
    const model = load(`param X: [n, d]
      let run = ${scan}(x in X, s = X[0]: { s = tanh(s + x); y = s * x })
      loss = sum(run.y[${last}]) + run.y[${last}, 0]^2`);
    const roots = simplify([model.loss!]);
    expect(scansOf(roots).map(({ stacks }) => stacks)).toEqual([0]);
    const bindings = {
      sizes: new Map(Object.entries({ n: 3, d: 2 })),
      values: new Map([[model.parameters[0]!.expr, [0.5, -1, 2, 0.25, 0.1, 0.7]]]),
    };
    const [before, after] = [[model.loss!], roots].map((list) => interpret(list, bindings, realField)[0]![0]!);
    expect(after).toBeCloseTo(before!, 14);
    // a gradient reads the other slices' cotangents as zeros, and a stack that is read elsewhere stays
    const whole = load(`param X: [n, d]
      let run = ${scan}(x in X, s = X[0]: { s = tanh(s + x); y = s * x })
      loss = sum(run.y[${last}]) + sum(run.y^2)`);
    expect(scansOf(simplify([whole.loss!])).map(({ stacks }) => stacks)).toEqual([1]);
  });

  it("vanish where nothing is carried", () => {
    const model = load("param x: [n], W: [d, d], h: [d]\nloss = sum(scan(v in x, s = h, t = h: { s = s; t = t }).s)");
    expect(operationsOf(simplify([model.loss!]))).toEqual([]);
  });

  it("compute what is the same in every step once, and products of inputs for all steps at once", () => {
    const model = load(`param W: [d, d], c: [d], X: [n, d]
      loss = sum(scan(x in X, s = c: tanh(s * exp(c) + W @ x)))`);
    const [scan] = scansOf(simplify([model.loss!]));
    const primitives = topologicalOrder(scan!.body.roots).flatMap(({ graph, id, kind }) =>
      kind === "map" ? [graph.primitiveOf(id).name] : [],
    );
    expect(primitives).not.toContain("exp");
    expect(productsIn(scan!)).toEqual([]);
  });

  it("keep the value where bodies are simplified under their conditions", () => {
    const model = load(`param x: [n], h
      loss = scan(v in x, i in 0..n, s = h: if i < 2 then s * v + 0 * s else s + log(1 + exp(v)))`);
    const x = [0.5, -1, 2, 0.25];
    const bindings = {
      sizes: new Map([["n", 4]]),
      values: new Map(model.parameters.map(({ name, expr }) => [expr, name === "x" ? x : [0.7]])),
    };
    const [before, after] = [[model.loss!], simplify([model.loss!], { last: true })].map(
      (roots) => interpret(roots, bindings, realField)[0]![0]!,
    );
    expect(after).toBeCloseTo(before!, 13);
  });
});

describe("an LSTM of 1,000 steps", () => {
  const model = lstm();
  const sizes = new Map(Object.entries({ T: 1000, d: 3, h: 4, v: 5 }));
  const numbers = (count: number, phase: number) =>
    Array.from({ length: count }, (_, k) => Math.sin(phase + 3.7 * k) / 2);
  const countOf = (expr: Expr) => expr.shape.reduce((all, size) => all * size.evaluate((atom) => sizeAt(atom)), 1);
  const sizeAt = (atom: { readonly kind: string; readonly name?: string }) => sizes.get(atom.name!)!;
  const values = new Map(
    [...model.parameters, ...model.data].map(({ expr, name }, phase) => [
      expr,
      name === "next" ? Array.from({ length: 1000 }, (_, k) => (k * k) % 5) : numbers(countOf(expr), phase),
    ]),
  );
  const wrt = model.parameters.map(({ expr }) => expr);
  const along = wrt.map((expr, k) => numbers(countOf(expr), 10 + k));

  it("has the Hessian-vector product that dual numbers carry through the gradient", () => {
    const [loss] = simplify([model.loss!]);
    const directions = wrt.map(({ shape }, k) => model.graph.data(`direction ${k}`, shape));
    const products = simplify(hvp(loss!, wrt, directions), { last: true });
    const bindings = { sizes, values: new Map([...values, ...directions.map((u, k) => [u, along[k]!] as const)]) };
    const got = executable(products)(bindings);
    const slopes = simplify(gradient(loss!, wrt), { last: true });
    const { second } = pairExecutable(slopes, compileDual)(
      { sizes, values },
      new Map(wrt.map((x, k) => [x, along[k]!])),
    );
    for (const [k, list] of second.entries()) {
      const scale = Math.max(...list.map(Math.abs));
      expect(scale).toBeGreaterThan(0);
      for (const [at, value] of list.entries()) expect(Math.abs(got[k]![at]! - value)).toBeLessThan(1e-9 * scale);
    }
  });

  it("compiles to less than 60 kB", () => {
    const compiled = compileModel(lstm());
    expect(compiled.source("hvp").length).toBeLessThan(60_000);
    expect(compiled.source("lossAndGradient").length).toBeLessThan(30_000);
  });
});
