import type { Span } from "../../ir/source.ts";
import { binaryPrecedence, unaryPrecedence } from "../syntax/precedence.ts";
import type {
  Binary,
  Block,
  Comparisons,
  Declaration,
  Definitions,
  Expression,
  Field,
  If,
  Iterator,
  NamedArgument,
  Return,
  Slice,
  Subscript,
  Type,
  Unary,
  UnitProduct,
} from "../syntax/syntax.ts";
import { startOfWritten } from "../syntax/written.ts";
import { type Break, close, type Open, open, type Piece } from "./layout.ts";

/**
 * How close operators stand: apart in ordinary expressions; in an index or a shape products stand close, and a sum of
 * two; at the ends of a range everything does.
 */
type Spacing = "apart" | "index" | "range";

/** An expression still to be printed. */
interface Task {
  readonly kind: "task";
  readonly node: Expression;
  readonly spacing: Spacing;
  /** The left part of a chain of operators of one level, which shares the group of its whole. */
  readonly chained: boolean;
}

export type Item = Piece | Task;

/** What has a place in the text. */
interface Placed {
  readonly span: Span;
}

type Listed = Expression | Subscript | Iterator | NamedArgument;

/** Prints tasks one by one, so that the depth of an expression costs no stack. */
export function flatten(items: readonly Item[]): Piece[] {
  const pieces: Piece[] = [];
  const stack = [...items].reverse();
  for (let item = stack.pop(); item !== undefined; item = stack.pop()) {
    if (typeof item === "string" || item.kind !== "task") {
      pieces.push(item);
      continue;
    }
    const parts = expressionItems(item);
    for (let k = parts.length - 1; k >= 0; k--) stack.push(parts[k]!);
  }
  return pieces;
}

export function task(node: Expression, spacing: Spacing): Task {
  return { kind: "task", node, spacing, chained: false };
}

/** The left part of a chain of operators of one level: it shares the group of the whole. */
function chain(node: Expression, spacing: Spacing): Task {
  return { kind: "task", node, spacing, chained: true };
}

/** A place for a comment, and for the line's end where the rest does not fit. */
function full(next: Placed): Break {
  return { kind: "break", flat: " ", when: "full", before: next.span.start };
}

/** A place for a comment only. */
function commented(flat: Break["flat"], next: Placed): Break {
  return { kind: "break", flat, when: "commented", before: next.span.start };
}

/** Items with commas between them. */
export function separated<Element extends Placed>(
  elements: readonly Element[],
  itemsOf: (element: Element) => Item[],
): Item[] {
  return elements.flatMap((element, k) => (k === 0 ? itemsOf(element) : [",", full(element), ...itemsOf(element)]));
}

/** A group in brackets: elements with commas between them, and what follows the last. */
export function bracketed<Element extends Placed>(
  opener: string,
  elements: readonly Element[],
  itemsOf: (element: Element) => Item[],
  closer: string,
  rest: readonly Item[] = [],
): Item[] {
  const first = elements[0];
  return [
    opener,
    open,
    ...(first ? [commented("", first)] : []),
    ...separated(elements, itemsOf),
    ...rest,
    close,
    closer,
  ];
}

export function declarationItems({ name, type, unit, within, value }: Declaration): Item[] {
  return [
    name.name,
    ...typeItems(type),
    unit ? ` in ${unitText(unit)}` : "",
    ...(within ? [" within ", task(within, "apart")] : []),
    ...valueItems(value),
  ];
}

export function valueItems(value: Expression | undefined): Item[] {
  return value ? [" =", commented(" ", value), task(value, "apart")] : [];
}

export function typeItems(type: Type | undefined): Item[] {
  if (!type) return [];
  const shape = type.shape ? bracketed("[", type.shape, (size) => [task(size, "index")], "]") : [];
  return [`: ${type.element ?? ""}`, ...shape];
}

export function unitText({ factors }: UnitProduct): string {
  return factors
    .map(({ operator, base, exponent }, k) => {
      const text = base === "1" ? base : base.kind === "name" ? base.name : `(${unitText(base)})`;
      return `${k === 0 ? "" : operator}${text}${exponent === 1 ? "" : `^${exponent}`}`;
    })
    .join("");
}

function expressionItems({ node, spacing, chained }: Task): Item[] {
  const inside = spacing === "range" ? "index" : spacing;
  const listed = (element: Listed) => listedItems(element, inside);
  switch (node.kind) {
    case "name":
      return [node.name];
    case "number":
      return [node.text];
    case "text":
      return [`"${node.text}"`];
    case "comparisons":
      return comparisonItems(node, spacing);
    case "hole":
      return [`\${${node.index}}`];
    case "unary":
      return unaryItems(node, spacing);
    case "binary":
      return binaryItems(node, spacing, chained);
    case "if":
      return ifItems(node, inside);
    case "call":
      return [node.callee.name, ...bracketed("(", node.arguments, listed, ")")];
    case "binder":
      return [node.callee.name, ...bracketed("(", node.bindings, listed, ")", bodyItems(node.body, inside))];
    case "array":
      return bracketed("[", node.elements, listed, "]");
    case "comprehension":
      return bracketed("[", node.iterators, listed, "]", bodyItems(node.body, inside));
    case "index":
      return [...target(node.target, spacing), ...bracketed("[", node.indices, (i) => listedItems(i, "index"), "]")];
    case "member":
      return [...target(node.target, spacing), `.${node.name.name}`];
    case "transpose":
      return [...target(node.target, spacing), "'"];
    case "block":
      return blockItems(node);
  }
}

