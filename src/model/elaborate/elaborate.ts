import { lossOf, namesIn, outputOf, unread } from "../../build/leaves.ts";
import type { DeclaredData, DeclaredParameter, ElaboratedModel, Requirement } from "../../build/model.ts";
import { Builder } from "../../build/terms/builder.ts";
import { Term } from "../../build/terms/term.ts";
import { nearestName, throwErrors, UsageError } from "../../ir/errors.ts";
import type { Expr } from "../../ir/graph.ts";
import type { Integer } from "../../ir/integer.ts";
import type { Span } from "../../ir/source.ts";
import type { Dialect } from "../dialect.ts";
import { leftOver, tooDeep } from "../syntax/read.ts";
import type { Definition, Definitions, Expression, Model, Statement } from "../syntax/syntax.ts";
import { expressionsOf, outputsItself, partsWithin } from "../syntax/walk.ts";
import { foldConstant } from "./constants.ts";
import { Context, EnoughErrors } from "./context.ts";
import { declareLeaves } from "./declarations.ts";
import { declareFunction, declareName, declareUnit, definedValue } from "./definitions.ts";
import { declareSizes, declareSizesOf, suspiciousSizes } from "./sizes.ts";
import { isPoison, plain } from "./values.ts";

/** What the statements of a model have declared so far. */
export interface Draft {
  readonly context: Context;
  readonly parameters: DeclaredParameter[];
  readonly data: DeclaredData[];
  readonly outputs: Map<string, { readonly expr: Expr; readonly span: Span }>;
  loss: { readonly expr: Expr; readonly span: Span } | undefined;
  /** Where units are defined. */
  readonly units: Map<string, Span>;
  /** Sizes that stand without a value in a `size` statement, hints, and values. */
  readonly sizes: {
    readonly free: string[];
    readonly hints: Map<string, number>;
    readonly given: Map<string, Integer>;
  };
}

/**
 * Settles the meaning of a model's tree, in a dialect. Throws NablaErrors with their places, several at once where they
 * are independent.
 */
export function elaborate(model: Model, dialect: Dialect): ElaboratedModel {
  const { statements } = model;
  const varied = variedNames(expressionsOf(model), dialect);
  const builder = new Builder({ extensions: dialect.extensions });
  const context = new Context(builder, dialect, varied, { statements });
  context.declared = declaredNames(model);
  const statesUnits = statements.some(
    (statement) =>
      (statement.kind === "declarations" && statement.declarations.some(({ unit }) => unit)) ||
      (statement.kind === "definitions" && statement.definitions.some(({ unit }) => unit)),
  );
  if (statesUnits) builder.measured = context.units.derivatives;
  const draft: Draft = {
    context,
    parameters: [],
    data: [],
    outputs: new Map(),
    loss: undefined,
    units: new Map(),
    sizes: { free: [], hints: new Map(), given: new Map() },
  };
  let read = 0;
  try {
    for (const statement of model.statements) if (statement.kind === "declarations") declareSizesOf(draft, statement);
    for (const statement of model.statements) {
      read++;
      state(draft, statement);
    }
  } catch (error) {
    if (error instanceof RangeError) context.errors.push(tooDeep());
    else if (!(error instanceof EnoughErrors)) throw error;
  }
  requireResult(draft, model);
  throwErrors(
    [...context.errors].sort((a, b) => (a.span?.start ?? 0) - (b.span?.start ?? 0)),
    leftOver(model.statements.length - read),
  );
  return complete(draft, model);
}

function state(draft: Draft, statement: Statement): void {
  switch (statement.kind) {
    case "sizes":
      declareSizes(draft, statement);
      break;
    case "declarations":
      declareLeaves(draft, statement);
      break;
    case "definitions":
      for (const definition of statement.definitions) define(draft, keywordOf(statement, definition), definition);
      break;
    case "function":
      declareFunction(draft.context, statement);
      break;
    case "units":
      // what they are is read beforehand: a unit may be defined below its use
      for (const { name } of statement.units) declareUnit(draft.context, draft.units, name);
      break;
  }
}

/** A loss is one, whatever word stands before it. */
const keywordOf = ({ keyword }: Definitions, { name }: Definition): Definitions["keyword"] =>
  name.name === "loss" && keyword !== "const" ? "loss" : keyword;

