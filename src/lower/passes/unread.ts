import { NodeNumbers } from "../../rewrite/sweeps/node-numbers.ts";
import type { Buffer, Statement, Value } from "../program/loops.ts";
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
  const reads = new NodeNumbers();
  const made: number[] = [];
  const visit = {
    value: (value: Value) => {
      if (value.kind === "temporary") reads.set(value.id, reads.at(value.id) + 1);
    },
    statement: (statement: Statement) => {
      if ("temporary" in statement) made.push(statement.temporary.id);
    },
  };
  for (const statement of statements) visitStatement(statement, visit);
  const unread = new Set(made.filter((id) => reads.at(id) === 0));
  if (unread.size === 0) return statements;
  // what only these read is read by nothing either
  const values = valuesByName(statements);
  const release = (value: Value) => {
    if (value.kind !== "temporary") return;
    reads.set(value.id, reads.at(value.id) - 1);
    if (reads.at(value.id) === 0) unread.add(value.id);
  };
  for (const id of unread) for (const value of values.get(id) ?? []) visitValue(value, release);
  return without(statements, (statement) => "temporary" in statement && unread.has(statement.temporary.id));
}

/** What names and variables are given, by their numbers. */
function valuesByName(statements: readonly Statement[]): ReadonlyMap<number, readonly Value[]> {
  const values = new Map<number, Value[]>();
  const statement = (inner: Statement) => {
    if (!("temporary" in inner)) return;
    const known = values.get(inner.temporary.id);
    if (known) known.push(inner.value);
    else values.set(inner.temporary.id, [inner.value]);
  };
  for (const outer of statements) visitStatement(outer, { statement });
  return values;
}
