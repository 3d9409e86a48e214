import { alwaysHolds, type Guard, iterators, mayHoldLookup, renumberLookups } from "../../ir/contraction.ts";
import type { Expr, Graph } from "../../ir/graph.ts";
import type { Integer } from "../../ir/integer.ts";
import { idsUnder, rebuild } from "../../ir/walks/traverse.ts";
import { presenceOf } from "../../ops/arrays/composites.ts";
import { type Terms, termsOf, view } from "../../ops/arrays/contractions.ts";
import { div, reciprocal } from "../../ops/elementary/algebra.ts";
import { select } from "../../ops/elementary/comparison.ts";
import { isMap, primitivesOf } from "../../ops/maps.ts";
import { cheap, elementCount, expensive, isMetAgain, type SizeHints } from "../cost.ts";
import { isSplat, reshaped } from "../forms/contractions/splat.ts";
import { rangeOf } from "../forms/contractions/terms.ts";

/** What is known of a model's lookups. */
export interface Lookups {
  /** Int leaves whose elements have been checked to be at least 0 and below a size. */
  readonly checked: ReadonlyMap<Expr, Integer>;
  /** The leaves that the model as it is written has functions of, as wholes: see `tablesOf`. */
  readonly tables: () => ReadonlySet<number>;
}

const quotients = primitivesOf(div, reciprocal);

/** A node that follows from elements looked up at one place. */
interface Looked {
  readonly place: string;
  /** The read of the place that was met first. */
  readonly read: Expr;
  /** Operations for an element. */
  readonly cost: number;
  /** True where functions of whole arrays among these are nothing new. */
  readonly isTable: boolean;
}

/**
 * The leaves whose functions the roots take of whole arrays, by their ids: `sigmoid(c)[item[i]]` has a table of sigmoids, and
 * `sigmoid(c[item[i]])` has none.
 */
export function tablesOf(roots: readonly Expr[]): Set<number> {
  const tables = new Set<number>();
  const graph = roots[0]?.graph;
  if (!graph) return tables;
  const ids = idsUnder(roots);
  const isDear = new Uint8Array((ids.at(-1) ?? 0) + 1);
  for (let at = ids.length - 1; at >= 0; at--) {
    const id = ids[at]!;
    const kind = graph.kindOf(id);
    if (kind === "leaf" && isDear[id] === 1) tables.add(id);
    if (kind !== "map" || graph.shapeOf(id).length === 0) continue;
    if (isDear[id] === 0 && graph.primitiveOf(id).cost < expensive) continue;
    for (const operand of graph.operandIds(id)) isDear[operand] = 1;
  }
  return tables;
}

/**
 * The roots with `f(x[item[i]])` as the elements `item[i]` of f(x), where x has fewer elements than are looked up, and functions of
 * all x are nothing new: rules look through lookups to the functions behind, and take apart what is computed once for each group. Once
 * no derivative follows, for what is never looked up may have none.
 */
export function computedInTables(
  roots: readonly Expr[],
  lookups: Lookups,
  hints: SizeHints,
  note?: (node: Expr, moved: Expr) => void,
): Expr[] {
  const graph = roots[0]?.graph;
  if (!graph) return [];
  const ids = idsUnder(roots);
  const looked = new Map<number, Looked>();
  for (let at = 0; at < ids.length; at++) {
    const id = ids[at]!;
    const kind = graph.kindOf(id);
    const isLookup = kind === "contraction" && graph.operandCount(id) > 1 && graph.isView(id);
    if (!isLookup && (kind !== "map" || looked.size === 0)) continue;
    const node = graph.expr(id);
    const found = isLookup ? placeOf(node, lookups, hints) : functionOf(node, looked, lookups);
    if (found) looked.set(id, found);
  }
  const wanted = outermost(graph, ids, roots, looked);
  if (wanted.size === 0) return [...roots];
  const wholes = new Map<number, Expr>();
  return rebuild(roots, (node, original) => {
    const found = looked.get(original.id);
    if (!found) return undefined;
    const whole = wholeOf(node, original, wholes);
    wholes.set(original.id, whole);
    if (!wanted.has(original.id)) return undefined;
    const { factors, lookups } = termsOf(found.read);
    const moved = view(whole, node.shape, factors[0]!.index, [], lookups);
    note?.(node, moved);
    return moved;
  });
}

