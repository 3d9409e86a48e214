import { isGather, neverHolds } from "../../../ir/contraction.ts";
import type { Expr } from "../../../ir/graph.ts";
import { contract, termsOf, view } from "../../../ops/arrays/contractions.ts";
import { add } from "../../../ops/elementary/algebra.ts";
import { isMap } from "../../../ops/maps.ts";
import { isTotal } from "../../facts/facts.ts";
import { isConstant, isSplat, reshaped } from "../../forms/contractions/splat.ts";
import {
  combineLike,
  inline,
  rangeOf,
  type Terms,
  withFactor,
  withoutEqualities,
  withoutFactors,
} from "../../forms/contractions/terms.ts";
import { isView } from "../../forms/nodes.ts";
import { type Rules, structural } from "../../rule.ts";

/** In sums of more parts no element is looked for. */
const mostParts = 32;

const isTotalView = (node: Expr) => isView(node) && isTotal(node.graph, node.id);

/** Products of more than two factors are multiplied in another order once a factor changes. */
const keepsOrder = (terms: Terms) => terms.factors.length <= 2;

/** The terms with the first factor that `test` holds of replaced by what it reads. */
function readThrough(terms: Terms, test: (read: Expr) => boolean): Terms | undefined {
  const position = terms.factors.findIndex((read) => test(read.of));
  return position < 0 ? undefined : inline(terms, position);
}

/** The terms with a splat factor read as a scalar; the range of the read stays as guards. */
export function withScalar(terms: Terms, position: number): Terms {
  const read = terms.factors[position]!;
  const scalar = withFactor(terms, position, { of: reshaped(read.of, []), index: [] });
  return { ...scalar, guards: [...terms.guards, ...rangeOf(read)] };
}

/** The terms of each part of what the first factor reads, where that is put together of views. */
function ofParts(terms: Terms): readonly Terms[] {
  const [read] = terms.factors;
  const parts = isMap(read!.of, add) ? read!.of.operands : [];
  if (parts.length > mostParts || !parts.every(isView)) return [];
  return parts.map((of) => inline(withFactor(terms, 0, { ...read!, of }), 0));
}

export const viewOfEverything = structural("view of everything", { roots: ["view"] }, (node) => {
  const { factors, guards } = termsOf(node);
  const { of, index } = factors[0]!;
  const isSame = guards.length === 0 && view(of, node.shape, index) === of;
  return isSame ? of : undefined;
});

export const oneAsFactor = structural("one as a factor", { roots: ["sum"], operands: [1] }, (node) => {
  const terms = termsOf(node);
  const position = terms.factors.findIndex(({ of }) => isConstant(of, 1));
  if (position < 0 || terms.factors.length < 2) return undefined;
  return contract(withoutFactors(terms, (_, at) => at === position));
});

/** Views of views and constants, and sums that read through views. */
export const viewRules: Rules = {
  exact: [
    viewOfEverything,
    structural("view of a view", { roots: ["view"], operands: ["view"] }, (node) => {
      const through = readThrough(termsOf(node), isView);
      return through && contract(through);
    }),
    structural("view of what falls there alone", { roots: ["view"], operands: ["sum"] }, (node) => {
      const terms = termsOf(node);
      const { of } = terms.factors[0]!;
      if (of.kind !== "contraction" || isGather(of.graph.contractionOf(of.id))) return undefined;
      const alone = withoutEqualities(inline(terms, 0));
      return alone.extents.length > node.shape.length ? undefined : contract(alone);
    }),
    structural("view of a constant", { roots: ["view"], operands: [["constant", "size"]] }, (node, { graph }) => {
      const { of } = termsOf(node).factors[0]!;
      if (!isSplat(of)) return undefined;
      if (isTotal(graph, node.id) || isConstant(of, 0)) return reshaped(of, node.shape);
      return undefined;
    }),
    structural(
      "constant factors as scalars",
      { roots: ["view", "sum", "reduce"], operands: [["constant", "size"]] },
      (node) => {
        const terms = termsOf(node);
        const position = terms.factors.findIndex(({ of }) => isSplat(of) && of.shape.length > 0);
        if (position < 0) return undefined;
        return combineLike(node, withScalar(terms, position));
      },
    ),
    oneAsFactor,
    structural("sum over zeros", { roots: ["view", "sum"], operands: [0] }, (node, { graph }) => {
      const { factors } = termsOf(node);
      return factors.length === 1 && isConstant(factors[0]!.of, 0)
        ? graph.constantLike(0, node, node.dtype)
        : undefined;
    }),
    structural("sum reads through a whole view", { roots: ["sum", "reduce"], operands: ["view"] }, (node) => {
      const terms = termsOf(node);
      if (!keepsOrder(terms)) return undefined;
      const through = readThrough(terms, isTotalView);
      return through && combineLike(node, through);
    }),
  ],
  stable: [
    // the zeros beside the element would make 0 of -0
    structural("element of arrays put together", { roots: ["view"], operands: [add] }, (node) => {
      const terms = termsOf(node);
      const present = ofParts(terms).filter(
        (part) => ![...part.guards, ...part.factors.flatMap(rangeOf)].some(neverHolds),
      );
      return present.length === 1 ? contract(present[0]!) : undefined;
    }),
    // a list of numbers is summed as the numbers are
    structural("sum of arrays put together", { roots: ["sum"], operands: [add] }, (node) => {
      const terms = termsOf(node);
      const [read, ...others] = terms.factors;
      if (others.length > 0 || read!.of.operands.some(isTotalView)) return undefined;
      const parts = ofParts(terms);
      return parts.length > 0 ? add(...(parts.map(contract) as [Expr, Expr])) : undefined;
    }),
    structural("sum reads through a guarded view", { roots: ["sum"], operands: ["view"] }, (node) => {
      const through = readThrough(termsOf(node), isView);
      return through && contract(through);
    }),
  ],
};
