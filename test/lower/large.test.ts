import { describe, expect, it, vi } from "vitest";
import { gradient } from "../../src/autodiff/derivatives.ts";
import { executable } from "../../src/check/execute.ts";
import { realField } from "../../src/interpreter/field.ts";
import { interpret } from "../../src/interpreter/interpret.ts";
import { type Expr, Graph } from "../../src/ir/graph.ts";
import { Integer } from "../../src/ir/integer.ts";
import { lower } from "../../src/lower/lower.ts";
import { sum, view } from "../../src/ops/arrays/contractions.ts";
import { add, mul } from "../../src/ops/elementary/algebra.ts";
import { sin } from "../../src/ops/elementary/trigonometric.ts";
import { scalarGraph } from "../generators/scalar.ts";

vi.setConfig({ testTimeout: 120_000 });

const depth = 100_000;
const n = Integer.named("n");

/** x, f(x), f(f(x)), ... as deep as they go. */
const chain = (x: Expr, f: (x: Expr) => Expr) => Array.from({ length: depth }).reduce((node: Expr) => f(node), x);

describe("a chain 100,000 deep", () => {
  it("of vectors has the interpreter's value", () => {
    const x = new Graph().param("x", [n]);
    const roots = [sum(chain(x, (y) => add(mul(0.5, y), 0.25)))];
    const bindings = { sizes: new Map([["n", 3]]), values: new Map([[x, [0.7, -2, 3]]]) };
    expect(executable(roots)(bindings)[0]![0]).toBeCloseTo(interpret(roots, bindings, realField)[0]![0]!, 12);
  });
});

describe("an array that grows by one element 3,000 times", () => {
  it("is written out", () => {
    const x = new Graph().param("x", [Integer.one]);
    let y: Expr = x;
    for (let k = 1; k < 3000; k++) {
      const shape = [Integer.constant(k + 1)];
      const at = (start: number) => [Integer.iterator(0).minus(start)];
      y = add(view(y, shape, at(0)), view(x, shape, at(k)));
    }
    const bindings = { sizes: new Map<string, number>(), values: new Map([[x, [0.5]]]) };
    expect(executable([sum(y)])(bindings)[0]![0]).toBe(1500);
  });
});

describe("a scalar graph of 30,000 nodes", () => {
  const { loss, x } = scalarGraph(30_000);
  const roots = [loss, ...gradient(loss, [x])];

  it("is split into functions that an optimiser takes, with the interpreter's values", () => {
    const program = lower(roots.map((node, k) => ({ name: `root${k}`, node })));
    expect(program.parts.length).toBeGreaterThan(15);
    const values = new Map([[x, Array.from({ length: 50 }, (_, k) => Math.sin(k))]]);
    const bindings = { sizes: new Map<string, number>(), values };
    const [expected, got] = [interpret(roots, bindings, realField), executable(roots, { ordered: true })(bindings)];
    expect(got).toEqual(expected);
  });
});

describe("a sum of 5,000 scalars", () => {
  it("keeps temporaries of one part apart from another's", () => {
    const count = 5000;
    const x = new Graph().param("x", [Integer.constant(count)]);
    const terms = Array.from({ length: count }, (_, k) => sin(view(x, [], [Integer.constant(k)])));
    const roots = [add(...terms), terms[0]!, terms[count - 1]!];
    const bindings = { sizes: new Map<string, number>(), values: new Map([[x, terms.map((_, k) => k / count)]]) };
    expect(executable(roots)(bindings)).toEqual(interpret(roots, bindings, realField));
  });
});
