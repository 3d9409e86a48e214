import { LimitError } from "../../ir/errors.ts";
import type { Array1D } from "../javascript.ts";
import { type WasmMemory, wasmHost } from "./host.ts";
import { type bytesPerElement, lowestArray } from "./places.ts";

const pageBytes = 65_536;

/** What keeps copies of arrays that may be filled again. */
export interface Refillable {
  refilled(array: Array1D): void;
}

/**
 * The memory that the functions of one bound model share: data is copied in once, vectors and workspace have one place
 * each. It grows when a function is made, never when one is called.
 */
export class LinearMemory implements Refillable {
  readonly memory: WasmMemory = new (wasmHost().Memory)({ initial: 1 });
  private end = lowestArray;
  private readonly placed = new Map<Array1D, number>();
  private readonly vectors = new Map<string, number>();
  private scratch = { start: 0, bytes: 0 };

  /** The first byte of so many new ones. Throws LimitError where there is no memory for them. */
  reserve(bytes: number): number {
    const start = this.end;
    this.end += Math.ceil(bytes / 16) * 16;
    // a vector may be read where a number ends the memory
    const pages = Math.ceil((this.end + 16) / pageBytes);
    const have = this.memory.buffer.byteLength / pageBytes;
    if (pages <= have) return start;
    try {
      this.memory.grow(pages - have);
    } catch {
      throw new LimitError(
        `with these sizes the arrays need ${this.end} bytes, which is more than there is memory for.`,
      );
    }
    return start;
  }

  /** Where an array was copied to. */
  place(array: Array1D): number {
    const known = this.placed.get(array);
    if (known !== undefined) return known;
    const start = this.reserve(array.byteLength);
    this.placed.set(array, start);
    this.refilled(array);
    return start;
  }

  /** Copies an array again, if it was. */
  refilled(array: Array1D): void {
    const start = this.placed.get(array);
    if (start === undefined) return;
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    new Uint8Array(this.memory.buffer).set(bytes, start);
  }

  /** The place of a vector that calls pass under this name. */
  vector(name: string, bytes: number): number {
    const key = `${name} ${bytes}`;
    const start = this.vectors.get(key) ?? this.reserve(bytes);
    this.vectors.set(key, start);
    return start;
  }

  /** A place for values that do not outlive a call: all functions have the same. */
  workspace(bytes: number): number {
    if (bytes > this.scratch.bytes) this.scratch = { start: this.reserve(bytes), bytes };
    return this.scratch.start;
  }
}
