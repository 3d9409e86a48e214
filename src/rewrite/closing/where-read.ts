import type { Expr, Graph } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import { idsUnder } from "../../ir/walks/traverse.ts";
import { type Read, termsOf } from "../../ops/arrays/contractions.ts";
import { compareCost, elementCount, type SizeHints } from "../cost.ts";
import { type KnownPlace, placeOf, readThere, valueAt } from "../forms/contractions/places.ts";
import { combineLike, rangeOf } from "../forms/contractions/terms.ts";

/** Of nodes that are read in several ways, or as wholes. */
const everywhere = Symbol("everywhere");

/**
 * The roots with functions of arrays computed where they are read, if that is at one place with fewer iterators than they have axes:
 * `f(x[src[j]], x[i])` of what falls from j to i = dst[j] has a value for each j, and none for other pairs. Whether all users read
 * there is no question for a rule; once no derivative follows.
 */
export function computedWhereRead(
  roots: readonly Expr[],
  hints: SizeHints,
  note?: (node: Expr, moved: Expr) => void,
): Expr[] {
  const graph = roots[0]?.graph;
  if (!graph) return [];
  const ids = idsUnder(roots);
  const places = placesOf(graph, ids, roots, (node, { extents }) => {
    const isFewer = extents.length < node.shape.length;
    return isFewer && compareCost(Integer.product(extents), elementCount(node), hints) < 0;
  });
  if (places.size === 0) return [...roots];
  const forms = new Map<number, Expr>();
  const formOf = (id: number) => forms.get(id) ?? graph.expr(id);
  for (const id of ids) {
    const operands = graph.operandIds(id);
    const place = places.get(id);
    if (!place && !operands.some((operand) => forms.has(operand))) continue;
    const node = graph.expr(id);
    const form = graph.withOrigin(graph.originOf(id), () => {
      if (!place) {
        const isReader = operands.some((operand) => places.has(operand));
        return isReader ? overMoved(node, places, formOf) : graph.withOperands(id, operands.map(formOf));
      }
      const moved = operands.map((operand) =>
        places.has(operand) ? formOf(operand) : valueAt(formOf(operand), place),
      );
      return graph.map(graph.primitiveOf(id), moved);
    });
    if (place) note?.(node, form);
    forms.set(id, form);
  }
  return roots.map(({ id }) => formOf(id));
}

/** The place of each map that is read at one alone, where it `pays`. Users come first, so that operands follow them. */
function placesOf(
  graph: Graph,
  ids: readonly number[],
  roots: readonly Expr[],
  pays: (node: Expr, place: KnownPlace) => boolean,
): ReadonlyMap<number, KnownPlace> {
  const read = new Map<number, KnownPlace | typeof everywhere>();
  const isMap = (id: number) => graph.kindOf(id) === "map";
  const join = (id: number, place: KnownPlace | typeof everywhere) => {
    if (!isMap(id)) return;
    const known = read.get(id);
    if (!known) read.set(id, place);
    else if (known === everywhere || place === everywhere || known.key !== place.key) read.set(id, everywhere);
  };
  for (const { id } of roots) join(id, everywhere);
  const places = new Map<number, KnownPlace>();
  for (let at = ids.length - 1; at >= 0; at--) {
    const id = ids[at]!;
    const kind = graph.kindOf(id);
    const own = read.get(id);
    const place = own && own !== everywhere && pays(graph.expr(id), own) ? own : undefined;
    if (place) places.set(id, place);
    if (kind !== "contraction" && kind !== "reduce") {
      for (const operand of graph.operandIds(id)) join(operand, place ?? everywhere);
      continue;
    }
    const terms = termsOf(graph.expr(id));
    for (const lookup of terms.lookups) if (terms.factors.every(({ of }) => of !== lookup)) join(lookup.id, everywhere);
    for (const read of terms.factors) if (isMap(read.of.id)) join(read.of.id, placeOf(terms, read) ?? everywhere);
  }
  return places;
}

/** A sum over what is computed where it reads: a term is absent where that lay outside. */
function overMoved(node: Expr, places: ReadonlyMap<number, KnownPlace>, formOf: (operand: number) => Expr): Expr {
  const terms = termsOf(node);
  const guards = [...terms.guards];
  const factors = terms.factors.map((read): Read => {
    const of = formOf(read.of.id);
    if (!places.has(read.of.id)) return { of, index: read.index };
    guards.push(...rangeOf(read));
    return readThere(of, read);
  });
  return combineLike(node, { ...terms, factors, guards, lookups: terms.lookups.map(({ id }) => formOf(id)) });
}
