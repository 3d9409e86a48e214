import type { CompilableModel } from "../../src/compile/compile.ts";
/** How many elements the packed parameter of a straight-line model has. */
export declare const straightLineInputs = 50;
/**
 * A model of `operations` scalar operations without loops, over the elements of one vector. Each takes two of the
 * recent results; products are of bounded functions, so that values and derivatives stay in range.
 */
export declare function straightLineModel(operations: number): CompilableModel;
