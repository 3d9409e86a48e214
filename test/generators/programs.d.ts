import fc from "fast-check";
import { type Expr, Graph } from "../../src/ir/graph.ts";
/** One step of a straight-line program: the operation and its arguments as positions among earlier values. */
export interface Instruction {
    readonly operation: number;
    readonly a: number;
    readonly b: number;
    readonly c: number;
}
/** A model with a scalar output, real parameters and data, and numbers for all of them. */
export interface Program {
    readonly graph: Graph;
    readonly output: Expr;
    readonly parameters: readonly Expr[];
    readonly sizes: ReadonlyMap<string, number>;
    readonly values: ReadonlyMap<Expr, readonly number[]>;
    /** Bounds the elements of every value; the scale of rounding errors. */
    readonly scale: number;
    /** How fast-check prints a counterexample. */
    readonly [fc.toStringMethod]: () => string;
}
export interface ProgramOptions {
    /** Also max, min, abs, relu and the like; points then may lie at a kink. Default: false. */
    readonly hasKinks?: boolean;
    readonly longest?: number;
}
/** Any list of instructions is a program: arguments are taken modulo the values at hand. Leaving some out shrinks it. */
export declare function instructions({ longest }?: ProgramOptions): fc.Arbitrary<readonly Instruction[]>;
export declare function programs(options?: ProgramOptions): fc.Arbitrary<Program>;
/** Reads a list of instructions as a program; every list is one. */
export declare function elaborate(list: readonly Instruction[], { hasKinks }?: ProgramOptions): Program;
