import { bind } from "../build/binders.ts";
import { gatherers } from "../build/gather.ts";
import { type ScanCarry, type ScanInput, type ScanStep, scan } from "../build/scan.ts";
import { Term } from "../build/term.ts";
import { NameError, UsageError } from "../ir/errors.ts";
import type { Context } from "./context.ts";
import { evaluate, evaluateTerm, requireTerm } from "./expression.ts";
import { domainOf } from "./invoke.ts";
import type { Binder, Block, Expression, Fields, Iterator, NamedArgument } from "./syntax.ts";
import { isPoison, Poisoned, type RecordValue, Scope, type Value } from "./values.ts";
import { namesWithin } from "./walk.ts";
import { written } from "./written.ts";

/** scan(x in xs, i in 0..n, h = h0: body), and reverseScan, which runs from the last step to the first. */
export function evaluateScan(context: Context, node: Binder, outer: Scope, isReversed: boolean): Value {
  const { builder, standIns } = context;
  const fields = fieldsOf(node.body);
  return context.at(node.span, () => {
    requireNames(node);
    const inputs = iteratorsOf(node).map((iterator) => inputOf(context, iterator, outer));
    const carries = carriesOf(node).map(
      ({ name, value }): ScanCarry => ({ name: name.name, first: evaluateTerm(context, value, outer) }),
    );
    if (fields) warnOfOldCarries(context, node, fields);
    let stacked: readonly string[] = [];
    const body = (values: readonly Term[], current: readonly Term[]): ScanStep => {
      const scope = new Scope(outer);
      const declare = ({ name }: Iterator | NamedArgument, role: "iterator" | "carry", value: Term) =>
        scope.declare({ name: name.name, role, value: context.bound(name.name, value), span: name.span });
      for (const [k, iterator] of iteratorsOf(node).entries()) declare(iterator, "iterator", values[k]!);
      for (const [k, carry] of carriesOf(node).entries()) declare(carry, "carry", current[k]!);
      const result = evaluate(context, node.body, scope);
      if (isPoison(result)) throw new Poisoned();
      const step = stepOf(context, node, result);
      stacked = step.names;
      return step;
    };
    const expand = standIns.expandWithin.bind(standIns);
    const { carries: last, stacks } = scan(builder, { inputs, carries, isReversed, body, expand });
    if (!fields && last.length === 1 && stacks.length === 0) return last[0]!;
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

/** map(x in xs: body): every step for itself; the fields of a record are stacked each. */
export function evaluateMap(context: Context, node: Binder, outer: Scope): Value {
  const { builder } = context;
  return context.at(node.span, () => {
    requireNames(node);
    const iterators = iteratorsOf(node);
    const gather = (bodyOf: (scope: Scope) => Term) =>
      bind(
        builder,
        gatherers.array,
        iterators.map((iterator) => ({
          name: iterator.name.name,
          over: iterator.domain && (() => inputOf(context, iterator, outer).over),
        })),
        (values) => {
          const scope = new Scope(outer);
          for (const [k, value] of values.entries()) {
            const { name } = iterators[k]!;
            scope.declare({
              name: name.name,
              role: "iterator",
              value: context.bound(name.name, value),
              span: name.span,
            });
          }
          return bodyOf(scope);
        },
      );
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
function stepOf(context: Context, node: Binder, result: Value): ScanStep & { readonly names: readonly string[] } {
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
        [`All fields are set together. Write "let next = ..." above, and use that in both.`],
      );
    }
    if (carries.has(name.name)) set.add(name.name);
  }
}

export const isLoop = (name: string): boolean => name === "scan" || name === "reverseScan" || name === "map";

export function evaluateLoop(context: Context, node: Binder, name: string, scope: Scope): Value {
  return name === "map"
    ? evaluateMap(context, node, scope)
    : evaluateScan(context, node, scope, name === "reverseScan");
}
