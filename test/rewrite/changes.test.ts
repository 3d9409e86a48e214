import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gradient, hvp } from "../../src/autodiff/derivatives.ts";
import { executable } from "../../src/check/execute.ts";
import { realField } from "../../src/interpreter/field.ts";
import { interpret } from "../../src/interpreter/interpret.ts";
import { type Expr, Graph } from "../../src/ir/graph.ts";
import { Integer } from "../../src/ir/integer.ts";
import { lower } from "../../src/lower/lower.ts";
import { loadModel } from "../../src/model/load.ts";
import { contract, view } from "../../src/ops/arrays/contractions.ts";
import { add } from "../../src/ops/elementary/algebra.ts";
import { toReal } from "../../src/ops/elementary/cast.ts";
import { equal, select } from "../../src/ops/elementary/comparison.ts";
import { simplify } from "../../src/rewrite/rewrite.ts";
import { scanned } from "../generators/scans.ts";
import { tableTexts } from "../generators/tables.ts";
import { workOf } from "../lower/operations.ts";
import { computedByAll } from "./engines.ts";

/** Loss, gradient and product with the Hessian, as derived and as compiled. */
function derivedFrom(text: string): {
  readonly built: Expr[];
  readonly roots: Expr[];
  readonly leaves: readonly Leaf[];
} {
  const model = loadModel({ name: "table.nabla", text });
  const parameters = model.parameters.map(({ expr }) => expr);
  const built = [model.loss!, ...gradient(model.loss!, parameters), ...hvp(model.loss!, parameters, parameters)];
  // as a compile does: what is derived is the simplified loss
  const [loss] = simplify([model.loss!]);
  const derived = [loss!, ...gradient(loss!, parameters), ...hvp(loss!, parameters, parameters)];
  return { built, roots: simplify(derived, { last: true }), leaves: [...model.parameters, ...model.data] };
}

interface Leaf {
  readonly name: string;
  readonly expr: Expr;
}

const numbers = (name: string, count: number, m: number) =>
  Array.from({ length: count }, (_, k) => (name === "p" ? (k * 5 + 2) % m : Math.sin(3 * k + 1) * 1.3));

const table = (first: string, next: string, loss = "sum(D^2)") =>
  `param b: [m]\ndata p: int[m]\nlet D = scan(k in 0..m, D = ${first}: [i in 0..m: ${next}])\nloss = ${loss}`;

describe("arrays of which steps change places", () => {
  it("have the values of loops as written, whatever runs them", () => {
    const law = fc.property(tableTexts, fc.constantFrom(1, 8, 9), (text, m) => {
      const { built, roots, leaves } = derivedFrom(text);
      const values = new Map(leaves.map(({ name, expr }) => [expr, numbers(name, m, m)] as const));
      const bindings = { sizes: new Map([["m", m]]), values };
      const expected = interpret(built, bindings, realField).flat();
      // some divide by a place that was set to 0
      fc.pre(expected.every(Number.isFinite));
      const tolerance = 1e-11 * expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
      for (const list of computedByAll(roots, bindings)) {
        expect(list.flat().filter((value, k) => !(Math.abs(value - expected[k]!) <= tolerance))).toEqual([]);
      }
    });
    fc.assert(law, { numRuns: 24 });
  }, 120_000);

  it("take nothing from a place outside, whatever would be there", () => {
    // in the first steps b[k] would be divided by what is not there
    const { built, roots, leaves } = derivedFrom(table("b", "if i == k - 2 then b[k] / D[i] else D[i]"));
    const values = new Map(leaves.map(({ name, expr }) => [expr, numbers(name, 9, 9)] as const));
    const bindings = { sizes: new Map([["m", 9]]), values };
    const expected = interpret(built, bindings, realField).flat();
    expect(expected.every(Number.isFinite)).toBe(true);
    for (const [k, value] of executable(roots)(bindings).flat().entries()) expect(value).toBeCloseTo(expected[k]!, 9);
  });

  it("get no terms from a place outside, whatever these are multiplied by", () => {
    const graph = new Graph();
    const [x, factor] = [graph.param("x", [Integer.constant(9)]), graph.param("factor", [])];
    const { carries } = scanned(Integer.constant(9), { carries: [x], inputs: [], constants: [factor] }, (parts) => {
      const [array] = parts.carries as [Expr];
      const { step } = parts;
      const [here, before] = [Integer.lookup(0, []), Integer.lookup(0, []).minus(2)];
      const term = contract({
        extents: [],
        output: [here],
        shape: array.shape,
        factors: [
          { of: array, index: [before] },
          { of: parts.constants[0]!, index: [] },
        ],
        lookups: [step],
      });
      const isHere = equal(toReal(array.graph.iota(array.shape, 0)), view(toReal(step), array.shape, []));
      return { carries: [add(select(isHere, 0, array), term)], stacks: [], sums: [] };
    });
    const values = new Map([
      [x, [1, 1, 1, 1, 1, 1, 1, 1, 1]],
      [factor, [Number.POSITIVE_INFINITY]],
    ]);
    const bindings = { sizes: new Map<string, number>(), values };
    const expected = interpret(carries, bindings, realField);
    expect(expected[0]!.slice(0, 2)).toEqual([0, 0]);
    expect(executable(carries)(bindings)).toEqual(expected);
  });
});

