import type { Integer } from "../../ir/integer.ts";
import type { Apply, Loop, Program, SharedNest, Statement, Temporary, Value } from "./loops.ts";

/**
 * Values with their temporaries and integers replaced; what `temporary` has nothing for stays. Values in which nothing
 * changes come back as they are, as statements do below: long programs are mostly the same afterwards.
 */
export function valueMapping(
  temporary: (temporary: Temporary) => Value | undefined,
  integer: (integer: Integer) => Integer,
): (value: Value) => Value {
  const map = (value: Value): Value => {
    switch (value.kind) {
      case "constant":
        return value;
      case "integer": {
        const replaced = integer(value.integer);
        return replaced === value.integer ? value : { kind: "integer", integer: replaced };
      }
      case "load": {
        const address = integer(value.address);
        return address === value.address ? value : { ...value, address };
      }
      case "temporary":
        return temporary(value) ?? value;
      case "apply":
        return mapOperands(value, map);
      case "guarded":
        return {
          ...value,
          guards: value.guards.map((guard) => ({ index: integer(guard.index), extent: guard.extent })),
          value: map(value.value),
        };
    }
  };
  return map;
}

/** The same for temporaries alone: addresses stay. */
export function temporaryMapping(temporary: (temporary: Temporary) => Value | undefined): (value: Value) => Value {
  const map = (value: Value): Value => {
    const { kind } = value;
    if (kind === "temporary") return temporary(value) ?? value;
    if (kind === "apply") return mapOperands(value, map);
    if (kind !== "guarded") return value;
    const inner = map(value.value);
    return inner === value.value ? value : { ...value, value: inner };
  };
  return map;
}

/** The application with its operands replaced. */
export function mapOperands(value: Apply, map: (operand: Value) => Value): Apply {
  const { kind, primitive, operands, dtype } = value;
  let changed: Value[] | undefined;
  for (let k = 0; k < operands.length; k++) {
    const mapped = map(operands[k]!);
    if (mapped === operands[k]) continue;
    changed ??= operands.slice();
    changed[k] = mapped;
  }
  return changed ? { kind, primitive, operands: changed, dtype } : value;
}

/** The statement with every value in it replaced, inner statements included. */
export function mapStatementValues(statement: Statement, map: (value: Value) => Value): Statement {
  switch (statement.kind) {
    case "for":
    case "when":
    case "part":
      return mapBodies(statement, (body) => body.map((inner) => mapStatementValues(inner, map)));
    case "if":
    case "while": {
      const inside = mapBodies(statement, (body) => body.map((inner) => mapStatementValues(inner, map)));
      return { ...inside, condition: map(statement.condition) };
    }
    case "fill":
    case "call":
      return statement;
    case "shared":
      return {
        ...statement,
        arguments: statement.arguments.map(map),
        loop: mapStatementValues(statement.loop, map) as Loop,
      };
    default: {
      const value = map(statement.value);
      return value === statement.value ? statement : { ...statement, value };
    }
  }
}

/** A statement that holds others. */
export type Nest = Extract<Statement, { readonly body: Statement[] }>;

/** True of a statement that holds others. */
export function isNest(statement: Statement): statement is Nest {
  const { kind } = statement;
  return kind === "for" || kind === "when" || kind === "if" || kind === "while" || kind === "part";
}

/** The nest with each of its bodies replaced. */
export function mapBodies<S extends Nest>(statement: S, map: (body: readonly Statement[]) => Statement[]): S {
  const body = map(statement.body);
  return statement.kind === "if" ? { ...statement, body, otherwise: map(statement.otherwise) } : { ...statement, body };
}

/** The value that a statement evaluates itself, not counting those of inner statements. */
export function ownValue(statement: Statement): Value | undefined {
  switch (statement.kind) {
    case "for":
    case "when":
    case "part":
    case "fill":
    case "call":
    case "shared":
      return undefined;
    case "if":
    case "while":
      return statement.condition;
    default:
      return statement.value;
  }
}

/** The outermost statements of a program and of its routines. */
export function statementsOf({ parts, routines }: Program): Statement[] {
  return [...parts, ...routines.flatMap((routine) => routine.parts)].flat();
}

/** The nests that a program calls, each once. */
export function nestsIn(program: Program): SharedNest[] {
  const nests = new Set<SharedNest>();
  for (const statement of statementsOf(program)) {
    visitStatement(statement, { statement: (inner) => inner.kind === "shared" && nests.add(inner.nest) });
  }
  return [...nests];
}

/** Visits a statement and everything inside it, in the order of the text; of shared loops, those that it stands for. */
export function visitStatement(
  statement: Statement,
  visit: { readonly value?: (value: Value) => void; readonly statement?: (statement: Statement) => void },
): void {
  if (!isNest(statement) && statement.kind !== "shared") {
    visit.statement?.(statement);
    // long programs are mostly such statements
    const value = visit.value && ownValue(statement);
    if (value) visitValue(value, visit.value!);
    return;
  }
  const pending: Statement[] = [statement];
  for (let next = pending.pop(); next; next = pending.pop()) {
    visit.statement?.(next);
    const value = visit.value && ownValue(next);
    if (value) visitValue(value, visit.value!);
    if (next.kind === "shared") pending.push(next.loop);
    if (!isNest(next)) continue;
    const inner = next.kind === "if" ? [...next.body, ...next.otherwise] : [...next.body];
    while (inner.length > 0) pending.push(inner.pop()!);
  }
}

/** Visits a value and all that it is made of, the whole before its parts. */
export function visitValue(value: Value, visit: (value: Value) => void): void {
  visit(value);
  if (value.kind === "apply") {
    const { operands } = value;
    for (let k = 0; k < operands.length; k++) visitValue(operands[k]!, visit);
  } else if (value.kind === "guarded") visitValue(value.value, visit);
}
