/** Something to be timed against others that compute the same. */
export interface Contender {
    readonly name: string;
    /** One call, from host arrays to host arrays. */
    readonly run: () => void;
    /** What the last call computed. */
    readonly result: () => ArrayLike<number>;
}
export interface Timing {
    readonly name: string;
    /** CPU time of a call, the median over the rounds. */
    readonly microseconds: number;
    /** CPU time in units of the first contender's in the same round: quartiles. */
    readonly ratio: readonly [low: number, median: number, high: number];
}
export interface Effort {
    readonly rounds: number;
    /** CPU time to spend on one contender in one round. */
    readonly milliseconds: number;
    readonly warmUpMilliseconds: number;
}
export declare const thorough: Effort;
export declare const quick: Effort;
/**
 * CPU times of all contenders, warm: every round runs each in turn, so that what disturbs the machine disturbs all,
 * and ratios are taken within a round. CPU time is the whole process's, its collector and compiler threads included.
 */
export declare function compare(contenders: readonly Contender[], effort: Effort): Timing[];
export declare function quantile(values: readonly number[], part: number): number;
export declare const median: (values: readonly number[]) => number;
/** Largest difference, in units of the reference's largest entry. */
export declare function deviation(values: ArrayLike<number>, reference: ArrayLike<number>): number;
