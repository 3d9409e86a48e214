import type { DType } from "../../ir/primitive.ts";
import { arrayType } from "../signature.ts";

/** The method that reads data of a type. */
const reader = (type: DType): string =>
  `  ${type}(name: string): ${arrayType[type]} {
    return this.given(name) as ${arrayType[type]};
  }`;

const given = `

  private given(name: string): Float64Array | Int32Array | Uint8Array {
    const array = this.data.get(name);
    if (!array) throw missing(name);
    return array;
  }`;

const prepared = `

  /** What follows from the data alone: computed once. */
  prepared(compute: (binding: Binding, point: Float64Array) => Float64Array): Float64Array {
    let values = this.kept.get(compute);
    if (!values) this.kept.set(compute, (values = compute(this, this.point)));
    return values;
  }`;

interface BindingForm {
  /** Has WebAssembly. */
  readonly isFast: boolean;
  readonly dtypes: readonly DType[];
  /** Keeps what follows from data alone. */
  readonly isPrepared: boolean;
}

/**
 * The part of every emitted module that keeps data and packed vectors for one set of sizes, as BoundModel does in memory.
 * It refers to what the module says of its model: sizeNames, parameterLeaves, dataLeaves, packedLength, Ready, complete.
 */
export const moduleBinding = ({ isFast, dtypes, isPrepared }: BindingForm): string =>
  `
/** All that belongs to one set of sizes. */
class Binding {
  readonly sizes: readonly number[];
  readonly data = new Map<string, Float64Array | Int32Array | Uint8Array>();
  readonly starts: readonly number[];
  readonly lengths: readonly number[];
  readonly point: Float64Array;
  readonly direction: Float64Array;
  readonly gradient: Float64Array;
  readonly product: Float64Array;
  readonly ready: Ready = {};
  /** What was last seen to lie apart, by the vector that was copied there. */
  readonly apart = new Map<Float64Array, readonly unknown[]>();
${isPrepared ? "  readonly kept = new Map<unknown, Float64Array>();\n" : ""}${isFast ? "  /** Where functions in WebAssembly have their numbers, and those that were made. */\n  wasm: WasmMemory | undefined;\n  readonly fast = new Map<string, WasmRun | undefined>();\n" : ""}
  constructor(sizes: readonly number[]) {
    this.sizes = sizes;
    for (const leaf of [...parameterLeaves, ...dataLeaves]) this.requireSizes(leaf);
    this.lengths = parameterLeaves.map((leaf) => this.lengthOf(leaf));
    let length = 0;
    this.starts = this.lengths.map((part) => (length += part) - part);
    this.point = new Float64Array(length);
    this.direction = new Float64Array(length);
    this.gradient = new Float64Array(length);
    this.product = new Float64Array(length);
  }

  lengthOf(leaf: Pick<Leaf, "shape">): number {
    return leaf.shape.reduce((product, size) => product * size.of(this.sizes), 1);
  }

  /** Throws DataError where an axis would have less than no elements. */
  requireSizes({ name, shape }: Leaf): void {
    for (const [axis, size] of shape.entries()) {
      const value = size.of(this.sizes);
      if (!(value < 0)) continue;
      throw new DataError("axis " + axis + " of " + quoted(name) + ", " + size.text + ", is " + value + ": a size is 0 or more.");
    }
  }

  size(k: number): number {
    const value = this.sizes[k]!;
    if (!Number.isNaN(value)) return value;
    throw new DataError("the size " + quoted(sizeNames[k]!) + " follows from no argument: pass it in sizes.");
  }

${dtypes.map((dtype) => reader(dtype)).join("\n\n")}${dtypes.length > 0 ? given : ""}${isPrepared ? prepared : ""}
}

/** Takes parameters in both forms and finds the binding for them; a new one when the sizes change. */
class Binder {
  /** Copies, for callers may change their arrays. */
  private readonly tensors = new Map<string, Tensor & { readonly values: ReturnType<typeof copyData> }>();
  private readonly given: readonly number[];
  private current: Binding | undefined;

  constructor(data: object, sizes: object) {
    const read = readInputs(data, dataLeaves);
    for (const leaf of dataLeaves) {
      const tensor = read.get(leaf.name);
      if (tensor) this.tensors.set(leaf.name, { values: copyData(leaf, tensor.values), shape: tensor.shape });
    }
    checkNamed("sizes", sizes);
    for (const name of Object.keys(sizes)) {
      if (!sizeNames.includes(name)) throw new DataError("the model has no size " + quoted(name) + ".");
    }
    this.given = sizeNames.map((name) => {
      const size = ownValue(sizes, name);
      if (size === undefined) return Number.NaN;
      if (typeof size === "number" && Number.isInteger(size) && size >= 0) return size;
      throw new DataError("the size " + quoted(name) + " needs a whole number, got " + size + ".");
    });
    const known = this.solve([]);
    if (parameterLeaves.every((leaf) => leaf.shape.every(({ uses }) => uses.every((k) => known[k]! >= 0)))) {
      this.bind([]);
    }
  }

  /** The sizes known so far, by name. */
  get sizes(): Record<string, number> {
    const sizes = this.current?.sizes ?? this.solve([]);
    return record(sizeNames.map((name, k) => [name, sizes[k]!]));
  }

  /** The binding for a packed point. */
  flat(x: Float64Array): Binding {
    if (!(x instanceof Float64Array)) throw new DataError("a packed vector must be a Float64Array.");
    const b = this.current;
    return b && x.length === b.point.length ? b : this.bind([{ leaf: { name: "x", shape: [packedLength] }, tensor: { values: x, shape: undefined } }]);
  }

  /** The binding for parameters by name, with the point packed into it. */
  named(params: object): Binding {
    const b = this.current;
    if (b && copyFast(params, b, b.point)) return b;
    const tensors = readInputs(params, parameterLeaves);
    const bound = this.bind(claimsOf(parameterLeaves, tensors));
    pack(tensors, bound, bound.point, true);
    return bound;
  }

  private solve(claims: readonly Claim[]): number[] {
    const sizes = [...this.given];
    solveSizes([...claimsOf(dataLeaves, this.tensors), ...claims], sizes);
    return sizes;
  }

  bind(claims: readonly Claim[]): Binding {
    const sizes = this.solve(claims);
    const known = this.current;
    if (known && sizes.every((size, k) => Object.is(size, known.sizes[k]))) return known;
    const b = new Binding(sizes);
    for (const leaf of parameterLeaves) for (const size of leaf.shape) for (const k of size.uses) b.size(k);
    for (const leaf of dataLeaves) {
      const tensor = this.tensors.get(leaf.name);
      if (tensor) b.data.set(leaf.name, tensor.values);
    }
    complete(b);
    this.current = b;
    return b;
  }
}

/** Allocates nothing: false for anything but Float64Arrays of the right lengths. */
function copyFast(params: object, b: Binding, target: Float64Array): boolean {
  let open = parameterLeaves.length;
  for (const _ in params) open--;
  if (open !== 0) return false;
  for (let k = 0; k < parameterLeaves.length; k++) {
    const value = (params as Record<string, unknown>)[parameterLeaves[k]!.name];
    if (!(value instanceof Float64Array) || value.length !== b.lengths[k]) return false;
    target.set(value, b.starts[k]!);
  }
  return true;
}

const missing = (name: string) => new DataError(quoted(name) + " has no value: the model declares it and no argument gives it.");

function pack(tensors: ReadonlyMap<string, Tensor>, b: Binding, target: Float64Array, needsAll: boolean): void {
  for (const [k, { name }] of parameterLeaves.entries()) {
    const start = b.starts[k]!;
    const tensor = tensors.get(name);
    if (tensor) target.set(tensor.values, start);
    else if (needsAll) throw missing(name);
    else target.fill(Number.NaN, start, start + b.lengths[k]!);
  }
}

function claimsOf(leaves: readonly Leaf[], tensors: ReadonlyMap<string, Tensor>): Claim[] {
  return leaves.flatMap((leaf) => {
    const tensor = tensors.get(leaf.name);
    return tensor ? [{ leaf, tensor }] : [];
  });
}

/** A packed vector by name, in new arrays or in those that are given, apart from what was read. */
function vectorsOf(from: Float64Array, b: Binding, out: Vectors | undefined, ...read: readonly object[]): Vectors {
  if (!out) {
    const parts = parameterLeaves.map(({ name }, k) => [name, from.slice(b.starts[k]!, b.starts[k]! + b.lengths[k]!)] as const);
    return record(parts) as unknown as Vectors;
  }
  const names = parameterLeaves.map(({ name }) => name);
  const given = [out, ...read].flatMap((of) => names.map((name) => (of as Record<string, unknown>)[name]));
  for (const [k, name] of names.entries()) checkLength("the result " + quoted(name), given[k], b.lengths[k]!);
  const before = b.apart.get(from);
  if (!before || before.some((each, k) => each !== given[k])) checkApart(names, given);
  b.apart.set(from, given);
  for (const k of names.keys()) (given[k] as Float64Array).set(from.subarray(b.starts[k]!, b.starts[k]! + b.lengths[k]!));
  return out;
}

/** An object without a prototype, so that every name is an ordinary key. */
function record<T>(entries: Iterable<readonly [string, T]>): Record<string, T> {
  return Object.assign(Object.create(null), Object.fromEntries(entries));
}
`.trim();

/** What functions of a direction need. */
export const moduleDirections = `
function packInto(params: object, b: Binding, target: Float64Array): void {
  if (copyFast(params, b, target)) return;
  const tensors = readInputs(params, parameterLeaves);
  solveSizes(claimsOf(parameterLeaves, tensors), [...b.sizes]);
  pack(tensors, b, target, true);
}
`.trim();
