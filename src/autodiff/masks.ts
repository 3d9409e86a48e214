import {
  areAxes,
  dependsOnFirst,
  type Guard,
  guardKey,
  iteratorOf,
  iterators,
  mayHoldLookup,
  renumberLookups,
} from "../ir/contraction.ts";
import type { Expr, Shape } from "../ir/graph.ts";
import type { Integer } from "../ir/integer.ts";
import { presenceOf, present } from "../ops/arrays/composites.ts";
import { type Read, termsOf, view } from "../ops/arrays/contractions.ts";
import { neg } from "../ops/elementary/algebra.ts";
import { allOf, and, not, select } from "../ops/elementary/comparison.ts";
import { isMap } from "../ops/maps.ts";

// Conditions without which a value is 0. Products are taken under them: what they hide may be infinite or NaN.

/** A node that is 0 unless a condition holds, and its value where it does: another node, or itself. */
export interface Mask {
  readonly condition: Expr;
  readonly value: Expr;
}

/** Views of views of a mask are looked through so far. */
export const deepestMask = 8;

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
  const parts = [...conjunctsOf(inner.condition)].map((part) => readAt(part, node.shape, index, lookups));
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
  const { factors, output, shape, extents, lookups } = termsOf(node);
  const places = axesOf(output, extents.length);
  for (const { of, index } of factors) {
    const mask = maskOf(of, depth + 1);
    if (!mask) continue;
    const at = index.map((each) => each.withIterators(places));
    const [first, ...others] = overFirst(shape, mask.condition, at, lookups);
    if (first) return { condition: allOf([first, ...others]), value: node };
  }
  return undefined;
}

/** The axis at which each iterator stands alone in an output; those beyond all axes for the others. */
export function axesOf(output: readonly Integer[], count: number): Integer[] {
  const places = Array.from({ length: count }, (_, iterator) => iterators(output.length + iterator));
  for (const [axis, each] of output.entries()) {
    const iterator = iteratorOf(each);
    if (iterator !== undefined) places[iterator] = iterators(axis);
  }
  return places;
}

/** The parts of a condition, read at an index, that depend on iterators over this shape alone. */
export function overFirst(
  shape: Shape,
  condition: Expr,
  index: readonly Integer[],
  lookups: readonly Expr[] = [],
): Expr[] {
  return [...conjunctsOf(condition)].flatMap((part) => partOver(shape, part, index, lookups) ?? []);
}

/** What is read at an index, as an expression over this shape, through views and what is computed element by element. */
export function partOver(
  shape: Shape,
  node: Expr,
  index: readonly Integer[],
  lookups: readonly Expr[] = [],
  depth = 0,
): Expr | undefined {
  if (node.constant !== undefined) return node.graph.constant(node.constant, shape, node.dtype);
  const read = throughViews(node, index, lookups);
  const { of, index: at, guards, lookups: needed } = read;
  const stays = (each: Integer) => dependsOnFirst(shape.length, each);
  if ([...at, ...guards.map((guard) => guard.index)].every(stays)) return shown(read, shape);
  if (of.kind !== "map" || guards.length > 0 || depth === deepestMask) return undefined;
  const parts: Expr[] = [];
  for (const operand of of.operands) {
    const part = partOver(shape, operand, at, needed, depth + 1);
    if (!part) return undefined;
    parts.push(part);
  }
  return of.graph.map(of.graph.primitiveOf(of.id), parts);
}

/** A condition at an index, of what its views read in the end: the same condition has the same form on every way. */
function readAt(condition: Expr, shape: Shape, index: readonly Integer[], lookups: readonly Expr[]): Expr {
  return shown(throughViews(condition, index, lookups), shape);
}

export interface GuardedRead extends Read {
  readonly guards: readonly Guard[];
  readonly lookups: readonly Expr[];
}

/** What a read of views of views reads in the end. */
export function throughViews(node: Expr, index: readonly Integer[], lookups: readonly Expr[] = []): GuardedRead {
  let read: GuardedRead = { of: node, index, guards: [], lookups };
  for (let depth = 0; depth < deepestMask && read.of.graph.isView(read.of.id); depth++) read = throughView(read);
  return read;
}

/** What a read of a view reads, and where. */
function throughView(read: GuardedRead): GuardedRead {
  const { factors, guards = [], lookups = [] } = termsOf(read.of);
  const { of, index } = factors[0]!;
  return {
    of,
    index: index.map(movedBy(read)),
    guards: [...read.guards, ...guards.map(guardMovedBy(read))],
    lookups: [...read.lookups, ...lookups],
  };
}

/** A read as a tensor; a condition of guards is one of the guards at the place that is read. */
function shown(read: GuardedRead, shape: Shape): Expr {
  const { of, index, guards, lookups } = read;
  const there = presenceOf(of);
  if (!there) return view(of, shape, index, guards, lookups);
  return present(of.graph, shape, [...guards, ...there.guards.map(guardMovedBy(read))], [...lookups, ...there.lookups]);
}

type Place = Pick<GuardedRead, "index" | "lookups">;

/** An index of what is read, at the place of the read, whose lookups come first. */
const movedBy =
  ({ index, lookups }: Place) =>
  (inner: Integer) =>
    renumberLookups(inner, (operand) => lookups.length + operand).withIterators(index);

/** The same of a guard. */
export function guardMovedBy(place: Place): (guard: Guard) => Guard {
  const move = movedBy(place);
  return ({ index, extent }) => ({ index: move(index), extent });
}

export const isZero = (x: Expr) => x.constant === 0;

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

/** The conditions that a conjunction is made of; guards that hold together are one each. */
export function conjunctsOf(condition: Expr): ReadonlySet<Expr> {
  const found = new Set<Expr>();
  const pending = [condition];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const parts = found.size + pending.length < mostConjuncts ? partsOf(next) : [];
    if (parts.length > 1) pending.push(...parts);
    else found.add(next);
  }
  return found;
}

function partsOf(condition: Expr): readonly Expr[] {
  if (isMap(condition, and)) return condition.operands;
  const { guards = [], lookups = [] } = presenceOf(condition) ?? {};
  return guards.length < 2 ? [] : guards.map((guard) => present(condition.graph, condition.shape, [guard], lookups));
}
