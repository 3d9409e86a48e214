import { describe, expect, it } from "vitest";
import { type Expr, Graph } from "../../src/ir/graph.ts";
import { Integer } from "../../src/ir/integer.ts";
import { matmul } from "../../src/ops/arrays/composites.ts";
import { transpose } from "../../src/ops/arrays/contractions.ts";
import { graphCost } from "../../src/rewrite/cost.ts";
import { simplify } from "../../src/rewrite/rewrite.ts";

/** Numbers from 0 on, the same at every run. */
function numbersFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return Math.floor((state / 0x80000000) * below);
  };
}

/** Multiply-adds of the best order, by dynamic programming over where a chain is cut last. */
function bestCost(sizes: readonly number[]): number {
  const count = sizes.length - 1;
  const best: number[][] = Array.from({ length: count }, () => new Array<number>(count).fill(0));
  for (let length = 2; length <= count; length++) {
    for (let first = 0; first + length <= count; first++) {
      const last = first + length - 1;
      let least = Number.POSITIVE_INFINITY;
      for (let cut = first; cut < last; cut++) {
        const product = 2 * sizes[first]! * sizes[cut + 1]! * sizes[last + 1]!;
        least = Math.min(least, best[first]![cut]! + best[cut + 1]![last]! + product);
      }
      best[first]![last] = least;
    }
  }
  return best[0]![count - 1]!;
}

const lengths = [1, 2, 5, 10, 30, 100, 400, 1000];

describe("the order of a chain of matrices", () => {
  it.each([3, 4, 5, 6])("costs no more than 1.1 of the best, for %i matrices of sizes known by hints", (count) => {
    const below = numbersFrom(count);
    for (let trial = 0; trial < 12; trial++) {
      const sizes = Array.from({ length: count + 1 }, () => lengths[below(lengths.length)]!);
      const graph = new Graph();
      const names = sizes.map((_, k) => Integer.named(`n${k}`));
      const matrices = Array.from({ length: count }, (_, k) => graph.data(`A${k}`, [names[k]!, names[k + 1]!]));
      const product = (first: number, last: number): Expr => {
        if (first === last) return matrices[first]!;
        const cut = first + below(last - first);
        return matmul(product(first, cut), product(cut + 1, last));
      };
      const hints = (name: string) => sizes[Number(name.slice(1))]!;
      const cost = graphCost(simplify([product(0, count - 1)], { last: true, hints }), hints);
      expect(cost / bestCost(sizes), sizes.join(" x ")).toBeLessThan(1.1);
    }
  });

  it("does not hang on hints where one order is never dearer", () => {
    const graph = new Graph();
    const [n, m] = [Integer.named("n"), Integer.named("m")];
    const [A, B, v] = [graph.data("A", [n, m]), graph.data("B", [m, m]), graph.data("v", [m, Integer.one])];
    for (const size of [2, 1000]) {
      const [root] = simplify([matmul(matmul(A, B), v)], { last: true, hints: () => size });
      expect(root!.operands.map((operand) => operand.kind).sort()).toEqual(["contraction", "leaf"]);
      expect(root!.operands).toContain(A);
    }
  });

  it.each([false, true])("takes a product that is there anyway, as its transpose: %s", (isTransposed) => {
    const graph = new Graph();
    const [n, m] = [Integer.named("n"), Integer.named("m")];
    const [G, H, P] = [graph.data("G", [n, m]), graph.data("H", [m, n]), graph.data("P", [n, n])];
    const turned = (x: Expr) => transpose(x, [1, 0]);
    const there = isTransposed ? matmul(turned(P), turned(H)) : matmul(H, P);
    const [product, chain] = simplify([there, matmul(matmul(G, H), P)], { last: true, hints: () => 100 });
    expect(chain!.operands).toContain(product);
  });
});
