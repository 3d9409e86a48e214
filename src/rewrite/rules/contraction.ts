import { type Guard, hasLookup, isNone, neverHolds } from "../../ir/contraction.ts";
import { fixedInteger } from "../../ir/fixed-integer.ts";
import type { Expr } from "../../ir/graph.ts";
import { type Atom, Integer } from "../../ir/integer.ts";
import { add, mul, neg, sub } from "../../ops/algebra.ts";
import { toReal } from "../../ops/cast.ts";
import { axes, contract, type Read, termsOf, view } from "../../ops/contractions.ts";
import { isMap } from "../../ops/maps.ts";
import { compareCost, elementCount, type SizeHints, termsCost } from "../cost.ts";
import { isTotal } from "../facts/facts.ts";
import { isSum, isView } from "../forms/nodes.ts";
import { isConstant, isNarrow, isSplat, reshaped } from "../forms/splat.ts";
import {
  combineLike,
  firstSummed,
  fixIterator,
  inline,
  isOnlyRead,
  mapIndices,
  rangeOf,
  solveEquality,
  type Terms,
  withFactor,
  withoutEqualities,
  withoutFactors,
} from "../forms/terms.ts";
import { type Context, type Rules, structural } from "../rule.ts";

const isTotalView = (node: Expr) => isView(node) && isTotal(node.graph, node.id);

/** Longer sums are not searched: the search takes time square in their length. */
const mostTerms = 32;

/** A scatter along an axis of at most this length is a sum of parts, each in a place of its own. */
const mostParts = 4;

/** True where an output index depends on the iterator alone, and not as the iterator plus something. */
function isScattered({ output }: Terms, iterator: number): boolean {
  return output.some((index) => {
    const [only, ...others] = index.iterators();
    return only === iterator && others.length === 0 && index.unitIterator()?.iterator !== iterator;
  });
}

/** Products of more than two factors are multiplied in another order once a factor changes. */
const keepsOrder = (terms: Terms) => terms.factors.length <= 2;

/** The terms with numbers for lookups that positions and constants decide; undefined where there are none. */
function withKnownLookups(terms: Terms): Terms | undefined {
  let isKnown = false;
  const replace = (atom: Atom): Integer | undefined => {
    if (atom.kind !== "lookup") return undefined;
    const index = atom.index.map((i) => i.substitute(replace));
    const value = fixedInteger(terms.lookups[atom.operand]!, index);
    if (value === undefined) return undefined;
    isKnown = true;
    return Integer.constant(value);
  };
  const known = mapIndices(terms, (index) => (hasLookup(index) ? index.substitute(replace) : index));
  return isKnown ? known : undefined;
}

/** The terms with the first factor that `test` holds of replaced by what it reads. */
function readThrough(terms: Terms, test: (read: Expr) => boolean): Terms | undefined {
  const position = terms.factors.findIndex((read) => test(read.of));
  return position < 0 ? undefined : inline(terms, position);
}

/** The terms with a splat factor read as a scalar; the range of the read stays as guards. */
function withScalar(terms: Terms, position: number): Terms {
  const read = terms.factors[position]!;
  const scalar = withFactor(terms, position, { of: reshaped(read.of, []), index: [] });
  return { ...scalar, guards: [...terms.guards, ...rangeOf(read)] };
}

/** Iterators that some factor, output index or guard depends on. */
function usedIterators(terms: Terms): Set<number> {
  const indices = [
    ...terms.output,
    ...terms.factors.flatMap(({ index }) => index),
    ...terms.guards.map(({ index }) => index),
  ];
  return new Set(indices.flatMap((index) => index.iterators()));
}

const viewOfEverything = structural("view of everything", ["contraction"], (node) => {
  if (!isView(node)) return undefined;
  const { factors, guards } = termsOf(node);
  const { of, index } = factors[0]!;
  const isSame = guards.length === 0 && view(of, node.shape, index) === of;
  return isSame ? of : undefined;
});

const oneAsFactor = structural("one as a factor", ["contraction"], (node) => {
  const terms = termsOf(node);
  const position = terms.factors.findIndex(({ of }) => isConstant(of, 1));
  if (position < 0 || terms.factors.length < 2) return undefined;
  return contract(withoutFactors(terms, (_, at) => at === position));
});

