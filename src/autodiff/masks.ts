import {
  areAxes,
  type Guard,
  guardKey,
  isOverFirst,
  iteratorOf,
  iterators,
  mayHoldLookup,
  renumberLookups,
} from "../ir/contraction.ts";
import type { Expr, Shape } from "../ir/graph.ts";
import type { Integer } from "../ir/integer.ts";
import { followsFromData } from "../ir/walks/given.ts";
import { presenceOf } from "../ops/arrays/composites.ts";
import { type Read, type Terms, termsOf, view } from "../ops/arrays/contractions.ts";
import { guardsOfElements } from "../ops/arrays/presence.ts";
import { add, neg } from "../ops/elementary/algebra.ts";
import { allOf, and, equal, not, or, select } from "../ops/elementary/comparison.ts";
import { isMap } from "../ops/maps.ts";
import { isFiniteForAnyData } from "../ops/tame.ts";

// Conditions without which a value is 0. Products are taken under them: what they hide may be infinite or NaN.

/** A node that is 0 unless a condition holds, and its value where it does: another node, or itself. */
export interface Mask {
  readonly condition: Expr;
  readonly value: Expr;
}

/** Views of views of a mask are looked through so far. */
const deepestMask = 8;

/** The condition without which a node is 0, with its value where it holds; undefined where nothing of the kind is known. */
export function maskOf(node: Expr, depth = 0): Mask | undefined {
  const { graph } = node;
  if (node.kind === "operation") return chosenMask(node);
  if (depth < deepestMask && graph.isView(node.id)) return viewedMask(node, depth);
  if (depth < deepestMask && node.kind === "contraction") return gatheredMask(node, depth);
  if (node.kind !== "map") return undefined;
  const primitive = graph.primitiveOf(node.id);
  if (primitive === neg.primitive && depth < deepestMask) {
    const inner = maskOf(node.operands[0]!, depth + 1);
    return inner && { condition: inner.condition, value: inner.value === node.operands[0] ? node : neg(inner.value) };
  }
  if (primitive !== select.primitive) return undefined;
  const [condition, yes, no] = node.operands as [Expr, Expr, Expr];
  if (isZero(no)) return maskUnder(condition, yes, depth);
  return isZero(yes) ? maskUnder(not(condition), no, depth) : undefined;
}

/** The mask of a value under a condition, with what masks the value itself. */
function maskUnder(condition: Expr, value: Expr, depth: number): Mask {
  const inner = depth < deepestMask ? maskOf(value, depth + 1) : undefined;
  return inner ? { condition: bothOf(condition, inner.condition), value: inner.value } : { condition, value };
}

/** A choice of which one side is 0 is masked by its condition. */
function chosenMask(node: Expr): Mask | undefined {
  const { graph, id } = node;
  const operation = graph.operationOf(id);
  if (operation.kind !== "choice") return undefined;
  const result = graph.resultOf(id);
  const everywhere = (condition: Expr) => view(condition, node.shape, []);
  const condition = node.operands[0]!;
  if (isZero(operation.no.roots[result]!)) return { condition: everywhere(condition), value: node };
  return isZero(operation.yes.roots[result]!) ? { condition: everywhere(not(condition)), value: node } : undefined;
}

/** A view of a masked value is the view of the value under the view of the condition. */
function viewedMask(node: Expr, depth: number): Mask | undefined {
  const { factors, guards, lookups } = termsOf(node);
  const { of, index } = factors[0]!;
  const inner = maskOf(of, depth + 1);
  if (!inner) return undefined;
  const value = inner.value === of ? node : view(inner.value, node.shape, index, guards, lookups);
  // where a guard fails the value is 0, whatever the condition: without guards one condition has one form
  const read = index.some(mayHoldLookup) ? lookups : [];
  const parts = [...conjunctsOf(inner.condition)].map((part) => readAt(part, node.shape, index, read));
  return { condition: allOf(parts), value };
}

/** The mask of a node, products without a sum among them. */
export function maskWithin(node: Expr): Mask | undefined {
  const isProduct = node.kind === "contraction" && !node.graph.isView(node.id);
  return isProduct ? factorMask(node, 0) : maskOf(node);
}

/** A sum is masked by the conditions on a factor that no summed iterator changes. */
function gatheredMask(node: Expr, depth: number): Mask | undefined {
  const { shape, extents, output } = termsOf(node);
  // a product without a sum stays one: what reads it takes its factors
  return extents.length === shape.length && areAxes(output) ? undefined : factorMask(node, depth);
}

