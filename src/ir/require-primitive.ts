import { isRecord, type Need, type Needs, needs, requireArgument, requireOptions, requireThat } from "./arguments.ts";
import type { Expr, Graph } from "./graph.ts";
import type { Primitive } from "./primitive.ts";

/** The records of the library's own primitives, which are not looked at. */
export const ofLibrary = new WeakSet<Primitive>();

const areAll = (value: unknown, is: (item: unknown) => boolean) => Array.isArray(value) && value.every(is);
const isNumber = (value: unknown) => typeof value === "number";
const isInterval = (value: unknown) => areAll(value, isNumber) && (value as unknown[]).length === 2;
const isComplex = (value: unknown) => isRecord(value) && isNumber(value.re) && isNumber(value.im);
const isPartial = (value: unknown) =>
  typeof value === "function" || value === "zero" || (isRecord(value) && typeof value.none === "string");

const listOf = (what: string, is: (item: unknown) => boolean): Need => ({
  what: `a list of ${what}`,
  accepts: (value) => areAll(value, is),
});
const oneOf = (...texts: string[]): Need => ({
  what: texts.map((text) => `"${text}"`).join(" or "),
  accepts: (value) => texts.includes(value as string),
});
const type = oneOf("real", "int", "bool");
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
  operands: listOf(type.what, type.accepts),
  result: oneOf("real", "int", "bool", "same"),
  isCommutative: flag,
  complex: callable,
  program: callable,
  print: callable,
  units: { what: 'a text such as "a, a -> a"', accepts: (value) => /.->./.test(String(value)) },
  range: callable,
  domain: listOf("intervals [low, high]", isInterval),
  isOpaque: flag,
  documentation: record,
};

/** Throws UsageError for what is no record of a primitive, and for functions that do not give what they have to; `graph`: an empty one. */
export function requirePrimitive(primitive: Primitive, graph: Graph): void {
  requireThat(isRecord(primitive), "a primitive", "a record { name, arity, real, partials, cost }", primitive);
  const { name, arity, real, partials, complex, print, program, range } = primitive;
  requireArgument('"name" of a primitive', fields.name, name);
  const what = `the primitive ${name}`;
  for (const field of ["arity", "real", "partials", "cost"] as const)
    requireArgument(`"${field}" of ${what}`, fields[field], primitive[field]);
  requireOptions(what, primitive, fields);
  requireThat(print ?? program, what, '"print" or "program"', undefined);
  const isVariadic = arity === "variadic";
  const count = isVariadic ? 1 : arity;
  requireThat(partials.length === count, `"partials" of ${what}`, `${count}`, partials.length);
  const ones = <T>(one: T) => new Array<T>(isVariadic ? 2 : arity).fill(one);
  const gives = (field: string, needed: string, accepts: (value: unknown) => boolean, value: unknown) =>
    requireThat(accepts(value), `"${field}" of ${what}`, `to give ${needed}`, value);
  gives("real", "a number", isNumber, real(...ones(1)));
  if (complex) gives("complex", "a number { re, im }", isComplex, complex(...ones({ re: 1, im: 0 })));
  if (print) gives("print", "a text", needs.text.accepts, print(...ones("x")));
  if (program)
    gives(
      "program",
      "an expression",
      (value) => (value as Expr | undefined)?.graph === graph,
      program(...ones(graph.variable([]))),
    );
  if (range) gives("range", "an interval [low, high]", isInterval, range(...ones([1, 1] as const)));
}
