/** The data of logistic regression, row-major; parameters are packed as w, then b. */
export interface LogisticData {
    readonly X: Float64Array;
    readonly y: Float64Array;
    readonly rows: number;
    readonly columns: number;
    readonly lambda: number;
}
/**
 * mean softplus(-y (X w + b)) + lambda/2 |w|^2 and its gradient, by hand: one pass over the rows, four accumulators in
 * the product of a row with w, softplus and its slope from one exponential.
 */
export declare function gradient(data: LogisticData, x: Float64Array, g: Float64Array): number;
/** The same over four rows at a time, so that w and g are read a quarter as often. rows must be a multiple of four. */
export declare function gradientByFourRows(data: LogisticData, x: Float64Array, g: Float64Array): number;
/** The Hessian times v: sum_i y_i^2 s_i (1 - s_i) (X_i v_w + v_b) X_i / n + lambda v_w, in one pass. */
export declare function product(data: LogisticData, x: Float64Array, v: Float64Array, h: Float64Array): void;
/** The same over four rows at a time. rows must be a multiple of four. */
export declare function productByFourRows(data: LogisticData, x: Float64Array, v: Float64Array, h: Float64Array): void;
