import { type RecipeOptions } from "../../src/check/arbitraries.ts";
import { Derivatives, Evaluation } from "../../src/check/graphs.ts";
import { type Comparison } from "../../src/check/laws.ts";
import type { RandomProgram } from "../../src/check/programs.ts";
import type { Expr } from "../../src/ir/graph.ts";
/** A random program with its derivatives in all parameters, evaluated at its own point along two small directions. */
export interface Subject {
    readonly program: RandomProgram;
    readonly derivatives: Derivatives;
    readonly at: Evaluation;
}
export declare function subjectOf(program: RandomProgram): Subject;
/** Every run of the suite draws the same programs; a fault found by another seed belongs into a test of its own. */
export declare const seed = 20240607;
/** Runs a law over random programs; the counterexample that remains is a graph of a few nodes. */
export declare function forPrograms(runs: number, compare: (subject: Subject) => readonly Comparison[], options?: RecipeOptions): void;
/** gradient . v of a scalar, and the path sum that its rounding is measured by. */
export declare function slopeOf(output: Expr, variables: readonly Expr[], v: readonly Expr[]): {
    slope: Expr;
    scale: Expr;
};
