import type { Statement } from "../program/loops.ts";
import { variablesUsedBy } from "../program/mentioned.ts";
import { isNest, mapBodies } from "../program/rewrite-statements.ts";

/** The blocks without whole numbers that only loops had a use for which are calls now. */
export function withoutUnusedIndices(blocks: readonly (readonly Statement[])[]): Statement[][] {
  const used = variablesUsedBy(blocks.flat());
  const kept = (body: readonly Statement[]): Statement[] =>
    body
      .filter((statement) => statement.kind !== "index" || used.has(statement.variable))
      .map((statement) => (isNest(statement) ? mapBodies(statement, kept) : statement));
  return blocks.map(kept);
}
