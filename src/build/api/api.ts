import {
  isRecord,
  meant,
  type Needs,
  needs,
  requireArgument,
  requireOptions,
  requireThat,
} from "../../ir/arguments/arguments.ts";
import { NameError, UsageError } from "../../ir/errors.ts";
import type { Extension } from "../../ir/extension.ts";
import type { Expr } from "../../ir/graph.ts";
import type { Integer } from "../../ir/integer.ts";
import type { Primitive } from "../../ir/primitive.ts";
import { sizeNamesOf } from "../../ir/walks/sizes.ts";
import { ownOperation } from "../../ops/define.ts";
import { type Binding, bind } from "../binders/binders.ts";
import { type GathererName, gatherers } from "../binders/gather.ts";
import { callSite, located } from "../call-site.ts";
import { boundsOf, declareLeaf, lossOf, namesIn, outputOf, requireDeclared, unread } from "../leaves.ts";
import type { DeclaredData, DeclaredParameter, ElaboratedModel, Warning } from "../model.ts";
import { Builder } from "../terms/builder.ts";
import { choose } from "../terms/choice.ts";
import { apply } from "../terms/elementwise.ts";
import { Names, type Varied } from "../terms/names.ts";
import { termOf } from "../terms/term.ts";
import { building, currentBuilder } from "./building.ts";
import type { Declaration } from "./declare.ts";
import {
  type AxesOption,
  callByName,
  type Operand,
  type Options,
  ownTerm,
  rangeOf,
  type SizeLike,
  Span,
  Tensor,
  toTerm,
} from "./tensor.ts";

/** Leaves by name. */
export type Spec = Readonly<Record<string, Declaration>>;

export type Leaves<S extends Spec> = { readonly [Name in keyof S]: Tensor };

/** What the callback of a model gives: the loss, or a record of the loss and further outputs. */
export type Result = Tensor | { readonly [name: string]: Tensor };

export type OutputNames<R extends Result> = R extends Tensor ? never : Exclude<keyof R & string, "loss">;

/** The names that are declared as parameters; all, where none is and `wrt` says which are. */
export type ParameterNames<S extends Spec> = [Param<S>] extends [never] ? keyof S & string : Param<S>;

type Param<S extends Spec> = {
  [Name in keyof S & string]: "param" extends S[Name]["role"] ? Name : never;
}[keyof S & string];

export interface ModelOptions {
  /** How reports and generated files call the model. */
  readonly name?: string;
  /** Nodes remember the line of TypeScript that built them, for errors of derivatives and values. Slower. Default: false. */
  readonly trace?: boolean;
  /** What to expect of sizes, for costs. */
  readonly hints?: Readonly<Record<string, number>>;
}

const modelNeeds: Needs<ModelOptions> = { name: needs.text, trace: needs.flag, hints: needs.record };

/**
 * A model: declared leaves, and a function of them that builds the loss. Errors name the line of TypeScript that
 * caused them.
 */
export function model<const S extends Spec, R extends Result>(
  spec: S,
  build: (leaves: Leaves<S>) => R,
  options?: ModelOptions,
): ElaboratedModel<keyof S & string, OutputNames<R>, ParameterNames<S>> {
  return modelWith([], spec, build, options);
}

/** `model` with extensions that its graph knows from the start. */
export function modelWith<const S extends Spec, R extends Result>(
  extensions: readonly Extension[],
  spec: S,
  build: (leaves: Leaves<S>) => R,
  options: ModelOptions = {},
): ElaboratedModel<keyof S & string, OutputNames<R>, ParameterNames<S>> {
  requireArgument("model", { what: 'declarations by name, such as { w: vec("n") }', accepts: isRecord }, spec);
  requireArgument("the second argument of model", needs.callable, build);
  requireOptions("model", options, modelNeeds);
  return located(() => {
    let varied: Varied = new Map();
    for (let times = 0; times < mostTimes; times++) {
      const builder = new Builder({
        site: () => callSite(new Error()),
        tracesNodes: options.trace ?? false,
        extensions,
      });
      builder.names = new Names(builder, varied);
      const leaves = Object.keys(spec).map((name): LeafOf => {
        const declaration = spec[name]!;
        requireThat(Array.isArray(declaration?.shape), `"${name}"`, 'a declaration, such as vec("n")', declaration);
        return { name, declaration, expr: declareLeaf(builder, name, declaration) };
      });
      const result = building(builder, () => build(tensorsOf(builder, leaves) as Leaves<S>));
      const { missing } = builder.names;
      if (missing.size === 0) return assemble(builder, leaves, result, options);
      varied = new Map([...varied, ...missing]);
    }
    throw new UsageError(
      "the second argument of model makes other tensors each time it runs, and derivatives vary some: leave chance and counters outside of it.",
    );
  });
}

