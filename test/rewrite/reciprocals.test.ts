import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { realField } from "../../src/interpreter/field.ts";
import { interpret } from "../../src/interpreter/interpret.ts";
import { type Expr, Graph } from "../../src/ir/graph.ts";
import { Integer } from "../../src/ir/integer.ts";
import { reachableIds } from "../../src/ir/walks/traverse.ts";
import { add, div, reciprocal, square } from "../../src/ops/elementary/algebra.ts";
import { exp } from "../../src/ops/elementary/exponential.ts";
import { sqrt } from "../../src/ops/elementary/powers.ts";
import { sin } from "../../src/ops/elementary/trigonometric.ts";
import { simplify } from "../../src/rewrite/rewrite.ts";

/** Three quotients of functions of numbers x and y by a function of x. */
function quotients(by: (x: Expr) => Expr) {
  const graph = new Graph();
  const [x, y] = [graph.param("x"), graph.param("y")];
  const divisor = by(x);
  return { x, y, roots: [div(y, divisor), div(sin(x), divisor), div(exp(y), divisor)] };
}

const away = (x: Expr) => sqrt(add(square(x), 1));

function divisionsIn(roots: readonly Expr[]): number {
  const { graph } = roots[0]!;
  const isDivision = (id: number) =>
    graph.kindOf(id) === "map" && [div.primitive, reciprocal.primitive].includes(graph.primitiveOf(id));
  return reachableIds(
    graph,
    roots.map(({ id }) => id),
  ).filter(isDivision).length;
}

describe("three quotients by one number", () => {
  it("take one division where the number is known to be away from zero", () => {
    const { roots } = quotients(away);
    expect(divisionsIn(roots)).toBe(3);
    expect(divisionsIn(simplify(roots, { last: true }))).toBe(1);
  });

  it("take one division an element, as arrays", () => {
    const graph = new Graph();
    const [x, y] = [graph.param("x", [Integer.named("n")]), graph.param("y", [Integer.named("n")])];
    const roots = [y, sin(x), exp(y)].map((dividend) => div(dividend, away(x)));
    expect(divisionsIn(roots)).toBe(3);
    expect(divisionsIn(simplify(roots, { last: true }))).toBe(1);
  });

  it("take one division where there are two of them and the reciprocal is there anyway", () => {
    const graph = new Graph();
    const [x, y] = [graph.param("x"), graph.param("y")];
    expect(divisionsIn(simplify([reciprocal(away(x)), div(y, away(x))], { last: true }))).toBe(1);
    expect(divisionsIn(simplify([div(sin(y), away(x)), div(y, away(x))], { last: true }))).toBe(2);
  });

  it("stay while derivatives follow, where bits are to be kept, and where the number may be small", () => {
    const { roots } = quotients(away);
    expect(divisionsIn(simplify(roots))).toBe(3);
    expect(divisionsIn(simplify(roots, { last: true, level: "exact" }))).toBe(3);
    expect(divisionsIn(simplify(quotients((x) => sqrt(square(x))).roots, { last: true }))).toBe(3);
    expect(divisionsIn(simplify(quotients((x) => exp(x)).roots, { last: true }))).toBe(3);
  });

  it("stay where the number is a constant", () => {
    const { roots } = quotients((x) => x.graph.constant(49));
    expect(divisionsIn(simplify(roots, { last: true }))).toBe(3);
  });

  it("stay where there are two", () => {
    const { roots } = quotients(away);
    expect(divisionsIn(simplify(roots.slice(1), { last: true }))).toBe(2);
  });

  it("differ from the quotients by rounding alone, up to the largest numbers", () => {
    const { x, y, roots } = quotients(away);
    const products = simplify(roots, { last: true });
    const number = fc.oneof(
      fc.integer({ min: -4000, max: 4000 }).map((n) => n / 8),
      fc.constantFrom(1e154, -1e150, 1e-300, -0, 2 ** 511),
    );
    fc.assert(
      fc.property(number, number, (a, b) => {
        const bindings = {
          sizes: new Map<string, number>(),
          values: new Map([
            [x, [a]],
            [y, [b]],
          ]),
        };
        const expected = interpret(roots, bindings, realField).flat();
        const got = interpret(products, bindings, realField).flat();
        for (const [k, value] of got.entries()) {
          if (Object.is(value, expected[k])) continue;
          // the reciprocal and the product round once each, the quotient once
          expect(Math.abs(value - expected[k]!)).toBeLessThanOrEqual(2 ** -51 * Math.abs(expected[k]!) + 2 ** -1073);
        }
      }),
    );
  });
});
