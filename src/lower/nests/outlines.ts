import type { Guard } from "../../ir/contraction.ts";
import { type Atom, Integer } from "../../ir/integer.ts";
import type { Primitive } from "../../ir/primitive.ts";
import type { Buffer, Load, Loop, Statement, Temporary, Value } from "../program/loops.ts";

/** One place of a nest where something from outside stands: in the outline it has a name of its own. */
type Slot =
  | { readonly kind: "array"; readonly value: Load; readonly buffer: Buffer }
  | { readonly kind: "integer"; readonly value: Integer; readonly name: string }
  | { readonly kind: "number"; readonly value: Temporary; readonly temporary: Temporary };

/**
 * A nest of loops without what it takes from outside: arrays, and where in them it begins; sizes, strides and other
 * whole numbers; numbers. Nests with the same key do the same with different arguments.
 */
export interface Outline {
  readonly key: string;
  readonly nest: Loop;
  readonly slots: readonly Slot[];
}

/**
 * The outline of a nest; undefined where it changes a variable of the code around it, or does what an outline cannot say.
 * `forVectors`: a printer asks the outline, too, whether iterations depend on each other. Then nests are alike only where the
 * same of their arrays are one, and loops of a few rounds have as many.
 */
export function outlineOf(
  nest: Loop,
  numberOf: (primitive: Primitive) => number,
  forVectors = false,
): Outline | undefined {
  const drawing = new Drawing(numberOf, forVectors);
  const drawn = drawing.loop(nest);
  const { making } = nest;
  const outline = { key: drawing.keys.join(""), nest: making ? { ...drawn, making } : drawn, slots: drawing.slots };
  return drawing.isWhole ? outline : undefined;
}

/** Numbers up to this one are part of what a nest does, such as the columns of a tile; larger ones are sizes. */
const largestOwn = 4;
/** So many rounds are part of what a nest does for a printer with vectors, which writes them out. */
const mostRounds = 16;

/** Draws an outline. What tells nests apart goes into the key as it is met; slots leave a mark without their value. */
class Drawing {
  readonly keys: string[] = [];
  readonly slots: Slot[] = [];
  isWhole = true;
  /** The nest's own variables, by what they are called in the code at hand. */
  private readonly variables = new Map<number, number>();
  private readonly temporaries = new Map<number, Temporary>();
  private count = 0;
  private readonly numberOf: (primitive: Primitive) => number;
  private readonly forVectors: boolean;
  /** For vectors: the slots of each array, by where in it they begin, and whether it is written. */
  private readonly arrays = new Map<Buffer, { readonly slots: Map<string, Buffer>; isWritten: boolean }>();

  constructor(numberOf: (primitive: Primitive) => number, forVectors: boolean) {
    this.numberOf = numberOf;
    this.forVectors = forVectors;
  }

  loop(loop: Loop): Loop {
    const { step, descending } = loop;
    const isIndependent = this.forVectors && loop.isIndependent === true;
    this.keys.push(`for${step}${descending ? "-" : ""}${isIndependent ? "=" : ""}(`);
    const from = loop.from.map((limit) => this.limit(limit));
    this.keys.push(";");
    const to = loop.to.map((limit) => this.limit(limit));
    const variable = this.defined(loop.variable);
    const body = this.block(loop.body);
    const marks = { ...(descending && { descending }), ...(isIndependent && { isIndependent }) };
    return { kind: "for", variable, from, to, step, ...marks, body };
  }

  private block(statements: readonly Statement[]): Statement[] {
    this.keys.push("{");
    const drawn = statements.map((statement) => this.statement(statement));
    this.keys.push("}");
    return drawn;
  }

