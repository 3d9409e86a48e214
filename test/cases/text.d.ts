/** A prefix tree as the reference files hold it: a number, a variable, or an operator with its operands. */
export type Tree = number | string | readonly [string, ...Tree[]];
/** A tree as text of the model language. */
export declare function textOf(tree: Tree): string;
