import { refuseRows } from "../../build/binders/rows.ts";
import { listOf, transposed } from "../../build/functions/arrangements.ts";
import { Call } from "../../build/functions/calls.ts";
import { Choice, Conditions } from "../../build/terms/choice.ts";
import { asCondition, asInt } from "../../build/terms/conversions.ts";
import { apply, article } from "../../build/terms/elementwise.ts";
import { boolTerm, integerTerm, realTerm, Term } from "../../build/terms/term.ts";
import { NameError, TypeMismatchError, UsageError } from "../../ir/errors.ts";
import { showShape } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import { coreOperations } from "../../ops/core.ts";
import type { Operation } from "../../ops/define.ts";
import type {
  Binary,
  BinaryOperator,
  Block,
  Comparisons,
  Expression,
  If,
  Index,
  Member,
  Subscript,
  Transpose,
  Unary,
} from "../syntax/syntax.ts";
import { written } from "../syntax/written.ts";
import { declarationsOf } from "./blame.ts";
import type { Context } from "./context.ts";
import { defineLocal } from "./definitions.ts";
import { evaluateBinder, evaluateCall, gather } from "./invoke.ts";
import { lookUp } from "./names.ts";
import { evaluateIndex, isNewAxis } from "./subscripts.ts";
import { isPoison, Poisoned, plain, poison, type RecordValue, type RowValue, Scope, type Value } from "./values.ts";

/** Nodes that stand between operands without brackets: their trees may be very deep, so that they are not recursed into. */
type Operator = Unary | Binary | Comparisons | Index | Member | Transpose;

const isConnective = ({ operator }: Binary) => operator === "and" || operator === "or";

const isExpression = (entry: Subscript): entry is Expression =>
  entry.kind !== "wholeAxis" && entry.kind !== "ellipsis" && entry.kind !== "slice";

function operandsOf(node: Expression): readonly Expression[] | undefined {
  switch (node.kind) {
    case "unary":
      return [node.operand];
    case "binary":
      return isConnective(node) ? undefined : [node.left, node.right];
    case "comparisons":
      return node.operands;
    case "index":
    case "member":
    case "transpose":
      return [node.target];
    default:
      return undefined;
  }
}

/** The value of an expression. Errors are reported, and poison stands for what has one. */
export function evaluate(context: Context, root: Expression, scope: Scope): Value {
  const pending: { readonly node: Expression; readonly isReady: boolean }[] = [{ node: root, isReady: false }];
  const values: Value[] = [];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { node, isReady } = next;
    const operands = operandsOf(node);
    if (!operands) values.push(evaluateAtom(context, node, scope));
    else if (isReady) values.push(combine(context, node as Operator, values.splice(-operands.length), scope));
    else {
      pending.push({ node, isReady: true });
      for (let k = operands.length - 1; k >= 0; k--) pending.push({ node: operands[k]!, isReady: false });
    }
  }
  return values[0]!;
}

/** The value as a tensor. Throws Poisoned where there is none. */
export function evaluateTerm(context: Context, node: Expression, scope: Scope): Term {
  return requireTerm(context, evaluate(context, node, scope), node);
}

/** A value as a term. Throws Poisoned for what is none, which is reported if it was no error before. */
export function requireTerm(context: Context, given: Value, node: Expression): Term {
  const value = plain(given);
  if (value instanceof Term) return value;
  if (isPoison(value)) throw new Poisoned();
  if (value.kind === "row") return matrixOf(context, value.of, node);
  const summary =
    value.kind === "range"
      ? `a value is needed, got the range "${written(node.span)}".`
      : `a value is needed, got a record with the fields ${[...value.fields.keys()].join(", ")}.`;
  const notes =
    value.kind === "range"
      ? ['A range stands behind "in", or in the brackets of an index.']
      : ['Write ".", and the field\'s name.'];
  context.report(new TypeMismatchError(summary, { span: node.span, notes }));
  throw new Poisoned();
}

/** Throws Poisoned after reporting that a vector has no transpose. */
function matrixOf(context: Context, vector: Term, node: Expression): Term {
  const matrix = context.at(node.span, () => transposed(vector));
  if (matrix instanceof Term) return matrix;
  throw new Poisoned();
}

