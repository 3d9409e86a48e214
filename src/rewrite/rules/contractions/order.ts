import { type Guard, iterators } from "../../../ir/contraction.ts";
import type { Expr } from "../../../ir/graph.ts";
import { Integer } from "../../../ir/integer.ts";
import { contract, type Read, termsOf } from "../../../ops/arrays/contractions.ts";
import { guardsOfElements } from "../../../ops/arrays/presence.ts";
import { add, mul, sub } from "../../../ops/elementary/algebra.ts";
import { isMap } from "../../../ops/maps.ts";
import { isFiniteForAnyData } from "../../../ops/tame.ts";
import { compareCost, elementCount, termsCost } from "../../cost.ts";
import {
  firstSummed,
  inline,
  isOnlyRead,
  type Terms,
  withFactor,
  withoutEqualities,
} from "../../forms/contractions/terms.ts";
import { isSum, isView } from "../../forms/nodes.ts";
import { type Context, type Rules, structural } from "../../rule.ts";

/** Products of at most this many factors are split in every way; larger ones by single factors and pairs. */
const mostFactors = 6;
/** Longer sums stay together: each of their parts would be searched. */
const mostTerms = 8;

/** The order in which the factors of sums of products meet, by cost: (A B) v -> A (B v). */
export const orderRules: Rules = {
  real: [
    structural("order of a product of sums", { roots: ["sum"] }, (node, context) => {
      const terms = termsOf(node);
      const best = bestSplit(terms, termsCost(terms), context);
      return best && joined(best);
    }),
    structural("orders of the parts of a sum", { roots: ["sum"], operands: [[add, sub]] }, (node, context) => {
      const terms = termsOf(node);
      for (const [position, { of }] of terms.factors.entries()) {
        if (!isPlusOrMinus(of) || context.isShared(of.id) || !isOnlyRead(terms, position)) continue;
        if (of.operands.length > mostTerms) continue;
        const apart = inParts(node, terms, position, context);
        if (apart) return apart;
      }
      return undefined;
    }),
  ],
};

const isPlusOrMinus = (node: Expr) => isMap(node, add) || isMap(node, sub);

/**
 * The cheapest way to sum some of the factors first, where it costs less than `least`. What it costs is less the cost of
 * a factor that it takes apart, which nothing else needs.
 */
function bestSplit(terms: Terms, least: Integer, context: Context): Split | undefined {
  let best: Split | undefined;
  const consider = (whole: Terms, gone: Integer, apart?: Expr) => {
    const isThere = (product: Expr) => product !== apart && context.isUsed(product.id);
    for (const split of splitsOf(whole, isThere)) {
      const cost = split.cost.minus(gone);
      if (compareCost(cost, best?.cost ?? least, context.hints) < 0) best = { ...split, cost };
    }
  };
  consider(terms, Integer.zero);
  for (const [position, { of }] of terms.factors.entries()) {
    if (!isSum(of) || context.isShared(of.id) || !isOnlyRead(terms, position)) continue;
    consider(withoutEqualities(inline(terms, position)), termsCost(termsOf(of)), of);
  }
  return best;
}

/**
 * A (B C + D) as (A B) C + A D, where a part of the sum is a product that meets in a better order with what is around it:
 * the sum of parts would fix the order for all of them.
 */
function inParts(node: Expr, terms: Terms, position: number, context: Context): Expr | undefined {
  const { of, index } = terms.factors[position]!;
  const extra = of.operands.length - 1;
  let before = termsCost(terms).plus(elementCount(of).times(extra));
  let after = elementCount(node).times(extra);
  let isBetter = false;
  const parts = of.operands.map((part) => {
    const factors = isMap(part, mul) && !context.isShared(part.id) ? part.operands : [part];
    const whole = throughViews(withFactor(terms, position, ...factors.map((x) => ({ of: x, index }))));
    const product = elementCount(part).times(factors.length - 1);
    const apart = termsCost(withFactor(terms, position, { of: part, index })).plus(product);
    const split = new Set(factors).size === factors.length ? bestSplit(whole, apart, context) : undefined;
    before = before.plus(product);
    after = after.plus(split?.cost ?? apart);
    if (split) isBetter = true;
    return () => (split ? joined(split) : contract(withFactor(terms, position, { of: part, index })));
  });
  if (!isBetter || compareCost(after, before, context.hints) >= 0) return undefined;
  return context.graph.map(
    context.graph.primitiveOf(of.id),
    parts.map((made) => made()),
  );
}

/** The terms with what views read in place of the views: fewer iterators then change a factor. */
function throughViews(terms: Terms): Terms {
  let current = terms;
  for (let position = 0; position < current.factors.length; position++) {
    while (isView(current.factors[position]!.of)) current = inline(current, position);
  }
  return withoutEqualities(current);
}

/** A product cut in two: some factors are summed first, over the iterators that only they use. */
interface Split {
  readonly inner: Terms;
  readonly outer: (inner: Expr) => Terms;
  readonly cost: Integer;
}

function joined({ inner, outer }: Split): Expr {
  return contract(outer(contract(inner)));
}

/** All splits; a product that something else has anyway costs nothing. */
function splitsOf(terms: Terms, isThere: (product: Expr) => boolean): Split[] {
  return subsets(terms.factors.length).flatMap((subset) => {
    const split = splitAt(terms, subset);
    if (!split) return [];
    const orders = split.inner.shape.length === 2 ? [split, splitAt(terms, subset, true)!] : [split];
    const found = orders.find(({ inner }) => isThere(contract(inner)));
    return found ? { ...found, cost: found.cost.minus(termsCost(found.inner)) } : split;
  });
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

/** `turned`: the inner sum has its axes in reverse. */
function splitAt(terms: Terms, subset: number, turned = false): Split | undefined {
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
  const kept = [...own].filter((k) => shared.has(k)).sort((a, b) => (turned ? b - a : a - b));

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

  // what stands outside may be infinite where no term of the inner sum is present
  const present = guardsOfElements(inner) ?? (others.every(({ of }) => isFiniteForAnyData(of)) ? [] : undefined);
  if (!present) return undefined;

  const left = terms.extents.flatMap((_, k) => (summed.includes(k) ? [] : [k]));
  const outside = renumbering(terms, left);
  const outerExtents = left.map((k) => terms.extents[k]!);
  const isOuter = (guard: Guard) => !isInner(guard) || guard.index.iterators().every((k) => shared.has(k));
  const ofKept = kept.map((k) => iterators(k));
  const outerGuards = [
    ...terms.guards.filter(isOuter),
    ...present.map(({ index, extent }) => ({ index: index.withIterators(ofKept), extent })),
  ];
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
