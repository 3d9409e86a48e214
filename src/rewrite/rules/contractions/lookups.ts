import type { Expr } from "../../../ir/graph.ts";
import { Integer } from "../../../ir/integer.ts";
import { partsOf } from "../../../ops/arrays/arrays.ts";
import { axes, termsOf, view } from "../../../ops/arrays/contractions.ts";
import { add } from "../../../ops/elementary/algebra.ts";
import { equal, select } from "../../../ops/elementary/comparison.ts";
import { compareCost, elementCount } from "../../cost.ts";
import { combineLike, rangeOf, withFactor } from "../../forms/contractions/terms.ts";
import { type Rules, structural } from "../../rule.ts";

/** Of more arrays an element is looked up, not chosen. */
const mostParts = 4;
/** Functions that are alike to a greater depth are rare. */
const mostNodes = 64;

/** What data look up in a list of arrays is computed for the one that they name. */
export const lookupRules: Rules = {
  stable: [
    structural(
      "lookup in a list as a choice",
      { roots: ["view", "sum", "reduce"], operands: [add, "int"] },
      (node, { hints, isShared }) => {
        const terms = termsOf(node);
        const { extents, lookups } = terms;
        for (const [position, read] of terms.factors.entries()) {
          const { of, index } = read;
          const axis = index.findIndex((each) => lookupIn(each) !== undefined);
          const place = lookupIn(index[axis]);
          const parts = place && !isShared(of.id) ? partsOf(of, axis) : undefined;
          if (!parts || parts.length > mostParts) continue;
          if (compareCost(Integer.product(extents), elementCount(parts[0]!), hints) > 0) continue;
          const others = index.filter((_, k) => k !== axis);
          const named = view(lookups[place!.operand]!, extents, place!.index, [], lookups);
          const one = chosen(parts, (part) => view(part, extents, others, [], lookups), named);
          const { factors } = withFactor(terms, position, { of: one, index: axes(extents.length) });
          return combineLike(node, { ...terms, factors, guards: [...terms.guards, ...rangeOf(read)] });
        }
        return undefined;
      },
    ),
  ],
};

/** The lookup that an index is. */
function lookupIn(index: Integer | undefined) {
  const atom = index?.atoms().find(({ kind }) => kind === "lookup");
  return atom?.kind === "lookup" && Integer.ofAtom(atom).equals(index!) ? atom : undefined;
}

/** The part that is named; of parts f(x_1, y_1), f(x_2, y_2), ... that is f of the named x and y. */
function chosen(parts: readonly Expr[], read: (part: Expr) => Expr, named: Expr): Expr {
  const { graph } = named;
  const made = new Map<string, Expr>();
  const choice = (tuple: readonly Expr[]) =>
    tuple.map(read).reduceRight((rest, x, k) => (x === rest ? rest : select(equal(named, k), x, rest)));
  const pending = [parts];
  while (pending.length > 0) {
    const tuple = pending.at(-1)!;
    const inner = alike(tuple);
    const open = inner?.filter((operands) => !made.has(keyOf(operands))) ?? [];
    if (open.length > 0) {
      pending.push(...open);
      if (pending.length + made.size > mostNodes) return choice(parts);
      continue;
    }
    pending.pop();
    const operands = inner?.map((each) => made.get(keyOf(each))!);
    made.set(keyOf(tuple), operands ? graph.map(graph.primitiveOf(tuple[0]!.id), operands) : choice(tuple));
  }
  return made.get(keyOf(parts))!;
}

const keyOf = (tuple: readonly Expr[]) => tuple.map(({ id }) => id).join();

/** The operands, place by place, of different results of one primitive. */
function alike(tuple: readonly Expr[]): Expr[][] | undefined {
  const [first] = tuple as [Expr];
  if (first.kind !== "map" || tuple.every((x) => x === first)) return undefined;
  const { graph, operands } = first;
  const primitive = graph.primitiveOf(first.id);
  const isOne = (x: Expr) =>
    x.kind === "map" && graph.primitiveOf(x.id) === primitive && x.operands.length === operands.length;
  return tuple.every(isOne) ? operands.map((_, at) => tuple.map((x) => x.operands[at]!)) : undefined;
}
