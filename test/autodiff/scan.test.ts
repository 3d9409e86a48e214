import { describe, expect, it } from "vitest";
import { gradient, hessian, hvp, jacobian } from "../../src/autodiff/derivatives.ts";
import { executable, pairExecutable } from "../../src/check/execute.ts";
import { compileClosures, compileClosuresOver } from "../../src/emit/closures/closures.ts";
import { compileJavaScript } from "../../src/emit/javascript.ts";
import { complexPairs, dualPairs } from "../../src/emit/pairs/arrays.ts";
import { compileComplex, compileDual } from "../../src/emit/pairs/pairs.ts";
import { loops } from "../../src/extensions/loops.ts";
import { realField } from "../../src/interpreter/field.ts";
import { interpret } from "../../src/interpreter/interpret.ts";
import { type Expr, Graph } from "../../src/ir/graph.ts";
import { Integer } from "../../src/ir/integer.ts";
import { showGraph } from "../../src/ir/show.ts";
import { contract, dot, sum } from "../../src/ops/arrays/contractions.ts";
import { add, mul } from "../../src/ops/elementary/algebra.ts";
import { toReal } from "../../src/ops/elementary/cast.ts";
import { tanh } from "../../src/ops/elementary/hyperbolic.ts";
import { sin } from "../../src/ops/elementary/trigonometric.ts";
import { primitiveNamed } from "../../src/ops/registry.ts";
import { simplify } from "../../src/rewrite/rewrite.ts";
import { scanned, unrolled } from "../generators/scans.ts";
import { parseGraph } from "../ir/parse-graph.ts";

const [n, d] = [Integer.named("n"), Integer.named("d")];
const at = Integer.iterator;

const matvec = (W: Expr, x: Expr) =>
  contract({
    extents: W.shape,
    output: [at(0)],
    shape: [W.shape[0]!],
    factors: [
      { of: W, index: [at(0), at(1)] },
      { of: x, index: [at(1)] },
    ],
  });

/** A recurrent loss with a vector carry, a scalar carry that follows it, a stack and a sum; looped or unrolled. */
function model(length: number, isLoop: boolean, isReversed = false) {
  const graph = new Graph();
  const [W, h, x] = [
    graph.param("W", [d, d]),
    graph.param("h", [d]),
    graph.param("x", [isLoop ? n : Integer.constant(length), d]),
  ];
  const [c, v] = [graph.param("c"), graph.data("v", [d])];
  const zero = graph.constant(0);
  const operands = { carries: [h, zero], inputs: [x], constants: [W, c] };
  const looped = scanned(
    isLoop ? n : Integer.constant(length),
    operands,
    ({ carries: [state, total], inputs: [slice], constants: [weights, scale], step }) => {
      const next = tanh(add(matvec(weights!, state!), mul(slice!, slice!)));
      const more = add(total!, mul(scale!, sum(mul(next, state!))));
      return {
        carries: [next, more],
        stacks: [mul(next, sin(slice!))],
        sums: [add(mul(total!, sin(more)), mul(toReal(step), scale!))],
      };
    },
    isReversed,
  );
  const results = isLoop ? looped : unrolled(looped.scan, [h, zero, x, W, c], length);
  const loss = add(
    add(sum(results.carries[0]!), results.carries[1]!),
    add(dot(results.stacks[0]!, x), results.sums[0]!),
  );
  const numbers = (count: number, phase: number) =>
    Array.from({ length: count }, (_, k) => Math.sin(phase + 3 * k) / 2);
  const values = new Map([
    [W, numbers(4, 1)],
    [h, numbers(2, 2)],
    [x, numbers(2 * length, 3)],
    [c, [0.7]],
    [v, [0.4, -0.3]],
  ]);
  const sizes = new Map([
    ["n", length],
    ["d", 2],
  ]);
  return { graph, W, h, x, c, v, loss, bindings: { sizes, values } };
}

type Model = ReturnType<typeof model>;

const derivatives: readonly (readonly [string, (subject: Model) => Expr[]])[] = [
  ["value", ({ loss }) => [loss]],
  ["gradient", ({ loss, W, h, x, c }) => gradient(loss, [W, h, x, c])],
  ["HVP, reverse over reverse", ({ loss, W, h, v }) => hvp(loss, [h, W], [v, mul(W, W)], "reverse-over-reverse")],
  ["HVP, forward over reverse", ({ loss, W, h, v }) => hvp(loss, [h, W], [v, mul(W, W)], "forward-over-reverse")],
  ["HVP, reverse over forward", ({ loss, W, h, v }) => hvp(loss, [h, W], [v, mul(W, W)], "reverse-over-forward")],
  ["Jacobian of the gradient", ({ loss, x, c }) => [jacobian(gradient(loss, [x])[0]!, c), hessian(loss, c)]],
  ["gradient of v' H v", ({ loss, h, v, c }) => gradient(dot(hvp(loss, [h], [v])[0]!, v), [h, c])],
];

