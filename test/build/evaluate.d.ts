import type { ElaboratedModel } from "../../src/build/model.ts";
import type { Expr } from "../../src/ir/graph.ts";
export type Nested = number | readonly Nested[];
export type Inputs = Readonly<Record<string, Nested>>;
export declare function flat(value: Nested): number[];
/** Sizes from the axes that are a name alone. */
export declare function sizesOf(model: ElaboratedModel, inputs: Inputs, given?: Readonly<Record<string, number>>): Map<string, number>;
export declare const leavesOf: (model: ElaboratedModel) => (import("../../src/build/model.ts").DeclaredData | import("../../src/build/model.ts").DeclaredParameter)[];
/** The values of expressions of a model, flat and row-major, by the reference interpreter. */
export declare function evaluate(model: ElaboratedModel, roots: readonly Expr[], inputs: Inputs, given?: Readonly<Record<string, number>>): number[][];
export declare function lossAt(model: ElaboratedModel, inputs: Inputs, given?: Readonly<Record<string, number>>): number;
export declare function outputAt(model: ElaboratedModel, name: string, inputs: Inputs, given?: Readonly<Record<string, number>>): number[];
/** The gradient of a scalar by the complex step: one run per element of the leaf. */
export declare function complexStep(model: ElaboratedModel, root: Expr, name: string, inputs: Inputs, given?: Readonly<Record<string, number>>): number[];
/** The requirements that the inputs do not meet, by their summaries. */
export declare function broken(model: ElaboratedModel, inputs: Inputs, given?: Readonly<Record<string, number>>): string[];
