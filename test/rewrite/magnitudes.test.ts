import { describe, expect, it } from "vitest";
import { allExtensions } from "../../src/extensions/all.ts";
import { realField } from "../../src/interpreter/field.ts";
import { interpret } from "../../src/interpreter/interpret.ts";
import { type Expr, Graph } from "../../src/ir/graph.ts";
import { Integer } from "../../src/ir/integer.ts";
import { type Bindings, instantiate, isConstantVariable, variablesOf } from "../../src/rewrite/pattern.ts";
import type { Pair } from "../../src/rewrite/rule.ts";
import { nameOf } from "../../src/rewrite/rule-name.ts";
import { realRules, stableRules } from "./catalogue.ts";
import { alone, granted } from "./context.ts";

// Both sides of every pair over all magnitudes, far outside of where `domains.ts` compares them to rounding.

const sizes = [
  1e-300, 1e-200, 1e-160, 1e-100, 1e-20, 1e-12, 1e-8, 1e-3, 0.3, 0.5, 0.7, 0.999, 1, 1.001, 1.5, 2, 3, 5, 10, 17.5, 37,
  40, 300, 600, 709, 710, 745, 750, 1e5, 1e8, 1e16, 1e100, 1e155, 1e200, 1e300,
];
const numbers = [0, ...sizes, ...sizes.map((size) => -size)];
const constants = [2, 0.5, -1, -3, 3, 1.5];
const count = 600;

/** Points whose coordinates take every number in turn, at strides that share no factor with how many there are. */
function pointsOf(variables: number): number[][] {
  const strides = [1, 29, 53, 17];
  return Array.from({ length: variables === 1 ? numbers.length : count }, (_, at) =>
    Array.from({ length: variables }, (_, k) => {
      const round = Math.floor(at / numbers.length);
      return numbers[(at * strides[k]! + round * k * 7) % numbers.length]!;
    }),
  );
}

/** Values of both sides with each choice of constants that the pair's condition admits. */
function* valuesOf({ left, right, where }: Pair): Generator<{ at: string; left: number; right: number }> {
  const variables = variablesOf(left);
  const free = variables.filter((variable) => !isConstantVariable(variable));
  if (free.length === 0 || free.some(({ dtype }) => dtype !== "real")) return;
  const points = pointsOf(free.length);
  const shape = [Integer.constant(points.length)];
  const fixed = variables.filter(isConstantVariable);
  for (const first of fixed.length > 0 ? constants : [0]) {
    for (const second of fixed.length > 1 ? constants : [0]) {
      const graph = new Graph(allExtensions);
      const bound = new Map<Expr, Expr>(free.map((variable, k) => [variable, graph.param(`x${k}`, shape)]));
      for (const [k, variable] of fixed.entries()) bound.set(variable, graph.constant([first, second][k]!, shape));
      const of: Bindings = (variable) => bound.get(variable)!;
      const context = alone(graph, granted);
      if (where && !where(of, context)) continue;
      const before = instantiate(left, of, of(free[0]!));
      const after = typeof right === "function" ? right(of) : instantiate(right, of, before);
      if (!after) continue;
      const values = new Map(free.map((variable, k) => [of(variable), points.map((point) => point[k]!)]));
      const [a, b] = interpret([before, after], { sizes: new Map(), values }, realField) as [number[], number[]];
      for (const [k, point] of points.entries()) {
        yield { at: [...point, ...(fixed.length > 0 ? [first, second] : [])].join(", "), left: a[k]!, right: b[k]! };
      }
    }
  }
}

/** Rules whose left side is a number by rounding alone, and those of which only last rewrites guard what overflows. */
const excused = new Set([
  // 1 - x is 1 for an x outside the domain, and an odd power of a negative number has vanished
  "acos(sub(1, x))",
  "acosh(add(x, 1))",
  "acosh(exp(x))",
  "sqrt(pow(x, c))",
  "pow(pow(x, c), d)",
  // a negative product or difference of squares has vanished
  "sqrt(mul(x, y))",
  "pow(mul(x, y), c)",
  "sqrt(sub(square(x), square(y)))",
  // products with an exponential, see "product with what has vanished"
  "mul(exp(x), mul(exp(y), w))",
  "div(exp(x), square(y))",
  "div(exp(x), pow(y, c))",
]);

describe("a pair of expressions", () => {
  it("has no right side that is NaN where the left one is finite, at any magnitude", () => {
    const lost = [...stableRules, ...realRules].flatMap((rule) => {
      if (!rule.pair || excused.has(nameOf(rule))) return [];
      const faults = [...valuesOf(rule.pair)].filter(({ left, right }) => Number.isFinite(left) && Number.isNaN(right));
      return faults.slice(0, 2).map(({ at, left }) => `${nameOf(rule)} at ${at}: ${left}`);
    });
    expect(lost).toEqual([]);
  });
});
