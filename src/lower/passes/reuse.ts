import { Integer } from "../../ir/integer.ts";
import type { Buffer, Statement, Value } from "../program/loops.ts";
import { isNest, mapBodies, mapOperands, mapStatementValues, visitStatement } from "../program/rewrite-statements.ts";

/**
 * Lets workspace arrays of one size share memory when one is done before the other begins. Lifetimes are counted in
 * top-level statements. Returns the statements over the remaining buffers, and which buffers remain. Buffers that
 * `isShared` with statements elsewhere stay as they are.
 */
export function reuseBuffers(
  body: readonly Statement[],
  buffers: readonly Buffer[],
  isShared: (buffer: Buffer) => boolean = () => false,
): { body: Statement[]; buffers: Buffer[] } {
  if (buffers.every(({ role }) => role !== "workspace")) return { body: [...body], buffers: [...buffers] };
  const first = new Map<Buffer, number>();
  const last = new Map<Buffer, number>();
  for (const [position, statement] of body.entries()) {
    const note = (buffer: Buffer) => {
      if (buffer.role !== "workspace" || isShared(buffer)) return;
      if (!first.has(buffer)) first.set(buffer, position);
      last.set(buffer, position);
    };
    visitStatement(statement, {
      statement: (inner) => {
        if (inner.kind === "store" || inner.kind === "accumulate" || inner.kind === "fill") note(inner.buffer);
      },
      value: (value) => {
        if (value.kind === "load") note(value.buffer);
      },
    });
  }
  const slots: { readonly users: Buffer[]; freeFrom: number }[] = [];
  const free = new Map<string, typeof slots>();
  for (const [buffer, start] of [...first].sort((a, b) => a[1] - b[1])) {
    const key = `${buffer.dtype} ${Integer.product(buffer.shape).key}`;
    const pool = free.get(key) ?? [];
    free.set(key, pool);
    let slot = pool.find((candidate) => candidate.freeFrom <= start);
    if (!slot) {
      slot = { users: [], freeFrom: 0 };
      pool.push(slot);
      slots.push(slot);
    }
    slot.users.push(buffer);
    slot.freeFrom = last.get(buffer)! + 1;
  }
  const shared = slots.filter(({ users }) => users.length > 1);
  if (shared.length === 0) return { body: [...body], buffers: [...buffers] };
  const replacement = new Map<Buffer, Buffer>();
  for (const { users } of shared) {
    const [first] = users;
    const isOneThing = users.every(({ name }) => name === first!.name);
    const memory = isOneThing ? first! : { ...first!, name: "work" };
    for (const user of users) replacement.set(user, memory);
  }
  const chosen = (buffer: Buffer) => replacement.get(buffer) ?? buffer;
  return {
    body: body.map((statement) => withBuffers(statement, chosen)),
    buffers: [...new Set(buffers.map(chosen))],
  };
}

/** The statement over the chosen buffers; what mentions none of those that are replaced stays as it is. */
function withBuffers(statement: Statement, chosen: (buffer: Buffer) => Buffer): Statement {
  if (isNest(statement)) {
    const inside = mapBodies(statement, (body) => body.map((inner) => withBuffers(inner, chosen)));
    return "condition" in inside ? { ...inside, condition: valueWithBuffers(inside.condition, chosen) } : inside;
  }
  if (statement.kind === "call") return statement;
  const buffer = "buffer" in statement ? chosen(statement.buffer) : undefined;
  const placed = "buffer" in statement && buffer !== statement.buffer ? { ...statement, buffer: buffer! } : statement;
  return mapStatementValues(placed, (value) => valueWithBuffers(value, chosen));
}

function valueWithBuffers(value: Value, chosen: (buffer: Buffer) => Buffer): Value {
  switch (value.kind) {
    case "load": {
      const buffer = chosen(value.buffer);
      return buffer === value.buffer ? value : { ...value, buffer };
    }
    case "apply":
      return mapOperands(value, (operand) => valueWithBuffers(operand, chosen));
    case "guarded":
      return { ...value, value: valueWithBuffers(value.value, chosen) };
    default:
      return value;
  }
}
