import { resizing } from "../../ir/bodies/resize.ts";
import { mapIndices } from "../../ir/contraction.ts";
import { must } from "../../ir/extension.ts";
import type { Expr, Graph } from "../../ir/graph.ts";
import type { Integer } from "../../ir/integer.ts";
import type { Operation } from "../../ir/operation.ts";
import type { DType } from "../../ir/primitive.ts";
import { copyNode } from "../../ir/walks/copy-graph.ts";
import { select } from "../../ops/elementary/comparison.ts";

/** A condition as 1 and 0. */
function counted(condition: Expr, dtype: DType): Expr {
  const { graph } = condition;
  return select(condition, graph.constantLike(1, condition, dtype), graph.constantLike(0, condition, dtype));
}

/** A node over the copies of its operands, with other integers. */
export function resizedNode(
  known: (integer: Integer) => Integer,
  node: Expr,
  to: Graph,
  copyOf: (operand: Expr) => Expr,
): Expr {
  const { graph: from, id, kind } = node;
  const shape = node.shape.map(known);
  switch (kind) {
    case "size":
      return to.size(known(from.sizeOf(id)), shape);
    case "contraction":
    case "reduce": {
      const structure = from.contractionOf(id);
      const { guards, ...rest } = mapIndices(structure, known);
      const inside = guards.map(({ index, extent }) => ({ index, extent: extent && known(extent) }));
      const placed = { ...rest, extents: structure.extents.map(known), shape, guards: inside };
      const copy = to.combination(from.combineOf(id), placed, node.operands.map(copyOf));
      // a count of one condition is that condition, which only reads as a number where it is one
      return copy.dtype === node.dtype ? copy : counted(copy, node.dtype);
    }
    case "operation":
      return to.operation(resizedOperation(known, from.operationOf(id)), node.operands.map(copyOf))[from.resultOf(id)]!;
    default:
      return copyNode(node, to, copyOf, shape);
  }
}

function resizedOperation(known: (integer: Integer) => Integer, operation: Operation): Operation {
  if (operation.kind !== "kernel") return must(resizing, operation.extension)(operation, known);
  return operation.over(operation.operands.map(({ dtype, shape }) => ({ dtype, shape: shape.map(known) })));
}
