import type { Expr } from "../../../ir/graph.ts";
import { isTotal } from "../../facts/facts.ts";
import { isNarrow, isSplat, reshaped } from "../../forms/contractions/splat.ts";
import { type Viewed, viewed } from "../../forms/contractions/views.ts";
import { type Rules, structural } from "../../rule.ts";

/** Functions of more nodes are left outside of what repeats them. */
const mostNodes = 16;

/** A repeated function of numbers that are given, as the function of these repeated: what stands beside it may be of the same. */
export const repeatedRules: Rules = {
  stable: [
    structural("function of what is repeated", { roots: ["contraction"], phase: "early" }, (node) => {
      if (!isNarrow(node)) return undefined;
      const read = viewed(node);
      return read?.of.kind === "map" && isTotal(node.graph, node.id) && isOfLeaves(read.of)
        ? inside(read, node)
        : undefined;
    }),
  ],
};

/** True of a small tree of maps over leaves. */
function isOfLeaves(node: Expr): boolean {
  const pending = [node];
  for (let count = 0; pending.length > 0; count++) {
    const next = pending.pop()!;
    if (next.kind === "map" && count < mostNodes) pending.push(...next.operands);
    else if (next.kind !== "leaf" && !isSplat(next)) return false;
  }
  return true;
}

/** f(x) repeated, as f of x repeated. */
function inside({ of, again }: Viewed, node: Expr): Expr {
  const repeated = of.operands.map((part) => {
    if (isSplat(part)) return reshaped(part, node.shape);
    return part.kind === "map" ? inside({ of: part, again }, node) : again(part);
  });
  return of.graph.map(of.graph.primitiveOf(of.id), repeated);
}
