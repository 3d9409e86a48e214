import type { ListName, Pair, Phase, Rule } from "../../src/rewrite/rule.ts";
/** A pair of expressions at sample points: values, and derivatives with respect to every real variable. */
export interface Sample {
    readonly point: readonly number[];
    readonly left: number;
    readonly right: number;
    readonly slopes: readonly (readonly [left: number, right: number])[];
}
/** True when the rule applies to its own left side. */
export declare function answersItself(rule: Rule): boolean;
/** Evaluates both sides of a pair wherever its own condition on constants holds. */
export declare function samplesOf(pair: Pair, list: ListName, phase: Phase): Sample[];
