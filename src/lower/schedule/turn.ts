import { Integer } from "../../ir/integer.ts";
import { estimate, type SizeHints } from "../../rewrite/cost.ts";
import type { LoopBuilder } from "../builder/builder.ts";
import { addressOf } from "../items/indices.ts";
import type { BufferTable } from "../lower.ts";
import type { Buffer, Load, Loop, Statement, Temporary, Value } from "../program/loops.ts";
import {
  isNest,
  mapBodies,
  mapOperands,
  mapStatementValues,
  ownValue,
  visitStatement,
  visitValue,
} from "../program/rewrite-statements.ts";

/** Rounds around a loop from which on a copy of what it reads pays. */
const fewestRounds = 8;
/** A copy that is larger leaves the cache before it is read again. */
const mostElements = 2 ** 15;
/** Loops shorter than this are not taken several iterations at a time. */
const fewestIterations = 4;

/**
 * Loops that read arrays across their rows, as the distances of one point to many do, read copies in which rows and
 * columns are exchanged: neighbouring iterations then read neighbours, and a printer with vectors takes several of them at
 * a time. The copies are made before the outermost loop whose rounds all read the same.
 */
export function turnArrays(
  statements: readonly Statement[],
  builder: LoopBuilder,
  buffers: BufferTable,
  hints: SizeHints,
): Statement[] {
  return new Turning(statements, builder, buffers, hints).block(statements, []);
}

/** What a loop reads across rows: where, and the loops inside that move the place. */
interface Across {
  readonly load: Load;
  readonly address: Integer;
  readonly inner: readonly Loop[];
}

/** A copy that is to be made before a loop, and how it is read. */
interface Copy {
  readonly before: Loop;
  /** The loops whose variables number its rows and columns. */
  readonly loops: readonly Loop[];
  readonly shape: readonly Integer[];
  readonly from: Load;
  readonly read: Load;
}

class Turning {
  private readonly builder: LoopBuilder;
  private readonly buffers: BufferTable;
  private readonly hints: SizeHints;
  /** Integer variables that stand for sums of others. */
  private readonly known: (Integer | undefined)[] = [];
  private readonly copiesBefore = new Map<Loop, Statement[]>();

  constructor(statements: readonly Statement[], builder: LoopBuilder, buffers: BufferTable, hints: SizeHints) {
    this.builder = builder;
    this.buffers = buffers;
    this.hints = hints;
    const note = (list: readonly Statement[]) => {
      for (const statement of list) {
        if (statement.kind === "index" && statement.value.kind === "integer")
          this.known[statement.variable] = this.plain(statement.value.integer);
        if (isNest(statement)) note(statement.body);
        if (statement.kind === "if") note(statement.otherwise);
      }
    };
    note(statements);
  }

  /** The block inside these loops, of which the last one is the next around it. */
  block(statements: readonly Statement[], around: readonly Loop[]): Statement[] {
    return statements.flatMap((statement): Statement[] => {
      if (!isNest(statement)) return [statement];
      if (statement.kind !== "for") return [mapBodies(statement, (body) => this.block(body, []))];
      const turned = around.length > 0 ? this.turn(statement, around) : undefined;
      if (turned) return [turned];
      const inside = mapBodies(statement, (body) => this.block(body, [...around, statement]));
      return [...(this.copiesBefore.get(statement) ?? []), inside];
    });
  }

  private plain(integer: Integer): Integer {
    return integer.withIterators(this.known);
  }

  /** The loop over copies, when nothing else keeps its iterations apart. */
  private turn(loop: Loop, around: readonly Loop[]): Loop | undefined {
    const extent = extentOf(loop);
    if (!extent || (extent.value ?? fewestIterations) < fewestIterations) return undefined;
    const across: Across[] = [];
    if (!this.isNest(loop) || !this.survey(loop, across) || across.length === 0) return undefined;
    const copies = new Map<string, Copy>();
    for (const each of across) {
      const key = keyOf(each.load);
      const copy = copies.get(key) ?? this.copyOf(each, loop, around);
      if (!copy) return undefined;
      copies.set(key, copy);
    }
    for (const copy of copies.values()) {
      this.copiesBefore.set(copy.before, [...(this.copiesBefore.get(copy.before) ?? []), this.made(copy)]);
    }
    return mapStatementValues(loop, (value) => withLoads(value, (load) => copies.get(keyOf(load))?.read)) as Loop;
  }

  /** Loops inside, no condition, and nothing that one iteration has from another: what vectors can hold. */
  private isNest(loop: Loop): boolean {
    let hasLoop = false;
    let isPlain = true;
    const own = new Set<Temporary>();
    const collected = new Set<Temporary>();
    const read = new Set<Temporary>();
    const [written, loaded] = [new Set<Buffer>(), new Set<Buffer>()];
    visitStatement(loop, {
      statement: (inner) => {
        if (inner.kind === "for" && inner !== loop) hasLoop = true;
        if (inner.kind === "when" || inner.kind === "if" || inner.kind === "while") isPlain = false;
        if (inner.kind === "let" || inner.kind === "start") own.add(inner.temporary);
        if (inner.kind === "combine") collected.add(inner.temporary);
        if ("buffer" in inner) written.add(inner.buffer);
      },
      value: (value) => {
        if (value.kind === "guarded") isPlain = false;
        if (value.kind === "temporary") read.add(value);
        if (value.kind === "load") loaded.add(value.buffer);
      },
    });
    if ([...collected].some((temporary) => !own.has(temporary) && read.has(temporary))) return false;
    return hasLoop && isPlain && ![...written].some((buffer) => loaded.has(buffer));
  }

