import { LimitError, ModelSyntaxError } from "../ir/errors.ts";
import type { Span } from "../ir/source.ts";
import { climb } from "./precedence.ts";
import type {
  Arm,
  ArrayLiteral,
  Binder,
  Call,
  Comprehension,
  Expression,
  If,
  Index,
  Iterator,
  Member,
  Name,
  NamedArgument,
  NumberLiteral,
  Transpose,
} from "./syntax.ts";
import { written } from "./written.ts";

type Argument = Expression | Iterator | NamedArgument;

/** An index, a member or a transpose, before it knows what it stands behind. */
type Suffix = Omit<Index, "target"> | Omit<Member, "target"> | Omit<Transpose, "target">;

/** How deep "if" may stand within "if". */
export const deepestIf = 1000;

/** How many conditions a chain of "else if" may have. */
const mostArms = 5000;

/** What the grammar's actions call where a node takes more than its parts. */
export const actions = { climb, number, suffix, conditional, enterIf, application, array };

export type Actions = typeof actions;

function number(text: string, span: Span): NumberLiteral {
  const value = Number(text);
  if (value === Infinity) {
    throw new ModelSyntaxError(`${written(span)} is beyond the largest number, about 1.8e308.`, { span });
  }
  return { kind: "number", text, value, span };
}

function suffix(target: Expression, behind: Suffix): Expression {
  return { ...behind, target, span: { ...behind.span, start: target.span.start } };
}

/** Joins `else (if ...)` to the chain it continues. */
function conditional(arms: readonly Arm[], otherwise: Expression, span: Span): If {
  const chain: If =
    otherwise.kind === "if"
      ? { kind: "if", arms: [...arms, ...otherwise.arms], otherwise: otherwise.otherwise, span }
      : { kind: "if", arms, otherwise, span };
  if (chain.arms.length <= mostArms) return chain;
  throw new LimitError(`an "if" has ${chain.arms.length} arms; the limit is ${mostArms}.`, {
    span: chain.arms[0]!.condition.span,
    notes: ["Many cases are a table: declare it as data and read it at an index."],
  });
}

function enterIf(depth: number, span: Span): true {
  if (depth > deepestIf) {
    throw new LimitError(`"if" stands ${depth} deep within "if"; the limit is ${deepestIf}.`, { span });
  }
  return true;
}

function application(callee: Name, args: readonly Argument[], body: Expression | undefined, span: Span): Call | Binder {
  if (body) {
    checkBinds(args, span);
    const bindings = args.map((argument) => (argument.kind === "named" ? argument : iterator(argument)));
    return { kind: "binder", callee, bindings, body, span };
  }
  return { kind: "call", callee, arguments: args.map((argument) => value(argument, callee.name)), span };
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
    notes: ['Write "i in 0..n: ...", or "i: ..." to have the range found from the uses of i.'],
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
