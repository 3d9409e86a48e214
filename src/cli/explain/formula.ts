import type { Expr } from "../../ir/graph.ts";
import { showNumber } from "../../ir/show.ts";
import { combinationText, isCall, mapText } from "../graph/labels.ts";
import { type Notation, notationFor } from "../graph/notation.ts";

/**
 * An expression as mathematics, `depth` operations deep; what lies deeper is named by its number. Arrays are written
 * as in models: [i: sum over j of ...].
 */
export function formula(node: Expr, depth = 3): string {
  // the letters of iterators depend on the sizes in sight: the node and its operands
  return write(node, depth, notationFor([node, ...node.operands])).text;
}

interface Written {
  readonly text: string;
  /** True when the text needs no parentheses inside an operation. */
  readonly isWhole: boolean;
}

const whole = (text: string): Written => ({ text, isWhole: true });

function write(node: Expr, depth: number, notation: Notation): Written {
  const { graph, id, kind } = node;
  if (kind === "leaf") return whole(graph.leafOf(id).name);
  if (kind === "constant") return whole(showNumber(graph.constantOf(id)));
  if (kind === "size") {
    const text = notation.integer(graph.sizeOf(id));
    return { text, isWhole: !/[−+·]/.test(text) };
  }
  if (kind === "iota") return whole(`[${notation.iterator(0)}: ${notation.iterator(0)}]`);
  if (kind === "tensor") return { text: `table of ${graph.tensorOf(id).length}`, isWhole: false };
  if (depth === 0) return whole(`%${id}`);
  const operands = node.operands.map((operand) => write(operand, depth - 1, notation));
  const grouped = operands.map(({ text, isWhole }) => (isWhole ? text : `(${text})`));
  if (kind === "map") {
    const primitive = graph.primitiveOf(id);
    if (primitive.name === "toReal") return operands[0]!;
    const isFunction = isCall(primitive);
    return { text: mapText(primitive, isFunction ? operands.map(({ text }) => text) : grouped), isWhole: isFunction };
  }
  if (kind === "operation") {
    const { name, results } = graph.operationOf(id);
    const list = operands.map(({ text }) => text).join(", ");
    return whole(`${name}(${list})${results.length > 1 ? `.${graph.resultOf(id)}` : ""}`);
  }
  const contraction = graph.contractionOf(id);
  const isBare = contraction.factors.length === 1 && contraction.factors[0]!.index.length === 0;
  const texts = isBare ? operands.map(({ text }) => text) : grouped;
  const { target, body } = combinationText(contraction, graph.combineOf(id), texts, notation);
  return target === "" ? { text: body, isWhole: false } : whole(`[${target}: ${body}]`);
}
