import { type Binding, bind } from "../../build/binders/binders.ts";
import { type GathererName, gatherers } from "../../build/binders/gather.ts";
import { refuseRows, rowOf } from "../../build/binders/rows.ts";
import { Call as Request } from "../../build/functions/calls.ts";
import type { Range } from "../../build/model.ts";
import { Term } from "../../build/terms/term.ts";
import { NameError, nearestName, TypeMismatchError, UsageError } from "../../ir/errors.ts";
import { Integer } from "../../ir/integer.ts";
import type { Span } from "../../ir/source.ts";
import { reachableIds } from "../../ir/walks/traverse.ts";
import type { Construct } from "../dialect.ts";
import type { Binder, Call, Comprehension, Expression, Iterator, Name } from "../syntax/syntax.ts";
import { namesWithin } from "../syntax/walk.ts";
import { written } from "../syntax/written.ts";
import { declarationsOf, lineAndColumn, suggestion } from "./blame.ts";
import type { Context } from "./context.ts";
import { evaluateOwn, noText } from "./expand.ts";
import { endOf, evaluate, evaluateTerm, requireTerm } from "./expression.ts";
import { nothing } from "./subscripts.ts";
import { type Entry, isPoison, Poisoned, poison, Scope, type Value } from "./values.ts";

/** f(a, b, axis = 1): a definition of the model, or a built-in function. */
export function evaluateCall(context: Context, node: Call, scope: Scope): Value {
  const { name } = node.callee;
  const { vocabulary } = context.dialect;
  const entry = scope.find(name);
  const construct = constructOf(context, name);
  if (construct && entry?.role !== "function") return context.report(bodiless(node, construct));
  if (entry?.role === "function") return evaluateOwn(context, node, entry.definition!, scope);
  const rows = entry ? undefined : raggedIn(context, node, scope);
  if (rows) return gatherRows(context, node, rows, scope);
  const operands = node.arguments.filter((argument) => argument.kind !== "named" && argument.kind !== "text");
  const values = operands.map((operand) => evaluate(context, operand, scope));
  const options = namedArguments(context, node, scope);
  if (!vocabulary.isCallable(name)) {
    return context.at(node.span, () => {
      throw entry ? notAFunction(node, entry) : unknownFunction(context, node.callee, scope);
    });
  }
  if (!options || values.some(isPoison)) return poison;
  const text = node.arguments.find((argument) => argument.kind === "text");
  const equation = entry ? undefined : vocabulary.functions.get(vocabulary.canonicalName(name))?.text;
  if (text && equation !== undefined) options.words.set(equation, text.text);
  else if (text) return context.report(noText(name, text.span));
  const { terms: named, words } = options;
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
      if (!vocabulary.isDerivative(name))
        return context.dialect.call(new Request(context.builder, name, terms, named, words));
      return derivative(context, node, operands, terms, scope);
    },
    () => declarationsOf(node, scope),
  );
}

/** The array in sum([i in 0..n, j in 0..i: e]), of which a range behind the first follows from more than sizes. */
function raggedIn(
  { dialect: { vocabulary } }: Context,
  { callee, arguments: given }: Call,
  scope: Scope,
): Comprehension | undefined {
  const [only, another] = given;
  if (another || only?.kind !== "comprehension" || !isReduction(vocabulary.canonicalName(callee.name)))
    return undefined;
  const earlier = only.iterators.map(({ name }) => name.name);
  const isSize = (name: string) => ["size", "const", undefined].includes(scope.find(name)?.role);
  const varies = only.iterators.slice(1).some(({ domain }) => {
    return domain && namesWithin(domain).some((name) => earlier.includes(name) || !isSize(name));
  });
  return varies ? only : undefined;
}

/** What gathers parts of an array, each gathered, as it gathers the whole. */
const isReduction = (name: string): name is GathererName =>
  Object.hasOwn(gatherers, name) && !["array", "argmax", "argmin"].includes(name);

/** No array has such rows: the function runs over the iterators themselves, and over the axes of what they give. */
function gatherRows(context: Context, { callee, span }: Call, rows: Comprehension, scope: Scope): Value {
  const name = context.dialect.vocabulary.canonicalName(callee.name) as GathererName;
  return gather(context, name, rows.iterators, rows.body, span, scope, (body) => {
    refuseRows(context.builder, body.iterators);
    return body.rank === 0 ? body : context.dialect.call(new Request(context.builder, name, [body]));
  });
}

/** The construct that a binder is: one that has the name of a function is meant only where it carries something. */
function constructOf({ dialect }: Context, name: string, node?: Binder): Construct | undefined {
  const found = dialect.constructs.get(name);
  return found?.isFunctionToo && !node?.bindings.some(({ kind }) => kind === "named") ? undefined : found;
}

function bodiless({ callee: { name }, span }: Call, { form }: Construct): UsageError {
  return new UsageError(`${name} needs a body behind ":".`, { span, notes: [`Write "${form}".`] });
}

/** What a call names: values, and words where an option of the function takes words. */
interface Options {
  readonly terms: ReadonlyMap<string, Term>;
  readonly words: Map<string, string>;
}

