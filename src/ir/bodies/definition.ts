import type { Extension } from "../extension.ts";
import type { Expr, Graph } from "../graph.ts";
import type { BodyOperation, ValueType } from "../operation.ts";
import { idsAbove } from "../walks/traverse.ts";
import { type Body, bodyOf } from "./body.ts";
import { capturedBy } from "./capture.ts";

/**
 * A function of tensors that a model defines, applied: one node a result in place of all that the function computes, so
 * that graphs, derivatives and code grow with what is defined and not with how often it is used.
 *
 *   operands:  parameters of the body
 *   results:   roots of the body
 */
export interface Definition extends BodyOperation {
  readonly kind: "definition";
  readonly body: Body;
  /** Derivatives that were asked for, by direction and by what changes: each is made once. */
  readonly derived: Map<string, Derivative>;
}

/** A derivative of a definition as a definition of its own. */
export interface Derivative {
  /** undefined: nothing changes. */
  readonly operation: Definition | undefined;
  /** The position of each operand among the definition's operands, followed by the tangents or cotangents. */
  readonly operands: readonly number[];
  /** Which result, or which operand's contribution, each result is. */
  readonly results: readonly number[];
}

/** A definition by name; definitions of one body are one, whatever their names. */
export function definitionOf({ extension, name, body }: Pick<Definition, "extension" | "name" | "body">): Definition {
  const types = (list: readonly Expr[]): ValueType[] => list.map(({ dtype, shape }) => ({ dtype, shape }));
  return {
    kind: "definition",
    extension,
    name,
    body,
    derived: new Map(),
    key: `definition\n${body.key}`,
    operands: types(body.parameters),
    results: types(body.roots),
  };
}

/** `roots` as results of one call: a function of `inputs`, nodes that they are computed from, and of what else they read. */
export function defined(name: string, inputs: readonly Expr[], roots: readonly Expr[], extension: Extension): Expr[] {
  const { graph } = roots[0]!;
  const given = [...inputs, ...capturedBy(roots, inputs)];
  const ids = idsAbove(roots, new Map(given.map((node) => [node, node])));
  const reached = new Set(ids.flatMap((id) => graph.operandIds(id)));
  for (const root of roots) reached.add(root.id);
  const operands = [...new Set(given)].filter(({ id }) => reached.has(id));
  const body = bodyOf(operands, roots, plainOrder(ids, operands, roots));
  return graph.operation(definitionOf({ extension, name, body }), operands);
}

/**
 * The ids in an order that depends on what the nodes are alone, not on what was made before them elsewhere: the bodies
 * of two uses are then the same.
 */
function plainOrder(ids: readonly number[], operands: readonly Expr[], roots: readonly Expr[]): number[] {
  const { graph } = roots[0]!;
  const marks = new Map(operands.map(({ id }, k) => [id, mixed(k + 1, 7)]));
  const operandsOf = (id: number) => [...new Set(graph.operandIds(id))].sort((a, b) => marks.get(a)! - marks.get(b)!);
  for (const id of ids) {
    if (marks.has(id)) continue;
    let mark = textMark(`${graph.kindOf(id)} ${describe(graph, id)} ${graph.shapeOf(id)}`);
    const below = graph.operandIds(id).map((operand) => marks.get(operand)!);
    for (const operand of isOrdered(graph, id) ? below : below.sort((a, b) => a - b)) mark = mixed(mark, operand);
    marks.set(id, mark);
  }
  const order: number[] = [];
  const state = new Map<number, "open" | "done">(operands.map(({ id }) => [id, "done"]));
  const pending = roots.map(({ id }) => id).reverse();
  for (let id = pending.at(-1); id !== undefined; id = pending.at(-1)) {
    const known = state.get(id);
    if (known === undefined) {
      state.set(id, "open");
      for (const operand of operandsOf(id).reverse()) if (!state.has(operand)) pending.push(operand);
      continue;
    }
    pending.pop();
    if (known === "open") order.push(id);
    state.set(id, "done");
  }
  return order;
}

/** True where operands are told apart by their places. */
function isOrdered(graph: Graph, id: number): boolean {
  const kind = graph.kindOf(id);
  return kind === "operation" || (kind === "map" && !graph.primitiveOf(id).isCommutative);
}

function describe(graph: Graph, id: number): string {
  switch (graph.kindOf(id)) {
    case "constant":
      return String(graph.constantOf(id));
    case "iota":
      return String(graph.iotaAxisOf(id));
    case "size":
      return graph.sizeOf(id).key;
    case "map":
      return graph.primitiveOf(id).name;
    case "operation":
      return `${graph.resultOf(id)} ${graph.operationOf(id).key}`;
    default:
      return "";
  }
}

const mixed = (mark: number, more: number): number =>
  Math.imul(mark ^ (more + 0x9e3779b9 + (mark << 6)), 0x85ebca6b) | 0;

function textMark(text: string): number {
  let mark = 17;
  for (let k = 0; k < text.length; k++) mark = mixed(mark, text.charCodeAt(k));
  return mark;
}
