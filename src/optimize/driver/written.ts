import { UsageError } from "../../ir/errors.ts";
import type { Vector } from "../../numeric/vectors.ts";

/**
 * The first call of a function that writes its results to an array, which begins as NaN: entries that it leaves as they
 * were are no zeros. A loss that is no finite number, or a NaN that was written, is for the caller to judge. Throws UsageError.
 */
export function firstWrite<Value>(what: string, out: Vector, write: () => Value): Value {
  out.fill(Number.NaN);
  const value = write();
  const left = out.findIndex(Number.isNaN);
  if (left < 0 || (value !== undefined && !Number.isFinite(value))) return value;
  out.fill(1);
  write();
  if (out[left] !== 1) return value;
  throw new UsageError(`${what} wrote nothing at index ${left} of the array that it was given.`, {
    notes: ["It has to write every entry of that array, at each call; what it returns is not read for them."],
  });
}
