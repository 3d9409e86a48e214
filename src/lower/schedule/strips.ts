import { Integer } from "../../ir/integer.ts";
import { greater } from "../../ops/elementary/comparison.ts";
import type { LoopBuilder } from "../builder/builder.ts";
import type { BufferTable } from "../lower.ts";
import type { Buffer, Layout, Loop, Making, Statement, Temporary, Value } from "../program/loops.ts";
import { isNest, mapBodies, ownValue, visitStatement, visitValue } from "../program/rewrite-statements.ts";
import { definesOutside, mentions, neededIndices, ownTemporaries, usesIn } from "../program/uses.ts";
import { RowCopies } from "./row-copies.ts";
import { mayBeReordered } from "./row-order.ts";

/** Rows that inner loops take together: what they share is read once for all, and what they add to is written once. */
const together = 4;
/** Rows whose numbers are kept from one part of a strip to the next: so few that their elements stay in the nearest cache. */
const stripRows = 32;
/** Elements beyond which rows come from afar: about a megabyte. */
const largest = 2 ** 17;
/** Vectors that an inner loop may have in use: V8 makes all loads of a round before its arithmetic. */
const registers = 16;
/** What an operation may cost in a loop that is written for several rows: beside a dearer one nothing is won. */
const dearest = 6;
/** Inner loops shorter than this are not taken several iterations at a time. */
const fewestIterations = 4;

/**
 * Loops over rows in which loops over columns share something, as those of a regression do: weights that each row is
 * multiplied with, a gradient that each row adds to. They go over strips of rows in several passes: loops over columns for
 * four rows at a time, and what is between them for all rows of the strip, whose numbers are kept in short arrays. Rows
 * add to an array in their order. Those that are left over are computed as they were.
 */
export function inStrips(statements: readonly Statement[], builder: LoopBuilder, buffers: BufferTable): Statement[] {
  return statements.flatMap((statement): Statement[] => {
    if (!isNest(statement)) return [statement];
    const strips = statement.kind === "for" ? new Rows(statement, builder, buffers).strips() : undefined;
    return strips ?? [mapBodies(statement, (body) => inStrips(body, builder, buffers))];
  });
}

/** Statements of a row that are run for a whole strip before those that follow. */
interface Pass {
  /** True for loops over columns. */
  readonly isJoint: boolean;
  /** How many rows it takes at a time. */
  rows: number;
  readonly body: Statement[];
}

class Rows {
  private readonly loop: Loop;
  private readonly builder: LoopBuilder;
  private readonly buffers: BufferTable;
  /** Whole numbers of a row, which every pass computes that needs them. */
  private readonly indices: Extract<Statement, { kind: "index" }>[] = [];
  /** Integer variables that stand for sums of others. */
  private readonly known: (Integer | undefined)[] = [];
  /** Integer variables that differ between rows. */
  private readonly varying: Set<number>;
  /** How far apart rows lie in an array. */
  private rowLength: Integer | undefined;

  constructor(loop: Loop, builder: LoopBuilder, buffers: BufferTable) {
    this.loop = loop;
    this.builder = builder;
    this.buffers = buffers;
    this.varying = new Set([loop.variable]);
  }

  /** The loop in strips; undefined where its rows may not be taken so, or nothing is won. */
  strips(): Statement[] | undefined {
    const { loop, builder } = this;
    const { from, to, step, descending } = loop;
    const end = to[0]!;
    const isPlain = step === 1 && !descending && from.length === 1 && to.length === 1 && from[0]!.value === 0;
    if (!isPlain || (end.value ?? together) < together) return undefined;
    const passes = this.passes();
    if (!passes || !this.pays(passes) || !this.mayBeReordered(passes)) return undefined;
    const kept = this.kept(passes);
    if (!kept) return undefined;
    const multiple = end.floorDiv(together).times(together);
    const variable = builder.loopVariable();
    const isKnown = multiple.value !== undefined || multiple.equals(end);
    const whole = isKnown ? multiple : Integer.iterator(variable);
    const named: Statement[] = isKnown
      ? []
      : [{ kind: "index", variable, value: { kind: "integer", integer: multiple } }];
    const isLarge = this.isLarge(end);
    const [first, ...others] = passes;
    if (others.length > 0) return [...named, ...this.withRest(this.inPasses(passes, whole, isLarge, kept), whole, end)];
    const joint = this.over(first!.rows, [whole], ["rows"], (row) => this.rowsOf(first!, first!.rows, row, row, kept));
    return choice(
      isLarge,
      () => [loop],
      () => [...named, ...this.withRest(joint, whole, end)],
    );
  }

  /** The loop over strips of rows, each of them in all passes. */
  private inPasses(
    passes: readonly Pass[],
    whole: Integer,
    isLarge: Value,
    kept: ReadonlyMap<Temporary, Buffer>,
  ): Loop {
    const earliest = passes.find(({ isJoint }) => isJoint);
    return this.over(stripRows, [whole], ["strips"], (start) => {
      const rows = [Integer.constant(stripRows), whole.minus(start)];
      const go = (pass: Pass, count: number) =>
        this.over(count, rows, count > 1 ? ["rows"] : [], (row) =>
          this.rowsOf(pass, count, start.plus(row), row, kept),
        );
      // what comes from afar comes in one stream: several would outrun what a processor fetches ahead
      return passes.flatMap((pass) =>
        pass === earliest && pass.rows > 1
          ? choice(
              isLarge,
              () => [go(pass, 1)],
              () => [go(pass, pass.rows)],
            )
          : [go(pass, pass.rows)],
      );
    });
  }