const equalIterators = structural("equal iterators are one", ["contraction", "reduce"], (node) => {
  const terms = termsOf(node);
  return solveEquality(terms) && combineLike(node, withoutEqualities(terms));
});

/** What derivatives of reads leave at the bottom of a graph: solved at once, or all that stands above is made again. */
export const equalityRules: Rules = { exact: [viewOfEverything, oneAsFactor, equalIterators] };

export const contractionRules: Rules = {
  exact: [
    viewOfEverything,
    structural("view of a view", ["contraction"], (node) => {
      if (!isView(node)) return undefined;
      const through = readThrough(termsOf(node), isView);
      return through && contract(through);
    }),
    structural("view of a constant", ["contraction"], (node, { graph }) => {
      if (!isView(node)) return undefined;
      const terms = termsOf(node);
      const { of } = terms.factors[0]!;
      if (!isSplat(of)) return undefined;
      if (isTotal(graph, node.id) || isConstant(of, 0)) return reshaped(of, node.shape);
      return undefined;
    }),
    structural("constant factors as scalars", ["contraction", "reduce"], (node) => {
      const terms = termsOf(node);
      const position = terms.factors.findIndex(({ of }) => isSplat(of) && of.shape.length > 0);
      if (position < 0) return undefined;
      return combineLike(node, withScalar(terms, position));
    }),
    oneAsFactor,
    structural("sum over zeros", ["contraction"], (node, { graph }) => {
      const { factors } = termsOf(node);
      return factors.length === 1 && isConstant(factors[0]!.of, 0)
        ? graph.constantLike(0, node, node.dtype)
        : undefined;
    }),
    structural("no term is present", ["contraction"], (node, { graph }) => {
      const terms = termsOf(node);
      const isEmpty =
        terms.extents.some(isNone) || [...terms.guards, ...terms.factors.flatMap(rangeOf)].some(neverHolds);
      return isEmpty ? graph.constantLike(0, node, node.dtype) : undefined;
    }),
    equalIterators,
    structural("lookup at a known place", ["contraction", "reduce"], (node) => {
      const known = withKnownLookups(termsOf(node));
      return known && combineLike(node, known);
    }),
    structural("range up to an end that is fixed", ["contraction", "reduce"], (node) => {
      const counted = isView(node) ? undefined : countedFromZero(termsOf(node));
      return counted && combineLike(node, counted);
    }),
    structural("terms of one output position", ["contraction", "reduce"], (node) => {
      const terms = termsOf(node);
      const solved = isView(node) || solveEquality(terms) ? undefined : solveEquality(terms, 0);
      return solved && combineLike(node, fixIterator(terms, solved.iterator, solved.value));
    }),
    structural("sum reads through a whole view", ["contraction", "reduce"], (node) => {
      const terms = termsOf(node);
      if (isView(node) || !keepsOrder(terms)) return undefined;
      const through = readThrough(terms, isTotalView);
      return through && combineLike(node, through);
    }),
    structural("product as two factors", ["contraction"], (node, context) => splitProduct(node, context, 1)),
    structural("axis that no term depends on", ["contraction", "reduce"], (node) => {
      if (isView(node)) return undefined;
      const terms = termsOf(node);
      const outside = node.kind === "contraction" ? terms.guards.filter((guard) => isOutside(guard, terms)) : [];
      const inside = terms.guards.filter((guard) => !outside.includes(guard));
      const read = usedIterators({ ...terms, output: [], guards: inside });
      const free = (axis: number) => {
        const unit = terms.output[axis]!.unitIterator();
        if (unit?.offset.value !== 0 || unit.sign !== 1 || read.has(unit.iterator)) return false;
        // an axis that goes on beyond the iterator has elements without terms
        if (!terms.extents[unit.iterator]!.equals(node.shape[axis]!)) return false;
        return terms.output.every((index, other) => other === axis || !index.iterators().includes(unit.iterator));
      };
      const kept = node.shape.map((_, axis) => axis).filter((axis) => !free(axis));
      if (kept.length === node.shape.length) return undefined;
      const freed = terms.output.flatMap((index, axis) => (kept.includes(axis) ? [] : index.iterators()));
      const isFreed = ({ index }: Guard) => outside.length > 0 && index.iterators().some((k) => freed.includes(k));
      const narrow = combineLike(node, {
        ...terms,
        extents: terms.extents.map((extent, iterator) => (freed.includes(iterator) ? Integer.one : extent)),
        output: kept.map((axis) => terms.output[axis]!),
        shape: kept.map((axis) => node.shape[axis]!),
        guards: terms.guards.filter((guard) => !isFreed(guard)),
      });
      return view(
        narrow,
        node.shape,
        axes(node.shape.length).filter((_, axis) => kept.includes(axis)),
        terms.guards.filter(isFreed),
        terms.lookups,
      );
    }),
  ],
  stable: [
    // the zeros beside the element would make 0 of -0
    structural("element of arrays put together", ["contraction"], (node) => {
      if (!isView(node)) return undefined;
      const terms = termsOf(node);
      const joined = terms.factors[0]!.of;
      const parts = isMap(joined, add) && joined.operands.length <= mostTerms ? joined.operands : [];
      if (parts.length === 0 || !parts.every(isView)) return undefined;
      const present = parts
        .map((part) => inline(withFactor(terms, 0, { ...terms.factors[0]!, of: part }), 0))
        .filter((part) => ![...part.guards, ...part.factors.flatMap(rangeOf)].some(neverHolds));
      return present.length === 1 ? contract(present[0]!) : undefined;
    }),
    structural("sum reads through a guarded view", ["contraction"], (node) => {
      if (isView(node)) return undefined;
      const through = readThrough(termsOf(node), isView);
      return through && contract(through);
    }),
  ],
  real: [
    structural("product as further factors", ["contraction"], (node, context) =>
      splitProduct(node, context, Number.POSITIVE_INFINITY),
    ),
    structural("negation out of a sum", ["contraction"], (node, context) =>
      negationOut(node, (of) => !context.isShared(of.id) && isNoLarger(node, of, context)),
    ),
    structural("scatter along a short axis", ["contraction"], (node) => {
      const terms = termsOf(node);
      if (terms.output.length === 0 || firstSummed(terms) > 0) return undefined;
      const iterator = terms.extents.findIndex(
        ({ value }, k) => value !== undefined && value >= 1 && value <= mostParts && isScattered(terms, k),
      );
      if (iterator < 0) return undefined;
      const parts = Array.from({ length: terms.extents[iterator]!.value! }, (_, at) => {
        const part = fixIterator(terms, iterator, Integer.constant(at));
        return withKnownLookups(part) ?? part;
      });
      if (parts.some(({ output }) => output.some(hasLookup))) return undefined;
      const sums = parts.map(contract);
      return sums.length === 1 ? sums[0] : add(...sums);
    }),
    structural("unused iterator as a factor", ["contraction"], (node, { graph }) => {
      const terms = termsOf(node);
      const used = usedIterators(terms);
      const first = firstSummed(terms);
      const unused = terms.extents.findIndex((_, iterator) => iterator >= first && !used.has(iterator));
      if (unused < 0) return undefined;
      const rest = contract(dropIterator(terms, unused));
      const count = graph.size(terms.extents[unused]!, node.shape);
      return mul(rest.dtype === "int" ? count : toReal(count), rest);
    }),
    structural("fixed factors out of a sum", ["contraction"], (node, { hints }) =>
      isView(node) ? undefined : fixedOut(node, termsOf(node), hints),
    ),
    structural("constants out of a product", ["contraction"], (node) => {
      const terms = termsOf(node);
      if (isView(node) || terms.extents.length > terms.output.length || firstSummed(terms) === 0) return undefined;
      const isNumber = ({ of }: Read) => of.kind === "constant" && of.dtype === node.dtype;
      const numbers = terms.factors.filter(isNumber);
      if (numbers.length === 0 || numbers.length === terms.factors.length) return undefined;
      const product = numbers.reduce((value, { of }) => value * node.graph.constantOf(of.id), 1);
      if (product === 0 || !Number.isFinite(product)) return undefined;
      return mul(contract(withoutFactors(terms, isNumber)), node.graph.constantLike(product, node));
    }),
    structural(
      "sums with common factors",
      [add, sub],
      (node, context) => {
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
      },
      ["contraction"],
    ),
    structural("sum of sums", ["contraction"], (node, context) => {
      const terms = termsOf(node);
      for (const [position, { of }] of terms.factors.entries()) {
        if (!isSum(of)) continue;
        const merged = withoutEqualities(inline(terms, position));
        const isGone = !context.isShared(of.id) && isOnlyRead(terms, position);
        const inner = isGone ? termsCost(termsOf(of)) : Integer.zero;
        const before = inner.plus(isView(node) ? 0 : termsCost(terms));
        if (compareCost(termsCost(merged), before, context.hints) < 0) return contract(merged);
      }
      return undefined;
    }),
  ],
};

