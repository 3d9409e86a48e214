import type { Program, Statement, Temporary } from "../program/loops.ts";
import { isNest, mapBodies, statementsOf, visitStatement } from "../program/rewrite-statements.ts";

/** The program without names that the next statement alone uses, to store the value: it stores the value itself. */
export function withoutPassing(program: Program): Program {
  const uses = new Map<number, number>();
  for (const statement of statementsOf(program)) {
    visitStatement(statement, {
      value: (value) => {
        if (value.kind !== "temporary") return;
        const { id } = value;
        uses.set(id, (uses.get(id) ?? 0) + 1);
      },
    });
  }
  const rewritten = (parts: readonly (readonly Statement[])[]) =>
    parts.map((part) => inBlock(part, ({ dtype, id }) => dtype === "real" && uses.get(id) === 1));
  return {
    ...program,
    parts: rewritten(program.parts),
    routines: program.routines.map((routine) => ({ ...routine, parts: rewritten(routine.parts) })),
  };
}

function inBlock(statements: readonly Statement[], isUsedOnce: (temporary: Temporary) => boolean): Statement[] {
  const result: Statement[] = [];
  for (const statement of statements) {
    const last = result[result.length - 1];
    if (
      statement.kind === "store" &&
      last?.kind === "let" &&
      statement.value.kind === "temporary" &&
      statement.value.id === last.temporary.id &&
      isUsedOnce(last.temporary)
    ) {
      result[result.length - 1] = { ...statement, value: last.value };
    } else result.push(isNest(statement) ? mapBodies(statement, (body) => inBlock(body, isUsedOnce)) : statement);
  }
  return result;
}
