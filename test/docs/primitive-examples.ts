import { operandType } from "../../src/ir/graph.ts";
import type { Interval, Primitive } from "../../src/ir/primitive.ts";

/** A call of a primitive in the language, and its value to six digits. */
export interface Example {
  readonly expression: string;
  readonly value: string;
}

/** Numbers to call reals with, one for each position. */
const candidates = [0.5, 2, 3];
const wholeNumbers = [7, 2, 3];

/** Primitives that are words between their operands. */
const words: Readonly<Record<string, (operands: readonly string[]) => string>> = {
  and: ([p, q]) => `${p} and ${q}`,
  or: ([p, q]) => `${p} or ${q}`,
  not: ([p]) => `not ${p}`,
};

/** The primitive at simple numbers inside its domain. */
export function exampleOf(primitive: Primitive): Example {
  const { arity, name, domain } = primitive;
  const count = arity === "variadic" ? 2 : arity;
  const operands = Array.from({ length: count }, (_, position) => {
    const type = operandType(primitive, position);
    if (type === "bool") return { text: position === 0 ? "true" : "false", value: position === 0 ? 1 : 0 };
    const value =
      type === "int" ? wholeNumbers[position]! : within(candidates[position]!, domain?.[position] ?? domain?.at(-1));
    return { text: String(value), value };
  });
  const result = Number(primitive.real(...operands.map(({ value }) => value)));
  const value = primitive.result === "bool" ? String(result !== 0) : String(Number(result.toPrecision(6)));
  const texts = operands.map(({ text }) => text);
  return { expression: words[name]?.(texts) ?? `${name}(${texts.join(", ")})`, value };
}

/** The number itself where the domain has it, else one that the domain has. */
function within(value: number, [low, high]: Interval = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]): number {
  if (value >= low && value <= high) return value;
  if (Number.isFinite(low) && Number.isFinite(high)) return (low + high) / 2;
  return Number.isFinite(low) ? low + 1 : high - 1;
}
