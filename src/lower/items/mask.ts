import type { Expr } from "../../ir/graph.ts";
import { toReal } from "../../ops/elementary/cast.ts";
import { select } from "../../ops/elementary/comparison.ts";

/** A value that is 0 unless the condition holds; without `value`, it is 1 then. */
export interface Masked {
  readonly condition: Expr;
  readonly value?: Expr;
}

/** Reads select(condition, value, 0), and a condition taken as a number. */
export function readMasked(node: Expr): Masked | undefined {
  if (node.kind !== "map") return undefined;
  const primitive = node.graph.primitiveOf(node.id);
  const [condition, value, otherwise] = node.operands;
  if (primitive === toReal.primitive && condition!.dtype === "bool") return { condition: condition! };
  return primitive === select.primitive && otherwise!.constant === 0
    ? { condition: condition!, value: value! }
    : undefined;
}
