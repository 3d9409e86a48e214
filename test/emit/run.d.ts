import type { CompilableModel } from "../../src/compile/compile.ts";
import { type FunctionName, type LoweredFunction } from "../../src/compile/derive.ts";
import { type Array1D } from "../../src/emit/javascript.ts";
import type { PairArray } from "../../src/emit/pair-arrays.ts";
import { type Signature } from "../../src/emit/print.ts";
import type { Buffer } from "../../src/lower/loops.ts";
/** A function of a model, ready for any engine. */
export interface Subject {
    readonly lowered: LoweredFunction;
    readonly signature: Signature;
}
export declare function functionOf(model: CompilableModel, name: FunctionName): Subject;
export declare function lengthOf(buffer: Pick<Buffer, "shape">): number;
export declare const sizesOf: ({ lowered }: Subject) => number[];
/** Numbers between -1.5 and 1.5 that differ from name to name. */
export declare function numbersFor(name: string, length: number, seed?: number): Float64Array;
/** What a bound buffer holds at the start: data, a table, or rubbish that must not matter. */
export declare function contentOf(buffer: Buffer, seed?: number): Array1D;
/** The length of the packed vectors of a model. */
export declare const packedLength: (model: CompilableModel) => number;
/** The vectors of a call: the point and the direction are given, everything else is written. */
export declare function vectorsOf({ signature }: Subject, length: number, seed?: number): Array1D[];
export declare function boundOf(subject: Subject, seed?: number): Array1D[];
/** Everything that a call gave: the returned number, then what every vector holds. */
export declare function resultOf(returned: number | undefined, vectors: readonly Array1D[]): number[][];
export declare const asPairs: (arrays: readonly Array1D[]) => PairArray[];
