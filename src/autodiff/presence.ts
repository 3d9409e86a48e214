import { alwaysHolds, areAxes, type Guard, iterators, neverHolds, renumberLookups } from "../ir/contraction.ts";
import type { Expr } from "../ir/graph.ts";
import type { Integer } from "../ir/integer.ts";
import { add, div, mul, sub } from "../ops/algebra.ts";
import { toReal } from "../ops/cast.ts";
import { equal } from "../ops/comparison.ts";
import { presenceOf as guardedBy } from "../ops/composites.ts";
import { type Terms, termsOf, view } from "../ops/contractions.ts";
import { isMap, isOneOf } from "../ops/maps.ts";
import { conjunctsOf, type GuardedRead, maskWithin, overFirst, throughViews } from "./masks.ts";
import { isNothing, mayBeAbsent } from "./poles.ts";
import { anyOf, anywhere, boundsOf, everyOf, mostWays, nowhere, type Way, type Ways } from "./ways.ts";

// Where a value is 0 because nothing is there: outside what a view reads, and in sums without terms. What is infinite there, as the slope of
// a root at 0 is, must not meet it.

/** The ways for a node not to be 0. */
export const waysOf = (node: Expr): Ways => find(node, new Map());

/** So many nodes are looked into. */
const mostNodes = 64;

function find(node: Expr, known: Map<Expr, Ways>): Ways {
  const ways = known.get(node);
  if (ways) return ways;
  if (known.size > mostNodes || !mayBeAbsent(node.graph, node.id)) return anywhere;
  known.set(node, anywhere);
  const found = ofNode(node, (operand) => find(operand, known));
  known.set(node, found);
  return found;
}

function ofNode(node: Expr, inside: (operand: Expr) => Ways): Ways {
  if (node.dtype === "bool") return anywhere;
  if (isNothing(node.graph, node.id)) return nowhere;
  if (isOneOf(node, add, sub)) return anyOf(node.operands.map(inside));
  if (isMap(node, mul)) return everyOf(node.operands.map(inside));
  if (isMap(node, div) || isMap(node, toReal)) return inside(node.operands[0]!);
  const own = maskWithin(node);
  const masks = own ? [new Set(conjunctsOf(own.condition))] : anywhere;
  if (node.kind === "contraction") return everyOf([masks, ofTerms(node, inside)]);
  if (own) return own.value === node ? masks : everyOf([masks, inside(own.value)]);
  return keepsZero(node) ? inside(node.operands[0]!) : anywhere;
}

/** A function of one operand that is 0 where that is. */
function keepsZero(node: Expr): boolean {
  if (node.kind !== "map" || node.operands.length !== 1) return false;
  return node.graph.primitiveOf(node.id).real(0) === 0;
}

/** The ways for a sum to have a term, as far as indices and conditions on its factors tell. */
function ofTerms(node: Expr, inside: (operand: Expr) => Ways): Ways {
  const terms = termsOf(node);
  if (!areAxes(terms.output)) return anywhere;
  const range = terms.factors.flatMap(({ of, index }) =>
    index.map((each, axis) => ({ index: each, extent: of.shape[axis]! })),
  );
  let ways: readonly (readonly GuardedRead[])[] = [[]];
  for (const { of, index } of terms.factors) {
    const found = inside(of);
    if (found.length * ways.length > mostWays) continue;
    const read = found.map((way) => [...way].map((condition) => throughViews(condition, index)));
    ways = ways.flatMap((way) => read.map((more) => [...way, ...more]));
  }
  const all = { ...terms, guards: [...terms.guards, ...range] };
  return anyOf([ways.flatMap((conditions) => presentUnder(conditions, all, node) ?? [])]);
}

/** Where a sum has a term under conditions on its factors; undefined for nowhere. */
function presentUnder(conditions: readonly GuardedRead[], terms: Required<Terms>, { graph }: Expr): Way | undefined {
  const { extents, shape } = terms;
  const lookups = [...terms.lookups];
  const guards = [...terms.guards];
  const further: Expr[] = [];
  for (const read of conditions) {
    const own = guardsAt(read.of, read.index, lookups);
    if (own) guards.push(...read.guards, ...own);
    else further.push(...overFirst(shape, read));
  }
  const over = extents.length > shape.length ? guardsOver(shape.length, guards, extents) : guards;
  const open = over.filter((guard) => !isLookup(guard) && !alwaysHolds(guard, extents));
  if (open.some(neverHolds)) return undefined;
  return new Set(open.length > 0 ? [equal(view(graph.constant(1), shape, [], open, lookups), 1), ...further] : further);
}

/** The place that data say: it is checked, where they are given, that something is there. */
const isLookup = ({ index }: Guard) => index.terms.length === 1 && index.atoms()[0]?.kind === "lookup";

/** The guards of a condition that is made of guards alone, read at `index`; what they look up joins `lookups`. */
export function guardsAt(condition: Expr, index: readonly Integer[], lookups: Expr[]): Guard[] | undefined {
  const terms = guardedBy(condition);
  if (!terms) return undefined;
  const first = lookups.length;
  lookups.push(...terms.lookups);
  const there = (inner: Integer) => renumberLookups(inner, (operand) => first + operand).withIterators(index);
  return terms.guards.map((guard) => ({ index: there(guard.index), extent: guard.extent }));
}

/** So many pairs of bounds are compared. */
const mostPairs = 64;

/** What guards ask of the first iterators that there are others with which all hold: each lower bound is below each upper one. */
function guardsOver(count: number, guards: readonly Guard[], extents: readonly Integer[]): Guard[] {
  const once = (all: readonly Integer[]) => [...new Map(all.map((bound) => [bound.key, bound])).values()];
  let left = guards.flatMap(boundsOf);
  for (let iterator = count; iterator < extents.length; iterator++) {
    left = once([...left, ...boundsOf({ index: iterators(iterator), extent: extents[iterator]! })]);
    const withSlope = (slope: number) => left.filter((bound) => bound.coefficientOf(iterator)?.value === slope);
    const [lower, upper, free] = [withSlope(1), withSlope(-1), withSlope(0)];
    const isShort = lower.length * upper.length <= mostPairs;
    left = [...free, ...(isShort ? lower.flatMap((low) => upper.map((high) => low.plus(high))) : [])];
  }
  return once(left)
    .filter((bound) => bound.iterators().length > 0 || neverHolds({ index: bound, extent: undefined }))
    .map((index) => ({ index, extent: undefined }));
}
