import { fileRule } from "../report/engine-times.ts";
import { fusedBytes, nothing, productBytes, relaxedModule } from "../wasm/fuse.ts";

/**
 * The part of emitted modules that runs WebAssembly: it places data, vectors and workspace in one memory for each
 * binding. Where a policy forbids WebAssembly, or a function is small, the loops in TypeScript run instead.
 */
export const moduleWasm = `
/** A function in WebAssembly, and what its numbered imports are. */
interface WasmFunction {
  /** Steps from each product or sum that may be fused to the next, in LEB128 and base64. */
  readonly fusible: string;
  /** About how many operations a call takes. */
  readonly operations: number;
  readonly sizes: readonly number[];
  /** The packed vectors of a call: true for those that it writes. */
  readonly vectors: readonly (readonly [name: string, isResult: boolean])[];
  readonly arrays: readonly WasmArray[];
  readonly functions: readonly ((x: number, y: number) => number)[];
}

/**
 * Where an array lies: in a vector from an element on; among what a call returns beside vectors, with bytes an element; a
 * copy of data or of a table; bytes of workspace; the number that is returned.
 */
type WasmArray =
  | { readonly in: number; readonly at: number }
  | { readonly output: number; readonly length: number; readonly bytes: number }
  | { readonly copy: Float64Array | Int32Array | Uint8Array }
  | { readonly workspace: number }
  | { readonly result: true };

/** Of WebAssembly's interface, what is used here: not every environment's types have it. */
interface WasmHost {
  readonly validate: (bytes: Uint8Array) => boolean;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: Record<string, unknown> };
  readonly Memory: new (limits: { readonly initial: number }) => { readonly buffer: ArrayBuffer };
}

/** A memory of one binding. Functions share data, vectors and workspace; a second one is made where one has no room. */
class WasmMemory {
  readonly memory: InstanceType<WasmHost["Memory"]>;
  private end = 1024;
  private readonly places = new Map<unknown, number>();
  private workspace = { start: 0, bytes: 0 };

  constructor(host: WasmHost, bytes: number) {
    this.memory = new host.Memory({ initial: Math.ceil((bytes + 2048) / 65536) });
  }

  hasRoom(bytes: number): boolean {
    return this.end + bytes + 16 <= this.memory.buffer.byteLength;
  }

  /** The first byte of what is known by the key, made when it is first asked for. */
  place(key: unknown, bytes: number, content?: Float64Array | Int32Array | Uint8Array): number {
    const known = this.places.get(key);
    if (known !== undefined) return known;
    const start = this.reserve(bytes);
    this.places.set(key, start);
    if (content) {
      const copied = new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
      new Uint8Array(this.memory.buffer).set(copied, start);
    }
    return start;
  }

  /** Bytes for values that do not outlive a call. */
  scratch(bytes: number): number {
    if (bytes > this.workspace.bytes) this.workspace = { start: this.reserve(bytes), bytes };
    return this.workspace.start;
  }

  private reserve(bytes: number): number {
    const start = this.end;
    this.end += Math.ceil(bytes / 16) * 16;
    return start;
  }
}

/**
 * Whether a call of WebAssembly pays: in nanoseconds, what it saves against what it costs more, with vectors copied in and out
 * that no cache holds.
 */
function isWorthwhile({ operations, vectors }: WasmFunction, length: number): boolean {
  const far = Math.max(0, 8 * vectors.length * length - ${fileRule.cacheBytes});
  return operations * ${fileRule.savedByOperation} > ${fileRule.call} + far * ${fileRule.farByte};
}

/** Works on packed vectors, up to four; results that are no vectors come last. */
type WasmRun = (
  first?: Float64Array,
  second?: Float64Array,
  third?: Float64Array,
  fourth?: Float64Array,
  outputs?: readonly (Float64Array | Uint8Array)[],
) => unknown;

/**
 * The function of this name, whose module has these bytes in base64, made once for each binding; undefined where it is small
 * or WebAssembly cannot be had. Functions of other arrays can have the same bytes.
 */
function webAssembly(b: Binding, name: string, bytes: string, describe: () => WasmFunction): WasmRun | undefined {
  if (!b.fast.has(name)) b.fast.set(name, fastRun(b, bytes, describe()));
  return b.fast.get(name);
}

function fastRun(b: Binding, bytes: string, code: WasmFunction): WasmRun | undefined {
  if (!isWorthwhile(code, b.point.length)) return undefined;
  try {
    return instantiate(b, bytes, code);
  } catch {
    return undefined;
  }
}

/** The least module with relaxed SIMD: it validates where a product and the sum that it goes into may be one instruction. */
const relaxedModule = Uint8Array.of(${relaxedModule.join(", ")});

/** Makes products and sums one instruction: in place of a product stands nothing, and in place of the sum what does both. */
function fuse(bytes: Uint8Array, steps: Uint8Array): void {
  let at = 0;
  let factor = 1;
  for (const step of steps) {
    at += factor * (step & 0x7f);
    factor *= 0x80;
    if (step >= 0x80) continue;
    factor = 1;
    bytes.set(bytes[at + 1] === ${productBytes[1]} ? [${nothing.join(", ")}] : [${fusedBytes.join(", ")}], at);
  }
}

function instantiate(b: Binding, bytes: string, code: WasmFunction): WasmRun {
  const { WebAssembly: host, atob } = globalThis as unknown as {
    readonly WebAssembly: WasmHost;
    readonly atob: (text: string) => string;
  };
  const bytesIn = (text: string) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const loops = bytesIn(bytes);
  if (host.validate(relaxedModule)) fuse(loops, bytesIn(code.fusible));
  const module = new host.Module(loops);
  const { length } = b.point;
  const bytesOf = (array: WasmArray) => {
    const own = "workspace" in array ? array.workspace : "output" in array ? array.length * array.bytes : 0;
    return Math.ceil(Math.max(0, own) / 16) * 16;
  };
  const workspace = code.arrays.reduce((sum, array) => sum + bytesOf(array), 0);
  const copied = code.arrays.reduce((sum, array) => sum + ("copy" in array ? array.copy.byteLength + 16 : 0), 0);
  const needed = copied + workspace + code.vectors.length * (8 * length + 16) + 32;
  // room for the functions to come: their data is the same, and a memory that grew would slow all arrays down
  if (!b.wasm?.hasRoom(needed)) b.wasm = new WasmMemory(host, 2 * (needed + copied + workspace) + 32 * length);
  const memory = b.wasm;
  const starts = code.vectors.map(([name]) => memory.place(name, 8 * length));
  const result = memory.place("result", 8);
  let free = memory.scratch(workspace);
  const outputs: (Float64Array | Uint8Array)[] = [];
  const imports: Record<string, unknown> = { memory: memory.memory };
  for (const [k, size] of code.sizes.entries()) imports["s" + k] = size;
  for (const [k, array] of code.arrays.entries()) {
    if ("in" in array) imports["b" + k] = starts[array.in]! + 8 * array.at;
    else if ("copy" in array) imports["b" + k] = memory.place(array.copy, array.copy.byteLength, array.copy);
    else if ("workspace" in array) imports["b" + k] = free;
    else if ("output" in array) {
      imports["b" + k] = free;
      const type = array.bytes === 1 ? Uint8Array : Float64Array;
      outputs[array.output] = new type(memory.memory.buffer, free, array.length);
    } else imports["b" + k] = result;
    free += bytesOf(array);
  }
  for (const [k, f] of code.functions.entries()) imports["f" + k] = f;
  const { exports } = new host.Instance(module, { nabla: imports });
  const run = exports["run"] as () => unknown;
  const copies = starts.map((start) => new Float64Array(memory.memory.buffer, start, length));
  const passed: Float64Array[] = [];
  const count = starts.length;
  return (first, second, third, fourth, results) => {
    passed[0] = first!;
    passed[1] = second!;
    passed[2] = third!;
    passed[3] = fourth!;
    for (let k = 0; k < count; k++) {
      if (!code.vectors[k]![1]) copies[k]!.set(passed[k]!);
    }
    const value = run();
    for (let k = 0; k < count; k++) if (code.vectors[k]![1]) passed[k]!.set(copies[k]!);
    for (let k = 0; k < outputs.length; k++) results![k]!.set(outputs[k]!);
    return value;
  };
}
`.trim();
