import { LimitError } from "../../ir/errors.ts";
import type { Array1D } from "../javascript.ts";
import { lowestArray } from "./places.ts";

/** What is used of WebAssembly's interface: typed here, because not every environment's types have it. */
export interface WasmHost {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ) => { readonly exports: Readonly<Record<string, unknown>> };
  readonly Memory: new (limits: {
    readonly initial: number;
    readonly maximum?: number;
    readonly shared?: boolean;
  }) => WasmMemory;
  validate(bytes: Uint8Array): boolean;
}

export interface WasmMemory {
  readonly buffer: ArrayBuffer | SharedArrayBuffer;
}

/** What a module imports, by name. */
export type WasmImports = Readonly<Record<string, unknown>>;

/** The environment's WebAssembly. Throws where there is none. */
export function wasmHost(): WasmHost {
  const host = (globalThis as { readonly WebAssembly?: WasmHost }).WebAssembly;
  if (!host) throw new Error("WebAssembly is not there");
  return host;
}

const pageBytes = 65_536;

/** What keeps copies of arrays that may be filled again. */
export interface Refillable {
  refilled(array: Array1D): void;
}

/** What a function keeps in memory. */
export interface Needs {
  /** Arrays whose values it reads, copied when it is made. */
  readonly data: readonly Array1D[];
  /** Bytes of the vectors of its calls, by name. */
  readonly vectors: ReadonlyMap<string, number>;
  /** Bytes of values that do not outlive a call. */
  readonly workspace: number;
}

/**
 * A memory that the functions of one bound model share: data is there once, vectors and workspace have one place each.
 * It never grows: growing detaches arrays, and from then on engines run all typed arrays of a process more slowly.
 */
class LinearMemory {
  readonly memory: WasmMemory;
  private end = lowestArray;
  private readonly data = new Map<Array1D, number>();
  private readonly vectors = new Map<string, number>();
  private scratch = { start: 0, bytes: 0 };

  /** `isShared`: threads may share it. Throws LimitError where there is no memory for so many bytes. */
  constructor(bytes: number, isShared = false) {
    // a vector may be read where a number ends the memory
    const pages = Math.ceil((lowestArray + bytes + 16) / pageBytes);
    try {
      const limits = isShared ? { initial: pages, maximum: pages, shared: true } : { initial: pages };
      this.memory = new (wasmHost().Memory)(limits);
    } catch {
      throw new LimitError(`with these sizes the arrays need ${bytes} bytes, which is more than there is memory for.`);
    }
  }

  /** Bytes that a function needs beyond what is there. */
  missing({ data, vectors, workspace }: Needs): number {
    let bytes = 0;
    for (const array of new Set(data)) if (!this.data.has(array)) bytes += whole(array.byteLength);
    for (const [name, length] of vectors) if (!this.vectors.has(vectorKey(name, length))) bytes += whole(length);
    return bytes + (workspace > this.scratch.bytes ? whole(workspace) : 0);
  }

  get free(): number {
    return this.memory.buffer.byteLength - this.end - 16;
  }

  /** Where an array is copied to. */
  place(array: Array1D): number {
    const known = this.data.get(array);
    if (known !== undefined) return known;
    const start = this.reserve(array.byteLength);
    this.data.set(array, start);
    this.refilled(array);
    return start;
  }

  vector(name: string, bytes: number): number {
    const key = vectorKey(name, bytes);
    const start = this.vectors.get(key) ?? this.reserve(bytes);
    this.vectors.set(key, start);
    return start;
  }

  workspace(bytes: number): number {
    if (bytes > this.scratch.bytes) this.scratch = { start: this.reserve(bytes), bytes };
    return this.scratch.start;
  }

  refilled(array: Array1D): void {
    const start = this.data.get(array);
    if (start === undefined) return;
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    new Uint8Array(this.memory.buffer).set(bytes, start);
  }

  private reserve(bytes: number): number {
    const start = this.end;
    this.end += whole(bytes);
    return start;
  }
}

const whole = (bytes: number): number => Math.ceil(bytes / 16) * 16;
const vectorKey = (name: string, bytes: number): string => `${name} ${bytes}`;

/** Room that is left for the functions to come: their vectors, and workspaces that may be larger. */
const spareBytes = 1 << 20;

/** The memories of one binding: a second one only where the first has no room for a function. */
export class Memories implements Refillable {
  private readonly all: LinearMemory[] = [];
  private readonly isShared: boolean;

  /** `isShared`: threads may share them. */
  constructor(isShared = false) {
    this.isShared = isShared;
  }

  for(needs: Needs): LinearMemory {
    const last = this.all[this.all.length - 1];
    if (last && last.missing(needs) <= last.free) return last;
    let bytes = spareBytes + 3 * needs.workspace;
    for (const array of new Set(needs.data)) bytes += whole(array.byteLength);
    for (const length of needs.vectors.values()) bytes += 4 * whole(length);
    const made = new LinearMemory(bytes, this.isShared);
    this.all.push(made);
    return made;
  }

  refilled(array: Array1D): void {
    for (const memory of this.all) memory.refilled(array);
  }
}
