import { alwaysHolds, type Guard, isNone, mayHoldLookup, neverHolds } from "../../../ir/contraction.ts";
import { fixedInteger } from "../../../ir/fixed-integer.ts";
import type { Expr } from "../../../ir/graph.ts";
import { type Atom, Integer } from "../../../ir/integer.ts";
import { axes, contract, termsOf, view } from "../../../ops/arrays/contractions.ts";
import { add, mul } from "../../../ops/elementary/algebra.ts";
import { toReal } from "../../../ops/elementary/cast.ts";
import { isFiniteForAnyData } from "../../../ops/tame.ts";
import {
  combineLike,
  firstSummed,
  fixIterator,
  mapIndices,
  rangeOf,
  solveEquality,
  type Terms,
  withoutEqualities,
} from "../../forms/contractions/terms.ts";
import { type Rules, structural } from "../../rule.ts";
import { oneAsFactor, viewOfEverything } from "./views.ts";

const equalIterators = structural(
  "equal iterators are one",
  { roots: ["sum", "reduce"], operands: ["guard"] },
  (node) => {
    const terms = termsOf(node);
    return solveEquality(terms) && combineLike(node, withoutEqualities(terms));
  },
);

/** What derivatives of reads leave at the bottom of a graph: solved at once, or all that stands above is made again. */
export const equalityRules: Rules = { exact: [viewOfEverything, oneAsFactor, equalIterators] };

/** Domains of sums and views: iterators and guards that say more than they need to. */
export const domainRules: Rules = {
  exact: [
    structural("no term is present", { roots: ["view", "sum"] }, (node, { graph }) => {
      const terms = termsOf(node);
      const isEmpty =
        terms.extents.some(isNone) || [...terms.guards, ...terms.factors.flatMap(rangeOf)].some(neverHolds);
      return isEmpty ? graph.constantLike(0, node, node.dtype) : undefined;
    }),
    equalIterators,
    structural("lookup at a known place", { roots: ["view", "sum", "reduce"], operands: ["int"] }, (node) => {
      const known = withKnownLookups(termsOf(node));
      return known && combineLike(node, known);
    }),
    structural("range up to an end that is fixed", { roots: ["sum", "reduce"] }, (node) => {
      const counted = countedFromZero(termsOf(node));
      return counted && combineLike(node, counted);
    }),
    structural("terms of one output position", { roots: ["sum", "reduce"], operands: ["guard"] }, (node) => {
      const terms = termsOf(node);
      const solved = solveEquality(terms) ? undefined : solveEquality(terms, 0);
      return solved && combineLike(node, fixIterator(terms, solved.iterator, solved.value));
    }),
    structural("axis that no term depends on", { roots: ["sum", "reduce"] }, withoutFreeAxes),
  ],
  real: [
    structural("scatter along a short axis", { roots: ["sum"] }, (node) => {
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
      if (parts.some(({ output }) => output.some(mayHoldLookup))) return undefined;
      const sums = parts.map(contract);
      return sums.length === 1 ? sums[0] : add(...sums);
    }),
    structural("unused iterator as a factor", { roots: ["sum"] }, (node, { graph }) => {
      const terms = termsOf(node);
      const used = usedIterators(terms);
      const first = firstSummed(terms);
      const unused = terms.extents.findIndex((_, iterator) => iterator >= first && !used.has(iterator));
      if (unused < 0) return undefined;
      const extent = terms.extents[unused]!;
      const rest = contract(dropIterator(terms, unused));
      const count = graph.size(extent, node.shape);
      // of no terms the sum is 0, whatever each would be
      const some = { index: extent.minus(1), extent: undefined };
      const isPlain = rest.dtype === "int" || alwaysHolds(some, []) || isFiniteForAnyData(rest);
      const term = isPlain ? rest : view(rest, node.shape, axes(node.shape.length), [some]);
      return mul(rest.dtype === "int" ? count : toReal(count), term);
    }),
  ],
};

/** A scatter along an axis of at most this length is a sum of parts, each in a place of its own. */
const mostParts = 4;

/** True where an output index depends on the iterator alone, and not as the iterator plus something. */
function isScattered({ output }: Terms, iterator: number): boolean {
  return output.some((index) => {
    const [only, ...others] = index.iterators();
    return only === iterator && others.length === 0 && index.unitIterator()?.iterator !== iterator;
  });
}

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
  const known = mapIndices(terms, (index) => (mayHoldLookup(index) ? index.substitute(replace) : index));
  return isKnown ? known : undefined;
}

/**
 * Sums over x[i + k], k < n - i, as sums over x[k], i <= k < n, where all that depends on k does so by i + k: from one i to the
 * next a term leaves, and none moves.
 */
function countedFromZero(terms: Terms): Terms | undefined {
  for (const { end, guard } of endsOf(terms)) {
    for (const k of end.iterators()) {
      if (k < firstSummed(terms)) continue;
      const from = terms.extents[k]!.minus(1).minus(end).minus(Integer.iterator(k)).unitIterator();
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

/** What is not negative where a term is present, and depends on more than one iterator: by a guard, or as a read ends there. */
function endsOf({ guards, factors }: Terms): readonly { readonly end: Integer; readonly guard?: Guard }[] {
  const isJoint = ({ index }: Guard) => index.iterators().length > 1;
  return [
    ...guards.flatMap((guard) => (guard.extent || !isJoint(guard) ? [] : [{ end: guard.index, guard }])),
    ...factors.flatMap((read) =>
      rangeOf(read).flatMap((range) => (isJoint(range) ? [{ end: range.extent!.minus(1).minus(range.index) }] : [])),
    ),
  ];
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

/** The result along the axes that some term depends on, broadcast over the others; undefined where there are no others. */
function withoutFreeAxes(node: Expr): Expr | undefined {
  const terms = termsOf(node);
  const outside = node.kind === "contraction" ? terms.guards.filter((guard) => isOutside(guard, terms)) : [];
  const inside = terms.guards.filter((guard) => !outside.includes(guard));
  const read = usedIterators({ ...terms, output: [], guards: inside });
  const isFree = (axis: number) => {
    const unit = terms.output[axis]!.unitIterator();
    if (unit?.offset.value !== 0 || unit.sign !== 1 || read.has(unit.iterator)) return false;
    // an axis that goes on beyond the iterator has elements without terms
    if (!terms.extents[unit.iterator]!.equals(node.shape[axis]!)) return false;
    return terms.output.every((index, other) => other === axis || !index.iterators().includes(unit.iterator));
  };
  const kept = node.shape.map((_, axis) => axis).filter((axis) => !isFree(axis));
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
  const broadcast = axes(node.shape.length).filter((_, axis) => kept.includes(axis));
  return view(narrow, node.shape, broadcast, terms.guards.filter(isFreed), terms.lookups);
}

/** True for a condition on the axes of the result alone: all terms of an element are there, or none. */
function isOutside({ index, extent }: Guard, terms: Terms): boolean {
  const first = firstSummed(terms);
  return [index, ...(extent ? [extent] : [])].every((each) => each.iterators().every((k) => k < first));
}

/** Iterator `dropped` must be used nowhere. */
function dropIterator(terms: Terms, dropped: number): Terms {
  return { ...terms, extents: terms.extents.map((extent, k) => (k === dropped ? Integer.one : extent)) };
}
