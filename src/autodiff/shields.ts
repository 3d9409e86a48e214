import { type Guard, iteratorOf, iterators, mayHoldLookup } from "../ir/contraction.ts";
import type { Expr } from "../ir/graph.ts";
import type { Integer } from "../ir/integer.ts";
import { followsFromData, holdsData } from "../ir/walks/given.ts";
import { presenceOf, present } from "../ops/arrays/composites.ts";
import { axes, type Read, type Terms, termsOf, view } from "../ops/arrays/contractions.ts";
import { guardsOfElements } from "../ops/arrays/presence.ts";
import { add, div, mul, neg, sub } from "../ops/elementary/algebra.ts";
import { allOf, or } from "../ops/elementary/comparison.ts";
import { isMap, isOneOf } from "../ops/maps.ts";
import { isFiniteForAnyData } from "../ops/tame.ts";
import { axesOf, conjunctsOf, deepestMask, guardMovedBy, masked, maskWithin, overFirst } from "./masks.ts";
import { takesForFixed } from "./variation.ts";

// Products under the conditions without which what flows is 0: what data hide may be NaN, and 0 times NaN is NaN.

/**
 * The conditions without which a node is 0, as far as they depend on `rank` of its axes alone, from `first` on: bools of those axes.
 * Those of a sum are what its terms share.
 */
export function conditionsOn(node: Expr, rank: number, first = 0, depth = 0): Expr[] {
  if (!isMap(node, add) || depth === deepestMask) return ownConditions(node, rank, first);
  let shared: Expr[] | undefined;
  for (const term of node.operands) {
    const conditions = conditionsOn(term, rank, first, depth + 1);
    shared = shared?.filter((condition) => conditions.includes(condition)) ?? conditions;
    if (shared.length === 0) break;
  }
  return shared!;
}

/** The condition that one of the terms of a sum, masked or not, has its own, where each has some: without any the sum is 0. */
function anyConditionOn(linear: Expr): Expr[] {
  const node = maskWithin(linear)?.value ?? linear;
  if (!isMap(node, add)) return [];
  const each = node.operands.map((term) => {
    const conditions = conditionsOn(term, term.shape.length);
    // a condition on one element is none on the others
    const isMasked = conditions.length > 0 || node !== linear;
    return isMasked ? [...conditions, ...presenceUnder(term, guardsOf(term))] : presenceIn(term);
  });
  if (each.some((conditions) => conditions.length === 0)) return [];
  return [
    each.map((conditions) => allOf(conditions as [Expr, ...Expr[]])).reduce((any, condition) => or(any, condition)),
  ];
}

function ownConditions(node: Expr, rank: number, first: number): Expr[] {
  const mask = maskWithin(node);
  if (!mask) return [];
  // iterators of axes before the first have no place among those from there on
  const places = node.shape.map((_, axis) => iterators(axis < first ? axis + node.shape.length : axis - first));
  return overFirst(node.shape.slice(first, first + rank), mask.condition, places);
}

/** What was found of nodes; they never change. */
const known = new WeakMap<Expr, readonly Expr[]>();

/** So many steps back from a product the conditions by data are looked for. */
const deepestGiven = 24;

/** The conditions by data without which a node is 0, through all that is 0 where what it is made of is. */
function givenConditions(node: Expr, depth = 0): readonly Expr[] {
  if (!holdsData(node)) return [];
  const found = known.get(node) ?? (depth < deepestGiven ? behind(node, depth + 1) : []);
  known.set(node, found);
  return found;
}

/** True of conditions on which elements there are, and not of those on values that slopes were found to vanish at. */
const isGiven = (condition: Expr) => followsFromData(condition) && holdsData(condition) && !takesForFixed(condition);

function behind(node: Expr, depth: number): readonly Expr[] {
  const mask = maskWithin(node);
  const own = mask ? [...conjunctsOf(mask.condition)].filter(isGiven) : [];
  if (mask && mask.value !== node) return union([own, givenConditions(mask.value, depth)]);
  if (node.kind === "contraction") return union([own, stated(node), ...throughFactors(node, depth)]);
  if (!isOneOf(node, add, sub, mul, div, neg)) return own;
  const operands = isMap(node, div) ? node.operands.slice(0, 1) : node.operands;
  const each = operands.map((operand) => givenConditions(operand, depth));
  return isOneOf(node, add, sub) ? each.reduce(sharedBy) : union(each);
}

/** What holds wherever one list of conditions does and wherever the other does. */
const sharedBy = (some: readonly Expr[], others: readonly Expr[]): readonly Expr[] =>
  union([some.flatMap((condition) => others.flatMap((other) => weakerOf(condition, other) ?? []))]);

/** Of two conditions the one that holds wherever the other does; undefined where neither is known to. */
function weakerOf(a: Expr, b: Expr): Expr | undefined {
  if (a === b) return a;
  const [x, y] = [boundOf(a), boundOf(b)];
  if (!x || !y || x.lookups.some((lookup, k) => lookup !== y.lookups[k])) return undefined;
  const gap = x.index.minus(y.index).value;
  return gap === undefined ? undefined : gap < 0 ? b : a;
}

/** What is not negative where a condition of one guard holds. */
function boundOf(condition: Expr): { readonly index: Integer; readonly lookups: readonly Expr[] } | undefined {
  const { guards = [], lookups = [] } = presenceOf(condition) ?? {};
  const [guard] = guards;
  return guards.length === 1 && !guard!.extent ? { index: guard!.index, lookups } : undefined;
}

