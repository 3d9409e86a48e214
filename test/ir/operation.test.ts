import { describe, expect, it } from "vitest";
import { gradient, hessian, hvp, jacobian } from "../../src/autodiff/derivatives.ts";
import { executable } from "../../src/check/execute.ts";
import { complexField } from "../../src/interpreter/complex.ts";
import { realField } from "../../src/interpreter/field.ts";
import { interpret } from "../../src/interpreter/interpret.ts";
import { ShapeError, UsageError } from "../../src/ir/errors.ts";
import type { Field } from "../../src/ir/field.ts";
import { type Expr, Graph } from "../../src/ir/graph.ts";
import { Integer } from "../../src/ir/integer.ts";
import type { KernelLookup } from "../../src/ir/operation.ts";
import { showGraph } from "../../src/ir/show.ts";
import { topologicalOrder } from "../../src/ir/walks/traverse.ts";
import { dot, sum } from "../../src/ops/arrays/contractions.ts";
import { add, div, mul, square } from "../../src/ops/elementary/algebra.ts";
import { exp } from "../../src/ops/elementary/exponential.ts";
import { sqrt } from "../../src/ops/elementary/powers.ts";
import { sin } from "../../src/ops/elementary/trigonometric.ts";
import { primitiveNamed } from "../../src/ops/registry.ts";
import { simplify } from "../../src/rewrite/rewrite.ts";
import { emitPolar, polar } from "../generators/polar.ts";
import { parseGraph } from "./parse-graph.ts";

const n = Integer.named("n");
const sizes = new Map([["n", 3]]);

/** One function of x and y, through the operation or through primitives. */
function model(isOperation: boolean) {
  const graph = new Graph();
  const [x, y, v] = [graph.param("x", [n]), graph.param("y", [n]), graph.data("v", [n])];
  const polars = (a: Expr, b: Expr): Expr[] => {
    if (isOperation) return graph.operation(polar([n]), [a, b]);
    const r = sqrt(add(square(a), square(b)));
    return [r, div(a, r)];
  };
  const [r, q] = polars(mul(x, x), exp(y)) as [Expr, Expr];
  const [p] = polars(sin(r), mul(q, y)) as [Expr, Expr];
  const loss = add(sum(mul(p, q)), dot(r, x));
  const values = new Map([
    [x, [0.3, -1.2, 0.8]],
    [y, [-0.4, 0.9, 0.2]],
    [v, [1, -0.5, 0.25]],
  ]);
  return { graph, x, y, v, loss, values, q, p };
}

type Model = ReturnType<typeof model>;

const rootsOf = ({ loss, x, y, v }: Model): Expr[] => [
  loss,
  ...gradient(loss, [x, y]),
  ...hvp(loss, [x, y], [v, mul(v, v)]),
  hessian(loss, x, y),
  gradient(dot(hvp(loss, [x], [v])[0]!, v), [y])[0]!,
];

function expectClose(got: readonly (readonly number[])[], expected: readonly (readonly number[])[]): void {
  for (const [k, list] of expected.entries()) {
    for (const [i, value] of list.entries()) expect(got[k]![i]).toBeCloseTo(value, 11);
  }
}

const expected = (() => {
  const plain = model(false);
  return interpret(rootsOf(plain), { sizes, values: plain.values }, realField);
})();

describe("an operation", () => {
  it("has one node a result, and equal calls are the same nodes", () => {
    const { graph, x, y } = model(true);
    const [first, second] = [graph.operation(polar([n]), [x, y]), graph.operation(polar([n]), [x, y])];
    expect(second).toEqual(first);
    expect(first[1]!.id).toBe(first[0]!.id + 1);
    expect(graph.operation(polar([n]), [y, x])[0]).not.toBe(first[0]);
  });

  it("says what its operands must be", () => {
    const { graph, x } = model(true);
    expect(() => graph.operation(polar([n]), [x])).toThrow(UsageError);
    expect(() => graph.operation(polar([n]), [x, graph.param("z")])).toThrow(ShapeError);
  });

  it("has the derivatives of every order that primitives give", () => {
    const subject = model(true);
    expectClose(interpret(rootsOf(subject), { sizes, values: subject.values }, realField), expected);
  });

  it("has the same derivative in one result alone", () => {
    for (const pick of ["p", "q"] as const) {
      const slopes = [true, false].map((isOperation) => {
        const subject = model(isOperation);
        const roots = [jacobian(subject[pick], subject.x), ...gradient(sum(subject[pick]), [subject.x, subject.y])];
        return interpret(roots, { sizes, values: subject.values }, realField);
      });
      expectClose(slopes[0]!, slopes[1]!);
    }
  });

  it("is differentiated in one of its own results", () => {
    const subject = model(true);
    const slope = gradient(subject.loss, [subject.q])[0]!;
    const plain = model(false);
    expectClose(
      interpret([slope], { sizes, values: subject.values }, realField),
      interpret([gradient(plain.loss, [plain.q])[0]!], { sizes, values: plain.values }, realField),
    );
  });

  it("is evaluated over complex numbers", () => {
    const { loss, x, values } = model(true);
    const step = 2 ** -100;
    const field: Field<{ re: number; im: number }> = complexField;
    const lifted = new Map(
      [...values].map(([leaf, list]) => [leaf, list.map((re, k) => ({ re, im: leaf === x && k === 1 ? step : 0 }))]),
    );
    const [value] = interpret([loss], { sizes, values: lifted }, field)[0]!;
    expect(value!.im / step).toBeCloseTo(expected[1]![1]!, 11);
  });

  it("keeps its value when simplified", () => {
    const subject = model(true);
    const roots = simplify(rootsOf(subject), { last: true });
    expectClose(interpret(roots, { sizes, values: subject.values }, realField), expected);
  });

  it("is lowered once for all its results", () => {
    const subject = model(true);
    const roots = simplify(rootsOf(subject), { last: true });
    const run = executable(roots, { kernels: { polar: emitPolar } });
    expectClose(run({ sizes, values: subject.values }), expected);
  });

  it("reads back from its text form", () => {
    const { graph, loss, x } = model(true);
    const roots = [loss, ...gradient(loss, [x])];
    const text = showGraph(roots);
    const source = { name: "graph", text };
    const kernels: KernelLookup = (name, _, [first]) => (name === "polar" && first ? polar(first.shape) : undefined);
    expect(parseGraph(source, primitiveNamed, graph, kernels).roots).toEqual(roots);
    expect(showGraph(parseGraph(source, primitiveNamed, new Graph(), kernels).roots)).toBe(text);
    expect(text).toContain("result 1 of %");
    expect(() => parseGraph(source, primitiveNamed)).toThrow('no operation with such operands is called "polar"');
  });

  it("stands once in a graph, however many of its results are needed", () => {
    const { loss } = model(true);
    const calls = topologicalOrder([loss]).filter(({ kind }) => kind === "operation");
    expect(new Set(calls.map(({ graph, id }) => graph.callOf(id))).size).toBe(2);
  });
});