function combine(context: Context, node: Operator, values: readonly Value[], scope: Scope): Value {
  if (values.some(isPoison)) {
    // the other parts of an index may have errors of their own
    const entries = node.kind === "index" ? node.indices.filter((entry) => !isNewAxis(entry, scope)) : [];
    for (const entry of entries) if (isExpression(entry)) evaluate(context, entry, scope);
    return poison;
  }
  const notes = () => declarationsOf(node, scope);
  switch (node.kind) {
    case "binary":
      return context.at(
        node.span,
        () => binary(context, node, values),
        () => [...notes(), ...columnAdvice(node, values)],
      );
    case "comparisons":
      return context.at(node.span, () => comparisons(context, node, values), notes);
    case "unary":
      return context.at(node.span, () => unaryValue(context, node, values[0]!), notes);
    case "transpose":
      return context.at(node.span, () => transposedValue(requireTerm(context, values[0]!, node.target)), notes);
    case "member":
      return context.at(node.span, () => member(context, node, values[0]!));
    case "index":
      return evaluateIndex(context, node, values[0]!, scope);
  }
}

const primitive = (name: string): Operation => coreOperations.operations.get(name)!;

const elementwise: Partial<Readonly<Record<BinaryOperator, string>>> = {
  or: "or",
  and: "and",
  "==": "equal",
  "!=": "notEqual",
  "<": "less",
  "<=": "lessEqual",
  ">": "greater",
  ">=": "greaterEqual",
  "+": "add",
  "-": "sub",
  "*": "mul",
  "/": "div",
};

const transposedValue = (x: Term): Value => (x.rank === 1 ? { kind: "row", of: x } : transposed(x));

/** What to write where one operand lies along the first axes of the other, and was aligned with the last. */
function columnAdvice({ operator, left, right }: Binary, [x, y]: readonly Value[]): readonly string[] {
  if (!elementwise[operator] || !(x instanceof Term && y instanceof Term) || x.rank === y.rank) return [];
  const [long, short, node] = x.rank > y.rank ? [x, y, right] : [y, x, left];
  if (short.rank === 0 || short.shape.some((size, axis) => !size.equals(long.shape[axis]!))) return [];
  const text = written(node.span);
  // the span of what stands in parentheses has them
  const isBare = node.kind === "binary" ? node.span.start === node.left.span.start : /^[-+]/.test(text);
  const operand = isBare ? `(${text})` : text;
  const places = [...short.shape.map(() => ":"), ...new Array<string>(long.rank - short.rank).fill("None")];
  return [
    `Write "${operand}[${places.join(", ")}]" to go along the first ${short.rank === 1 ? "axis" : "axes"} of the other.`,
  ];
}

const isRow = (value: Value): value is RowValue => "kind" in value && value.kind === "row";

/** A row times or by a number, which is a row: the left of `0.5 * x' @ A @ x`. */
function scaledRow({ operator }: Binary, [left, right]: readonly Value[]): Value | undefined {
  const isNumber = (value: Value) => value instanceof Term && value.rank === 0;
  const isScaled =
    isRow(left!) && isNumber(right!)
      ? operator === "*" || operator === "/"
      : operator === "*" && isRow(right!) && isNumber(left!);
  if (!isScaled) return undefined;
  const operands = [left!, right!].map((value) => (isRow(value) ? value.of : (value as Term)));
  return { kind: "row", of: apply(primitive(elementwise[operator]!), operands, operator) };
}

function binary(context: Context, node: Binary, values: readonly Value[]): Value {
  const row = scaledRow(node, values);
  if (row) return row;
  const left = leftOf(context, node, values[0]!);
  const right = requireTerm(context, values[1]!, node.right);
  const { operator } = node;
  switch (operator) {
    case "..":
      return { kind: "range", low: left, high: right };
    case "@":
      return context.dialect.vocabulary.call(new Call(context.builder, "matmul", [left, right]));
    case "^":
      if (right.constant === -1 && isSquare(left)) warnOfReciprocals(context, node);
      return power(left, right);
    case "//":
      return quotient(left, right);
    default:
      return apply(primitive(elementwise[operator]!), [left, right], operator);
  }
}

const isSquare = ({ rank, shape }: Term) => rank > 1 && shape.at(-1)!.equals(shape.at(-2)!);