/** The conditions behind the factors of a sum, as far as no summed iterator changes them, or where its terms tell what they are. */
function throughFactors(node: Expr, depth: number): Expr[][] {
  const terms = termsOf(node);
  const { factors, output, extents, shape, lookups } = terms;
  const places = axesOf(output, extents.length);
  const joint = { guards: [...terms.guards], lookups: [...lookups] };
  const through = factors.map(({ of, index }) => {
    const at = index.map((each) => each.withIterators(places));
    const conditions = givenConditions(of, depth);
    for (const { guards, lookups: further } of conditions.flatMap((condition) => presenceOf(condition) ?? [])) {
      joint.guards.push(...guards.map(guardMovedBy({ index, lookups: joint.lookups })));
      joint.lookups.push(...further);
    }
    return conditions.flatMap((condition) => overFirst(shape, condition, at, lookups));
  });
  const isTold = joint.guards.length > terms.guards.length && extents.length > output.length;
  const guards = (isTold && guardsOfElements({ ...terms, ...joint })) || [];
  return guards.length > 0
    ? [...through, [...conjunctsOf(present(node.graph, shape, guards, joint.lookups))]]
    : through;
}

/** The guards by data of a sum, each a condition. */
const stated = (node: Expr): Expr[] => presenceIn(node).flatMap((condition) => [...conjunctsOf(condition)]);

/** So many conditions by data are kept of a node. */
const mostGiven = 16;

const union = (lists: readonly (readonly Expr[])[]): Expr[] => [...new Set(lists.flat())].slice(0, mostGiven);

/** What is linear times a factor that data may make infinite or NaN, absent where conditions by data let nothing flow. */
export function underGiven(linear: Expr, factor: Expr, product: Expr, masks: Iterable<Expr> = []): Expr {
  const guards = guardsByData(linear);
  if ((guards.length === 0 && !holdsData(linear)) || isFiniteForAnyData(factor)) return product;
  const covered = new Set([...masks, ...stated(linear)]);
  const further = givenConditions(linear).filter((condition) => !covered.has(condition));
  const shown = further.length > 0 ? masked(allOf(further), product)! : product;
  return guards.length > 0 ? view(shown, linear.shape, axes(linear.shape.length), guards, linear.operands) : shown;
}

/**
 * A product with what is linear in one factor, where others may be NaN in what is left out there, as rows of data are: 0 times NaN is
 * NaN. They are masked as that factor is, where they have the axes of the condition, and its guards are guards of the product.
 */
export function shielded(terms: Terms, position: number): Terms {
  const { of: linear, index } = terms.factors[position]!;
  const shared = conditionsOn(linear, linear.shape.length);
  const isHiding = terms.factors.some(({ of }, k) => k !== position && !isFiniteForAnyData(of));
  const any = isHiding ? anyConditionOn(linear) : [];
  const areGiven = any.every(followsFromData);
  const covered = new Set([...shared.flatMap((condition) => [...conjunctsOf(condition)]), ...stated(linear)]);
  const given = isHiding ? givenConditions(linear).filter((condition) => !covered.has(condition)) : [];
  const factors = terms.factors.map((factor, k) => {
    const { of } = factor;
    if (k === position || of.dtype !== "real") return factor;
    // under one condition or another only what data hide, or hold: the rest would be computed under conditions for nothing
    const further = isFiniteForAnyData(of) ? [] : [...(of.kind === "leaf" || areGiven ? any : []), ...given];
    const hiding = [...(of.kind === "constant" ? [] : shared), ...further];
    const own = hiding.flatMap((condition) => overAxesOf(factor, condition, index, terms.lookups));
    const hidden = own.reduce((value, condition) => masked(condition, value) ?? value, factor.of);
    return { of: hidden, index: factor.index };
  });
  return withGuardsOf({ ...terms, factors }, position);
}

/** The terms with the guards by data of what one factor reads, at its index, where others may be infinite or NaN. */
function withGuardsOf(terms: Terms, position: number): Terms {
  const { of, index } = terms.factors[position]!;
  const found = guardsByData(of);
  if (found.length === 0 || terms.factors.every((factor, k) => k === position || isFiniteForAnyData(factor.of)))
    return terms;
  const { guards = [], lookups = [] } = terms;
  return {
    ...terms,
    guards: [...guards, ...found.map(guardMovedBy({ index, lookups }))],
    lookups: [...lookups, ...of.operands],
  };
}

/** The guards by data of a sum as a condition. */
const presenceIn = (node: Expr): Expr[] => presenceUnder(node, guardsByData(node));

/** Guards over the axes of a node as a condition; lookups are among its operands. */
const presenceUnder = (node: Expr, guards: readonly Guard[]): Expr[] =>
  guards.length > 0 ? [present(node.graph, node.shape, guards, node.operands)] : [];

/** Guards under which the elements of a sum have terms. */
const guardsOf = (node: Expr): Guard[] => (node.kind === "contraction" && guardsOfElements(termsOf(node))) || [];

/** Guards under which the elements of a sum have terms, where data decide them. */
export function guardsByData(node: Expr): Guard[] {
  const isByData =
    node.kind === "contraction" && node.graph.contractionOf(node.id).guards.some(({ index }) => mayHoldLookup(index));
  return isByData ? guardsOf(node) : [];
}

/** The parts of a condition, read at an index, that depend on the axes of a factor alone, over these axes. */
function overAxesOf(
  { of, index }: Read,
  condition: Expr,
  at: readonly Integer[],
  lookups: readonly Expr[] | undefined,
): Expr[] {
  const places: Integer[] = [];
  for (const [axis, each] of index.entries()) {
    const iterator = iteratorOf(each);
    if (iterator !== undefined) places[iterator] = iterators(axis);
  }
  // iterators that are no axis of the factor have no place among these
  const beyond = (each: Integer) => {
    for (const iterator of each.iterators()) places[iterator] ??= iterators(of.shape.length + iterator);
    return each.withIterators(places);
  };
  return overFirst(of.shape, condition, at.map(beyond), lookups);
}
