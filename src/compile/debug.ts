import { gradient, hvp } from "../autodiff/derivatives.ts";
import { nodeName } from "../autodiff/sweeps.ts";
import { realField } from "../interpreter/field.ts";
import { beginningOf, elementCount, evaluateShape } from "../interpreter/interpret.ts";
import { DataError } from "../ir/errors.ts";
import type { Expr } from "../ir/graph.ts";
import { unravel } from "./inputs/tensors.ts";

/** Everything needed to repeat a call in the interpreter. */
export interface DebugContext {
  /** The loss, or outputs. */
  readonly roots: readonly Expr[];
  /** What derivatives of the loss are taken in. */
  readonly variables: readonly Expr[];
  readonly sizes: ReadonlyMap<string, number>;
  readonly values: ReadonlyMap<Expr, readonly number[]>;
}

/** The error that names the node where NaN begins: in the roots, in the gradient, or in its change along all ones. */
export function explainNaN({ roots, variables, sizes, values }: DebugContext): DataError {
  const beginning = (nodes: readonly Expr[], more: DebugContext["values"] = new Map()) =>
    beginningOf(nodes, { sizes, values: new Map([...values, ...more]) }, realField, Number.isNaN);
  const inProduct = () => {
    const direction = variables.map((x) => x.graph.variable(x.shape));
    const ones = direction.map(
      (v) => [v, new Array<number>(elementCount(evaluateShape(v.shape, sizes))).fill(1)] as const,
    );
    return beginning(hvp(roots[0]!, variables, direction), new Map(ones));
  };
  const hasSlopes = variables.length > 0;
  const found =
    beginning(roots) ?? (hasSlopes ? (beginning(gradient(roots[0]!, variables)) ?? inProduct()) : undefined);
  if (!found) return new DataError("a result is NaN, and nothing that leads to it is, as the model is written.");
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