function warnOfReciprocals(context: Context, { left, span }: Binary): void {
  context.warn('"^" takes powers element by element.', span, [
    `Write "inverse(${written(left.span)})" for the inverse of a matrix, "1 / ${written(left.span)}" for reciprocals.`,
  ]);
}

/** The left operand; x' @ y of a vector x is x @ y. */
function leftOf(context: Context, { operator, left }: Binary, value: Value): Term {
  return isRow(value) && operator === "@" ? value.of : requireTerm(context, value, left);
}

/** a < b < c is a < b and b < c. */
function comparisons(context: Context, { operands, operators }: Comparisons, values: readonly Value[]): Value {
  const terms = values.map((value, k) => requireTerm(context, value, operands[k]!));
  const pairs = operators.map((operator, k) =>
    apply(primitive(elementwise[operator]!), [terms[k]!, terms[k + 1]!], operator),
  );
  return pairs.reduce((all, pair) => apply(primitive("and"), [all, pair]));
}

function unaryValue(context: Context, { operator, operand }: Unary, value: Value): Value {
  if (isRow(value) && operator !== "not") return { kind: "row", of: unary(operator, value.of) };
  return unary(operator, requireTerm(context, value, operand));
}

function unary(operator: Unary["operator"], operand: Term): Term {
  if (operator === "not") return apply(primitive("not"), [operand]);
  if (operand.dtype === "bool") {
    throw new TypeMismatchError(`"${operator}" needs a number, got a condition.`);
  }
  return operator === "+" ? operand : apply(primitive("neg"), [operand], "-");
}

function quotient(...operands: readonly [Term, Term]): Term {
  const [left, right] = operands.map(asInt) as [Term, Term];
  if (left.dtype === "int" && right.dtype === "int") return apply(primitive("floorDiv"), [left, right], "//");
  throw new TypeMismatchError('"//" divides whole numbers and rounds down, got a real.', {
    notes: ['Write "/" for the quotient of reals, or "floor(x / y)".'],
  });
}

/** x^y. Whole powers of ints stay ints; x^2 is a square. */
function power(base: Term, exponent: Term): Term {
  const { constant } = exponent;
  if (constant === 2) return apply(primitive("square"), [base], "^");
  const isWhole = exponent.dtype === "int" && constant !== undefined && constant >= 0 && constant <= 64;
  if (base.integer && base.rank === 0 && isWhole) {
    return integerTerm(base.builder, Integer.product(new Array<Integer>(constant).fill(base.integer)));
  }
  return apply(primitive("pow"), [base, exponent], "^");
}

function member({ dialect }: Context, node: Member, target: Value): Value {
  const name = node.name.name;
  if (target instanceof Term) refuseRows(target.builder, target.iterators);
  if (target instanceof Term && name === "T" && target.rank < 3) return transposedValue(target);
  if (target instanceof Term || target.kind !== "record") {
    const got = target instanceof Term ? `an array ${showShape(target.shape)}` : "a range";
    const { vocabulary } = dialect;
    const called = vocabulary.isCallable(name) ? `Write "${name}(${written(node.target.span)})".` : undefined;
    const advice = vocabulary.adviceOn(name) ?? called;
    throw new TypeMismatchError(`only a record has fields, got ${got}.`, {
      notes: advice ? [advice] : ['A block that ends in fields is a record: "{ a = ...; b = ... }".'],
    });
  }
  const field = target.fields.get(name);
  if (field) return field;
  throw new NameError(`the record has no field "${name}": it has ${[...target.fields.keys()].join(", ")}.`);
}

/** An end of a range as a symbolic integer. Throws TypeMismatchError. */
export function endOf(given: Term): Integer {
  const end = asInt(given);
  if (end.integer) return end.integer;
  const got = end.rank > 0 ? `an array ${showShape(end.shape)}` : article(end.dtype);
  const isWhole = end.rank === 0 && Number.isSafeInteger(end.constant);
  const wayOut = isWhole
    ? `A number with a point or an exponent is a real: write ${end.constant}.`
    : 'A quotient of whole numbers is written with "//"; data that are whole numbers are declared so, "len: int[n]".';
  throw new TypeMismatchError(`the ends of a range are whole numbers, got ${got}.`, {
    notes: end.dtype === "real" ? [wayOut] : [],
  });
}

