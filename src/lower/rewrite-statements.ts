import type { Integer } from "../ir/integer.ts";
import type { Statement, Temporary, Value } from "./loops.ts";

/** The value with its temporaries and integers replaced. */
export function mapValue(
  value: Value,
  temporary: (temporary: Temporary) => Value,
  integer: (integer: Integer) => Integer,
): Value {
  switch (value.kind) {
    case "constant":
      return value;
    case "integer":
      return { kind: "integer", integer: integer(value.integer) };
    case "load":
      return { ...value, address: integer(value.address) };
    case "temporary":
      return temporary(value.temporary);
    case "apply":
      return { ...value, operands: value.operands.map((operand) => mapValue(operand, temporary, integer)) };
    case "guarded":
      return {
        ...value,
        guards: value.guards.map((guard) => ({ index: integer(guard.index), extent: guard.extent })),
        value: mapValue(value.value, temporary, integer),
      };
  }
}

/** The statement with every value in it replaced, inner statements included. */
export function mapStatementValues(statement: Statement, map: (value: Value) => Value): Statement {
  switch (statement.kind) {
    case "for":
      return { ...statement, body: statement.body.map((inner) => mapStatementValues(inner, map)) };
    case "when":
      return { ...statement, body: statement.body.map((inner) => mapStatementValues(inner, map)) };
    case "fill":
      return statement;
    default:
      return { ...statement, value: map(statement.value) };
  }
}

/** Visits a statement and everything inside it. */
export function visitStatement(
  statement: Statement,
  visit: { readonly value?: (value: Value) => void; readonly statement?: (statement: Statement) => void },
): void {
  const pending: Statement[] = [statement];
  for (let next = pending.pop(); next; next = pending.pop()) {
    visit.statement?.(next);
    if (next.kind === "for" || next.kind === "when") for (const inner of next.body) pending.push(inner);
    else if (next.kind !== "fill" && visit.value) visitValue(next.value, visit.value);
  }
}

export function visitValue(value: Value, visit: (value: Value) => void): void {
  visit(value);
  if (value.kind === "apply") for (const operand of value.operands) visitValue(operand, visit);
  if (value.kind === "guarded") visitValue(value.value, visit);
}
