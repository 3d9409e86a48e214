import { alwaysHolds } from "../../ir/contraction.ts";
import { Integer } from "../../ir/integer.ts";
import type { LoopBuilder } from "../builder/builder.ts";
import { only } from "../items/indices.ts";
import type { Accumulate, Buffer, Loop, Statement, Temporary, Value } from "../program/loops.ts";
import { mapBodies, visitStatement } from "../program/rewrite-statements.ts";
import { plus, zero } from "../program/values.ts";

/** Elements that one iteration leaves to later ones: each is a variable of its own. */
const mostCarried = 4;

/** Elements that a loop adds to in variables: as many as there are registers for beside what it computes. */
const mostHeld = 8;

/** How far before a loop its zeros are looked for. */
const farthestFill = 32;

/** Terms that a loop adds to neighbouring elements of one array. */
interface Stencil {
  readonly buffer: Buffer;
  /** From one iteration's element to the next one's. */
  readonly stride: Integer;
  /** The element with the lowest offset: the one that later iterations add nothing to. */
  readonly last: Integer;
  readonly offsetOf: ReadonlyMap<Statement, number>;
  /** The highest offset: how many elements are carried. */
  readonly reach: number;
}

/**
 * A loop that adds to neighbouring elements, out[i] and out[i + 1], with what an element has so far in variables that
 * pass from one iteration to the next: each element is written once, when its last term is in. Where nothing else adds
 * to the array and the loop covers it, elements are stored instead of added to, and `before`, the statements ahead of
 * the loop, loses the zeros that it had for them. Returns what replaces the loop.
 */
export function carryStencils(loop: Loop, before: Statement[], builder: LoopBuilder): Statement[] {
  const result: Statement[] = [loop];
  if (loop.step !== 1 || loop.descending || loop.from.length !== 1 || loop.to.length !== 1) return result;
  const buffers = new Set(
    loop.body.flatMap((statement) => (statement.kind === "accumulate" ? [statement.buffer] : [])),
  );
  for (const buffer of buffers) {
    const position = result.findIndex((statement) => statement.kind === "for");
    const stencil = stencilOf(result[position] as Loop, buffer);
    if (!stencil) continue;
    const isStored = takesOver(stencil, result[position] as Loop, before);
    result.splice(position, 1, ...carried(result[position] as Loop, stencil, isStored, builder));
  }
  return result;
}

/**
 * A loop that adds to elements which stay the same in all rounds, with what they get in variables: each is added to once, behind
 * the loop. Returns what replaces the loop.
 */
export function inVariables(loop: Loop, builder: LoopBuilder): Statement[] {
  if (builder.ordered) return [loop];
  const inside = variablesOf(loop).add(loop.variable);
  const isFixed = ({ address }: Accumulate) => !address.iterators().some((iterator) => inside.has(iterator));
  const held = new Held([loop], isFixed, builder);
  const body = held.statements(loop.body);
  return held.isEmpty ? [loop] : [...held.starts(), { ...loop, body }, ...held.additions()];
}