  private statement(statement: Statement): Statement {
    const { kind } = statement;
    switch (kind) {
      case "for":
        return this.loop(statement);
      case "let":
      case "start": {
        this.keys.push(`${kind} ${statement.temporary.dtype}`);
        const value = this.value(statement.value);
        return { kind, temporary: this.made(statement.temporary), value };
      }
      case "index": {
        this.keys.push("index ");
        const value = this.value(statement.value);
        return { kind, variable: this.defined(statement.variable), value };
      }
      case "combine":
        this.keys.push(`${kind} ${statement.combine}`);
        return { ...statement, temporary: this.changed(statement.temporary), value: this.value(statement.value) };
      case "assign":
        this.keys.push(kind);
        return { ...statement, temporary: this.changed(statement.temporary), value: this.value(statement.value) };
      case "store":
      case "accumulate": {
        this.keys.push(kind === "store" ? kind : `${kind} ${statement.combine}`);
        const { buffer, address } = this.place(statement, true);
        return { ...statement, buffer, address, value: this.value(statement.value) };
      }
      case "when": {
        const guards = this.guards(statement.guards);
        return { kind, guards, body: this.block(statement.body) };
      }
      case "if": {
        this.keys.push(kind);
        const condition = this.value(statement.condition);
        const body = this.block(statement.body);
        return { kind, condition, body, otherwise: this.block(statement.otherwise) };
      }
      default:
        // an array that is filled whole, a loop without an end, a routine over arrays of its own
        this.isWhole = false;
        return statement;
    }
  }

  private value(value: Value): Value {
    switch (value.kind) {
      case "constant":
        this.keys.push(`${value.dtype} ${Object.is(value.value, -0) ? "-0" : value.value} `);
        return value;
      case "integer":
        return { kind: "integer", integer: this.integer(value.integer) };
      case "load":
        return { kind: "load", ...this.place(value) };
      case "temporary":
        return this.named(value);
      case "apply": {
        this.keys.push(`${this.numberOf(value.primitive)} ${value.dtype}(`);
        const operands = value.operands.map((operand) => this.value(operand));
        this.keys.push(")");
        return { ...value, operands };
      }
      case "guarded": {
        const guards = this.guards(value.guards);
        return { kind: "guarded", guards, value: this.value(value.value) };
      }
    }
  }

  private guards(guards: readonly Guard[]): Guard[] {
    this.keys.push("when(");
    const drawn = guards.map(({ index, extent }) => {
      const drawnIndex = this.integer(index);
      this.keys.push(extent ? "<" : ">");
      return { index: drawnIndex, extent: extent && this.integer(extent) };
    });
    this.keys.push(")");
    return drawn;
  }

  /** A variable of a loop, or an index. */
  private defined(variable: number): number {
    const number = this.count++;
    this.variables.set(variable, number);
    return number;
  }

  private made({ id, dtype }: Temporary): Temporary {
    const temporary: Temporary = { kind: "temporary", id: this.count++, dtype };
    this.temporaries.set(id, temporary);
    return temporary;
  }

  private changed(temporary: Temporary): Temporary {
    if (!this.temporaries.has(temporary.id)) this.isWhole = false;
    return this.named(temporary);
  }

  private named(temporary: Temporary): Temporary {
    const own = this.temporaries.get(temporary.id);
    this.keys.push(own ? `t${own.id} ` : `#${temporary.dtype} `);
    if (own) return own;
    if (temporary.dtype === "bool") this.isWhole = false;
    const slot: Temporary = { ...temporary, id: this.count++ };
    this.slots.push({ kind: "number", value: temporary, temporary: slot });
    return slot;
  }

  /** An element: which array, and from where in it, is left open; how the place moves with the nest is not. */
  private place(
    { buffer, address, half }: Pick<Load, "buffer" | "address" | "half">,
    isWritten = false,
  ): { buffer: Buffer; address: Integer } {
    const { dtype, role, shape } = buffer;
    // what a function returns is no array
    if (role === "output" && shape.length === 0) this.isWhole = false;
    if (this.forVectors && half !== undefined) this.isWhole = false;
    // whole numbers that a program computes are kept as reals
    const kind = role === "input" || role === "table" ? "input" : "workspace";
    this.keys.push(`[${dtype === "int" ? `int ${kind}` : dtype} `);
    const { own, literal, free } = this.parts(address);
    this.keys.push("]");
    const slot = (): Buffer => {
      const made: Buffer = { id: -1 - this.slots.length, role: kind, name: "array", dtype, shape };
      this.slots.push({ kind: "array", value: { kind: "load", buffer, address: free }, buffer: made });
      return made;
    };
    return { buffer: this.forVectors ? this.one(buffer, free, isWritten, slot) : slot(), address: own.plus(literal) };
  }

