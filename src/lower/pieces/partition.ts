import { type Combine, neutralElement } from "../../ir/contraction.ts";
import { Integer } from "../../ir/integer.ts";
import { add, mul } from "../../ops/algebra.ts";
import { max, min } from "../../ops/comparison.ts";
import { Estimate, ownOperations } from "../program/estimate.ts";
import type { Buffer, Program, Routine, Statement, Temporary, Value } from "../program/loops.ts";
import { Ranges } from "../program/ranges.ts";
import {
  isNest,
  mapBodies,
  mapStatementValues,
  type Nest,
  statementsOf,
  visitStatement,
} from "../program/rewrite-statements.ts";
import { type Access, accessesOf, byBuffer } from "./accesses.ts";
import { isWrittenFirst } from "./covering.ts";
import { type Loop, type Meeting, meetingOf } from "./independence.ts";

/** A loop in pieces that may be run in any order, by whoever has time: each leaves what it has to say at a place of its own. */
export interface Phase {
  /** The routine that is one piece: it is called with the number of the piece. */
  readonly routine: number;
  /** The integer variable that holds the number. */
  readonly piece: number;
  readonly pieces: number;
}

/** A program whose long loops are phases. What it computes depends on sizes alone, and not on who runs which piece. */
export interface PartitionedProgram {
  /** Its last routines are the phases; a call of one runs all pieces. */
  readonly program: Program;
  readonly phases: readonly Phase[];
  /** Arrays that everyone who runs pieces needs for himself. */
  readonly privates: ReadonlySet<Buffer>;
  /** Equal for sizes at which the program comes out the same. */
  readonly key: string;
}

/** What pays, in operations. */
export interface Thresholds {
  /** Of a loop: below it is not worth waking anyone. */
  readonly loop: number;
  /** Of a piece. */
  readonly piece: number;
}

/** About 15 and 3 microseconds. */
const thresholds: Thresholds = { loop: 40_000, piece: 8000 };
/** Pieces of a loop, at most: enough for any number of workers to end at about the same time. */
const mostPieces = 32;
/** With fewer iterations than this the loops inside are looked at first. */
const fewIterations = 8;

/** Cuts long loops of a program into pieces, as they pay at these sizes. */
export function partition(program: Program, sizes: readonly number[], fewest = thresholds): PartitionedProgram {
  return new Partition(program, new Map(program.sizes.map((name, k) => [name, sizes[k]!])), fewest).run();
}

/** Statements that may run behind a place: first those that follow, then those that come again around it. */
type Later = readonly (readonly Statement[])[];

class Partition {
  private readonly program: Program;
  private readonly fewest: Thresholds;
  private readonly ranges: Ranges;
  private readonly estimate: Estimate;
  private readonly own: (statement: Statement) => number;
  private readonly phases: Phase[] = [];
  private readonly bodies: Routine[] = [];
  private readonly buffers: Buffer[] = [];
  private readonly twins = new Map<Buffer, Buffer>();
  private readonly decisions: string[] = [];
  private nextVariable: number;
  private nextBuffer: number;
  private readonly reads = new Map<Statement, Map<Buffer, Access[]>>();

  constructor(program: Program, sizes: ReadonlyMap<string, number>, fewest: Thresholds) {
    this.program = program;
    this.fewest = fewest;
    this.ranges = new Ranges(program, sizes);
    this.estimate = new Estimate(sizes);
    this.own = ownOperations(program, this.estimate);
    this.nextVariable = largestVariable(program) + 1;
    this.nextBuffer = Math.max(-1, ...program.buffers.map(({ id }) => id)) + 1;
  }

  run(): PartitionedProgram {
    const { program } = this;
    const everything = [program.parts.flat(), ...program.routines.map((routine) => routine.parts.flat())];
    // what a routine leaves may be read wherever it is called
    const routines = program.routines.map((routine) => ({
      ...routine,
      parts: routine.parts.map((part, k) => this.block(part, [routine.parts.slice(k + 1).flat(), ...everything])),
    }));
    const parts = program.parts.map((part, k) => this.block(part, [program.parts.slice(k + 1).flat()]));
    return {
      program: {
        ...program,
        parts,
        routines: [...routines, ...this.bodies],
        buffers: [...program.buffers, ...this.buffers],
      },
      phases: this.phases,
      privates: new Set(this.twins.values()),
      key: this.decisions.join(" "),
    };
  }

