import { type Combine, neutralElement } from "../../ir/contraction.ts";
import { Integer } from "../../ir/integer.ts";
import { add, mul } from "../../ops/elementary/algebra.ts";
import { max, min } from "../../ops/elementary/comparison.ts";
import type { Buffer, Loop, Program, Routine, Statement, Temporary, Value } from "../program/loops.ts";
import { isNest, mapBodies, mapStatementValues, statementsOf, visitStatement } from "../program/rewrite-statements.ts";
import type { Meeting } from "./independence.ts";

/** A loop in pieces that may be run in any order, by whoever has time: each leaves what it has to say at a place of its own. */
export interface Phase {
  /** The routine that is one piece: it is called with the number of the piece. */
  readonly routine: number;
  /** The integer variable that holds the number. */
  readonly piece: number;
  readonly pieces: number;
}

/** How many pieces a loop has, and of how many turns each is a multiple. */
interface Cut {
  readonly pieces: number;
  readonly grain: number;
}

/** A variable that the pieces of a loop combine into, and where each leaves what it has. */
interface Partial {
  readonly temporary: Temporary;
  readonly combine: Combine;
  readonly buffer: Buffer;
}

/** Writes loops as phases: a routine for one piece, with arrays and variables of its own. */
export class PhaseWriter {
  readonly phases: Phase[] = [];
  readonly routines: Routine[] = [];
  readonly buffers: Buffer[] = [];
  private readonly twins = new Map<Buffer, Buffer>();
  private readonly routinesBefore: number;
  private nextVariable: number;
  private nextBuffer: number;

  constructor(program: Program) {
    this.routinesBefore = program.routines.length;
    this.nextVariable = largestVariable(program) + 1;
    this.nextBuffer = Math.max(-1, ...program.buffers.map(({ id }) => id)) + 1;
  }

  /** Arrays that everyone who runs pieces needs for himself. */
  get privates(): ReadonlySet<Buffer> {
    return new Set(this.twins.values());
  }

  /** The call of the pieces, and loops that add up what each collected. */
  phase(loop: Loop, meeting: Meeting, cut: Cut): { readonly statements: Statement[]; readonly joins: Loop[] } {
    const { pieces } = cut;
    const piece = this.nextVariable++;
    const places = this.placesOf(meeting, Integer.iterator(piece), pieces);
    const partials = [...meeting.sums].map(([temporary, combine]) => {
      const buffer = this.workspace("real", [Integer.constant(pieces)]);
      return { temporary, combine, buffer };
    });
    const body = this.pieceOf(loop, meeting, cut, { number: Integer.iterator(piece), places, partials });
    const given = this.carried(body, piece);
    const routine = this.routinesBefore + this.routines.length;
    this.routines.push({ name: "piece", parts: [[...given.loads, ...body]] });
    this.phases.push({ routine, piece, pieces });
    const statements: Statement[] = [
      ...given.stores,
      { kind: "call", routine },
      ...partials.map(({ temporary, combine, buffer }): Statement => {
        const value = inTree(combine, loads(buffer, pieces, Integer.constant));
        return { kind: "combine", temporary, combine, value };
      }),
    ];
    const joins = [...meeting.collectors].map(([buffer, combine]) => {
      const length = Integer.product(buffer.shape);
      return this.overElements(buffer, (k) => {
        const terms = loads(places.get(buffer)!.buffer, pieces, (p) => length.scaled(p).plus(k));
        return { kind: "accumulate", buffer, address: k, combine, value: inTree(combine, terms) };
      });
    });
    return { statements, joins };
  }

  /** Where a piece has its own arrays: those that it makes for itself, and its part of what pieces collect. */
  private placesOf({ privates, collectors }: Meeting, number: Integer, pieces: number): Map<Buffer, Place> {
    const places = new Map<Buffer, Place>();
    for (const buffer of privates) places.set(buffer, { buffer: this.twinOf(buffer), start: Integer.zero });
    for (const buffer of collectors.keys()) {
      const place = this.workspace("real", [Integer.constant(pieces), ...buffer.shape]);
      places.set(buffer, { buffer: place, start: number.times(Integer.product(buffer.shape)) });
    }
    return places;
  }

  /** One piece: what it collects begins as nothing, then its part of the loop, then what it found. */
  private pieceOf(
    loop: Loop,
    { collectors }: Meeting,
    { pieces, grain }: Cut,
    own: {
      readonly number: Integer;
      readonly places: ReadonlyMap<Buffer, Place>;
      readonly partials: readonly Partial[];
    },
  ): Statement[] {
    const { number, places, partials } = own;
    const begin = this.nextVariable++;
    const turns = loop.to[0]!.minus(loop.from[0]!)
      .plus(loop.step - 1)
      .floorDiv(loop.step);
    const each = turns
      .plus(pieces * grain - 1)
      .floorDiv(pieces * grain)
      .times(grain * loop.step);
    const first = Integer.iterator(begin);
    return [
      ...[...collectors].map(([buffer, combine]) =>
        this.overElements(buffer, (k) => ({
          kind: "store",
          ...elementOf(places.get(buffer)!, k),
          value: constant(neutralElement[combine]),
        })),
      ),
      ...partials.map(({ temporary, combine }): Statement => {
        return { kind: "start", temporary, value: constant(neutralElement[combine]) };
      }),
      { kind: "index", variable: begin, value: { kind: "integer", integer: loop.from[0]!.plus(each.times(number)) } },
      {
        ...loop,
        from: loop.from.length === 1 ? [first] : [...loop.from, first],
        to: [...loop.to, first.plus(each)],
        body: loop.body.map((statement) => redirected(statement, (buffer) => places.get(buffer))),
      },
      ...partials.map(({ temporary, buffer }): Statement => {
        return { kind: "store", buffer, address: number, value: temporary };
      }),
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

/** What each of so many pieces has left in an array. */
const loads = (buffer: Buffer, pieces: number, addressOf: (piece: number) => Integer): Value[] =>
  Array.from({ length: pieces }, (_, piece) => ({ kind: "load", buffer, address: addressOf(piece) }));

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
