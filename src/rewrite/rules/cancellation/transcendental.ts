import type { Expr } from "../../../ir/graph.ts";
import { add, mul, sub } from "../../../ops/elementary/algebra.ts";
import { greater, select } from "../../../ops/elementary/comparison.ts";
import { exp, log } from "../../../ops/elementary/exponential.ts";
import { isMap } from "../../../ops/maps.ts";
import { ellipe, ellipeDerivative, ellipk } from "../../../ops/special/elliptic.ts";
import { expint, expintScaled } from "../../../ops/special/expint.ts";
import { lambertw, wrightomega } from "../../../ops/special/lambert.ts";
import { x, y } from "../../pattern.ts";
import { type Rules, rule } from "../../rule.ts";
import { logarithmsOf } from "../exponentials/logarithms.ts";

/** Functions of what overflows, or underflows, on the way, and differences of elliptic integrals that cancel. */
export const transcendentalRules: Rules = {
  stable: [
    ...logarithmsOf([[expint(1), (of) => sub(log(expintScaled(1)(of)), of)]]),
    rule(mul(exp(x), expint(1)(x)), expintScaled(1)(x)),
    // K - E = m D, which vanishes at m = 0
    rule(sub(ellipk(x), ellipe(x)), mul(mul(x, ellipeDerivative(1)(x)), -2)),
    rule(sub(ellipe(x), ellipk(x)), mul(mul(x, ellipeDerivative(1)(x)), 2)),
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
