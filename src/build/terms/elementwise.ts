import type { Guard } from "../../ir/contraction.ts";
import { counted } from "../../ir/counted.ts";
import { ShapeError, TypeMismatchError, UsageError } from "../../ir/errors.ts";
import { operandType, type Shape, showShape } from "../../ir/graph.ts";
import { Integer } from "../../ir/integer.ts";
import type { DType, Primitive } from "../../ir/primitive.ts";
import type { Read } from "../../ops/arrays/contractions.ts";
import type { Operand, Operation } from "../../ops/define.ts";
import { add, mul, neg, square, sub } from "../../ops/elementary/algebra.ts";
import { toReal } from "../../ops/elementary/cast.ts";
import { and, equal, greater, greaterEqual, less, lessEqual, not, select } from "../../ops/elementary/comparison.ts";
import { floorDiv, mod } from "../../ops/elementary/rounding.ts";
import { inGroups, widest } from "../../ops/groups.ts";
import { byPrimitive } from "../../ops/maps.ts";
import { withSameRows } from "../binders/rows.ts";
import { aligned, integerTerm, movedReads, readsOf, spreadAxes, Term, termOf, unionOf } from "./term.ts";

/** A product of more reads than this is left as a product of elements. */
const mostFactors = 8;

/** Primitives that stay symbolic on int scalars; those that count no operands take two or more. */
const symbolic = byPrimitive<(...values: Integer[]) => Integer | undefined>([
  [add, (...values) => Integer.sum(values)],
  [sub, (x: Integer, y: Integer) => x.minus(y)],
  [mul, (...values) => Integer.product(values)],
  [neg, (x: Integer) => x.scaled(-1)],
  [square, (x: Integer) => x.times(x)],
  [floorDiv, (x: Integer, y: Integer) => (y.value === 0 ? undefined : x.floorDiv(y))],
  [mod, (x: Integer, y: Integer) => (y.value === 0 ? undefined : x.minus(y.times(x.floorDiv(y))))],
]);

/** Comparisons of int scalars as conditions: a guard without extent is "not negative", with extent 1 "zero". */
const conditions = byPrimitive<(x: Integer, y: Integer) => Guard>([
  [less, (x, y) => ({ index: y.minus(x).minus(1), extent: undefined })],
  [lessEqual, (x, y) => ({ index: y.minus(x), extent: undefined })],
  [greater, (x, y) => ({ index: x.minus(y).minus(1), extent: undefined })],
  [greaterEqual, (x, y) => ({ index: x.minus(y), extent: undefined })],
  [equal, (x, y) => ({ index: x.minus(y), extent: Integer.one })],
]);

/** A primitive on terms, element by element, with the language's broadcasting. `sign` names it in messages. */
export function apply(operation: Operation, given: readonly Term[], sign = operation.primitive.name): Term {
  const { primitive } = operation;
  if (given.length > widest) return inGroups(given, (group) => apply(operation, group, sign));
  const operands = withSameRows(given);
  const { builder } = operands[0] ?? missing(primitive.name);
  const integers = operands.every(({ integer }) => integer) ? operands.map(({ integer }) => integer!) : undefined;
  const rule = integers && symbolic.get(primitive);
  const fits = rule && (rule.length === 0 ? integers.length > 1 : integers.length === rule.length);
  const value = fits ? rule(...integers) : undefined;
  if (value) return integerTerm(builder, value);
  const constants = operands.map((operand) => (operand.dtype === "bool" ? undefined : operand.constant));
  const areConstant = constants.every((constant) => constant !== undefined);
  const folded = areConstant ? fold(operation, operands, constants) : undefined;
  if (folded) return folded;
  checkTypes(operation, operands, sign);
  const iterators = unionOf(operands.map((operand) => operand.iterators));
  const shape = broadcastShape(
    operands.map((operand) => operand.shape),
    sign,
  );
  const asReal = wantsReal(operation, operands);
  const make = () => {
    const expressions = operands.map((operand, position): Operand => {
      const constant = constants[position];
      // a primitive of numbers alone has no other expression to take its graph from
      if (constant !== undefined && !(areConstant && position === 0)) return constant;
      const expr = aligned(operand, iterators, shape);
      return asReal && operandType(primitive, position) === "real" ? toReal(expr) : expr;
    });
    return operation(...expressions);
  };
  const condition = conditionOf(primitive, operands, integers);
  if (condition) return new Term(builder, { iterators, shape, dtype: "bool", make, condition });
  const reads = primitive === mul.primitive ? productOf(operands, shape) : undefined;
  if (reads) return new Term(builder, { iterators, shape, dtype: "real", make, reads });
  return termOf(builder, make(), iterators);
}

function missing(name: string): never {
  throw new UsageError(`${name} needs operands.`);
}

/** The value of a primitive of numbers alone, by its own kernel. */
function fold(
  operation: Operation,
  operands: readonly Term[],
  values: readonly (number | undefined)[],
): Term | undefined {
  const { primitive } = operation;
  if (primitive.isOpaque || (primitive.arity !== "variadic" && primitive.arity !== values.length)) return undefined;
  checkTypes(operation, operands, primitive.name);
  const allInts = operands.every(({ dtype }) => dtype === "int");
  const dtype: DType = primitive.result === "same" ? (allInts ? "int" : "real") : (primitive.result ?? "real");
  const { builder } = operands[0]!;
  const value = Number(primitive.real(...(values as number[])));
  if (dtype === "int") return Number.isSafeInteger(value) ? integerTerm(builder, Integer.constant(value)) : undefined;
  return termOf(builder, builder.graph.constant(value, [], dtype));
}

