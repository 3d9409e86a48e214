import { ModelSyntaxError } from "../ir/errors.ts";
import type { Binary, BinaryOperator, Expression, UnaryOperator } from "./syntax.ts";
import { written } from "./written.ts";

/** Which side a chain of equals groups to; "neither" forbids the chain. */
export type Grouping = "left" | "right" | "neither";

export interface Precedence {
  readonly level: number;
  readonly grouping: Grouping;
}

interface Row {
  readonly grouping: Grouping;
  readonly binary?: readonly BinaryOperator[];
  readonly unary?: readonly UnaryOperator[];
}

/** The loosest first. As in mathematics -x^2 is -(x^2), and as in Python `not a == b` is `not (a == b)`. */
const rows: readonly Row[] = [
  { grouping: "left", binary: ["or"] },
  { grouping: "left", binary: ["and"] },
  { grouping: "right", unary: ["not"] },
  { grouping: "neither", binary: ["==", "!=", "<", "<=", ">", ">="] },
  { grouping: "neither", binary: [".."] },
  { grouping: "left", binary: ["+", "-"] },
  { grouping: "left", binary: ["*", "/", "//", "@"] },
  { grouping: "right", unary: ["-", "+"] },
  { grouping: "right", binary: ["^"] },
];

export const binaryPrecedence: ReadonlyMap<BinaryOperator, Precedence> = new Map(
  rows.flatMap(({ grouping, binary = [] }, level) => binary.map((operator) => [operator, { level, grouping }])),
);

export const unaryPrecedence: ReadonlyMap<UnaryOperator, Precedence> = new Map(
  rows.flatMap(({ grouping, unary = [] }, level) => unary.map((operator) => [operator, { level, grouping }])),
);

/** A value with the signs before it, the outermost first. */
export interface Operand {
  readonly prefixes: readonly Prefix[];
  readonly value: Expression;
}

export interface Prefix {
  readonly operator: UnaryOperator;
  readonly start: number;
}

type Pending =
  | { readonly prefix: Prefix; readonly level: number }
  | { readonly prefix: undefined; readonly operator: BinaryOperator; readonly level: number };

/** The tree of a flat expression, by the table above. Takes linear time and no stack. */
export function climb(head: Operand, tail: readonly (readonly [BinaryOperator, Operand])[]): Expression {
  const values: Expression[] = [];
  const pending: Pending[] = [];

  const take = (operand: Operand) => {
    for (const prefix of operand.prefixes) {
      pending.push({ prefix, level: unaryPrecedence.get(prefix.operator)!.level });
    }
    values.push(operand.value);
  };

  const reduce = () => {
    const top = pending.pop()!;
    const right = values.pop()!;
    values.push(top.prefix ? unary(top.prefix, right) : binary(top.operator, values.pop()!, right));
  };

  take(head);
  for (const [operator, operand] of tail) {
    const { level, grouping } = binaryPrecedence.get(operator)!;
    while (pending.length > 0 && pending.at(-1)!.level > level) reduce();
    if (pending.at(-1)?.level === level) {
      if (grouping === "neither") throw chainError(values, operand.value);
      if (grouping === "left") reduce();
    }
    pending.push({ prefix: undefined, operator, level });
    take(operand);
  }
  while (pending.length > 0) reduce();
  return values[0]!;
}

function unary({ operator, start }: Prefix, operand: Expression): Expression {
  return { kind: "unary", operator, operand, span: { ...operand.span, start } };
}

function binary(operator: BinaryOperator, left: Expression, right: Expression): Binary {
  return { kind: "binary", operator, left, right, span: { ...left.span, end: right.span.end } };
}

function chainError(values: readonly Expression[], last: Expression): ModelSyntaxError {
  const [first, middle] = values.slice(-2) as [Expression, Expression];
  const span = { ...first.span, end: last.span.end };
  const operator = written({ ...first.span, start: first.span.end, end: middle.span.start });
  const next = written({ ...first.span, start: middle.span.end, end: last.span.start });
  if (operator === ".." || next === "..") {
    return new ModelSyntaxError(`a range has two ends, got "${written(span)}".`, {
      span,
      notes: ['Write one range from..to; for a step multiply the iterator: "x[2*i]".'],
    });
  }
  const left = `${written(first.span)} ${operator} ${written(middle.span)}`;
  const right = `${written(middle.span)} ${next} ${written(last.span)}`;
  return new ModelSyntaxError(`comparisons do not chain, got "${written(span)}".`, {
    span,
    notes: [`Write "${left} and ${right}".`],
  });
}