/** Statements without a loop that add to an element several times, with what it gets in a variable: it is added to once. */
export function addedOnce(statements: readonly Statement[], builder: LoopBuilder): readonly Statement[] {
  if (builder.ordered) return statements;
  const counts = new Map<string, number>();
  for (const statement of statements) {
    if (statement.kind !== "accumulate") continue;
    const key = elementKey(statement);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  if (![...counts.values()].some((count) => count > 1)) return statements;
  const held = new Held(statements, (addition) => counts.get(elementKey(addition))! > 1, builder);
  const added = held.statements(statements);
  return held.isEmpty ? statements : [...held.starts(), ...added, ...held.additions()];
}

const elementKey = ({ buffer, address }: Accumulate): string => `${buffer.id} ${address.key}`;

/** Elements that get what statements add to them in variables. */
class Held {
  private readonly within: readonly Statement[];
  private readonly isWanted: (addition: Accumulate) => boolean;
  private readonly builder: LoopBuilder;
  private readonly held = new Map<string, { readonly temporary: Temporary; readonly addition: Accumulate }>();
  /** Whether all that happens to an array is that something is added. */
  private readonly additive = new Map<Buffer, boolean>();

  constructor(within: readonly Statement[], isWanted: (addition: Accumulate) => boolean, builder: LoopBuilder) {
    this.within = within;
    this.isWanted = isWanted;
    this.builder = builder;
  }

  get isEmpty(): boolean {
    return this.held.size === 0;
  }

  statements(statements: readonly Statement[]): Statement[] {
    return statements.map((statement) => this.statement(statement));
  }

  starts(): Statement[] {
    return [...this.held.values()].map(({ temporary }) => ({ kind: "start", temporary, value: zero }));
  }

  additions(): Statement[] {
    return [...this.held.values()].map(({ temporary, addition }) => ({ ...addition, value: temporary }));
  }

  private statement(statement: Statement): Statement {
    if (statement.kind === "if" || statement.kind === "when")
      return mapBodies(statement, (body) => this.statements(body));
    if (statement.kind !== "accumulate" || statement.half !== undefined) return statement;
    if (!this.isWanted(statement) || !this.mayWait(statement.buffer)) return statement;
    const key = elementKey(statement);
    const known = this.held.get(key);
    if (!known && this.held.size === mostHeld) return statement;
    const { temporary } = known ?? { temporary: this.builder.temporary("real") };
    this.held.set(key, { temporary, addition: statement });
    return { kind: "combine", temporary, combine: "sum", value: statement.value };
  }

  private mayWait(buffer: Buffer): boolean {
    const known = this.additive.get(buffer);
    if (known !== undefined) return known;
    const waits = buffer.dtype === "real" && onlyAdds(this.within, buffer);
    this.additive.set(buffer, waits);
    return waits;
  }
}

function stencilOf(loop: Loop, buffer: Buffer): Stencil | undefined {
  if (buffer.dtype !== "real" || !onlyAdds([loop], buffer)) return undefined;
  const inside = variablesOf(loop);
  const additions = loop.body.filter(
    (statement): statement is Accumulate =>
      statement.kind === "accumulate" &&
      statement.buffer === buffer &&
      !statement.address.iterators().some((iterator) => inside.has(iterator)),
  );
  const first = additions[0];
  const stride = first?.address.coefficientOf(loop.variable);
  if (!stride || stride.terms.length === 0) return undefined;
  const offsets = additions.flatMap((addition) => {
    const offset = offsetBetween(first!.address, addition.address, stride);
    return offset === undefined ? [] : [{ addition, offset }];
  });
  const lowest = Math.min(...offsets.map(({ offset }) => offset));
  const reach = Math.max(...offsets.map(({ offset }) => offset)) - lowest;
  if (reach === 0 || reach > mostCarried) return undefined;
  return {
    buffer,
    stride,
    last: first!.address.plus(stride.scaled(lowest)),
    offsetOf: new Map(offsets.map(({ addition, offset }) => [addition, offset - lowest])),
    reach,
  };
}

/** The number of strides from one address to another, if it is small and whole. */
function offsetBetween(from: Integer, to: Integer, stride: Integer): number | undefined {
  const apart = to.minus(from);
  for (let offset = -mostCarried; offset <= mostCarried; offset++)
    if (apart.equals(stride.scaled(offset))) return offset;
  return undefined;
}

/** True when the loop reads nothing of the array and does nothing but add to it: terms may then come in any order. */
function onlyAdds(statements: readonly Statement[], buffer: Buffer): boolean {
  let adds = true;
  const visit = {
    statement: (inner: Statement) => {
      if ("buffer" in inner && inner.buffer === buffer && !(inner.kind === "accumulate" && inner.combine === "sum"))
        adds = false;
    },
    value: (value: Value) => {
      if (value.kind === "load" && value.buffer === buffer) adds = false;
    },
  };
  for (const statement of statements) visitStatement(statement, visit);
  return adds;
}

/** The integer variables that the body defines. */
function variablesOf(loop: Loop): Set<number> {
  const variables = new Set<number>();
  for (const statement of loop.body) {
    visitStatement(statement, {
      statement: (inner) => {
        if (inner.kind === "for" || inner.kind === "index") variables.add(inner.variable);
      },
    });
  }
  return variables;
}

/** True when the loop's elements are the whole array, which is zero before: the zeros are then taken out of `before`. */
function takesOver({ buffer, last, stride, offsetOf, reach }: Stencil, loop: Loop, before: Statement[]): boolean {
  const [from, to] = [loop.from[0]!, loop.to[0]!];
  const at = (position: Integer) => last.withIterators(only(loop.variable, position));
  const covers = stride.value === 1 && at(from).value === 0 && at(to).plus(reach).equals(Integer.product(buffer.shape));
  if (!covers || !isAlone(loop, buffer, offsetOf)) return false;
  for (let k = before.length - 1; k >= 0 && k >= before.length - farthestFill; k--) {
    const statement = before[k]!;
    if (statement.kind === "fill" && statement.buffer === buffer) {
      if (statement.value !== 0) return false;
      before.splice(k, 1);
      return true;
    }
    if (touches(statement, buffer)) return false;
  }
  return false;
}

function isAlone(loop: Loop, buffer: Buffer, offsetOf: Stencil["offsetOf"]): boolean {
  return loop.body.every((statement) => offsetOf.has(statement) || !touches(statement, buffer));
}

function touches(statement: Statement, buffer: Buffer): boolean {
  let found = false;
  visitStatement(statement, {
    statement: (inner) => {
      if ("buffer" in inner && inner.buffer === buffer) found = true;
    },
    value: (value) => {
      if (value.kind === "load" && value.buffer === buffer) found = true;
    },
  });
  return found;
}

function carried(loop: Loop, stencil: Stencil, isStored: boolean, builder: LoopBuilder): Statement[] {
  const { buffer, stride, last, offsetOf, reach } = stencil;
  const write = (address: Integer, value: Value): Statement =>
    isStored
      ? { kind: "store", buffer, address, value }
      : { kind: "accumulate", buffer, address, combine: "sum", value };
  // carries[k - 1] has what element last + k strides has got from earlier iterations
  const carries: Temporary[] = Array.from({ length: reach }, () => builder.temporary("real"));
  const soFar: (Value | undefined)[] = [...carries, undefined];
  const body: Statement[] = [];
  const finished = [...offsetOf].filter(([, offset]) => offset === 0).pop()![0];
  for (const statement of loop.body) {
    const offset = offsetOf.get(statement);
    if (offset === undefined) {
      body.push(statement);
      continue;
    }
    const { value } = statement as Accumulate;
    const held = soFar[offset];
    const next = held ? plus(held, value) : value;
    if (statement === finished) {
      body.push(write(last, next));
      continue;
    }
    if (next.kind === "temporary") soFar[offset] = next;
    else {
      const temporary = builder.temporary("real");
      body.push({ kind: "let", temporary, value: next });
      soFar[offset] = temporary;
    }
  }
  for (const [k, temporary] of carries.entries()) {
    // without a term of its own the furthest element begins at 0, and others pass on what they have
    body.push({ kind: "assign", temporary, value: soFar[k + 1] ?? zero });
  }
  const [from, to] = [loop.from[0]!, loop.to[0]!];
  const after = last.withIterators(only(loop.variable, to));
  const rest = carries.flatMap((temporary, k): Statement[] => {
    const address = builder.address([after.plus(stride.scaled(k))], [Integer.product(buffer.shape)]);
    // of an array that is written whole, what lies in it; of another, what the loop has come to at all
    const guard = { index: isStored ? address : to.minus(from).minus(1), extent: undefined };
    const flush = write(address, temporary);
    return alwaysHolds(guard, builder.extents()) ? [flush] : [{ kind: "when", guards: [guard], body: [flush] }];
  });
  return [
    ...carries.map((temporary): Statement => ({ kind: "start", temporary, value: zero })),
    { ...loop, body, making: loop.making && { ...loop.making, layouts: [...loop.making.layouts, "carried"] } },
    ...rest,
  ];
}
