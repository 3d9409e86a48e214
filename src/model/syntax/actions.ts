import { LimitError, ModelSyntaxError } from "../../ir/errors.ts";
import type { Span } from "../../ir/source.ts";
import { climb } from "./precedence.ts";
import type {
  Arm,
  ArrayLiteral,
  Binder,
  Block,
  Call,
  Comprehension,
  Definition,
  Definitions,
  Expression,
  Field,
  If,
  Index,
  Iterator,
  Member,
  Name,
  NamedArgument,
  NumberLiteral,
  Return,
  Transpose,
} from "./syntax.ts";
import { written } from "./written.ts";

type Argument = Expression | Iterator | NamedArgument;

/** An index, a member or a transpose, before it knows what it stands behind. */
type Suffix = Omit<Index, "target"> | Omit<Member, "target"> | Omit<Transpose, "target"> | Call;

/** How deep "if" may stand within "if". */
export const deepestIf = 500;

/** How many conditions a chain of "else if" may have. */
const mostArms = 5000;

/** How many signs may stand before one value. */
const mostSigns = 100_000;

function number(text: string, span: Span): NumberLiteral {
  const value = Number(text.replaceAll("_", ""));
  if (value === Infinity) {
    throw new ModelSyntaxError(`${written(span)} is beyond the largest number, about 1.8e308.`, {
      span,
      notes: ['Write "inf" for infinity.'],
    });
  }
  // 5. becomes 5.0, so that nothing behind it can join it
  return { kind: "number", text: text.replace(/\.(?!\d)/, ".0"), value, span };
}

/** x.sum(axis = 1) is sum(x, axis = 1). */
function suffix(target: Expression, behind: Suffix): Expression {
  const span = { ...behind.span, start: target.span.start };
  if (behind.kind === "call") return { ...behind, arguments: [target, ...behind.arguments], span };
  return { ...behind, target, span };
}

/** Joins `else (if ...)` to the chain it continues. */
function conditional(arms: readonly Arm[], otherwise: Expression, span: Span): If {
  const chain: If =
    otherwise.kind === "if"
      ? { kind: "if", arms: [...arms, ...otherwise.arms], otherwise: otherwise.otherwise, span }
      : { kind: "if", arms, otherwise, span };
  const count = chain.arms.length;
  limited(count, mostArms, `an "if" has ${count} arms`, chain.arms[0]!.condition.span, [
    "Many cases are a table: declare it as data and read it at an index.",
  ]);
  return chain;
}

const enterIf = (depth: number, span: Span) => limited(depth, deepestIf, `"if" stands ${depth} deep within "if"`, span);

/** The grammar reads one sign more than there may be. */
const countSigns = (count: number, span: Span) => limited(count, mostSigns, `${count} signs before a value`, span);

/** Throws LimitError where there are more than `most`. */
export function limited(count: number, most: number, what: string, span?: Span, notes: readonly string[] = []): true {
  if (count <= most) return true;
  throw new LimitError(`${what}; the limit is ${most}.`, { span, notes });
}

function application(callee: Name, args: readonly Argument[], body: Expression | undefined, span: Span): Call | Binder {
  if (body) {
    checkBinds(args, span);
    const bindings = args.map((argument) => (argument.kind === "named" ? argument : iterator(argument)));
    return { kind: "binder", callee, bindings, body, span };
  }
  return { kind: "call", callee, arguments: operands(args, callee.name), span };
}

/** The arguments of a call that binds nothing. */
function operands(args: readonly Argument[], callee: string): Call["arguments"] {
  return args.map((argument) => value(argument, callee));
}

function array(
  elements: readonly (Expression | Iterator)[],
  body: Expression | undefined,
  span: Span,
): ArrayLiteral | Comprehension {
  if (body) {
    checkBinds(elements, span);
    return { kind: "comprehension", iterators: elements.map(iterator), body, span };
  }
  return { kind: "array", elements: elements.map((element) => value(element, undefined)), span };
}

/** Names with values before "return" are those of the block; without it they are its fields. */
function block(parts: readonly (Definitions | Field)[], result: Return | undefined, span: Span): Block {
  if (result) return { kind: "block", lets: parts.map(asLet), result, span };
  const first = parts.findIndex((part) => part.kind === "field");
  const fields = parts.slice(first).filter((part) => part.kind === "field");
  if (first < 0) {
    throw new ModelSyntaxError("a block needs a value.", {
      span,
      notes: ['End it with "return value", or with fields "name = value".'],
    });
  }
  const late = parts.slice(first).find((part) => part.kind !== "field");
  if (late) {
    throw new ModelSyntaxError('"let" stands before the fields of a block, which are set all together at its end.', {
      span: late.span,
      notes: ["A name that others are made from gets its value by let, and a field of that name below: c = cell."],
    });
  }
  const where = { ...span, start: fields[0]!.span.start, end: fields.at(-1)!.span.end };
  const lets = parts.slice(0, first).filter((part) => part.kind !== "field");
  return { kind: "block", lets, result: { kind: "fields", fields, span: where }, span };
}

function asLet(part: Definitions | Field): Definitions {
  if (part.kind !== "field") return part;
  const { name, value, span } = part;
  const definition: Definition = {
    kind: "declaration",
    name,
    type: undefined,
    unit: undefined,
    within: undefined,
    value,
    span,
  };
  return { kind: "definitions", keyword: "let", definitions: [definition], span };
}

function checkBinds(bindings: readonly unknown[], span: Span): void {
  if (bindings.length > 0) return;
  throw new ModelSyntaxError('":" begins a body, and nothing before it binds a name.', {
    span,
    notes: ['Write "i in 0..n: ...", or "i: ..." to have the range found from the uses of i.'],
  });
}

/** A name before a body's colon is an iterator whose range is left out. */
function iterator(argument: Expression | Iterator): Iterator {
  if (argument.kind === "iterator") return argument;
  if (argument.kind === "name") {
    return { kind: "iterator", name: argument, domain: undefined, span: argument.span };
  }
  throw new ModelSyntaxError(`only a name can stand before ":", got "${written(argument.span)}".`, {
    span: argument.span,
    notes: [
      argument.kind === "number"
        ? 'Write "0..n" for a range, "i in 0..n: ..." to run over one.'
        : 'Write "i in 0..n: ...", or "i: ..." to have the range found from the uses of i.',
    ],
  });
}

function value<Kept extends Expression | NamedArgument>(argument: Kept | Iterator, callee: string | undefined): Kept {
  if (argument.kind !== "iterator") return argument;
  const iterator = written(argument.span);
  throw new ModelSyntaxError(`"${iterator}" needs a body to be used in.`, {
    span: argument.span,
    notes: [`Write "${callee === undefined ? `[${iterator}: ...]` : `${callee}(${iterator}: ...)`}".`],
  });
}

/** What the grammar's actions call where a node takes more than its parts. */
export const actions = { climb, number, suffix, conditional, enterIf, countSigns, application, operands, array, block };

export type Actions = typeof actions;