function evaluateAtom(context: Context, node: Expression, scope: Scope): Value {
  const { builder } = context;
  switch (node.kind) {
    case "number":
      return /[.eE]/.test(node.text) || !Number.isSafeInteger(node.value)
        ? realTerm(builder, node.value)
        : integerTerm(builder, Integer.constant(node.value));
    case "name":
      return context.at(node.span, () => lookUp(context, node, scope));
    case "call":
      return evaluateCall(context, node, scope);
    case "binder":
      return evaluateBinder(context, node, scope);
    case "if":
      return evaluateIf(context, node, scope);
    case "binary":
      return evaluateConnective(context, node, scope);
    case "array": {
      const elements = node.elements.map((element) => evaluate(context, element, scope));
      if (elements.some(isPoison)) return poison;
      return context.at(
        node.span,
        () => listOf(elements.map((value, k) => requireTerm(context, value, node.elements[k]!))),
        () => declarationsOf(node, scope),
      );
    }
    case "comprehension":
      return gather(context, "array", node.iterators, node.body, node.span, scope);
    case "block":
      return evaluateBlock(context, node, scope);
    case "hole":
      return context.at(node.span, () => context.hole(node.index));
    case "text":
      return context.at(node.span, () => {
        throw new UsageError("a text stands for an option of a function only.", {
          notes: ['Write names without quotes; "\'" directly behind a value swaps its last two axes.'],
        });
      });
    default:
      throw new Error(`internal: ${node.kind} is an operator`);
  }
}

/** p and q and ..., or p or q or ...: what is read for one counts only where those before it leave the outcome open. */
function evaluateConnective(context: Context, node: Binary, scope: Scope): Value {
  const { operator } = node;
  const nodes = [node];
  for (let { left } = node; left.kind === "binary" && left.operator === operator; left = left.left) nodes.push(left);
  const conditions = new Conditions(context.builder);
  try {
    let last = evaluate(context, nodes.at(-1)!.left, scope);
    let value = last;
    for (const each of nodes.reverse()) {
      if (last instanceof Term && last.dtype === "bool") conditions.enter(last, operator === "and");
      last = evaluate(context, each.right, scope);
      value = combine(context, each, [value, last], scope);
    }
    conditions.end();
    if (value instanceof Term) conditions.demand(value);
    return value;
  } finally {
    conditions.end();
  }
}

/** A chain of choices: each side is built under its condition. Errors of all sides are reported. */
function evaluateIf(context: Context, node: If, scope: Scope): Value {
  const choice = new Choice(context.builder);
  let isSound = true;
  const sound = (value: Value, expression: Expression, otherwise: () => Term): Term => {
    const term = context.at(expression.span, () => requireTerm(context, value, expression));
    if (term instanceof Term) return term;
    isSound = false;
    return otherwise();
  };
  const zero = () => realTerm(context.builder, 0);
  try {
    for (const { condition, value } of node.arms) {
      const never = () => boolTerm(context.builder, false);
      const test = asCondition(sound(evaluate(context, condition, scope), condition, never));
      choice.when(test, () => sound(evaluate(context, value, scope), value, zero));
    }
    const otherwise = sound(evaluate(context, node.otherwise, scope), node.otherwise, zero);
    choice.end();
    if (!isSound) return poison;
    return context.at(
      node.span,
      () => choice.value(otherwise),
      () => declarationsOf(node, scope),
    );
  } finally {
    choice.end();
  }
}

function evaluateBlock(context: Context, node: Block, outer: Scope): Value {
  const scope = new Scope(outer);
  for (const { definitions } of node.lets) {
    for (const definition of definitions) defineLocal(context, scope, definition);
  }
  if (node.result.kind === "return") return evaluate(context, node.result.value, scope);
  const fields = new Map<string, Value>();
  for (const { name, value, span } of node.result.fields) {
    if (fields.has(name.name)) context.report(new NameError(`the field "${name.name}" is given twice.`, { span }));
    fields.set(name.name, evaluate(context, value, scope));
  }
  const record: RecordValue = { kind: "record", fields };
  return record;
}
