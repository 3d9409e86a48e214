import { SidesOf } from "../../lower/passes/sides.ts";
import type { Statement, Temporary, Value } from "../../lower/program/loops.ts";
import { ownValue, visitStatement } from "../../lower/program/rewrite-statements.ts";
import { ownTemporaries } from "../../lower/program/uses.ts";
import { dtypeOf, truthOf } from "../../lower/program/values.ts";
import { div, reciprocal } from "../../ops/elementary/algebra.ts";
import {
  and,
  equal,
  greater,
  greaterEqual,
  isFiniteReal,
  isNaNReal,
  less,
  lessEqual,
  not,
  notEqual,
  or,
  select,
} from "../../ops/elementary/comparison.ts";
import { rsqrt, sqrt } from "../../ops/elementary/powers.ts";
import { primitivesOf } from "../../ops/maps.ts";

/** A way through a body on which conditions are known. */
export interface Path {
  readonly truth: Truth;
  /** The statements that it needs. */
  readonly needed: ReadonlySet<Statement>;
}

/** Whether a condition holds, as far as that is known. */
type Truth = (condition: Value) => boolean | undefined;

/** Behind a condition that comes out alike nearly always, a way for when it does. */
export interface Fork {
  /** Where the condition gets its name. */
  readonly at: number;
  readonly condition: Temporary;
  readonly expected: boolean;
  readonly path: Path;
  /** What stands before, and the other way alone needs. */
  readonly late: readonly Statement[];
}

/** In longer bodies nothing is looked for: each condition takes a walk over all of one. */
const longestBody = 400;

/** What a way without another sign has to spare: a power, or two functions. */
const muchSpared = 20;

/**
 * The first condition in a body without loops that comes out alike nearly always, where that spares divisions, roots or functions: both
 * sides of other choices are computed, as iterations that are taken together may differ. Numbers whose signs are asked for are positive,
 * as the bases of powers are: where one is not, asking was in vain, so that it has to spare more.
 */
export function forkOf(body: readonly Statement[]): Fork | undefined {
  if (body.length > longestBody || body.some(({ kind }) => kind === "for")) return undefined;
  const whole = costIn(body, neededIn(body, unknown), unknown);
  for (const [at, statement] of body.entries()) {
    if (statement.kind !== "let") continue;
    const certain = expectedOf(statement.value);
    const expected = certain ?? ifPositive(statement.value);
    if (expected === undefined) continue;
    const condition = statement.temporary;
    const sides = new SidesOf(condition, body);
    const truth: Truth = (value) => truthOf(sides.settled(value, expected));
    const needed = neededIn(body, truth, condition);
    const spared = whole - costIn(body, needed, truth);
    if (spared <= 0 || (certain === undefined && spared < muchSpared)) continue;
    const before = body.slice(0, at);
    const late = before.some(writes) ? [] : before.filter((each) => !needed.has(each));
    return { at, condition, expected, path: { truth, needed }, late };
  }
  return undefined;
}

const unknown: Truth = () => undefined;

/** Numbers are taken to lie between these, apart from 0: what asks whether they do looks for overflow. */
const [tiny, huge] = [1e-30, 1e30];

const [below, above] = [primitivesOf(less, lessEqual), primitivesOf(greater, greaterEqual)];

/** How a condition comes out nearly always; undefined where it may go either way. */
function expectedOf(condition: Value): boolean | undefined {
  if (condition.kind !== "apply") return undefined;
  const { primitive, operands } = condition;
  if (primitive === not.primitive) return opposite(expectedOf(operands[0]!));
  if (primitive === and.primitive) return allExpected(operands, true);
  if (primitive === or.primitive) return allExpected(operands, false);
  if (primitive === isFiniteReal.primitive) return true;
  if (primitive === isNaNReal.primitive) return false;
  if (operands.some((operand) => dtypeOf(operand) !== "real")) return undefined;
  if (primitive === equal.primitive) return false;
  if (primitive === notEqual.primitive) return true;
  const [x, y] = operands as [Value, Value];
  if (below.has(primitive)) return isOrdered(x, y);
  return above.has(primitive) ? isOrdered(y, x) : undefined;
}