function namedArguments(context: Context, node: Call, scope: Scope): Options | undefined {
  const terms = new Map<string, Term>();
  const words = new Map<string, string>();
  const { vocabulary } = context.dialect;
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
    const known = vocabulary.wordsOf(node.callee.name, option);
    const isText = value.kind === "text";
    const word = isText ? value.text : known.length > 0 && value.kind === "name" ? value.name : undefined;
    // a word of the option is meant, whatever else has its name
    if (word !== undefined && known.includes(word)) {
      words.set(option, word);
      continue;
    }
    if (word !== undefined && known.length > 0 && (isText || !scope.find(word))) {
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

function unknownFunction({ dialect: { vocabulary } }: Context, { name, span }: Name, scope: Scope): NameError {
  const definitions = [...scope.all()].filter(({ role }) => role === "function");
  const wayOut = vocabulary.adviceOn(name);
  const { elsewhere } = vocabulary;
  const found = suggestion(name, definitions, vocabulary.names());
  const notes = wayOut ? [wayOut] : elsewhere ? [...found, elsewhere] : found;
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
  const { vocabulary } = context.dialect;
  const [f, w, ...rest] = terms;
  const target = operands[1];
  if (f && w && target) {
    const isTensor = target.kind === "hole" && w.constant === undefined;
    const entry = target.kind === "name" ? scope.find(target.name) : undefined;
    if (!entry && !isTensor) {
      throw new UsageError(`${name} varies a name, got "${written(target.span)}".`, {
        span: target.span,
        notes: [`Write "let z = ${written(target.span)}", use z in the function, and take ${name}(..., z).`],
      });
    }
    if (w.dtype !== "real") {
      throw new TypeMismatchError(
        `${name} varies reals, and "${written(target.span)}" is ${entry?.role === "size" ? "a size" : `an ${w.dtype}`}.`,
        {
          span: target.span,
        },
      );
    }
    const take = (of: Term) => {
      if (!reachableIds(w.expr.graph, [of.expr.id]).includes(w.expr.id)) {
        context.warn(`the function does not use "${written(target.span)}": ${name} gives 0.`, target.span, [
          "A derivative in a name is about the uses of that name, not about values that are equal.",
        ]);
      }
      return vocabulary.call(new Request(context.builder, name, [of, w, ...rest]));
    };
    const { names } = context.builder;
    return names ? names.derivative(f, w, take) : context.standIns.derivative(f, w.expr, take);
  }
  return vocabulary.call(new Request(context.builder, name, terms));
}

/** sum(i in 0..n: e): a call that binds names in a body. */
export function evaluateBinder(context: Context, node: Binder, scope: Scope): Value {
  const { name: given } = node.callee;
  const { vocabulary } = context.dialect;
  const name = scope.find(given)?.role === "function" ? given : vocabulary.canonicalName(given);
  const carries = node.bindings.filter((binding) => binding.kind === "named");
  const construct = scope.find(given)?.role === "function" ? undefined : constructOf(context, name, node);
  if (construct) return construct.evaluate(context, node, scope);
  const [carry] = carries;
  if (carry && vocabulary.isCallable(name)) {
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
    if (!vocabulary.isCallable(name)) throw unknownFunction(context, node.callee, scope);
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
  each: (value: Term) => Term = (value) => value,
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
        each(evaluateTerm(context, body, scopeWith(values))),
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

/** range(n), or range(low, high), behind "in". */
function rangeOf(context: Context, domain: Expression, scope: Scope): Range | undefined {
  if (domain.kind !== "call" || scope.find(domain.callee.name)) return undefined;
  const { length } = domain.arguments;
  if (context.dialect.vocabulary.canonicalName(domain.callee.name) !== "arange" || length < 1 || length > 2)
    return undefined;
  const ends = domain.arguments.map((end) => {
    if (end.kind === "named" || end.kind === "text") return undefined;
    const made = context.at(end.span, () => endOf(evaluateTerm(context, end, scope)));
    return "kind" in made ? undefined : made;
  });
  const [first, second] = ends;
  if (ends.includes(undefined)) throw new Poisoned();
  return second ? { low: first!, high: second } : { low: Integer.zero, high: first! };
}

/** What stands behind "in": a range, or a tensor whose rows are meant. Throws Poisoned after reporting. */
export function domainOf(context: Context, domain: Expression, scope: Scope): Range | Term {
  const range = rangeOf(context, domain, scope);
  if (range) return range;
  const value = evaluate(context, domain, scope);
  const made = context.at(domain.span, (): Range | Term => {
    if (!(value instanceof Term) && value.kind === "range") return { low: endOf(value.low), high: endOf(value.high) };
    const term = requireTerm(context, value, domain);
    if (term.rank > 0 || rowOf(term)) return term;
    const notes = [`Write "0..${written(domain.span)}".`];
    throw new TypeMismatchError(`a range is needed, got "${written(domain.span)}".`, { notes });
  });
  if ("kind" in made) throw new Poisoned();
  return made;
}
