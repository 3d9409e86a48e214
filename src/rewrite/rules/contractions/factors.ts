import type { Expr } from "../../../ir/graph.ts";
import { Integer } from "../../../ir/integer.ts";
import { contract, type Read, termsOf, view } from "../../../ops/arrays/contractions.ts";
import { guardsOfElements, guardsOfTerms } from "../../../ops/arrays/presence.ts";
import { add, mul, neg, sub } from "../../../ops/elementary/algebra.ts";
import { isMap } from "../../../ops/maps.ts";
import { isFiniteForAnyData } from "../../../ops/tame.ts";
import { compareCost, elementCount, type SizeHints, termsCost } from "../../cost.ts";
import { isNarrow, isSplat } from "../../forms/contractions/splat.ts";
import {
  firstSummed,
  inline,
  isOnlyRead,
  type Terms,
  withFactor,
  withoutEqualities,
  withoutFactors,
} from "../../forms/contractions/terms.ts";
import { isSum, isView } from "../../forms/nodes.ts";
import { type Context, type Rules, structural } from "../../rule.ts";
import { costUnderGuards } from "./mask.ts";
import { withScalar } from "./views.ts";

/** Longer sums are not searched: the search takes time square in their length. */
const mostTerms = 32;

/** Factors of sums: what several have in common, and what no summed iterator changes. */
export const factorRules: Rules = {
  exact: [
    structural("product as two factors", { roots: ["sum"], operands: [mul] }, (node, context) =>
      splitProduct(node, context, 1),
    ),
  ],
  real: [
    structural("product as further factors", { roots: ["sum"], operands: [mul] }, (node, context) =>
      splitProduct(node, context, Number.POSITIVE_INFINITY),
    ),
    structural("negation out of a sum", { roots: ["sum"], operands: [neg] }, (node, context) =>
      negationOut(node, (of) => !context.isShared(of.id) && isNoLarger(node, of, context)),
    ),
    structural("fixed factors out of a sum", { roots: ["sum"] }, (node, { hints }) =>
      fixedOut(node, termsOf(node), hints),
    ),
    structural("constants out of a product", { roots: ["sum"], operands: ["constant"] }, (node) => {
      const terms = termsOf(node);
      if (terms.extents.length > terms.output.length || firstSummed(terms) === 0) return undefined;
      const isNumber = ({ of }: Read) => of.kind === "constant" && of.dtype === node.dtype;
      const numbers = terms.factors.filter(isNumber);
      if (numbers.length === 0 || numbers.length === terms.factors.length) return undefined;
      const product = numbers.reduce((value, { of }) => value * of.constant!, 1);
      if (product === 0 || !Number.isFinite(product)) return undefined;
      return mul(contract(withoutFactors(terms, isNumber)), node.graph.constantLike(product, node));
    }),
    structural("sums with common factors", { roots: [add, sub], operands: ["sum"] }, (node, context) => {
      const terms = node.operands.length <= mostTerms ? node.operands : [];
      if (!terms.some(isSum)) return undefined;
      for (const [at, a] of terms.entries()) {
        for (const b of terms.slice(at + 1)) {
          const merged = isSum(a) && isSum(b) && a !== b ? mergedFactor(node, a, b, context) : undefined;
          if (!merged) continue;
          if (terms.length === 2) return merged;
          return add(...terms.filter((term) => term !== a && term !== b), merged);
        }
      }
      return undefined;
    }),
    structural("sum of sums", { roots: ["view", "sum"], operands: ["sum"] }, (node, context) => {
      const terms = termsOf(node);
      for (const [position, { of }] of terms.factors.entries()) {
        if (!isSum(of)) continue;
        const merged = withoutEqualities(inline(terms, position));
        const isGone = !context.isShared(of.id) && isOnlyRead(terms, position);
        // a view of what stays is free, and finds the same bits again: winners are found by them
        if (isView(node) && !isGone) continue;
        const inner = isGone ? costUnderGuards(of) : Integer.zero;
        const before = inner.plus(isView(node) ? 0 : termsCost(terms));
        if (compareCost(termsCost(merged), before, context.hints) < 0) return contract(merged);
      }
      return undefined;
    }),
  ],
};

/** Signs and broadcasts in shared factors leave the sum. Pays when every user of the factor does so. */
export const fixedProductRules: Rules = {
  real: [
    structural("negation of a shared factor out of a sum", { roots: ["sum"], operands: [neg] }, (node, context) =>
      negationOut(node, (of) => isNoLarger(node, of, context)),
    ),
    structural("broadcast factor of a factor out of a sum", { roots: ["sum"], operands: [mul] }, (node, { hints }) => {
      const terms = termsOf(node);
      for (const [position, { of, index }] of terms.factors.entries()) {
        if (!isMap(of, mul)) continue;
        const narrow = of.operands.findIndex((x) => isSplat(x) || (isNarrow(x) && isView(x)));
        if (narrow < 0) continue;
        const [factor, other] = [of.operands[narrow]!, of.operands[1 - narrow]!];
        const split = withFactor(terms, position, { of: factor, index }, { of: other, index });
        const pulled = fixedOut(node, isSplat(factor) ? withScalar(split, position) : inline(split, position), hints);
        if (pulled) return pulled;
      }
      return undefined;
    }),
  ],
};

