import { winnersOf } from "../../autodiff/linear.ts";
import { requireThat } from "../../ir/arguments.ts";
import { howTo } from "../../ir/extension.ts";
import { Expr } from "../../ir/graph.ts";
import { add, sub } from "../../ops/algebra.ts";
import { and, equal, isFiniteReal, select } from "../../ops/comparison.ts";
import { contract, type Read, reduce, termsOf, view } from "../../ops/contractions.ts";
import { stopGradient } from "../../ops/opaque.ts";
import { isMap } from "../forms/nodes.ts";
import type { Pass } from "../passes.ts";
import { reforming, rewrite } from "../rewrite.ts";
import { structural } from "../rule.ts";
import { spectralTies } from "../rules/spectral-ties.ts";

/** Numbers that carry a change follow one winner of several; derivatives share among them. */
const pass: Pass = {
  name: "ties",
  isSweptOnce: true,
  rules: [
    {
      real: [
        structural("the change of an extreme is the mean of its winners'", ["reduce"], (node) => {
          const how = node.graph.combineOf(node.id);
          if (how === "sum" || how === "prod" || node.dtype !== "real") return undefined;
          if (isMap(termsOf(node).factors[0]!.of, stopGradient.primitive)) return undefined;
          const terms = winnersOf(node);
          const { extents, lookups } = terms;
          const [of, weight] = terms.factors as [Read, Read];
          const candidate = view(of.of, extents, of.index, [], lookups);
          const winner = stopGradient(view(node, extents, terms.output, [], lookups));
          const apart = select(and(equal(candidate, winner), isFiniteReal(winner)), sub(candidate, winner), 0);
          const still = reduce(how, { ...termsOf(node), factors: [{ ...of, of: stopGradient(of.of) }] });
          const changes = contract({ ...terms, factors: [{ of: apart, index: weight.index }, weight] });
          return add(still, changes);
        }),
      ],
    },
    spectralTies,
  ],
};

/**
 * The roots with the same values, of which numbers that carry a change, complex or dual ones, give the derivative that
 * nabla states at ties: the largest of k equal elements changes by the mean of their changes. Without it they follow the
 * first. For programs over pairs, behind all derivatives.
 */
export function withSharedTies(roots: readonly Expr[]): Expr[] {
  const areRoots = Array.isArray(roots) && roots.every((root) => root instanceof Expr);
  requireThat(areRoots, "withSharedTies", "a list of expressions", roots);
  let current = [...roots];
  for (const extension of roots[0]?.graph.extensions ?? []) {
    const reform = howTo(reforming, extension);
    if (reform) current = reform(current, { phase: "last", simplify: withSharedTies, known: new Map() });
  }
  return rewrite(current, [pass], { extensions: [] });
}
