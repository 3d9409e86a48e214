import { bind } from "../../build/binders/binders.ts";
import { gatherers, requireNonNegative } from "../../build/binders/gather.ts";
import { indexed } from "../../build/binders/indexing.ts";
import { sizeOf } from "../../build/functions/calls.ts";
import type { LoopCarry } from "../../build/loops/carries.ts";
import { type ImplicitName, implicit } from "../../build/loops/implicit.ts";
import { type ScanInput, type ScanStep, scan, stepsOf } from "../../build/loops/scan.ts";
import { whileLoop } from "../../build/loops/while.ts";
import { apply } from "../../build/terms/elementwise.ts";
import { integerTerm, Term } from "../../build/terms/term.ts";
import { NameError, UsageError } from "../../ir/errors.ts";
import { Integer } from "../../ir/integer.ts";
import { add } from "../../ops/elementary/algebra.ts";
import type { Construct } from "../dialect.ts";
import type { Context } from "../elaborate/context.ts";
import { evaluate, evaluateTerm, requireTerm } from "../elaborate/expression.ts";
import { domainOf } from "../elaborate/invoke.ts";
import { isPoison, Poisoned, plain, type RecordValue, Scope, type Value } from "../elaborate/values.ts";
import type { Binder, Block, Expression, Fields, Iterator, NamedArgument } from "../syntax/syntax.ts";
import { namesWithin } from "../syntax/walk.ts";
import { written } from "../syntax/written.ts";

/** scan(x in xs, i in 0..n, h = h0: body), and reverseScan, which runs from the last step to the first. */
function evaluateScan(context: Context, node: Binder, outer: Scope, isReversed: boolean): Value {
  const { builder, standIns } = context;
  const fields = fieldsOf(node.body);
  return context.at(node.span, () => {
    requireNames(node);
    const inputs = iteratorsOf(node).map((iterator) => inputOf(context, iterator, outer));
    const carries = carriesOf(node).map((carry) => firstOf(context, carry, outer));
    if (fields) warnOfOldCarries(context, node, fields);
    let stacked: readonly string[] = [];
    const body = (values: readonly Term[], current: readonly Term[]): ScanStep => {
      const scope = new Scope(outer);
      for (const [k, each] of iteratorsOf(node).entries()) declareIn(context, scope, each, "iterator", values[k]!);
      for (const [k, carry] of carriesOf(node).entries()) declareIn(context, scope, carry, "carry", current[k]!);
      const result = evaluate(context, node.body, scope);
      if (isPoison(result)) throw new Poisoned();
      const step = stepOf(context, node, result);
      stacked = step.names;
      return step;
    };
    const expand = standIns.expandWithin.bind(standIns);
    const { carries: last, stacks } = scan(builder, { inputs, carries, isReversed, body, expand });
    if (!fields && last.length === 1 && stacks.length === 0) {
      return { kind: "record", fields: new Map([[carries[0]!.name, last[0]!]]), alone: last[0]! } satisfies RecordValue;
    }
    const record: RecordValue = {
      kind: "record",
      fields: new Map([
        ...carries.map(({ name }, k) => [name, last[k]!] as const),
        ...stacked.map((name, k) => [name, stacks[k]!] as const),
      ]),
    };
    return record;
  });
}

/** A carry as it begins. */
function firstOf(context: Context, { name: { name }, value }: NamedArgument, outer: Scope): LoopCarry {
  return { name, first: context.begun(name, evaluateTerm(context, value, outer)) };
}

/** map(x in xs, i in 0..n: body): every step for itself, all in step as in a scan; the fields of a record are stacked each. */
function evaluateMap(context: Context, node: Binder, outer: Scope): Value {
  const { builder } = context;
  return context.at(node.span, () => {
    requireNames(node);
    const iterators = iteratorsOf(node);
    const inputs = () => iterators.map((iterator) => inputOf(context, iterator, outer));
    const [first, another] = iterators;
    const together = () => ({ low: Integer.zero, high: stepsOf(builder, inputs()) });
    const over = another ? together : first?.domain && (() => inputs()[0]!.over);
    const gather = (bodyOf: (scope: Scope) => Term) =>
      bind(builder, gatherers.array, first ? [{ name: first.name.name, over }] : [], ([step]) => {
        const scope = new Scope(outer);
        const values = another ? inputs().map((input) => atStep(input, step!)) : [step!];
        for (const [k, value] of values.entries()) declareIn(context, scope, iterators[k]!, "iterator", value);
        return bodyOf(scope);
      });
    const fields = fieldsOf(node.body);
    if (!fields) return gather((scope) => evaluateTerm(context, node.body, scope));
    const field = (name: string) =>
      gather((scope) => {
        const value = evaluate(context, node.body, scope);
        if (isPoison(value)) throw new Poisoned();
        return requireTerm(context, (value as RecordValue).fields.get(name)!, node.body);
      });
    const record: RecordValue = {
      kind: "record",
      fields: new Map(fields.fields.map(({ name }) => [name.name, field(name.name)])),
    };
    return record;
  });
}

