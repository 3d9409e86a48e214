import { isRecord, type Need, type Needs, needs, requireArgument, requireOptions, requireThat } from "./arguments.ts";
import type { Expr, Graph } from "./graph.ts";
import type { Primitive } from "./primitive.ts";

/** The records of the library's own primitives, which are not looked at. */
export const ofLibrary = new WeakSet<Primitive>();

const isNumber = (value: unknown) => typeof value === "number";
const isInterval = (value: unknown) => Array.isArray(value) && value.length === 2 && value.every(isNumber);
const isComplex = (value: unknown) => isRecord(value) && isNumber(value.re) && isNumber(value.im);
const isPartial = (value: unknown) =>
  typeof value === "function" || value === "zero" || (isRecord(value) && typeof value.none === "string");

const listOf = (what: string, is: (item: unknown) => boolean): Need => ({
  what: `a list of ${what}`,
  accepts: (value) => Array.isArray(value) && value.every(is),
});
const textLike = (what: string, pattern: RegExp): Need => ({
  what,
  accepts: (value) => typeof value === "string" && pattern.test(value),
});
const types = '"real", "int", "bool"';
const type = textLike(types, /^(real|int|bool)$/);
const { flag, callable, text, record } = needs;

const fields: Needs<Primitive> = {
  name: text,
  arity: {
    what: 'a number of operands, or "variadic"',
    accepts: (value) => value === "variadic" || (Number.isInteger(value) && (value as number) > 0),
  },
  real: callable,
  partials: listOf('functions, "zero" or { none: "why" }', isPartial),
  cost: { what: "a number of operations", accepts: (value) => isNumber(value) && (value as number) >= 0 },
  operands: listOf(types, type.accepts),
  result: textLike(`${types} or "same"`, /^(real|int|bool|same)$/),
  isCommutative: flag,
  complex: callable,
  program: callable,
  print: callable,
  units: textLike('a text such as "a, a -> a"', /.->./),
  range: callable,
  domain: listOf("intervals [low, high]", isInterval),
  isOpaque: flag,
  documentation: record,
};

/** Throws UsageError for what is no record of a primitive, and for functions that do not give what they have to; `graph`: an empty one. */
export function requirePrimitive(primitive: Primitive, graph: Graph): void {
  requireThat(isRecord(primitive), "a primitive", "a record { name, arity, real, partials, cost }", primitive);
  const { name, arity, partials, print, program } = primitive;
  requireArgument('"name" of a primitive', text, name);
  const what = `the primitive ${name}`;
  for (const field of ["arity", "real", "partials", "cost"] as const)
    requireArgument(`"${field}" of ${what}`, fields[field], primitive[field]);
  requireOptions(what, primitive, fields);
  requireThat(print ?? program, what, '"print" or "program"', undefined);
  const isVariadic = arity === "variadic";
  const count = isVariadic ? 1 : arity;
  requireThat(partials.length === count, `"partials" of ${what}`, `${count}`, partials.length);
  const isNode = (value: unknown) => (value as Expr | undefined)?.graph === graph;
  // what functions are given for each operand, and have to give
  for (const [field, operand, needed, accepts] of [
    ["real", 1, "a number", isNumber],
    ["complex", { re: 1, im: 0 }, "a number { re, im }", isComplex],
    ["range", [1, 1], "an interval [low, high]", isInterval],
    ["print", "x", "a text", text.accepts],
    ["program", graph.variable([]), "an expression", isNode],
  ] as const) {
    const run = primitive[field] as ((...operands: unknown[]) => unknown) | undefined;
    const given = run?.(...new Array(isVariadic ? 2 : arity).fill(operand));
    requireThat(!run || accepts(given), `"${field}" of ${what}`, `to give ${needed}`, given);
  }
}
