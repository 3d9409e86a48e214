import { describe, expect, it } from "vitest";
import { gradient, hvp } from "../../src/autodiff/derivatives.ts";
import { routes } from "../../src/check/graphs.ts";
import type { Expr } from "../../src/ir/graph.ts";
import { lower } from "../../src/lower/lower.ts";
import { loadModel } from "../../src/model/load.ts";
import { graphCost, sizeHints } from "../../src/rewrite/cost.ts";
import { simplify } from "../../src/rewrite/rewrite.ts";
import { perceptron } from "../check/models.ts";
import { workOf } from "../lower/operations.ts";

const sizes = new Map([
  ["n", 16],
  ["h", 8],
]);

/** Operations of the loops, and of the graph node by node. */
function count(roots: readonly Expr[]): { loops: number; graph: number } {
  const program = lower(roots.map((node, k) => ({ name: `root${k}`, node })));
  return { loops: workOf(program, sizes).operations, graph: graphCost(roots, sizeHints(roots, sizes)) };
}

describe.each([2, 6])("a perceptron of %i layers, batch 16, widths 8", (layers) => {
  const { loss: written, parameters } = perceptron(layers);
  const wrt = parameters.map(({ expr }) => expr);
  const hints = sizeHints([written!], sizes);
  const finish = (roots: readonly Expr[]) => simplify(roots, { last: true, hints });
  const [loss] = simplify([written!], { hints }) as [Expr];
  const base = count(finish([loss]));
  const directions = wrt.map(({ graph, shape }) => graph.variable(shape));
  const costs: Readonly<Record<string, ReturnType<typeof count>>> = {
    gradient: count(finish(gradient(loss, wrt))),
    "loss and gradient": count(finish([loss, ...gradient(loss, wrt)])),
    ...Object.fromEntries(routes.map((route) => [route, count(finish(hvp(loss, wrt, directions, route)))])),
  };

  const ratio = (name: string, how: "loops" | "graph") => costs[name]![how] / base[how];

  it.each(["loops", "graph"] as const)(
    "costs as much by each route to the product, within 5 %%: counted by %s",
    (how) => {
      const counts = routes.map((route) => costs[route]![how]);
      expect(Math.max(...counts) / Math.min(...counts)).toBeLessThan(1.05);
    },
  );

  it.each(["loops", "graph"] as const)(
    "costs at most 3 losses for a gradient and 7 for a product: counted by %s",
    (how) => {
      expect(ratio("gradient", how)).toBeLessThan(3);
      expect(ratio("loss and gradient", how)).toBeLessThan(3);
      for (const route of routes) expect(ratio(route, how)).toBeLessThan(7);
    },
  );
});

describe("a likelihood by Cholesky's factor of a matrix of 40 rows", () => {
  const text = `param A: [n, n]
data y: [n]
let L = cholesky(A)
loss = 0.5 * sum(solveTriangular(L, y)^2) + sum(log(diagonal(L)))`;
  const { graph, loss: written, parameters } = loadModel({ name: "likelihood.nabla", text });
  const hints = () => 40;
  const [loss] = simplify([written!], { hints }) as [Expr];
  const wrt = parameters.map(({ expr }) => expr);
  const operations = (roots: readonly Expr[]) => {
    const finished = simplify(roots, { last: true, hints });
    return workOf(lower(finished.map((node, k) => ({ name: `root${k}`, node }))), new Map([["n", 40]])).operations;
  };
  const base = operations([loss]);

  it("costs a gradient of at most 3 losses and a product of at most 9", () => {
    expect(operations([loss, ...gradient(loss, wrt)]) / base).toBeLessThan(3);
    expect(
      operations(
        hvp(
          loss,
          wrt,
          wrt.map(({ shape }) => graph.variable(shape)),
        ),
      ) / base,
    ).toBeLessThan(9);
  });
});
