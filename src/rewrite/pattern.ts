import { type Expr, Graph } from "../ir/graph.ts";
import type { DType, Primitive } from "../ir/primitive.ts";
import { applied } from "../ops/define.ts";
import { computed } from "./forms/nodes.ts";

/** The graph in which rules are written; its leaves are pattern variables. */
const patterns = new Graph();
const constantVariables = new Set<Expr>();

/** A pattern variable that matches any number. */
const variable = (): Expr => patterns.variable([]);
/** A pattern variable that matches any condition. */
const conditionVariable = (): Expr => patterns.variable([], "bool");
/** A pattern variable that matches constants only. */
function constantVariable(): Expr {
  const created = patterns.variable([]);
  constantVariables.add(created);
  return created;
}
export const isConstantVariable = (variable: Expr): boolean => constantVariables.has(variable);
/** A number in a pattern: the whole side of a rule, or where no expression stands beside it. */
export const number = (value: number, dtype: DType = "real"): Expr => patterns.constant(value, [], dtype);

// The mathematics' letters, shared by all rules.
export const x = variable();
export const y = variable();
export const w = variable();
export const u = variable();
export const p = conditionVariable();
export const q = conditionVariable();
export const c = constantVariable();
export const d = constantVariable();

/** What the variables of a pattern stand for after a match. */
export type Bindings = (variable: Expr) => Expr;

/** A way in which a pattern matches, and the number of the reading to go on with. */
export interface Match {
  readonly bindings: Bindings;
  readonly next: number;
}

/** One reading of a pattern: commutative operands in one order. */
type Shape =
  | { readonly kind: "variable"; readonly slot: number; readonly dtype: DType; readonly isConstant: boolean }
  | { readonly kind: "constant"; readonly value: number }
  | {
      readonly kind: "map";
      readonly primitive: Primitive;
      readonly operands: readonly Shape[];
      readonly isOnce: boolean;
    };

/** What a pattern matches: every order of commutative operands, and what its variables are bound to on the way. */
interface Forms {
  readonly variables: readonly Expr[];
  readonly readings: readonly Shape[];
  readonly bound: Int32Array;
}

/** The left side of a rule, ready to match. */
export class Matcher {
  readonly primitive: Primitive;
  /** What must be among the operands of a node that matches. */
  readonly operands: readonly Requirement[];
  private readonly pattern: Expr;
  private readonly once: readonly Expr[];
  private known: Forms | undefined;

  /** Nodes of the pattern in `once` match only what has no other user. */
  constructor(pattern: Expr, once: readonly Expr[] = []) {
    if (pattern.kind !== "map") throw new TypeError("a rule's left side starts with a primitive.");
    this.pattern = pattern;
    this.once = once;
    this.primitive = patterns.primitiveOf(pattern.id);
    const isRepeated = new Set(pattern.operands).size < pattern.operands.length;
    this.operands = [...pattern.operands.flatMap(requirement), ...(isRepeated ? (["repeated"] as const) : [])];
  }

  /** What the variables stand for in the first reading, from number `from` on, that matches the node; undefined for none. */
  match(graph: Graph, id: number, isShared: (id: number) => boolean, from: number): Match | undefined {
    // most rules of a program are never asked
    this.known ??= formsOf(this.pattern, new Set(this.once));
    const { variables, readings, bound } = this.known;
    for (let reading = from; reading < readings.length; reading++) {
      for (let slot = 0; slot < bound.length; slot++) bound[slot] = -1;
      if (!matches(readings[reading]!, graph, id, isShared, bound)) continue;
      const found = bound.slice();
      return { bindings: (variable) => graph.expr(found[variables.indexOf(variable)]!), next: reading + 1 };
    }
    return undefined;
  }
}

function formsOf(pattern: Expr, once: ReadonlySet<Expr>): Forms {
  const variables = variablesOf(pattern);
  return { variables, readings: readingsOf(pattern, variables, once), bound: new Int32Array(variables.length) };
}

type Requirement = Primitive | "constant" | "repeated" | number;

