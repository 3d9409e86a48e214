import {
  areAxes,
  type Guard,
  guardKey,
  isOverFirst,
  mayHoldLookup,
  neutralElement,
  renumberLookups,
} from "../../../ir/contraction.ts";
import type { Expr } from "../../../ir/graph.ts";
import { Integer } from "../../../ir/integer.ts";
import { presenceOf, whereGuarded } from "../../../ops/arrays/composites.ts";
import { axes, contract, type Read, termsOf, view } from "../../../ops/arrays/contractions.ts";
import { add, div, mul, neg, sub } from "../../../ops/elementary/algebra.ts";
import { toReal } from "../../../ops/elementary/cast.ts";
import { allOf, and, equal, less, lessEqual, not, notEqual, or, select } from "../../../ops/elementary/comparison.ts";
import { abs } from "../../../ops/elementary/rounding.ts";
import { isMap, isOneOf } from "../../../ops/maps.ts";
import { type Choice, choiceOr } from "../../../ops/masked.ts";
import { isTame } from "../../../ops/tame.ts";
import { termsCost } from "../../cost.ts";
import { computedAt, placeOf, readThere } from "../../forms/contractions/places.ts";
import { isLinear, positionOf, readThrough } from "../../forms/contractions/positions.ts";
import {
  combineLike,
  fixIterator,
  rangeOf,
  solveEquality,
  type Terms,
  withFactor,
} from "../../forms/contractions/terms.ts";
import { isView } from "../../forms/nodes.ts";
import { type RulePhase, type Rules, structural } from "../../rule.ts";

/** What a masked term may be: a choice of reals, or of whole numbers. */
const masks = [select, toReal];

/**
 * Terms masked by a condition on positions are absent: nothing is computed for them. While derivatives may follow, the mask
 * stays on what may have infinite slopes where it is absent: cotangents are 0 there, and 0 * Infinity is NaN.
 */
export const maskRules: Rules = {
  stable: [
    structural(
      "mask of terms that fall where a lookup says",
      { roots: ["sum", "reduce"], operands: [masks] },
      (node, { graph }) => fallen(node, neutralElement[graph.combineOf(node.id)]),
    ),
    asGuard("condition on positions as a guard", isTame, "anytime"),
    asGuard("mask as a guard", () => true, "last"),
    structural("guards of terms", { roots: ["sum"], phase: "last" }, (node) => {
      const terms = termsOf(node);
      if (terms.factors.length > 1) return undefined;
      const sum = contract({ ...terms, guards: [...terms.guards, ...new Presence().at(terms.factors[0]!, 0)] });
      return sum === node ? undefined : sum;
    }),
  ],
};

function asGuard(name: string, isRead: (masked: Expr) => boolean, phase: RulePhase) {
  return structural(name, { roots: ["sum", "reduce"], operands: [masks], phase }, (node, { graph }) => {
    const guarded = withGuards(termsOf(node), neutralElement[graph.combineOf(node.id)], isRead);
    return guarded && combineLike(node, guarded);
  });
}

/** The terms with conditions on positions as guards in the place of a mask. */
function withGuards(terms: Terms, empty: number, isRead: (masked: Expr) => boolean): Terms | undefined {
  for (const [position, { of, index }] of terms.factors.entries()) {
    // whole numbers are chosen as such
    const choice = isMap(of, toReal) ? of.operands[0]! : of;
    const masked = choiceOr(choice, empty);
    if (!masked) continue;
    const [, , side] = masked;
    if (!isRead(side)) continue;
    const lookups = [...terms.lookups];
    const { guards, others } = splitBy(masked, index, lookups);
    if (guards.length === 0) continue;
    const left = maskedBy(others, masked);
    const unmasked = withFactor(terms, position, { of: choice === of ? left : toReal(left), index });
    return { ...unmasked, guards: [...terms.guards, ...guards], lookups };
  }
  return undefined;
}

/**
 * A condition says of each term to which element it belongs, `dst[j] == i`: that one is computed and no other, so that nothing is
 * absent but what a lookup leads nowhere.
 */
