import { gradient } from "../autodiff/derivatives.ts";
import { nodeName } from "../autodiff/sweeps.ts";
import { realField } from "../interpreter/field.ts";
import { evaluateShape, firstNodeWhere } from "../interpreter/interpret.ts";
import { DataError } from "../ir/errors.ts";
import type { Expr } from "../ir/graph.ts";
import { unravel } from "./inputs/tensors.ts";

/** Everything needed to repeat a call in the interpreter. */
export interface DebugContext {
  readonly loss: Expr;
  readonly variables: readonly Expr[];
  readonly sizes: ReadonlyMap<string, number>;
  readonly values: ReadonlyMap<Expr, readonly number[]>;
}

/** The error that names the first node, operands first, of loss and gradient that holds NaN; undefined for none. */
export function explainNaN(context: DebugContext): DataError | undefined {
  const { loss, sizes, values } = context;
  const bindings = { sizes, values };
  const found =
    firstNodeWhere([loss], bindings, realField, Number.isNaN) ??
    firstNodeWhere([loss, ...gradient(loss, context.variables)], bindings, realField, Number.isNaN);
  if (!found) return undefined;
  const { node, position } = found;
  const { graph } = node;
  const index = unravel(position, evaluateShape(node.shape, sizes));
  const where = index.length > 0 ? ` at [${index.join(", ")}]` : "";
  if (node.kind === "leaf") return new DataError(`"${graph.leafOf(node.id).name}" is NaN${where}.`);
  const name = nodeName(node);
  const origin = graph.originOf(node.id);
  return new DataError(`NaN appears first in ${name}${where}: its operands are not NaN.`, {
    span: typeof origin === "object" ? origin : undefined,
    notes: typeof origin === "string" ? [`Built at ${origin}.`] : [],
  });
}
