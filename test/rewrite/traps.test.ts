import { describe, expect, it } from "vitest";
import { gradient } from "../../src/autodiff/derivatives.ts";
import { allExtensions } from "../../src/extensions/all.ts";
import { realField } from "../../src/interpreter/field.ts";
import { interpret } from "../../src/interpreter/interpret.ts";
import { type Expr, Graph } from "../../src/ir/graph.ts";
import { Integer } from "../../src/ir/integer.ts";
import { topologicalOrder } from "../../src/ir/walks/traverse.ts";
import { logSoftmax, logsumexp, softmax } from "../../src/ops/arrays/composites.ts";
import { sum, view } from "../../src/ops/arrays/contractions.ts";
import { add, div, mul, neg, square, sub } from "../../src/ops/elementary/algebra.ts";
import { equal, greater, lessEqual, max, min, select } from "../../src/ops/elementary/comparison.ts";
import { exp, log } from "../../src/ops/elementary/exponential.ts";
import { stopGradient } from "../../src/ops/elementary/opaque.ts";
import { pow, sqrt } from "../../src/ops/elementary/powers.ts";
import { abs } from "../../src/ops/elementary/rounding.ts";
import { simplify } from "../../src/rewrite/rewrite.ts";

const n = Integer.named("n");
const sizes = new Map([["n", 3]]);

function valuesOf(roots: readonly Expr[], leaves: readonly (readonly [Expr, readonly number[]])[]): number[][] {
  return interpret(roots, { sizes, values: new Map(leaves) }, realField);
}

const simplified = (root: Expr, last = false) => simplify([root], { last })[0]!;
const names = (root: Expr) =>
  topologicalOrder([root]).map((node) => (node.kind === "map" ? node.graph.primitiveOf(node.id).name : node.kind));