/** A function that makes the same tensors each time runs again as often as derivatives are found in others: mostly once. */
const mostTimes = 32;

interface LeafOf {
  readonly name: string;
  readonly declaration: Declaration;
  readonly expr: Expr;
}

/** A record without a prototype: every name is an ordinary key. A name that is not there is an error, not undefined. */
function tensorsOf(builder: Builder, leaves: readonly LeafOf[]): object {
  const record = Object.create(null) as Record<string, Tensor>;
  for (const { name, expr } of leaves) record[name] = new Tensor(termOf(builder, expr));
  return new Proxy(record, {
    get(target, name) {
      if (typeof name === "symbol" || name in target) return target[name as string];
      throw new NameError(`unknown name "${name}". ${meant(name, Object.keys(target))}`);
    },
  });
}

function assemble<Name extends string, Output extends string, Parameter extends Name>(
  builder: Builder,
  leaves: readonly LeafOf[],
  result: Result,
  { name = "model", hints = {} }: ModelOptions,
): ElaboratedModel<Name, Output, Parameter> {
  const { graph } = builder;
  const { loss, outputs, requirements } = withValues(builder, resultsOf(builder, result));
  const roots = [...(loss ? [loss] : []), ...outputs.values(), ...requirements.map(({ index }) => index)];
  // what ends the range of int data is a size too
  const extents = requirements.flatMap(({ extent }) => extent ?? []);
  const free = [...new Set([...namesIn([...leaves.map(({ expr }) => expr.shape), extents]), ...sizeNamesOf(roots)])];
  for (const size of Object.keys(hints))
    requireThat(free.includes(size), "hints of model", `names of sizes: it has ${free.join(", ")}`, size);
  for (const hint of Object.values(hints))
    requireThat(Number.isSafeInteger(hint) && hint >= 0, "a hint of model", "a whole number", hint);
  requireDeclared(
    roots,
    leaves.map(({ expr }) => expr),
  );
  const filled = ({ declaration: { start }, expr }: LeafOf) => {
    if (typeof start === "number") return graph.constantLike(start, expr, expr.dtype);
    return (
      start &&
      graph.tensor(
        start,
        expr.shape.map(({ value }) => value!),
        expr.dtype,
      )
    );
  };
  const isParameter = ({ declaration }: LeafOf) => declaration.role === "param";
  const parameters = leaves.filter(isParameter).map(
    (leaf): DeclaredParameter => ({
      name: leaf.name,
      expr: leaf.expr,
      start: filled(leaf),
      within: boundsOf(graph, leaf.declaration.within),
    }),
  );
  const data = leaves
    .filter((leaf) => !isParameter(leaf))
    .map(
      (leaf): DeclaredData => ({
        name: leaf.name,
        expr: leaf.expr,
        fallback: filled(leaf),
        within: builder.ranges.get(leaf.expr.id),
      }),
    );
  const sizes = { free, hints: new Map(Object.entries(hints)), given: new Map<string, Integer>() };
  const warnings = unusedOf(parameters, roots);
  const varied = [...builder.varied];
  return { name, graph, parameters, data, sizes, loss, outputs, requirements, varied, warnings };
}

/** The loss and the outputs that a callback gives. Throws UsageError for what is neither. */
function resultsOf(builder: Builder, result: Result): Pick<ElaboratedModel, "loss" | "outputs"> {
  const isTensor = result instanceof Tensor;
  const entries = isTensor ? [["loss", result] as const] : Object.entries(isRecord(result) ? result : { loss: result });
  for (const [key, value] of entries) {
    requireThat(value instanceof Tensor, `"${key}" of the callback`, "a tensor", value);
  }
  const results = entries.map(([key, value]) => [key, ownTerm(builder, value)] as const);
  const given = results.find(([key]) => key === "loss")?.[1];
  const loss = given && lossOf(given);
  const outputs = new Map(
    results.flatMap(([key, term]) => (key === "loss" ? [] : [[key, outputOf(`"${key}"`, term)] as const])),
  );
  if (!loss && outputs.size === 0)
    throw new UsageError("the callback of a model gives a loss, or a record of outputs: got nothing.");
  return { loss, outputs };
}

