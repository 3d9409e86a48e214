import type { Expr, Graph } from "../../../ir/graph.ts";
import { Integer } from "../../../ir/integer.ts";
import { reachableIds } from "../../../ir/walks/traverse.ts";
import { axes, sum, view } from "../../../ops/arrays/contractions.ts";
import { add, neg, sub } from "../../../ops/elementary/algebra.ts";
import { type Families, type Family, familiesOf, firstOf, fixedIn } from "./families.ts";
import { divide, type LongSum, mayHoldLongSum, surveyed } from "./long-sums.ts";
import { spread } from "./spread.ts";
import { Structures } from "./structure.ts";

/** So often sums within sums are looked for. */
const mostRounds = 8;

/** Receives a long sum and what takes its place. */
type Note = (sum: Expr, replacement: Expr) => void;

/**
 * The roots with long sums of terms that are alike as sums over one axis: what was written term by term, springs of a layout or
 * the rows of data, becomes a loop over tables. Terms are alike when they differ in constants, in constant positions in
 * tensors, and in values that are alike themselves. Equal as real numbers: terms may be added in another order.
 */
export function rolled(roots: readonly Expr[], note?: Note): Expr[] {
  let current = [...roots];
  const graph = roots[0]?.graph;
  /** Sums that stay as they are. */
  const left = new Set<number>();
  for (let round = 0; graph && round < mostRounds; round++) {
    const ends = current.map(({ id }) => id);
    const ids = reachableIds(graph, ends);
    const survey = surveyed(graph, ends, ids);
    if (!mayHoldLongSum(survey)) break;
    const structures = new Structures(graph, ids);
    const division = divide(graph, survey, ids, left, structures);
    if (!division) break;
    const families = familiesOf(ids, division, structures);
    for (const { root } of division.sums) if (!families.sums.has(root)) left.add(root);
    if (families.sums.size > 0) current = rebuilt(graph, current, ids, division.sums, families, note);
  }
  return current;
}

/** Which nodes are needed as they are, and not as members of families alone, by id. */
function neededAlone(
  graph: Graph,
  roots: readonly Expr[],
  ids: readonly number[],
  sumAt: ReadonlyMap<number, LongSum>,
  { places, shared, sums }: Families,
): Uint8Array {
  const isNeeded = new Uint8Array(graph.length);
  const need = (all: readonly number[]) => {
    for (const id of all) isNeeded[id] = 1;
  };
  need(roots.map(({ id }) => id));
  let last = shared.length;
  for (let at = ids.length - 1; at >= 0; at--) {
    const id = ids[at]!;
    while (last > 0 && firstOf(shared[last - 1]!) === id) need(fixedIn(shared[--last]!));
    if (!isNeeded[id] || places.has(id)) continue;
    const changed = sums.get(id);
    if (!changed) need(graph.operandIds(id));
    else {
      for (const { family } of changed.families) need(fixedIn(family));
      need(changed.rest.map((k) => sumAt.get(id)!.terms[k]!));
    }
  }
  return isNeeded;
}

/** The roots with families in the place of terms. */
function rebuilt(
  graph: Graph,
  roots: readonly Expr[],
  ids: readonly number[],
  sums: readonly LongSum[],
  families: Families,
  note: Note | undefined,
): Expr[] {
  const { places, shared } = families;
  const sumAt = new Map(sums.map((each) => [each.root, each]));
  const isNeeded = neededAlone(graph, roots, ids, sumAt, families);
  /** One more than the id of what takes a node's place. */
  const forms = new Int32Array(graph.length);
  const formOf = (id: number): Expr => graph.expr(forms[id]! > 0 ? forms[id]! - 1 : id);
  const wholes = new Map<Family, Expr>();
  const whole = (members: readonly number[]) => ({
    of: wholes.get(places.get(members[0]!)!.family)!,
    at: members.map((id) => places.get(id)!.at),
  });
  const all = (family: Family) => spread(graph, family.structure, family.entries, { fixed: formOf, whole });
  let first = 0;
  for (const id of ids) {
    for (let next = shared[first]; next && firstOf(next) === id; next = shared[++first]) wholes.set(next, all(next));
    if (!isNeeded[id]) continue;
    const place = places.get(id);
    const changed = families.sums.get(id);
    if (place) {
      const of = wholes.get(place.family)!;
      forms[id] = view(of, of.shape.slice(1), [Integer.constant(place.at), ...axes(of.shape.length - 1)]).id + 1;
    } else if (changed) {
      const { terms, isNegative } = sumAt.get(id)!;
      const added = [
        ...changed.rest.map((k) => ({ term: formOf(terms[k]!), isTaken: isNegative[k]! })),
        ...changed.families.map(({ family, isNegative: isTaken }) => ({ term: sum(all(family), [0]), isTaken })),
      ];
      const total = graph.withOrigin(graph.originOf(id), () => totalOf(added));
      note?.(graph.expr(id), total);
      forms[id] = total.id + 1;
    } else {
      const operands = graph.operandIds(id);
      if (operands.every((operand) => forms[operand] === 0)) continue;
      forms[id] =
        graph.withOperandIds(
          id,
          operands.map((operand) => formOf(operand).id),
        ) + 1;
    }
  }
  return roots.map(({ id }) => formOf(id));
}

function totalOf(added: readonly { readonly term: Expr; readonly isTaken: boolean }[]): Expr {
  const [first, ...others] = added;
  let total = first!.isTaken ? neg(first!.term) : first!.term;
  for (const { term, isTaken } of others) total = isTaken ? sub(total, term) : add(total, term);
  return total;
}
