import type { Integer } from "../../ir/integer.ts";
import type { Statement, Value } from "../program/loops.ts";
import { isNest, mapBodies, ownValue, visitValue } from "../program/rewrite-statements.ts";

/** The blocks without whole numbers that only loops had a use for which are calls now. */
export function withoutUnusedIndices(blocks: readonly (readonly Statement[])[]): Statement[][] {
  const used = new Set<number>();
  const note = (integer: Integer | undefined) => {
    for (const variable of integer?.iterators() ?? []) used.add(variable);
  };
  const noteValue = (value: Value) =>
    visitValue(value, (inner) => {
      if (inner.kind === "integer") note(inner.integer);
      else if (inner.kind === "load") note(inner.address);
      else if (inner.kind === "guarded") inner.guards.forEach(noteGuard);
    });
  const noteGuard = ({ index, extent }: { readonly index: Integer; readonly extent: Integer | undefined }) =>
    [index, extent].forEach(note);
  const visit = (statement: Statement): void => {
    if (statement.kind === "for") [...statement.from, ...statement.to].forEach(note);
    else if (statement.kind === "when") statement.guards.forEach(noteGuard);
    else if (statement.kind === "shared") statement.arguments.forEach(noteValue);
    else if ("address" in statement) note(statement.address);
    const value = ownValue(statement);
    if (value) noteValue(value);
    if (isNest(statement)) statement.body.forEach(visit);
    if (statement.kind === "if") statement.otherwise.forEach(visit);
  };
  for (const block of blocks) block.forEach(visit);
  const kept = (body: readonly Statement[]): Statement[] =>
    body
      .filter((statement) => statement.kind !== "index" || used.has(statement.variable))
      .map((statement) => (isNest(statement) ? mapBodies(statement, kept) : statement));
  return blocks.map(kept);
}
