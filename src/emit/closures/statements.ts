import type { Combine } from "../../ir/contraction.ts";
import type { Buffer, Loop, Program, Statement, Value } from "../../lower/program/loops.ts";
import { statementsOf, visitStatement } from "../../lower/program/rewrite-statements.ts";
import type { Array1D } from "../javascript.ts";
import { boundBuffers, type Signature } from "../signature.ts";
import { IntegerClosures, type Thunk } from "./integers.ts";

export type Run = () => void;

/** Where a buffer lives during a call: a whole array, or a part of a packed vector that begins at `offset`. */
export interface Place {
  readonly cell: Cell;
  readonly offset: number;
}

/** The arrays that are bound, or that the call at hand was given. The second one belongs to numbers of two parts. */
export interface Cell {
  first: Array1D;
  second: Float64Array;
}

/** One slot per temporary. */
export type Slots<T> = { [slot: number]: T };

/**
 * Statements as closures: one per statement and per part of an expression, made once when sizes are bound. Needs no
 * leave to evaluate code. Subclasses know the numbers: how to compute, keep and store them.
 */
export abstract class StatementClosures<T> {
  protected readonly integers: IntegerClosures;
  protected readonly temporaryCount: number;
  protected readonly constantCount: number;
  protected abstract readonly temporaries: Slots<T>;
  protected abstract readonly merge: Readonly<Record<Combine, (x: T, y: T) => T>>;
  /** The cells of the packed vectors and separate arrays, in the order of a call. */
  readonly vectors: readonly Cell[];
  private readonly places: ReadonlyMap<Buffer, Place>;
  private readonly program: Program;
  private readonly routines = new Map<number, Run>();

  constructor(program: Program, signature: Signature, sizes: readonly number[], bound: readonly Cell[]) {
    this.program = program;
    const count = countSlots(program);
    this.temporaryCount = count.temporaries;
    this.constantCount = count.constants;
    this.integers = new IntegerClosures(new Map(program.sizes.map((name, k) => [name, sizes[k]!])), count.variables);
    const places = new Map(
      boundBuffers(program, signature).map((buffer, k) => [buffer, { cell: bound[k]!, offset: 0 }]),
    );
    const packed = signature.packed.map(({ buffers }) => {
      const cell = emptyCell();
      for (const { buffer, offset } of buffers) places.set(buffer, { cell, offset: this.integers.constant(offset)! });
      return cell;
    });
    const separate = signature.separate.map((buffer) => {
      const cell = emptyCell();
      places.set(buffer, { cell, offset: 0 });
      return cell;
    });
    if (signature.returned) places.set(signature.returned, { cell: returnedCell(), offset: 0 });
    this.places = places;
    this.vectors = [...packed, ...separate];
  }

  /** Everything the program does, as one closure. */
  run(): Run {
    return this.block(this.program.parts.flat());
  }

  place(buffer: Buffer): Place {
    return this.places.get(buffer)!;
  }

  /** The value as a closure. */
  protected abstract value(value: Value): Thunk<T>;
  protected abstract real(x: T): number;
  protected abstract load(buffer: Buffer, at: Thunk<number>): Thunk<T>;
  protected abstract store(buffer: Buffer, at: Thunk<number>, value: Thunk<T>): Run;
  protected abstract fill(buffer: Buffer, value: number, length: number): Run;

  protected block(statements: readonly Statement[]): Run {
    const runs = statements.map((statement) => this.statement(statement));
    const [a, b, c] = runs as [Run, Run, Run];
    switch (runs.length) {
      case 1:
        return a;
      case 2:
        return () => {
          a();
          b();
        };
      case 3:
        return () => {
          a();
          b();
          c();
        };
      default:
        return () => {
          for (let k = 0; k < runs.length; k++) runs[k]!();
        };
    }
  }

