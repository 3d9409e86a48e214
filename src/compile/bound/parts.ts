import type { Array1D } from "../../emit/javascript.ts";
import type { Expr } from "../../ir/graph.ts";
import type { FunctionTable } from "../functions.ts";

/** A function that writes outputs to arrays of these lengths. */
export interface OutputFunction {
  readonly lengths: readonly number[];
  readonly run: (x: Float64Array, arrays: readonly Float64Array[]) => void;
}

/** What analyses of a bound model read. */
export interface BoundParts {
  readonly functions: FunctionTable;
  readonly variables: readonly Expr[];
  readonly outputNames: readonly string[];
  readonly sizes: ReadonlyMap<string, number>;
  readonly data: ReadonlyMap<Expr, Array1D>;
  /** The number of entries of a packed vector. */
  readonly length: number;
}

/** What a function that is derived elsewhere has of its own. */
export interface MadeOptions {
  readonly sizes?: ReadonlyMap<string, number>;
  readonly points?: number;
}
