import type { CompilableModel } from "../../src/compile/compile.ts";
/** Mean logistic loss with a penalty on the weights. */
export declare function logistic(): CompilableModel;
export declare function rosenbrock(): CompilableModel;
/** A chain of scalars that is too long for one function. */
export declare function long(): CompilableModel;
/**
 * A model of random steps over everything that loops can hold: maps, sums, products, extremes, views that leave their
 * tensor, gathers and scatters through int data, running sums, conditions. The same seed gives the same model.
 */
export declare function randomModel(seed: number): CompilableModel;
/** Sizes under which every model above can run. */
export declare const sizes: ReadonlyMap<string, number>;
