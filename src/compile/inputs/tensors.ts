import { described } from "../../ir/arguments/arguments.ts";
import { counted } from "../../ir/counted.ts";
import { DataError } from "../../ir/errors.ts";
import type { DType } from "../../ir/primitive.ts";

export type TypedArray =
  | Float64Array
  | Float32Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray;

/** Nested arrays of one length per level; rows may be typed arrays. */
export type Nested = readonly (number | boolean)[] | readonly (Nested | TypedArray)[];

/** Values with their shape, row-major. */
export interface ShapedTensor {
  readonly data: TypedArray | readonly number[];
  readonly shape: readonly number[];
}

/** What callers may pass for a tensor: a number, nested arrays, values with a shape, or a flat typed array. */
export type TensorInput = number | boolean | Nested | TypedArray | ShapedTensor;

/** An input taken apart: row-major values, and as much of its shape as the caller's form tells. */
export interface Tensor {
  readonly values: TypedArray | readonly number[];
  /** Absent for a flat typed array: only its length is known. */
  readonly shape: readonly number[] | undefined;
}

/** True for equal shapes, and where both are unknown. */
export function areSame(one: Tensor["shape"], other: Tensor["shape"]): boolean {
  return one === other || (one?.length === other?.length && !!one?.every((size, axis) => size === other![axis]));
}

/** Reads any accepted form. Throws DataError, which says `name`. */
export function readTensor(name: string, input: unknown): Tensor {
  if (typeof input === "number" || typeof input === "boolean") return { values: [Number(input)], shape: [] };
  if (isTypedArray(input)) return { values: input, shape: undefined };
  if (Array.isArray(input)) return readNested(name, input);
  if (typeof input === "object" && input !== null && "data" in input && "shape" in input) {
    return readShaped(name, input as ShapedTensor);
  }
  throw new DataError(
    `"${name}" needs a number, nested arrays, a typed array or { data, shape }, got ${described(input)}.`,
  );
}

function readShaped(name: string, input: ShapedTensor): Tensor {
  const { data, shape } = input;
  const isShape = Array.isArray(shape) && shape.every((size) => Number.isInteger(size) && size >= 0);
  if (!isShape) {
    const got = Array.isArray(shape)
      ? `[${shape.map((size) => (typeof size === "number" ? size : described(size))).join(", ")}]`
      : described(shape);
    throw new DataError(`the shape of "${name}" needs whole numbers, got ${got}.`);
  }
  if (!isTypedArray(data) && !Array.isArray(data)) {
    throw new DataError(`the data of "${name}" needs an array, got ${described(data)}.`);
  }
  const count = shape.reduce((product, size) => product * size, 1);
  if (data.length !== count) {
    throw new DataError(
      `"${name}" of shape [${shape.join(", ")}] needs ${counted(count, "value")}, got ${data.length}.`,
    );
  }
  if (Array.isArray(data)) for (const [at, value] of data.entries()) requireNumber(name, value, [at]);
  return { values: data, shape };
}

/** Deeper nesting than any tensor has: arrays that hold themselves have no end. */
const deepest = 64;

/** Flattens nested arrays, level by level; every level must be even. */
function readNested(name: string, input: readonly unknown[]): Tensor {
  // no level goes deeper than the first entries do
  for (let depth = 0, first: unknown = input; Array.isArray(first); first = first[0]) {
    if (++depth > deepest) throw new DataError(`"${name}" is nested deeper than ${deepest} levels.`);
  }
  const shape: number[] = [];
  let level: readonly unknown[] = [input];
  while (level.length > 0 && level.every((entry) => Array.isArray(entry) || isTypedArray(entry))) {
    const rows = level as readonly ArrayLike<unknown>[];
    const width = rows[0]!.length;
    const uneven = rows.findIndex((row) => row.length !== width);
    if (uneven >= 0) {
      const at = unravel(uneven, shape);
      throw new DataError(
        `"${name}" is uneven: the row at [${at.join(", ")}] has ${counted(rows[uneven]!.length, "entry", "entries")}, the first has ${width}.`,
      );
    }
    shape.push(width);
    const next: unknown[] = [];
    for (const row of rows) {
      for (let k = 0; k < row.length; k++) {
        // at the first hole: an array of holes can be longer than memory is
        if (row[k] === undefined) requireNumber(name, row[k], unravel(next.length, shape));
        next.push(row[k]);
      }
    }
    level = next;
  }
  const values = new Array<number>(level.length);
  for (const [at, value] of level.entries()) values[at] = requireNumber(name, value, unravel(at, shape));
  return { values, shape };
}

function requireNumber(name: string, value: unknown, at: readonly number[]): number {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return Number(value);
  throw new DataError(`"${name}" at [${at.join(", ")}] needs a number, got ${described(value)}.`);
}

/** The index of a row-major position. */
export function unravel(position: number, shape: readonly number[]): number[] {
  const index: number[] = [];
  let rest = position;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis]!;
    index.unshift(size === 0 ? 0 : rest % size);
    rest = Math.floor(rest / size);
  }
  return index;
}

/** True of an array of numbers of one type; those of bigints hold none. */
export function isTypedArray(input: unknown): input is TypedArray {
  return ArrayBuffer.isView(input) && !(input instanceof DataView) && !isBigIntArray(input);
}

function isBigIntArray(input: ArrayBufferView): boolean {
  return input instanceof BigInt64Array || input instanceof BigUint64Array;
}

/**
 * A copy in the array type that holds `dtype`. Throws DataError, with the index, where an int is no whole number or a bool neither
 * 0 nor 1.
 */
export function copyInto(
  name: string,
  tensor: Tensor,
  shape: readonly number[],
  dtype: DType,
): Float64Array | Int32Array | Uint8Array {
  const { values } = tensor;
  for (let at = 0; dtype !== "real" && at < values.length; at++) {
    const value = values[at]!;
    const isWhole = Number.isInteger(value);
    if (dtype === "int" ? isWhole && Math.abs(value) < 2 ** 31 : value === 0 || value === 1) continue;
    const place = shape.length > 0 ? ` at [${unravel(at, shape).join(", ")}]` : "";
    const needed = dtype !== "int" ? "true or false" : `a whole number${isWhole ? " within 2^31" : ""}`;
    throw new DataError(`"${name}"${place} needs ${needed}, got ${value}.`);
  }
  try {
    return new (dtype === "real" ? Float64Array : dtype === "int" ? Int32Array : Uint8Array)(values);
  } catch {
    throw new DataError(`"${name}" was handed to another thread.`);
  }
}
