import type { Expr } from "../../ir/graph.ts";
import { type Bindings, x } from "../pattern.ts";
import type { Condition } from "../rule.ts";

/** The value of a constant that a pattern matched. */
export function constantOf(node: Expr): number {
  return node.graph.constantOf(node.id);
}

/** A constant in the place of another. */
export function constantLike(value: number, like: Expr): Expr {
  return like.graph.constantLike(value, like, like.dtype);
}

/** A side condition on the value of a constant. */
export function valueWhere(variable: Expr, test: (value: number) => boolean): Condition {
  return (of: Bindings) => test(constantOf(of(variable)));
}

// Side conditions by facts. Each says of what a variable stands for that it holds in every element.

export const positive =
  (x: Expr): Condition =>
  (of, { facts }) =>
    facts.isPositive(of(x));
export const nonNegative =
  (x: Expr): Condition =>
  (of, { facts }) =>
    facts.isNonNegative(of(x));
export const nonPositive =
  (x: Expr): Condition =>
  (of, { facts }) =>
    facts.isNonPositive(of(x));
export const nonZero =
  (x: Expr): Condition =>
  (of, { facts }) =>
    facts.isNonZero(of(x));
export const finite =
  (x: Expr): Condition =>
  (of, { facts }) =>
    facts.isFinite(of(x));
export const neverNaN =
  (x: Expr): Condition =>
  (of, { facts }) =>
    facts.isNeverNaN(of(x));
export const neverNegativeZero =
  (x: Expr): Condition =>
  (of, { facts }) =>
    facts.isNeverNegativeZero(of(x));
export const below =
  (x: Expr, y: Expr): Condition =>
  (of, { facts }) =>
    facts.isBelow(of(x), of(y));
export const atMost =
  (x: Expr, y: Expr): Condition =>
  (of, { facts }) =>
    facts.isAtMost(of(x), of(y));

/** What x stands for is one number: in arrays the plain form is several times as fast. */
export const isNumber: Condition = (of, { facts }) => facts.isNumber(of(x));

export const both =
  (...conditions: readonly Condition[]): Condition =>
  (of, context) =>
    conditions.every((condition) => condition(of, context));
