import { Integer } from "../../ir/integer.ts";
import { Estimate, ownOperations } from "../program/estimate.ts";
import type { Buffer, Loop, Program, Statement } from "../program/loops.ts";
import { Ranges } from "../program/ranges.ts";
import { isNest, mapBodies, type Nest } from "../program/rewrite-statements.ts";
import { type Access, accessesOf, byBuffer } from "./accesses.ts";
import { isWrittenFirst } from "./covering.ts";
import { type Meeting, meetingOf } from "./independence.ts";
import { type Phase, PhaseWriter } from "./phases.ts";

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
  private readonly writer: PhaseWriter;
  private readonly decisions: string[] = [];
  private readonly reads = new Map<Statement, Map<Buffer, Access[]>>();

  constructor(program: Program, sizes: ReadonlyMap<string, number>, fewest: Thresholds) {
    this.program = program;
    this.fewest = fewest;
    this.ranges = new Ranges(program, sizes);
    this.estimate = new Estimate(sizes);
    this.own = ownOperations(program, this.estimate);
    this.writer = new PhaseWriter(program);
  }

  run(): PartitionedProgram {
    const { program, writer } = this;
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
        routines: [...routines, ...writer.routines],
        buffers: [...program.buffers, ...writer.buffers],
      },
      phases: writer.phases,
      privates: writer.privates,
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
    this.decisions.push(`${loop.variable}:${pieces}:${grain}:${namesOf(meeting)}`);
    const { statements, joins } = this.writer.phase(loop, meeting, { pieces, grain });
    return [...statements, ...joins.flatMap((join) => this.block([join], []))];
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
}

/** What the pieces collect, and what they have for themselves. */
const namesOf = ({ collectors, privates }: Meeting) =>
  [...collectors.keys(), "/", ...privates].map((entry) => (typeof entry === "string" ? entry : entry.id));
