import { branching } from "../../ir/bodies/choice.ts";
import type { Guard } from "../../ir/contraction.ts";
import { TypeMismatchError } from "../../ir/errors.ts";
import { type Expr, sameShape } from "../../ir/graph.ts";
import { toReal } from "../../ops/elementary/cast.ts";
import { select } from "../../ops/elementary/comparison.ts";
import { isBeside } from "../binders/beside.ts";
import { isNonNegative } from "../binders/bounds.ts";
import type { Builder } from "./builder.ts";
import { apply, article, broadcastShape, negated } from "./elementwise.ts";
import { aligned, type Term, termOf } from "./term.ts";

/** Conditions that are entered one after the other: what is built under them reads only where they hold, or fail. */
export class Conditions {
  private readonly builder: Builder;
  private readonly entered: Term[] = [];
  private readonly leave: (() => void)[] = [];
  /** How many reads at positions there were before. */
  private readonly reads: number;

  constructor(builder: Builder) {
    this.builder = builder;
    this.reads = builder.positions.length;
  }

  enter(condition: Term, holds: boolean): void {
    this.entered.push(condition);
    const known = holds ? (condition.condition ?? []) : opposite(condition);
    this.leave.push(this.builder.enter(condition, holds, known));
  }

  /** Leaves the last one. */
  back(): void {
    this.leave.pop()!();
  }

  /** Leaves all; to be called however what is built under them ends. */
  end(): void {
    while (this.leave.length > 0) this.back();
  }

  /** Positions whose reads the elements of the result share are required for all elements. */
  demand(result: Term): void {
    for (const { path, requireAll, ...read } of this.builder.positions.slice(this.reads)) {
      const step = path.find(({ condition }) => condition.rank > 0 && this.entered.includes(condition));
      if (step && !isBeside(result.expr, read, step.condition.rank)) requireAll();
    }
  }
}

/**
 * The sides of a choice as they are built, one under each condition and the last where all fail: reads count only where
 * their conditions hold. `done` leaves the conditions, and makes the value.
 */
export class Choice {
  private readonly builder: Builder;
  private readonly path: Conditions;
  private readonly conditions: Term[] = [];
  private readonly sides: Term[] = [];
  /** How many nodes there were before each side, and before what follows it. */
  private readonly before: { readonly side: number; readonly rest: number }[] = [];

  constructor(builder: Builder) {
    this.builder = builder;
    this.path = new Conditions(builder);
  }

  /** Adds `value` for where the condition holds, and no condition before it. */
  when(condition: Term, value: () => Term): void {
    if (condition.dtype !== "bool") {
      throw new TypeMismatchError(`a choice needs a condition, got ${article(condition.dtype)}.`, {
        notes: ['Compare it: "x != 0".'],
      });
    }
    const { graph } = this.builder;
    const side = graph.length;
    this.path.enter(condition, true);
    try {
      const term = value();
      if (term.dtype === "real") term.expr;
      this.sides.push(term);
      this.before.push({ side, rest: graph.length });
      this.conditions.push(condition);
    } finally {
      this.path.back();
    }
    this.path.enter(condition, false);
  }

  /** Leaves the conditions; to be called however the choice ends. */
  end(): void {
    this.path.end();
  }

  /** The value, with `otherwise` where no condition holds. */
  value(otherwise: Term): Term {
    let result = otherwise;
    for (let k = this.conditions.length - 1; k >= 0; k--) {
      const condition = this.conditions[k]!;
      const side = this.sides[k]!;
      const settled = outcome(condition);
      if (settled === undefined) {
        const both = apply(select, [condition, side, result], "a choice");
        const { side: yes, rest: no } = this.before[k]!;
        result = lazily(condition, both, { of: side, from: yes }, { of: result, from: no }) ?? both;
      } else result = settled ? asChoice(side, result) : asChoice(result, side);
    }
    this.path.demand(result);
    return result;
  }
}