function expectClose(got: readonly (readonly number[])[], expected: readonly (readonly number[])[]): void {
  expect(got.map((list) => list.length)).toEqual(expected.map((list) => list.length));
  for (const [k, list] of expected.entries()) {
    for (const [i, value] of list.entries()) {
      expect(Math.abs(got[k]![i]! - value)).toBeLessThanOrEqual(1e-11 * Math.max(1, Math.abs(value)));
    }
  }
}

describe.each(derivatives)("a scan has the %s of its steps written out", (_, of) => {
  it.each([
    [3, false],
    [4, true],
    [1, false],
    [0, false],
  ])("with %i steps, reversed: %s", (length, isReversed) => {
    const [looped, flat] = [true, false].map((isLoop) => model(length, isLoop, isReversed)) as [Model, Model];
    expectClose(interpret(of(looped), looped.bindings, realField), interpret(of(flat), flat.bindings, realField));
  });
});

const engines = { JavaScript: compileJavaScript, closures: compileClosures };

describe.each(Object.keys(engines) as (keyof typeof engines)[])("a scan as loops of %s", (engine) => {
  it.each([
    [5, false],
    [4, true],
    [1, true],
    [0, false],
  ])("gives the interpreter's values with %i steps, reversed: %s", (length, isReversed) => {
    const subject = model(length, true, isReversed);
    const { loss, W, h, x, v } = subject;
    const built = [loss, ...gradient(loss, [W, h, x]), ...hvp(loss, [h], [v])];
    const expected = interpret(built, subject.bindings, realField);
    for (const roots of [built, simplify(built, { last: true })]) {
      const run = executable(roots, {}, engines[engine]);
      expectClose(run(subject.bindings), expected);
    }
  });

  it("keeps every bit where sums keep their order", () => {
    const subject = model(5, true);
    const { loss, W, h, x, v } = subject;
    const roots = [loss, ...gradient(loss, [W, h, x]), ...hvp(loss, [h], [v])];
    const run = executable(roots, { ordered: true }, engines[engine]);
    expect(run(subject.bindings)).toEqual(interpret(roots, subject.bindings, realField));
  });
});

const pairEngines = {
  "printed complex numbers": { compile: compileComplex, step: 2 ** -100 },
  "complex closures": {
    compile: (...args: Parameters<typeof compileComplex>) => compileClosuresOver(complexPairs, ...args),
    step: 2 ** -100,
  },
  "printed dual numbers": { compile: compileDual, step: 1 },
  "dual closures": {
    compile: (...args: Parameters<typeof compileDual>) => compileClosuresOver(dualPairs, ...args),
    step: 1,
  },
};

describe.each(Object.keys(pairEngines) as (keyof typeof pairEngines)[])("a scan over %s", (name) => {
  it("carries derivatives of the third order", () => {
    const { compile, step } = pairEngines[name];
    const { loss, W, h, v, bindings } = model(4, true);
    const product = hvp(loss, [h], [v])[0]!;
    const direction = bindings.values.get(W)!.map((_, k) => Math.cos(2 * k));
    const { second } = pairExecutable([product], compile)(bindings, new Map([[W, direction.map((u) => u * step)]]));
    const along = contract({
      extents: [d, d, d],
      output: [at(0)],
      shape: [d],
      factors: [
        { of: jacobian(product, W), index: [at(0), at(1), at(2)] },
        { of: W.graph.tensor(direction, [2, 2]), index: [at(1), at(2)] },
      ],
    });
    expectClose([second[0]!.map((u) => u / step)], interpret([along], bindings, realField));
  });
});

describe("a scan", () => {
  it("reads back from its text form", () => {
    const { graph, loss, W } = model(3, true);
    const roots = [loss, ...gradient(loss, [W])];
    const text = showGraph(roots);
    const source = { name: "graph", text };
    expect(parseGraph(source, primitiveNamed, graph, undefined, loops).roots).toEqual(roots);
    expect(showGraph(parseGraph(source, primitiveNamed, new Graph(), undefined, loops).roots)).toBe(text);
  });
});
