import {
  equal,
  greater,
  greaterEqual,
  isFiniteReal,
  isNaNReal,
  less,
  lessEqual,
  notEqual,
} from "../../ops/comparison.ts";
import { atMost, below, between, both, finite, neverNaN } from "../conditions.ts";
import { number, x, y } from "../pattern.ts";
import { type Rules, rule } from "../rule.ts";

const yes = number(1, "bool");
const no = number(0, "bool");
const apart = [between(x, -8, -1), between(y, 1, 8)] as const;

/** Conditions that facts decide. NaN compares false, so that "no" needs no more than intervals. */
export const comparisonRules: Rules = {
  exact: [
    rule("greater as less", greater(x, y), less(y, x)),
    rule("greater or equal as less or equal", greaterEqual(x, y), lessEqual(y, x)),
    rule("less than itself", less(x, x), no),
    rule("never less", less(y, x), no, { where: atMost(x, y), domain: apart }),
    rule("never less or equal", lessEqual(y, x), no, { where: below(x, y), domain: apart }),
    rule("never equal", equal(x, y), no, { where: below(x, y), domain: apart }),
    rule("always unequal", notEqual(x, y), yes, { where: below(x, y), domain: apart }),
    rule("always less", less(x, y), yes, { where: both(below(x, y), neverNaN(x), neverNaN(y)), domain: apart }),
    rule("always less or equal", lessEqual(x, y), yes, {
      where: both(atMost(x, y), neverNaN(x), neverNaN(y)),
      domain: apart,
    }),
    rule("equal to itself", equal(x, x), yes, { where: neverNaN(x), domain: [between(x, -8, 8)] }),
    rule("less than or equal to itself", lessEqual(x, x), yes, { where: neverNaN(x), domain: [between(x, -8, 8)] }),
    rule("NaN as inequality with itself", notEqual(x, x), isNaNReal(x)),
    rule("never NaN", isNaNReal(x), no, { where: neverNaN(x), domain: [between(x, -8, 8)] }),
    rule("always finite", isFiniteReal(x), yes, { where: finite(x), domain: [between(x, -8, 8)] }),
  ],
  real: [
    rule("less for all numbers", less(x, y), yes, { where: below(x, y), domain: apart }),
    rule("less or equal for all numbers", lessEqual(x, y), yes, { where: atMost(x, y), domain: apart }),
  ],
};