/** How a comparison with 0, or with a negative number, comes out for a positive one. */
function ifPositive(condition: Value): boolean | undefined {
  if (condition.kind !== "apply") return undefined;
  const { primitive, operands } = condition;
  if (primitive === not.primitive) return opposite(ifPositive(operands[0]!));
  const [first, second] = operands.map((operand) => operand.kind === "constant" && operand.value <= 0);
  if (first === second) return undefined;
  if (below.has(primitive)) return first;
  return above.has(primitive) ? second : undefined;
}

const opposite = (truth: boolean | undefined) => (truth === undefined ? undefined : !truth);

/** That of a conjunction, or of a disjunction: as one that decides it, or as all of them. */
function allExpected(conditions: readonly Value[], isAll: boolean): boolean | undefined {
  const each = conditions.map(expectedOf);
  if (each.includes(!isAll)) return !isAll;
  return each.includes(undefined) ? undefined : isAll;
}

/** Whether one number is below another one, where one of them is too small or too large to be met. */
function isOrdered(x: Value, y: Value): boolean | undefined {
  const isBeyond = (value: Value, holds: (size: number) => boolean) => value.kind === "constant" && holds(value.value);
  const isTiny = (size: number) => 0 < size && size <= tiny;
  const isHuge = (size: number) => size >= huge;
  if (isBeyond(x, isTiny) || isBeyond(y, isHuge)) return true;
  return isBeyond(x, isHuge) || isBeyond(y, isTiny) ? false : undefined;
}

function writes(statement: Statement): boolean {
  let found = false;
  visitStatement(statement, {
    statement: ({ kind }) => (found ||= kind === "store" || kind === "accumulate"),
  });
  return found;
}

/** The statements that have an effect outside, or that such need, where conditions are known; with what a condition needs. */
function neededIn(body: readonly Statement[], truth: Truth, condition?: Temporary): ReadonlySet<Statement> {
  const own = ownTemporaries(body);
  const read = new Set<Temporary>(condition && [condition]);
  const needed = new Set<Statement>();
  const note = (value: Value) => {
    if (value.kind === "temporary") read.add(value);
  };
  const isNeeded = (statement: Statement): boolean => {
    if (statement.kind === "if") {
      const isTrue = truth(statement.condition);
      const sides = [...(isTrue === false ? [] : statement.body), ...(isTrue === true ? [] : statement.otherwise)];
      for (const inner of sides.reverse()) take(inner);
      return sides.some((inner) => needed.has(inner));
    }
    return !("temporary" in statement) || !own.has(statement.temporary) || read.has(statement.temporary);
  };
  const take = (statement: Statement) => {
    if (!isNeeded(statement)) return;
    needed.add(statement);
    if (statement.kind === "when") for (const inner of [...statement.body].reverse()) take(inner);
    const value = ownValue(statement);
    if (value) visitKnown(value, truth, note);
  };
  for (const statement of [...body].reverse()) take(statement);
  return needed;
}

/** Visits a value without the sides of choices that are known not to be taken. */
function visitKnown(value: Value, truth: Truth, visit: (value: Value) => void): void {
  visit(value);
  if (value.kind === "guarded") visitKnown(value.value, truth, visit);
  if (value.kind !== "apply") return;
  const isTrue = value.primitive === select.primitive ? truth(value.operands[0]!) : undefined;
  const operands = isTrue === undefined ? value.operands : [value.operands[isTrue ? 1 : 2]!];
  for (const operand of operands) visitKnown(operand, truth, visit);
}

/** Roots and quotients take longer than what they count as. */
const slow = primitivesOf(div, reciprocal, sqrt, rsqrt);
const dear = 8;

/** What the divisions, roots and functions of statements cost. */
function costIn(body: readonly Statement[], needed: ReadonlySet<Statement>, truth: Truth): number {
  let cost = 0;
  const visit = (value: Value) => {
    if (value.kind !== "apply") return;
    if (slow.has(value.primitive)) cost += dear;
    else if (value.primitive.cost >= dear) cost += value.primitive.cost;
  };
  const statement = (inner: Statement) => {
    const value = needed.has(inner) ? ownValue(inner) : undefined;
    if (value) visitKnown(value, truth, visit);
  };
  for (const outer of body) visitStatement(outer, { statement });
  return cost;
}
