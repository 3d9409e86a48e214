import { ModelSyntaxError } from "../../ir/errors.ts";
import type { Binary, BinaryOperator, Comparisons, Expression, UnaryOperator } from "./syntax.ts";
import { written } from "./written.ts";

/** Which side a chain of equals groups to; "together" makes one of it, "neither" forbids it. */
export type Grouping = "left" | "right" | "together" | "neither";

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
  { grouping: "together", binary: ["==", "!=", "<", "<=", ">", ">="] },
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
    if (top.prefix) {
      values.push(unary(top.prefix, right));
      return;
    }
    const operators = [top.operator];
    const operands = [right];
    if (binaryPrecedence.get(top.operator)!.grouping === "together") {
      for (let next = pending.at(-1); next && !next.prefix && next.level === top.level; next = pending.at(-1)) {
        operators.push(next.operator);
        operands.push(values.pop()!);
        pending.pop();
      }
    }
    const left = values.pop()!;
    values.push(
      operators.length === 1
        ? binary(top.operator, left, right)
        : comparisons([left, ...operands.reverse()], operators.reverse()),
    );
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

function comparisons(operands: readonly Expression[], operators: readonly BinaryOperator[]): Comparisons {
  return { kind: "comparisons", operands, operators, span: { ...operands[0]!.span, end: operands.at(-1)!.span.end } };
}

function chainError(values: readonly Expression[], last: Expression): ModelSyntaxError {
  const span = { ...values.at(-2)!.span, end: last.span.end };
  return new ModelSyntaxError(`a range has two ends, got "${written(span)}".`, {
    span,
    notes: ['Write one range from..to; for a step multiply the iterator: "x[2*i]".'],
  });
}
