import { type Guard, iterators } from "../../ir/contraction.ts";
import type { Expr } from "../../ir/graph.ts";
import { combinationItem, underMask } from "./combination.ts";
import { definition, makeItem } from "./drafts.ts";
import { placedGuard } from "./indices.ts";
import { anywhere, type Item, type ItemTable, type NodeRead } from "./item.ts";
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

/** A call reads its operands anywhere, or where a kernel says that it does: each over iterators of its own. */
function callItem(node: Expr, plan: Plan): Item {
  const call = node.graph.call(node.id);
  const reads = call.operation.kind === "kernel" ? call.operation.reads : undefined;
  const factors: NodeRead[] = [];
  const guards: Guard[] = [];
  let next = 0;
  for (const [k, operand] of call.operands.entries()) {
    const conditions = reads ? reads[k] : none;
    if (!conditions) continue;
    const first = next;
    next += operand.shape.length;
    const index = operand.shape.map((_, axis) => (conditions.length === 0 ? anywhere : iterators(first + axis)));
    factors.push({ node: operand, index });
    guards.push(...conditions.map((guard) => placedGuard(guard, index)));
  }
  return makeItem(node, plan, { how: "define", extents: [], output: [], factors, guards, axes: [], call });
}

const none: readonly Guard[] = [];
