import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gradient } from "../../src/autodiff/derivatives.ts";
import { loops } from "../../src/extensions/loops.ts";
import { NablaError } from "../../src/ir/errors.ts";
import { type Expr, Graph } from "../../src/ir/graph.ts";
import { Integer } from "../../src/ir/integer.ts";
import { showGraph, showNode } from "../../src/ir/show.ts";
import { cumsum } from "../../src/ops/arrays/composites.ts";
import { contract, view } from "../../src/ops/arrays/contractions.ts";
import { add } from "../../src/ops/elementary/algebra.ts";
import { sin } from "../../src/ops/elementary/trigonometric.ts";
import { primitiveNamed } from "../../src/ops/registry.ts";
import { programs } from "../generators/programs.ts";
import { parseGraph } from "./parse-graph.ts";

const read = (text: string, graph?: Graph) =>
  parseGraph({ name: "graph", text }, primitiveNamed, graph, undefined, loops).roots;

/** Printed, and read into the same graph and into a fresh one. */
function expectRoundTrip(roots: readonly Expr[]): void {
  const text = showGraph(roots);
  expect(read(text, roots[0]!.graph)).toEqual(roots);
  expect(showGraph(read(text))).toBe(text);
}

describe("the text form of graphs", { timeout: 60_000 }, () => {
  it("reads back as the same nodes", () => {
    fc.assert(
      fc.property(programs({ hasKinks: true }), ({ output, parameters }) => {
        const roots = [output, ...gradient(output, parameters)];
        const text = showGraph(roots);
        const back = read(text, output.graph);
        expect(back.map(({ id }) => id)).toEqual(roots.map(({ id }) => id));
        expect(showGraph(read(text))).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  it("keeps every bit of constants", () => {
    const graph = new Graph();
    const values = [
      0,
      -0,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      0.1,
      5e-324,
      -1.7976931348623157e308,
      1e21,
    ];
    const roots = [
      ...values.map((value) => graph.constant(value)),
      graph.tensor(values, [3, 3]),
      graph.constant(1, [], "bool"),
    ];
    expectRoundTrip(roots);
    const tensor = read(showGraph(roots))[values.length]!;
    expect(Array.from(tensor.graph.tensorOf(tensor.id), (value, at) => Object.is(value, values[at]))).toEqual(
      values.map(() => true),
    );
  });

  it("keeps hostile names apart from its own words", () => {
    const names = [
      '"',
      "\\",
      "a\nb",
      "%0",
      "roots",
      "é ∑",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: hostile text, meant as it stands
      "${x}",
      "",
      "i0",
      "where",
      "__proto__",
      "constructor",
      "\u2028",
    ];
    const graph = new Graph();
    const leaves = names.map((name) => graph.data(name, [Integer.named(`${name}!`), Integer.named(name || "_")]));
    expectRoundTrip(leaves);
    expect(read(showGraph(leaves)).map(({ graph: fresh, id }) => fresh.leafOf(id).name)).toEqual(names);
  });

  it("carries sizes, positions, guards, lookups and quotients", () => {
    const graph = new Graph();
    const n = Integer.named("n");
    const [i, j] = [Integer.iterator(0), Integer.iterator(1)];
    const x = graph.param("x", [n.times(n).plus(2), n.minus(1).floorDiv(2)]);
    const pick = graph.data("pick", [n], "int");
    const looked = view(x, [n], [Integer.lookup(0, [i]), i.plus(1).floorDiv(3)], [], [pick]);
    const scattered = contract({
      extents: [n, n],
      output: [Integer.lookup(0, [j])],
      shape: [n],
      factors: [{ of: looked, index: [i] }],
      guards: [
        { index: i.minus(j), extent: undefined },
        { index: i.plus(j), extent: n },
      ],
      lookups: [pick],
    });
    expectRoundTrip([
      add(scattered, looked),
      cumsum(scattered, 0),
      graph.iota([n, n], 1),
      graph.size(n.scaled(-3), [n]),
    ]);
  });

  it("shows one node as one line", () => {
    const graph = new Graph();
    const n = Integer.named("n");
    const x = graph.param("x", [n]);
    const slid = view(x, [n], [Integer.iterator(0).minus(1)]);
    expect(showNode(slid)).toBe("%1 = contract (i0: n) out[i0] += %0[i0 - 1] : real[n]");
    expect(showNode(sin(slid))).toBe("%2 = sin %1 : real[n]");
  });

  it("is read in time linear in its length", () => {
    const graph = new Graph();
    let x = graph.param("x");
    for (let k = 0; k < 50_000; k++) x = sin(x);
    const text = showGraph([x]);
    const start = performance.now();
    expect(read(text, graph)[0]).toBe(x);
    expect(performance.now() - start).toBeLessThan(20_000);
  });

  it.each([
    ["", 'a graph starts with the line "nabla graph 1", got "".'],
    ["nabla graph 2\n", 'a graph starts with the line "nabla graph 1", got "nabla graph 2".'],
    ["nabla graph 1\n", "expected a node or the roots, got the end of the text."],
    ["nabla graph 1\n%0 = sine %0 : real\nroots %0\n", 'no operation is called "sine".'],
    ["nabla graph 1\n%0 = sin %0 : real\nroots %0\n", 'expected a node defined above, got "%0".'],
    ["nabla graph 1\n%1 = constant 1 : real\n", "the next node is %0, got %1."],
    ["nabla graph 1\n%0 = constant 1 : real[n\nroots %0\n", 'expected ",", got the end of the line.'],
    ['nabla graph 1\n%0 = param "x" : int[n]\nroots %0\n', "%0 is declared int[n], but is real[n]."],
    ['nabla graph 1\n%0 = param "x\n', 'expected a string, got """.'],
    ["nabla graph 1\n%0 = constant 1 : complex\n", 'no type is called "complex".'],
    ["nabla graph 1\n%0 = contract (i1: n) out[] += 1 : real\n", 'the next iterator is i0, got "i1".'],
    [
      'nabla graph 1\n%0 = param "x" : real[n]\n%1 = contract (i0: n) out[] += %0[i1] : real\n',
      "i1 is no iterator of this domain.",
    ],
    [
      'nabla graph 1\n%0 = param "x" : real[n]\n%1 = contract (i0: n) out[] += %0[i0, i0] : real\n',
      "a read of real[n] needs 1 indices, got 2.",
    ],
    ['nabla graph 1\n%0 = param "x" : real[i0]\n', "a size is made of names and numbers."],
    ["nabla graph 1\nroots %0 %1\n", 'expected a node defined above, got "%0".'],
  ])("refuses %j with a clear error", (text, summary) => {
    expect(() => read(text)).toThrow(NablaError);
    try {
      read(text);
    } catch (error) {
      expect((error as NablaError).summary).toBe(summary);
    }
  });

  it("never fails but by its own errors", () => {
    const text = showGraph([
      sin(view(new Graph().param("x", [Integer.named("n")]), [Integer.named("n")], [Integer.iterator(0).minus(1)])),
    ]);
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(8), fc.string({ maxLength: 4 }), (at, cut, put) => {
        const damaged = text.slice(0, at) + put + text.slice(at + cut);
        try {
          read(damaged);
        } catch (error) {
          if (!(error instanceof NablaError)) throw error;
        }
      }),
      { numRuns: 3000 },
    );
  });
});
