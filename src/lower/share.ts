import type { Buffer, Statement, Temporary, Value } from "./loops.ts";
import { isNest, mapBodies, mapOperands, mapStatementValues, ownValues } from "./rewrite-statements.ts";

/** Statements of one block within which a load has one name: a name that is kept for longer lies in memory itself. */
const reach = 48;

/**
 * Loads that one block makes more than once, named at their first use: a store in between may, for all that a
 * JavaScript engine knows, change the array. Only arrays that the program never writes take part.
 */
export function shareLoads(statements: readonly Statement[], temporary: (buffer: Buffer) => Temporary): Statement[] {
  /** Where each load stands, last first. */
  const places = new Map<string, number[]>();
  for (let position = statements.length - 1; position >= 0; position--) {
    forOwnValues(statements[position]!, (value) => {
      const key = loadKey(value);
      if (key === undefined) return;
      const known = places.get(key);
      if (known) known.push(position);
      else places.set(key, [position]);
    });
  }
  const named = new Map<string, Temporary>();
  const namedAt = new Map<string, number>();
  const result: Statement[] = [];
  for (const [position, statement] of statements.entries()) {
    const inner = isNest(statement) ? mapBodies(statement, (body) => shareLoads(body, temporary)) : statement;
    forOwnValues(inner, (value) => {
      const key = loadKey(value);
      if (key === undefined || value.kind !== "load") return;
      const later = places.get(key)!;
      later.pop();
      if (position - (namedAt.get(key) ?? Number.NEGATIVE_INFINITY) <= reach) return;
      named.delete(key);
      const next = later[later.length - 1];
      if (next === undefined || next - position > reach) return;
      const name = temporary(value.buffer);
      named.set(key, name);
      namedAt.set(key, position);
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
