import type { Guard } from "../../ir/contraction.ts";
import { Integer } from "../../ir/integer.ts";
import type { DType } from "../../ir/primitive.ts";
import type { Buffer, Loop, Program, Statement, Temporary, Value } from "../program/loops.ts";
import { isNest, mapBodies, mapOperands, visitStatement } from "../program/rewrite-statements.ts";
import { dtypeOf, zeroOf } from "../program/values.ts";
import { largestPart, operationsOf } from "./survey.ts";

/** Loops of so many rounds are written out. */
const mostRounds = 8;
/** What comes of a loop that is written out has so many operations at most. */
const longest = 200;
/** Arrays of so many elements may be variables. */
const mostVariables = 16;

/** The positions of the sizes that loops of a program run up to, where it would gain from their values. */
export function sizesOfLoops({ parts, sizes }: Program): readonly number[] {
  const [statements, ...others] = parts as readonly (readonly Statement[])[];
  if (!statements || others.length > 0 || operationsOf(statements, largestPart) > largestPart) return [];
  const limits = new Set<string>();
  let isPlain = true;
  const statement = (each: Statement) => {
    // what stands elsewhere, or changes the variables around it, stays as it is
    if (each.kind === "shared" || each.kind === "call" || each.kind === "part") isPlain = false;
    if (each.kind !== "for") return;
    for (const limit of [...each.from, ...each.to]) for (const name of limit.names()) limits.add(name);
  };
  for (const outer of statements) visitStatement(outer, { statement });
  return isPlain ? [...sizes.keys()].filter((k) => limits.has(sizes[k]!)) : [];
}

export const isSmall = (size: number): boolean => size <= mostRounds;

/**
 * The program with numbers in place of small sizes: loops of few rounds are written out, and small arrays that only these went
 * through are variables. It computes the same, in the same order, to the same bits. For programs of which `sizesOfLoops` has some.
 */
export function writtenOut(program: Program, sizes: readonly number[]): Program {
  const known = program.sizes.map((name, k) => [name, sizes[k]!] as const).filter(([, size]) => isSmall(size));
  const statements = program.parts.flat();
  const numbering = new Numbering(statements);
  const written = new Copy(new Map(known), numbering).statements(statements);
  return { ...program, parts: [withVariables(written, program.buffers, numbering)] };
}

/** New names and variables. */
class Numbering {
  private temporaries = 0;
  private variables = 0;

  constructor(statements: readonly Statement[]) {
    for (const outer of statements)
      visitStatement(outer, {
        statement: (inner) => {
          if ("temporary" in inner) this.temporaries = Math.max(this.temporaries, inner.temporary.id + 1);
          if (inner.kind === "for" || inner.kind === "index")
            this.variables = Math.max(this.variables, inner.variable + 1);
        },
      });
  }

  temporary(dtype: DType): Temporary {
    return { kind: "temporary", id: this.temporaries++, dtype };
  }

  variable(): number {
    return this.variables++;
  }
}

/** Statements with numbers for sizes, and for the variables of loops that are written out. */
class Copy {
  private readonly sizes: ReadonlyMap<string, number>;
  private readonly numbering: Numbering;
  private readonly variables = new Map<number, Integer>();
  private readonly names = new Map<Temporary, Temporary>();
  /** How many loops around are written out. */
  private depth = 0;

  constructor(sizes: ReadonlyMap<string, number>, numbering: Numbering) {
    this.sizes = sizes;
    this.numbering = numbering;
  }

  statements(body: readonly Statement[]): Statement[] {
    return body.flatMap((statement) => this.statement(statement));
  }