/**
 * Sums over x[i + k], k < n - i, as sums over x[k], i <= k < n, where all that depends on k does so by i + k: from one i to the
 * next a term leaves, and none moves.
 */
function countedFromZero(terms: Terms): Terms | undefined {
  for (const guard of terms.guards) {
    if (guard.extent) continue;
    for (const k of guard.index.iterators()) {
      if (k < firstSummed(terms)) continue;
      const from = terms.extents[k]!.minus(1).minus(guard.index).minus(Integer.iterator(k)).unitIterator();
      if (from?.offset.value !== 0 || from.sign !== 1 || from.iterator === k) continue;
      const i = from.iterator;
      const place = Integer.iterator(k).minus(Integer.iterator(i));
      const values = terms.extents.map((_, iterator) => (iterator === k ? place : undefined));
      const others = { ...terms, guards: terms.guards.filter((each) => each !== guard) };
      let isFixed = true;
      const moved = mapIndices(others, (index) => {
        if (!index.iterators().includes(k)) return index;
        const replaced = index.withIterators(values);
        if (replaced.iterators().includes(i)) isFixed = false;
        return replaced;
      });
      if (isFixed) return { ...moved, guards: [...moved.guards, { index: place, extent: undefined }] };
    }
  }
  return undefined;
}

/** True for a condition on the axes of the result alone: all terms of an element are there, or none. */
function isOutside({ index, extent }: Guard, terms: Terms): boolean {
  const first = firstSummed(terms);
  return [index, ...(extent ? [extent] : [])].every((each) => each.iterators().every((k) => k < first));
}

