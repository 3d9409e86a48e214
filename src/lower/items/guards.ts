import { alwaysHolds as canBeShown, type Guard, guardKey, mayHoldLookup } from "../../ir/contraction.ts";
import type { Graph, Shape } from "../../ir/graph.ts";
import type { Integer } from "../../ir/integer.ts";
import { soleIterator } from "./indices.ts";

/** True when the guard can be shown to hold on the whole domain. Most are those of a whole axis, and need no proof. */
export function alwaysHolds(guard: Guard, extents: readonly Integer[]): boolean {
  const { index, extent } = guard;
  const iterator = soleIterator(index);
  if (extent && iterator !== undefined && extents[iterator]?.key === extent.key) return true;
  return canBeShown(guard, extents);
}

/**
 * The guards under which a read stays inside its tensor, and what it looks positions up in, as far as they are not already certain.
 * `graph` has the tables.
 */
export function rangeGuards(
  index: readonly Integer[],
  shape: Shape,
  extents: readonly Integer[],
  graph: Graph,
): Guard[] {
  const inside = index.map((i, axis) => ({ index: i, extent: shape[axis]! }));
  return [...lookupGuards(index, graph), ...inside].filter((guard) => !alwaysHolds(guard, extents));
}

/** The guards under which positions that are looked up are there. */
function lookupGuards(index: readonly Integer[], graph: Graph): Guard[] {
  return index
    .flatMap((i) => (mayHoldLookup(i) ? i.atoms() : []))
    .flatMap((atom) => {
      if (atom.kind !== "lookup") return [];
      const { shape } = graph.expr(atom.operand);
      return [
        ...lookupGuards(atom.index, graph),
        ...atom.index.map((at, axis) => ({ index: at, extent: shape[axis]! })),
      ];
    });
}

/** Each guard once. */
export function uniqueGuards(guards: readonly Guard[]): Guard[] {
  return [...new Map(guards.map((guard) => [guardKey(guard), guard])).values()];
}
