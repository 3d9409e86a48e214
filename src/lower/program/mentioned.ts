import type { Guard } from "../../ir/contraction.ts";
import type { Integer } from "../../ir/integer.ts";
import type { Buffer, Routine, Statement, Value } from "./loops.ts";
import { isNest, ownValue, visitStatement, visitValue } from "./rewrite-statements.ts";

/** The sizes and buffers that statements mention. */
export function mentionedBy(statements: readonly Statement[]): { sizes: string[]; buffers: Buffer[] } {
  const sizes = new Set<string>();
  const buffers = new Set<Buffer>();
  const note = (integer: Integer | undefined) => {
    if (!integer || integer.value !== undefined) return;
    for (const name of integer.names()) sizes.add(name);
  };
  const noteGuard = ({ index, extent }: Guard) => {
    note(index);
    note(extent);
  };
  const visit = {
    statement: (statement: Statement) => {
      switch (statement.kind) {
        case "for":
          statement.from.forEach(note);
          statement.to.forEach(note);
          return;
        case "when":
          statement.guards.forEach(noteGuard);
          return;
        case "store":
        case "accumulate":
          note(statement.address);
          buffers.add(statement.buffer);
          return;
        case "fill":
          buffers.add(statement.buffer);
          statement.buffer.shape.forEach(note);
      }
    },
    value: (value: Value) => {
      if (value.kind === "integer") note(value.integer);
      else if (value.kind === "guarded") value.guards.forEach(noteGuard);
      else if (value.kind === "load") {
        note(value.address);
        buffers.add(value.buffer);
      }
    },
  };
  for (const statement of statements) visitStatement(statement, visit);
  return { sizes: [...sizes], buffers: [...buffers] };
}

/** The integer variables that statements compute with. */
export function variablesUsedBy(statements: readonly Statement[]): Set<number> {
  const used = new Set<number>();
  const note = (integer: Integer | undefined) => {
    for (const variable of integer?.iterators() ?? []) used.add(variable);
  };
  const noteGuard = ({ index, extent }: Guard) => [index, extent].forEach(note);
  const noteValue = (value: Value) =>
    visitValue(value, (inner) => {
      if (inner.kind === "integer") note(inner.integer);
      else if (inner.kind === "load") note(inner.address);
      else if (inner.kind === "guarded") inner.guards.forEach(noteGuard);
    });
  const visit = (statement: Statement): void => {
    if (statement.kind === "for") [...statement.from, ...statement.to].forEach(note);
    else if (statement.kind === "when") statement.guards.forEach(noteGuard);
    // loops that stand elsewhere have variables of their own
    else if (statement.kind === "shared") statement.arguments.forEach(noteValue);
    else if ("address" in statement) note(statement.address);
    const value = ownValue(statement);
    if (value) noteValue(value);
    if (isNest(statement)) statement.body.forEach(visit);
    if (statement.kind === "if") statement.otherwise.forEach(visit);
  };
  statements.forEach(visit);
  return used;
}

/** The integer variables that statements compute with and do not make. */
export function variablesAround(statements: readonly Statement[]): number[] {
  const around = variablesUsedBy(statements);
  const forget = (statement: Statement) => {
    if (statement.kind === "for" || statement.kind === "index") around.delete(statement.variable);
  };
  for (const statement of statements) visitStatement(statement, { statement: forget });
  return [...around];
}

/** The sizes and buffers that a routine mentions, and those that it calls. */
export function mentionedByRoutine(
  routine: Routine,
  routines: readonly Routine[],
): { sizes: string[]; buffers: Buffer[] } {
  const own = routine.parts.map(mentionedBy);
  const called = new Set<number>();
  for (const statement of routine.parts.flat()) {
    visitStatement(statement, { statement: (inner) => inner.kind === "call" && called.add(inner.routine) });
  }
  const inner = [...called].map((number) => mentionedByRoutine(routines[number]!, routines));
  const all = [...own, ...inner];
  return {
    sizes: [...new Set(all.flatMap(({ sizes }) => sizes))],
    buffers: [...new Set(all.flatMap(({ buffers }) => buffers))],
  };
}
