import type { CompilableModel } from "../../src/compile/compile.ts";
import { type Expr } from "../../src/ir/graph.ts";
/** A model of the leaves of a graph: parameters and data in the order in which they were made. */
export declare function modelOf(name: string, loss: Expr, more?: Partial<CompilableModel>): CompilableModel;
/** softplus(-y (X w + b)), averaged, with a penalty. */
export declare function logistic(): CompilableModel;
export declare function rosenbrock(): CompilableModel;
/** A regression by a network with `depth` hidden layers of width h. */
export declare function network(depth: number, activation?: (x: Expr) => Expr): CompilableModel;
/** Rows of a table chosen by int data, with a kink. */
export declare function embedding(): CompilableModel;
/** Defined for positive parameters only. */
export declare function logarithms(): CompilableModel;
