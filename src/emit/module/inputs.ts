/**
 * The part of every emitted module that reads inputs and solves sizes, as src/compile does in memory. Plain text, so that
 * a module imports nothing; no template strings and no backslashes in it.
 */
export const moduleInputs = `
type TypedArray =
  Float64Array | Float32Array | Int32Array | Uint32Array | Int16Array | Uint16Array | Int8Array | Uint8Array | Uint8ClampedArray;

type Nested = readonly (number | boolean)[] | readonly (Nested | TypedArray)[];

/** A tensor: a number, nested arrays, a flat row-major typed array, or values with their shape. */
export type TensorInput =
  | number | boolean | Nested | TypedArray
  | { readonly data: TypedArray | readonly number[]; readonly shape: readonly number[] };

/** Inputs that do not fit the model: names, sizes, values out of range. */
export class DataError extends Error {
  override readonly name = "DataError";
}

/** A dimension as a function of the sizes. */
interface Dimension {
  readonly text: string;
  /** The sizes that it needs, by position. */
  readonly uses: readonly number[];
  readonly of: (s: readonly number[]) => number;
}

function dimension(text: string, uses: readonly number[], of: Dimension["of"]): Dimension {
  return { text, uses, of };
}

interface Leaf {
  readonly name: string;
  readonly type: "real" | "int" | "bool";
  readonly shape: readonly Dimension[];
}

/** An input taken apart; a flat typed array tells its length only. */
interface Tensor {
  readonly values: ArrayLike<number>;
  readonly shape: readonly number[] | undefined;
}

interface Claim {
  readonly leaf: Pick<Leaf, "name" | "shape">;
  readonly tensor: Tensor;
}

const quoted = (name: string) => JSON.stringify(name);

function isTypedArray(input: unknown): input is TypedArray {
  return ArrayBuffer.isView(input) && !(input instanceof DataView) && typeof (input as ArrayLike<unknown> & ArrayBufferView)[0] !== "bigint";
}

function readTensor(name: string, input: unknown): Tensor {
  if (typeof input === "number" || typeof input === "boolean") return { values: [Number(input)], shape: [] };
  if (isTypedArray(input)) return { values: input, shape: undefined };
  if (Array.isArray(input)) return readNested(name, input);
  if (typeof input === "object" && input !== null && "data" in input && "shape" in input) {
    const { data, shape } = input as { readonly data: unknown; readonly shape: unknown };
    const isShape = Array.isArray(shape) && shape.every((size) => Number.isInteger(size) && size >= 0);
    if (isShape && (Array.isArray(data) || isTypedArray(data))) {
      const count = shape.reduce((product, size) => product * size, 1);
      if (data.length === count) return { values: Array.isArray(data) ? numbers(name, data) : data, shape };
      throw new DataError(quoted(name) + " of shape [" + shape.join(", ") + "] needs " + count + " values, got " + data.length + ".");
    }
  }
  throw new DataError(quoted(name) + " needs a number, nested arrays, a typed array or { data, shape }.");
}

/** Flattens nested arrays level by level; every level must be even. */
function readNested(name: string, input: readonly unknown[]): Tensor {
  // arrays that hold themselves have no end, and no level goes deeper than the first entries do
  let first: unknown = input;
  for (let depth = 0; Array.isArray(first); depth++) {
    if (depth >= 64) throw new DataError(quoted(name) + " is nested deeper than 64 levels.");
    first = first[0];
  }
  const shape: number[] = [];
  let level: readonly unknown[] = [input];
  while (level.length > 0 && level.every((entry) => Array.isArray(entry) || isTypedArray(entry))) {
    const rows = level as readonly ArrayLike<unknown>[];
    const width = rows[0]!.length;
    if (rows.some((row) => row.length !== width)) throw new DataError(quoted(name) + " is uneven: its rows differ in length.");
    shape.push(width);
    level = rows.flatMap((row) => Array.from(row));
  }
  return { values: numbers(name, level), shape };
}

function numbers(name: string, values: readonly unknown[]): number[] {
  // holes are values too
  return Array.from(values, (value) => {
    if (typeof value === "number" || typeof value === "boolean") return Number(value);
    throw new DataError(quoted(name) + " needs numbers, got " + (value === null ? "null" : typeof value) + ".");
  });
}

function checkNamed(what: string, given: unknown): void {
  if (Object.prototype.toString.call(given) === "[object Object]") return;
  throw new DataError(what + " are given as an object by name.");
}

/** Reads inputs, and refuses names that nothing declares. */
function readInputs(inputs: object, leaves: readonly Leaf[]): Map<string, Tensor> {
  checkNamed("inputs", inputs);
  const known = new Set(leaves.map(({ name }) => name));
  for (const name of Object.keys(inputs)) {
    if (known.has(name)) continue;
    throw new DataError("the model has no input " + quoted(name) + " here. It has: " + ([...known].map(quoted).join(", ") || "none") + ".");
  }
  const read = new Map<string, Tensor>();
  for (const { name } of leaves) {
    const value = ownValue(inputs, name);
    if (value !== undefined) read.set(name, readTensor(name, value));
  }
  return read;
}

function ownValue(inputs: object, name: string): unknown {
  return Object.hasOwn(inputs, name) ? (inputs as Record<string, unknown>)[name] : undefined;
}

/** Solves the unknown sizes (NaN) from the shapes and lengths of tensors; throws where these contradict. */
function solveSizes(claims: readonly Claim[], sizes: number[]): void {
  let open = claims.flatMap(equationsOf);
  let before: number;
  do {
    before = open.length;
    open = open.filter(({ left, right, label }) => {
      const unknown = [...new Set(left.uses)].filter((k) => Number.isNaN(sizes[k]));
      if (unknown.length > 1) return true;
      if (unknown.length === 1 && !solveFor(unknown[0]!, left, right, sizes)) return true;
      const needed = left.of(sizes);
      if (needed === right) return false;
      const known = left.uses.map((k) => sizeNames[k] + " = " + sizes[k]).join(", ");
      throw new DataError(label + " needs " + needed + " (" + left.text + (known ? "; " + known : "") + "), got " + right + ".");
    });
  } while (open.length > 0 && open.length < before);
}

function equationsOf({ leaf, tensor }: Claim): { left: Dimension; right: number; label: string }[] {
  const { name, shape } = leaf;
  const texts = shape.map((size) => size.text);
  if (!tensor.shape) {
    const left: Dimension = {
      text: texts.join("*") || "1",
      uses: shape.flatMap((size) => size.uses),
      of: (s) => shape.reduce((product, size) => product * size.of(s), 1),
    };
    return [{ left, right: tensor.values.length, label: "the length of " + quoted(name) }];
  }
  const got = tensor.shape;
  // nested arrays do not say how long the axes behind an empty one are
  const isEmpty = got.length > 0 && got.length < shape.length && got[got.length - 1] === 0;
  if (got.length !== shape.length && !isEmpty) {
    throw new DataError(quoted(name) + " needs shape [" + texts.join(", ") + "], got [" + got.join(", ") + "].");
  }
  return got.map((right, axis) => ({ left: shape[axis]!, right, label: "axis " + axis + " of " + quoted(name) }));
}

/** Sets size k so that left = right, where one whole number alone does. */
function solveFor(k: number, left: Dimension, right: number, sizes: number[]): boolean {
  const at = (value: number) => left.of(sizes.map((size, other) => (other === k ? value : size)));
  const [zero, slope] = [at(0), at(1) - at(0)];
  if (slope !== 0 && at(2) - at(1) === slope) {
    sizes[k] = Math.max(0, Math.round((right - zero) / slope));
    return true;
  }
  for (let value = 0; value <= right && at(value) <= right; value++) {
    if (at(value) !== right || at(value + 1) === right) continue;
    sizes[k] = value;
    return true;
  }
  return false;
}

/** Data in the array type of its leaf; whole numbers are checked for int, 0 and 1 for bool. */
function copyData({ name, type }: Leaf, values: ArrayLike<number>): Float64Array | Int32Array | Uint8Array {
  if (type === "real") return Float64Array.from(values);
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    const isWhole = Number.isInteger(value);
    if (type === "int" ? isWhole && Math.abs(value) < 2 ** 31 : value === 0 || value === 1) continue;
    const kind = type !== "int" ? "true or false" : "a whole number" + (isWhole ? " within 2^31" : "");
    throw new DataError(quoted(name) + " needs " + kind + " at position " + at + ", got " + value + ".");
  }
  return type === "int" ? Int32Array.from(values) : Uint8Array.from(values);
}

function checkLength(what: string, array: unknown, length: number): void {
  if (array instanceof Float64Array && array.length === length) return;
  throw new DataError(what + " needs a Float64Array of " + length + " elements.");
}

/** Refuses results, which come first, that share memory with each other or with what is read. */
function checkApart(names: readonly string[], given: readonly unknown[]): void {
  const views = given.flatMap((view, k) => (ArrayBuffer.isView(view) && view.byteLength > 0 ? [{ view, k }] : []));
  const ends = new Map<unknown, readonly number[]>();
  for (const { view, k } of views.sort((a, b) => a.view.byteOffset - b.view.byteOffset)) {
    const { buffer, byteOffset: start } = view;
    const end = start + view.byteLength;
    const [all, results] = ends.get(buffer) ?? [0, 0];
    const isResult = k < names.length;
    if (start < (isResult ? all! : results!)) {
      throw new DataError("the result " + quoted(names[k % names.length]!) + " shares memory with an input or another result.");
    }
    ends.set(buffer, [Math.max(all!, end), isResult ? Math.max(results!, end) : results!]);
  }
}
`.trim();

