import type { Buffer, Statement } from "./loops.ts";
import { isNest, mapBodies, visitStatement } from "./rewrite-statements.ts";

/** The statements without those that only write workspace arrays that nothing reads: all readers had the values by name. */
export function withoutUnread(
  body: readonly Statement[],
  buffers: readonly Buffer[],
): { body: readonly Statement[]; buffers: readonly Buffer[] } {
  const read = new Set<Buffer>();
  for (const statement of body) {
    visitStatement(statement, { value: (value) => value.kind === "load" && read.add(value.buffer) });
  }
  const isUnread = (buffer: Buffer) => buffer.role === "workspace" && !read.has(buffer);
  if (!buffers.some(isUnread)) return { body, buffers };
  const kept = (statements: readonly Statement[]): Statement[] =>
    statements.flatMap((statement) => {
      if ("buffer" in statement && isUnread(statement.buffer)) return [];
      return [isNest(statement) ? mapBodies(statement, kept) : statement];
    });
  return { body: kept(body), buffers: buffers.filter((buffer) => !isUnread(buffer)) };
}
