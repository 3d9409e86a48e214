import { complexField } from "../../interpreter/complex.ts";
import { type Dual, dualField } from "../../interpreter/dual.ts";
import type { Field } from "../../ir/field.ts";
import type { Buffer } from "../../lower/program/loops.ts";
import type { Complex } from "../../numeric/complex/complex.ts";
import { type Array1D, allocate } from "../javascript.ts";

/**
 * An array of numbers of two parts: real and imaginary part, or value and tangent. Whole numbers, conditions and tables
 * have a first part only, and their second array is not read.
 */
export interface PairArray {
  readonly first: Array1D;
  readonly second: Float64Array;
}

/** One number of two parts. */
export interface Pair {
  readonly first: number;
  readonly second: number;
}

/** A program over pairs: like its real form, with a pair of arrays for each array and a pair for the scalar result. */
export interface PairCompiled {
  bind(sizes: readonly number[], bound: readonly PairArray[]): BoundPairFunction;
}

export type BoundPairFunction = (...vectors: PairArray[]) => Pair | undefined;

/** A field whose numbers are pairs. */
export interface PairField<T> {
  readonly field: Field<T>;
  readonly of: (first: number, second: number) => T;
  readonly second: (x: T) => number;
}

/** Complex numbers: real parts, and imaginary parts. */
export const complexPairs: PairField<Complex> = {
  field: complexField,
  of: (re, im) => ({ re, im }),
  second: (x) => x.im,
};

/** Dual numbers: values, and their changes along one direction. */
export const dualPairs: PairField<Dual> = {
  field: dualField,
  of: (value, tangent) => ({ value, tangent }),
  second: (x) => x.tangent,
};

/** A pair of zeroed arrays. */
export function allocatePair(buffer: Pick<Buffer, "role" | "dtype">, length: number): PairArray {
  return { first: allocate(buffer, length), second: new Float64Array(buffer.dtype === "real" ? length : 0) };
}

/** Real numbers as pairs; without a second part they are constants. */
export function pairOf(first: Array1D, second?: Float64Array): PairArray {
  return { first, second: second ?? new Float64Array(first instanceof Float64Array ? first.length : 0) };
}

/** Whole numbers, conditions and constants do not vary. */
export function hasSecond(buffer: Buffer): boolean {
  return buffer.dtype === "real" && buffer.role !== "table";
}
