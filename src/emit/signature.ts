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
  /** True where results may be computed once more. Default: false. */
  readonly looksAgain?: boolean;
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

/** A number in a vector of a call. */
export interface Place {
  readonly vector: number;
  readonly at: number;
}

/** Functions of more numbers are no formulas. */
const mostNumbers = 100;

/** Where the numbers of a call stand; undefined for functions of arrays, and of very many numbers. What is returned has no place. */
export function placesOf(
  { buffers }: Pick<Program, "buffers">,
  { packed, separate }: Signature,
): Map<Buffer, Place> | undefined {
  if (buffers.length > mostNumbers || buffers.some(({ shape }) => shape.length > 0)) return undefined;
  return new Map<Buffer, Place>([
    ...packed.flatMap((each, vector) =>
      each.buffers.map(({ buffer, offset }) => [buffer, { vector, at: offset.value! }] as const),
    ),
    ...separate.map((buffer, k) => [buffer, { vector: packed.length + k, at: 0 }] as const),
  ]);
}