function fallen(node: Expr, empty: number): Expr | undefined {
  const terms = termsOf(node);
  const guarded = withGuards(terms, empty, () => true);
  if (!guarded || solveEquality(guarded)) return undefined;
  const solved = solveEquality(guarded, 0);
  if (!solved) return undefined;
  const fixed = fixIterator(guarded, solved.iterator, solved.value);
  const guards = [...fixed.guards];
  const factors: Read[] = [];
  for (const read of fixed.factors) {
    const place = read.of.kind === "map" ? placeOf(fixed, read) : undefined;
    if (!place || place.extents.length >= read.of.shape.length) {
      if (!isTame(read.of)) return undefined;
      factors.push(read);
      continue;
    }
    const moved = computedAt(read.of, place);
    if (!moved) return undefined;
    const there = {
      extents: place.extents,
      lookups: place.lookups,
      guards: rangeOf({ of: read.of, index: place.index }),
    };
    const isNumber = moved.dtype !== "real" || isTame(moved);
    factors.push(readThere(isNumber ? moved : whereGuarded({ ...fixed, ...there }, moved, empty), read));
    guards.push(...rangeOf(read));
  }
  return combineLike(node, { ...fixed, factors, guards });
}

/** What a sum will take once its masks are guards: a term for one element alone is taken once. */
export function costUnderGuards(sum: Expr): Integer {
  const terms = termsOf(sum);
  const guarded = withGuards(terms, 0, () => true);
  const solved = guarded && solveEquality(guarded, 0);
  return termsCost(solved ? fixIterator(guarded, solved.iterator, solved.value) : terms);
}

/** Of the conditions that all have to hold, what can be guards of a sum that reads at `index`, and the others. */
function splitBy([condition, isMet]: Choice, index: readonly Integer[], lookups: Expr[]) {
  const guards: Guard[] = [];
  const others: Expr[] = [];
  for (const part of partsOf(condition, isMet, 0)) {
    const count = lookups.length;
    const found = guardsOf(part, index, isMet, lookups, 0);
    if (found) guards.push(...found);
    else {
      lookups.length = count;
      others.push(part);
    }
  }
  return { guards, others };
}

/** The conditions that all hold where one does, or that all fail where it fails, through whole views. */
function partsOf(condition: Expr, isMet: boolean, depth: number): readonly Expr[] {
  const { operands, shape } = condition;
  if (depth > deepest) return [condition];
  if (isMap(condition, not)) return partsOf(operands[0]!, !isMet, depth + 1).map((part) => not(part));
  if (isMap(condition, isMet ? and : or)) return operands.flatMap((operand) => partsOf(operand, isMet, depth + 1));
  const through = readThrough(condition, axes(shape.length));
  const inner = through ? partsOf(through.of, isMet, depth + 1) : [];
  if (!through || inner.length < 2) return [condition];
  const { lookups } = termsOf(condition);
  return inner.map((part) => view(part, shape, through.index, [], lookups));
}

/** The side of a choice under those of its conditions that are left. */
function maskedBy(others: readonly Expr[], [, isMet, side, other]: Choice): Expr {
  if (others.length === 0) return side;
  return isMet
    ? select(allOf(others), side, other)
    : select(
        others.reduce((a, b) => or(a, b)),
        other,
        side,
      );
}

/** So many steps down to a condition are looked through. */
const deepestTerm = 16;

/** Conditions without which nodes are 0; parts that are shared are looked at once. */
class Presence {
  private readonly known = new Map<Expr, readonly Guard[]>();

  /** Guards without which a read is 0, in the iterators around it. */
  at({ of, index: at }: Read, depth: number): readonly Guard[] {
    return this.within(of, depth)
      .filter(({ index, extent }) => isOverFirst(at.length, index) && (!extent || isOverFirst(0, extent)))
      .map(({ index, extent }) => ({ index: index.withIterators(at), extent }));
  }

  /** Guards without which a node is 0, in the iterators of its own axes; others and lookups may be among them. */
  private within(node: Expr, depth: number): readonly Guard[] {
    const known = this.known.get(node) ?? (depth < deepestTerm ? this.find(node, depth + 1) : []);
    this.known.set(node, known);
    return known;
  }

