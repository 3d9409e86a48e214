import type { ElaboratedModel } from "../../src/build/model.ts";
import { complexField } from "../../src/interpreter/complex.ts";
import { realField } from "../../src/interpreter/field.ts";
import { evaluateSize, interpret } from "../../src/interpreter/interpret.ts";
import type { Field } from "../../src/ir/field.ts";
import type { Expr } from "../../src/ir/graph.ts";
import type { Complex } from "../../src/numeric/complex/complex.ts";

export type Nested = number | readonly Nested[];
export type Inputs = Readonly<Record<string, Nested>>;

export function flat(value: Nested): number[] {
  return typeof value === "number" ? [value] : value.flatMap(flat);
}

function shapeOf(value: Nested): number[] {
  if (typeof value === "number") return [];
  return [value.length, ...(value.length > 0 ? shapeOf(value[0]!) : [])];
}

/** Sizes from the axes that are a name alone. */
export function sizesOf(model: ElaboratedModel, inputs: Inputs, given: Readonly<Record<string, number>> = {}) {
  const sizes = new Map(Object.entries(given));
  for (const { name, expr } of leavesOf(model)) {
    const value = inputs[name];
    if (value === undefined) continue;
    const actual = shapeOf(value);
    for (const [axis, size] of expr.shape.entries()) {
      const [only] = size.names();
      if (only && size.toString() === only && actual[axis] !== undefined) sizes.set(only, actual[axis]);
    }
  }
  return sizes;
}

export const leavesOf = (model: ElaboratedModel) => [...model.parameters, ...model.data];

function bindings<T>(model: ElaboratedModel, inputs: Inputs, sizes: ReadonlyMap<string, number>, field: Field<T>) {
  const values = new Map<Expr, T[]>();
  for (const { name, expr } of leavesOf(model)) {
    const value = inputs[name];
    if (value !== undefined) values.set(expr, flat(value).map(field.of));
  }
  for (const { expr, fallback } of model.data) {
    if (fallback && !values.has(expr)) values.set(expr, interpret([fallback], { sizes, values }, field)[0]!);
  }
  return { sizes, values };
}

/** The values of expressions of a model, flat and row-major, by the reference interpreter. */
export function evaluate(
  model: ElaboratedModel,
  roots: readonly Expr[],
  inputs: Inputs,
  given?: Readonly<Record<string, number>>,
): number[][] {
  const sizes = sizesOf(model, inputs, given);
  return interpret(roots, bindings(model, inputs, sizes, realField), realField);
}

export function lossAt(model: ElaboratedModel, inputs: Inputs, given?: Readonly<Record<string, number>>): number {
  return evaluate(model, [model.loss!], inputs, given)[0]![0]!;
}

export function outputAt(
  model: ElaboratedModel,
  name: string,
  inputs: Inputs,
  given?: Readonly<Record<string, number>>,
): number[] {
  return evaluate(model, [model.outputs.get(name)!], inputs, given)[0]!;
}

/** The gradient of a scalar by the complex step: one run per element of the leaf. */
export function complexStep(
  model: ElaboratedModel,
  root: Expr,
  name: string,
  inputs: Inputs,
  given?: Readonly<Record<string, number>>,
): number[] {
  const step = 2 ** -100;
  const sizes = sizesOf(model, inputs, given);
  const bound = bindings(model, inputs, sizes, complexField);
  const leaf = leavesOf(model).find((candidate) => candidate.name === name)!.expr;
  const point = bound.values.get(leaf)!;
  return point.map((_, k) => {
    const moved = point.map((z, j): Complex => (j === k ? { re: z.re, im: step } : z));
    const values = new Map(bound.values).set(leaf, moved);
    return interpret([root], { sizes, values }, complexField)[0]![0]!.im / step;
  });
}

/** How expressions change along a direction of parameters, given flat in order of declaration: by the complex step, in one run. */
export function complexChange(
  model: ElaboratedModel,
  roots: readonly Expr[],
  inputs: Inputs,
  direction: readonly number[],
  given?: Readonly<Record<string, number>>,
): number[] {
  const step = 2 ** -100;
  const sizes = sizesOf(model, inputs, given);
  const { values } = bindings(model, inputs, sizes, complexField);
  let at = 0;
  for (const { expr } of model.parameters) {
    values.set(
      expr,
      values.get(expr)!.map(({ re }): Complex => ({ re, im: step * direction[at++]! })),
    );
  }
  return interpret(roots, { sizes, values }, complexField).flatMap((root) => root.map(({ im }) => im / step));
}

/** The requirements that the inputs do not meet, by their summaries. */
export function broken(model: ElaboratedModel, inputs: Inputs, given?: Readonly<Record<string, number>>): string[] {
  const sizes = sizesOf(model, inputs, given);
  const bound = bindings(model, inputs, sizes, realField);
  return model.requirements.flatMap(({ index, extent, guard, summary }) => {
    const [values, holds] = interpret(guard ? [index, guard] : [index], bound, realField);
    const high = extent ? evaluateSize(extent, sizes) : Number.POSITIVE_INFINITY;
    const isOut = values!.some((value, k) => (holds?.[k] ?? 1) !== 0 && !(value >= 0 && value < high));
    return isOut ? [summary] : [];
  });
}
