import { div, mul, neg, reciprocal, square } from "../../../ops/elementary/algebra.ts";
import { pow, sqrt } from "../../../ops/elementary/powers.ts";
import { abs } from "../../../ops/elementary/rounding.ts";
import { valueWhere, vary } from "../../forms/conditions.ts";
import { c, d, x, y } from "../../pattern.ts";
import { type Condition, type Rules, rule } from "../../rule.ts";

/** Squares of functions have rules of their own. */
const isVariable: Condition = (of) => of(x).kind !== "map";

/** What is divided by a power of a variable: of a power, not of a quotient, slopes are right where the divisor is 0 or infinite. */
export const divisorRules: Rules = {
  stable: [
    rule(mul(square(x), square(y)), square(mul(x, y)), {
      once: [square(x), square(y)],
    }),
    rule(div(square(x), square(y)), square(div(x, y)), {
      once: [square(x), square(y)],
      where: vary(x),
    }),
    rule(sqrt(mul(square(x), c)), mul(abs(x), sqrt(c)), {
      where: valueWhere(c, (value) => value > 0 && value < Number.POSITIVE_INFINITY),
    }),
    rule(reciprocal(square(x)), pow(x, -2), { where: isVariable }),
    rule(reciprocal(pow(x, c)), pow(x, neg(c)), {
      where: isVariable,
    }),
    rule(div(c, square(x)), mul(c, pow(x, -2)), { where: isVariable }),
    rule(div(c, pow(x, d)), mul(c, pow(x, neg(d))), {
      where: isVariable,
    }),
  ],
};
