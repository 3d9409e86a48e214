import type { Graph } from "../graph.ts";
import type { Primitive } from "../primitive.ts";
import { isRecord, type Need, type Needs, needs, requireArgument, requireOptions, requireThat } from "./arguments.ts";

/** The records of the library's own primitives, which are not looked at. */
export const ofLibrary = new WeakSet<Primitive>();

const isNumber = (value: unknown) => typeof value === "number";
const isPartial = (value: unknown) =>
  typeof value === "function" || value === "zero" || (isRecord(value) && typeof value.none === "string");

const list: Need = { what: "a list", accepts: Array.isArray };
const { flag, callable, text, record } = needs;

const fields: Needs<Primitive> = {
  name: text,
  arity: {
    what: 'a number of operands, or "variadic"',
    accepts: (value) => value === "variadic" || (Number.isInteger(value) && (value as number) > 0),
  },
  real: callable,
  partials: {
    what: 'functions, "zero" or { none: "why" }',
    accepts: (value) => Array.isArray(value) && value.every(isPartial),
  },
  cost: { what: "a number of operations", accepts: (value) => isNumber(value) && (value as number) >= 0 },
  operands: list,
  result: {
    what: '"real", "int", "bool" or "same"',
    accepts: (value) => ["real", "int", "bool", "same"].includes(value as string),
  },
  isCommutative: flag,
  complex: callable,
  program: callable,
  print: callable,
  units: text,
  range: callable,
  domain: list,
  isOpaque: flag,
  taylor: callable,
  documentation: record,
};

/** Throws UsageError for what is no record of a primitive, and for functions that do not give what they have to; `graph`: an empty one. */
export function requirePrimitive(primitive: Primitive, graph: Graph): void {
  requireArgument("a primitive", record, primitive);
  const { name, arity, real, partials, print, program } = primitive;
  requireArgument('"name" of a primitive', text, name);
  const what = (field: string) => `"${field}" of the primitive ${name}`;
  for (const field of ["arity", "real", "partials", "cost"] as const)
    requireArgument(what(field), fields[field], primitive[field]);
  requireOptions(`the primitive ${name}`, primitive, fields);
  const isVariadic = arity === "variadic";
  requireThat(partials.length === (isVariadic ? 1 : arity), what("partials"), "one for each operand", partials);
  const ones = <T>(one: T) => new Array<T>(isVariadic ? 2 : arity).fill(one);
  const value = real(...ones(1));
  requireThat(isNumber(value), what("real"), "to give a number", value);
  requireThat(print ?? program, `the primitive ${name}`, '"print" or "program"', undefined);
  const printed = print ? print(...ones("x")) : "";
  requireThat(text.accepts(printed), what("print"), "to give a text", printed);
  const node = program?.(...ones(graph.variable([])));
  requireThat(!program || node?.graph === graph, what("program"), "to give an expression", node);
}
