import type { Integer } from "../../ir/integer.ts";
import type { Statement, Temporary, Value } from "./loops.ts";
import { visitStatement, visitValue } from "./rewrite-statements.ts";

/** The temporaries that statements define. */
export function ownTemporaries(statements: readonly Statement[]): ReadonlySet<Temporary> {
  const own = new Set<Temporary>();
  for (const statement of statements) {
    visitStatement(statement, {
      statement: (inner) => {
        if (inner.kind === "let" || inner.kind === "start") own.add(inner.temporary);
      },
    });
  }
  return own;
}

/** True where the statements themselves define the temporary, and not a loop among them. */
export const definesOutside = (statements: readonly Statement[], temporary: Temporary) =>
  statements.some((each) => (each.kind === "let" || each.kind === "start") && each.temporary === temporary);

/** The temporaries that statements mention, and whether they change them. */
export function usesIn(statements: readonly Statement[]): Map<Temporary, boolean> {
  const uses = new Map<Temporary, boolean>();
  for (const statement of statements) {
    visitStatement(statement, {
      statement: (inner) => {
        if (inner.kind === "combine" || inner.kind === "assign") uses.set(inner.temporary, true);
      },
      value: (value) => {
        if (value.kind === "temporary" && !uses.has(value)) uses.set(value, false);
      },
    });
  }
  return uses;
}

/** True where statements read or change a temporary. */
export const mentions = (statements: readonly Statement[], temporary: Temporary) => usesIn(statements).has(temporary);

/** Those of the whole numbers that statements need, in order. */
export function neededIndices<S extends Extract<Statement, { kind: "index" }>>(
  indices: readonly S[],
  body: readonly Statement[],
): S[] {
  const needed = new Set<number>();
  const note = (integer: Integer | undefined) => {
    for (const variable of integer?.iterators() ?? []) needed.add(variable);
  };
  const value = (inner: Value) => {
    if (inner.kind === "integer") note(inner.integer);
    if (inner.kind === "load") note(inner.address);
    if (inner.kind === "guarded") for (const guard of inner.guards) [guard.index, guard.extent].forEach(note);
  };
  for (const each of body) {
    visitStatement(each, {
      statement: (inner) => {
        if (inner.kind === "for") [...inner.from, ...inner.to].forEach(note);
        if (inner.kind === "when") for (const guard of inner.guards) [guard.index, guard.extent].forEach(note);
        if ("address" in inner) note(inner.address);
      },
      value,
    });
  }
  return [...indices]
    .reverse()
    .filter((index) => {
      if (!needed.has(index.variable)) return false;
      visitValue(index.value, value);
      return true;
    })
    .reverse();
}
