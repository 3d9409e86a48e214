import type { Statement } from "../program/loops.ts";
import { variablesUsedBy } from "../program/mentioned.ts";
import { isNest, mapBodies, visitStatement } from "../program/rewrite-statements.ts";

type Blocks = readonly (readonly Statement[])[];

/** The blocks without whole numbers that nothing in them uses, because it has moved elsewhere; themselves where there are none. */
export function withoutUnusedIndices(blocks: Blocks): Blocks {
  const all = blocks.flatMap(indicesIn);
  const unused = new Set(all);
  for (const variable of all.length > 0 ? variablesUsedBy(blocks.flat()) : []) unused.delete(variable);
  if (unused.size === 0) return blocks;
  const kept = (body: readonly Statement[]): Statement[] =>
    body
      .filter((statement) => statement.kind !== "index" || !unused.has(statement.variable))
      .map((statement) => (isNest(statement) ? mapBodies(statement, kept) : statement));
  const rest = blocks.map(kept);
  // these may have been made of others
  return rest.flatMap(indicesIn).length < all.length ? withoutUnusedIndices(rest) : rest;
}

/** The variables of the indices in a block. */
function indicesIn(block: readonly Statement[]): number[] {
  const found: number[] = [];
  const statement = (inner: Statement) => inner.kind === "index" && found.push(inner.variable);
  for (const outer of block) visitStatement(outer, { statement });
  return found;
}