  /** The statements with long loops as phases. */
  private block(statements: readonly Statement[], later: Later): Statement[] {
    return statements.flatMap((statement, k) => {
      if (statement.kind === "index" && statement.value.kind === "integer")
        this.estimate.define(statement.variable, statement.value.integer);
      if (!isNest(statement) || this.cost(statement) < this.fewest.loop) return [statement];
      const [straight = [], ...again] = later;
      const behind = [[...statements.slice(k + 1), ...straight], ...again];
      return (statement.kind === "for" && this.loop(statement, behind)) || [this.inside(statement, behind)];
    });
  }

  private inside(nest: Nest, behind: Later): Nest {
    if (nest.kind === "for") this.estimate.rounds(nest);
    const again = nest.kind === "for" || nest.kind === "while" ? [nest.body] : [];
    return mapBodies(nest, (body) => this.block(body, [...behind, ...again]));
  }

  private cost(statement: Statement): number {
    return this.estimate.total([statement], this.own);
  }

  /** The loop as a phase and what joins the results of its pieces; undefined where it is none. */
  private loop(loop: Loop, behind: Later): Statement[] | undefined {
    const cost = this.cost(loop);
    const rounds = this.estimate.rounds(loop);
    if (rounds < 2) return undefined;
    if (rounds < fewIterations && this.hasLongLoops(loop.body)) return undefined;
    const meeting = meetingOf(loop, this.ranges, (buffer) => this.isReadLater(buffer, behind));
    if (!meeting) return undefined;
    const collected = [...meeting.collectors.keys()].reduce((sum, buffer) => sum + this.lengthOf(buffer), 0);
    const byCollectors = collected === 0 ? mostPieces : cost / (16 * collected);
    const pieces = Math.floor(Math.min(mostPieces, rounds, cost / this.fewest.piece, byCollectors));
    if (pieces < 2) return undefined;
    const perPiece = rounds / pieces;
    // loops that take two iterations at a time, and several such turns in one, come out even
    const grain = perPiece >= 64 ? 8 : perPiece >= 8 ? 2 : 1;
    return this.phase(loop, meeting, pieces, grain);
  }

  /** True where a loop inside has more iterations, and is long enough for itself. */
  private hasLongLoops(body: readonly Statement[]): boolean {
    return body.some((statement) => {
      if (statement.kind === "index" && statement.value.kind === "integer")
        this.estimate.define(statement.variable, statement.value.integer);
      if (statement.kind !== "for") return false;
      const isLong = this.cost(statement) >= 4 * this.fewest.loop && this.estimate.rounds(statement) >= fewIterations;
      return isLong && meetingOf(statement, this.ranges, () => true) !== undefined;
    });
  }

  private lengthOf(buffer: Buffer): number {
    return this.estimate.numberOf(Integer.product(buffer.shape));
  }

  private isReadLater(buffer: Buffer, behind: Later): boolean {
    return behind.some((statements) => {
      const accesses = statements.flatMap((statement) => this.accessesTo(buffer, statement));
      return !isWrittenFirst(accesses, this.ranges);
    });
  }

  private accessesTo(buffer: Buffer, statement: Statement): readonly Access[] {
    const known = this.reads.get(statement) ?? byBuffer(accessesOf([statement], this.ranges));
    this.reads.set(statement, known);
    return known.get(buffer) ?? [];
  }

