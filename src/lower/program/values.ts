import type { NodeKind } from "../../ir/arena.ts";
import type { DType, Primitive } from "../../ir/primitive.ts";
import { add, mul, sub } from "../../ops/elementary/algebra.ts";
import { and, not, or, select } from "../../ops/elementary/comparison.ts";
import { primitivesOf } from "../../ops/maps.ts";
import type { Apply, Temporary, Value } from "./loops.ts";

export const zero: Value = { kind: "constant", value: 0, dtype: "real" };

export const zeroOf = ({ dtype }: Temporary): Value => ({ kind: "constant", value: 0, dtype });

export const plus = (x: Value, y: Value): Value => ({
  kind: "apply",
  primitive: add.primitive,
  operands: [x, y],
  dtype: "real",
});

/** The application, or what it is by those conditions among its operands that are constants. */
export function folded(value: Apply): Value {
  const { primitive, operands } = value;
  if (primitive === add.primitive) return withoutZeros(value);
  const [first, second, third] = operands as [Value, Value, Value];
  const [isTrue, isSecondTrue] = [truthOf(first), truthOf(second)];
  switch (primitive) {
    case select.primitive:
      return isTrue === undefined ? value : isTrue ? second : third;
    case not.primitive:
      return isTrue === undefined ? value : { kind: "constant", value: isTrue ? 0 : 1, dtype: "bool" };
    case and.primitive:
      return isTrue === false || isSecondTrue ? first : isTrue || isSecondTrue === false ? second : value;
    case or.primitive:
      return isTrue || isSecondTrue === false ? first : isTrue === false || isSecondTrue ? second : value;
    default:
      return value;
  }
}

/** Whether a condition that is a constant holds. */
export function truthOf(value: Value | undefined): boolean | undefined {
  return value?.kind === "constant" && value.dtype === "bool" ? value.value !== 0 : undefined;
}

/** What is left of a sum where a choice has left zeros. */
function withoutZeros(sum: Apply): Value {
  const operands = sum.operands.filter((operand) => operand.kind !== "constant" || operand.value !== 0);
  if (operands.length === sum.operands.length || operands.length === 0) return sum;
  return operands.length === 1 ? operands[0]! : { ...sum, operands };
}

/** True for what a read has where no element is present. */
export function isAbsent(kind: NodeKind, value: Value): boolean {
  return kind !== "constant" && value.kind === "constant" && value.value === 0;
}

/** The element type of a value. */
export function dtypeOf(value: Value): DType {
  switch (value.kind) {
    case "constant":
    case "apply":
      return value.dtype;
    case "integer":
      return "int";
    case "load":
      return value.buffer.dtype;
    case "temporary":
      return value.dtype;
    case "guarded":
      return dtypeOf(value.value);
  }
}

/** True where a primitive is nothing to write down: one size as a real number is the same text. */
export const isWrittenAlike = ({ cost }: Primitive, [operand]: readonly Value[]): boolean =>
  cost === 0 && !(operand?.kind === "integer" && operand.integer.atoms().length > 1);

const repeated = new WeakMap<Primitive, ReadonlySet<number>>();

/** True where the primitive's expression holds the operand more than once, as x * x does. */
export function isRepeated(primitive: Primitive, position: number): boolean {
  const { arity, print } = primitive;
  if (!print || arity === "variadic") return false;
  let positions = repeated.get(primitive);
  if (!positions) {
    const marks = Array.from({ length: arity }, (_, k) => `#${k}#`);
    const text = print(...marks);
    positions = new Set([...marks.keys()].filter((k) => text.split(marks[k]!).length > 2));
    repeated.set(primitive, positions);
  }
  return positions.has(position);
}

/** Numbers in arithmetic are numbers in every field. */
const arithmetic = primitivesOf(add, sub, mul);

/** A primitive of values; where a condition that is known to fail leaves numbers behind, what comes of them. */
export function applied(primitive: Primitive, operands: readonly Value[], dtype: DType): Value {
  const apply: Value = { kind: "apply", primitive, operands, dtype };
  if (!arithmetic.has(primitive)) return apply;
  const numbers = operands.flatMap((operand) => (operand.kind === "constant" ? [operand.value] : []));
  if (numbers.length === operands.length) return { kind: "constant", value: primitive.real(...numbers), dtype };
  const [left, ...others] = operands.filter((operand) => operand.kind !== "constant" || operand.value !== 1);
  return primitive === mul.primitive && left && others.length === 0 ? left : apply;
}
