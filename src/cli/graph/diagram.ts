import type { Expr, Graph } from "../../ir/graph.ts";
import { showNode, showNumber } from "../../ir/show.ts";
import { topologicalOrder } from "../../ir/walks/traverse.ts";
import { toReal } from "../../ops/elementary/cast.ts";
import { combinationLabel, mapLabel, type OperandText } from "./labels.ts";
import { letters, type Notation, notationFor } from "./notation.ts";

/** What a box stands for; each has its own look. */
export type BoxKind = "param" | "data" | "direction" | "constant" | "map" | "view" | "reduction" | "result";

export interface Box {
  readonly id: string;
  readonly kind: BoxKind;
  readonly label: string;
  /** A second, quieter line: the index notation of a sum. */
  readonly detail: string | undefined;
  /** The whole node, shown on demand. */
  readonly tooltip: string;
}

export interface Arrow {
  readonly from: string;
  readonly to: string;
  /** The letter that the receiving box's label uses for this operand, where it needs one. */
  readonly letter: string | undefined;
  /** Which result it carries, where the box that it leaves has several. */
  readonly result: number | undefined;
  /** The shape of what flows; empty for scalars. */
  readonly shape: string;
}

export interface Diagram {
  readonly title: string;
  readonly boxes: readonly Box[];
  readonly arrows: readonly Arrow[];
}

/** A node to draw under a name of its own. */
export interface NamedRoot {
  readonly name: string;
  readonly node: Expr;
}

/**
 * The graph under the roots as boxes and arrows: one box a node, however often it is used, and one for all results of a
 * call. Numbers are written into the operations that use them. `directions` are the stand-ins for a direction, by the name to show.
 */
export function diagramOf(title: string, roots: readonly NamedRoot[], directions: ReadonlyMap<Expr, string>): Diagram {
  const order = topologicalOrder(roots.map(({ node }) => node));
  const notation = notationFor(order);
  const inlined = numbersIn(order, roots);
  const boxes: Box[] = [];
  const arrows: Arrow[] = [];
  const drawn = new Set<string>();
  for (const node of order) {
    const box = boxOf(node);
    if (inlined.has(node) || drawn.has(box)) continue;
    drawn.add(box);
    const operands = operandTexts(node, inlined, notation, directions);
    const { namesOperands, ...label } = labelled(node, operands, notation, directions);
    boxes.push({ id: box, ...label, tooltip: showNode(node) });
    for (const operand of operands) {
      if (operand.isInlined) continue;
      arrows.push({
        ...leaving(operand.node, notation),
        to: box,
        letter: namesOperands && operand.isLettered ? operand.text : undefined,
      });
    }
  }
  for (const [k, { name, node }] of roots.entries()) {
    boxes.push({ id: `r${k}`, kind: "result", label: name, detail: undefined, tooltip: name });
    arrows.push({ ...leaving(node, notation), to: `r${k}`, letter: undefined });
  }
  return { title, boxes, arrows };
}

/** The name of the box that a node is drawn in. */
function boxOf({ graph, id, kind }: Expr): string {
  return `n${kind === "operation" ? graph.callOf(id) : id}`;
}

/** What an arrow says of the node that it comes from. */
function leaving(node: Expr, notation: Notation): Pick<Arrow, "from" | "result" | "shape"> {
  const { graph, id, kind, shape } = node;
  const isOneOfSeveral = kind === "operation" && graph.operationOf(id).results.length > 1;
  return {
    from: boxOf(node),
    result: isOneOfSeveral ? graph.resultOf(id) : undefined,
    shape: notation.shape(shape),
  };
}

/** Numbers and sizes, also as reals, have no box: the operations that use them show them. */
function numbersIn(order: readonly Expr[], roots: readonly NamedRoot[]): ReadonlySet<Expr> {
  const results = new Set(roots.map(({ node }) => node));
  const found = new Set<Expr>();
  for (const node of order) {
    if (results.has(node)) continue;
    const { graph, id, kind, operands } = node;
    const isCast = kind === "map" && graph.primitiveOf(id) === toReal.primitive && found.has(operands[0]!);
    if (kind === "constant" || kind === "size" || isCast) found.add(node);
  }
  return found;
}

interface Operand extends OperandText {
  readonly node: Expr;
  readonly isInlined: boolean;
  /** True when the text is a letter that the arrow must show. */
  readonly isLettered: boolean;
}

function operandTexts(
  node: Expr,
  inlined: ReadonlySet<Expr>,
  notation: Notation,
  directions: ReadonlyMap<Expr, string>,
): Operand[] {
  const { operands } = node;
  const isNamed = (operand: Expr) => operand.kind === "leaf" || inlined.has(operand);
  const unnamed = new Set(operands.filter((operand) => !isNamed(operand)));
  const free = letters(
    new Set(operands.filter(({ kind }) => kind === "leaf").map((operand) => leafName(operand, directions))),
  );
  const letterOf = new Map(
    [...unnamed].map((operand) => [operand, unnamed.size === 1 ? "•" : (free.next().value as string)]),
  );
  return operands.map((operand) => {
    const letter = letterOf.get(operand);
    return {
      node: operand,
      isInlined: inlined.has(operand),
      isLettered: letter !== undefined && letter !== "•",
      isNumber: inlined.has(operand),
      text: letter ?? (operand.kind === "leaf" ? leafName(operand, directions) : numberLabel(operand, notation)),
    };
  });
}

function leafName({ graph, id }: Expr, directions: ReadonlyMap<Expr, string>): string {
  return directions.get(graph.expr(id)) ?? graph.leafOf(id).name;
}

function numberLabel(node: Expr, notation: Notation): string {
  const { graph, id } = node.kind === "map" ? node.operands[0]! : node;
  if (graph.kindOf(id) === "size") return notation.integer(graph.sizeOf(id));
  return shortNumber(graph.constantOf(id));
}

/** As many digits as a label has room for. */
function shortNumber(value: number): string {
  const text = showNumber(value);
  return text.length <= 8 ? text : String(Number(value.toPrecision(4)));
}

function labelled(
  node: Expr,
  operands: readonly Operand[],
  notation: Notation,
  directions: ReadonlyMap<Expr, string>,
): Pick<Box, "kind" | "label" | "detail"> & { readonly namesOperands: boolean } {
  const { graph, id } = node;
  const plain = (kind: BoxKind, label: string) => ({ kind, label, detail: undefined, namesOperands: false });
  switch (graph.kindOf(id)) {
    case "leaf":
      return plain(leafKind(graph, id, directions), leafName(node, directions));
    case "constant":
    case "size":
      return plain("constant", numberLabel(node, notation));
    case "tensor":
      return plain("constant", `table of ${graph.tensorOf(id).length}`);
    case "iota":
      return plain("constant", `index along axis ${graph.iotaAxisOf(id)}`);
    case "map": {
      const { text, namesOperands } = mapLabel(graph.primitiveOf(id), operands);
      return { ...plain("map", text), namesOperands };
    }
    case "contraction":
    case "reduce":
      return {
        ...combinationLabel(graph.contractionOf(id), graph.combineOf(id), operands, notation),
        namesOperands: true,
      };
    case "operation":
      return plain("map", graph.operationOf(id).name);
  }
}

function leafKind(graph: Graph, id: number, directions: ReadonlyMap<Expr, string>): BoxKind {
  if (directions.has(graph.expr(id))) return "direction";
  return graph.leafOf(id).role === "param" ? "param" : "data";
}
