import { Integer } from "../../ir/integer.ts";
import { notEqual, select } from "../../ops/elementary/comparison.ts";
import { NodeNumbers } from "../../rewrite/sweeps/node-numbers.ts";
import type { Buffer, Statement, Temporary, Value } from "../program/loops.ts";
import { mapStatementValues, temporaryMapping, visitStatement, visitValue } from "../program/rewrite-statements.ts";
import { zero } from "../program/values.ts";
import type { Survey } from "./survey.ts";
import { withoutUnusedIndices } from "./unused-indices.ts";

/** Statements in parts that are functions of their own, and the buffer that carries values between them. */
export interface SplitBody {
  readonly parts: readonly (readonly Statement[])[];
  readonly carried: Buffer | undefined;
}

const isInput = (value: Value) =>
  value.kind === "load" && (value.buffer.role === "input" || value.buffer.role === "table");

/** True for what is the same wherever it is computed again: a workspace holds other things later. */
function isLasting(value: Value): boolean {
  let lasts = true;
  visitValue(value, (each) => {
    if (each.kind === "temporary" || (each.kind === "load" && !isInput(each))) lasts = false;
  });
  return lasts;
}

/** Stores what later parts read, and reads it there. */
export function carry(ranges: readonly (readonly Statement[])[], survey: Survey, bufferId: number): SplitBody {
  // by the numbers of temporaries: one more than the part that makes it; 0 where none does
  const homes = new NodeNumbers();
  /** Elements that never change are read again. */
  const inputs = new Map<number, Value>();
  const indexOf = new Map<number, Index>();
  for (let part = 0; part < ranges.length; part++) {
    const statements = ranges[part]!;
    for (let k = 0; k < statements.length; k++) {
      const statement = statements[k]!;
      if (statement.kind === "let" && isInput(statement.value)) inputs.set(statement.temporary.id, statement.value);
      if (statement.kind === "let" || statement.kind === "start") homes.set(statement.temporary.id, part + 1);
      if (statement.kind === "index") indexOf.set(statement.variable, statement);
    }
  }
  const { slots, count, readers } = slotsOf(ranges, survey, homes, inputs);
  /** Integer variables that cannot be made again. */
  const lost = [...indexOf.values()].filter(({ value }) => !isLasting(value));
  const buffer: Buffer = {
    id: bufferId,
    role: "workspace",
    name: "carried",
    dtype: "real",
    shape: [Integer.constant(count + lost.length)],
  };
  const elements = Array.from({ length: count }, (_, slot) => elementOf(buffer, slot));
  const slotOf = ({ id }: Temporary) => elements[slots.at(id) - 1]!;
  /** Conditions travel as 1 and 0. */
  const readOf = (temporary: Temporary): Value => {
    const element = slotOf(temporary);
    if (temporary.dtype !== "bool") return element;
    return { kind: "apply", primitive: notEqual.primitive, operands: [element, zero], dtype: "bool" };
  };
  for (const [k, index] of lost.entries())
    indexOf.set(index.variable, { ...index, value: elementOf(buffer, count + k) });
  /** The variables that later parts read, by the positions where they are changed last. */
  const variables = new Map<number, Temporary[]>();
  let position = 0;
  const parts = ranges.map((statements, part) => {
    const incoming = (temporary: Temporary): Value | undefined => {
      if (!isForeign(homes, temporary.id, part)) return undefined;
      return inputs.get(temporary.id) ?? readOf(temporary);
    };
    const map = temporaryMapping(incoming);
    const written: Statement[] = [];
    const store = (temporary: Temporary) => {
      const value: Value =
        temporary.dtype === "bool"
          ? { kind: "apply", primitive: select.primitive, operands: [temporary, one, zero], dtype: "real" }
          : temporary;
      written.push({ kind: "store", buffer, address: slotOf(temporary).address, value });
    };
    const write = (statement: Statement): void => {
      written.push(readers[position] === 1 ? mapStatementValues(statement, map) : statement);
      if ((statement.kind === "let" || statement.kind === "start") && slots.at(statement.temporary.id) > 0) {
        const last = statement.kind === "let" ? position : survey.lastChange.at(statement.temporary.id) - 1;
        const known = variables.get(last);
        if (last === position) store(statement.temporary);
        else if (known) known.push(statement.temporary);
        else variables.set(last, [statement.temporary]);
      }
      variables.get(position)?.forEach(store);
      const again = statement.kind === "index" && indexOf.get(statement.variable)!.value;
      if (again && again.kind === "load" && again.buffer === buffer) {
        const integer = Integer.iterator((statement as Index).variable);
        written.push({ kind: "store", buffer, address: again.address, value: { kind: "integer", integer } });
      }
    };
    for (let k = 0; k < statements.length; k++, position++) write(statements[k]!);
    if (indexOf.size === 0) return written;
    return withoutUnusedIndices([[...indicesFor(written, indexOf), ...written]])[0]!;
  });
  return { parts, carried: buffer };
}