/** The one side that counts, as the choice has it: broadcast, and a real where the other is one. */
function asChoice(side: Term, other: Term): Term {
  const { builder, iterators } = side;
  const shape = broadcastShape([side.shape, other.shape], "a choice");
  const asReal = side.dtype !== "real" && side.dtype !== other.dtype;
  if (!asReal && sameShape(shape, side.shape)) return side;
  const expr = aligned(side, iterators, shape);
  return termOf(builder, asReal ? toReal(expr) : expr, iterators);
}

/** A side of a choice: its own nodes are those from a number on. */
interface Side {
  readonly of: Term;
  readonly from: number;
}

/**
 * The choice as an operation, of which one side is computed: where one number decides, and a side sums, solves or loops.
 * `both` is the value with both sides computed.
 */
function lazily(condition: Term, both: Term, yes: Side, no: Side): Term | undefined {
  const { builder, iterators, shape, dtype } = both;
  const isOne = condition.rank === 0 && condition.iterators.length === 0;
  if (!isOne || builder.isSearching || [dtype, yes.of.dtype, no.of.dtype].some((type) => type !== "real"))
    return undefined;
  const branch = builder.graph.ability(branching);
  if (!branch) return undefined;
  const [taken, other] = [yes, no].map(({ of, from }) => {
    const expr = aligned(of, iterators, shape);
    return { expr, ...ownNodes(expr, from) };
  });
  if (!taken!.isHeavy && !other!.isHeavy) return undefined;
  const operands = [...new Set([...taken!.given, ...other!.given])];
  const draft = { parameters: operands, yes: [taken!.expr], no: [other!.expr] };
  return termOf(builder, branch(condition.expr, draft, operands)[0]!, iterators);
}

/** What the nodes of a side read that was there before, and whether they are worth a branch. */
function ownNodes(root: Expr, from: number): { readonly given: readonly Expr[]; readonly isHeavy: boolean } {
  const { graph } = root;
  const given: Expr[] = [];
  let isHeavy = false;
  const seen = new Set<number>();
  const pending = [root.id];
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    const kind = graph.kindOf(id);
    if (kind === "constant" || kind === "size" || kind === "iota" || kind === "tensor") continue;
    if (id < from || kind === "leaf") {
      given.push(graph.expr(id));
      continue;
    }
    isHeavy ||= kind === "operation" || kind === "reduce" || (kind === "contraction" && !graph.isView(id));
    pending.push(...graph.operandIds(id));
  }
  return { given: given.sort((a, b) => a.id - b.id), isHeavy };
}

/** if condition then yes else no. */
export function choose(condition: Term, yes: () => Term, no: () => Term): Term {
  const choice = new Choice(condition.builder);
  try {
    choice.when(condition, yes);
    const otherwise = no();
    choice.end();
    return choice.value(otherwise);
  } finally {
    choice.end();
  }
}

/** What is known where the condition fails: its opposite, if that is one comparison, for i == j the side that is left. */
function opposite({ builder, condition }: Term): readonly Guard[] {
  const guards = negated(condition);
  if (guards) return guards;
  const only = condition?.length === 1 ? condition[0]! : undefined;
  if (!only?.extent) return [];
  const above = only.index.minus(1);
  const below = only.index.scaled(-1).minus(1);
  const known = builder.pathGuards;
  // not equal, and not below: above
  if (isNonNegative(builder, only.index, known)) return [{ index: above, extent: undefined }];
  if (isNonNegative(builder, only.index.scaled(-1), known)) return [{ index: below, extent: undefined }];
  return [];
}

/** The outcome where it is the same for all values of the iterators and sizes. */
function outcome({ builder, condition }: Term): boolean | undefined {
  if (!condition || builder.isSearching) return undefined;
  if (condition.every((guard) => isAlways(guard))) return true;
  return condition.some(({ index, extent }) => isNever(index.value, extent?.value)) ? false : undefined;

  function isAlways({ index, extent }: Guard): boolean {
    const isLow = isNonNegative(builder, index);
    return isLow && (!extent || isNonNegative(builder, extent.minus(1).minus(index)));
  }
}

const isNever = (index: number | undefined, extent: number | undefined) =>
  index !== undefined && (index < 0 || (extent !== undefined && index >= extent));
