import type { Expr } from "../ir/graph.ts";
import { select } from "./elementary/comparison.ts";
import { isMap } from "./maps.ts";

/** A condition, whether it is met on the side that counts, that side, and the other. */
export type Choice = readonly [condition: Expr, isMet: boolean, side: Expr, other: Expr];

/** A choice of which one side is the number, and the other counts. */
export function choiceOr(node: Expr, empty: number): Choice | undefined {
  if (!isMap(node, select)) return undefined;
  const [condition, yes, no] = node.operands as [Expr, Expr, Expr];
  const isEmpty = ({ constant }: Expr) => Object.is(constant, empty);
  if (isEmpty(no)) return [condition, true, yes, no];
  return isEmpty(yes) ? [condition, false, no, yes] : undefined;
}