  /** Collects what is read across rows; false where something moves with the loop in yet another way. */
  private survey(loop: Loop, across: Across[], inner: readonly Loop[] = [], outermost = loop): boolean {
    return loop.body.every((statement) => {
      if ("address" in statement && !isUnit(this.plain(statement.address), outermost.variable)) return false;
      if (statement.kind === "index" && statement.value.kind !== "integer") return false;
      let isKnown = true;
      const note = (read: Value) => {
        if (read.kind !== "load") return;
        const address = this.plain(read.address);
        const stride = address.coefficientOf(outermost.variable);
        if (stride?.value === 0 || stride?.value === 1) return;
        if (stride === undefined || read.buffer.dtype !== "real" || inner.length === 0) isKnown = false;
        else across.push({ load: read, address, inner });
      };
      const value = ownValue(statement);
      if (value) visitValue(value, note);
      if (!isKnown) return false;
      return statement.kind !== "for" || this.survey(statement, across, [...inner, statement], outermost);
    });
  }

  private copyOf({ load, address, inner }: Across, loop: Loop, around: readonly Loop[]): Copy | undefined {
    const moving = inner.filter(({ variable }) => address.iterators().includes(variable));
    const loops = [...moving, loop];
    const extents = loops.map(extentOf);
    if (moving.length === 0 || extents.some((extent) => extent === undefined)) return undefined;
    const shape = extents as Integer[];
    const own = new Set(loops.map(({ variable }) => variable));
    if (shape.some((extent) => extent.iterators().length > 0)) return undefined;
    const rest = address.iterators().filter((variable) => !own.has(variable));
    const before = this.outermost(load.buffer, rest, around);
    const count = Integer.product(shape);
    if (!before || estimate(count, this.hints) > mostElements || !this.isWithin(load.buffer, address, loops))
      return undefined;
    const at = loops.map(({ variable }) => Integer.iterator(variable));
    const buffer = this.buffers.scratch({ dtype: "real", shape });
    const read: Load = { kind: "load", buffer, address: addressOf(at, shape) };
    return { before, loops, shape, from: { ...load, address }, read };
  }

  /** The loops that fill a copy. */
  private made({ loops, shape, from, read }: Copy): Statement {
    const variables = loops.map(() => this.builder.loopVariable());
    const place: Integer[] = [];
    for (const [k, { variable }] of loops.entries()) place[variable] = Integer.iterator(variables[k]!);
    const value: Value = { ...from, address: from.address.withIterators(place) };
    const address = read.address.withIterators(place);
    let statement: Statement = { kind: "store", buffer: read.buffer, address, value };
    for (const [k, extent] of [...shape.entries()].reverse()) {
      statement = {
        kind: "for",
        variable: variables[k]!,
        from: [Integer.zero],
        to: [extent],
        step: 1,
        body: [statement],
      };
    }
    return statement;
  }

  /** The outermost loop around whose rounds all read the same of the buffer, when it has rounds enough. */
  private outermost(buffer: Buffer, rest: readonly number[], around: readonly Loop[]): Loop | undefined {
    let found: Loop | undefined;
    let rounds = 1;
    for (const loop of [...around].reverse()) {
      if (definesOneOf(loop, rest) || writes(loop, buffer)) break;
      found = loop;
      rounds *= extentOf(loop)?.value ?? fewestRounds;
    }
    return rounds >= fewestRounds ? found : undefined;
  }

  /** True where all that the copy reads lies inside the buffer for certain. */
  private isWithin(buffer: Buffer, address: Integer, loops: readonly Loop[]): boolean {
    const extents = [...this.builder.extents()];
    for (const loop of loops) extents[loop.variable] = extentOf(loop)!;
    const last = Integer.product(buffer.shape).minus(1);
    return address.isProvablyNonNegative(extents) && last.minus(address).isProvablyNonNegative(extents);
  }
}

/** Where a loop from 0 in steps of 1 ends. */
function extentOf({ from, to, step, descending }: Loop): Integer | undefined {
  const isPlain = step === 1 && !descending && from.length === 1 && to.length === 1 && from[0]!.value === 0;
  return isPlain ? to[0] : undefined;
}

const isUnit = (address: Integer, variable: number) => address.coefficientOf(variable)?.value === 1;

const keyOf = ({ buffer, address }: Load) => `${buffer.id}|${address.key}`;

function definesOneOf(loop: Loop, variables: readonly number[]): boolean {
  let defines = false;
  visitStatement(loop, {
    statement: (inner) => {
      if ((inner.kind === "for" || inner.kind === "index") && variables.includes(inner.variable)) defines = true;
    },
  });
  return defines;
}

function writes(loop: Loop, buffer: Buffer): boolean {
  let found = false;
  visitStatement(loop, {
    statement: (inner) => {
      if ("buffer" in inner && inner.buffer === buffer) found = true;
    },
  });
  return found;
}

function withLoads(value: Value, replacement: (load: Load) => Load | undefined): Value {
  if (value.kind === "load") return replacement(value) ?? value;
  return value.kind === "apply" ? mapOperands(value, (operand) => withLoads(operand, replacement)) : value;
}