describe("rewriting", () => {
  it("keeps the shares of a three-way tie (pytensor#2187)", () => {
    const graph = new Graph(allExtensions);
    const [a, b, c] = ["a", "b", "c"].map((name) => graph.param(name)) as [Expr, Expr, Expr];
    const point = [a, b, c].map((leaf) => [leaf, [1.5]] as const);
    for (const extreme of [min, max]) {
      for (const f of [
        extreme(a, extreme(b, c)),
        extreme(extreme(a, b), c),
        extreme(extreme(a, b), b),
        extreme(neg(a), neg(b)),
      ]) {
        const before = valuesOf(gradient(f, [a, b, c]), point);
        expect(valuesOf(gradient(simplified(f), [a, b, c]), point)).toEqual(before);
      }
    }
  });

  it("takes the root of a square as the size, and the square of a root as the number where there is one", () => {
    const graph = new Graph(allExtensions);
    const x = graph.param("x", [n]);
    const at = [[x, [-2, 0, 3]]] as const;
    expect(valuesOf([simplified(sqrt(square(x)))], at)).toEqual([[2, 0, 3]]);
    expect(valuesOf([simplified(square(sqrt(x)))], at)).toEqual([[Number.NaN, 0, 3]]);
    expect(valuesOf([simplified(exp(log(x)))], at)).toEqual([[Number.NaN, 0, 3]]);
  });

  it("does not lift a slice over what it cuts down (pytensor#112)", () => {
    const graph = new Graph(allExtensions);
    const x = graph.param("x", [n]);
    const slice = view(x, [Integer.constant(2)], [Integer.iterator(0)]);
    const after = simplified(exp(slice));
    expect(after).toBe(exp(slice));
    // a broadcast is lifted: fewer elements to compute
    const row = view(x, [n, n], [Integer.iterator(1)]);
    expect(simplified(exp(row))).toBe(view(exp(x), [n, n], [Integer.iterator(1)]));
  });

  it("lets no NaN through a masked branch (jax#347)", () => {
    const graph = new Graph(allExtensions);
    const x = graph.param("x", [n]);
    const at = [[x, [-1, 0, 4]]] as const;
    const isPositive = greater(x, 0);
    const guarded = select(isPositive, log(select(isPositive, x, 1)), 0);
    const loss = sum(mul(x, guarded));
    for (const f of [loss, simplified(loss)]) {
      const [g] = valuesOf([simplified(gradient(f, [x])[0]!, true)], at);
      expect(g).toEqual([0, 0, 1 + Math.log(4)]);
    }
    // the factor would be Infinity where the mask holds
    expect(valuesOf([simplified(mul(div(1, x), select(isPositive, x, 0)))], at)[0]).toEqual([0, 0, 1]);
  });

  it("does not turn 0 x into 0 where x may be infinite, nor x / x into 1 where x may be 0", () => {
    const graph = new Graph(allExtensions);
    const x = graph.param("x", [n]);
    expect(simplified(mul(0, x))).toBe(mul(0, x));
    const [quotient] = valuesOf([simplified(div(x, x))], [[x, [0, 2, Number.POSITIVE_INFINITY]]]);
    expect(quotient).toEqual([Number.NaN, 1, Number.NaN]);
    const denominator = add(square(graph.param("y")), 1);
    expect(simplified(div(denominator, denominator))).toBe(graph.constant(1));
  });

  it("keeps NaN apart from conditions that intervals decide, at level exact", () => {
    const graph = new Graph(allExtensions);
    const x = graph.param("x");
    const [condition] = simplify([lessEqual(0, exp(x))], { level: "exact" });
    expect(condition).toBe(lessEqual(0, exp(x)));
    expect(simplify([lessEqual(exp(x), -1)], { level: "exact" })[0]).toBe(graph.constant(0, [], "bool"));
    expect(names(simplified(equal(x, x)))).toContain("equal");
  });

  it("keeps -0 at level exact", () => {
    const graph = new Graph(allExtensions);
    const x = graph.param("x");
    const at = [[x, [-0]]] as const;
    for (const f of [add(x, 0), add(x, -0), sub(x, 0), sub(0, x), mul(x, 1), neg(neg(x)), pow(x, 0.5), mul(x, -1)]) {
      expect(valuesOf(simplify([f], { level: "exact" }), at)).toEqual(valuesOf([f], at));
    }
  });

  it("does not look through stopGradient before the last derivative", () => {
    const graph = new Graph(allExtensions);
    const x = graph.param("x");
    const f = mul(stopGradient(square(x)), x);
    expect(names(simplified(f))).toContain("stopGradient");
    expect(names(simplified(f, true))).not.toContain("stopGradient");
    const slope = gradient(simplified(f), [x])[0]!;
    expect(valuesOf([simplified(slope, true)], [[x, [3]]])).toEqual([[9]]);
  });

  it("keeps the kink of |x| until the last derivative", () => {
    const graph = new Graph(allExtensions);
    const x = graph.param("x");
    // not negative, never -0, and 0 at 0: |.| has slope 0 there
    const f = abs(max(x, 0));
    expect(valuesOf(gradient(simplified(f), [x]), [[x, [0]]])).toEqual(valuesOf(gradient(f, [x]), [[x, [0]]]));
    expect(simplified(f, true)).toBe(max(x, 0));
  });

  it("makes sums of exponentials safe, once", () => {
    const graph = new Graph(allExtensions);
    const x = graph.param("x", [n]);
    const at = [[x, [1000, 1001, 999]]] as const;
    const total = sum(exp(x));
    const written = [log(total), div(exp(x), view(total, [n], [])), log(div(exp(x), view(total, [n], [])))];
    const safe = [logsumexp(x), softmax(x), logSoftmax(x)];
    for (const [k, naive] of written.entries()) {
      expect(Number.isFinite(valuesOf([naive], at)[0]![0]!)).toBe(false);
      const after = simplified(naive);
      const expected = valuesOf([safe[k]!], at)[0]!;
      for (const [position, value] of valuesOf([after], at)[0]!.entries()) {
        expect(value).toBeCloseTo(expected[position]!, 12);
      }
      // a second run finds nothing more to shift
      expect(simplified(after)).toBe(after);
      expect(simplified(safe[k]!)).toBe(simplified(simplified(safe[k]!)));
    }
  });
});
