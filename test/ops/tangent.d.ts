import type { Expr } from "../../src/ir/graph.ts";
import type { Partial, Primitive } from "../../src/ir/primitive.ts";
import type { Operation } from "../../src/ops/define.ts";
export declare const operationOf: (primitive: Primitive) => Operation;
export declare function partialOf(primitive: Primitive, position: number): Partial;
/** The derivative of `output` along `variable`, by the partials alone; undefined is the structural zero. */
export declare function derivative(output: Expr, variable: Expr): Expr | undefined;
