import type { Guard } from "../../ir/contraction.ts";
import type { Integer } from "../../ir/integer.ts";
import type { Buffer, Routine, Statement, Value } from "./loops.ts";
import { visitStatement } from "./rewrite-statements.ts";

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
