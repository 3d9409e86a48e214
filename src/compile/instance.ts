import type { Admission, Array1D, BoundFunction } from "../emit/javascript.ts";
import { DataError } from "../ir/errors.ts";
import { allocated, type Binding } from "./binding.ts";
import type { ModelFunction } from "./functions.ts";
import { copyInto } from "./tensors.ts";

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
      if (value === undefined) throw new DataError(`the size "${name}" follows from no argument: pass it in sizes.`);
      return value;
    });
  const fn = wanted.forSizes(sizesOf(wanted));
  const { code } = fn;
  const arrays = fn.bound.map((buffer): Array1D => {
    if (buffer.role === "table")
      return copyInto("constant", { values: buffer.values!, shape: undefined }, [], buffer.dtype);
    if (buffer.role !== "input") return allocated(buffer, code.ownsWorkspace ? 0 : b.lengthOf(buffer.shape, own));
    const array = b.data.get(buffer.name);
    if (!array) throw missing(buffer.name);
    return array;
  });
  const sizes = sizesOf(fn);
  const run = code.bind(sizes, arrays, admit, b.shared);
  if (!code.settle) return run;
  const numbers = arrays.reduce((sum, { length }) => sum + length, b.length);
  return settling(run, Math.ceil(worthwhile / (numbers + 100)), () => {
    const taken = code.settle!(run, sizes, arrays, admit);
    settled?.(taken);
    return taken;
  });
}

export const missing = (name: string) =>
  new DataError(`"${name}" has no value: the model declares it and no argument gives it.`);

/** Numbers in the arrays of all calls together, after which code of its own pays: tens of milliseconds. */
const worthwhile = 1e7;

/**
 * A function that is called so often that code for its arrays alone pays, which V8 makes where nothing else is bound to a text:
 * it begins with the code that all share, which is warm. `settle` is called once, and gives what takes its place.
 */
function settling(shared: BoundFunction, calls: number, settle: () => BoundFunction): BoundFunction {
  let run = shared;
  let left = calls;
  const current = () => {
    if (left > 0 && --left === 0) run = settle();
    return run;
  };
  if (shared.length > 4) return (...vectors) => current()(...vectors);
  return (a, b, c, d) => current()(a!, b!, c!, d!);
}