  /** One slot for an array from a place on, however often it is met; arrays that are written begin in one place. */
  private one(buffer: Buffer, from: Integer, isWritten: boolean, slot: () => Buffer): Buffer {
    const known = this.arrays.get(buffer) ?? { slots: new Map<string, Buffer>(), isWritten: false };
    this.arrays.set(buffer, known);
    known.isWritten ||= isWritten;
    const made = known.slots.get(from.key) ?? slot();
    known.slots.set(from.key, made);
    if (known.isWritten && known.slots.size > 1) this.isWhole = false;
    this.keys.push(`@${made.id} `);
    return made;
  }

  private integer(integer: Integer): Integer {
    const { own, literal, free } = this.parts(integer);
    return free.terms.length === 0 ? own.plus(literal) : own.plus(literal).plus(this.slot(free));
  }

  /** A limit of a loop: what is no 0 is a size. */
  private limit(integer: Integer): Integer {
    const { value } = integer;
    if (this.forVectors && value !== undefined && value <= mostRounds) {
      this.keys.push(`${value} `);
      return integer;
    }
    return value === undefined || value === 0 ? this.integer(integer) : this.slot(integer);
  }

  /** The number that an integer has from outside, under a name. */
  private slot(value: Integer): Integer {
    const name = `#${this.slots.length}`;
    this.keys.push("#");
    this.slots.push({ kind: "integer", value, name });
    return Integer.named(name);
  }

  /** What moves with the nest, with coefficients from outside as slots; the number beside it; what is left, from outside. */
  private parts(integer: Integer): { own: Integer; literal: number; free: Integer } {
    const coefficients = new Map<string, { coefficient: Integer; monomial: Integer }>();
    let literal = 0;
    let free: Integer = Integer.zero;
    for (const { coefficient, atoms } of integer.terms) {
      if (atoms.length === 0) {
        if (Math.abs(coefficient) <= largestOwn) literal = coefficient;
        else free = free.plus(coefficient);
        continue;
      }
      const [mine, others] = [[] as Integer[], [Integer.constant(coefficient)]];
      for (const atom of atoms) {
        const own = this.ownAtom(atom);
        if (own) mine.push(own);
        else others.push(Integer.ofAtom(atom));
      }
      const outer = Integer.product(others);
      if (mine.length === 0) {
        free = free.plus(outer);
        continue;
      }
      const monomial = Integer.product(mine);
      const known = coefficients.get(monomial.key)?.coefficient;
      coefficients.set(monomial.key, { coefficient: known ? known.plus(outer) : outer, monomial });
    }
    let own: Integer = Integer.zero;
    for (const [key, { coefficient, monomial }] of [...coefficients].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const isOwn = Math.abs(coefficient.value ?? Number.POSITIVE_INFINITY) <= largestOwn;
      if (isOwn) this.keys.push(String(coefficient.value));
      own = own.plus(monomial.times(isOwn ? coefficient : this.slot(coefficient)));
      this.keys.push(key);
    }
    this.keys.push(`+${literal} `);
    return { own, literal, free };
  }

  /** A variable of the nest; undefined for what is known outside. */
  private ownAtom(atom: Atom): Integer | undefined {
    if (atom.kind === "iterator") {
      const variable = this.variables.get(atom.iterator);
      return variable === undefined ? undefined : Integer.iterator(variable);
    }
    const mixes = atom.kind === "floorDiv" && [atom.numerator, atom.denominator].some((part) => this.mentions(part));
    if (mixes || atom.kind === "lookup") this.isWhole = false;
    return undefined;
  }

  private mentions(integer: Integer): boolean {
    return integer.iterators().some((iterator) => this.variables.has(iterator));
  }
}
