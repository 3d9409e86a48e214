import { refuseRows } from "../../build/binders/rows.ts";
import { sizeOf } from "../../build/functions/calls.ts";
import { article } from "../../build/terms/elementwise.ts";
import { aligned, Term, termOf } from "../../build/terms/term.ts";
import { NameError, ShapeError, TypeMismatchError } from "../../ir/errors.ts";
import { type Shape, showShape } from "../../ir/graph.ts";
import type { Integer } from "../../ir/integer.ts";
import type { DType } from "../../ir/primitive.ts";
import type { Span } from "../../ir/source.ts";
import { toReal } from "../../ops/elementary/cast.ts";
import type { Definition, Expression, FunctionDefinition, Name, Type } from "../syntax/syntax.ts";
import { declarationsOf, lineAndColumn } from "./blame.ts";
import type { Context } from "./context.ts";
import { evaluate, evaluateTerm, requireTerm } from "./expression.ts";
import { isBuiltIn } from "./names.ts";
import { isPoison, Poisoned, plain, poison, type Role, type Scope, type Value } from "./values.ts";

/** Adds a name to a scope. A second declaration is an error; a built-in name is hidden with a warning. */
export function declareName(
  context: Context,
  scope: Scope,
  { name, span }: Name,
  role: Role,
  value: Value,
  definition?: FunctionDefinition,
): void {
  const known = scope.own(name);
  if (known) {
    context.report(declaredTwice(name, span, known.span));
    return;
  }
  if (isBuiltIn(context.dialect, name)) {
    context.warn(`"${name}" hides the built-in of that name.`, span, ["Another name avoids confusion."]);
  }
  scope.declare({ name, role, value, span, ...(definition && { definition }) });
}

/** `unit N = kg*m/s^2`: units have names of their own, and one definition each. */
export function declareUnit(context: Context, known: Map<string, Span>, unit: Name): void {
  const first = known.get(unit.name);
  if (first) context.report(declaredTwice(unit.name, unit.span, first));
  else known.set(unit.name, unit.span);
}

function declaredTwice(name: string, span: Span, first: Span | undefined): NameError {
  const where = first ? ` The first is at ${lineAndColumn(first)}.` : "";
  return new NameError(`"${name}" is declared twice.`, { span, notes: [`Names never change.${where}`] });
}

/** `def f(x, y) = e` */
export function declareFunction(context: Context, definition: FunctionDefinition): void {
  const names = new Set<string>();
  const twice = definition.parameters
    .map((parameter) => parameter.name)
    .find(({ name }) => names.size === names.add(name).size);
  if (twice) context.report(new NameError(`"${twice.name}" is declared twice.`, { span: twice.span }));
  declareName(context, context.global, definition.name, "function", poison, definition);
}

/** `let a = e` within a block. */
export function defineLocal(context: Context, scope: Scope, definition: Definition): void {
  const value = definedValue(context, scope, definition);
  declareName(context, scope, definition.name, "let", value);
}

/** The value of a definition, checked against its declared type. */
export function definedValue(context: Context, scope: Scope, definition: Definition): Value {
  const { name, type, value: expression } = definition;
  const given = evaluate(context, expression, scope);
  if (isPoison(given)) return given;
  const isTerm = definition.unit !== undefined || context.varied.has(name.name);
  const value = isTerm ? plain(given) : given;
  if (!(value instanceof Term) && value.kind === "record" && !type) return value;
  return context.at(
    expression.span,
    () => {
      const term = requireTerm(context, value, expression);
      const fitting = type ? fitted(context, term, type, scope, name.name) : term;
      const bound = context.bound(name.name, context.units.measured(definition, fitting));
      bound.expr.graph.names.set(bound.expr.id, name.name);
      return bound;
    },
    () => declarationsOf(expression, scope),
  );
}

export const elementOf = (type: Type | undefined): DType => type?.element ?? "real";

/** The sizes of a declared shape; a type without a shape is a scalar's. */
export function shapeOf(context: Context, type: Type | undefined, scope: Scope): Shape {
  return (type?.shape ?? []).map((size) => sizeAt(context, size, scope));
}

/** A size as written in a shape. Throws Poisoned after reporting. */
function sizeAt(context: Context, expression: Expression, scope: Scope): Integer {
  const size = context.at(expression.span, () => sizeOf(evaluateTerm(context, expression, scope), "a shape"));
  if ("kind" in size) throw new Poisoned();
  if (size.value !== undefined && size.value < 0) {
    throw new ShapeError(`a size is 0 or more, got ${size.value}.`, { span: expression.span });
  }
  return size;
}

/** The term under a declared type: numbers fill a shape, ints become reals where reals are declared. */
export function fitted(context: Context, term: Term, type: Type, scope: Scope, name: string): Term {
  return filling(term, shapeOf(context, type, scope), elementOf(type), `"${name}"`);
}

/** Whether values of a shape could be repeated to fill another: only a number is without being told to. */
function spreads(from: Shape, to: Shape): boolean {
  const shift = to.length - from.length;
  return shift >= 0 && from.every((size, axis) => size.value === 1 || size.equals(to[axis + shift]!));
}

/** A value in the place of something with a shape and a type: a scalar fills it. Throws ShapeError, TypeMismatchError. */
export function filling(term: Term, shape: Shape, dtype: DType, what: string): Term {
  refuseRows(term.builder, term.iterators);
  const isReal = dtype === "real" && term.dtype === "int";
  if (term.dtype !== dtype && !isReal) {
    throw new TypeMismatchError(`${what} is declared ${dtype}, got ${article(term.dtype)}.`);
  }
  const fits = term.rank === shape.length && term.shape.every((size, axis) => size.equals(shape[axis]!));
  if (!fits && term.rank > 0) {
    throw new ShapeError(`shape mismatch: ${what} is declared ${showShape(shape)}, got ${showShape(term.shape)}.`, {
      shapes: [showShape(shape), showShape(term.shape)],
      notes: spreads(term.shape, shape) ? [`Write "broadcastTo(..., ${showShape(shape)})" to repeat it.`] : [],
    });
  }
  if (fits && !isReal) return term;
  const expr = aligned(term, term.iterators, shape);
  return termOf(term.builder, isReal ? toReal(expr) : expr, term.iterators);
}
