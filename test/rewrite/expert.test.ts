import { describe, expect, it } from "vitest";
import { gradient, type HvpRoute, hessian, hvp, jacobian } from "../../src/autodiff/derivatives.ts";
import { allExtensions } from "../../src/extensions/all.ts";
import { iterators } from "../../src/ir/contraction.ts";
import { type Expr, Graph } from "../../src/ir/graph.ts";
import { Integer } from "../../src/ir/integer.ts";
import { lower } from "../../src/lower/lower.ts";
import { logSoftmax, mean } from "../../src/ops/arrays/composites.ts";
import { contract, minimum, sum, view } from "../../src/ops/arrays/contractions.ts";
import { mul, neg, square, sub } from "../../src/ops/elementary/algebra.ts";
import { exp } from "../../src/ops/elementary/exponential.ts";
import { tanh } from "../../src/ops/elementary/hyperbolic.ts";
import { softplus } from "../../src/ops/special/activation.ts";
import { graphCost, type SizeHints } from "../../src/rewrite/cost.ts";
import { simplify } from "../../src/rewrite/rewrite.ts";

const sizes = { n: 1000, d: 100, k: 10 };
const hints: SizeHints = (name) => sizes[name as keyof typeof sizes];
const [n, d, k] = ["n", "d", "k"].map((name) => Integer.named(name)) as [Integer, Integer, Integer];
const [i, j, l] = [0, 1, 2].map(iterators) as [Integer, Integer, Integer];

const product = (A: Expr, B: Expr): Expr => {
  const [rows, columns] = [A.shape[0]!, B.shape[1]];
  const factors = [
    { of: A, index: [i, columns ? l : j] },
    { of: B, index: columns ? [l, j] : [j] },
  ];
  return columns
    ? contract({ extents: [rows, columns, A.shape[1]!], output: [i, j], shape: [rows, columns], factors })
    : contract({ extents: [rows, A.shape[1]!], output: [i], shape: [rows], factors });
};

const cost = (roots: readonly Expr[]) => graphCost(simplify(roots, { last: true, hints }), hints);
const simple = (root: Expr) => simplify([root], { hints })[0]!;

function logistic() {
  const graph = new Graph(allExtensions);
  const X = graph.data("X", [n, d]);
  const y = graph.data("y", [n]);
  const w = graph.param("w", [d]);
  return { w, loss: simple(mean(softplus(mul(neg(y), product(X, w))))) };
}

function network() {
  const graph = new Graph(allExtensions);
  const X = graph.data("X", [n, d]);
  const labels = graph.data("labels", [n], "int");
  const w = graph.param("W", [d, k]);
  const scores = logSoftmax(tanh(product(X, w)), [1]);
  return { w, loss: simple(neg(mean(view(scores, [n], [i, Integer.lookup(0, [i])], [], [labels])))) };
}

describe("simplified derivatives", () => {
  it("multiply chains from the cheap end", () => {
    const graph = new Graph(allExtensions);
    const [A, B, C] = ["A", "B", "C"].map((name) => graph.data(name, [n, n])) as [Expr, Expr, Expr];
    const v = graph.param("v", [n]);
    expect(cost([product(product(product(A, B), C), v)])).toBe(3 * 2 * sizes.n ** 2);
  });

  it("scale the data once for the Hessian of a logistic regression", () => {
    const { w, loss } = logistic();
    const [root] = simplify([hessian(loss, w)], { last: true, hints });
    // X' diag(s) X: one scaled copy of X, one product, and a few operations a row
    const { n: rows, d: columns } = sizes;
    const perRow = graphCost([root!], hints) - 2 * rows * columns ** 2 - 3 * rows * columns;
    expect(perRow).toBeLessThan(60 * rows);
  });

  it("cost the same along the three routes to a Hessian-vector product", () => {
    const routes: readonly HvpRoute[] = ["reverse-over-reverse", "forward-over-reverse", "reverse-over-forward"];
    for (const { w, loss } of [logistic(), network()]) {
      const direction = loss.graph.data("v", w.shape);
      const costs = routes.map((route) => cost(hvp(loss, [w], [direction], route)));
      expect(Math.max(...costs) / Math.min(...costs)).toBeLessThan(1.05);
    }
  });

  it("cost a gradient no more than a few times the function", () => {
    for (const { w, loss } of [logistic(), network()]) {
      expect(cost([loss, ...gradient(loss, [w])]) / cost([loss])).toBeLessThan(2.1);
    }
  });

  it("use up the identity that seeds a Jacobian", () => {
    const graph = new Graph(allExtensions);
    const A = graph.data("A", [n, d]);
    const x = graph.param("x", [d]);
    const [J] = simplify([jacobian(product(A, x), x)], { hints });
    expect(J).toBe(A);
    // the Jacobian of a map is a diagonal
    const [D] = simplify([jacobian(exp(x), x)], { hints });
    expect(graphCost([D!], hints)).toBeLessThanOrEqual(sizes.d * sizes.d + 10 * sizes.d);
  });

  it("keep the differences of k-means free of a stored n by k by d array of weights", () => {
    const graph = new Graph(allExtensions);
    const P = graph.data("P", [n, d]);
    const C = graph.param("C", [k, d]);
    const gap = sub(view(P, [n, k, d], [i, l]), view(C, [n, k, d], [j, l]));
    const loss = simple(sum(minimum(sum(square(gap), [2]), [1])));
    const roots = simplify(gradient(loss, [C]), { last: true, hints });
    const program = lower(roots.map((node, at) => ({ name: `root${at}`, node })));
    const held = program.buffers.filter(({ role }) => role === "workspace").map(({ shape }) => shape.length);
    expect(held.filter((rank) => rank > 2)).toEqual([]);
  });
});
