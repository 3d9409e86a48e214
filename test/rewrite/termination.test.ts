import fc from "fast-check";
import { expect, it } from "vitest";
import { gradient } from "../../src/autodiff/derivatives.ts";
import { allExtensions } from "../../src/extensions/all.ts";
import { type Expr, Graph } from "../../src/ir/graph.ts";
import { topologicalOrder } from "../../src/ir/walks/traverse.ts";
import type { Operation } from "../../src/ops/define.ts";
import { add, div, mul, reciprocal, sub } from "../../src/ops/elementary/algebra.ts";
import { log } from "../../src/ops/elementary/exponential.ts";
import { pow } from "../../src/ops/elementary/powers.ts";
import { operations } from "../../src/ops/registry.ts";
import { simplify } from "../../src/rewrite/rewrite.ts";
import { Trace } from "../../src/rewrite/trace.ts";

// Rules that answer each other's results, or their own, end in the limits of a sweep alone, after thousands of rewrites.

const functions = [...operations.values()].filter(
  ({ primitive: { arity, operands, result } }) => arity === 1 && !operands && !result,
);

/** Rewrites for each node. Where functions of one number meet there are 3 at most. */
const most = 8;

function simplified(roots: readonly Expr[]): readonly Expr[] {
  const trace = new Trace();
  const after = simplify(roots, { record: trace });
  const nodes = topologicalOrder(roots).length;
  expect(trace.steps.length, trace.steps.map(({ rule }) => rule).join("; ")).toBeLessThanOrEqual(most * nodes);
  return after;
}

const pairs = fc.tuple(
  fc.constantFrom<Operation>(add, sub, mul, div),
  fc.constantFrom(...functions),
  fc.constantFrom(...functions),
);

it("takes few rewrites for each node where two functions meet, and in the slopes", { timeout: 60_000 }, () => {
  expect(functions.length).toBeGreaterThan(60);
  fc.assert(
    fc.property(pairs, ([combine, f, g]) => {
      const graph = new Graph(allExtensions);
      const x = graph.param("x", []);
      const [before] = simplified([combine(f(x), g(x))]);
      if (before!.dtype === "real") simplified(gradient(before!, [x]));
    }),
    { numRuns: 300 },
  );
});

it.each([10, 0.5, 1, 0, -2])("takes few of them for powers of %d", (base) => {
  const graph = new Graph(allExtensions);
  const x = graph.param("x", []);
  const power = pow(graph.constant(base), x);
  const sum = add(1, power);
  for (const f of [
    reciprocal(sum),
    div(power, sum),
    pow(sum, x),
    log(sum),
    log(mul(power, x)),
    div(power, add(power, x)),
  ]) {
    const [before] = simplified([f]);
    simplified(gradient(before!, [x]));
  }
});
