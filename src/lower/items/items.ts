import type { Expr, Shape } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import { combinationItem, underMask } from "./combination.ts";
import { definition, makeItem } from "./drafts.ts";
import type { Item, ItemTable } from "./item.ts";
import { inOrder } from "./loop-order.ts";
import type { Plan } from "./plan.ts";
import { accumulatedItems, isSpelledOut } from "./scattered.ts";

/** The items that compute one stored node; `known` holds those of its operands. */
export function itemsOf(node: Expr, plan: Plan, known: ItemTable): Item[] {
  if (node.kind === "operation") return [callItem(node, plan)];
  if (node.kind === "contraction" || node.kind === "reduce") {
    if (!node.graph.isView(node.id)) return [underMask(inOrder(combinationItem(node, plan), plan, known), plan)];
  }
  const terms = plan.scatteredTerms(node);
  if (!terms) return [definition(node, plan)];
  return isSpelledOut(node, terms, plan)
    ? [{ ...definition(node, plan, true), isSpelledOut: true }]
    : accumulatedItems(node, terms, plan, known);
}

/** A call reads its operands anywhere. */
function callItem(node: Expr, plan: Plan): Item {
  const call = node.graph.call(node.id);
  const anywhere = (shape: Shape) => shape.map(() => Integer.iterator(-1));
  return makeItem(node, plan, {
    how: "define",
    extents: [],
    output: [],
    factors: call.operands.map((operand) => ({ node: operand, index: anywhere(operand.shape) })),
    guards: [],
    axes: [],
    call,
  });
}
