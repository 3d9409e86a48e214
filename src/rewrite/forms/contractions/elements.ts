import { isGather, iterators, renumberLookups } from "../../../ir/contraction.ts";
import type { Expr } from "../../../ir/graph.ts";
import type { Integer } from "../../../ir/integer.ts";
import { axes, termsOf, view } from "../../../ops/arrays/contractions.ts";
import { axesOf, isSplat, reshaped, restricted } from "./splat.ts";
import { combineLike, type Terms } from "./terms.ts";

/** Where some axes of an array are at one position each; lookups name `lookups`. */
export interface Place {
  readonly at: ReadonlyMap<number, Integer>;
  readonly lookups: readonly Expr[];
}

/** The axes that a place leaves. */
const others = (rank: number, { at }: Place) =>
  Array.from({ length: rank }, (_, axis) => axis).filter((axis) => !at.has(axis));

/** An array read at a place, over its other axes; 0 where the place is outside. */
export function atPlace(array: Expr, place: Place): Expr {
  const { at, lookups } = place;
  const kept = others(array.shape.length, place);
  const shape = kept.map((axis) => array.shape[axis]!);
  if (isSplat(array)) return reshaped(array, shape);
  if ([...axesOf(array)].every((axis) => !at.has(axis))) return restricted(array, kept);
  const index = array.shape.map((_, axis) => at.get(axis) ?? iterators(kept.indexOf(axis)));
  return view(array, shape, index, [], lookups);
}

/** What is known over the other axes of an array, all along those of a place. */
export function overPlace({ shape }: Expr, place: Place, value: Expr): Expr {
  return view(value, shape, others(shape.length, place).map(iterators));
}

/** An array computed at a place alone, which must be inside. */
export function computedAt(array: Expr, place: Place): Expr {
  const open = new Set<Expr>();
  const pending = [array];
  for (let next = pending.pop(); next; next = pending.pop()) {
    if (open.has(next) || next.kind !== "map") continue;
    open.add(next);
    pending.push(...next.operands);
  }
  const forms = new Map<Expr, Expr>();
  const formOf = (node: Expr): Expr => {
    const form = forms.get(node) ?? (isCombined(node) ? combinedAt(node, place) : atPlace(node, place));
    forms.set(node, form);
    return form;
  };
  for (const node of [...open].sort((a, b) => a.id - b.id)) {
    const { graph, id, operands } = node;
    forms.set(node, graph.map(graph.primitiveOf(id), operands.map(formOf)));
  }
  return formOf(array);
}

/** True of sums and the like that are computed element by element. */
function isCombined({ kind, graph, id }: Expr): boolean {
  return (kind === "contraction" || kind === "reduce") && isGather(graph.contractionOf(id));
}

function combinedAt(node: Expr, place: Place): Expr {
  const terms: Terms = termsOf(node);
  const rank = node.shape.length;
  const kept = others(rank, place);
  const shape = kept.map((axis) => node.shape[axis]!);
  const moved = (index: Integer) => renumberLookups(index, (operand) => terms.lookups.length + operand);
  const replacement = terms.extents.map((_, k) => {
    const position = place.at.get(k);
    if (k < rank && position) return moved(position);
    return iterators(k < rank ? kept.indexOf(k) : kept.length + k - rank);
  });
  const there = (index: Integer) => index.withIterators(replacement);
  return combineLike(node, {
    extents: [...shape, ...terms.extents.slice(rank)],
    output: axes(shape.length),
    shape,
    factors: terms.factors.map(({ of, index }) => ({ of, index: index.map(there) })),
    guards: terms.guards.map(({ index, extent }) => ({ index: there(index), extent })),
    lookups: [...terms.lookups, ...place.lookups],
  });
}