/** What a loop runs over, at a step counted from 0. */
function atStep({ over }: ScanInput, step: Term): Term {
  return "low" in over
    ? apply(add, [integerTerm(step.builder, over.low), step])
    : indexed(over, [{ kind: "at", at: step }]);
}

const iteratorsOf = ({ bindings }: Binder): Iterator[] => bindings.filter((each) => each.kind === "iterator");
const carriesOf = ({ bindings }: Binder): NamedArgument[] => bindings.filter((each) => each.kind === "named");

function requireNames(node: Binder): void {
  const seen = new Set<string>();
  for (const { name } of node.bindings) {
    if (seen.has(name.name)) throw new NameError(`the name "${name.name}" is bound twice.`, { span: name.span });
    seen.add(name.name);
  }
}

function inputOf(context: Context, { name, domain }: Iterator, scope: Scope): ScanInput {
  if (!domain) {
    throw new UsageError(`a loop needs the range of "${name.name}".`, {
      span: name.span,
      notes: [`Write "${name.name} in 0..n", or "${name.name} in xs" for the rows of a tensor.`],
    });
  }
  return { name: name.name, over: domainOf(context, domain, scope) };
}

function fieldsOf(body: Expression): Fields | undefined {
  return body.kind === "block" && body.result.kind === "fields" ? ((body as Block).result as Fields) : undefined;
}

/** The next carries and what is stacked: fields of a record by their names, or the next value of the only carry. */
function stepOf(context: Context, node: Binder, given: Value): ScanStep & { readonly names: readonly string[] } {
  const result = plain(given);
  const carries = carriesOf(node).map(({ name }) => name.name);
  if (result instanceof Term || !("fields" in result)) {
    const value = requireTerm(context, result, node.body);
    if (carries.length === 1) return { carries: [value], stacks: [], names: [] };
    throw new UsageError(`the step gives one value, and the scan carries ${carries.join(", ")}.`, {
      notes: [`End the body in fields: "{ ${carries.map((name) => `${name} = ...`).join("; ")} }".`],
    });
  }
  const { fields } = result;
  const missing = carries.find((name) => !fields.has(name));
  if (missing) {
    throw new UsageError(`the step gives no next "${missing}": it has the fields ${[...fields.keys()].join(", ")}.`, {
      notes: [`Add "${missing} = ..."; "${missing} = ${missing}" leaves it as it is.`],
    });
  }
  const names = [...fields.keys()].filter((name) => !carries.includes(name));
  const term = (name: string) => requireTerm(context, fields.get(name)!, node.body);
  return { carries: carries.map(term), stacks: names.map(term), names };
}

/** The update is simultaneous: a field that names a carry set above still reads the one before the step. */
function warnOfOldCarries(context: Context, node: Binder, { fields }: Fields): void {
  const carries = new Set(carriesOf(node).map(({ name }) => name.name));
  const set = new Set<string>();
  for (const { name, value } of fields) {
    const old = namesWithin(value).find((other) => set.has(other));
    if (old) {
      context.warn(
        `"${old}" is the value before this step here, not the field above: "${written(value.span)}".`,
        value.span,
        [
          `All fields are set together. Write "let next = ..." above, and use that in both.`,
          `Where the old value is meant, give it a name above: "let before = ${old}".`,
        ],
      );
    }
    if (carries.has(name.name)) set.add(name.name);
  }
}

/** root(s = s0: f), argmin(s = s0: f), fixedPoint(s = s0: g). */
function evaluateImplicit(context: Context, node: Binder, kind: ImplicitName, outer: Scope): Value {
  const { builder, standIns } = context;
  return context.at(node.span, () => {
    requireNames(node);
    const { carries, options } = withOptions(node, ["limit"]);
    const [unknown, another] = carries;
    const iterator = iteratorsOf(node)[0];
    if (!unknown || another || iterator) {
      const { span } = another ?? iterator ?? node;
      throw new UsageError(`${kind} solves for one unknown, which begins somewhere.`, {
        span,
        notes: [`Write "${kind}(s = 0.1: ...)"; several unknowns are the elements of a vector.`],
      });
    }
    return implicit(builder, {
      kind,
      name: unknown.name.name,
      start: evaluateTerm(context, unknown.value, outer),
      limit: limitOf(context, options.get("limit"), outer),
      body: (value) => {
        const scope = new Scope(outer);
        declareIn(context, scope, unknown, "carry", value);
        return evaluateTerm(context, node.body, scope);
      },
      expand: standIns.expandWithin.bind(standIns),
    });
  });
}

