import { iterators } from "../../ir/contraction.ts";
import type { Expr } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import { contract, type Read } from "../../ops/contractions.ts";
import { compareCost, termsCost } from "../cost.ts";
import { isSum } from "../nodes.ts";
import { type Rules, structural } from "../rule.ts";
import { firstSummed, inline, isOnlyRead, type Terms, termsOf, withoutEqualities } from "../terms.ts";

/** Products of at most this many factors are split in every way; larger ones by single factors and pairs. */
const mostFactors = 6;

/** The order in which the factors of sums of products meet, by cost: (A B) v -> A (B v). */
export const orderRules: Rules = {
  real: [
    structural("order of a product of sums", ["contraction"], (node, context) => {
      const { graph } = context;
      if (graph.isView(node.id)) return undefined;
      const terms = termsOf(node);
      let best: Split | undefined;
      const consider = (whole: Terms, before: Integer) => {
        for (const split of splitsOf(whole)) {
          if (compareCost(split.cost, best?.cost ?? before, context.hints) < 0) best = split;
        }
      };
      consider(terms, termsCost(terms));
      for (const [position, { of }] of terms.factors.entries()) {
        if (!isSum(of) || context.isShared(of.id) || !isOnlyRead(terms, position)) continue;
        const before = termsCost(terms).plus(termsCost(termsOf(of)));
        consider(withoutEqualities(inline(terms, position)), before);
      }
      return best && joined(best);
    }),
  ],
};

/** A product cut in two: some factors are summed first, over the iterators that only they use. */
interface Split {
  readonly inner: Terms;
  readonly outer: (inner: Expr) => Terms;
  readonly cost: Integer;
}

function joined({ inner, outer }: Split): Expr {
  return contract(outer(contract(inner)));
}

function splitsOf(terms: Terms): Split[] {
  return subsets(terms.factors.length).flatMap((subset) => splitAt(terms, subset) ?? []);
}

/** Bit sets of factors to sum first. */
function subsets(count: number): number[] {
  const all = 2 ** count - 1;
  if (count <= mostFactors) return Array.from({ length: Math.max(0, all - 1) }, (_, k) => k + 1);
  if (count > 30) return [];
  const singles = Array.from({ length: count }, (_, k) => 2 ** k);
  return [...singles, ...singles.flatMap((a, k) => singles.slice(k + 1).map((b) => a + b))];
}

const iteratorsOf = (reads: readonly Read[]) =>
  new Set(reads.flatMap(({ index }) => index.flatMap((i) => i.iterators())));

function splitAt(terms: Terms, subset: number): Split | undefined {
  const first = terms.factors.filter((_, k) => (subset >> k) & 1);
  const others = terms.factors.filter((_, k) => !((subset >> k) & 1));
  const own = iteratorsOf(first);
  const shared = iteratorsOf(others);
  for (const index of terms.output) for (const iterator of index.iterators()) shared.add(iterator);
  for (let k = 0; k < firstSummed(terms); k++) shared.add(k);
  const isInner = ({ index }: { readonly index: Integer }) => index.iterators().every((k) => own.has(k));
  for (const guard of terms.guards) if (!isInner(guard)) for (const k of guard.index.iterators()) shared.add(k);
  const summed = [...own].filter((k) => !shared.has(k)).sort((a, b) => a - b);
  if (summed.length === 0) return undefined;
  const kept = [...own].filter((k) => shared.has(k)).sort((a, b) => a - b);

  const domain = [...kept, ...summed];
  const inside = renumbering(terms, domain);
  const shape = kept.map((k) => terms.extents[k]!);
  const inner: Terms = {
    extents: domain.map((k) => terms.extents[k]!),
    output: kept.map((_, axis) => iterators(axis)),
    shape,
    factors: first.map(({ of, index }) => ({ of, index: index.map(inside) })),
    guards: terms.guards.filter(isInner).map(({ index, extent }) => ({ index: inside(index), extent })),
    lookups: terms.lookups,
  };

  const left = terms.extents.flatMap((_, k) => (summed.includes(k) ? [] : [k]));
  const outside = renumbering(terms, left);
  const outerExtents = left.map((k) => terms.extents[k]!);
  const outerGuards = terms.guards.filter(
    (guard) => !isInner(guard) || guard.index.iterators().every((k) => shared.has(k)),
  );
  return {
    inner,
    outer: (sum) => ({
      extents: outerExtents,
      output: terms.output.map(outside),
      shape: terms.shape,
      factors: [
        ...others.map(({ of, index }) => ({ of, index: index.map(outside) })),
        { of: sum, index: kept.map((k) => outside(iterators(k))) },
      ],
      guards: outerGuards.map(({ index, extent }) => ({ index: outside(index), extent })),
      lookups: terms.lookups,
    }),
    cost: termsCost(inner).plus(Integer.product(outerExtents).times(others.length + 1)),
  };
}

/** Replaces iterator kept[k] by k. */
function renumbering(terms: Terms, kept: readonly number[]): (index: Integer) => Integer {
  const replacement = terms.extents.map((_, k) => (kept.includes(k) ? iterators(kept.indexOf(k)) : undefined));
  return (index) => index.withIterators(replacement);
}
