import type { Buffer, Statement, Temporary, Value } from "../program/loops.ts";
import { isNest, mapBodies, visitStatement, visitValue } from "../program/rewrite-statements.ts";

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
  const isNeedless = (statement: Statement) => "buffer" in statement && isUnread(statement.buffer);
  return {
    blocks: blocks.map((block) => without(block, isNeedless)),
    buffers: buffers.filter((buffer) => !isUnread(buffer)),
  };
}

/** The statements that are left, and nests with anything in them. */
function without(statements: readonly Statement[], isNeedless: (statement: Statement) => boolean): Statement[] {
  return statements.flatMap((statement): readonly Statement[] => {
    if (isNeedless(statement)) return [];
    if (!isNest(statement)) return [statement];
    const left = mapBodies(statement, (body) => without(body, isNeedless));
    return isIdle(left) ? [] : [left];
  });
}

/** The statements without names and variables that nothing reads: those who did have the values themselves. */
export function withoutUnreadNames(statements: readonly Statement[]): readonly Statement[] {
  const reads = new Map<Temporary, number>();
  const values = new Map<Temporary, Value[]>();
  const read = (by: number) => (value: Value) => {
    if (value.kind !== "temporary") return;
    const count = (reads.get(value) ?? 0) + by;
    reads.set(value, count);
    if (count === 0) unread.add(value);
  };
  const unread = new Set<Temporary>();
  for (const outer of statements) {
    visitStatement(outer, {
      value: read(1),
      statement: (statement) => {
        if (!("temporary" in statement)) return;
        const known = values.get(statement.temporary);
        if (known) known.push(statement.value);
        else values.set(statement.temporary, [statement.value]);
      },
    });
  }
  for (const temporary of values.keys()) if (!reads.has(temporary)) unread.add(temporary);
  if (unread.size === 0) return statements;
  // what only these read is read by nothing either
  for (const temporary of unread) for (const value of values.get(temporary) ?? []) visitValue(value, read(-1));
  return without(statements, (statement) => "temporary" in statement && unread.has(statement.temporary));
}