/** -(sum of f g) in place of a sum of (-f) g. */
function negationOut(node: Expr, isWanted: (negation: Expr) => boolean): Expr | undefined {
  const terms = termsOf(node);
  const position = terms.factors.findIndex(({ of }) => isMap(of, neg) && isWanted(of));
  if (position < 0) return undefined;
  const { of, index } = terms.factors[position]!;
  return neg(contract(withFactor(terms, position, { of: of.operands[0]!, index })));
}

/** A B + A C as A (B + C), or A B - A C: two sums that differ in one factor. */
function mergedFactor(node: Expr, a: Expr, b: Expr, { graph, hints, isShared }: Context): Expr | undefined {
  if (isShared(a.id) || isShared(b.id) || graph.contractionOf(a.id) !== graph.contractionOf(b.id)) return undefined;
  const terms = termsOf(a);
  const others = b.operands;
  const different = a.operands.flatMap((operand, position) => (operand === others[position] ? [] : [position]));
  const [changed] = different;
  if (changed === undefined || different.length > 1 || terms.factors.length < 2) return undefined;
  const { factors } = graph.contractionOf(a.id);
  const readers = factors.flatMap((factor, position) => (factor.operand === changed ? [position] : []));
  const [x, y] = [a.operands[changed]!, others[changed]!];
  if (readers.length !== 1 || graph.shapeIdOf(x.id) !== graph.shapeIdOf(y.id) || x.dtype === "int") return undefined;
  if (compareCost(elementCount(x), termsCost(terms), hints) > 0) return undefined;
  const of = graph.map(graph.primitiveOf(node.id), [x, y]);
  return contract(withFactor(terms, readers[0]!, { of, index: terms.factors[readers[0]!]!.index }));
}

/** out[i] += f[i] g[i] in place of the sum of a product that nothing else needs, where that is no more work. */
function splitProduct(node: Expr, context: Context, most: number): Expr | undefined {
  const terms = termsOf(node);
  if (terms.factors.length > most) return undefined;
  const position = terms.factors.findIndex(
    ({ of }, at) =>
      isMap(of, mul) &&
      !context.isShared(of.id) &&
      isOnlyRead(terms, at) &&
      compareCost(Integer.product(terms.extents), elementCount(of), context.hints) <= 0,
  );
  if (position < 0) return undefined;
  const { of, index } = terms.factors[position]!;
  return contract(withFactor(terms, position, ...of.operands.map((x) => ({ of: x, index }))));
}

/**
 * Factors that no summed iterator changes multiply the sum of the others. What may be infinite leaves with the guards under which there
 * are terms, or not at all: where there are none the sum is 0.
 */
function fixedOut(node: Expr, terms: Terms, hints: SizeHints): Expr | undefined {
  const first = firstSummed(terms);
  const canStand = first === terms.output.length;
  const isUnchanged = ({ of, index }: Read) =>
    of.dtype === node.dtype && index.every((i) => i.iterators().every((k) => canStand && k < first));
  const unchanged = terms.factors.filter(isUnchanged);
  if (unchanged.length === 0 || unchanged.length === terms.factors.length) return undefined;
  const tame = unchanged.filter(({ of }) => isFiniteForAnyData(of));
  const wild = unchanged.filter((read) => !tame.includes(read));
  // of no elements a mean or a quotient may be infinite, and data are what they are
  const guardsOf = wild.every(({ of }) => of.kind === "leaf") ? guardsOfElements : guardsOfTerms;
  const guards = wild.length > 0 ? guardsOf(withoutFactors(terms, isUnchanged)) : [];
  const fixed = guards ? unchanged : tame;
  if (fixed.length === 0) return undefined;
  const rest = withoutFactors(terms, (read) => fixed.includes(read));
  const after = termsCost(rest).plus(elementCount(node).times(fixed.length));
  if (compareCost(after, termsCost(terms), hints) >= 0) return undefined;
  return fixed.reduce((product, read) => {
    const { of, index } = read;
    return mul(view(of, node.shape, index, tame.includes(read) ? [] : guards, terms.lookups), product);
  }, contract(rest));
}

function isNoLarger(x: Expr, y: Expr, { hints }: Context): boolean {
  return compareCost(elementCount(x), elementCount(y), hints) <= 0;
}