function requirement(operand: Expr): Requirement[] {
  if (operand.kind === "map") return [patterns.primitiveOf(operand.id)];
  if (operand.kind === "constant") return [patterns.constantOf(operand.id)];
  return isConstantVariable(operand) ? ["constant"] : [];
}

/** The variables of a pattern, each once. */
export function variablesOf(pattern: Expr): Expr[] {
  const found = new Set<Expr>();
  const pending = [pattern];
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (node.kind === "leaf") found.add(node);
    pending.push(...node.operands);
  }
  return [...found];
}

// Patterns are a few nodes deep: recursion over them is bounded by the rules as written.

function readingsOf(pattern: Expr, variables: readonly Expr[], once: ReadonlySet<Expr>): Shape[] {
  if (pattern.kind === "constant") return [{ kind: "constant", value: patterns.constantOf(pattern.id) }];
  if (pattern.kind === "leaf") {
    const slot = variables.indexOf(pattern);
    return [{ kind: "variable", slot, dtype: pattern.dtype, isConstant: constantVariables.has(pattern) }];
  }
  const primitive = patterns.primitiveOf(pattern.id);
  const choices = pattern.operands.map((operand) => readingsOf(operand, variables, once));
  const orders = primitive.isCommutative && choices.length === 2 ? [choices, [choices[1]!, choices[0]!]] : [choices];
  return orders.flatMap((order) =>
    order
      .reduce<Shape[][]>((lists, operand) => lists.flatMap((list) => operand.map((shape) => [...list, shape])), [[]])
      .map((operands): Shape => ({ kind: "map", primitive, operands, isOnce: once.has(pattern) })),
  );
}

function matches(
  shape: Shape,
  graph: Graph,
  id: number,
  isShared: (id: number) => boolean,
  bound: Int32Array,
): boolean {
  switch (shape.kind) {
    case "variable": {
      const known = bound[shape.slot]!;
      if (known >= 0) return known === id;
      if ((shape.dtype === "bool") !== (graph.dtypeOf(id) === "bool")) return false;
      if (shape.isConstant && graph.kindOf(id) !== "constant") return false;
      bound[shape.slot] = id;
      return true;
    }
    case "constant":
      return graph.kindOf(id) === "constant" && Object.is(graph.constantOf(id), shape.value);
    case "map": {
      if (graph.kindOf(id) !== "map" || graph.primitiveOf(id) !== shape.primitive) return false;
      const { operands } = shape;
      if (graph.operandCount(id) !== operands.length) return false;
      for (let k = 0; k < operands.length; k++) {
        if (!matches(operands[k]!, graph, graph.operandAt(id, k), isShared, bound)) return false;
      }
      // last: what a rule asks about users is kept with its answer
      return !(shape.isOnce && isShared(id));
    }
  }
}

/**
 * A pattern with its variables replaced, in the shape (and, for a lone constant, the type) of `like`; what it makes of constants is
 * computed.
 */
export function instantiate(pattern: Expr, bindings: Bindings, like: Expr): Expr {
  if (pattern.kind === "leaf") return bindings(pattern);
  if (pattern.kind === "constant") return like.graph.constantLike(patterns.constantOf(pattern.id), like, like.dtype);
  const operands = pattern.operands.map((operand) =>
    operand.kind === "constant" ? patterns.constantOf(operand.id) : instantiate(operand, bindings, like),
  );
  const primitive = patterns.primitiveOf(pattern.id);
  const isNumber = operands.every((operand) => typeof operand === "number");
  if (isNumber) return like.graph.constantLike(Number(primitive.real(...operands)), like, like.dtype);
  const made = applied(primitive, operands);
  return computed(made) ?? made;
}

/** What a pattern is a number of, where its variables stand for constants. */
export function evaluated(pattern: Expr, bindings: Bindings): number {
  if (pattern.kind === "leaf") return evaluated(bindings(pattern), bindings);
  const { graph, id } = pattern;
  if (pattern.kind === "constant") return graph.constantOf(id);
  return Number(graph.primitiveOf(id).real(...pattern.operands.map((operand) => evaluated(operand, bindings))));
}
