import { areAxes, type Guard, iterators, renumberLookups } from "../../../ir/contraction.ts";
import type { Expr } from "../../../ir/graph.ts";
import { Integer } from "../../../ir/integer.ts";
import { contract, type Read, reduce, termsOf, type Terms as Written } from "../../../ops/arrays/contractions.ts";

/** A contraction or reduce with its operands in place; nothing is left out. */
export type Terms = Required<Written>;

/** The terms as a node that combines them as `node` does. */
export function combineLike(node: Expr, terms: Terms): Expr {
  const how = node.graph.combineOf(node.id);
  return how === "sum" ? contract(terms) : reduce(how, terms);
}

/** The conditions under which a read stays inside its tensor. */
export function rangeOf(read: Read): Guard[] {
  return read.index.map((index, axis) => ({ index, extent: read.of.shape[axis]! }));
}

/** True when no other factor reads the same node. */
export function isOnlyRead(terms: Terms, position: number): boolean {
  const { of } = terms.factors[position]!;
  return terms.factors.every((read, at) => at === position || read.of !== of);
}

/** The terms with other reads in place of one factor. */
export function withFactor(terms: Terms, position: number, ...reads: readonly Read[]): Terms {
  return { ...terms, factors: terms.factors.flatMap((read, at) => (at === position ? reads : [read])) };
}

/** The terms without some factors, whose ranges stay as guards: a term they were absent from stays absent. */
export function withoutFactors(terms: Terms, left: (read: Read, position: number) => boolean): Terms {
  const removed = terms.factors.filter(left);
  return {
    ...terms,
    factors: terms.factors.filter((read, position) => !left(read, position)),
    guards: [...terms.guards, ...removed.flatMap(rangeOf)],
  };
}

/**
 * The terms with factor `position`, a read of a contraction, replaced by that contraction's own factors: indices are
 * substituted, the range of the read and the inner guards become guards, inner summed iterators join the domain.
 */
export function inline(terms: Terms, position: number): Terms {
  const read = terms.factors[position]!;
  const inner = termsOf(read.of);
  const rank = inner.output.length;
  const isGather = areAxes(inner.output);
  const outerCount = terms.extents.length;
  const kept = isGather ? rank : 0;
  const replacement = inner.extents.map((_, iterator) =>
    iterator < kept ? read.index[iterator]! : iterators(outerCount + iterator - kept),
  );
  const lookups = [...terms.lookups];
  const numberOf = (operand: number) => {
    const known = lookups.indexOf(inner.lookups[operand]!);
    return known < 0 ? lookups.push(inner.lookups[operand]!) - 1 : known;
  };
  const move = (index: Integer) => renumberLookups(index, numberOf).withIterators(replacement);
  const meets = isGather
    ? []
    : inner.output.map((index, axis) => ({ index: move(index).minus(read.index[axis]!), extent: Integer.one }));
  return {
    extents: [...terms.extents, ...inner.extents.slice(kept)],
    output: terms.output,
    shape: terms.shape,
    factors: [
      ...terms.factors.slice(0, position),
      ...inner.factors.map((factor) => ({ of: factor.of, index: factor.index.map(move) })),
      ...terms.factors.slice(position + 1),
    ],
    guards: [
      ...terms.guards,
      ...rangeOf(read),
      ...meets,
      ...inner.guards.map((guard) => ({ index: move(guard.index), extent: guard.extent })),
    ],
    lookups,
  };
}

/** Every index of the terms replaced. */
export function mapIndices(terms: Terms, replace: (index: Integer) => Integer): Terms {
  return {
    ...terms,
    output: terms.output.map(replace),
    factors: terms.factors.map((read) => ({ of: read.of, index: read.index.map(replace) })),
    guards: terms.guards.map((guard) => ({ index: replace(guard.index), extent: guard.extent })),
  };
}

/** The terms with one iterator fixed to a value that the other iterators give; it leaves the domain. */
export function fixIterator(terms: Terms, fixed: number, value: Integer): Terms {
  const extent = terms.extents[fixed]!;
  // where a whole axis of the result is the iterator, leaving the range means writing outside, which is absent anyway
  const isWritten = terms.output[fixed]?.key === iterators(fixed).key && terms.shape[fixed]!.equals(extent);
  const fits: Guard[] = isWritten ? [] : [{ index: value, extent }];
  const replacement = terms.extents.map((_, iterator) => iterators(iterator - (iterator > fixed ? 1 : 0)));
  const renumber = (index: Integer) => index.withIterators(replacement);
  replacement[fixed] = value.withIterators(replacement);
  const moved = mapIndices({ ...terms, guards: [...terms.guards, ...fits] }, renumber);
  return { ...moved, extents: terms.extents.filter((_, iterator) => iterator !== fixed) };
}

/** Iterators below this number are the axes of the result; those from it on are summed. */
export function firstSummed(terms: Terms): number {
  return areAxes(terms.output) ? terms.output.length : 0;
}

/** An equality between iterators, 0 <= e < 1, solved for one that may leave the domain; by default a summed one. */
export function solveEquality(
  terms: Terms,
  first = firstSummed(terms),
): { readonly iterator: number; readonly value: Integer } | undefined {
  for (const { index, extent } of terms.guards) {
    if (extent?.value !== 1) continue;
    for (const iterator of index.iterators()) {
      if (iterator < first) continue;
      const coefficient = index.coefficientOf(iterator)?.value;
      if (coefficient !== 1 && coefficient !== -1) continue;
      return { iterator, value: Integer.iterator(iterator).minus(index.scaled(coefficient)) };
    }
  }
  return undefined;
}

/** The terms with every solvable equality used up. */
export function withoutEqualities(terms: Terms): Terms {
  let current = terms;
  for (let solved = solveEquality(current); solved; solved = solveEquality(current)) {
    current = fixIterator(current, solved.iterator, solved.value);
  }
  return current;
}