/** The conditions on a factor, where no summed iterator changes them. */
function factorMask(node: Expr, depth: number): Mask | undefined {
  const { factors, output, shape, extents } = termsOf(node);
  const places = axesOf(output, extents.length);
  for (const { of, index } of factors) {
    const mask = maskOf(of, depth + 1);
    if (!mask) continue;
    const at = index.map((each) => each.withIterators(places));
    const [first, ...others] = overFirst(shape, mask.condition, at);
    if (first) return { condition: allOf([first, ...others]), value: node };
  }
  return undefined;
}

/** The axis at which each iterator stands alone in an output; those beyond all axes for the others. */
function axesOf(output: readonly Integer[], count: number): Integer[] {
  const places = Array.from({ length: count }, (_, iterator) => iterators(output.length + iterator));
  for (const [axis, each] of output.entries()) {
    const iterator = iteratorOf(each);
    if (iterator !== undefined) places[iterator] = iterators(axis);
  }
  return places;
}

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

/** The condition that one of the terms of a sum has its own, where each has some: without any the sum is 0. */
function anyConditionOn(node: Expr): Expr[] {
  if (!isMap(node, add)) return [];
  const each = node.operands.map((term) => {
    const conditions = conditionsOn(term, term.shape.length);
    // a condition on one element is none on the others
    return conditions.length > 0 ? [...conditions, ...presenceUnder(term, guardsOf(term))] : presenceIn(term);
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

/** The parts of a condition, read at an index, that depend on iterators over this shape alone, and on no lookups. */
function overFirst(shape: Shape, condition: Expr, index: readonly Integer[]): Expr[] {
  return [...conjunctsOf(condition)].flatMap((part) => partOver(shape, part, index) ?? []);
}

/** What is read at an index, as an expression over this shape, through views and what is computed element by element. */
export function partOver(shape: Shape, node: Expr, index: readonly Integer[], depth = 0): Expr | undefined {
  if (node.kind === "constant") return node.graph.constant(node.graph.constantOf(node.id), shape, node.dtype);
  const { of, index: at, guards } = throughViews(node, index);
  const stays = (each: Integer) => isOverFirst(shape.length, each);
  if ([...at, ...guards.map((guard) => guard.index)].every(stays)) return view(of, shape, at, guards);
  if (of.kind !== "map" || guards.length > 0 || depth === deepestMask) return undefined;
  const parts: Expr[] = [];
  for (const operand of of.operands) {
    const part = partOver(shape, operand, at, depth + 1);
    if (!part) return undefined;
    parts.push(part);
  }
  return of.graph.map(of.graph.primitiveOf(of.id), parts);
}

/** A condition at an index, of what its views read in the end: the same condition has the same form on every way. */
function readAt(condition: Expr, shape: Shape, index: readonly Integer[], lookups: readonly Expr[]): Expr {
  const { of, index: at, guards } = throughViews(condition, index);
  const isPlain = ![...at, ...guards.map((guard) => guard.index)].some(mayHoldLookup);
  return isPlain ? view(of, shape, at, guards) : view(condition, shape, index, [], lookups);
}

export interface GuardedRead extends Read {
  readonly guards: readonly Guard[];
}

/** What a read of views of views reads in the end. */
export function throughViews(node: Expr, index: readonly Integer[]): GuardedRead {
  let read: GuardedRead = { of: node, index, guards: [] };
  for (let depth = 0; depth < deepestMask && read.of.graph.isView(read.of.id); depth++) {
    const inner = throughView(read.of, read.index);
    read = { ...inner, guards: [...read.guards, ...inner.guards] };
  }
  return read;
}

/** What a read of a view reads, and where. */
function throughView(node: Expr, index: readonly Integer[]): GuardedRead {
  if (!node.graph.isView(node.id)) return { of: node, index, guards: [] };
  const { factors, guards = [] } = termsOf(node);
  const move = (inner: Integer) => inner.withIterators(index);
  const moved = guards.map((guard) => ({ index: move(guard.index), extent: guard.extent }));
  return { of: factors[0]!.of, index: factors[0]!.index.map(move), guards: moved };
}

/**
 * A product with what is linear in one factor, where others may be NaN in what is left out there, as rows of data are: 0 times NaN is
 * NaN. They are masked as that factor is, where they have the axes of the condition, and its guards are guards of the product.
 */
export function shielded(terms: Terms, position: number): Terms {
  const { of: linear, index } = terms.factors[position]!;
  const shared = conditionsOn(linear, linear.shape.length);
  const conditions = shared.length > 0 ? shared : anyConditionOn(linear);
  const isGiven = conditions.every(followsFromData);
  const factors = terms.factors.map((factor, k) => {
    const { of } = factor;
    // under one condition or another only what data hide, or hold: the rest would be computed under conditions for nothing
    const isOpen =
      shared.length > 0 ? of.kind !== "constant" : (of.kind === "leaf" || isGiven) && !isFiniteForAnyData(of);
    if (conditions.length === 0 || k === position || of.dtype !== "real" || !isOpen) return factor;
    const own = conditions.flatMap((condition) => overAxesOf(factor, condition, index));
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
  const move = (each: Integer) => renumberLookups(each, (operand) => lookups.length + operand).withIterators(index);
  return {
    ...terms,
    guards: [...guards, ...found.map((guard) => ({ index: move(guard.index), extent: undefined }))],
    lookups: [...lookups, ...of.operands],
  };
}

/** The guards by data of a sum as a condition. */
const presenceIn = (node: Expr): Expr[] => presenceUnder(node, guardsByData(node));

/** Guards over the axes of a node as a condition; lookups are among its operands. */
const presenceUnder = (node: Expr, guards: readonly Guard[]): Expr[] =>
  guards.length > 0 ? [equal(view(node.graph.constant(1), node.shape, [], guards, node.operands), 1)] : [];

/** Guards under which the elements of a sum have terms. */
const guardsOf = (node: Expr): Guard[] => (node.kind === "contraction" && guardsOfElements(termsOf(node))) || [];

/** Guards under which the elements of a sum have terms, where data decide them. */
export function guardsByData(node: Expr): Guard[] {
  const isByData =
    node.kind === "contraction" && node.graph.contractionOf(node.id).guards.some(({ index }) => mayHoldLookup(index));
  return isByData ? guardsOf(node) : [];
}

/** The parts of a condition, read at an index, that depend on the axes of a factor alone, over these axes. */
function overAxesOf({ of, index }: Read, condition: Expr, at: readonly Integer[]): Expr[] {
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
  return overFirst(of.shape, condition, at.map(beyond));
}

export const isZero = (x: Expr) => x.kind === "constant" && x.graph.constantOf(x.id) === 0;

export const isSelect = (node: Expr) => isMap(node, select);

/** Masks of masks are one mask, so that a chain of them never nests. */
export function masked(condition: Expr, value: Expr | undefined): Expr | undefined {
  if (!value) return undefined;
  const inner = isSelect(value) ? maskOf(value) : undefined;
  const all = inner ? bothOf(condition, inner.condition) : condition;
  return select(all, shownUnder(all, inner?.value ?? value), 0);
}

/** The value without the guards that a condition states already: where that holds, so do they. */
function shownUnder(condition: Expr, value: Expr): Expr {
  if (!value.graph.isView(value.id)) return value;
  const { factors, guards = [], lookups } = termsOf(value);
  if (guards.length === 0 || guards.some(({ index }) => mayHoldLookup(index))) return value;
  const stated = new Set([...conjunctsOf(condition)].flatMap((part) => (presenceOf(part)?.guards ?? []).map(guardKey)));
  const left = guards.filter((guard) => !stated.has(guardKey(guard)));
  const { of, index } = factors[0]!;
  return left.length === guards.length ? value : view(of, value.shape, index, left, lookups);
}

/** Both conditions, each part once. */
function bothOf(a: Expr, b: Expr): Expr {
  const known = conjunctsOf(b);
  return [...conjunctsOf(a)].filter((part) => !known.has(part)).reduce((all, part) => and(part, all), b);
}

/** So many conditions that hold together are told apart. */
const mostConjuncts = 16;

/** The conditions that a conjunction is made of. */
export function conjunctsOf(condition: Expr): ReadonlySet<Expr> {
  const found = new Set<Expr>();
  const pending = [condition];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const isConjunction = isMap(next, and);
    if (isConjunction && found.size + pending.length < mostConjuncts) pending.push(...next.operands);
    else found.add(next);
  }
  return found;
}