  /** A loop over rows, so many at a time. */
  private over(
    rows: number,
    to: readonly Integer[],
    layouts: readonly Layout[],
    body: (row: Integer) => Statement[],
  ): Loop {
    const variable = this.builder.loopVariable();
    const made = this.loop.making;
    const making: Making = { nodes: made?.nodes ?? [], layouts: [...(made?.layouts ?? []), ...layouts] };
    const from = [Integer.zero];
    return { kind: "for", variable, from, to, step: rows, making, body: body(Integer.iterator(variable)) };
  }

  /** The loop over `whole` rows, and behind it the rows that are left over, as they were. */
  private withRest(loop: Loop, whole: Integer, end: Integer): Statement[] {
    return whole.equals(end) ? [loop] : [loop, { ...this.loop, from: [whole], making: loop.making }];
  }

  /** Whether the rows are more than a processor keeps close by, and are known to lie together. */
  private isLarge(end: Integer): Value {
    const elements = this.rowLength ? end.times(this.rowLength) : Integer.zero;
    const operands: Value[] = [
      { kind: "integer", integer: elements },
      { kind: "constant", value: largest, dtype: "int" },
    ];
    if (elements.value !== undefined)
      return { kind: "constant", value: elements.value > largest ? 1 : 0, dtype: "bool" };
    return { kind: "apply", primitive: greater.primitive, operands, dtype: "bool" };
  }

  /** The statements of a pass for its rows from one on, which is at a place within the strip. */
  private rowsOf(
    pass: Pass,
    count: number,
    row: Integer,
    place: Integer,
    kept: ReadonlyMap<Temporary, Buffer>,
  ): Statement[] {
    const copies = new RowCopies(this.builder, this.loop.variable, count, row);
    const needed = neededIndices(this.indices, pass.body);
    const made = ownTemporaries(pass.body);
    const read = [...kept].filter(([temporary]) => !made.has(temporary) && mentions(pass.body, temporary));
    const written = [...kept].filter(([temporary]) => made.has(temporary));
    const at = (k: number) => place.plus(k);
    return [
      ...copies.block(needed),
      ...read.flatMap(([temporary, buffer]) =>
        copies.name(temporary, (k) => ({ kind: "load", buffer, address: at(k) })),
      ),
      ...copies.block(pass.body),
      ...written.flatMap(([temporary, buffer]) =>
        copies.each((k, value) => ({ kind: "store", buffer, address: at(k), value: value(temporary) })),
      ),
    ];
  }

  /** The statements of a row in passes; undefined where one of them fits none. */
  private passes(): Pass[] | undefined {
    const passes: Pass[] = [];
    const pending = new Map<Temporary, Statement>();
    const last = (isJoint: boolean): Pass => {
      const open = passes[passes.length - 1];
      if (open?.isJoint === isJoint) return open;
      const next: Pass = { isJoint, rows: isJoint ? together : 1, body: [] };
      passes.push(next);
      return next;
    };
    for (const statement of this.loop.body) {
      if (statement.kind === "index") {
        if (!this.noteIndex(statement)) return undefined;
        continue;
      }
      if (statement.kind === "start") {
        pending.set(statement.temporary, statement);
        continue;
      }
      if (!isPlainEnough(statement)) return undefined;
      const isOnlyKept = statement.kind === "store" && statement.value.kind === "temporary";
      const pass = last(statement.kind === "for" || (isOnlyKept && passes[passes.length - 1]?.isJoint === true));
      for (const [temporary, start] of pending) {
        if (!mentions([statement], temporary)) continue;
        pass.body.push(start);
        pending.delete(temporary);
      }
      pass.body.push(statement);
    }
    return passes;
  }

  private noteIndex(statement: Extract<Statement, { kind: "index" }>): boolean {
    const { variable, value } = statement;
    const isInteger = value.kind === "integer";
    if (isInteger) this.known[variable] = this.plain(value.integer);
    else if (value.kind !== "load" || value.buffer.role === "workspace" || value.buffer.role === "output") return false;
    if (!isInteger || this.varies(value.integer)) this.varying.add(variable);
    this.indices.push(statement);
    return true;
  }

  /** Takes note of a whole number within a pass. */
  private noteStep(statement: Statement): void {
    if (statement.kind === "index" && statement.value.kind === "integer")
      this.known[statement.variable] = this.plain(statement.value.integer);
  }

  private plain(integer: Integer): Integer {
    return integer.withIterators(this.known);
  }

