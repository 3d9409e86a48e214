import { DataError } from "../../ir/errors.ts";
import type { Binding, BindingContext } from "./binding.ts";
import { copyPart } from "./packing.ts";
import type { Tensor } from "./tensors.ts";

// Where fitting begins, and between what bounds it stays: as the model declares, or as the caller says.

/** The start as a packed vector: what is given, else what the model declares. Throws DataError where there is neither. */
export function startOf(context: BindingContext, b: Binding, given: ReadonlyMap<string, Tensor>): Float64Array {
  const start = new Float64Array(b.length);
  for (const [k, { name }] of context.variables.entries()) {
    const tensor = given.get(name);
    const declared = context.starts.get(name);
    if (!tensor && !declared) throw noStart(name);
    const values = tensor ?? { values: b.constantsOf([declared!])[0]!, shape: undefined };
    copyPart(name, values, b, k, start);
  }
  return start;
}

/** The least and the largest values of the parameters, packed. Throws DataError for an empty range. */
export function boundsOf(context: BindingContext, b: Binding): { lower: Float64Array; upper: Float64Array } {
  const lower = new Float64Array(b.length).fill(Number.NEGATIVE_INFINITY);
  const upper = new Float64Array(b.length).fill(Number.POSITIVE_INFINITY);
  for (const [k, { name }] of context.variables.entries()) {
    const bounds = context.bounds.get(name);
    if (!bounds) continue;
    const [[low], [high]] = b.constantsOf([bounds.low, bounds.high]) as [[number], [number]];
    if (!(low <= high)) throw new DataError(`"${name}" must lie within ${low}..${high}, and nothing does.`);
    const [from, to] = [b.starts[k]!, b.starts[k]! + b.lengths[k]!];
    lower.fill(low, from, to);
    upper.fill(high, from, to);
  }
  return { lower, upper };
}

function noStart(name: string): DataError {
  return new DataError(`the parameter "${name}" has no start.`, {
    notes: [`Write "param ${name} = 1" in the model, or give it here: start({ ${name}: ... }).`],
  });
}
