import { type Binding, bind } from "../build/binders.ts";
import { Call as Request } from "../build/calls.ts";
import { vocabulary } from "../build/everything.ts";
import { type GathererName, gatherers } from "../build/gather.ts";
import type { Range } from "../build/model.ts";
import { integerTerm, Term, termOf } from "../build/term.ts";
import { loops } from "../extensions/loops.ts";
import { defined } from "../ir/definition.ts";
import { LimitError, NameError, nearestName, TypeMismatchError, UnsupportedError, UsageError } from "../ir/errors.ts";
import type { NodeKind } from "../ir/graph.ts";
import type { Span } from "../ir/source.ts";
import { declarationsOf, lineAndColumn, suggestion } from "./blame.ts";
import type { Context } from "./context.ts";
import { callAsWritten } from "./customs.ts";
import { fitted } from "./definitions.ts";
import { endOf, evaluate, evaluateTerm, requireTerm } from "./expression.ts";
import { loopOf } from "./loops.ts";
import type { Binder, Call, Expression, FunctionDefinition, Iterator, Name, Parameter } from "./syntax.ts";
import { type Entry, isPoison, Poisoned, poison, Scope, type Value } from "./values.ts";
import { written } from "./written.ts";

/** How many calls of definitions one model may expand: each becomes part of the graph. */
const mostExpansions = 100_000;
const deepestExpansion = 500;

/** f(a, b, axis = 1): a definition of the model, or a built-in function. */
export function evaluateCall(context: Context, node: Call, scope: Scope): Value {
  const { name } = node.callee;
  const entry = scope.find(name);
  if (loopOf(name, undefined) && entry?.role !== "function") return context.report(bodiless(node));
  const operands = node.arguments.flatMap((argument) => (argument.kind === "named" ? [] : [argument]));
  const values = operands.map((operand) => evaluate(context, operand, scope));
  const options = namedArguments(context, node, scope);
  if (entry?.role !== "function" && !vocabulary.isCallable(name)) {
    return context.at(node.span, () => {
      throw entry ? notAFunction(node, entry) : unknownFunction(node.callee, scope);
    });
  }
  if (!options || values.some(isPoison)) return poison;
  const { terms: named, words } = options;
  if (entry?.role === "function") return expand(context, node, entry.definition!, values);
  if (vocabulary.givesRecord(name)) {
    return context.at(
      node.span,
      (): Value => {
        const terms = values.map((value, k) => requireTerm(context, value, operands[k]!));
        return {
          kind: "record",
          fields: vocabulary.callForRecord(new Request(context.builder, name, terms, named, words)),
        };
      },
      () => declarationsOf(node, scope),
    );
  }
  return context.at(
    node.span,
    () => {
      const terms = values.map((value, k) => requireTerm(context, value, operands[k]!));
      if (!vocabulary.isDerivative(name)) return callAsWritten(new Request(context.builder, name, terms, named, words));
      return derivative(context, node, operands, terms, scope);
    },
    () => declarationsOf(node, scope),
  );
}

function bodiless({ callee: { name }, span }: Call): UsageError {
  return new UsageError(`${name} needs a body behind ":".`, { span, notes: [`Write "${bodies[name]}".`] });
}

const bodies: Readonly<Record<string, string>> = {
  scan: "scan(x in xs, h = 0: h + x)",
  reverseScan: "reverseScan(x in xs, h = 0: h + x)",
  map: "map(x in xs: f(x))",
  while: "while(y = 1, test = abs(y^2 - x) > 1e-9, limit = 50: (y + x / y) / 2)",
  root: "root(s = 1: s^2 - 2)",
  fixedPoint: "fixedPoint(s = 1: cos(s))",
};

/** What a call names: values, and words where an option of the function takes words. */
interface Options {
  readonly terms: ReadonlyMap<string, Term>;
  readonly words: ReadonlyMap<string, string>;
}

function namedArguments(context: Context, node: Call, scope: Scope): Options | undefined {
  const terms = new Map<string, Term>();
  const words = new Map<string, string>();
  const isOwn = scope.find(node.callee.name)?.role === "function";
  let isSound = true;
  for (const argument of node.arguments) {
    if (argument.kind !== "named") continue;
    const { name, value, span } = argument;
    const option = name.name;
    // axis = None
    if (value.kind === "name" && nothing.has(value.name) && !scope.find(value.name)) continue;
    if (terms.has(option) || words.has(option)) {
      context.report(new UsageError(`"${option}" is given twice.`, { span }));
    }
    const known = isOwn ? [] : vocabulary.wordsOf(node.callee.name, option);
    const word = known.length > 0 && value.kind === "name" ? value.name : undefined;
    // a word of the option is meant, whatever else has its name
    if (word !== undefined && known.includes(word)) {
      words.set(option, word);
      continue;
    }
    if (word !== undefined && !scope.find(word)) {
      context.report(unknownWord(node.callee.name, option, word, known, value.span));
      isSound = false;
      continue;
    }
    const term = context.at(span, () => evaluateTerm(context, value, scope));
    if (term instanceof Term) terms.set(option, term);
    else isSound = false;
  }
  return isSound ? { terms, words } : undefined;
}

