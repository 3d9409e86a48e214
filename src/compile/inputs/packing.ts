import { meant } from "../../ir/arguments/arguments.ts";
import { counted } from "../../ir/counted.ts";
import { DataError } from "../../ir/errors.ts";
import type { Variable } from "../derive.ts";
import type { Binding } from "./binding.ts";
import { checkOutput, type Inputs, type NamedView, nameCount, record, requireApart } from "./inputs.ts";
import { type Tensor, unravel } from "./tensors.ts";

// Parameters by name, and in one vector: one after the other in the order of their declarations, row-major.

/** Parameters, or what belongs to them, by name: row-major. */
export type Vectors = Record<string, Float64Array>;

/** The usual case without any allocation: true where every parameter is a Float64Array of the right length, and there is nothing else. */
export function copyFast(variables: readonly Variable[], b: Binding, params: Inputs, target: Float64Array): boolean {
  if (nameCount(params) !== variables.length) return false;
  for (let k = 0; k < variables.length; k++) {
    const value = params?.[variables[k]!.name];
    if (!(value instanceof Float64Array) || value.length !== b.lengths[k]) return false;
    copy(value, target, b.starts[k]!);
  }
  return true;
}

/** Up to so many numbers are copied one by one in less time than a call takes. */
const few = 32;

function copy(from: Float64Array, to: Float64Array, at: number): void {
  const { length } = from;
  if (length > few) to.set(from, at);
  else for (let k = 0; k < length; k++) to[at + k] = from[k]!;
}

/** Copies parameter k to its place. Throws DataError for another length. */
export function copyPart(name: string, tensor: Tensor, b: Binding, k: number, target: Float64Array): void {
  const length = b.lengths[k]!;
  if (tensor.values.length !== length) {
    throw new DataError(`"${name}" needs ${counted(length, "value")}, got ${tensor.values.length}.`);
  }
  target.set(tensor.values, b.starts[k]!);
}

/** A packed vector as parameters by name: copies. */
export function unpacked(variables: readonly Variable[], b: Binding, x: Float64Array): Vectors {
  return record(variables.map(({ name }, k) => [name, x.slice(b.starts[k]!, b.starts[k]! + b.lengths[k]!)] as const));
}

/** A packed result, from which callers by name get their parts. */
export class Result {
  readonly name: string;
  readonly vector: Float64Array;
  private readonly parts: readonly Float64Array[];
  /** What took each part at the last call, and what was read: these are known to be apart. */
  private taken: readonly unknown[] = [];

  constructor(name: string, vector: Float64Array, { starts, lengths }: Pick<Binding, "starts" | "lengths">) {
    this.name = name;
    this.vector = vector;
    this.parts = starts.map((start, k) => vector.subarray(start, start + lengths[k]!));
  }

  /**
   * Copies the parts to the caller's arrays. Throws DataError for what is no array of its length, for names that no
   * parameter has, and for arrays that share memory with each other, the parameters or the direction.
   */
  writeTo(out: Vectors, variables: readonly Variable[], params: Inputs, direction: Inputs): void {
    const { taken, parts } = this;
    let isKnown = nameCount(out) === parts.length;
    for (let k = 0; k < parts.length && isKnown; k++) {
      const { name } = variables[k]!;
      const target = out[name];
      isKnown = target === taken[3 * k] && target?.length === parts[k]!.length;
      isKnown &&= params[name] === taken[3 * k + 1] && direction[name] === taken[3 * k + 2];
    }
    // to ask an array for its memory takes longer than to copy fifty numbers
    if (!isKnown) this.admit(out, variables, params, direction);
    for (let k = 0; k < parts.length; k++) copy(parts[k]!, out[variables[k]!.name]!, 0);
  }

  private admit(out: Vectors, variables: readonly Variable[], ...read: readonly Inputs[]): void {
    const known = variables.map(({ name }) => name);
    const other = Object.keys(out).find((name) => !known.includes(name));
    if (other !== undefined) throw new DataError(`the output "${this.name}" has no "${other}". ${meant(other, known)}`);
    const views: NamedView[] = [];
    const taken = variables.flatMap(({ name }, k) => {
      const inputs = read.map((each) => each[name]);
      for (const view of inputs) if (ArrayBuffer.isView(view)) views.push({ what: `"${name}"`, view, isResult: false });
      const what = `the output "${this.name}.${name}"`;
      const view = checkOutput(what, out[name], this.parts[k]!.length, []);
      views.push({ what, view, isResult: true });
      return [view, ...inputs];
    });
    requireApart(views);
    this.taken = taken;
  }
}

/** What each entry of a packed vector is, as the model writes it: `b`, `w[0]`, `A[1, 2]`. */
export function coordinateNames(variables: readonly Variable[], b: Binding): string[] {
  return variables.flatMap(({ name, expr }, k) => {
    const shape = b.shapeOf(expr);
    if (shape.length === 0) return [name];
    return Array.from({ length: b.lengths[k]! }, (_, at) => `${name}[${unravel(at, shape).join(", ")}]`);
  });
}
