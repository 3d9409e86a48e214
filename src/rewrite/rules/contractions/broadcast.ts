import type { Expr } from "../../../ir/graph.ts";
import { broadcast, termsOf, view } from "../../../ops/arrays/contractions.ts";
import { add, mul } from "../../../ops/elementary/algebra.ts";
import { isMap } from "../../../ops/maps.ts";
import { compareCost, elementCount } from "../../cost.ts";
import { isTotal } from "../../facts/facts.ts";
import { axesOf, isFull, isNarrow, isSplat, reshaped, restricted } from "../../forms/contractions/splat.ts";
import { type Rules, structural } from "../../rule.ts";

/** Maps of broadcast and re-indexed operands, computed where there are fewest elements. */
export const broadcastRules: Rules = {
  exact: [
    structural("map of broadcasts is a broadcast", { roots: ["map"], operands: ["array"] }, (node, { graph }) => {
      const rank = node.shape.length;
      const operands = node.operands;
      if (operands.some(isFull)) return undefined;
      const used = new Set(operands.flatMap((operand) => [...axesOf(operand)]));
      if (used.size === rank) return undefined;
      const kept = [...used].sort((a, b) => a - b);
      const inner = graph.map(
        graph.primitiveOf(node.id),
        operands.map((operand) => restricted(operand, kept)),
      );
      return broadcast(inner, node.shape, kept);
    }),
    structural("map of equal views is a view", { roots: ["map"], operands: ["array", "view"] }, (node, context) => {
      const { graph } = context;
      const operands = node.operands;
      const first = operands.find((operand) => !isSplat(operand));
      if (!first || !graph.isView(first.id)) return undefined;
      const structure = graph.contractionOf(first.id);
      const base = graph.expr(graph.operandAt(first.id, 0));
      const isAlike = (operand: Expr) =>
        graph.isView(operand.id) &&
        graph.contractionOf(operand.id) === structure &&
        graph.operandCount(operand.id) === 1 &&
        graph.shapeIdOf(graph.operandAt(operand.id, 0)) === graph.shapeIdOf(base.id);
      if (!operands.every((operand) => isSplat(operand) || isAlike(operand))) return undefined;
      if (!isTotal(graph, first.id) || compareCost(elementCount(base), elementCount(node), context.hints) > 0)
        return undefined;
      const inner = graph.map(
        graph.primitiveOf(node.id),
        operands.map((operand) => (isSplat(operand) ? reshaped(operand, base.shape) : operand.operands[0]!)),
      );
      return view(inner, node.shape, termsOf(first).factors[0]!.index);
    }),
  ],
};

/** Factors and terms that are broadcast are combined with each other before they meet the wide ones. */
export const narrowRules: Rules = {
  real: [
    structural("broadcast factors first", { roots: [mul], operands: ["array"] }, (node) => {
      const [a, b] = node.operands as [Expr, Expr];
      const factors = [a, b].flatMap((operand) => (isMap(operand, mul) ? operand.operands : [operand]));
      const group = groupable(factors);
      if (!group || group.length === factors.length) return undefined;
      if (group.length === 1 && (group[0] === a || group[0] === b)) return undefined;
      const rest = without(factors, group);
      return mul(productOf(group), productOf(rest));
    }),
    structural("broadcast terms first", { roots: [add], operands: ["array"] }, (node) => {
      const terms = node.operands;
      const group = groupable(terms);
      if (!group || group.length < 2 || group.length === terms.length) return undefined;
      return add(add(...group), ...without(terms, group));
    }),
  ],
};

const productOf = (factors: readonly Expr[]): Expr => factors.reduce((product, factor) => mul(product, factor));

/** The narrow ones that together still leave an axis out. */
function groupable(operands: readonly Expr[]): Expr[] | undefined {
  const group: Expr[] = [];
  const used = new Set<number>();
  for (const operand of operands) {
    if (!isNarrow(operand)) continue;
    const together = new Set([...used, ...axesOf(operand)]);
    if (together.size === operand.shape.length) continue;
    group.push(operand);
    for (const axis of together) used.add(axis);
  }
  return group.length > 0 ? group : undefined;
}

/** The list without one occurrence of each member of `removed`. */
function without(list: readonly Expr[], removed: readonly Expr[]): Expr[] {
  const left = [...removed];
  return list.filter((item) => {
    const at = left.indexOf(item);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}
