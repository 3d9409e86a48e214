import {
  equal,
  greater,
  greaterEqual,
  isFiniteReal,
  isNaNReal,
  less,
  lessEqual,
  notEqual,
} from "../../../ops/elementary/comparison.ts";
import { atMost, below, both, finite, neverNaN } from "../../forms/conditions.ts";
import { number, x, y } from "../../pattern.ts";
import { type Rules, rule } from "../../rule.ts";

const yes = number(1, "bool");
const no = number(0, "bool");

/** Conditions that facts decide. NaN compares false, so that "no" needs no more than intervals. */
export const comparisonRules: Rules = {
  exact: [
    rule(greater(x, y), less(y, x)),
    rule(greaterEqual(x, y), lessEqual(y, x)),
    rule(less(x, x), no),
    rule(less(y, x), no, { where: atMost(x, y) }),
    rule(lessEqual(y, x), no, { where: below(x, y) }),
    rule(equal(x, y), no, { where: below(x, y) }),
    rule(notEqual(x, y), yes, { where: below(x, y) }),
    rule(less(x, y), yes, { where: both(below(x, y), neverNaN(x), neverNaN(y)) }),
    rule(lessEqual(x, y), yes, {
      where: both(atMost(x, y), neverNaN(x), neverNaN(y)),
    }),
    rule(equal(x, x), yes, { where: neverNaN(x) }),
    rule(lessEqual(x, x), yes, { where: neverNaN(x) }),
    rule(notEqual(x, x), isNaNReal(x)),
    rule(isNaNReal(x), no, { where: neverNaN(x) }),
    rule(isFiniteReal(x), yes, { where: finite(x) }),
  ],
  real: [
    rule(less(x, y), yes, { where: below(x, y), name: "less for all numbers" }),
    rule(lessEqual(x, y), yes, { where: atMost(x, y), name: "less or equal for all numbers" }),
  ],
};
