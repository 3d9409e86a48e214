/** sum_i 100 (x[i+1] - x[i]^2)^2 + (1 - x[i])^2 and its gradient, by hand: one pass, what i owes to i + 1 in a local. */
export declare function gradient(x: Float64Array, g: Float64Array): number;
/** The Hessian times v. */
export declare function product(x: Float64Array, v: Float64Array, h: Float64Array): void;
