import type { Buffer, Routine, Statement } from "./loops.ts";
import { isNest, visitStatement } from "./rewrite-statements.ts";

/** The sizes and buffers that statements mention. */
export function mentionedBy(statements: readonly Statement[]): { sizes: string[]; buffers: Buffer[] } {
  const sizes = new Set<string>();
  const buffers = new Set<Buffer>();
  const note = (...integers: ({ names(): string[] } | undefined)[]) => {
    for (const integer of integers) for (const name of integer?.names() ?? []) sizes.add(name);
  };
  for (const outermost of statements) {
    visitStatement(outermost, {
      statement: (statement) => {
        if (statement.kind === "for") note(...statement.from, ...statement.to);
        if (statement.kind === "when") for (const { index, extent } of statement.guards) note(index, extent);
        if ("address" in statement) note(statement.address);
        if (!isNest(statement) && "buffer" in statement) {
          buffers.add(statement.buffer);
          if (statement.kind === "fill") note(...statement.buffer.shape);
        }
      },
      value: (value) => {
        if (value.kind === "integer") note(value.integer);
        if (value.kind === "guarded") for (const { index, extent } of value.guards) note(index, extent);
        if (value.kind !== "load") return;
        note(value.address);
        buffers.add(value.buffer);
      },
    });
  }
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