/** while(y = y0, test = condition, limit = most: next). */
function evaluateWhile(context: Context, node: Binder, outer: Scope): Value {
  const { builder, standIns } = context;
  return context.at(node.span, () => {
    requireNames(node);
    const { carries, options } = withOptions(node, ["limit", "test"]);
    const [iterator] = iteratorsOf(node);
    if (iterator) {
      throw new UsageError("while runs over nothing: it goes on while its test holds.", {
        span: iterator.span,
        notes: ['A loop of known length is a scan: "scan(i in 0..n, y = 1: ...)".'],
      });
    }
    const test = options.get("test");
    if (!test) {
      throw new UsageError("while needs a test, a condition on the carries.", {
        notes: ['Write "while(y = 1, test = abs(y^2 - x) > 1e-9, limit = 50: (y + x / y) / 2)".'],
      });
    }
    const scopeWith = (current: readonly Term[]) => {
      const scope = new Scope(outer);
      for (const [k, carry] of carries.entries()) declareIn(context, scope, carry, "carry", current[k]!);
      return scope;
    };
    const last = whileLoop(builder, {
      carries: carries.map((carry) => firstOf(context, carry, outer)),
      limit: limitOf(context, options.get("limit"), outer),
      test: (current) => evaluateTerm(context, test.value, scopeWith(current)),
      body: (current) => {
        const result = evaluate(context, node.body, scopeWith(current));
        if (isPoison(result)) throw new Poisoned();
        const { carries: next, names } = stepOf(context, { ...node, bindings: carries }, result);
        if (names.length === 0) return next;
        throw new UsageError(`while stacks nothing: "${names[0]}" is no carry.`, {
          notes: ["Only a loop of known length, a scan, has a stack."],
        });
      },
      expand: standIns.expandWithin.bind(standIns),
    });
    if (!fieldsOf(node.body) && last.length === 1) return last[0]!;
    const record: RecordValue = {
      kind: "record",
      fields: new Map(carries.map(({ name }, k) => [name.name, last[k]!] as const)),
    };
    return record;
  });
}

/** The carries, and the named arguments that are options. */
function withOptions(node: Binder, names: readonly string[]) {
  const all = carriesOf(node);
  const isOption = ({ name }: NamedArgument) => names.includes(name.name);
  return {
    carries: all.filter((each) => !isOption(each)),
    options: new Map(all.filter(isOption).map((each) => [each.name.name, each])),
  };
}

function limitOf(context: Context, limit: NamedArgument | undefined, scope: Scope): Integer | undefined {
  if (!limit) return undefined;
  const size = sizeOf(evaluateTerm(context, limit.value, scope), "a limit");
  if (size.value === undefined) requireNonNegative(context.builder, size, "a limit is a number of steps");
  if (size.value === undefined || size.value > 0) return size;
  throw new UsageError(`a limit is a number of steps, got ${size}.`, { span: limit.span });
}

function declareIn(
  context: Context,
  scope: Scope,
  { name }: Iterator | NamedArgument,
  role: "iterator" | "carry",
  value: Term,
): void {
  scope.declare({ name: name.name, role, value: context.bound(name.name, value), span: name.span });
}

/** Binders whose body is a step, or an equation. */
export const loopConstructs: Readonly<Record<string, Construct>> = {
  scan: {
    evaluate: (context, node, scope) => evaluateScan(context, node, scope, false),
    form: "scan(x in xs, h = 0: h + x)",
  },
  reverseScan: {
    evaluate: (context, node, scope) => evaluateScan(context, node, scope, true),
    form: "reverseScan(x in xs, h = 0: h + x)",
  },
  map: { evaluate: evaluateMap, form: "map(x in xs: f(x))" },
  while: {
    evaluate: evaluateWhile,
    form: "while(y = 1, test = abs(y^2 - x) > 1e-9, limit = 50: (y + x / y) / 2)",
  },
  root: {
    evaluate: (context, node, scope) => evaluateImplicit(context, node, "root", scope),
    form: "root(s = 1: s^2 - 2)",
  },
  argmin: {
    evaluate: (context, node, scope) => evaluateImplicit(context, node, "argmin", scope),
    form: "argmin(s = 1: s^2 - 2 * s)",
    isFunctionToo: true,
  },
  fixedPoint: {
    evaluate: (context, node, scope) => evaluateImplicit(context, node, "fixedPoint", scope),
    form: "fixedPoint(s = 1: cos(s))",
  },
};