/** What modules have whose indices follow from inputs. */
export const moduleRanges = `
/** Every element must lie in 0..extent where the guard, if there is one, holds; the message counts from least. */
function checkRange(index: ArrayLike<number>, extent: number, guard: ArrayLike<number> | undefined, needed: string, least = 0): void {
  // a size that no argument tells: who reads with it asks for it
  if (Number.isNaN(extent)) return;
  for (let at = 0; at < index.length; at++) {
    const value = index[at]!;
    if ((value >= 0 && value < extent) || (guard && guard[at] === 0)) continue;
    const range = extent < Infinity ? "0.." + extent : least + " and above";
    throw new DataError(needed + ": needed " + range + ", got " + (value + least) + " at position " + at + ".");
  }
}
`.trim();

/** What functions need that write to arrays of the caller. */
export const moduleResults = `
/** What results lie apart from: to ask for memory takes longer than a small model. */
const apart = new WeakMap<Float64Array, WeakSet<ArrayBufferView>>();

/** Refuses a result array of another type or length, or in the memory of another array. */
function checkResult(name: string, out: Float64Array, length: number, other: ArrayBufferView): void {
  const known = apart.get(out);
  if (known?.has(other) && out.length === length) return;
  checkLength("the result " + quoted(name), out, length);
  checkApart([name], [out, other]);
  if (known) known.add(other);
  else apart.set(out, new WeakSet([other]));
}
`.trim();
