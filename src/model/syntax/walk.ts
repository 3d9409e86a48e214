import type { Arm, Definition, Expression, Field, Iterator, Model, NamedArgument, Subscript } from "./syntax.ts";

type Part = Expression | Iterator | NamedArgument | Subscript | Arm | Field;

/** The parts of an expression directly below it, in the order of the text. */
function partsOf(node: Part): readonly Part[] {
  switch (node.kind) {
    case "unary":
      return [node.operand];
    case "binary":
      return [node.left, node.right];
    case "comparisons":
      return node.operands;
    case "slice":
      return [node.low, node.high, node.step].filter((part) => part !== undefined);
    case "if":
      return [...node.arms, node.otherwise];
    case "arm":
      return [node.condition, node.value];
    case "call":
      return node.arguments;
    case "binder":
      return [...node.bindings, node.body];
    case "named":
    case "field":
      return [node.value];
    case "iterator":
      return node.domain ? [node.domain] : [];
    case "array":
      return node.elements;
    case "comprehension":
      return [...node.iterators, node.body];
    case "index":
      return [node.target, ...node.indices];
    case "member":
    case "transpose":
      return [node.target];
    case "block": {
      const lets = node.lets.flatMap(({ definitions }) => definitions.map(({ value }) => value));
      return node.result.kind === "return" ? [...lets, node.result.value] : [...lets, ...node.result.fields];
    }
    default:
      return [];
  }
}

/** Every part of an expression, itself included, in the order of the text; iterative, however deep the tree is. */
export function* partsWithin(root: Expression): Iterable<Part> {
  const pending: Part[] = [root];
  for (let node = pending.pop(); node; node = pending.pop()) {
    yield node;
    const parts = partsOf(node);
    for (let k = parts.length - 1; k >= 0; k--) pending.push(parts[k]!);
  }
}

/** The names that an expression mentions, each once, in the order of the text. */
export function namesWithin(root: Expression): string[] {
  const names = new Set<string>();
  for (const part of partsWithin(root)) if (part.kind === "name") names.add(part.name);
  return [...names];
}

/** Every expression of a model. */
export function* expressionsOf(model: Model): Iterable<Expression> {
  for (const statement of model.statements) {
    if (statement.kind === "function") {
      yield statement.body;
      for (const { type } of statement.parameters) yield* type?.shape ?? [];
    }
    if (statement.kind === "sizes") for (const { value } of statement.sizes) if (value) yield value;
    if (statement.kind !== "declarations" && statement.kind !== "definitions") continue;
    const heads = statement.kind === "declarations" ? statement.declarations : statement.definitions;
    for (const { type, within, value } of heads) {
      yield* type?.shape ?? [];
      if (within) yield within;
      if (value) yield value;
    }
  }
}

/** `output a` and `output a = a`: the result has the name that its value has. */
export const outputsItself = ({ name, type, unit, value }: Definition): boolean =>
  value.kind === "name" && value.name === name.name && !type && !unit;
