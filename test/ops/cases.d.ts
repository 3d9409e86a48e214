import type { Expr } from "../../src/ir/graph.ts";
/** JSON prefix form: a number, the name of a variable, or [operation, ...operands]. */
export type Ast = number | string | readonly [string, ...Ast[]];
export declare function readCases<T>(path: string): T;
/** The expression of a case over the given variables. */
export declare function build(ast: Ast, variables: Readonly<Record<string, Expr>>): Expr;
/** The functions f, df/dx_i and d2f/dx_i dx_j of a case, evaluated as they stand. */
export declare function derivatives({ ast, vars }: {
    ast: Ast;
    vars: string[];
}): {
    value: (...operands: number[]) => number;
    first: ((...operands: number[]) => number)[];
    second: ((...operands: number[]) => number)[][];
};
/** Equal within `tolerance`, relative; a reference of exact 0 allows `nearZero`, and infinities must agree. */
export declare function isClose(got: number, reference: string | number, tolerance: number, nearZero?: number): boolean;
