import { areAxes, guardKey, isGather, iterators, renumberLookups } from "../../../ir/contraction.ts";
import type { Expr } from "../../../ir/graph.ts";
import type { Integer } from "../../../ir/integer.ts";
import { axes, type Read, termsOf, view } from "../../../ops/arrays/contractions.ts";
import { isView } from "../nodes.ts";
import { isSplat, reshaped } from "./splat.ts";
import { combineLike, inline, rangeOf, type Terms } from "./terms.ts";

/** Where a sum reads a node: at one index for each of its axes, over iterators of their own. */
export interface Place {
  readonly extents: readonly Integer[];
  readonly index: readonly Integer[];
  readonly lookups: readonly Expr[];
}

/** A place that can be compared with others. */
export interface KnownPlace extends Place {
  readonly key: string;
}

/** Where a sum reads: its iterators as far as they matter, in order. Undefined of whole reads, and where what is looked up in is computed. */
export function placeOf({ extents, lookups }: Terms, { index }: Read): KnownPlace | undefined {
  if (areAxes(index)) return undefined;
  const used = iteratorsOf(index);
  const replacement: Integer[] = [];
  for (const [k, iterator] of used.entries()) replacement[iterator] = iterators(k);
  const own = index.map((each) => each.withIterators(replacement));
  let isGiven = true;
  const named = own.map((each) =>
    renumberLookups(each, (operand) => {
      const { kind, id } = lookups[operand]!;
      if (kind !== "leaf" && kind !== "tensor") isGiven = false;
      return id;
    }),
  );
  if (!isGiven) return undefined;
  const domain = used.map((iterator) => extents[iterator]!);
  return { key: [...domain, ...named].map((each) => each.key).join(), extents: domain, index: own, lookups };
}

/** The read at a place as one of what is computed there. */
export const readThere = (of: Expr, { index }: Read): Read => ({ of, index: iteratorsOf(index).map(iterators) });

const iteratorsOf = (index: readonly Integer[]) =>
  [...new Set(index.flatMap((each) => each.iterators()))].sort((a, b) => a - b);

/** A node at a place, views read through. Outside of the node it may be anything: sums leave these terms out. */
export function valueAt(node: Expr, { extents, index, lookups }: Place): Expr {
  if (isSplat(node)) return reshaped(node, extents);
  const read = view(node, extents, index, [], lookups);
  if (!isView(read) || !isView(node)) return read;
  const terms = termsOf(read);
  const outside = new Set(terms.factors.flatMap(rangeOf).map(guardKey));
  const { factors, guards, lookups: own } = inline(terms, 0);
  const [{ of, index: there }] = factors as [Read];
  const inside = guards.filter((guard) => !outside.has(guardKey(guard)));
  return view(of, extents, there, inside, own);
}

/** Larger trees of functions stay where they are. */
const mostMaps = 64;

/**
 * A tree of functions computed at a place, down to what is no function, which `leafAt` gives; undefined of a large one.
 */
export function computedAt(node: Expr, place: Place, leafAt = valueAt): Expr | undefined {
  const { graph } = node;
  const maps = new Set([node.id].filter((id) => graph.kindOf(id) === "map"));
  for (const id of maps) {
    if (maps.size > mostMaps) return undefined;
    for (const operand of graph.operandIds(id)) if (graph.kindOf(operand) === "map") maps.add(operand);
  }
  const forms = new Map<number, Expr>();
  const formOf = (id: number) => forms.get(id) ?? leafAt(graph.expr(id), place);
  for (const id of [...maps].sort((a, b) => a - b)) {
    const form = graph.withOrigin(graph.originOf(id), () => {
      return graph.map(graph.primitiveOf(id), graph.operandIds(id).map(formOf));
    });
    forms.set(id, form);
  }
  return formOf(node.id);
}

/** A sum at a place that is inside, with the sum there alone; other nodes as they are read. */
export function summedAt(node: Expr, place: Place): Expr {
  const { kind, graph, id } = node;
  const isSum = (kind === "contraction" || kind === "reduce") && isGather(graph.contractionOf(id));
  if (!isSum) return valueAt(node, place);
  const terms: Terms = termsOf(node);
  const rank = node.shape.length;
  const moved = place.index.map((index) => renumberLookups(index, (operand) => terms.lookups.length + operand));
  const replacement = terms.extents.map((_, k) => moved[k] ?? iterators(place.extents.length + k - rank));
  const there = (index: Integer) => index.withIterators(replacement);
  return combineLike(node, {
    extents: [...place.extents, ...terms.extents.slice(rank)],
    output: axes(place.extents.length),
    shape: place.extents,
    factors: terms.factors.map(({ of, index }) => ({ of, index: index.map(there) })),
    guards: terms.guards.map(({ index, extent }) => ({ index: there(index), extent })),
    lookups: [...terms.lookups, ...place.lookups],
  });
}
