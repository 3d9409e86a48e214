import { describe, expect, it } from "vitest";
import { gradient } from "../../src/autodiff/derivatives.ts";
import { allExtensions } from "../../src/extensions/all.ts";
import { type Expr, Graph } from "../../src/ir/graph.ts";
import { Integer } from "../../src/ir/integer.ts";
import { sum } from "../../src/ops/arrays/contractions.ts";
import { add, mul, neg } from "../../src/ops/elementary/algebra.ts";
import { exp } from "../../src/ops/elementary/exponential.ts";
import { sin } from "../../src/ops/elementary/trigonometric.ts";
import type { Pass } from "../../src/rewrite/passes.ts";
import { rewrite, simplify } from "../../src/rewrite/rewrite.ts";
import { type Rule, structural } from "../../src/rewrite/rule.ts";
import { Settled } from "../../src/rewrite/sweeps/settled.ts";
import { scalarGraph } from "../generators/scalar.ts";

/** A rule that changes nothing, and how often it looked at a node. */
function counting(): { readonly rule: Rule; count: number } {
  const counted = { rule: structural("count", { roots: ["map"] }, () => void counted.count++), count: 0 };
  return counted;
}

const passOf = (name: string, ...rules: readonly Rule[]): Pass => ({ name, rules: [{ exact: rules }] });

describe("Settled", () => {
  it("keeps a rule from a node that it left alone, in later passes and later calls", () => {
    const { loss, x } = scalarGraph(2000);
    const counted = counting();
    const other = counting();
    const settled = new Settled(loss.graph);
    const passes = [passOf("narrow", counted.rule), passOf("wide", counted.rule, other.rule)];
    rewrite([loss], passes, { settled });
    const maps = counted.count;
    expect(other.count).toBe(maps);
    const slope = gradient(loss, [x]);
    rewrite([loss], passes, { settled });
    expect([counted.count, other.count]).toEqual([maps, maps]);
    // the gradient reads the function's own nodes: only what is new is looked at
    rewrite([loss, ...slope], passes, { settled });
    const both = counted.count;
    const fresh = counting();
    rewrite([loss, ...slope], [passOf("fresh", fresh.rule)], {});
    expect(both).toBe(fresh.count);
  });

  it("lets a rule look again once a node that it asked about has other users", () => {
    const x = new Graph(allExtensions).param("x");
    const inner = exp(x);
    const unsharedOut = structural("out", { roots: [neg] }, (node, { isShared }) =>
      isShared(inner.id) ? undefined : mul(node.operands[0]!, -1),
    );
    const settled = new Settled(x.graph);
    const once = [passOf("once", unsharedOut)];
    const run = (...roots: Parameters<typeof rewrite>[0]) => rewrite(roots, once, { settled }).map(({ id }) => id);
    for (let time = 0; time < 2; time++) expect(run(neg(inner), inner)).toEqual([neg(inner).id, inner.id]);
    expect(run(neg(inner))).toEqual([mul(inner, -1).id]);
  });

  it.each([
    [100, true],
    [10_000, false],
  ])("looks again in a graph of %d nodes: %s", (length, looksAgain) => {
    const x = new Graph(allExtensions).param("x");
    const inner = exp(x);
    const unsharedOut = structural("out", { roots: [neg] }, (node, { isShared }) =>
      isShared(inner.id) ? undefined : mul(node.operands[0]!, -1),
    );
    let deep = neg(inner);
    let rewritten = mul(inner, -1);
    for (let k = 0; k < length; k++) [deep, rewritten] = [sin(deep), sin(rewritten)];
    const settled = new Settled(x.graph);
    const once = [passOf("once", unsharedOut)];
    const run = (...roots: Parameters<typeof rewrite>[0]) => rewrite(roots, once, { settled })[0]!.id;
    expect(run(deep, inner)).toBe(deep.id);
    expect(run(deep)).toBe((looksAgain ? rewritten : deep).id);
  });

  it("forgets what depended on sizes that are now taken to be others", () => {
    const graph = new Graph(allExtensions);
    const x = graph.param("x", [Integer.named("n")]);
    const node = sum(sin(x));
    const large: Rule = structural("large", { roots: ["sum"] }, (root, { hints }) =>
      hints("n") > 10 ? add(root, 0) : undefined,
    );
    const settled = new Settled(graph);
    const sizes = [passOf("sizes", large)];
    const under = (n: number) => rewrite([node], sizes, { settled, hints: () => n })[0]!.id;
    expect([under(5), under(5), under(50)]).toEqual([node.id, node.id, add(node, 0).id]);
  });

  it("forgets what it learnt of other rules", () => {
    const x = new Graph(allExtensions).param("x");
    const settled = new Settled(x.graph);
    const out = structural("out", { roots: [neg] }, (node) => mul(node.operands[0]!, -1));
    const run = (rule: Rule) => rewrite([neg(x)], [passOf("one", rule)], { settled })[0];
    expect([run(counting().rule), run(out)]).toEqual([neg(x), mul(x, -1)]);
  });

  it("changes no result", () => {
    const { loss, x } = scalarGraph(2000);
    const settled = new Settled(loss.graph);
    const [before] = simplify([loss], { settled });
    const roots = gradient(before!, [x]);
    expect(before).toBe(simplify([loss])[0]);
    const idsOf = (nodes: readonly Expr[]) => nodes.map(({ id }) => id);
    for (const some of [roots, [before!], [before!, ...roots]]) {
      expect(idsOf(simplify(some, { last: true, settled }))).toEqual(idsOf(simplify(some, { last: true })));
    }
  });
});
