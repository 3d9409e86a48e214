import type { Buffer, Statement, Temporary, Value } from "./loops.ts";
import { isNest, mapBodies, mapOperands, mapStatementValues, ownValues } from "./rewrite-statements.ts";

/**
 * Loads that one block makes more than once, named at their first use: a store in between may, for all that a
 * JavaScript engine knows, change the array. Only arrays that the program never writes take part.
 */
export function shareLoads(statements: readonly Statement[], temporary: (buffer: Buffer) => Temporary): Statement[] {
  const counts = new Map<string, number>();
  for (const statement of statements) {
    forOwnValues(statement, (value) => {
      const key = loadKey(value);
      if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1);
    });
  }
  const named = new Map<string, Temporary>();
  const result: Statement[] = [];
  for (const statement of statements) {
    const inner = isNest(statement) ? mapBodies(statement, (body) => shareLoads(body, temporary)) : statement;
    forOwnValues(inner, (value) => {
      const key = loadKey(value);
      if (key === undefined || value.kind !== "load" || counts.get(key)! < 2 || named.has(key)) return;
      const name = temporary(value.buffer);
      named.set(key, name);
      result.push({ kind: "let", temporary: name, value });
    });
    result.push(named.size === 0 ? inner : mapStatementValues(inner, (value) => replaceLoads(value, named)));
  }
  return result;
}

function loadKey(value: Value): string | undefined {
  if (value.kind !== "load" || (value.buffer.role !== "input" && value.buffer.role !== "table")) return undefined;
  return `${value.buffer.id}|${value.address.key}`;
}

/** The values that the statement surely evaluates: not those under a guard, nor those of inner blocks. */
function forOwnValues(statement: Statement, visit: (value: Value) => void): void {
  for (const value of ownValues(statement)) visitUnguarded(value, visit);
}

function visitUnguarded(value: Value, visit: (value: Value) => void): void {
  if (value.kind === "guarded") return;
  visit(value);
  if (value.kind === "apply") for (const operand of value.operands) visitUnguarded(operand, visit);
}

function replaceLoads(value: Value, named: ReadonlyMap<string, Temporary>): Value {
  const key = loadKey(value);
  const name = key === undefined ? undefined : named.get(key);
  if (name) return { kind: "temporary", temporary: name };
  if (value.kind === "apply") return mapOperands(value, (operand) => replaceLoads(operand, named));
  if (value.kind !== "guarded") return value;
  const inner = replaceLoads(value.value, named);
  return inner === value.value ? value : { ...value, value: inner };
}
