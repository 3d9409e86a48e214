import type { Statement } from "../program/loops.ts";
import { variablesUsedBy } from "../program/mentioned.ts";
import { isNest, mapBodies, visitStatement } from "../program/rewrite-statements.ts";

type Blocks = readonly (readonly Statement[])[];

/** The blocks without whole numbers that only loops had a use for which are calls now; themselves where there are none. */
export function withoutUnusedIndices(blocks: Blocks): Blocks {
  const indices = new Set(blocks.flatMap(indicesIn));
  if (indices.size === 0) return blocks;
  for (const variable of variablesUsedBy(blocks.flat())) indices.delete(variable);
  if (indices.size === 0) return blocks;
  const kept = (body: readonly Statement[]): Statement[] =>
    body
      .filter((statement) => statement.kind !== "index" || !indices.has(statement.variable))
      .map((statement) => (isNest(statement) ? mapBodies(statement, kept) : statement));
  return blocks.map(kept);
}

/** The variables of the indices in a block. */
function indicesIn(block: readonly Statement[]): number[] {
  const found: number[] = [];
  const statement = (inner: Statement) => inner.kind === "index" && found.push(inner.variable);
  for (const outer of block) visitStatement(outer, { statement });
  return found;
}