function define(draft: Draft, keyword: Definitions["keyword"], definition: Definition): void {
  const { context } = draft;
  const { name, value: expression } = definition;
  const isFolded = keyword === "const" && !context.varied.has(name.name);
  const made = definedValue(context, context.global, isFolded ? { ...definition, unit: undefined } : definition);
  // a loop of one carry has that as a field, and is its value
  const value = keyword === "let" ? made : plain(made);
  const settled =
    keyword === "const"
      ? context.at(expression.span, () => {
          const folded = foldConstant(context, value);
          return isFolded && folded instanceof Term ? context.units.measured(definition, folded) : folded;
        })
      : value;
  if (keyword !== "output" || !outputsItself(definition)) declareName(context, context.global, name, keyword, settled);
  if (keyword !== "loss" && keyword !== "output") return;
  context.at(expression.span, () => {
    if (isPoison(settled)) return;
    if (!(settled instanceof Term)) throw new UsageError(`"${name.name}" must be a value, got a ${settled.kind}.`);
    if (keyword === "loss") draft.loss = { expr: lossOf(settled), span: name.span };
    else draft.outputs.set(name.name, { expr: outputOf(`"${name.name}"`, settled), span: name.span });
  });
}

function requireResult({ context, loss, outputs }: Draft, model: Model): void {
  if (loss || outputs.size > 0 || context.errors.length > 0) return;
  const isCalled = context.global.own("loss")?.role === "function";
  const alike = [...context.declared.keys()].find((name) => nearestName(name, ["loss"]) !== undefined);
  context.report(
    new UsageError("the model computes nothing: it has no loss and no output.", {
      span: model.statements.at(-1)?.span ?? model.span,
      notes: [
        alike && alike !== "loss"
          ? `Did you mean "loss" by "${alike}"?`
          : `${isCalled ? '"loss(...)" is a function: begin' : "Begin"} a line with "loss = ...".`,
      ],
    }),
  );
}

/** The model with every stand-in replaced by its value, and derivatives by what computes them. */
function complete(draft: Draft, model: Model): ElaboratedModel {
  const { context, loss, outputs, parameters, data } = draft;
  const { builder, standIns } = context;
  const expressions = [
    ...(loss ? [loss.expr] : []),
    ...[...outputs.values()].map(({ expr }) => expr),
    ...builder.requirements.flatMap(({ index, guard }) => (guard ? [index, guard] : [index])),
  ];
  const measured = standIns.expand(expressions);
  context.units.check(measured);
  const expanded = context.units.erased(
    standIns.expand(context.units.derivatives?.replaced(expressions) ?? expressions),
  );
  const finalOf = new Map(expressions.map((expr, k) => [expr, expanded[k]!]));
  const measuredOf = new Map(expressions.map((expr, k) => [expr, measured[k]!]));
  const unused = new Set(
    unread(
      parameters.map(({ expr }) => expr),
      expanded,
    ),
  );
  for (const { name, expr, span } of parameters) {
    if (unused.has(expr)) context.warn(`the parameter "${name}" is not used.`, span!);
  }
  suspiciousSizes(draft, model);
  return {
    name: model.name?.name ?? model.source.name.replace(/^.*[\\/]/, "").replace(/\.[^.]*$/, ""),
    graph: builder.graph,
    parameters,
    data,
    sizes: {
      free: [...new Set([...namesIn([...parameters, ...data].map(({ expr }) => expr.shape)), ...draft.sizes.free])],
      hints: draft.sizes.hints,
      given: draft.sizes.given,
    },
    loss: loss && finalOf.get(loss.expr),
    outputs: new Map([...outputs].map(([name, { expr }]) => [name, finalOf.get(expr)!])),
    requirements: builder.requirements.map((requirement): Requirement => {
      const { index, guard } = requirement;
      return { ...requirement, index: finalOf.get(index)!, guard: guard && finalOf.get(guard) };
    }),
    varied: [...builder.varied],
    warnings: context.warnings,
    ...(context.units.isUsed && {
      measured: {
        stated: context.units.stated,
        loss: loss && measuredOf.get(loss.expr),
        outputs: new Map([...outputs].map(([name, { expr }]) => [name, measuredOf.get(expr)!])),
      },
    }),
  };
}

/** The names that some derivative varies. */
export function variedNames(expressions: Iterable<Expression>, { vocabulary }: Dialect): Set<string> {
  const names = new Set<string>();
  for (const expression of expressions) {
    for (const part of partsWithin(expression)) {
      const target = part.kind === "call" && vocabulary.isDerivative(part.callee.name) ? part.arguments[1] : undefined;
      if (target?.kind === "name") names.add(target.name);
    }
  }
  return names;
}

/** Where the statements declare names. */
function declaredNames(model: Model): Map<string, Span> {
  const names = model.statements.flatMap((statement) => {
    switch (statement.kind) {
      case "sizes":
        return statement.sizes.map(({ name }) => name);
      case "declarations":
        return statement.declarations.map(({ name }) => name);
      case "definitions":
        return statement.definitions.filter((each) => !outputsItself(each)).map(({ name }) => name);
      case "function":
        return [statement.name];
      default:
        return [];
    }
  });
  return new Map(names.reverse().map(({ name, span }) => [name, span]));
}
