import type { NodeKind } from "../ir/arena.ts";
import type { Expr, Graph } from "../ir/graph.ts";
import type { Primitive } from "../ir/primitive.ts";
import type { Operation } from "../ops/define.ts";
import type { SizeHints } from "./cost.ts";
import type { Facts } from "./facts/facts.ts";
import { type Bindings, instantiate, Matcher } from "./pattern.ts";

/** What a rule may look at besides the node. */
export interface Context {
  readonly graph: Graph;
  readonly facts: Facts;
  readonly hints: SizeHints;
  /** True when the node serves more than one operand or root. */
  readonly isShared: (id: number) => boolean;
  /** True when anything uses the node. */
  readonly isUsed: (id: number) => boolean;
  /** True when such a primitive alone uses the node: it may take the node in, and what it makes is looked at then. */
  readonly isTakenBy: (id: number, primitive: Primitive) => boolean;
}

/** When nodes are rewritten: before the last derivative, or after it. */
export type Phase = "anytime" | "last";

/**
 * anytime: keeps the value and the derivative conventions at every kink and tie. last: only after the last derivative.
 * early: only before it, for what derivatives inherit.
 */
export type RulePhase = Phase | "early";

/** exact: the same bits. stable: the same reals, more accurate or free of overflow and NaN. real: the same reals. */
export type ListName = "exact" | "stable" | "real";

/** How far rewriting may go: exact keeps every bit of maps; all also takes what is true of real numbers; none. */
export type Level = "exact" | "all" | "none";

/** Where a rule starts to look. */
export type Root = Primitive | "map" | Combination | "operation";

/** A contraction that only re-indexes its operand, another one, or terms that meet in another way. */
export type Combination = "view" | "sum" | "reduce";

/** What an operand may be: a primitive's result, of such a kind, or the constant with that value. */
export type OperandKind = Primitive | Exclude<NodeKind, "map" | "contraction"> | Combination | number;

/**
 * What a rule cannot do without: an operand, or one of several. "constants": constants alone; "array": any operand, in a node that is
 * no scalar; "repeated": one that is there twice; "int": whole numbers; "guard": a condition on positions, in a combination.
 */
export type Ingredient = OperandKind | readonly OperandKind[] | "constants" | "array" | "repeated" | "int" | "guard";

export interface Rule {
  /** Of a pair only where others have the same left side: the left side says it else. */
  readonly name?: string | undefined;
  readonly phase: RulePhase;
  readonly roots: readonly Root[];
  /** What must be among a node's operands; most rules pass over most nodes by that alone. */
  readonly operands?: readonly Ingredient[];
  /** What takes the node's place, where the rule applies. */
  readonly apply: (node: Expr, context: Context) => Expr | undefined;
  /** The pair of expressions, for rules written as one. */
  readonly pair?: Pair;
}

export interface Pair {
  readonly left: Expr;
  /** An expression over the variables of `left`, or one computed from what they stand for. */
  readonly right: Expr | ((bindings: Bindings) => Expr | undefined);
  readonly where?: Condition | undefined;
  /** Parts of `left` that nothing else may use. */
  readonly once?: readonly Expr[] | undefined;
}

/** A side condition on what the variables stand for. */
export type Condition = (bindings: Bindings, context: Context) => boolean;

interface Options {
  readonly phase?: RulePhase;
  readonly where?: Condition | undefined;
  /** What tells it from other rules with the same left side. */
  readonly name?: string | undefined;
  /** Parts of the left side that nothing else may use: the rule would compute them a second time. */
  readonly once?: readonly Expr[];
}

/** A rule as a pair of expressions over pattern variables: wherever `left` stands, `right` may stand. */
export function rule(left: Expr, right: Pair["right"], options: Options = {}): Rule {
  const matcher = new Matcher(left, options.once);
  const { where, phase = "anytime", name } = options;
  return {
    name,
    phase,
    roots: [matcher.primitive],
    operands: matcher.operands,
    apply: (node, context) => {
      const { graph, isShared } = context;
      for (let next = 0; ; ) {
        const match = matcher.match(graph, node.id, isShared, next);
        if (!match) return undefined;
        const { bindings } = match;
        next = match.next;
        if (where && !where(bindings, context)) continue;
        const made = typeof right === "function" ? right(bindings) : instantiate(right, bindings, node);
        if (made) return made;
      }
    },
    pair: { left, right, ...options },
  };
}

/** Where a rule without a pair looks. */
interface Start {
  readonly roots: readonly (Operation | Root)[];
  readonly operands?: readonly (Operation | Ingredient | readonly (Operation | OperandKind)[])[];
  readonly phase?: RulePhase;
}

/** A rule as a function, for shapes that no pair of expressions states. */
export function structural(
  name: string,
  { roots, operands = [], phase = "anytime" }: Start,
  apply: Rule["apply"],
): Rule {
  const ingredients = operands.map((each) => (Array.isArray(each) ? each.map(recordOf) : recordOf(each)) as Ingredient);
  // the bits of a table may coincide
  const needed = ingredients.map(kindsOf).filter((kinds) => kinds !== undefined);
  const checked: Rule["apply"] = (node, context) =>
    needed.every((kinds) => hasOneOf(kinds, node)) ? apply(node, context) : undefined;
  return {
    name,
    phase,
    roots: roots.map(recordOf),
    operands: ingredients,
    apply: needed.length > 0 ? checked : apply,
  };
}

/** What an ingredient says of a whole node. */
const ofNodes: ReadonlySet<unknown> = new Set<Ingredient>(["constants", "array", "repeated", "int", "guard"]);

/** The kinds of which one operand must be; undefined for what the bits of a table alone tell. */
function kindsOf(ingredient: Ingredient): readonly unknown[] | undefined {
  const kinds: readonly unknown[] = Array.isArray(ingredient) ? ingredient : [ingredient];
  return kinds.some((kind) => typeof kind === "number" || ofNodes.has(kind)) ? undefined : kinds;
}

function hasOneOf(kinds: readonly unknown[], { graph, id }: Expr): boolean {
  const count = graph.operandCount(id);
  for (let k = 0; k < count; k++) if (kinds.includes(kindOf(graph, graph.operandAt(id, k)))) return true;
  return false;
}

/** What rules see of a node by itself. */
export function kindOf(graph: Graph, id: number): Exclude<OperandKind, number> {
  const kind = graph.kindOf(id);
  if (kind === "map") return graph.primitiveOf(id);
  return kind === "contraction" ? (graph.isView(id) ? "view" : "sum") : kind;
}

/** The record of an operation, where it is one. */
const recordOf = <T>(of: Operation | T): Primitive | T => (typeof of === "function" ? (of as Operation).primitive : of);

/** The rules of one subject, by how much of the bits they keep. */
export type Rules = Readonly<Partial<Record<ListName, readonly Rule[]>>>;
