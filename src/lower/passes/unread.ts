import type { Buffer, Statement } from "../program/loops.ts";
import { isNest, mapBodies, visitStatement } from "../program/rewrite-statements.ts";

/** True for loops and conditions around names that nobody uses outside. */
const isIdle = (nest: Statement): boolean =>
  (nest.kind === "for" || nest.kind === "when" || (nest.kind === "if" && nest.otherwise.every(isName))) &&
  nest.body.every(isName);

const isName = ({ kind }: Statement): boolean => kind === "let" || kind === "index";

/**
 * The blocks of a program without the statements that only write workspace arrays that none of the blocks reads: all
 * readers had the values by name.
 */
export function withoutUnread(
  blocks: readonly (readonly Statement[])[],
  buffers: readonly Buffer[],
): { blocks: readonly (readonly Statement[])[]; buffers: readonly Buffer[] } {
  if (!buffers.some(({ role }) => role === "workspace")) return { blocks, buffers };
  const read = new Set<Buffer>();
  for (const statement of blocks.flat()) {
    visitStatement(statement, { value: (value) => value.kind === "load" && read.add(value.buffer) });
  }
  const isUnread = (buffer: Buffer) => buffer.role === "workspace" && !read.has(buffer);
  if (!buffers.some(isUnread)) return { blocks, buffers };
  const kept = (statements: readonly Statement[]): Statement[] =>
    statements.flatMap((statement): readonly Statement[] => {
      if ("buffer" in statement && isUnread(statement.buffer)) return [];
      if (!isNest(statement)) return [statement];
      const left = mapBodies(statement, kept);
      return isIdle(left) ? [] : [left];
    });
  return { blocks: blocks.map(kept), buffers: buffers.filter((buffer) => !isUnread(buffer)) };
}