function listedItems(element: Listed, spacing: Spacing): Item[] {
  switch (element.kind) {
    case "wholeAxis":
      return [":"];
    case "ellipsis":
      return ["..."];
    case "slice":
      return sliceItems(element);
    case "iterator":
      return element.domain ? [`${element.name.name} in `, task(element.domain, spacing)] : [element.name.name];
    case "named":
      return [`${element.name.name} =`, commented(" ", element.value), task(element.value, spacing)];
    default:
      return [task(element, spacing)];
  }
}

function bodyItems(body: Expression, spacing: Spacing): Item[] {
  return [":", full(body), task(body, spacing)];
}

/** In a chain with "neither" and on the far side of its grouping an operand of the same level needs parentheses. */
function binaryItems({ operator, left, right }: Binary, spacing: Spacing, chained: boolean): Item[] {
  const { level, grouping } = binaryPrecedence.get(operator)!;
  const continues = grouping === "left" && left.kind === "binary" && levelOf(left) === level;
  const tight = isTight(operator, spacing, !chained && !continues);
  const within = operator === ".." ? "range" : spacing;
  const signed = operator === "^" && right.kind === "unary" && right.operator !== "not";
  const items: Item[] = [
    ...(continues ? [chain(left, within)] : operand(left, within, grouping === "left" ? level : level + 1)),
    ...(tight ? [operator] : [full(right), `${operator} `]),
    ...(signed ? [task(right, within)] : operand(right, within, grouping === "right" ? level : level + 1)),
  ];
  return chained || tight ? items : [open, ...items, close];
}

function comparisonItems({ operands, operators }: Comparisons, spacing: Spacing): Item[] {
  const least = binaryPrecedence.get(operators[0]!)!.level + 1;
  const items = operands.flatMap((each, k): Item[] => [
    ...(k === 0 ? [] : [full(each), `${operators[k - 1]!} `]),
    ...operand(each, spacing, least),
  ]);
  return [open, ...items, close];
}

function sliceItems({ low, high, step }: Slice): Item[] {
  const end = (node: Expression | undefined) => (node ? [task(node, "range")] : []);
  return [...end(low), ":", ...end(high), ...(step ? [":", ...end(step)] : [])];
}

function isTight(operator: Binary["operator"], spacing: Spacing, alone: boolean): boolean {
  if (operator === "^" || operator === "..") return true;
  if (spacing === "apart") return false;
  const level = binaryPrecedence.get(operator)!.level;
  if (level === binaryPrecedence.get("*")!.level) return true;
  return level === binaryPrecedence.get("+")!.level && (alone || spacing === "range");
}

function unaryItems(node: Unary, spacing: Spacing): Item[] {
  const sign = node.operator === "not" ? "not " : node.operator;
  return [sign, ...operand(node.operand, spacing, levelOf(node))];
}

/** A chain of choices has a line for each. */
function ifItems({ arms, otherwise }: If, spacing: Spacing): Item[] {
  const items = arms.flatMap(({ condition, value }, k): Item[] => [
    ...(k === 0 ? [] : [full(condition), "else "]),
    open,
    "if ",
    task(condition, spacing),
    full(value),
    "then ",
    task(value, spacing),
    close,
  ]);
  const together: Open = { kind: "open", together: arms.length > 1 ? "always" : "when full" };
  return [together, ...items, full(otherwise), "else ", task(otherwise, spacing), close];
}

function blockItems({ lets, result, span }: Block): Item[] {
  const lines = [...lets, ...(result.kind === "return" ? [result] : result.fields)];
  const items = lines.flatMap((line, k): Item[] => [
    { kind: "break", flat: "", when: "always", after: lines[k - 1]?.span.end, before: line.span.start },
    open,
    ...lineItems(line),
    close,
  ]);
  const end: Break = {
    kind: "break",
    flat: "",
    when: "always",
    outdent: true,
    after: lines.at(-1)!.span.end,
    before: span.end,
  };
  return ["{", open, ...items, end, close, "}"];
}

function lineItems(line: Definitions | Return | Field): Item[] {
  switch (line.kind) {
    case "definitions":
      return ["let ", ...separated(line.definitions, declarationItems)];
    case "return":
      return ["return ", task(line.value, "apart")];
    case "field":
      return [line.name.name, ...valueItems(line.value)];
  }
}

/** An operand that needs parentheses when it binds more loosely than `least`. */
function operand(node: Expression, spacing: Spacing, least: number): Item[] {
  return levelOf(node) >= least ? [task(node, spacing)] : parenthesised(node, spacing);
}

/** What an index, a member or a transpose stands behind. */
function target(node: Expression, spacing: Spacing): Item[] {
  return operand(node, spacing, Infinity);
}

function parenthesised(node: Expression, spacing: Spacing): Item[] {
  const inside = spacing === "range" ? "index" : spacing;
  return ["(", open, { ...commented("", node), before: startWithin(node) }, task(node, inside), close, ")"];
}

/** Where a node begins behind the parenthesis that its span includes, and the space and comments behind that. */
function startWithin({ span: { source, start } }: Placed): number {
  return source.text[start] === "(" ? startOfWritten(source.text, start + 1) : start;
}

/** Infinity for what needs no parentheses anywhere. */
function levelOf(node: Expression): number {
  if (node.kind === "binary") return binaryPrecedence.get(node.operator)!.level;
  if (node.kind === "unary") return unaryPrecedence.get(node.operator)!.level;
  if (node.kind === "comparisons") return binaryPrecedence.get(node.operators[0]!)!.level;
  return node.kind === "if" ? -Infinity : Infinity;
}