  /** Decides how many rows passes take at a time: several in one of them, where that pays. */
  private pays(passes: readonly Pass[]): boolean {
    let pays = false;
    for (const pass of passes) {
      if (!pass.isJoint) continue;
      let shares = false;
      let fits = true;
      for (const statement of pass.body) {
        visitStatement(statement, {
          statement: (inner) => {
            this.noteStep(inner);
            if (inner.kind !== "for") return;
            if ([...inner.from, ...inner.to].some((bound) => this.varies(bound)) || inner.isIndependent) fits = false;
            if (inner.body.some(isNest)) return;
            const room = this.roomFor(inner);
            pass.rows = Math.min(pass.rows, room.rows);
            if (room.shares) shares = true;
          },
        });
      }
      if (!fits) return false;
      if (shares && pass.rows > 1) pays = true;
    }
    return pays;
  }

  private varies(integer: Integer): boolean {
    return integer.iterators().some((each) => this.varying.has(each));
  }

  /** How many rows an innermost loop has room for, and whether they share something beside what each of them reads. */
  private roomFor(loop: Loop): { readonly rows: number; readonly shares: boolean } {
    const { variable, from, to, step, descending, body } = loop;
    const isPlain = step === 1 && !descending && from.length === 1 && to.length === 1;
    if (!isPlain || (to[0]!.value ?? fewestIterations) < fewestIterations) return { rows: 1, shares: false };
    /** What all rows have one of, and what each has one of: by element, or by number. */
    const [shared, own] = [new Set<string | Temporary>(), new Set<string | Temporary>()];
    const made = ownTemporaries(body);
    let [readsRows, collects, isSlow] = [false, false, false];
    const note = (buffer: Buffer, address: Integer) => {
      const plain = this.plain(address);
      const stride = plain.coefficientOf(this.loop.variable);
      const step = plain.coefficientOf(variable)?.value;
      const isShared = stride?.value === 0;
      // what goes across rows of an array is taken several columns at a time further out
      if (step !== 0 && step !== 1) isSlow = true;
      (isShared ? shared : own).add(`${buffer.id} ${plain.key}`);
      if (isShared || stride?.value === 1 || step !== 1) return;
      readsRows = true;
      if (stride?.iterators().length === 0) this.rowLength = stride;
    };
    for (const statement of body) {
      this.noteStep(statement);
      if ("address" in statement) note(statement.buffer, statement.address);
      if (statement.kind === "combine") own.add(statement.temporary);
      if (statement.kind === "combine" || statement.kind === "accumulate") collects = true;
      const value = ownValue(statement);
      if (!value) continue;
      visitValue(value, (inner) => {
        if (inner.kind === "load") note(inner.buffer, inner.address);
        if (inner.kind === "temporary" && !made.has(inner)) own.add(inner);
        if (inner.kind === "apply" && inner.primitive.cost > dearest) isSlow = true;
      });
    }
    const room = [together, 2].find((count) => shared.size + count * own.size <= registers) ?? 1;
    return { rows: isSlow ? 1 : room, shares: readsRows && collects && shared.size > 0 };
  }

  private mayBeReordered(passes: readonly Pass[]): boolean {
    const plain = (integer: Integer) => this.plain(integer);
    const statements = passes.flatMap(({ body }) => body);
    return mayBeReordered(statements, { loop: this.loop, plain, extents: [...this.builder.extents()] });
  }

  /** The numbers that one pass leaves to another, with arrays for them; undefined where one cannot be left so. */
  private kept(passes: readonly Pass[]): Map<Temporary, Buffer> | undefined {
    const kept = new Map<Temporary, Buffer>();
    const owners = new Map<Temporary, Pass>();
    for (const pass of passes) for (const temporary of ownTemporaries(pass.body)) owners.set(temporary, pass);
    for (const pass of passes) {
      for (const [temporary, isChanged] of usesIn(pass.body)) {
        const owner = owners.get(temporary);
        if (!owner || owner === pass || kept.has(temporary)) continue;
        if (isChanged || temporary.dtype === "int" || !definesOutside(owner.body, temporary)) return undefined;
        kept.set(
          temporary,
          this.buffers.scratch({ dtype: temporary.dtype, shape: [Integer.constant(stripRows)] }, true),
        );
      }
    }
    return kept;
  }
}

/** One or the other by a condition, which may be known. */
function choice(condition: Value, write: () => Statement[], otherwise: () => Statement[]): Statement[] {
  if (condition.kind === "constant") return condition.value === 0 ? otherwise() : write();
  return [{ kind: "if", condition, body: write(), otherwise: otherwise() }];
}

/** True for a statement that copies of rows can hold: loops without conditions, and conditions without loops. */
function isPlainEnough(statement: Statement): boolean {
  if (statement.kind === "when") return !statement.body.some((inner) => isNest(inner) || !isPlainEnough(inner));
  if (statement.kind === "for")
    return statement.body.every(
      (inner) =>
        inner.kind !== "when" && (inner.kind === "index" ? inner.value.kind === "integer" : isPlainEnough(inner)),
    );
  const { kind } = statement;
  return (
    kind === "let" ||
    kind === "start" ||
    kind === "combine" ||
    kind === "assign" ||
    kind === "store" ||
    kind === "accumulate"
  );
}