  private statement(statement: Statement): Statement[] {
    switch (statement.kind) {
      case "for":
        return this.loop(statement);
      case "when": {
        const guards = this.guards(statement.guards);
        if (!guards) return [];
        const body = this.statements(statement.body);
        return guards.length === 0 ? body : [{ ...statement, guards, body }];
      }
      case "if":
      case "while": {
        const condition = this.value(statement.condition);
        return [{ ...mapBodies(statement, (body) => this.statements(body)), condition }];
      }
      case "part":
        return [mapBodies(statement, (body) => this.statements(body))];
      case "index": {
        const value = this.value(statement.value);
        if (value.kind === "integer" && value.integer.value !== undefined) {
          this.variables.set(statement.variable, value.integer);
          return [];
        }
        return [{ ...statement, variable: this.variable(statement.variable), value }];
      }
      case "let":
      case "start":
        return [{ ...statement, value: this.value(statement.value), temporary: this.own(statement.temporary) }];
      case "assign":
      case "combine":
        return [{ ...statement, value: this.value(statement.value), temporary: this.known(statement.temporary) }];
      case "store":
      case "accumulate":
        return [{ ...statement, value: this.value(statement.value), address: this.integer(statement.address) }];
      default:
        return [statement];
    }
  }

  private loop(loop: Loop): Statement[] {
    const [from, to] = [loop.from, loop.to].map((limits) => limits.map((limit) => this.integer(limit)));
    const [first, end] = [largest(from!), smallest(to!)];
    if (first === undefined || end === undefined || loop.step < 1) return [this.asLoop(loop, from!, to!)];
    const rounds = Math.max(0, Math.ceil((end - first) / loop.step));
    if (rounds > mostRounds || rounds * operationsOf(loop.body) > longest) return [this.asLoop(loop, from!, to!)];
    const positions = Array.from({ length: rounds }, (_, k) => first + k * loop.step);
    if (loop.descending) positions.reverse();
    this.depth++;
    const written = positions.flatMap((position) => {
      this.variables.set(loop.variable, Integer.constant(position));
      return this.statements(loop.body);
    });
    this.depth--;
    return written;
  }

  private asLoop(loop: Loop, from: readonly Integer[], to: readonly Integer[]): Loop {
    const variable = this.variable(loop.variable);
    return { ...loop, variable, from, to, body: this.statements(loop.body) };
  }

  private variable(variable: number): number {
    // loops behind one that was written out may have its variables
    this.variables.delete(variable);
    if (this.depth === 0) return variable;
    const own = this.numbering.variable();
    this.variables.set(variable, Integer.iterator(own));
    return own;
  }

  private own(temporary: Temporary): Temporary {
    this.names.delete(temporary);
    if (this.depth === 0) return temporary;
    const own = this.numbering.temporary(temporary.dtype);
    this.names.set(temporary, own);
    return own;
  }

  private known(temporary: Temporary): Temporary {
    return this.names.get(temporary) ?? temporary;
  }

  private integer(integer: Integer): Integer {
    if (integer.value !== undefined) return integer;
    return integer.substitute((atom) => {
      if (atom.kind === "iterator") return this.variables.get(atom.iterator);
      if (atom.kind !== "name") return undefined;
      const size = this.sizes.get(atom.name);
      return size === undefined ? undefined : Integer.constant(size);
    });
  }

  /** The guards that are open; undefined where one fails. */
  private guards(guards: readonly Guard[]): Guard[] | undefined {
    const open: Guard[] = [];
    for (const guard of guards) {
      const index = this.integer(guard.index);
      const extent = guard.extent && this.integer(guard.extent);
      const room = extent ? extent.minus(index).value : Number.POSITIVE_INFINITY;
      if (index.value === undefined || room === undefined) open.push({ index, extent });
      else if (index.value < 0 || room <= 0) return undefined;
    }
    return open;
  }

  private value(value: Value): Value {
    switch (value.kind) {
      case "constant":
        return value;
      case "integer": {
        const integer = this.integer(value.integer);
        return integer === value.integer ? value : { kind: "integer", integer };
      }
      case "load": {
        const address = this.integer(value.address);
        return address === value.address ? value : { ...value, address };
      }
      case "temporary":
        return this.known(value);
      case "apply":
        return mapOperands(value, (operand) => this.value(operand));
      case "guarded": {
        const guards = this.guards(value.guards);
        if (!guards) return { kind: "constant", value: 0, dtype: dtypeOf(value.value) };
        const inner = this.value(value.value);
        return guards.length === 0 ? inner : { ...value, guards, value: inner };
      }
    }
  }
}

