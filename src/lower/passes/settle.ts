import type { Guard } from "../../ir/contraction.ts";
import { Integer } from "../../ir/integer.ts";
import { add, sub } from "../../ops/elementary/algebra.ts";
import { toReal } from "../../ops/elementary/cast.ts";
import { not } from "../../ops/elementary/comparison.ts";
import type { Apply, Loop, Statement, Temporary, Value } from "../program/loops.ts";
import { isNest, mapBodies, mapOperands } from "../program/rewrite-statements.ts";
import { dtypeOf, folded } from "../program/values.ts";

/** What is known of conditions on whole numbers. */
export interface Known {
  holds(guard: Guard): boolean;
  /** Whether a guard is known not to hold. */
  fails?(guard: Guard): boolean;
  /** Whether a comparison is true; undefined where that is open. */
  decides(comparison: Apply): boolean | undefined;
  /** What is known in the rounds of a loop. */
  inside(loop: Loop): Known;
}

/** The statements without the conditions that are known, and without what these rule out. */
export function settled(body: readonly Statement[], known: Known): Statement[] {
  return new Settling(known).statements(body);
}

class Settling {
  private readonly known: Known;
  /** What names stand for that are gone. */
  private readonly names: Map<Temporary, Value>;
  /** Names that stay: they never change. */
  private readonly lets: Set<Temporary>;

  constructor(known: Known, around?: Settling) {
    this.known = known;
    this.names = around?.names ?? new Map();
    this.lets = around?.lets ?? new Set();
  }

  statements(body: readonly Statement[]): Statement[] {
    return body.flatMap((statement) => this.statement(statement));
  }

  private statement(statement: Statement): Statement[] {
    if (statement.kind === "for") {
      const inside = new Settling(this.known.inside(statement), this);
      return [mapBodies(statement, (body) => inside.statements(body))];
    }
    if (statement.kind === "when") {
      if (this.isRuledOut(statement.guards)) return [];
      const guards = statement.guards.filter((guard) => !this.known.holds(guard));
      const body = this.statements(statement.body);
      return guards.length === 0 ? body : [{ ...statement, guards, body }];
    }
    if (statement.kind === "if") {
      const condition = this.value(statement.condition);
      const { body, otherwise } = statement;
      if (condition.kind === "constant") return this.statements(condition.value === 0 ? otherwise : body);
      return [{ ...statement, condition, body: this.statements(body), otherwise: this.statements(otherwise) }];
    }
    if (isNest(statement)) return [mapBodies(statement, (body) => this.statements(body))];
    if (!("value" in statement) || statement.kind === "fill") return [statement];
    const value = this.value(statement.value);
    if (statement.kind === "let") {
      if (this.isNoName(value)) {
        this.names.set(statement.temporary, value);
        return [];
      }
      this.lets.add(statement.temporary);
    }
    return [value === statement.value ? statement : { ...statement, value }];
  }

  private isRuledOut(guards: readonly Guard[]): boolean {
    return guards.some((guard) => this.known.fails?.(guard));
  }

  /** True for conditions that are known, and for opposites of those that have a name. */
  private isNoName(value: Value): boolean {
    if (value.kind === "constant") return value.dtype === "bool";
    if (value.kind !== "apply" || value.primitive !== not.primitive) return false;
    const opposite = value.operands[0]!;
    return opposite.kind === "temporary" && this.lets.has(opposite);
  }

  private value(value: Value): Value {
    if (value.kind === "guarded") {
      if (this.isRuledOut(value.guards)) return { kind: "constant", value: 0, dtype: dtypeOf(value.value) };
      const guards = value.guards.filter((guard) => !this.known.holds(guard));
      const inner = this.value(value.value);
      return guards.length === 0 ? inner : { ...value, guards, value: inner };
    }
    if (value.kind === "temporary") return this.names.get(value) ?? value;
    if (value.kind !== "apply") return value;
    const isTrue = this.known.decides(value);
    if (isTrue !== undefined) return { kind: "constant", value: isTrue ? 1 : 0, dtype: "bool" };
    return folded(mapOperands(value, (operand) => this.value(operand)));
  }
}

/** Whole numbers that values are, some by name. */
export class WholeNumbers {
  private readonly names = new Map<Temporary, Integer>();

  of(value: Value): Integer | undefined {
    if (value.kind === "integer") return value.integer;
    if (value.kind === "temporary") return this.names.get(value);
    if (value.kind === "apply") {
      const { primitive, operands, dtype } = value;
      const isWhole = dtype === "int" && (primitive === add.primitive || primitive === sub.primitive);
      if (!isWhole && primitive !== toReal.primitive) return undefined;
      const sign = primitive === sub.primitive ? -1 : 1;
      return operands.map((operand) => this.of(operand)).reduce((x, y) => x && y && x.plus(y.scaled(sign)));
    }
    return value.kind === "constant" && Number.isSafeInteger(value.value) ? Integer.constant(value.value) : undefined;
  }

  /** Notes a name of a whole number. */
  name(temporary: Temporary, value: Value): void {
    const integer = this.of(value);
    if (integer) this.names.set(temporary, integer);
  }
}
