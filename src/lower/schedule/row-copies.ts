import { Integer } from "../../ir/integer.ts";
import type { LoopBuilder } from "../builder/builder.ts";
import { placed, placedGuard } from "../items/indices.ts";
import type { Statement, Temporary, Value } from "../program/loops.ts";
import { valueMapping, visitValue } from "../program/rewrite-statements.ts";

/** What a row calls the temporaries and integer variables of the text that is copied. */
interface Row {
  readonly temporaries: Map<Temporary, Temporary>;
  readonly variables: (Integer | undefined)[];
  readonly value: (value: Value) => Value;
  readonly integer: (integer: Integer) => Integer;
}

type Definition = Extract<Statement, { kind: "let" | "start" | "index" }>;

/** Statements of a loop's body for several rows: loops inside run once for all, and what rows have in common is made once. */
export class RowCopies {
  private readonly builder: LoopBuilder;
  private readonly rows: readonly Row[];
  /** The temporaries and integer variables that each row has for itself. */
  private readonly own: Set<Temporary | number>;

  /** `variable` is what tells rows apart: it takes so many values from `first` on. */
  constructor(builder: LoopBuilder, variable: number, count: number, first: Integer) {
    this.builder = builder;
    this.own = new Set([variable]);
    this.rows = Array.from({ length: count }, (_, k) => {
      const temporaries = new Map<Temporary, Temporary>();
      const variables: (Integer | undefined)[] = [];
      variables[variable] = first.plus(k);
      const integer = (whole: Integer) => placed(whole, variables);
      const value = valueMapping((temporary) => temporaries.get(temporary), integer);
      return { temporaries, variables, value, integer };
    });
  }

  block(body: readonly Statement[]): Statement[] {
    return body.flatMap((statement) => this.statement(statement));
  }

  /** A statement for each row, by its number and its form of a value. */
  each(write: (row: number, value: (value: Value) => Value) => Statement): Statement[] {
    return this.rows.map(({ value }, k) => write(k, value));
  }

  /** Gives a temporary of the text these values. */
  name(temporary: Temporary, value: (row: number) => Value): Statement[] {
    this.own.add(temporary);
    return this.rows.map(({ temporaries }, k) => {
      const named = this.builder.temporary(temporary.dtype);
      temporaries.set(temporary, named);
      return { kind: "let", temporary: named, value: value(k) };
    });
  }

  private statement(statement: Statement): Statement[] {
    const { rows } = this;
    switch (statement.kind) {
      case "for": {
        const { integer } = rows[0]!;
        const variable = this.builder.loopVariable();
        for (const { variables } of rows) variables[statement.variable] = Integer.iterator(variable);
        const { from, to, body } = statement;
        return [{ ...statement, variable, from: from.map(integer), to: to.map(integer), body: this.block(body) }];
      }
      case "let":
      case "start":
      case "index":
        return this.define(statement);
      case "combine":
      case "assign":
        return rows.map(({ temporaries, value }) => {
          const temporary = temporaries.get(statement.temporary) ?? statement.temporary;
          return { ...statement, temporary, value: value(statement.value) };
        });
      case "store":
      case "accumulate":
        return rows.map(({ integer, value }) => {
          return { ...statement, address: integer(statement.address), value: value(statement.value) };
        });
      case "when":
        if (rows.length === 1) {
          const guards = statement.guards.map((guard) => placedGuard(guard, rows[0]!.variables));
          return [{ ...statement, guards, body: this.block(statement.body) }];
        }
    }
    throw new Error(`internal: cannot copy ${statement.kind}`);
  }

  private define(statement: Definition): Statement[] {
    const isOwn = statement.kind === "start" || this.isOwn(statement.value);
    const name = statement.kind === "index" ? statement.variable : statement.temporary;
    if (isOwn) this.own.add(name);
    const made = (isOwn ? this.rows : this.rows.slice(0, 1)).map((row): Statement => {
      const value = row.value(statement.value);
      const holders = isOwn ? [row] : this.rows;
      if (statement.kind === "index") {
        const variable = this.builder.loopVariable();
        for (const { variables } of holders) variables[statement.variable] = Integer.iterator(variable);
        return { ...statement, variable, value };
      }
      const temporary = this.builder.temporary(statement.temporary.dtype);
      for (const { temporaries } of holders) temporaries.set(statement.temporary, temporary);
      return { ...statement, temporary, value };
    });
    return made;
  }

  /** True for a value that rows do not have in common. */
  private isOwn(value: Value): boolean {
    let isOwn = false;
    const note = (integer: Integer | undefined) => {
      if (integer?.iterators().some((variable) => this.own.has(variable))) isOwn = true;
    };
    visitValue(value, (inner) => {
      if (inner.kind === "temporary" && this.own.has(inner)) isOwn = true;
      if (inner.kind === "integer") note(inner.integer);
      if (inner.kind === "load") note(inner.address);
      if (inner.kind === "guarded") for (const { index, extent } of inner.guards) [index, extent].forEach(note);
    });
    return isOwn;
  }
}
