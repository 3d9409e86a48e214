import { requireModel } from "../build/require-model.ts";
import { type CompilableModel, requireSizeNames } from "../compile/compile.ts";
import { checkedSizes } from "../compile/inputs/binding.ts";
import { type Inputs, readInputs } from "../compile/inputs/inputs.ts";
import { requireSizes, solveSizes } from "../compile/inputs/sizes.ts";
import { copyInto } from "../compile/inputs/tensors.ts";
import { evaluateShape, interpret } from "../interpreter/interpret.ts";
import { type Series, SeriesField } from "../interpreter/series.ts";
import { meant, needs, requireOptions } from "../ir/arguments/arguments.ts";
import { DataError, UsageError } from "../ir/errors.ts";
import type { Expr } from "../ir/graph.ts";

export interface TaylorOptions {
  /** The output to expand instead of the loss. */
  readonly output?: string;
  /** Sizes that no input tells. */
  readonly sizes?: Readonly<Record<string, number>>;
}

/**
 * The coefficients c of the loss along a line, loss(x + t v) = c[0] + c[1] t + ... + c[order] t^order + ...: k! c[k] is its k-th derivative
 * along v. `direction` names the inputs that vary, and the others stay. One list for each element of what is expanded,
 * row-major; the loss has one. Computed by arithmetic of polynomials over the graph as written, right to rounding.
 * Throws DataError, UsageError.
 */
export function taylor(
  model: CompilableModel,
  inputs: Inputs,
  direction: Inputs,
  order: number,
  options: TaylorOptions = {},
): Float64Array[] {
  requireModel("taylor", model);
  requireOptions<TaylorOptions>("taylor", options, { output: needs.text, sizes: needs.record });
  if (!Number.isInteger(order) || order < 0 || order > mostOrders) {
    throw new UsageError(`the order of a Taylor series is a whole number from 0 to ${mostOrders}, got ${order}.`);
  }
  const root = options.output === undefined ? model.loss : model.outputs.get(options.output);
  if (!root) {
    const wanted = options.output === undefined ? "loss" : `output "${options.output}"`;
    throw new UsageError(`${model.name} has no ${wanted}. ${meant(options.output ?? "", model.outputs.keys())}`);
  }
  const leaves = [...model.parameters, ...model.data];
  const given = readInputs(inputs, leaves);
  const along = readInputs(direction, leaves);
  const claims = leaves.flatMap(({ name, expr }) => {
    const tensor = given.get(name);
    return tensor ? [{ name, shape: expr.shape, tensor }] : [];
  });
  const { sizes: named = {} } = options;
  requireSizeNames(model.sizes, Object.keys(named));
  const sizes = solveSizes(claims, checkedSizes(named));
  requireSizes(
    sizes,
    claims.flatMap(({ shape }) => shape.flatMap((size) => size.names())),
  );
  const values = new Map<Expr, readonly Series[]>();
  for (const { name, expr } of leaves) {
    const tensor = given.get(name);
    const change = along.get(name);
    if (!tensor) {
      if (change) throw new DataError(`the direction has "${name}", and the inputs have no value for it.`);
      continue;
    }
    if (change && expr.dtype !== "real") throw new DataError(`"${name}" is ${expr.dtype}: only reals vary.`);
    const shape = evaluateShape(expr.shape, sizes);
    const point = Array.from(copyInto(name, tensor, shape, expr.dtype));
    const slope = change && copyInto(`direction of ${name}`, change, shape, expr.dtype);
    values.set(
      expr,
      point.map((x, at) => (slope && order > 0 ? [x, slope[at]!] : [x])),
    );
  }
  const [result] = interpret([root], { sizes, values }, new SeriesField(order));
  return result!.map((series) => Float64Array.from({ length: order + 1 }, (_, k) => series[k] ?? 0));
}

/** Work grows with the square of the order, and for nested functions faster. */
const mostOrders = 30;
