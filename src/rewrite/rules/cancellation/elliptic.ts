import { mul, sub } from "../../../ops/elementary/algebra.ts";
import { ellipe, ellipeDerivative, ellipk } from "../../../ops/special/elliptic.ts";
import { x } from "../../pattern.ts";
import { type Rules, rule } from "../../rule.ts";

/** K - E = m D, which vanishes at m = 0. */
export const ellipticRules: Rules = {
  stable: [
    rule(sub(ellipk(x), ellipe(x)), mul(mul(x, ellipeDerivative(1)(x)), -2)),
    rule(sub(ellipe(x), ellipk(x)), mul(mul(x, ellipeDerivative(1)(x)), 2)),
  ],
};