  private phase(loop: Loop, meeting: Meeting, pieces: number, grain: number): Statement[] {
    const { sums, collectors, privates } = meeting;
    const piece = this.nextVariable++;
    const number = Integer.iterator(piece);
    const perPiece = new Map<Buffer, Integer>();
    const places = new Map<Buffer, Place>();
    for (const buffer of privates) places.set(buffer, { buffer: this.twinOf(buffer), start: Integer.zero });
    for (const buffer of collectors.keys()) {
      const length = Integer.product(buffer.shape);
      const place = this.workspace("real", [Integer.constant(pieces), ...buffer.shape]);
      perPiece.set(buffer, length);
      places.set(buffer, { buffer: place, start: number.times(length) });
    }
    const partial = [...sums].map(([temporary, combine]) => {
      const buffer = this.workspace("real", [Integer.constant(pieces)]);
      return { temporary, combine, buffer };
    });
    const begin = this.nextVariable++;
    const turns = loop.to[0]!.minus(loop.from[0]!)
      .plus(loop.step - 1)
      .floorDiv(loop.step);
    const each = turns
      .plus(pieces * grain - 1)
      .floorDiv(pieces * grain)
      .times(grain * loop.step);
    const first = Integer.iterator(begin);
    const own: Loop = {
      ...loop,
      from: loop.from.length === 1 ? [first] : [...loop.from, first],
      to: [...loop.to, first.plus(each)],
      body: loop.body.map((statement) => redirected(statement, (buffer) => places.get(buffer))),
    };
    const inner: Statement[] = [
      ...[...collectors].map(([buffer, combine]) =>
        this.overElements(buffer, (k) => ({
          kind: "store",
          ...elementOf(places.get(buffer)!, k),
          value: constant(neutralElement[combine]),
        })),
      ),
      ...partial.map(({ temporary, combine }): Statement => {
        return { kind: "start", temporary, value: constant(neutralElement[combine]) };
      }),
      { kind: "index", variable: begin, value: { kind: "integer", integer: loop.from[0]!.plus(each.times(number)) } },
      own,
      ...partial.map(({ temporary, buffer }): Statement => {
        return { kind: "store", buffer, address: number, value: temporary };
      }),
    ];
    const given = this.carried(inner, piece);
    const routine = this.program.routines.length + this.bodies.length;
    this.bodies.push({ name: "piece", parts: [[...given.loads, ...inner]] });
    this.phases.push({ routine, piece, pieces });
    const kinds = [...collectors.keys(), "/", ...privates].map((entry) =>
      typeof entry === "string" ? entry : entry.id,
    );
    this.decisions.push(`${loop.variable}:${pieces}:${grain}:${kinds}`);
    const joined = [...collectors].map(([buffer, combine]) => {
      const { buffer: place } = places.get(buffer)!;
      const length = perPiece.get(buffer)!;
      return this.overElements(buffer, (k) => {
        const terms = Array.from({ length: pieces }, (_, p): Value => {
          return { kind: "load", buffer: place, address: length.scaled(p).plus(k) };
        });
        return { kind: "accumulate", buffer, address: k, combine, value: inTree(combine, terms) };
      });
    });
    return [
      ...given.stores,
      { kind: "call", routine },
      ...partial.map(({ temporary, combine, buffer }): Statement => {
        const terms = Array.from({ length: pieces }, (_, p): Value => {
          return { kind: "load", buffer, address: Integer.constant(p) };
        });
        return { kind: "combine", temporary, combine, value: inTree(combine, terms) };
      }),
      ...joined.flatMap((join) => this.block([join], [])),
    ];
  }

  /** A loop over the elements of an array, one after the other. */
  private overElements(buffer: Buffer, body: (element: Integer) => Statement): Loop {
    const variable = this.nextVariable++;
    const to = [Integer.product(buffer.shape)];
    return { kind: "for", variable, from: [Integer.zero], to, step: 1, body: [body(Integer.iterator(variable))] };
  }

  /** What statements need from outside, stored before they are called and loaded by them. */
  private carried(inner: readonly Statement[], piece: number): { stores: Statement[]; loads: Statement[] } {
    const { temporaries, variables } = freeIn(inner);
    variables.delete(piece);
    const isCondition = ({ dtype }: Temporary) => dtype === "bool";
    const numbers = [...temporaries].filter((temporary) => !isCondition(temporary));
    const conditions = [...temporaries].filter(isCondition);
    const [stores, loads]: [Statement[], Statement[]] = [[], []];
    const pass = (dtype: "real" | "bool", count: number) =>
      count === 0 ? undefined : this.workspace(dtype, [Integer.constant(count)]);
    const real = pass("real", numbers.length + variables.size);
    const bool = pass("bool", conditions.length);
    for (const [buffer, list] of [
      [real, numbers],
      [bool, conditions],
    ] as const) {
      for (const [k, temporary] of list.entries()) {
        const address = Integer.constant(k);
        stores.push({ kind: "store", buffer: buffer!, address, value: temporary });
        loads.push({ kind: "let", temporary, value: { kind: "load", buffer: buffer!, address } });
      }
    }
    for (const [k, variable] of [...variables].entries()) {
      const address = Integer.constant(numbers.length + k);
      const integer = Integer.iterator(variable);
      stores.push({ kind: "store", buffer: real!, address, value: { kind: "integer", integer } });
      loads.push({ kind: "index", variable, value: { kind: "load", buffer: real!, address } });
    }
    return { stores, loads };
  }

