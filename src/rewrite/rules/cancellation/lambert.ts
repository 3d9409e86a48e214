import type { Expr } from "../../../ir/graph.ts";
import { add, mul } from "../../../ops/elementary/algebra.ts";
import { greater, select } from "../../../ops/elementary/comparison.ts";
import { exp, log } from "../../../ops/elementary/exponential.ts";
import { isMap } from "../../../ops/maps.ts";
import { lambertw, wrightomega } from "../../../ops/special/lambert.ts";
import { x, y } from "../../pattern.ts";
import { type Rules, rule } from "../../rule.ts";

/** Lambert W of powers of e, which overflow before it does. */
export const lambertRules: Rules = {
  stable: [
    rule(lambertw(exp(x)), wrightomega(x)),
    // of what is negative there is no logarithm
    rule(lambertw(mul(exp(x), y)), ofScaledPower(), { where: (of) => !isMap(of(x), select) }),
  ],
};

/** W(e^x y): the chosen exponent tells that the rule has been here. */
function ofScaledPower(): Expr {
  const isPositive = greater(y, 0);
  const right = wrightomega(add(x, log(select(isPositive, y, 1))));
  return select(isPositive, right, lambertw(mul(exp(select(isPositive, 0, x)), y)));
}