/** Signs and broadcasts in shared factors leave the sum. Pays when every user of the factor does so. */
export const fixedProductRules: Rules = {
  real: [
    structural("negation of a shared factor out of a sum", ["contraction"], (node, context) =>
      negationOut(node, (of) => isNoLarger(node, of, context)),
    ),
    structural("broadcast factor of a factor out of a sum", ["contraction"], (node, { hints }) => {
      if (isView(node)) return undefined;
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
  if (isView(node)) return undefined;
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
  if (isView(node)) return undefined;
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

/** Iterator `dropped` must be used nowhere. */
function dropIterator(terms: Terms, dropped: number): Terms {
  return { ...terms, extents: terms.extents.map((extent, k) => (k === dropped ? Integer.one : extent)) };
}

/** Factors that no summed iterator changes multiply the sum of the others. */
function fixedOut(node: Expr, terms: Terms, hints: SizeHints): Expr | undefined {
  const first = firstSummed(terms);
  const canStand = first === terms.output.length;
  const isFixed = ({ of, index }: Read) =>
    of.dtype === node.dtype && index.every((i) => i.iterators().every((k) => canStand && k < first));
  const fixed = terms.factors.filter(isFixed);
  if (fixed.length === 0 || fixed.length === terms.factors.length) return undefined;
  const rest = withoutFactors(terms, isFixed);
  const after = termsCost(rest).plus(elementCount(node).times(fixed.length));
  if (compareCost(after, termsCost(terms), hints) >= 0) return undefined;
  return fixed.reduce(
    (product, { of, index }) => mul(view(of, node.shape, index, [], terms.lookups), product),
    contract(rest),
  );
}

function isNoLarger(x: Expr, y: Expr, { hints }: Context): boolean {
  return compareCost(elementCount(x), elementCount(y), hints) <= 0;
}
