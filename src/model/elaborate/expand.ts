import { integerTerm, Term } from "../../build/terms/term.ts";
import { meant } from "../../ir/arguments/arguments.ts";
import { counted } from "../../ir/counted.ts";
import { LimitError, ShapeError, UnsupportedError, UsageError } from "../../ir/errors.ts";
import { showShape } from "../../ir/graph.ts";
import type { Span } from "../../ir/source.ts";
import type { Call, FunctionDefinition, Parameter } from "../syntax/syntax.ts";
import { written } from "../syntax/written.ts";
import { lineAndColumn } from "./blame.ts";
import type { Context } from "./context.ts";
import { fitted } from "./definitions.ts";
import { evaluate } from "./expression.ts";
import { isPoison, plain, poison, Scope, type Value } from "./values.ts";

/** How many calls of definitions one model may expand: each becomes part of the graph. */
const mostExpansions = 100_000;
const deepestExpansion = 500;

/** f(a, y = b) for a definition of the model: what has no name comes in the order of the parameters. */
export function evaluateOwn(context: Context, node: Call, definition: FunctionDefinition, scope: Scope): Value {
  const { name, parameters } = definition;
  const names = parameters.map((parameter) => parameter.name.name);
  const { length } = names;
  const values: (Value | undefined)[] = names.map(() => undefined);
  const refuse = (summary: string, span: Span, ...notes: string[]) =>
    context.report(new UsageError(summary, { span, notes }));
  let unnamed = 0;
  let isSound = true;
  for (const argument of node.arguments) {
    const { span } = argument;
    if (argument.kind === "text") return context.report(noText(name.name, span));
    const isNamed = argument.kind === "named";
    const value = evaluate(context, isNamed ? argument.value : argument, scope);
    const parameter = isNamed ? argument.name.name : (names[unnamed] ?? "");
    const k = isNamed ? names.indexOf(parameter) : unnamed++;
    if (k < 0) return refuse(`${name.name} has no operand "${parameter}". ${meant(parameter, names)}`, span);
    if (values[k] !== undefined) return refuse(`"${parameter}" is given twice.`, span);
    isSound &&= !isPoison(value);
    values[k] = value;
  }
  if (!isSound) return poison;
  if (unnamed > length || values.includes(undefined)) {
    const summary = `${name.name} takes ${counted(length, "operand")}, got ${node.arguments.length}.`;
    const note = `${name.name}(${names.join(", ")}) is defined at ${lineAndColumn(name.span)}.`;
    return refuse(summary, node.span, note);
  }
  return expand(context, node, definition, values as readonly Value[]);
}

/** The body of a definition with the operands in place of its parameters. */
function expand(
  context: Context,
  node: Call,
  { name, parameters, body }: FunctionDefinition,
  values: readonly Value[],
): Value {
  if (context.expanding.some(({ callee }) => callee.name === name.name)) {
    const chain = [...context.expanding.map(({ callee }) => callee.name), name.name];
    const cycle = chain.slice(chain.indexOf(name.name)).join(" calls ");
    return context.report(
      new UnsupportedError(`a definition cannot call itself: ${cycle}.`, {
        span: node.span,
        notes: ["What repeats is written with an iterator, or with scan."],
      }),
    );
  }
  if (++context.expansions > mostExpansions || context.expanding.length >= deepestExpansion) {
    throw new LimitError(
      `the model expands more than ${mostExpansions} calls of definitions, or more than ${deepestExpansion} within each other.`,
      {
        span: node.span,
      },
    );
  }
  const scope = new Scope(context.global);
  for (const [k, parameter] of parameters.entries()) {
    const bound = context.at(node.span, () => argument(context, parameter, values[k]!, scope));
    if (isPoison(bound)) return poison;
    scope.declare({ name: parameter.name.name, role: "argument", value: bound, span: parameter.name.span });
  }
  context.expanding.push(node);
  try {
    const { graph } = context.builder;
    const before = graph.length;
    const value = plain(evaluate(context, body, scope));
    const { calls } = context.dialect;
    const isShort = graph.length - before < fewestNodes;
    if (!calls || isPoison(value) || isShort || context.builder.isSearching) return value;
    const given = parameters.map(({ name }) => scope.own(name.name)!.value);
    return graph.withOrigin(node.span, () => calls(name.name, given, value));
  } finally {
    context.expanding.pop();
  }
}

/** A definition that takes fewer nodes is no call, wherever it is used. */
const fewestNodes = 40;

/** A value in the place of a parameter. Sizes that only the parameter's type names are those of the value. */
function argument(context: Context, { name, type }: Parameter, given: Value, scope: Scope): Value {
  const value = plain(given);
  if (!(value instanceof Term)) return value;
  if (!type) return context.bound(name.name, value);
  const sizes = type.shape ?? [];
  for (const [axis, size] of sizes.entries()) {
    if (size.kind !== "name" || scope.find(size.name)) continue;
    if (value.rank !== sizes.length) {
      const shapes = [`[${sizes.map(({ span }) => written(span)).join(", ")}]`, showShape(value.shape)] as const;
      throw new ShapeError(`shape mismatch: "${name.name}" is declared ${shapes[0]}, got ${shapes[1]}.`, { shapes });
    }
    const actual = integerTerm(context.builder, value.shape[axis]!);
    scope.declare({ name: size.name, role: "size", value: actual, span: size.span });
  }
  return context.bound(name.name, fitted(context, value, type, scope, name.name));
}

/** The error for a text in quotes among the operands of a function. */
export function noText(name: string, span: Span): UsageError {
  const summary = `${name} takes no text, got ${written(span)}.`;
  return new UsageError(summary, { span, notes: ["Write names without quotes."] });
}
