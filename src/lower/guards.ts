import { alwaysHolds as canBeShown, type Guard, guardKey } from "../ir/contraction.ts";
import type { Shape } from "../ir/graph.ts";
import type { Integer } from "../ir/integer.ts";
import { soleIterator } from "./indices.ts";

/** True when the guard can be shown to hold on the whole domain. Most are those of a whole axis, and need no proof. */
export function alwaysHolds(guard: Guard, extents: readonly Integer[]): boolean {
  const { index, extent } = guard;
  const iterator = soleIterator(index);
  if (extent && iterator !== undefined && extents[iterator]?.key === extent.key) return true;
  return canBeShown(guard, extents);
}

/** The guards under which a read stays inside its tensor, as far as they are not already certain. */
export function rangeGuards(index: readonly Integer[], shape: Shape, extents: readonly Integer[]): Guard[] {
  return index.map((i, axis) => ({ index: i, extent: shape[axis]! })).filter((guard) => !alwaysHolds(guard, extents));
}

/** Each guard once. */
export function uniqueGuards(guards: readonly Guard[]): Guard[] {
  return [...new Map(guards.map((guard) => [guardKey(guard), guard])).values()];
}