/** What a model holds, with values in the place of variables that stand for them. */
function withValues({ names, requirements }: Builder, { loss, outputs }: Pick<ElaboratedModel, "loss" | "outputs">) {
  const conditions = requirements.flatMap(({ index, guard }) => (guard ? [index, guard] : [index]));
  const expressions = [...(loss ? [loss] : []), ...outputs.values(), ...conditions];
  const values = names?.standIns.expand(expressions) ?? expressions;
  const finalOf = new Map(expressions.map((expr, k) => [expr, values[k]!]));
  const value = (expr: Expr) => finalOf.get(expr)!;
  return {
    loss: loss && value(loss),
    outputs: new Map([...outputs].map(([name, expr]) => [name, value(expr)] as const)),
    requirements: requirements.map((each) => ({
      ...each,
      index: value(each.index),
      guard: each.guard && value(each.guard),
    })),
  };
}

function unusedOf(parameters: readonly DeclaredParameter[], roots: readonly Expr[]): Warning[] {
  const unused = unread(
    parameters.map(({ expr }) => expr),
    roots,
  );
  return unused.map(({ graph, id }) => {
    const summary = `the parameter "${graph.leafOf(id).name}" is not used.`;
    return { summary, message: summary };
  });
}

/** A body over iterators: as many as it takes arguments. */
export type IteratorBody = (...iterators: Tensor[]) => Operand;

interface BinderCall {
  /** Over the largest ranges on which every read is in bounds. */
  (body: IteratorBody): Tensor;
  /** Over a range, or the rows of a tensor. */
  (over: Span | Tensor, body: IteratorBody): Tensor;
  (first: Span | Tensor, second: Span | Tensor, body: IteratorBody): Tensor;
  (first: Span | Tensor, second: Span | Tensor, third: Span | Tensor, body: IteratorBody): Tensor;
}

interface Reducer extends BinderCall {
  /** Over the axes of a tensor, by default all. */
  (x: Tensor, options?: AxesOption): Tensor;
}

const iteratorNames = ["i", "j", "k", "l", "m", "n"];

function binder(name: GathererName): Reducer {
  return (...given: readonly unknown[]): Tensor => {
    const body = given.at(-1);
    if (typeof body !== "function") return ofTensor(name, given);
    const ranges = given.slice(0, -1);
    const count = ranges.length || body.length;
    const builder = currentBuilder(`${name}(i => ...)`);
    const bindings = Array.from({ length: count }, (_, k): Binding => {
      const over = ranges[k];
      const domain =
        over instanceof Span ? rangeOf(builder, over) : over instanceof Tensor ? ownTerm(builder, over) : undefined;
      if (ranges.length > 0 && !domain) {
        throw new UsageError(`${name} runs over ranges or tensors: write range(0, n).`);
      }
      return { name: iteratorNames[k] ?? `i${k}`, over: domain && (() => domain) };
    });
    const term = bind(builder, gatherers[name], bindings, (values) =>
      toTerm(builder, (body as IteratorBody)(...values.map((value) => new Tensor(value)))),
    );
    return new Tensor(term);
  };
}

function ofTensor(name: string, given: readonly unknown[]): Tensor {
  const [first] = given;
  if (!(first instanceof Tensor)) throw new UsageError(`${name} needs a tensor, or a function of iterators.`);
  return callByName(first.term.builder, name, given);
}

/** Binders: sum(range(0, n), i => ...), or sum(i => ...) with the range found from the reads. */
export const sum = binder("sum");
/** The product; of a tensor along its axes, by default all. 1 over nothing. */
export const prod = binder("prod");
/** The mean; of a tensor along its axes, by default all. NaN over nothing. */
export const mean = binder("mean");
/** The largest; of a tensor along its axes, by default all. k tied winners weigh 1/k each in the derivative. */
export const max = binder("max");
/** The smallest; of a tensor along its axes, by default all. k tied winners weigh 1/k each in the derivative. */
export const min = binder("min");
/** log of the sum of e^x without overflow; of a tensor along its axes, by default all. -Infinity over nothing. */
export const logsumexp = binder("logsumexp");
/** Where the largest is, an int, the first of equals: the one iterator; of a tensor the position along the axis, by default the last. */
export const argmax = binder("argmax");
/** Where the smallest is, an int, the first of equals: the one iterator; of a tensor the position along the axis, by default the last. */
export const argmin = binder("argmin");

