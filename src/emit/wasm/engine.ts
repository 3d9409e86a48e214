import type { Integer } from "../../ir/integer.ts";
import type { Buffer, Program } from "../../lower/loops.ts";
import { caller } from "../caller.ts";
import type { Admission, Array1D, BoundFunction } from "../javascript.ts";
import { arrayTypeOf, boundBuffers, type Signature } from "../print.ts";
import { wasmHost } from "./host.ts";
import { LinearMemory, type Refillable } from "./memory.ts";
import { hostName, printWasm, type WasmModule, type WasmOptions } from "./module.ts";
import { hostFunction } from "./operations.ts";
import { bytesOf } from "./places.ts";

/** A program as WebAssembly: bound to sizes and arrays, its functions copy the vectors of a call in and out. */
export interface WasmCode {
  readonly module: WasmModule;
  /** Functions that are bound with one map share a memory, which they keep in it. */
  bind(
    sizes: readonly number[],
    bound: readonly Array1D[],
    admit?: Admission,
    shared?: Map<string, Refillable>,
  ): BoundFunction;
}

/** Compiles a program in memory. Throws where WebAssembly may not be compiled, or not at once. */
export function compileWasm(program: Program, signature: Signature, options: WasmOptions = {}): WasmCode {
  return loadWasm(program, signature, printWasm(program, signature, options));
}

/** Compiles what was printed. Throws where WebAssembly may not be compiled, or not at once. */
export function loadWasm(program: Program, signature: Signature, printed: WasmModule): WasmCode {
  const module = new (wasmHost().Module)(printed.bytes);
  return {
    module: printed,
    bind: (sizes, bound, admit, shared) =>
      instantiate(program, signature, printed, module, { sizes, bound, admit, memory: memoryIn(shared) }),
  };
}

function memoryIn(shared: Map<string, Refillable> = new Map()): LinearMemory {
  const known = shared.get("memory") as LinearMemory | undefined;
  const memory = known ?? new LinearMemory();
  shared.set("memory", memory);
  return memory;
}

interface Binding {
  readonly sizes: readonly number[];
  readonly bound: readonly Array1D[];
  readonly admit: Admission | undefined;
  readonly memory: LinearMemory;
}

const views = { Float64Array, Int32Array, Uint8Array };

/** A vector of a call, and the part of the memory that is its copy. */
interface Vector {
  first: Array1D;
  copy: Array1D;
  readonly start: number;
  readonly length: number;
  readonly type: keyof typeof views;
  readonly isResult: boolean;
}

function instantiate(
  program: Program,
  signature: Signature,
  printed: WasmModule,
  module: object,
  { sizes, bound, admit, memory }: Binding,
): BoundFunction {
  const sizeOf = new Map(program.sizes.map((name, k) => [name, sizes[k]!]));
  const numberOf = (integer: Integer) =>
    integer.evaluate((atom) => (atom.kind === "name" ? sizeOf.get(atom.name)! : Number.NaN));
  const lengthOf = (buffer: Buffer) => buffer.shape.reduce((product, size) => product * numberOf(size), 1);
  const starts = new Map<Buffer, number>();

  const vectors: Vector[] = signature.packed.map(({ name, buffers }) => {
    const length = Math.max(0, ...buffers.map(({ buffer, offset }) => numberOf(offset) + lengthOf(buffer)));
    const start = memory.vector(name, 8 * length);
    for (const { buffer, offset } of buffers) starts.set(buffer, start + 8 * numberOf(offset));
    const isResult = buffers.some(({ buffer }) => buffer.role === "output");
    return { first: noArray, copy: noArray, start, length, type: "Float64Array", isResult };
  });
  for (const buffer of signature.separate) {
    const length = lengthOf(buffer);
    const start = memory.reserve(length * bytesOf(buffer));
    starts.set(buffer, start);
    vectors.push({ first: noArray, copy: noArray, start, length, type: arrayTypeOf(buffer), isResult: true });
  }
  if (signature.returned) starts.set(signature.returned, memory.vector("result", 8));
  const own = boundBuffers(program, signature);
  const isWorkspace = ({ role }: Buffer) => role !== "input" && role !== "table";
  for (const [k, buffer] of own.entries()) if (!isWorkspace(buffer)) starts.set(buffer, memory.place(bound[k]!));
  let bytes = 0;
  const offsets = new Map<Buffer, number>();
  for (const buffer of own.filter(isWorkspace)) {
    offsets.set(buffer, bytes);
    bytes += Math.ceil((lengthOf(buffer) * bytesOf(buffer)) / 16) * 16;
  }
  const workspace = memory.workspace(bytes);
  for (const [buffer, offset] of offsets) starts.set(buffer, workspace + offset);

  const imports: Record<string, unknown> = { memory: memory.memory };
  for (const [k, size] of sizes.entries()) imports[`s${k}`] = size;
  for (const [k, buffer] of printed.buffers.entries()) imports[`b${k}`] = starts.get(buffer)!;
  for (const [k, { primitive }] of printed.functions.entries()) imports[`f${k}`] = hostFunction(primitive);
  const { exports } = new (wasmHost().Instance)(module, { [hostName]: imports });
  const main = exports.run as () => number | undefined;

  const given = vectors.filter(({ isResult }) => !isResult);
  const results = vectors.filter(({ isResult }) => isResult);
  return caller(vectors, admit, () => {
    // memory that has grown has left its old views empty
    for (let k = 0; k < vectors.length; k++) if (vectors[k]!.copy.length !== vectors[k]!.length) view(vectors[k]!);
    for (let k = 0; k < given.length; k++) copyInto(given[k]!.copy, given[k]!.first);
    const result = main();
    for (let k = 0; k < results.length; k++) copyInto(results[k]!.first, results[k]!.copy);
    return result;
  });

  function view(vector: Vector): void {
    vector.copy = new views[vector.type](memory.memory.buffer, vector.start, vector.length);
  }
}

/** A function may not reach to the end of a packed vector: then only its part is copied. */
function copyInto(target: Array1D, source: Array1D): void {
  if (target.length === source.length) target.set(source);
  else for (let k = 0; k < target.length && k < source.length; k++) target[k] = source[k]!;
}

const noArray = new Float64Array(0);