  private find(node: Expr, depth: number): readonly Guard[] {
    if (node.kind === "contraction") {
      const { guards, output, factors } = termsOf(node);
      if (!areAxes(output)) return [];
      return isView(node) ? [...guards, ...this.at(factors[0]!, depth)] : guards;
    }
    if (node.kind !== "map" || !isOneOf(node, mul, div, add, sub, neg, select)) return [];
    const [first, ...others] = node.operands.map((operand) => this.within(operand, depth));
    if (isMap(node, mul)) return [...first!, ...others.flat()];
    if (isMap(node, div)) return first!;
    const choice = choiceOr(node, 0);
    if (choice) {
      const [condition, isMet] = choice;
      return [...(guardsOf(condition, axes(node.shape.length), isMet, [], 0) ?? []), ...others[isMet ? 0 : 1]!];
    }
    if (!isLinear(node)) return [];
    return first!.filter((guard) =>
      others.every((guards) => guards.some((other) => guardKey(other) === guardKey(guard))),
    );
  }
}

/** Conditions and positions are looked into this deep. */
const deepest = 6;

/** A condition on whole numbers, or its opposite, as guards; it is read at `index`. */
function guardsOf(
  condition: Expr,
  index: readonly Integer[],
  isMet: boolean,
  lookups: Expr[],
  depth: number,
): Guard[] | undefined {
  if (depth > deepest) return undefined;
  const inside = (operand: Expr, met = isMet) => guardsOf(operand, index, met, lookups, depth + 1);
  const through = readThrough(condition, index);
  if (through) return guardsOf(through.of, through.index, isMet, lookups, depth + 1);
  if (isMet && isView(condition)) return guardsOfPart(condition, index, lookups, depth);
  const [a, b] = condition.operands;
  if (isMap(condition, not)) return inside(a!, !isMet);
  if (isMap(condition, isMet ? and : or)) {
    const [first, second] = [inside(a!), inside(b!)];
    return first && second && [...first, ...second];
  }
  const present = isMet ? presenceOf(condition) : undefined;
  if (present) {
    const first = lookups.length;
    lookups.push(...present.lookups);
    const there = (i: Integer) => renumberLookups(i, (operand) => first + operand).withIterators(index);
    return present.guards.map((guard) => ({ index: there(guard.index), extent: guard.extent }));
  }
  const position = (operand: Expr | undefined) => operand && positionOf(operand, index, lookups);
  if (isMap(condition, isMet ? equal : notEqual)) {
    const [x, y] = [position(a), position(b)];
    return x && y && [{ index: x.minus(y), extent: Integer.one }];
  }
  const isStrict = isMap(condition, less);
  if (!isStrict && !isMap(condition, lessEqual)) return undefined;
  // the opposite of x < y is y <= x
  const [smaller, larger, least] = isMet ? [a!, b!, isStrict ? 1 : 0] : [b!, a!, isStrict ? 0 : 1];
  const most = position(larger);
  if (!most) return undefined;
  const limit = (x: Integer): Guard => ({ index: most.minus(x).minus(least), extent: undefined });
  // |x| <= y is x <= y and -x <= y
  const whole = isMap(smaller, toReal) ? smaller.operands[0]! : smaller;
  const size = isMap(whole, abs) ? position(whole.operands[0]) : undefined;
  if (size) return [limit(size), limit(size.scaled(-1))];
  const x = position(smaller);
  return x && [limit(x)];
}

/** A condition that holds only where a view has elements, and they do. */
function guardsOfPart(condition: Expr, index: readonly Integer[], lookups: Expr[], depth: number): Guard[] | undefined {
  const terms = termsOf(condition);
  const [read] = terms.factors as [Read];
  const own = [...terms.guards, ...rangeOf(read)];
  if ([...read.index, ...own.map((guard) => guard.index)].some(mayHoldLookup)) return undefined;
  const there = (each: Integer) => each.withIterators(index);
  const inner = guardsOf(read.of, read.index.map(there), true, lookups, depth + 1);
  return inner && [...inner, ...own.map((guard) => ({ index: there(guard.index), extent: guard.extent }))];
}
