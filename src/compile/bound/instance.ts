import type { Admission, Array1D, BoundFunction } from "../../emit/javascript.ts";
import { DataError } from "../../ir/errors.ts";
import type { Buffer } from "../../lower/program/loops.ts";
import type { ModelFunction } from "../functions.ts";
import { allocated, type Binding } from "../inputs/binding.ts";
import { copyInto } from "../inputs/tensors.ts";

export interface InstanceOptions {
  readonly admit?: Admission;
  /** Sizes that the function has besides those of the binding. */
  readonly own?: ReadonlyMap<string, number>;
  /** Takes what is to be called in place of the function, once it is settled. */
  readonly settled?: (run: BoundFunction) => void;
}

/** A function bound to the sizes and data of a binding, with a workspace of its own. Throws DataError where one is missing. */
export function instantiate(wanted: ModelFunction, b: Binding, options: InstanceOptions = {}): BoundFunction {
  const { admit, own, settled } = options;
  const sizesOf = ({ lowered }: ModelFunction) =>
    lowered.program.sizes.map((name) => {
      const value = own?.get(name) ?? b.sizes.get(name);
      if (value !== undefined) return value;
      const absent = absentInput(wanted, b, name);
      if (absent !== undefined) throw missing(absent);
      throw new DataError(`the size "${name}" follows from no argument: pass it in sizes.`);
    });
  const served = (given: ModelFunction) => given.forSizes(sizesOf(given));
  const chosen = served(wanted);
  const { preparation } = chosen;
  const prepared = preparation && b.prepared.of(preparation, b, (code) => instantiate(code, b));
  const fn = preparation && !prepared ? served(preparation.whole()) : chosen;
  const keptIn = new Map(prepared?.map((values, k) => [preparation!.parts[k]![1], values]));
  const { code } = fn;
  const arrays = fn.bound.map((buffer): Array1D => {
    if (buffer.role === "table")
      return copyInto("constant", { values: buffer.values!, shape: undefined }, [], buffer.dtype);
    if (buffer.role !== "input") return allocated(buffer, code.ownsWorkspace ? 0 : b.lengthOf(buffer.shape, own));
    const array = keptIn.get(buffer) ?? b.data.get(buffer.name);
    if (!array) throw missing(buffer.name);
    return array;
  });
  return code.bind(sizesOf(fn), arrays, { admit, shared: b.shared, settled });
}

/** An input that the function reads, that no argument gives and that would tell the size. */
function absentInput(wanted: ModelFunction, b: Binding, size: string): string | undefined {
  const { bound } = wanted.preparation?.whole() ?? wanted;
  const tells = ({ role, name, shape }: Buffer) =>
    role === "input" && !b.data.has(name) && shape.some((each) => each.names().includes(size));
  return bound.find(tells)?.name;
}

/** The error for an input that no argument gives. */
export const missing = (name: string) =>
  new DataError(`"${name}" has no value: the model declares it and no argument gives it.`);
