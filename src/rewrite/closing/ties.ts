import { winnersOf } from "../../autodiff/linear.ts";
import { requireThat } from "../../ir/arguments/arguments.ts";
import { howTo } from "../../ir/extension.ts";
import { Expr } from "../../ir/graph.ts";
import { contract, type Read, reduce, termsOf, view } from "../../ops/arrays/contractions.ts";
import { add, sub } from "../../ops/elementary/algebra.ts";
import { and, equal, isFiniteReal, select } from "../../ops/elementary/comparison.ts";
import { stopGradient } from "../../ops/elementary/opaque.ts";
import { varies } from "../../ops/linear-algebra/elementwise.ts";
import type { Pass } from "../passes.ts";
import { reforming, rewrite } from "../rewrite.ts";
import { structural } from "../rule.ts";
import { spectralTies } from "../rules/matrices/spectral-ties.ts";

/** Numbers that carry a change follow one winner of several; derivatives share among them. */
const pass: Pass = {
  name: "ties",
  isSweptOnce: true,
  rules: [
    {
      real: [
        structural("the change of an extreme is the mean of its winners'", { roots: ["reduce"] }, (node) => {
          const how = node.graph.combineOf(node.id);
          if (how === "sum" || how === "prod" || node.dtype !== "real") return undefined;
          const own = termsOf(node);
          const [live] = own.factors as [Read];
          if (!varies(node.graph, live.of.id)) return undefined;
          // what is compared with is made of values without a change: no extreme of numbers that have one is left
          const still = reduce(how, { ...own, factors: [{ ...live, of: stopGradient(live.of) }] });
          const terms = winnersOf(still);
          const { extents, lookups } = terms;
          const [of, weight] = terms.factors as [Read, Read];
          const candidate = view(live.of, extents, of.index, [], lookups);
          const winner = view(still, extents, terms.output, [], lookups);
          const apart = select(and(equal(candidate, winner), isFiniteReal(winner)), sub(candidate, winner), 0);
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