  protected statement(statement: Statement): Run {
    switch (statement.kind) {
      case "for":
        return this.loop(statement);
      case "let":
      case "start":
      case "assign": {
        const { temporaries } = this;
        const { id } = statement.temporary;
        const value = this.value(statement.value);
        return () => {
          temporaries[id] = value();
        };
      }
      case "index": {
        const { slots } = this.integers;
        const { variable } = statement;
        if (statement.value.kind === "integer") {
          const integer = this.integers.thunk(statement.value.integer);
          return () => {
            slots[variable] = integer();
          };
        }
        const value = this.value(statement.value);
        return () => {
          slots[variable] = this.real(value());
        };
      }
      case "combine":
        return this.combine(statement.temporary.id, statement.combine, this.value(statement.value));
      case "store":
        return this.store(statement.buffer, this.address(statement), this.value(statement.value));
      case "accumulate": {
        const merge = this.merge[statement.combine];
        const at = this.address(statement);
        const known = this.load(statement.buffer, at);
        const value = this.value(statement.value);
        return this.store(statement.buffer, at, () => merge(known(), value()));
      }
      case "fill": {
        const length = statement.buffer.shape.reduce((product, size) => product * this.integers.constant(size)!, 1);
        return this.fill(statement.buffer, statement.value, length);
      }
      case "when": {
        const holds = this.integers.guards(statement.guards);
        const body = this.block(statement.body);
        return () => {
          if (holds()) body();
        };
      }
      case "if": {
        const holds = this.condition(statement.condition);
        const body = this.block(statement.body);
        const otherwise = this.block(statement.otherwise);
        return () => {
          if (holds()) body();
          else otherwise();
        };
      }
      case "while": {
        const holds = this.condition(statement.condition);
        const body = this.block(statement.body);
        return () => {
          while (holds()) body();
        };
      }
      case "part":
        return this.block(statement.body);
      case "call":
        return this.routine(statement.routine);
      case "shared":
        return this.statement(statement.loop);
    }
  }

  private routine(number: number): Run {
    const known = this.routines.get(number) ?? this.block(this.program.routines[number]!.parts.flat());
    this.routines.set(number, known);
    return known;
  }

  private condition(value: Value): Thunk<boolean> {
    const condition = this.value(value);
    return () => this.real(condition()) !== 0;
  }

  protected combine(id: number, how: Combine, value: Thunk<T>): Run {
    const { temporaries } = this;
    const merge = this.merge[how];
    return () => {
      temporaries[id] = merge(temporaries[id]!, value());
    };
  }

  private loop(loop: Loop): Run {
    const { slots } = this.integers;
    const { variable, step } = loop;
    const from = this.extreme(loop.from, Math.max);
    const to = this.extreme(loop.to, Math.min);
    const body = this.block(loop.body);
    if (loop.descending) {
      return () => {
        const start = from();
        for (let i = to() - 1; i >= start; i--) {
          slots[variable] = i;
          body();
        }
      };
    }
    return () => {
      const end = to();
      for (let i = from(); i < end; i += step) {
        slots[variable] = i;
        body();
      }
    };
  }

  private extreme(bounds: Loop["from"], choose: (...values: number[]) => number): Thunk<number> {
    const [first, second, ...rest] = bounds.map((bound) => this.integers.thunk(bound));
    if (!second) return first!;
    if (rest.length === 0) return () => choose(first!(), second());
    return () => rest.reduce((best, bound) => choose(best, bound()), choose(first!(), second()));
  }

  /** The position of an element in the array that holds its buffer. */
  private address({ buffer, address }: Extract<Statement, { kind: "store" | "accumulate" }>): Thunk<number> {
    return this.integers.thunk(address, this.place(buffer).offset);
  }
}

function emptyCell(): Cell {
  return { first: new Float64Array(0), second: new Float64Array(0) };
}

function returnedCell(): Cell {
  return { first: new Float64Array(1), second: new Float64Array(1) };
}

/** How many temporaries and integer variables a program names, and how many constants it writes. */
function countSlots(program: Program): { temporaries: number; variables: number; constants: number } {
  let temporaries = 0;
  let constants = 0;
  let variables = 0;
  for (const statement of statementsOf(program)) {
    visitStatement(statement, {
      statement: (inner) => {
        if (inner.kind === "let" || inner.kind === "start") temporaries = Math.max(temporaries, inner.temporary.id + 1);
        if (inner.kind === "for" || inner.kind === "index") variables = Math.max(variables, inner.variable + 1);
      },
      value: (value) => {
        if (value.kind === "constant") constants++;
      },
    });
  }
  return { temporaries, variables, constants };
}