/** The same function of all that its elements are looked up among; `wholes` has those of its operands. */
function wholeOf(node: Expr, original: Expr, wholes: ReadonlyMap<number, Expr>): Expr {
  if (node.kind !== "map") return termsOf(node).factors[0]!.of;
  const { graph, id, operands } = original;
  const parts = operands.map((operand) => wholes.get(operand.id));
  if (isMap(original, select) && presenceOf(operands[0]!)) return parts[1]!;
  const { shape } = parts.find((part) => part !== undefined)!;
  const made = operands.map((operand, k) => parts[k] ?? reshaped(operand, shape));
  return graph.withOrigin(graph.originOf(id), () => graph.map(graph.primitiveOf(id), made));
}

/** A read of elements that are looked up, none of which is absent, in an array with fewer elements. */
function placeOf(node: Expr, { checked, tables }: Lookups, hints: SizeHints): Looked | undefined {
  const terms = termsOf(node);
  const [factor] = terms.factors as [(typeof terms.factors)[0]];
  const { of, index } = factor;
  if (!index.some(mayHoldLookup) || !isMetAgain(of, elementCount(node), hints)) return undefined;
  if (!holdAlways([...terms.guards, ...rangeOf(factor)], terms, checked)) return undefined;
  const named = index.map((each) => renumberLookups(each, (operand) => terms.lookups[operand]!.id));
  return {
    place: [of.shape, node.shape, named].map((list) => list.map(({ key }) => key).join()).join(" "),
    read: node,
    cost: 0,
    isTable: isKept(of, tables),
  };
}

/** Functions of more parts are not searched. */
const mostParts = 32;

/** True of an array that is computed as a whole anyway, in part at least, or of which functions are. */
function isKept(array: Expr, tables: Lookups["tables"]): boolean {
  const parts = new Set([array]);
  for (const part of parts) {
    const { kind, graph, id } = part;
    if (part.isScalar || graph.isView(id)) continue;
    if (kind === "contraction" || kind === "reduce" || kind === "operation") return true;
    if (kind === "leaf" && tables().has(id)) return true;
    if (kind !== "map" || parts.size > mostParts) continue;
    if (graph.primitiveOf(id).cost >= expensive) return true;
    for (const operand of part.operands) parts.add(operand);
  }
  return false;
}

/** A function of what is looked up at one place. */
function functionOf(node: Expr, looked: ReadonlyMap<number, Looked>, { checked }: Lookups): Looked | undefined {
  const { graph, id, operands } = node;
  const parts = operands.map((operand) => looked.get(operand.id));
  const presence = isMap(node, select) && parts[1] ? presenceOf(operands[0]!) : undefined;
  if (presence && holdAlways(presence.guards, presence, checked)) return parts[1];
  const first = parts.find((part) => part !== undefined);
  if (!first) return undefined;
  if (operands.some((operand, k) => (parts[k] ? parts[k].place !== first.place : !isSplat(operand)))) return undefined;
  const primitive = graph.primitiveOf(id);
  return {
    ...first,
    cost: parts.reduce((sum, part) => sum + (part?.cost ?? 0), quotients.has(primitive) ? cheap + 1 : primitive.cost),
    isTable: parts.some((part) => part?.isTable),
  };
}

/** True where no guard can fail, for elements that have been checked to be in their range. */
function holdAlways(guards: readonly Guard[], terms: Terms, checked: Lookups["checked"]): boolean {
  const { lookups = [] } = terms;
  const extents = [...terms.extents];
  const numbers = new Map<string, Integer>();
  const isKnown = guards.every(({ index }) =>
    index.atoms().every((atom) => {
      if (atom.kind !== "lookup" || numbers.has(atom.key)) return true;
      const leaf = lookups[atom.operand]!;
      const below = checked.get(leaf);
      const isThere = atom.index.every((at, axis) => alwaysHolds({ index: at, extent: leaf.shape[axis]! }, extents));
      if (!below || !isThere) return false;
      numbers.set(atom.key, iterators(extents.length));
      extents.push(below);
      return true;
    }),
  );
  const numbered = (index: Integer) => index.substitute((atom) => numbers.get(atom.key));
  return isKnown && guards.every(({ index, extent }) => alwaysHolds({ index: numbered(index), extent }, extents));
}

/** Functions whose values no other function of the same place takes up. */
function outermost(
  graph: Graph,
  ids: readonly number[],
  roots: readonly Expr[],
  looked: ReadonlyMap<number, Looked>,
): Set<number> {
  const wanted = new Set<number>();
  if (looked.size === 0) return wanted;
  const isRead = new Set(roots.map(({ id }) => id));
  for (let at = ids.length - 1; at >= 0; at--) {
    const id = ids[at]!;
    const own = looked.get(id);
    const isMoved = own?.isTable === true && own.cost > cheap;
    if (!isMoved) for (const operand of graph.operandIds(id)) isRead.add(operand);
    else if (isRead.has(id)) wanted.add(id);
  }
  return wanted;
}
