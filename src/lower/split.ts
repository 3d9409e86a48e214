import { Integer } from "../ir/integer.ts";
import type { Buffer, Statement, Temporary, Value } from "./loops.ts";
import { mapStatementValues, mapValue, visitStatement } from "./rewrite-statements.ts";

/**
 * Operations in one printed function. V8 optimises no function above 61,440 bytes of bytecode; straight-line code of
 * about this many operations stays well below.
 */
const largestPart = 1000;

/** Statements of a program in parts that are functions of their own, and the buffer that carries values between them. */
export interface SplitBody {
  readonly parts: readonly (readonly Statement[])[];
  readonly carried: Buffer | undefined;
}

/** Cuts a long body between top-level statements; temporaries that later parts use travel through a buffer. */
export function splitBody(body: readonly Statement[], nextBufferId: number): SplitBody {
  const sizes = body.map(operationsOf);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total <= 1.5 * largestPart) return { parts: [body], carried: undefined };
  const cuts = cutPositions(body, sizes);
  if (cuts.length === 0) return { parts: [body], carried: undefined };
  const ranges = [0, ...cuts].map((start, k) => body.slice(start, cuts[k] ?? body.length));
  return carry(ranges, nextBufferId);
}

/** The statements and the applied primitives in a statement. */
export function operationsOf(statement: Statement): number {
  let count = 0;
  visitStatement(statement, {
    statement: () => count++,
    value: (value) => {
      if (value.kind === "apply") count++;
    },
  });
  return count;
}

/** Cuts after about `largestPart` operations, never while a variable is still being combined into. */
function cutPositions(body: readonly Statement[], sizes: readonly number[]): number[] {
  const lastChange = new Map<Temporary, number>();
  for (const [position, statement] of body.entries()) {
    visitStatement(statement, {
      statement: (inner) => {
        if (inner.kind === "combine" || inner.kind === "assign") lastChange.set(inner.temporary, position);
      },
    });
  }
  const cuts: number[] = [];
  let inPart = 0;
  let openUntil = -1;
  for (const [position, statement] of body.entries()) {
    if (inPart > 0 && inPart + sizes[position]! > largestPart && position > openUntil) {
      cuts.push(position);
      inPart = 0;
    }
    if (statement.kind === "start") openUntil = Math.max(openUntil, lastChange.get(statement.temporary) ?? position);
    inPart += sizes[position]!;
  }
  return cuts;
}

const isInput = (value: Value) =>
  value.kind === "load" && (value.buffer.role === "input" || value.buffer.role === "table");

/** Stores what later parts read, and reads it there. */
function carry(ranges: readonly (readonly Statement[])[], bufferId: number): SplitBody {
  const homeOf = new Map<Temporary, number>();
  /** Elements that never change are read again. */
  const inputs = new Map<Temporary, Value>();
  const indexOf = new Map<number, Statement & { kind: "index" }>();
  for (const [part, statements] of ranges.entries()) {
    for (const statement of statements) {
      if (statement.kind === "let" && isInput(statement.value)) inputs.set(statement.temporary, statement.value);
      else if (statement.kind === "let" || statement.kind === "start") homeOf.set(statement.temporary, part);
      if (statement.kind === "index") indexOf.set(statement.variable, statement);
    }
  }
  const { slots, count } = slotsOf(ranges, homeOf);
  const buffer: Buffer = {
    id: bufferId,
    role: "workspace",
    name: "carried",
    dtype: "real",
    shape: [Integer.constant(count)],
  };
  const parts = ranges.map((statements, part) => {
    const own = new Set(statements.flatMap((statement) => (statement.kind === "let" ? [statement.temporary] : [])));
    const mapped = statements.map((statement) =>
      mapStatementValues(statement, (value) =>
        mapValue(
          value,
          (temporary) => (own.has(temporary) ? undefined : (inputs.get(temporary) ?? incoming(temporary, part))),
          (integer) => integer,
        ),
      ),
    );
    return [...indicesFor(mapped, indexOf), ...withStores(mapped)];
  });
  return { parts, carried: buffer };

  function incoming(temporary: Temporary, part: number): Value | undefined {
    const slot = slots.get(temporary);
    if (slot === undefined || homeOf.get(temporary) === part) return undefined;
    return { kind: "load", buffer, address: Integer.constant(slot) };
  }

  function withStores(statements: readonly Statement[]): Statement[] {
    const pending = new Map<Temporary, number>();
    for (const [position, statement] of statements.entries()) {
      visitStatement(statement, {
        statement: (inner) => {
          const changes =
            inner.kind === "let" || inner.kind === "start" || inner.kind === "combine" || inner.kind === "assign";
          if (changes && slots.has(inner.temporary)) pending.set(inner.temporary, position);
        },
      });
    }
    const lastChange = new Map<number, Temporary[]>();
    for (const [temporary, position] of pending) {
      const known = lastChange.get(position);
      if (known) known.push(temporary);
      else lastChange.set(position, [temporary]);
    }
    const stored: Statement[] = [];
    for (const [position, statement] of statements.entries()) {
      stored.push(statement);
      for (const temporary of lastChange.get(position) ?? []) {
        const address = Integer.constant(slots.get(temporary)!);
        stored.push({ kind: "store", buffer, address, value: { kind: "temporary", temporary } });
      }
    }
    return stored;
  }
}

/**
 * A place for each temporary that a later part reads, from where it is made to where it is read last: then the place is
 * free for another one, and few places stay in the cache.
 */
function slotsOf(
  ranges: readonly (readonly Statement[])[],
  homeOf: ReadonlyMap<Temporary, number>,
): { readonly slots: ReadonlyMap<Temporary, number>; readonly count: number } {
  const lastRead = new Map<Temporary, Statement>();
  for (const [part, statements] of ranges.entries()) {
    for (const statement of statements) {
      visitStatement(statement, {
        value: (value) => {
          const home = value.kind === "temporary" ? homeOf.get(value.temporary) : undefined;
          if (value.kind === "temporary" && home !== undefined && home !== part)
            lastRead.set(value.temporary, statement);
        },
      });
    }
  }
  const readLast = new Map<Statement, Temporary[]>();
  for (const [temporary, statement] of lastRead) {
    const known = readLast.get(statement);
    if (known) known.push(temporary);
    else readLast.set(statement, [temporary]);
  }
  const slots = new Map<Temporary, number>();
  const free: number[] = [];
  let count = 0;
  for (const statement of ranges.flat()) {
    for (const temporary of readLast.get(statement) ?? []) free.push(slots.get(temporary)!);
    const isHome = statement.kind === "let" || statement.kind === "start";
    if (isHome && lastRead.has(statement.temporary)) slots.set(statement.temporary, free.pop() ?? count++);
  }
  return { slots, count };
}

/** Definitions of the integer variables that a part uses and another part defines: cheap, so made again. */
function indicesFor(
  statements: readonly Statement[],
  indexOf: ReadonlyMap<number, Statement & { kind: "index" }>,
): Statement[] {
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
  const made: Statement[] = [];
  for (let missing = [...needed].filter((variable) => !own.has(variable)); missing.length > 0; ) {
    for (const variable of missing) {
      const definition = indexOf.get(variable)!;
      made.unshift(definition);
      visitStatement(definition, visit);
      own.add(variable);
    }
    missing = [...needed].filter((variable) => !own.has(variable));
  }
  return made;
}
