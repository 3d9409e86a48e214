import { ofLibrary, requirePrimitive } from "../ir/arguments/require-primitive.ts";
import { UsageError } from "../ir/errors.ts";
import { type Expr, Graph, operandType } from "../ir/graph.ts";
import type { Partial, Primitive } from "../ir/primitive.ts";
import { promoteToReal } from "./elementary/cast.ts";
import { ownPrimitives, primitivesOfUsers } from "./own-primitives.ts";
import { realOf } from "./program.ts";

/** An expression, or a number that takes the shape of the expressions beside it. */
export type Operand = Expr | number;

/** A primitive as a function of expressions, of these operands where their number is fixed; `primitive` is its record. */
export interface Operation<Operands extends readonly Operand[] = Operand[]> {
  (...operands: Operands): Expr;
  readonly primitive: Primitive;
}

type UnaryOperation = Operation<[x: Operand]>;
type BinaryOperation = Operation<[x: Operand, y: Operand]>;
type TernaryOperation = Operation<[x: Operand, y: Operand, z: Operand]>;

/** Makes the constructor of a primitive from its record. Ints are taken where reals are needed. */
export function operation(primitive: Primitive): Operation {
  ofLibrary.add(primitive);
  return constructorOf(primitive);
}

function constructorOf(primitive: Primitive): Operation {
  return Object.assign((...operands: Operand[]) => applied(primitive, operands), { primitive });
}

/**
 * A primitive of expressions and numbers, which take the places of these among the operands. Throws UsageError where there are
 * numbers alone.
 */
export function applied(primitive: Primitive, operands: Operand[]): Expr {
  const like = firstExpression(operands);
  if (!like) throw new UsageError(`${primitive.name} needs at least one expression among its operands.`);
  let areInts: boolean | undefined;
  for (let position = 0; position < operands.length; position++) {
    const operand = operands[position]!;
    const needed = operandType(primitive, position);
    if (typeof operand === "number") {
      areInts ??= keepsInts(primitive, operands);
      const type = Number.isInteger(operand) && areInts ? "int" : "real";
      operands[position] = like.graph.constantLike(operand, like, needed === "real" ? type : needed);
    } else if (needed === "real" && primitive.result !== "same") operands[position] = promoteToReal(operand);
  }
  return like.graph.map(primitive, operands as Expr[]);
}

/** The constructor of a primitive of the user's own. Throws UsageError for a record that is none. */
export function ownOperation(primitive: Primitive): Operation {
  requirePrimitive(primitive, new Graph());
  primitivesOfUsers.add(primitive);
  const own = (...operands: Operand[]) => {
    const node = applied(primitive, operands);
    node.graph.extend(ownPrimitives);
    return node;
  };
  return Object.assign(own, { primitive });
}

function firstExpression(operands: readonly Operand[]): Expr | undefined {
  for (const operand of operands) if (typeof operand !== "number") return operand;
  return undefined;
}

/** True where a whole number counts as an int: the primitive keeps ints, and every expression it would join is one. */
function keepsInts(primitive: Primitive, operands: readonly Operand[]): boolean {
  if (primitive.result !== "same") return false;
  const beside = operands.filter((_, position) => operandType(primitive, position) === "real");
  const expressions = beside.filter((operand) => typeof operand !== "number");
  return expressions.length > 0 && expressions.every(({ dtype }) => dtype === "int");
}

type Common = Omit<Primitive, "name" | "arity" | "partials" | "real" | "program">;

/** The function itself: kernels and a JavaScript expression, or a program over other primitives. */
type Function =
  | (Pick<Primitive, "real"> & { readonly program?: undefined })
  | (Required<Pick<Primitive, "program">> & { readonly real?: undefined });

/** A derivative: an expression of the operands and the result, the structural zero, or a reason. */
type Rule<Expression> = Expression | "zero" | { readonly none: string };
type UnaryRule = Rule<(x: Expr, z: Expr) => Expr>;
type BinaryRule = Rule<(x: Expr, y: Expr, z: Expr) => Expr>;
type TernaryRule = Rule<(x: Expr, y: Expr, w: Expr, z: Expr) => Expr>;

type Unary = Common & Function & { readonly partial: UnaryRule };
type Binary = Common & Function & { readonly partials: readonly [BinaryRule, BinaryRule] };
type Ternary = Common & Function & { readonly partials: readonly [TernaryRule, TernaryRule, TernaryRule] };

/** A primitive of one operand. */
export function unary(name: string, { partial, ...record }: Unary): UnaryOperation {
  return operation({ name, arity: 1, ...withKernel(record), partials: [rule(partial, 1)] });
}

/** A primitive of two operands. */
export function binary(name: string, { partials, ...record }: Binary): BinaryOperation {
  return operation({ name, arity: 2, ...withKernel(record), partials: partials.map((each) => rule(each, 2)) });
}

/** A primitive of three operands. */
export function ternary(name: string, { partials, ...record }: Ternary): TernaryOperation {
  return operation({ name, arity: 3, ...withKernel(record), partials: partials.map((each) => rule(each, 3)) });
}

/** A primitive of two operands whose constructor takes more and combines them from left to right. */
export function folded(name: string, record: Binary): Operation {
  const pair = binary(name, record);
  const construct = (first: Operand, second: Operand, ...rest: Operand[]): Expr =>
    rest.reduce((result: Expr, operand) => pair(result, operand), pair(first, second));
  return Object.assign(construct as (...operands: Operand[]) => Expr, { primitive: pair.primitive });
}

/** Primitives numbered by a whole number, such as the derivatives of digamma: made when asked for, and then kept. */
export interface OperationFamily {
  (order: number): Operation;
  readonly familyName: string;
  readonly lowestOrder: number;
}

/** A family whose members `make` makes, from the lowest order on. A member of another order throws UsageError. */
export function family(
  name: string,
  lowestOrder: number,
  make: (order: number, name: string) => Operation,
): OperationFamily {
  const made = new Map<number, Operation>();
  const member = (order: number): Operation => {
    if (!Number.isInteger(order) || order < lowestOrder) {
      throw new UsageError(`${name} is defined for whole orders from ${lowestOrder}, got ${order}.`);
    }
    const known = made.get(order) ?? make(order, `${name}${order}`);
    made.set(order, known);
    return known;
  };
  return Object.assign(member, { familyName: name, lowestOrder });
}

function withKernel({ program, real, ...record }: Common & Function): Omit<Primitive, "name" | "arity" | "partials"> {
  return program ? { ...record, program, real: realOf(program) } : { ...printedByName(real!), ...record, real: real! };
}

/** How a function of Math is printed: by its name, which its record need not say. */
function printedByName(real: Primitive["real"]): Pick<Primitive, "print"> {
  const { name } = real;
  const isOfMath = (Math as unknown as Readonly<Record<string, unknown>>)[name] === real;
  return isOfMath ? { print: (...operands) => `Math.${name}(${operands.join(", ")})` } : {};
}

function rule(partial: Rule<(...all: never[]) => Expr>, arity: number): Partial {
  if (typeof partial !== "function") return partial;
  const expression = partial as (...all: Expr[]) => Expr;
  // long graphs ask for those of one and two operands millions of times: nothing is spread
  if (arity === 1) return (operands, z) => expression(operands[0]!, z);
  if (arity === 2) return (operands, z) => expression(operands[0]!, operands[1]!, z);
  return (operands, z) => expression(...operands, z);
}
