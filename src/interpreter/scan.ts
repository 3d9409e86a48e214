import { partsOf, rootsOf, type Scan } from "../ir/bodies/scan.ts";
import type { While } from "../ir/bodies/while.ts";
import type { Field } from "../ir/field.ts";
import type { Expr } from "../ir/graph.ts";
import type { Values } from "../ir/operation.ts";

/** Evaluates a body: its roots for values of its parameters. */
export type EvaluateBody<T> = (
  roots: readonly Expr[],
  values: ReadonlyMap<Expr, readonly T[]>,
) => readonly (readonly T[])[];

/** The results of a scan, step by step. */
export function evaluateScan<T>(
  scan: Scan,
  length: number,
  operands: readonly Values<T>[],
  elementsOf: (shape: Expr["shape"]) => number,
  evaluate: EvaluateBody<T>,
  field: Field<T>,
): (readonly T[])[] {
  const given = partsOf(scan, operands);
  const parameters = partsOf(scan, scan.body.parameters);
  const roots = rootsOf(scan, scan.body.roots);
  let carries = given.carries.map(({ values }) => values);
  const stacks = roots.stacks.map(() => new Array<readonly T[]>(length));
  let sums: readonly (readonly T[])[] = roots.sums.map(({ shape }) =>
    new Array<T>(elementsOf(shape)).fill(field.of(0)),
  );
  for (let count = 0; count < length; count++) {
    const step = scan.isReversed ? length - 1 - count : count;
    const slices = given.inputs.map(({ values }, k) => {
      const size = elementsOf(parameters.inputs[k]!.shape);
      return values.slice(step * size, (step + 1) * size);
    });
    const constants = given.constants.map(({ values }) => values);
    const values = [...carries, ...slices, ...constants, [field.of(step)]];
    const computed = rootsOf(
      scan,
      evaluate(scan.body.roots, new Map(scan.body.parameters.map((leaf, k) => [leaf, values[k]!]))),
    );
    carries = [...computed.carries];
    for (const [k, slice] of computed.stacks.entries()) stacks[k]![step] = slice;
    sums = sums.map((sum, k) =>
      count === 0 ? computed.sums[k]! : sum.map((x, at) => field.add(x, computed.sums[k]![at]!)),
    );
  }
  return [...carries, ...stacks.map((slices) => slices.flat()), ...sums];
}

/** The results of a while: at most `limit` steps. */
export function evaluateWhile<T>(
  { body, carries: count }: While,
  limit: number,
  operands: readonly Values<T>[],
  evaluate: EvaluateBody<T>,
  field: Field<T>,
): (readonly T[])[] {
  const constants = operands.slice(count).map(({ values }) => values);
  let carries: (readonly T[])[] = operands.slice(0, count).map(({ values }) => values);
  for (let steps = 0; ; steps++) {
    const given = [...carries, ...constants];
    const values = new Map(body.parameters.map((leaf, k) => [leaf, given[k]!]));
    const isOver = steps >= limit || field.real(evaluate(body.roots.slice(-1), values)[0]![0]!) === 0;
    if (isOver) return [...carries, [field.of(steps)]];
    carries = [...evaluate(body.roots.slice(0, -1), values)];
  }
}