function checkTypes({ primitive }: Operation, operands: readonly Term[], sign: string): void {
  const { arity } = primitive;
  const fits =
    arity === "variadic" ? operands.length >= 2 : operands.length === arity || (arity === 2 && operands.length > 2);
  if (!fits) {
    const wanted = arity === "variadic" ? "two or more operands" : counted(arity, "operand");
    throw new UsageError(`${sign} takes ${wanted}, got ${operands.length}.`);
  }
  for (const [position, { dtype }] of operands.entries()) {
    const needed = operandType(primitive, position);
    if (needed === "real" || needed === dtype) continue;
    const name = needed === "bool" ? "a condition" : "an int";
    throw new TypeMismatchError(`${sign} needs ${name} as operand ${position + 1}, got ${article(dtype)}.`);
  }
}

/** An element type as errors call it. */
export function article(dtype: DType): string {
  return dtype === "int" ? "an int" : dtype === "bool" ? "a condition" : "a real";
}

/** Whether ints and bools among the operands become reals: where one is real, and for bools in arithmetic. */
function wantsReal({ primitive }: Operation, operands: readonly Term[]): boolean {
  const types = operands.filter((_, position) => operandType(primitive, position) === "real").map(({ dtype }) => dtype);
  if (primitive.result !== "same") return true;
  if (types.every((type) => type === types[0])) return types[0] === "bool" && primitive !== select.primitive;
  return true;
}

function conditionOf(
  primitive: Primitive,
  operands: readonly Term[],
  integers: readonly Integer[] | undefined,
): readonly Guard[] | undefined {
  if (integers?.length === 2) {
    const guard = conditions.get(primitive)?.(integers[0]!, integers[1]!);
    return guard && [guard];
  }
  if (primitive === and.primitive && operands.every((operand) => operand.condition)) {
    return operands.flatMap((operand) => operand.condition!);
  }
  return primitive === not.primitive && operands.length === 1 ? negated(operands[0]!.condition) : undefined;
}

/** The opposite of a condition, where that is one comparison again. */
export function negated(condition: readonly Guard[] | undefined): readonly Guard[] | undefined {
  const guard = condition?.length === 1 ? condition[0]! : undefined;
  return guard && !guard.extent ? [{ index: guard.index.scaled(-1).minus(1), extent: undefined }] : undefined;
}

/** The reads of a product of reals, for sums to take as factors. */
function productOf(operands: readonly Term[], shape: Shape): Read[] | undefined {
  if (operands.some(({ dtype }) => dtype !== "real")) return undefined;
  const counts = operands.map((operand) => operand.reads?.length ?? 1);
  if (counts.reduce((all, count) => all + count, 0) > mostFactors) return undefined;
  return operands.flatMap((operand) => movedReads(readsOf(operand), spreadAxes(operand.shape, shape)));
}

/** The shape that shapes broadcast to, aligned from the right; only the literal 1 stretches. Throws ShapeError. */
export function broadcastShape(shapes: readonly Shape[], sign: string): Shape {
  const [first] = shapes;
  if (first && shapes.every((shape) => shape === first || (shape.length === 0 && first.length === 0))) return first;
  const result: Integer[] = [];
  const rank = Math.max(...shapes.map((shape) => shape.length));
  for (let back = 1; back <= rank; back++) {
    let size: Integer | undefined;
    for (const shape of shapes) {
      const candidate = shape[shape.length - back];
      if (!candidate || (size && candidate.value === 1)) continue;
      if (!size || size.value === 1 || size.equals(candidate)) size = candidate;
      else throw mismatch(shapes, sign, size, candidate);
    }
    result.unshift(size!);
  }
  return result;
}

function mismatch(shapes: readonly Shape[], sign: string, left: Integer, right: Integer): ShapeError {
  const distinct = shapes.filter((shape) => shape.length > 0).map(showShape);
  const isOperator = !/^\p{L}/u.test(sign) && distinct.length === 2;
  const got = isOperator ? distinct.join(` ${sign} `) : list(distinct);
  const what = isOperator ? `"${sign}"` : sign;
  return new ShapeError(
    `shape mismatch: ${what} needs shapes that agree from the right, got ${got}: ${left} is not ${right}.`,
    {
      shapes: distinct,
      notes: sameSizeNote(left, right),
    },
  );
}

/** What to say when two sizes differ by their names alone. */
function sameSizeNote(left: Integer, right: Integer): readonly string[] {
  const isName = (size: Integer) => /^[\p{L}_][\p{L}\p{M}\p{N}_]*$/u.test(size.toString());
  if (!isName(left) || !isName(right)) return [];
  return [
    `Sizes of different names never unify, whatever their values: if "${left}" and "${right}" are one, give them one name.`,
  ];
}

function list(items: readonly string[]): string {
  const shown = items.length > 6 ? [...items.slice(0, 5), "..."] : items;
  return shown.length < 2 ? shown.join("") : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}
