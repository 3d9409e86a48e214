import type { Buffer, Statement } from "../program/loops.ts";
import { isNest, mapBodies, visitStatement } from "../program/rewrite-statements.ts";

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
    statements.flatMap((statement) => {
      if ("buffer" in statement && isUnread(statement.buffer)) return [];
      return [isNest(statement) ? mapBodies(statement, kept) : statement];
    });
  return { blocks: blocks.map(kept), buffers: buffers.filter((buffer) => !isUnread(buffer)) };
}