const one: Value = { kind: "constant", value: 1, dtype: "real" };

const elementOf = (buffer: Buffer, slot: number) =>
  ({ kind: "load", buffer, address: Integer.constant(slot) }) as const;

/** True for what another part makes; what no part makes is made by none. */
const isForeign = (homes: NodeNumbers, id: number, part: number) => {
  const home = homes.at(id);
  return home > 0 && home !== part + 1;
};

/**
 * A place for each temporary that a later part reads, from where it is made to where it is read last: then the place is
 * free for another one, and few places stay in the cache. By the numbers of temporaries, one more than the place. The
 * `readers` are the statements that read what another part makes, by position.
 */
function slotsOf(
  ranges: readonly (readonly Statement[])[],
  { reads, starts }: Survey,
  homes: NodeNumbers,
  inputs: ReadonlyMap<number, Value>,
): { readonly slots: NodeNumbers; readonly count: number; readonly readers: Uint8Array } {
  // one more than the position of the statement that reads it last
  const lastRead = new NodeNumbers();
  const readers = new Uint8Array(starts.length - 1);
  let position = 0;
  for (let part = 0; part < ranges.length; part++) {
    for (const end = position + ranges[part]!.length; position < end; position++) {
      for (let k = starts[position]!; k < starts[position + 1]!; k++) {
        const id = reads[k]!;
        if (!isForeign(homes, id, part)) continue;
        readers[position] = 1;
        if (!inputs.has(id)) lastRead.set(id, position + 1);
      }
    }
  }
  const slots = new NodeNumbers();
  /** What ends its life at each position: mostly nothing. */
  const ending: (number[] | undefined)[] = new Array(position);
  const free: number[] = [];
  let count = 0;
  position = 0;
  const pass = (statement: Statement): void => {
    const ended = ending[position];
    if (ended) for (const slot of ended) free.push(slot);
    const id = statement.kind === "let" || statement.kind === "start" ? statement.temporary.id : undefined;
    const end = id === undefined ? 0 : lastRead.at(id);
    if (id === undefined || end === 0) return;
    const slot = free.pop() ?? ++count;
    slots.set(id, slot);
    const known = ending[end - 1];
    if (known) known.push(slot);
    else ending[end - 1] = [slot];
  };
  for (const statements of ranges) {
    for (let k = 0; k < statements.length; k++, position++) pass(statements[k]!);
  }
  return { slots, count, readers };
}

type Index = Statement & { readonly kind: "index" };

/** Definitions of the integer variables that a part uses and another part defines: cheap, so made or read again. */
function indicesFor(statements: readonly Statement[], indexOf: ReadonlyMap<number, Index>): Statement[] {
  const own = new Set<number>();
  const needed = new Set<number>();
  const need = (integer: Integer) => {
    for (const variable of integer.iterators()) if (indexOf.has(variable)) needed.add(variable);
  };
  const visit = {
    statement: (statement: Statement) => {
      if (statement.kind === "index") own.add(statement.variable);
      if (statement.kind === "for") [...statement.from, ...statement.to].forEach(need);
      if (statement.kind === "store" || statement.kind === "accumulate") need(statement.address);
      if (statement.kind === "when") for (const guard of statement.guards) need(guard.index);
    },
    value: (value: Value) => {
      if (value.kind === "integer") need(value.integer);
      if (value.kind === "load") need(value.address);
      if (value.kind === "guarded") for (const guard of value.guards) need(guard.index);
    },
  };
  for (const statement of statements) visitStatement(statement, visit);
  const made = new Set<number>();
  // what a definition needs joins those that are gone through
  for (const variable of needed) {
    if (own.has(variable)) continue;
    made.add(variable);
    visitStatement(indexOf.get(variable)!, visit);
  }
  // one may be made of others: in the order in which all of them stand
  return [...indexOf].flatMap(([variable, definition]) => (made.has(variable) ? [definition] : []));
}
