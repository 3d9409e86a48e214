import { add, div, mul, neg, reciprocal, square, sub } from "../../ops/algebra.ts";
import { greaterEqual, select } from "../../ops/comparison.ts";
import {
  erf,
  erfc,
  erfcHazard,
  erfcinv,
  erfcx,
  erfinv,
  logErf,
  logErfc,
  logNormalCdf,
  normalCdf,
  normalPdf,
} from "../../ops/erf.ts";
import { erfRatio } from "../../ops/erf-ratios.ts";
import { exp, log } from "../../ops/exponential.ts";
import { digamma, lgamma } from "../../ops/gamma.ts";
import { gammaStep, logBeta } from "../../ops/gamma-steps.ts";
import { gaussian } from "../../ops/gaussian.ts";
import { x, y } from "../pattern.ts";
import { type Rules, rule } from "../rule.ts";
import { evenRules, oddRules } from "./parity.ts";
import { ratioRules } from "./ratio.ts";

const stepRules = (
  [
    [lgamma, 1],
    [digamma, 2],
  ] as const
).flatMap(([f, order]) => {
  const step = gammaStep(order);
  return [rule(sub(f(add(x, y)), f(x)), step(x, y)), rule(sub(f(x), f(add(x, y))), neg(step(x, y)))];
});

/** Complements and tails of special functions that would cancel or overflow when computed from their parts. */
export const specialRules: Rules = {
  exact: [...oddRules([erf]), ...evenRules([normalPdf])],
  stable: [
    ...ratioRules(erf, erfRatio),
    ...stepRules,
    rule(sub(add(lgamma(x), lgamma(y)), lgamma(add(x, y))), logBeta(x, y)),
    rule(sub(lgamma(y), gammaStep(1)(x, y)), logBeta(x, y)),
    rule(sub(gammaStep(1)(x, y), lgamma(y)), neg(logBeta(x, y))),
    // the poles at 0 cancel
    rule(add(lgamma(x), log(x)), select(greaterEqual(x, 0), lgamma(add(x, 1)), Number.NaN)),
    rule(add(digamma(x), reciprocal(x)), digamma(add(x, 1))),
    rule(sub(1, erf(x)), erfc(x)),
    rule(sub(1, erfc(x)), erf(x)),
    rule(sub(1, normalCdf(x)), normalCdf(neg(x))),
    rule(log(erfc(x)), logErfc(x)),
    rule(log(normalCdf(x)), logNormalCdf(x)),
    rule(log(mul(0.5, erfc(x))), logNormalCdf(mul(-Math.SQRT2, x))),
    rule(mul(exp(square(x)), erfc(x)), erfcx(x)),
    rule(add(erf(x), 1), erfc(neg(x))),
    rule(div(gaussian(x), erfc(x)), mul(erfcHazard(x), Math.sqrt(Math.PI) / 2)),
    rule(log(erf(x)), logErf(x)),
    rule(erfinv(sub(1, x)), erfcinv(x)),
    rule(erfinv(add(mul(x, 2), -1)), neg(erfcinv(mul(x, 2)))),
    rule(erfinv(erf(x)), x),
  ],
};
