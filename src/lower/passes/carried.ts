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
  const definitions = definitionsIn(ranges);
  const { indexOf } = definitions;
  const places = slotsOf(ranges, survey, definitions);
  /** Integer variables that cannot be made again. */
  const lost = [...indexOf.values()].filter(({ value }) => !isLasting(value));
  const buffer: Buffer = {
    id: bufferId,
    role: "workspace",
    name: "carried",
    dtype: "real",
    shape: [Integer.constant(places.count + lost.length)],
  };
  for (const [k, index] of lost.entries()) {
    indexOf.set(index.variable, { ...index, value: elementOf(buffer, places.count + k) });
  }
  const writer = new PartWriter(buffer, definitions, places, survey);
  const parts = ranges.map((statements, part) => {
    const written = writer.write(statements, part);
    if (indexOf.size === 0) return written;
    return withoutUnusedIndices([[...indicesFor(written, indexOf), ...written]])[0]!;
  });
  return { parts, carried: buffer };
}

/** What parts define, and where. */
interface Definitions {
  /** By the numbers of temporaries, one more than the part that makes it; 0 where none does. */
  readonly homes: NodeNumbers;
  /** Elements that never change, by temporary: they are read again. */
  readonly inputs: ReadonlyMap<number, Value>;
  readonly indexOf: Map<number, Index>;
}

function definitionsIn(ranges: readonly (readonly Statement[])[]): Definitions {
  const homes = new NodeNumbers();
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
  return { homes, inputs, indexOf };
}

/** Writes parts in their order, with what they carry: conditions travel as 1 and 0. */
class PartWriter {
  private readonly buffer: Buffer;
  private readonly definitions: Definitions;
  private readonly places: Places;
  private readonly survey: Survey;
  private readonly elements: readonly ReturnType<typeof elementOf>[];
  /** The variables that later parts read, by the positions where they are changed last. */
  private readonly variables = new Map<number, Temporary[]>();
  /** Of the next statement among those of all parts. */
  private position = 0;
  private written: Statement[] = [];

  constructor(buffer: Buffer, definitions: Definitions, places: Places, survey: Survey) {
    this.buffer = buffer;
    this.definitions = definitions;
    this.places = places;
    this.survey = survey;
    this.elements = Array.from({ length: places.count }, (_, slot) => elementOf(buffer, slot));
  }

  write(statements: readonly Statement[], part: number): Statement[] {
    const { homes, inputs } = this.definitions;
    const map = temporaryMapping((temporary) =>
      isForeign(homes, temporary.id, part) ? (inputs.get(temporary.id) ?? this.readOf(temporary)) : undefined,
    );
    this.written = [];
    for (let k = 0; k < statements.length; k++, this.position++) this.add(statements[k]!, map);
    return this.written;
  }

  private add(statement: Statement, map: ReturnType<typeof temporaryMapping>): void {
    const { position, written } = this;
    written.push(this.places.readers[position] === 1 ? mapStatementValues(statement, map) : statement);
    if (statement.kind === "let" || statement.kind === "start") this.keep(statement);
    this.variables.get(position)?.forEach((temporary) => {
      this.store(temporary);
    });
    const again = statement.kind === "index" && this.definitions.indexOf.get(statement.variable)!.value;
    if (again && again.kind === "load" && again.buffer === this.buffer) {
      const integer = Integer.iterator((statement as Index).variable);
      written.push({ kind: "store", buffer: this.buffer, address: again.address, value: { kind: "integer", integer } });
    }
  }

  /** Stores what later parts read where it is made, or where it is changed last. */
  private keep({ kind, temporary }: Extract<Statement, { kind: "let" | "start" }>): void {
    if (this.places.slots.at(temporary.id) === 0) return;
    const last = kind === "let" ? this.position : this.survey.lastChange.at(temporary.id) - 1;
    const known = this.variables.get(last);
    if (last === this.position) this.store(temporary);
    else if (known) known.push(temporary);
    else this.variables.set(last, [temporary]);
  }

  private store(temporary: Temporary): void {
    const value: Value =
      temporary.dtype === "bool"
        ? { kind: "apply", primitive: select.primitive, operands: [temporary, one, zero], dtype: "real" }
        : temporary;
    this.written.push({ kind: "store", buffer: this.buffer, address: this.slotOf(temporary).address, value });
  }

  private readOf(temporary: Temporary): Value {
    const element = this.slotOf(temporary);
    if (temporary.dtype !== "bool") return element;
    return { kind: "apply", primitive: notEqual.primitive, operands: [element, zero], dtype: "bool" };
  }

  private slotOf({ id }: Temporary) {
    return this.elements[this.places.slots.at(id) - 1]!;
  }
}

const one: Value = { kind: "constant", value: 1, dtype: "real" };

const elementOf = (buffer: Buffer, slot: number) =>
  ({ kind: "load", buffer, address: Integer.constant(slot) }) as const;

/** True for what another part makes; what no part makes is made by none. */
const isForeign = (homes: NodeNumbers, id: number, part: number) => {
  const home = homes.at(id);
  return home > 0 && home !== part + 1;
};

/** Places for what is carried. */
interface Places {
  /** By the numbers of temporaries, one more than the place; 0 where no later part reads it. */
  readonly slots: NodeNumbers;
  readonly count: number;
  /** 1 for statements that read what another part makes, by position. */
  readonly readers: Uint8Array;
}

/**
 * A place for each temporary that a later part reads, from where it is made to where it is read last: then the place is
 * free for another one, and few places stay in the cache.
 */
function slotsOf(
  ranges: readonly (readonly Statement[])[],
  { reads, starts }: Survey,
  { homes, inputs }: Definitions,
): Places {
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
