import type { Expr } from "./graph.ts";
import type { Integer } from "./integer.ts";

/** So deep a computation of an index is followed. */
const deepest = 16;

/** The element of a computed int tensor that positions and constants alone decide, at a position that is known. */
export function fixedInteger(node: Expr, index: readonly Integer[], depth = 0): number | undefined {
  if (node.dtype !== "int" || depth > deepest) return undefined;
  const { graph, id } = node;
  const whole = (value: number | undefined) => (Number.isSafeInteger(value) ? value : undefined);
  switch (node.kind) {
    case "constant":
      return whole(graph.constantOf(id));
    case "iota":
      return index[graph.iotaAxisOf(id)]!.value;
    case "map": {
      const operands: number[] = [];
      for (const operand of node.operands) {
        const value = fixedInteger(operand, index, depth + 1);
        if (value === undefined) return undefined;
        operands.push(value);
      }
      return whole(graph.primitiveOf(id).real(...operands));
    }
    case "contraction": {
      if (!graph.isView(id)) return undefined;
      const { factors, guards } = graph.contractionOf(id);
      const [factor] = factors;
      return guards.length > 0
        ? undefined
        : fixedInteger(
            graph.expr(graph.operandAt(id, factor!.operand)),
            factor!.index.map((i) => i.withIterators(index)),
            depth + 1,
          );
    }
    default:
      return undefined;
  }
}