/** What stands elsewhere for an option that is left out. */
const nothing: ReadonlySet<string> = new Set(["None", "null"]);

function unknownWord(callee: string, option: string, word: string, known: readonly string[], span: Span): NameError {
  const nearest = nearestName(word, known);
  return new NameError(`"${option}" of ${callee} takes no "${word}": the words it takes are ${known.join(", ")}.`, {
    span,
    notes: nearest ? [`Did you mean "${nearest}"?`] : [],
  });
}

function notAFunction({ callee, arguments: given, span }: Call, { role, span: where }: Entry): TypeMismatchError {
  const inner = given.map((argument) => written(argument.span)).join(", ");
  const declared = where ? `, declared at ${lineAndColumn(where)}` : "";
  return new TypeMismatchError(`"${callee.name}" is no function (${role}${declared}).`, {
    span,
    notes: [
      `Elements are read with brackets: "${callee.name}[${inner}]"; a product is written "${callee.name} * (${inner})".`,
    ],
  });
}

function unknownFunction({ name, span }: Name, scope: Scope): NameError {
  const definitions = [...scope.all()].filter(({ role }) => role === "function");
  const wayOut = vocabulary.adviceOn(name);
  const notes = wayOut ? [wayOut] : suggestion(name, definitions, vocabulary.names());
  return new NameError(`unknown function "${name}".`, { span, notes });
}

/** grad(f, w) and its kin: w is a name, which is varied as a variable of its own. */
function derivative(
  context: Context,
  node: Call,
  operands: readonly Expression[],
  terms: readonly Term[],
  scope: Scope,
): Term {
  const { name } = node.callee;
  const [f, w, ...rest] = terms;
  const target = operands[1];
  if (f && w && target) {
    const entry = target.kind === "name" ? scope.find(target.name) : undefined;
    if (!entry) {
      throw new UsageError(`${name} varies a name, got "${written(target.span)}".`, {
        span: target.span,
        notes: [`Write "let z = ${written(target.span)}", use z in the function, and take ${name}(..., z).`],
      });
    }
    if (w.dtype !== "real") {
      throw new TypeMismatchError(
        `${name} varies reals, and "${entry.name}" is ${entry.role === "size" ? "a size" : `an ${w.dtype}`}.`,
        {
          span: target.span,
        },
      );
    }
    const request = new Request(context.builder, name, [context.standIns.expandTerm(f, w.expr), w, ...rest]);
    return vocabulary.call(request);
  }
  return vocabulary.call(new Request(context.builder, name, terms));
}

/** The body of a definition with the operands in place of its parameters. */
function expand(context: Context, node: Call, definition: FunctionDefinition, values: readonly Value[]): Value {
  const { name, parameters, body } = definition;
  const at = lineAndColumn(name.span);
  if (node.arguments.some((argument) => argument.kind === "named") || values.length !== parameters.length) {
    const list = parameters.map((parameter) => parameter.name.name).join(", ");
    const summary = `${name.name} takes ${parameters.length} operand${parameters.length === 1 ? "" : "s"}, got ${node.arguments.length}.`;
    return context.report(
      new UsageError(summary, { span: node.span, notes: [`${name.name}(${list}) is defined at ${at}.`] }),
    );
  }
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
    const value = evaluate(context, body, scope);
    if (isPoison(value) || graph.length - before < fewestNodes || context.builder.isSearching) return value;
    const given = parameters.map(({ name }) => scope.own(name.name)!.value);
    return graph.withOrigin(node.span, () => asCall(name.name, given, value));
  } finally {
    context.expanding.pop();
  }
}

/** A definition that takes fewer nodes is no call, wherever it is used. */
const fewestNodes = 40;

/** The value as the result of a call of the definition: how often that is worth a function is seen when all is known. */
function asCall(name: string, given: readonly Value[], value: Value): Value {
  const inputs = given.flatMap((each) => (each instanceof Term && each.dtype === "real" ? [each.expr] : []));
  const isComputed = (each: Value): each is Term =>
    each instanceof Term && each.dtype === "real" && !each.elements && !isClosed(each.expr.kind);
  if (!(value instanceof Term) && value.kind !== "record") return value;
  const fields = value instanceof Term ? new Map([["", value]]) : value.fields;
  const computed = [...fields].flatMap(([field, each]) => (isComputed(each) ? [[field, each] as const] : []));
  if (computed.length === 0) return value;
  const varied = [...new Set(inputs.filter(({ kind }) => !isClosed(kind)))];
  const roots = computed.map(([, { expr }]) => expr);
  const results = defined(name, varied, roots, loops);
  const terms = computed.map(([field, { builder, iterators }], k) => {
    return [field, termOf(builder, results[k]!, iterators)] as const;
  });
  return value instanceof Term ? terms[0]![1] : { kind: "record", fields: new Map([...fields, ...terms]) };
}

