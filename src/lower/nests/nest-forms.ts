import type { Primitive } from "../../ir/primitive.ts";
import type { Loop, Statement, Value } from "../program/loops.ts";
import { isNest } from "../program/rewrite-statements.ts";

/**
 * Numbers for the forms of nests, which leave out all addresses: nests of different forms are not alike. They are found once a
 * statement, and so few nests are compared in full.
 */
export class Forms {
  private readonly formOf = new Map<Loop, number>();
  private readonly counts = new Map<number, number>();
  private readonly primitives = new Map<Primitive, number>();

  /** Counts the nests of a body. */
  count(body: readonly Statement[]): void {
    for (const statement of body) if (isNest(statement)) this.ofStatement(statement);
  }

  isRepeated(loop: Loop): boolean {
    return (this.counts.get(this.formOf.get(loop) ?? Number.NaN) ?? 0) > 1;
  }

  private ofStatement(statement: Statement): number {
    let form = statement.kind.charCodeAt(0) * 31 + statement.kind.length;
    if ("value" in statement && typeof statement.value === "object") form = mixed(form, this.ofValue(statement.value));
    if ("condition" in statement) form = mixed(form, this.ofValue(statement.condition));
    if (!isNest(statement)) return form;
    for (const inner of statement.body) form = mixed(form, this.ofStatement(inner));
    form = mixed(form, 1);
    if (statement.kind === "if") for (const inner of statement.otherwise) form = mixed(form, this.ofStatement(inner));
    if (statement.kind !== "for") return form;
    form = mixed(form, statement.step);
    this.formOf.set(statement, form);
    this.counts.set(form, (this.counts.get(form) ?? 0) + 1);
    return form;
  }

  private ofValue(value: Value): number {
    if (value.kind === "guarded") return mixed(value.guards.length, this.ofValue(value.value));
    if (value.kind !== "apply") return value.kind.length;
    let form = this.primitives.get(value.primitive) ?? this.primitives.size + 16;
    this.primitives.set(value.primitive, form);
    for (const operand of value.operands) form = mixed(form, this.ofValue(operand));
    return form;
  }
}

const mixed = (form: number, next: number): number => (Math.imul(form ^ (form >>> 15), 0x2c1b3c6d) + next) | 0;
