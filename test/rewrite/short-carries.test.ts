import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gradient, hvp } from "../../src/autodiff/derivatives.ts";
import { executable } from "../../src/check/execute.ts";
import { realField } from "../../src/interpreter/field.ts";
import { interpret } from "../../src/interpreter/interpret.ts";
import type { Scan } from "../../src/ir/bodies/scan.ts";
import type { Expr } from "../../src/ir/graph.ts";
import { topologicalOrder } from "../../src/ir/walks/traverse.ts";
import { loadModel } from "../../src/model/load.ts";
import { simplify } from "../../src/rewrite/rewrite.ts";

/** A loop over y that begins with the rows of a matrix; `loss` reads its last carry `run.c`, and what it stacks, `run.z`. */
const modelOf = (first: string, next: string, seen = "c[0]", loss = "dot(run.c, run.c) + sum(run.z^2)") =>
  loadModel({
    name: "loop.nabla",
    text: `param h: [2, 3], p
data y: [4], j: int[4] within 0..3
let run = scan(v in y, i in j, c = ${first}: { let next = ${next}
  z = ${seen}
  c = next })
loss = ${loss}`,
  });

const values = { h: [0.3, -0.6, 0.2, 0.5, 0.1, -0.4], p: [0.7], j: [2, 0, 1, 2], y: [0.5, -0.25, 0.4, 0.1] };

/** The loss, its gradient and a product with its Hessian. */
function derivatives(model: ReturnType<typeof modelOf>): Expr[] {
  const x = model.parameters.map(({ expr }) => expr);
  return [model.loss!, ...gradient(model.loss!, x), ...hvp(model.loss!, x, x)];
}

/** The ranks of the carries of each loop under the roots. */
function ranksOf(roots: readonly Expr[]): number[][] {
  const calls = new Map(
    topologicalOrder(roots)
      .filter(({ kind }) => kind === "operation")
      .map(({ graph, id }) => [graph.callOf(id), graph.operationOf(id) as Scan]),
  );
  return [...calls.values()].map(({ operands, carries }) =>
    operands.slice(0, carries).map(({ shape }) => shape.length),
  );
}

function expectSameValues(model: ReturnType<typeof modelOf>): void {
  const written = derivatives(model);
  const [loss] = simplify([model.loss!]);
  const x = model.parameters.map(({ expr }) => expr);
  const roots = simplify([loss!, ...gradient(loss!, x), ...hvp(loss!, x, x)], { last: true });
  const at = [...model.parameters, ...model.data].map(
    ({ name, expr }) => [expr, values[name as keyof typeof values]] as const,
  );
  const bindings = { sizes: new Map<string, number>(), values: new Map(at) };
  const expected = interpret(written, bindings, realField).flat();
  // rounding, grown in four steps of a few products each
  const tolerance = 1e-12 * expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  for (const list of [interpret(roots, bindings, realField), executable(roots)(bindings)]) {
    expect(list.flat().filter((value, k) => !(Math.abs(value - expected[k]!) <= tolerance))).toEqual([]);
  }
}

const flow = "[p * c[0] * c[2] - c[1], v * c[0], sin(c[1] + c[2])]";

describe("a carry that is put together of a few numbers", () => {
  it.each([
    ["an array of numbers", "h[0]", flow, "c[0]"],
    ["arrays beside numbers", "h[0]", `c + 0.1 * ${flow} * c`, "c[0]"],
    ["a function of such arrays, read again", "h[0]", `[k in 0..3: 0] + ${flow} + sin(c + ${flow})[1]`, "c[2]"],
    ["sums of all elements", "h[0]", `${flow} / (3 + sum(c)) + dot(c, c) * c`, "sum(c * c)"],
    ["what was seen before", "h[0]", "concat([c[0] * p + v], c[0..2])", "c[2]"],
    ["neighbours", "h[0]", "[c[0], v * c[1], 0.5] + concat(c[1..3] - c[0..2], [0])", "c[1]"],
    ["numbers that begin as one", "p * ones(3)", flow, "c[0]"],
    ["stacks of the whole", "h[0]", flow, "sin(c)"],
    ["rows", "h", `[c[1, 0..3] * p, v * ${flow.replaceAll("c[", "c[0, ")}]`, "c[0, 1]"],
  ])("is a carry for each: %s", (_, first, next, seen) => {
    const model = modelOf(first, next, seen);
    for (const ranks of ranksOf(simplify([model.loss!]))) expect(ranks.every((rank) => rank === 0)).toBe(true);
    expectSameValues(model);
  });

  it.each([
    ["a product with a matrix", `h[1] * c[0] + outer(h[0], h[1]) @ c`],
    ["a place that changes", "[c[i], c[1], v]"],
    ["a function of arrays", "sort(c) + [c[0], 0, v]"],
    ["the largest of all", "[max(c), c[1], v]"],
    ["numbers that are the same for each element", "0.5 * c + v * p"],
  ])("stays one: %s", (_, next) => {
    const model = modelOf("h[0]", next);
    expect(ranksOf(simplify([model.loss!]))).toEqual([[1]]);
    expectSameValues(model);
  });

  it("has the values of the loop as written", () => {
    const number = fc.constantFrom("p", "v", "c[0]", "c[1]", "c[2]", "sum(c)", "dot(c, k)", "(c + k)[1]", "k[2]", "0");
    const element = fc
      .tuple(number, fc.constantFrom("+", "-", "*"), number, fc.constantFrom("", "sin", "tanh"))
      .map(([a, operation, b, f]) => `${f}(${a} ${operation} ${b})`);
    const literal = fc.tuple(element, element, element).map((elements) => `[${elements.join(", ")}]`);
    const array = fc.constantFrom(
      "c",
      "k",
      "c * k",
      "reverse(c)",
      "concat([v], k[0..2])",
      "h[1]",
      "concat(c[1..3], [p])",
    );
    const law = fc.property(literal, literal, array, array, (inner, put, a, b) => {
      const next = `{ let k = ${inner.replaceAll("k", "h[1]").replaceAll("h[1][2]", "h[1, 2]")}\n return ${put} + 0.3 * ${a} * ${b} }`;
      expectSameValues(modelOf("h[0]", next, "c[1] * c"));
    });
    fc.assert(law, { numRuns: 30 });
  });
});