/** Loops whose steps take as long however long the array is. */
const programs: readonly { readonly name: string; readonly text: string }[] = [
  { name: "of a tree", text: table("[i in 0..m: 1]", "if i == k then D[p[k]]^2 * sin(b[k]) else D[i]") },
  { name: "at a place that data tell", text: table("b", "if i == p[k] then sin(D[i]) * D[k] else D[i]") },
  { name: "before the step", text: table("b", "if i == k - 2 then exp(-D[i]) * D[0] else D[i]") },
  { name: "under a condition", text: table("b", "if i == p[k] and b[k] > 0 then D[k]^2 * D[p[p[k]]] else D[i]") },
  { name: "in two places", text: table("b", "if i == k then D[p[k]] * b[k] else if i == p[k] then D[k]^2 else D[i]") },
  { name: "everywhere but there", text: table("b", "if i != k then D[i] else sin(D[p[k]]) * D[i]") },
  { name: "by what is added there", text: table("b", "D[i] + (if i == p[k] then D[k]^2 * b[k] else 0)") },
  {
    name: "of rows",
    text: "param b: [m, 3]\ndata p: int[m]\nlet D = scan(k in 0..m, D = b: [i in 0..m, a in 0..3: if i == k then sin(D[p[k], a]) * sum(c in 0..3: D[p[k], c] * b[k, c]) else D[i, a]])\nloss = sum(D^2)",
  },
  {
    name: "of columns, with sums of the steps",
    text: "param b: [3, m]\ndata p: int[m]\nlet r = reverseScan(k in 0..m, D = b: {\n  D = [a in 0..3, i in 0..m: if i == k then sin(D[a, p[k]]) * D[a, i] else D[a, i]]\n  y = D[0, p[k]] * D[1, k]\n})\nloss = sum(r.D^2) + sum(r.y)",
  },
];

describe("steps that change places of an array", () => {
  const degree = (size: Integer) => Math.max(0, ...size.terms.map(({ atoms }) => atoms.length));
  for (const { name, text } of programs) {
    it(`take as long, and as little memory, however long it is: ${name}`, () => {
      const { roots } = derivedFrom(text);
      const program = lower(roots.map((node, k) => ({ name: `root ${k}`, node })));
      const ids = program.buffers.filter(({ shape }) => degree(Integer.product(shape)) > 1).map(({ name }) => name);
      expect(ids).toEqual([]);
      const [short, long] = [40, 80].map((m) => workOf(program, new Map([["m", m]])).statements);
      expect(long! / short!).toBeLessThan(2.2);
    });
  }

  it("are sums over what came before, at its price", () => {
    // renewal: each step sums over all before it, and nothing else takes as long
    const next = "if i == k then b[k] * sum(s in 0..k: b[k-s] * D[s]) else D[i]";
    const { roots } = derivedFrom(table("[i in 0..m: if i == 0 then 1 else 0]", next));
    const program = lower(roots.map((node, k) => ({ name: `root ${k}`, node })));
    expect(program.buffers.filter(({ shape }) => degree(Integer.product(shape)) > 1)).toEqual([]);
    const { operations } = workOf(program, new Map([["m", 100]]));
    // the loss once, and about twelve sums over half of all pairs, of two operations a term
    expect(operations / (100 * 100)).toBeLessThan(16);
  });
});
