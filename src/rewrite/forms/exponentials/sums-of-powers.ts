import { type Guard, iteratorOf, iterators } from "../../../ir/contraction.ts";
import type { Expr } from "../../../ir/graph.ts";
import type { Integer } from "../../../ir/integer.ts";
import { finiteShift, shiftedPowers } from "../../../ops/arrays/composites.ts";
import { axes, broadcast, contract, maximum, type Read, termsOf, view } from "../../../ops/arrays/contractions.ts";
import { add, mul, sub } from "../../../ops/elementary/algebra.ts";
import { max, notEqual, select } from "../../../ops/elementary/comparison.ts";
import { exp } from "../../../ops/elementary/exponential.ts";
import { isMap } from "../../../ops/maps.ts";
import { type Choice, choiceOr, sideOr } from "../../../ops/masked.ts";
import { constantLike } from "../conditions.ts";
import { axesOf, isNarrow, isSplat, restricted } from "../contractions/splat.ts";
import { firstSummed, mapIndices, rangeOf, type Terms } from "../contractions/terms.ts";
import { isSum, isView } from "../nodes.ts";
import { type Further, type PowerOfE, powerOfE, totalOf } from "./powers-of-e.ts";

/**
 * A sum of exponentials that is not shifted yet: the first factor is the exponent, over the whole domain and read at exactly its
 * iterators, -Infinity where a term is masked; the others are weights. Undefined where no exponential varies along all of the domain:
 * products of matrices of exponentials take each of them once, and so do running sums.
 */
export function sumOfPowers(node: Expr): Terms | undefined {
  if (!isSum(node)) return undefined;
  const written = termsOf(node);
  const parts = written.factors.map(({ of }) => maskedPower(of));
  const lead = written.factors.findIndex((read, at) => parts[at] && isThroughout(read, written, parts[at]));
  if (lead < 0) return undefined;
  const terms = inOrderOf(written.factors[lead]!, written);
  const exponents: Expr[] = [];
  const masks: [Choice, (each: Expr) => Expr][] = [];
  const weights: Read[] = [];
  const guards = [...terms.guards];
  for (const [at, read] of terms.factors.entries()) {
    const part = parts[at];
    if (part) {
      const isPlain = read.index.every((each) => iteratorOf(each) !== undefined);
      const there = (each: Expr) => view(each, terms.extents, read.index, [], isPlain ? [] : terms.lookups);
      exponents.push(...part.exponents.map(there));
      for (const mask of part.masks) masks.push([mask, there]);
      // a term that a read left out stays out
      guards.push(...rangeOf(read).filter((range) => !isWhole(range, terms)));
    }
    if (part?.rest)
      weights.push({ of: part.masks.reduceRight((of, mask) => sideOr(mask, of, 0), part.rest), index: read.index });
    else if (!part) weights.push(read);
  }
  if (exponents.every(isShifted)) return undefined;
  const exponent = masks.reduceRight(
    (x, [[condition, isMet, side, other], there]) =>
      sideOr([there(condition), isMet, side, other], x, Number.NEGATIVE_INFINITY),
    totalOf(exponents),
  );
  return { ...terms, factors: [{ of: exponent, index: axes(terms.extents.length) }, ...weights], guards };
}

/** A product with exponentials, and the choices of 0 around it. */
interface MaskedPower extends PowerOfE {
  readonly masks: readonly Choice[];
}

function maskedPower(node: Expr): MaskedPower | undefined {
  const masks: Choice[] = [];
  let inner = node;
  for (let mask = choiceOr(inner, 0); mask && masks.length < deepest; mask = choiceOr(inner, 0)) {
    masks.push(mask);
    inner = mask[2];
  }
  const part = powerOfE(inner);
  return part && { ...part, masks };
}

/**
 * A sum of products in which exponentials vary along some iterators only, each less the largest of its exponents that an element
 * meets: every exponential is taken once, and nothing overflows.
 */
const sumOfParts: Further = (node) => {
  if (!isSum(node)) return undefined;
  const terms = termsOf(node);
  const first = firstSummed(terms);
  const shifts: Expr[] = [];
  const factors = terms.factors.map((read): Read => {
    const part = maskedPower(read.of);
    if (!part) return read;
    const { shape } = read.of;
    const whole = totalOf(part.exponents);
    const along = isNarrow(whole) ? [...axesOf(whole)].sort((a, b) => a - b) : shape.map((_, axis) => axis);
    const exponent = isNarrow(whole) ? restricted(whole, along) : whole;
    const isFixed = along.map((axis) => read.index[axis]!.iterators().every((iterator) => iterator < first));
    if (isFixed.every((each) => each) || isShifted(exponent)) return read;
    const fixed = along.flatMap((_, k) => (isFixed[k] ? [k] : []));
    const summed = along.flatMap((_, k) => (isFixed[k] ? [] : [k]));
    const shift = finiteShift(maximum(exponent, summed));
    shifts.push(
      view(
        shift,
        node.shape,
        fixed.map((k) => read.index[along[k]!]!),
        [],
        terms.lookups,
      ),
    );
    const power = exp(sub(exponent, broadcast(shift, exponent.shape, fixed)));
    const there = broadcast(power, shape, along);
    const of = part.masks.reduceRight((side, mask) => sideOr(mask, side, 0), part.rest ? mul(part.rest, there) : there);
    return { of, index: read.index };
  });
  if (shifts.length === 0) return undefined;
  return { exponents: shifts, rest: contract({ ...terms, factors }), degree: 1, isScaled: true };
};

/** Sums of exponentials, over a domain or of a few terms, as their largest term times what is left. */
export const scaledSum: Further = (node, depth) => {
  if (isMap(node, add)) return scaledTerms(node, depth, scaledSum);
  const terms = sumOfPowers(node);
  if (!terms) return undefined;
  const { shift, shifted } = shiftedPowers(terms);
  const [read, ...weights] = terms.factors;
  const rest = contract({ ...terms, factors: [{ ...read!, of: exp(shifted) }, ...weights] });
  return { exponents: [shift], rest, degree: 1, isScaled: true };
};

/** These and sums in which elements share exponentials. */
export const sharedSum: Further = (node, depth) => {
  if (isMap(node, add)) return scaledTerms(node, depth, sharedSum);
  return scaledSum(node, depth) ?? sumOfParts(node, depth);
};

/** True of what is one number for many elements, whose exponential is taken once: a shift would take one for each. */
function isRepeated(node: Expr, depth = deepest): boolean {
  if (node.kind !== "map") return isNarrow(node) || isSplat(node);
  return depth > 0 && node.shape.length > 0 && node.operands.every((operand) => isRepeated(operand, depth - 1));
}

/** Longer sums are not looked into, nor anything further down. */
const deepest = 4;
const mostTerms = 8;

/** Terms that are 0 leave the shift alone. Numbers have forms of their own. */
function scaledTerms(node: Expr, depth: number, further: Further): PowerOfE | undefined {
  if (node.graph.operandCount(node.id) > mostTerms) return undefined;
  const parts = node.operands.map((term) => powerOfE(term, further, depth));
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

/** True of a read that goes along all of the domain, and in which some exponent does. */
function isThroughout({ index }: Read, { extents }: Terms, { exponents }: PowerOfE): boolean {
  const read = index.map(iteratorOf);
  const isNarrowRead = exponents.every((each) => isNarrow(each));
  return !isNarrowRead && extents.every((_, iterator) => read.includes(iterator));
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
