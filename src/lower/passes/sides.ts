import { not } from "../../ops/elementary/comparison.ts";
import type { Statement, Temporary, Value } from "../program/loops.ts";
import { isNest, mapBodies, mapOperands, mapStatementValues } from "../program/rewrite-statements.ts";
import { folded, truthOf } from "../program/values.ts";

/** The sides of a condition, as bits. */
export const [onYes, onNo] = [1, 2] as const;
export const onBoth = onYes | onNo;

/** The name of a condition, and whether it is that or its opposite. */
export function namedCondition(value: Value): readonly [Temporary, isMet: boolean] | undefined {
  if (value.kind === "temporary") return [value, true];
  const opposite = value.kind === "apply" && value.primitive === not.primitive ? value.operands[0]! : undefined;
  return opposite?.kind === "temporary" ? [opposite, false] : undefined;
}

/** What is known on each side of a condition. */
export class SidesOf {
  readonly condition: Temporary;
  /** What names of other conditions stand for. */
  private readonly definitions = new Map<Temporary, Value>();
  /** Where conditions fail, and where they hold. */
  private readonly places = new Map<Value, readonly [fails: number, holds: number]>();
  private readonly found = [new Map<Temporary, Value>(), new Map<Temporary, Value>()] as const;

  constructor(condition: Temporary, statements: readonly Statement[]) {
    this.condition = condition;
    this.note(statements);
  }

  private note(statements: readonly Statement[]): void {
    for (const statement of statements) {
      if (statement.kind === "let" && statement.temporary.dtype === "bool")
        this.definitions.set(statement.temporary, statement.value);
      if (statement.kind === "if") this.note(statement.otherwise);
      if (isNest(statement)) this.note(statement.body);
    }
  }

  /** Where a condition may be true, or false. */
  where(condition: Value, isTrue: boolean): number {
    let found = this.places.get(condition);
    if (!found) {
      const [yes, no] = [truthOf(this.settled(condition, true)), truthOf(this.settled(condition, false))];
      const sides = (isTrue: boolean) => (yes === !isTrue ? 0 : onYes) | (no === !isTrue ? 0 : onNo);
      found = [sides(false), sides(true)];
      this.places.set(condition, found);
    }
    return found[isTrue ? 1 : 0];
  }

  /** Whether a condition is known on some side. */
  decides(condition: Value): boolean {
    return this.where(condition, true) !== onBoth || this.where(condition, false) !== onBoth;
  }

  /** A value on one side. */
  settled(value: Value, isMet: boolean): Value {
    if (value.kind === "guarded") {
      const inner = this.settled(value.value, isMet);
      return inner === value.value ? value : { ...value, value: inner };
    }
    if (value.kind === "temporary") return this.named(value, isMet);
    if (value.kind !== "apply") return value;
    const mapped = mapOperands(value, (operand) => this.settled(operand, isMet));
    return mapped === value ? value : folded(mapped);
  }

  /** What a statement does on one side. */
  statements(statement: Statement, isMet: boolean): Statement[] {
    return withoutDecided(mapStatementValues(statement, (value) => this.settled(value, isMet)));
  }

  /** What a name stands for there, where that is a constant, or no more than another name. */
  private named(name: Temporary, isMet: boolean): Value {
    if (name === this.condition) return { kind: "constant", value: isMet ? 1 : 0, dtype: "bool" };
    const definition = this.definitions.get(name);
    if (!definition) return name;
    const known = this.found[isMet ? 1 : 0];
    const before = known.get(name);
    if (before) return before;
    const value = this.settled(definition, isMet);
    const isName = value.kind === "temporary" && this.definitions.has(value);
    const result = isName || value.kind === "constant" ? value : name;
    known.set(name, result);
    return result;
  }
}

/** A statement without choices by constants. */
function withoutDecided(statement: Statement): Statement[] {
  if (!isNest(statement)) return [statement];
  const isTrue = statement.kind === "if" ? truthOf(statement.condition) : undefined;
  const inner = mapBodies(statement, (body) => body.flatMap(withoutDecided));
  if (inner.kind !== "if" || isTrue === undefined) return [inner];
  return isTrue ? inner.body : inner.otherwise;
}
