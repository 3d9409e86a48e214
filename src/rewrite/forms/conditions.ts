import type { Expr } from "../../ir/graph.ts";
import { select } from "../../ops/elementary/comparison.ts";
import { nowhere } from "../../ops/elementary/nowhere.ts";
import { isMap } from "../../ops/maps.ts";
import type { Facts } from "../facts/facts.ts";
import { evaluated, x, y } from "../pattern.ts";
import type { Condition } from "../rule.ts";

/** A constant in the place of another. */
export function constantLike(value: number, like: Expr): Expr {
  return like.graph.constantLike(value, like, like.dtype);
}

/** A form where a condition holds, and NaN elsewhere, in value and slopes, as what it stands for is: a function of `x`. */
export const orNaN = (condition: Expr, form: Expr, x: Expr = form): Expr => select(condition, form, nowhere(x));

/** A side condition on the value of a constant, or of what a pattern makes of constants. */
export function valueWhere(pattern: Expr, test: (value: number) => boolean): Condition {
  return (of) => test(evaluated(pattern, of));
}

/** Numbers between 0 and infinity. */
export const isPositiveFinite = (value: number) => value > 0 && value < Number.POSITIVE_INFINITY;

/** What each of these stands for varies. */
export const vary =
  (...variables: readonly Expr[]): Condition =>
  (of) =>
    variables.every((variable) => of(variable).kind !== "constant");

/** None of these stands for a choice: what the far side of one is of tells that a rule has been here. */
export const areNoChoices =
  (...variables: readonly Expr[]): Condition =>
  (of) =>
    !variables.some((variable) => isMap(of(variable), select));

/** Constants that differ in sign alone. */
export const areOpposite =
  (c: Expr, d: Expr): Condition =>
  (of) =>
    evaluated(c, of) === -evaluated(d, of);

// Side conditions by facts. Each says of what a variable stands for that it holds in every element.

type Fact<Variables extends readonly unknown[]> = {
  [Name in keyof Facts]: Facts[Name] extends (...nodes: Variables) => boolean ? Name : never;
}[keyof Facts];

const ofOne =
  (fact: Fact<[Expr]>) =>
  (x: Expr): Condition =>
  (of, { facts }) =>
    facts[fact](of(x));
const ofTwo =
  (fact: Fact<[Expr, Expr]>) =>
  (x: Expr, y: Expr): Condition =>
  (of, { facts }) =>
    facts[fact](of(x), of(y));

export const positive = ofOne("isPositive");
export const nonNegative = ofOne("isNonNegative");
export const nonPositive = ofOne("isNonPositive");
export const nonZero = ofOne("isNonZero");
export const finite = ofOne("isFinite");
export const neverNaN = ofOne("isNeverNaN");
export const neverNegativeZero = ofOne("isNeverNegativeZero");
export const below = ofTwo("isBelow");
export const atMost = ofTwo("isAtMost");

/** What x stands for is one number: in arrays the plain form is several times as fast. */
export const isNumber = ofOne("isNumber")(x);

/** All of the conditions. */
export const both =
  (...conditions: readonly Condition[]): Condition =>
  (of, context) =>
    conditions.every((condition) => condition(of, context));

/** False of what is left of a constant where its powers are taken by the logarithm: 1, or what has none. */
export const isOpenBase = ({ constant }: Expr) => constant === undefined || (constant > 0 && constant !== 1);

/** Of a power x^y that varies, of what no rule has bounded. */
export const isOpenPower = both(vary(y), areNoChoices(x), (of) => isOpenBase(of(x)));
