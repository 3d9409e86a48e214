import type { Integer } from "../ir/integer.ts";
import type { Buffer, Program } from "../lower/program/loops.ts";

/** A vector that holds several buffers one after the other: parameters, a direction, a gradient. */
export interface Packed {
  readonly name: string;
  readonly buffers: readonly PackedPart[];
  /** True when the vector holds one buffer and nothing else. */
  readonly isSingle: boolean;
}

/** A buffer in a vector. */
export interface PackedPart {
  readonly buffer: Buffer;
  readonly offset: Integer;
  /** What lies before it in the layout, whether or not the vector's function has a buffer for it. */
  readonly before?: { readonly offset: Integer; readonly length: Integer } | undefined;
}

/** How a program's buffers reach its function. */
export interface Signature {
  readonly name: string;
  /** Vectors passed at every call, in this order, after everything that is bound. */
  readonly packed: readonly Packed[];
  /** Arrays passed at every call, after the packed vectors. */
  readonly separate: readonly Buffer[];
  /** A scalar output that the function returns in place of writing it. */
  readonly returned?: Buffer | undefined;
}

/** The buffers that no call passes: they are bound once, in this order. */
export function boundBuffers(program: Program, signature: Signature): Buffer[] {
  const packed = signature.packed.flatMap((vector) => vector.buffers.map(({ buffer }) => buffer));
  const perCall = new Set([...packed, ...signature.separate, signature.returned]);
  return program.buffers.filter((buffer) => !perCall.has(buffer));
}

/** The typed array that holds given values of each element type. */
export const arrayType = { real: "Float64Array", int: "Int32Array", bool: "Uint8Array" } as const;

/** The typed array of a buffer: whole numbers that a program computes may leave 32 bits. */
export function arrayTypeOf({ role, dtype }: Pick<Buffer, "role" | "dtype">) {
  return arrayType[dtype === "int" && role !== "input" && role !== "table" ? "real" : dtype];
}
