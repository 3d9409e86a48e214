import { Integer } from "../../ir/integer.ts";
import { Copy, type Fresh } from "../program/copy.ts";
import type { Buffer, Loop, Program, Statement, Value } from "../program/loops.ts";
import { isNest, mapBodies, mapOperands, visitStatement } from "../program/rewrite-statements.ts";
import { zeroOf } from "../program/values.ts";
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
  const known = program.sizes.flatMap((name, k) => {
    const size = sizes[k]!;
    return isSmall(size) ? [[name, Integer.constant(size)] as const] : [];
  });
  const statements = program.parts.flat();
  const fresh = freshFor(statements);
  const written = new WritingOut(new Map(known), fresh).statements(statements);
  return { ...program, parts: [withVariables(written, program.buffers, fresh)] };
}

/** Names and variables that statements do not have. */
function freshFor(statements: readonly Statement[]): Fresh {
  let [temporaries, variables] = [0, 0];
  const statement = (inner: Statement) => {
    if ("temporary" in inner) temporaries = Math.max(temporaries, inner.temporary.id + 1);
    if (inner.kind === "for" || inner.kind === "index") variables = Math.max(variables, inner.variable + 1);
  };
  for (const outer of statements) visitStatement(outer, { statement });
  return {
    temporary: (dtype) => ({ kind: "temporary", id: temporaries++, dtype }),
    loopVariable: () => variables++,
  };
}

/** Statements with numbers for sizes, in which loops of few rounds are written out. */
class WritingOut extends Copy {
  private readonly sizes: ReadonlyMap<string, Integer>;

  constructor(sizes: ReadonlyMap<string, Integer>, fresh: Fresh) {
    super(fresh);
    this.sizes = sizes;
  }

  protected override statement(statement: Statement): Statement[] {
    const written =
      statement.kind === "for"
        ? this.rounds(statement)
        : statement.kind === "index"
          ? this.known(statement)
          : undefined;
    return written ?? super.statement(statement);
  }

  /** Nothing, where a whole number is known from now on. */
  private known({ variable, value }: Extract<Statement, { kind: "index" }>): [] | undefined {
    const integer = value.kind === "integer" ? this.integer(value.integer) : undefined;
    if (integer?.value === undefined) return undefined;
    this.place(variable, integer);
    return [];
  }

  private rounds(loop: Loop): Statement[] | undefined {
    const { variable, step, descending, body } = loop;
    const [first, end] = [this.most(loop.from, 1), this.most(loop.to, -1)];
    if (first === undefined || end === undefined || step < 1) return undefined;
    const rounds = Math.max(0, Math.ceil((end - first) / step));
    if (rounds > mostRounds || rounds * operationsOf(body) > longest) return undefined;
    const positions = Array.from({ length: rounds }, (_, k) => first + k * step);
    if (descending) positions.reverse();
    return positions.flatMap((position) => {
      this.place(variable, Integer.constant(position));
      return this.statements(body);
    });
  }

  /** The largest of some limits, or the smallest for sign -1, where all are known. */
  private most(limits: readonly Integer[], sign: 1 | -1): number | undefined {
    const values = limits.map((limit) => this.integer(limit).value);
    const isKnown = values.every((value): value is number => value !== undefined);
    return isKnown ? sign * Math.max(...values.map((value) => sign * value)) : undefined;
  }

  protected override integer(integer: Integer): Integer {
    const placed = super.integer(integer);
    return placed.substitute((atom) => (atom.kind === "name" ? this.sizes.get(atom.name) : undefined));
  }
}

/** The statements with variables in place of small arrays of the workspace of which each read and write says its element. */
function withVariables(
  statements: readonly Statement[],
  buffers: readonly Buffer[],
  fresh: Fresh,
): readonly Statement[] {
  const elements = smallArrays(statements, buffers);
  if (elements.size === 0) return statements;
  const variables = new Map(
    [...elements].map(([buffer, addresses]) => [
      buffer,
      new Map([...addresses].map((address) => [address, fresh.temporary("real")])),
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