  private twinOf(buffer: Buffer): Buffer {
    const twin = this.twins.get(buffer) ?? this.added({ ...buffer, id: this.nextBuffer++ });
    this.twins.set(buffer, twin);
    return twin;
  }

  private workspace(dtype: Buffer["dtype"], shape: readonly Integer[]): Buffer {
    return this.added({ id: this.nextBuffer++, role: "workspace", name: "pieces", dtype, shape });
  }

  private added(buffer: Buffer): Buffer {
    this.buffers.push(buffer);
    return buffer;
  }
}

/** Where an array's elements are instead: from an element of another one on. */
interface Place {
  readonly buffer: Buffer;
  readonly start: Integer;
}

const elementOf = ({ buffer, start }: Place, k: Integer) => ({ buffer, address: start.plus(k) });
const constant = (value: number): Value => ({ kind: "constant", value, dtype: "real" });

const primitiveOf = { sum: add.primitive, prod: mul.primitive, max: max.primitive, min: min.primitive } as const;

/** The terms in pairs, the pairs in pairs, and so on. */
function inTree(combine: Combine, terms: readonly Value[]): Value {
  let level = terms;
  while (level.length > 1) {
    const next: Value[] = [];
    for (let k = 0; k < level.length; k += 2) {
      const operands = level.slice(k, k + 2);
      next.push(
        operands.length === 1
          ? operands[0]!
          : { kind: "apply", primitive: primitiveOf[combine], operands, dtype: "real" },
      );
    }
    level = next;
  }
  return level[0]!;
}

/** The statement with arrays elsewhere. */
function redirected(statement: Statement, placeOf: (buffer: Buffer) => Place | undefined): Statement {
  const value = (old: Value): Value => {
    if (old.kind === "load") {
      const place = placeOf(old.buffer);
      return place ? { ...old, ...elementOf(place, old.address) } : old;
    }
    if (old.kind === "apply") return { ...old, operands: old.operands.map(value) };
    return old.kind === "guarded" ? { ...old, value: value(old.value) } : old;
  };
  const write = (old: Statement): Statement => {
    if (isNest(old)) return mapBodies(old, (body) => body.map(write));
    if (!("buffer" in old)) return old;
    const place = placeOf(old.buffer);
    if (!place) return old;
    return old.kind === "fill" ? { ...old, buffer: place.buffer } : { ...old, ...elementOf(place, old.address) };
  };
  return write(mapStatementValues(statement, value));
}

/** The temporaries and integer variables that statements read and do not define. */
function freeIn(statements: readonly Statement[]): { temporaries: Set<Temporary>; variables: Set<number> } {
  const [defined, named] = [new Set<Temporary>(), new Set<number>()];
  const [temporaries, variables] = [new Set<Temporary>(), new Set<number>()];
  const note = (integer: Integer | undefined) => {
    for (const variable of integer?.iterators() ?? []) variables.add(variable);
  };
  const visit = {
    statement: (statement: Statement) => {
      if (statement.kind === "let" || statement.kind === "start") defined.add(statement.temporary);
      if (statement.kind === "for" || statement.kind === "index") named.add(statement.variable);
      if (statement.kind === "for") [...statement.from, ...statement.to].forEach(note);
      if ("address" in statement) note(statement.address);
      if (statement.kind === "when") for (const guard of statement.guards) [guard.index, guard.extent].forEach(note);
    },
    value: (value: Value) => {
      if (value.kind === "temporary") temporaries.add(value);
      if (value.kind === "integer") note(value.integer);
      if (value.kind === "load") note(value.address);
      if (value.kind === "guarded") for (const guard of value.guards) [guard.index, guard.extent].forEach(note);
    },
  };
  for (const statement of statements) visitStatement(statement, visit);
  for (const temporary of defined) temporaries.delete(temporary);
  for (const variable of named) variables.delete(variable);
  return { temporaries, variables };
}

function largestVariable(program: Program): number {
  let largest = -1;
  const statement = (inner: Statement) => {
    if ("variable" in inner) largest = Math.max(largest, inner.variable);
  };
  for (const outermost of statementsOf(program)) visitStatement(outermost, { statement });
  return largest;
}