/** A new tensor from its elements: array((s, c) => ...). */
export const array: BinderCall = binder("array");

/** Calls any function of the language by name: f("softplus", x). Options go into a record at the end. */
export function f(name: string, ...operands: readonly (Operand | Options)[]): Tensor {
  requireArgument("f", { what: "the name of a function", accepts: needs.text.accepts }, name);
  const tensor = operands.find((operand) => operand instanceof Tensor);
  return callByName(tensor?.term.builder ?? currentBuilder(name), name, operands);
}

/** x where the condition holds, else y, element by element. Both are computed. */
export const select = (condition: Operand, x: Operand, y: Operand): Tensor => f("select", condition, x, y);

/** One of two expressions, each built under its condition: reads count only where their condition holds. */
export function cond(condition: Operand, yes: () => Operand, no: () => Operand): Tensor {
  const builder = condition instanceof Tensor ? condition.term.builder : currentBuilder("cond");
  for (const build of [yes, no]) requireArgument("each side of cond", needs.callable, build);
  const side = (build: () => Operand) => () => toTerm(builder, build());
  return new Tensor(choose(toTerm(builder, condition), side(yes), side(no)));
}

function listed(name: string, parts: readonly Operand[]): readonly Operand[] {
  requireThat(Array.isArray(parts), name, "a list of tensors", parts);
  return parts;
}

/** Tensors one after the other along an axis, by default the first. [m, ..] and [n, ..] -> [m + n, ..]. */
export const concat = (parts: readonly Operand[], options: { readonly axis?: number } = {}): Tensor =>
  f("concat", ...listed("concat", parts), options);
/** k tensors of one shape along a new axis, by default the first. [n..] -> [k, n..]. */
export const stack = (parts: readonly Operand[], options: { readonly axis?: number } = {}): Tensor =>
  f("stack", ...listed("stack", parts), options);
/** Zeros of a shape. */
export const zeros = (...shape: readonly SizeLike[]): Tensor => f("zeros", ...(shape as readonly Operand[]));
/** Ones of a shape. */
export const ones = (...shape: readonly SizeLike[]): Tensor => f("ones", ...(shape as readonly Operand[]));
/** The identity matrix, [n, n]. */
export const eye = (size: SizeLike): Tensor => f("eye", size as Operand);
/** Numbers, or nested lists of numbers, as a tensor. */
export const constant = (value: Operand): Tensor => new Tensor(toTerm(currentBuilder("constant"), value));
/** The sum of the products of matching elements. [n..] and [n..] -> []. */
export const dot = (x: Operand, y: Operand): Tensor => f("dot", x, y);
/** Matrix product. [.., m, n] @ [.., n, p] -> [.., m, p]; either may be a vector, leading axes are a batch. */
export const matmul = (x: Operand, y: Operand): Tensor => f("matmul", x, y);
/** x[i] y[j]. [m..] and [n..] -> [m.., n..]. */
export const outer = (x: Operand, y: Operand): Tensor => f("outer", x, y);

/** The gradient of a scalar in w: a leaf, or any tensor on the way to it. */
export const grad = (loss: Tensor, w: Tensor): Tensor => f("grad", loss, w);
/** The second derivative of a scalar times v. */
export const hvp = (loss: Tensor, w: Tensor, v: Operand): Tensor => f("hvp", loss, w, v);
/** The change of y for a change v of w. */
export const jvp = (y: Tensor, w: Tensor, v: Operand): Tensor => f("jvp", y, w, v);
/** d y[a..] / d w[b..], of the shape of y followed by that of w. */
export const jacobian = (y: Tensor, w: Tensor): Tensor => f("jacobian", y, w);
/** The second derivative of a scalar, of the shape of w twice. */
export const hessian = (loss: Tensor, w: Tensor): Tensor => f("hessian", loss, w);

/** A primitive of the user's own from its record, as a function of tensors. */
export function definePrimitive(record: Primitive): (...operands: Operand[]) => Tensor {
  const own = ownOperation(record);
  return (...operands) => {
    const tensor = operands.find((operand) => operand instanceof Tensor);
    const builder = tensor?.term.builder ?? currentBuilder(record.name);
    return new Tensor(
      apply(
        own,
        operands.map((operand) => toTerm(builder, operand)),
      ),
    );
  };
}
