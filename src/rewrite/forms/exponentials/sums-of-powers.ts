import { type Guard, isGather, iteratorOf, iterators } from "../../../ir/contraction.ts";
import type { Expr } from "../../../ir/graph.ts";
import type { Integer } from "../../../ir/integer.ts";
import { finiteShift, shiftedPowers } from "../../../ops/arrays/composites.ts";
import { axes, contract, type Read, termsOf, view } from "../../../ops/arrays/contractions.ts";
import { add, mul, sub } from "../../../ops/elementary/algebra.ts";
import { max, notEqual, select } from "../../../ops/elementary/comparison.ts";
import { exp } from "../../../ops/elementary/exponential.ts";
import { isMap } from "../../../ops/maps.ts";
import { constantLike } from "../conditions.ts";
import { isNarrow, isSplat } from "../contractions/splat.ts";
import { mapIndices, rangeOf, type Terms } from "../contractions/terms.ts";
import { isSum, isView } from "../nodes.ts";
import { type Further, type PowerOfE, powerOfE, totalOf } from "./powers-of-e.ts";

/**
 * A sum of exponentials that is not shifted yet: the first factor is the exponent, over the whole domain and read at exactly its
 * iterators; the others are weights. Undefined where no exponential varies along all of the domain: products of matrices of
 * exponentials take each of them once, and so do running sums.
 */
export function sumOfPowers(node: Expr): Terms | undefined {
  if (!isSum(node) || !isGather(node.graph.contractionOf(node.id))) return undefined;
  const written = termsOf(node);
  const parts = written.factors.map(({ of }) => powerOfE(of));
  const lead = written.factors.findIndex((read, at) => parts[at] && isThroughout(read, written));
  if (lead < 0) return undefined;
  const terms = inOrderOf(written.factors[lead]!, written);
  const exponents: Expr[] = [];
  const weights: Read[] = [];
  const guards = [...terms.guards];
  for (const [at, read] of terms.factors.entries()) {
    const part = parts[at];
    if (part) {
      const isPlain = read.index.every((each) => iteratorOf(each) !== undefined);
      const there = (each: Expr) => view(each, terms.extents, read.index, [], isPlain ? [] : terms.lookups);
      exponents.push(...part.exponents.map(there));
      // a term that a read left out stays out
      guards.push(...rangeOf(read).filter((range) => !isWhole(range, terms)));
    }
    if (!part || part.rest) weights.push({ of: part?.rest ?? read.of, index: read.index });
  }
  if (exponents.every(isShifted)) return undefined;
  const exponent = totalOf(exponents);
  return { ...terms, factors: [{ of: exponent, index: axes(terms.extents.length) }, ...weights], guards };
}

/** Sums of exponentials, over a domain or of a few terms, as their largest term times what is left. */
export const scaledSum: Further = (node, depth) => {
  if (isMap(node, add)) return scaledTerms(node, depth);
  const terms = sumOfPowers(node);
  if (!terms) return undefined;
  const { shift, shifted } = shiftedPowers(terms);
  const [read, ...weights] = terms.factors;
  const rest = contract({ ...terms, factors: [{ ...read!, of: exp(shifted) }, ...weights] });
  return { exponents: [shift], rest, degree: 1, isScaled: true };
};

/** A product with exponentials, or with sums of them, as an exponent and the rest, where its logarithm is better taken of the two. */
export function inLogarithms(product: Expr): readonly [exponent: Expr, rest: Expr | undefined] | undefined {
  const found = powerOfE(product, scaledSum);
  // formulas of numbers have forms of their own
  const isOpen = product.shape.length > 0 || found?.isScaled || found?.exponents.some(isShifted);
  return found && isOpen ? [totalOf(found.exponents), found.rest] : undefined;
}

/** True of what is one number for many elements, whose exponential is taken once: a shift would take one for each. */
function isRepeated(node: Expr, depth = deepest): boolean {
  if (node.kind !== "map") return isNarrow(node) || isSplat(node);
  return depth > 0 && node.shape.length > 0 && node.operands.every((operand) => isRepeated(operand, depth - 1));
}

/** Longer sums are not looked into, nor anything further down. */
const deepest = 4;
const mostTerms = 8;

/** Terms that are 0 leave the shift alone. Numbers have forms of their own. */
function scaledTerms(node: Expr, depth: number): PowerOfE | undefined {
  if (node.graph.operandCount(node.id) > mostTerms) return undefined;
  const parts = node.operands.map((term) => powerOfE(term, scaledSum, depth));
  const found = parts.flatMap((part) => part?.exponents ?? []);
  if (
    found.every((each) => isShifted(each) || isRepeated(each)) ||
    !(node.shape.length > 0 || parts.some((part) => part?.isScaled))
  )
    return undefined;
  const terms = parts.map((part, k) => ({
    exponent: part ? totalOf(part.exponents) : constantLike(0, node),
    weight: part ? part.rest : node.operands[k]!,
  }));
  const counted = terms.map(({ exponent, weight }) =>
    weight ? select(notEqual(weight, 0), exponent, Number.NEGATIVE_INFINITY) : exponent,
  );
  const shift = finiteShift(counted.reduce((a, b) => max(a, b)));
  const rests = terms.map(({ exponent, weight }) => {
    const power = exp(sub(exponent, shift));
    return weight ? mul(weight, power) : power;
  });
  return { exponents: [shift], rest: add(...(rests as [Expr, Expr])), degree: 1, isScaled: true };
}

/** True of a range that all of the domain is in. */
function isWhole({ index, extent }: Guard, { extents }: Terms): boolean {
  const iterator = iteratorOf(index);
  return iterator !== undefined && extent!.equals(extents[iterator]!);
}

function isThroughout({ index }: Read, { extents }: Terms): boolean {
  const read = index.map(iteratorOf);
  return extents.every((_, iterator) => read.includes(iterator));
}

/** The terms with iterators in the order of the axes that a read goes through, where it reads each element once. */
function inOrderOf({ of, index }: Read, terms: Terms): Terms {
  const replacement: Integer[] = [];
  for (const [axis, each] of index.entries()) {
    const iterator = iteratorOf(each);
    if (iterator === undefined || replacement[iterator] || !terms.extents[iterator]!.equals(of.shape[axis]!))
      return terms;
    replacement[iterator] = iterators(axis);
  }
  if (terms.extents.length !== index.length) return terms;
  return { ...mapIndices(terms, (each) => each.withIterators(replacement)), extents: of.shape };
}

/** Of longer exponents nobody asks further. */
const mostNodes = 500;

/** True when a largest or smallest element has been taken off already, or it is not known. */
export function isShifted(exponent: Expr): boolean {
  const seen = new Set([exponent]);
  for (const node of seen) {
    if (node.kind === "reduce" || isMap(node, max) || seen.size > mostNodes) return true;
    if (node.kind !== "map" && !isView(node)) continue;
    if (!isMap(node, exp)) for (const operand of node.operands) seen.add(operand);
  }
  return false;
}