function largest(limits: readonly Integer[]): number | undefined {
  return limits.reduce<number | undefined>(
    (most, { value }) => (most === undefined || value === undefined ? undefined : Math.max(most, value)),
    Number.NEGATIVE_INFINITY,
  );
}

function smallest(limits: readonly Integer[]): number | undefined {
  const most = largest(limits.map((limit) => limit.scaled(-1)));
  return most === undefined ? undefined : -most;
}

/** The statements with variables in place of small arrays of the workspace of which each read and write says its element. */
function withVariables(
  statements: readonly Statement[],
  buffers: readonly Buffer[],
  numbering: Numbering,
): readonly Statement[] {
  const elements = smallArrays(statements, buffers);
  if (elements.size === 0) return statements;
  const variables = new Map(
    [...elements].map(([buffer, addresses]) => [
      buffer,
      new Map([...addresses].map((address) => [address, numbering.temporary("real")])),
    ]),
  );
  const variableOf = (buffer: Buffer, address: Integer) => variables.get(buffer)?.get(address.value!);
  const value = (each: Value): Value => {
    if (each.kind === "load") return variableOf(each.buffer, each.address) ?? each;
    if (each.kind === "apply") return mapOperands(each, value);
    return each.kind === "guarded" ? { ...each, value: value(each.value) } : each;
  };
  const replaced = (statement: Statement): Statement[] => {
    if (statement.kind === "fill") {
      const filled: Value = { kind: "constant", value: statement.value, dtype: "real" };
      const own = variables.get(statement.buffer);
      return own ? [...own.values()].map((temporary) => ({ kind: "assign", temporary, value: filled })) : [statement];
    }
    if (isNest(statement)) {
      const inner = mapBodies(statement, (body) => body.flatMap(replaced));
      return ["condition" in inner ? { ...inner, condition: value(inner.condition) } : inner];
    }
    if (!("value" in statement)) return [statement];
    const own = { ...statement, value: value(statement.value) };
    const temporary = "buffer" in own ? variableOf(own.buffer, own.address) : undefined;
    if (!temporary) return [own];
    const { value: given } = own;
    if (own.kind === "accumulate") return [{ kind: "combine", temporary, combine: own.combine, value: given }];
    return [{ kind: "assign", temporary, value: given }];
  };
  const starts = [...variables.values()].flatMap((own) =>
    [...own.values()].map((temporary): Statement => ({ kind: "start", temporary, value: zeroOf(temporary) })),
  );
  return [...starts, ...statements.flatMap(replaced)];
}

/** Arrays that may be variables, with the elements that are read or written. */
function smallArrays(statements: readonly Statement[], buffers: readonly Buffer[]): Map<Buffer, ReadonlySet<number>> {
  const workspace = buffers.filter(({ role, dtype }) => role === "workspace" && dtype === "real");
  const elements = new Map(workspace.map((buffer) => [buffer, new Set<number>()]));
  const note = (buffer: Buffer, { value }: Integer, half: unknown) => {
    const own = elements.get(buffer);
    if (value === undefined || half !== undefined) elements.delete(buffer);
    else if (own?.add(value) && own.size > mostVariables) elements.delete(buffer);
  };
  const visit = {
    statement: (inner: Statement) => {
      if (inner.kind === "store" || inner.kind === "accumulate") note(inner.buffer, inner.address, inner.half);
    },
    value: (value: Value) => {
      if (value.kind === "load") note(value.buffer, value.address, value.half);
    },
  };
  for (const outer of statements) visitStatement(outer, visit);
  return elements;
}