/** Values that the body of a definition holds itself. */
const isClosed = (kind: NodeKind) => kind === "constant" || kind === "size" || kind === "iota" || kind === "tensor";

/** A value in the place of a parameter. Sizes that only the parameter's type names are those of the value. */
function argument(context: Context, { name, type }: Parameter, value: Value, scope: Scope): Value {
  if (!(value instanceof Term)) return value;
  if (!type) return context.bound(name.name, value);
  for (const [axis, size] of (type.shape ?? []).entries()) {
    const actual = value.shape[axis];
    if (size.kind !== "name" || scope.find(size.name) || !actual || value.rank !== type.shape!.length) continue;
    scope.declare({ name: size.name, role: "size", value: integerTerm(context.builder, actual), span: size.span });
  }
  return context.bound(name.name, fitted(context, value, type, scope, name.name));
}

/** sum(i in 0..n: e): a call that binds names in a body. */
export function evaluateBinder(context: Context, node: Binder, scope: Scope): Value {
  const { name: given } = node.callee;
  const name = scope.find(given)?.role === "function" ? given : vocabulary.canonicalName(given);
  const carries = node.bindings.filter((binding) => binding.kind === "named");
  const loop = scope.find(given)?.role === "function" ? undefined : loopOf(name, node);
  if (loop) return loop(context, node, scope);
  const [carry] = carries;
  if (carry) {
    const summary = `${name} carries nothing on, got "${written(carry.span)}".`;
    return context.report(
      new UsageError(summary, {
        span: carry.span,
        notes: [`Write "${carry.name.name} in low..high" to run over a range.`],
      }),
    );
  }
  const iterators = node.bindings as readonly Iterator[];
  if (name !== "array" && Object.hasOwn(gatherers, name)) {
    return gather(context, name as GathererName, iterators, node.body, node.span, scope);
  }
  return context.at(node.callee.span, () => {
    if (!vocabulary.isCallable(name)) throw unknownFunction(node.callee, scope);
    const list = iterators.map((iterator) => written(iterator.span)).join(", ");
    throw new UsageError(`${name} has no iterators of its own.`, { notes: [`Write "${name}([${list}: ...])".`] });
  });
}

/** Runs a body over iterators and gathers its values. */
export function gather(
  context: Context,
  name: GathererName,
  iterators: readonly Iterator[],
  body: Expression,
  span: Span,
  outer: Scope,
): Value {
  const scopeWith = (values: readonly Term[]) => {
    const scope = new Scope(outer);
    for (const [k, value] of values.entries()) {
      const iterator = iterators[k]!.name;
      scope.declare({
        name: iterator.name,
        role: "iterator",
        value: context.bound(iterator.name, value),
        span: iterator.span,
      });
    }
    return scope;
  };
  const bindings = iterators.map(({ name: { name }, domain }): Binding => {
    return { name, over: domain && ((earlier) => domainOf(context, domain, scopeWith(earlier))) };
  });
  return context.at(
    span,
    () => {
      repeated(iterators);
      return bind(context.builder, gatherers[name], bindings, (values) =>
        evaluateTerm(context, body, scopeWith(values)),
      );
    },
    () => declarationsOf(body, outer),
  );
}

function repeated(iterators: readonly Iterator[]): void {
  const seen = new Set<string>();
  for (const { name } of iterators) {
    if (seen.has(name.name)) throw new NameError(`the iterator "${name.name}" is declared twice.`, { span: name.span });
    seen.add(name.name);
  }
}

/** What stands behind "in": a range, or a tensor whose rows are meant. Throws Poisoned after reporting. */
export function domainOf(context: Context, domain: Expression, scope: Scope): Range | Term {
  const value = evaluate(context, domain, scope);
  const made = context.at(domain.span, (): Range | Term => {
    if (!(value instanceof Term) && value.kind === "range") return { low: endOf(value.low), high: endOf(value.high) };
    const term = requireTerm(context, value, domain);
    if (term.rank > 0) return term;
    const notes = [`Write "0..${written(domain.span)}".`];
    throw new TypeMismatchError(`a range is needed, got "${written(domain.span)}".`, { notes });
  });
  if ("kind" in made) throw new Poisoned();
  return made;
}
