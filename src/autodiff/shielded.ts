import { hasLookup, iterators } from "../ir/contraction.ts";
import type { Expr } from "../ir/graph.ts";
import type { Integer } from "../ir/integer.ts";
import { equal } from "../ops/comparison.ts";
import { type Read, view } from "../ops/contractions.ts";
import { conditionsOn, type GuardedRead, masked, throughViews } from "./masks.ts";
import { mayBeInfinite } from "./poles.ts";
import { guardsAt, waysOf } from "./presence.ts";
import { anyOf, conditionOf } from "./ways.ts";

/**
 * The factors of a product with those hidden that stand beside a masked one, where they share the axes of its condition:
 * rows that a choice leaves out may be NaN, and 0 times NaN is NaN. What may be infinite is hidden where nothing stands beside it.
 */
export function shielded(factors: readonly Read[], position: number): readonly Read[] {
  if (factors.length === 1) return factors;
  const linear = factors[position]!;
  const chosen = conditionsOn(linear.of, linear.of.shape.length);
  return factors.map((factor, k) => {
    if (factor.of.dtype !== "real" || factor.of.kind === "constant") return factor;
    const own = k === position ? [] : placedAt(factor, linear, chosen);
    const others = mayBeInfinite(factor.of) ? factors.filter((other) => other !== factor) : [];
    const present = others.flatMap((other) => presentAt(factor, other) ?? []);
    const all = new Set([...own, ...present]);
    const hidden = [...all].reduce((value, condition) => masked(condition, value) ?? value, factor.of);
    return hidden === factor.of ? factor : { of: hidden, index: factor.index };
  });
}

/** Where another factor is, over the axes of a factor. */
function presentAt(factor: Read, other: Read): Expr | undefined {
  return conditionOf(anyOf([waysOf(other.of).map((way) => new Set(placedAt(factor, other, [...way])))]));
}

/** Conditions on the elements of one factor, over the axes of another. */
const placedAt = (factor: Read, { index }: Read, conditions: readonly Expr[]) =>
  conditions.flatMap((condition) => overAxesOf(factor, throughViews(condition, index)) ?? []);

/** A condition over the axes of a factor, where these are all that it depends on. */
function overAxesOf({ of, index }: Read, { of: condition, index: at, guards }: GuardedRead): Expr | undefined {
  const axisOf = new Map<number, number>();
  for (const [axis, each] of index.entries()) {
    const unit = each.unitIterator();
    if (unit?.sign === 1 && unit.offset.value === 0) axisOf.set(unit.iterator, axis);
  }
  const places: Integer[] = [];
  for (const [iterator, axis] of axisOf) places[iterator] = iterators(axis);
  const move = (each: Integer) => each.withIterators(places);
  const isOver = (each: Integer) => !hasLookup(each) && each.iterators().every((iterator) => axisOf.has(iterator));
  // made of guards alone, a condition may depend on fewer axes than it has
  const inner = at.every(isOver) ? [] : guardsAt(condition, at, []);
  const all = [...guards, ...(inner ?? [])];
  if (!inner || !all.every((guard) => isOver(guard.index))) return undefined;
  const moved = all.map((guard) => ({ index: move(guard.index), extent: guard.extent }));
  if (at.every(isOver)) return view(condition, of.shape, at.map(move), moved);
  return equal(view(of.graph.constant(1), of.shape, [], moved), 1);
}
