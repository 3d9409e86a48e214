import { iterators } from "../../ir/contraction.ts";
import type { Expr } from "../../ir/graph.ts";
import type { Integer } from "../../ir/integer.ts";
import { axes, type Read, termsOf } from "../../ops/arrays/contractions.ts";

/**
 * Whether an element of the result uses no other of the positions read than its own, along the last axes: then an array of
 * conditions says which of them count. A sum of what is at them uses all, and so may an operation.
 */
export function isBeside(result: Expr, { of, index }: Read, rank: number): boolean {
  // by node, whether its elements are those of the result; operands come before users
  const own = new Map([[result.id, true]]);
  for (let id = result.id; id > of.id; id--) {
    let isOwn = own.get(id);
    if (isOwn === undefined) continue;
    const node = result.graph.expr(id);
    const reach = (operand: Expr, isRead: boolean) => {
      own.set(operand.id, isRead && isOwn! && own.get(operand.id) !== false);
    };
    if (node.kind !== "contraction" && node.kind !== "reduce") {
      const isMap = node.kind === "map";
      if (!isMap && node.operands.includes(of)) return false;
      for (const operand of node.operands) reach(operand, isMap);
      continue;
    }
    const { factors, output, guards, lookups } = termsOf(node);
    isOwn &&= output.every((each, axis) => each.equals(iterators(axis)));
    const last = axes(output.length).slice(-rank);
    const isAt = (read: readonly Integer[], place: readonly Integer[] = axes(rank)) =>
      isOwn! && place.every((each, k) => read.at(k - place.length)?.equals(each.withIterators(last)));
    for (const factor of factors) reach(factor.of, isAt(factor.index));
    const all = [...factors.flatMap((factor) => factor.index), ...guards.map((guard) => guard.index), ...output];
    for (const atom of all.flatMap((each) => each.atoms()))
      if (atom.kind === "lookup" && lookups[atom.operand] === of && !isAt(atom.index, index)) return false;
  }
  return true;
}
