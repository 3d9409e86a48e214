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
import { between } from "../conditions.ts";
import { x, y } from "../pattern.ts";
import { type Rules, rule } from "../rule.ts";
import { evenRules, oddRules } from "./parity.ts";
import { ratioRules } from "./ratio.ts";

const onGamma = [between(x, 0.1, 5), between(y, 0.1, 5)];
const stepRules = (
  [
    [lgamma, 1],
    [digamma, 2],
  ] as const
).flatMap(([f, order]) => {
  const { name } = f.primitive;
  const step = gammaStep(order);
  return [
    rule(`${name} of a sum less that of its term`, sub(f(add(x, y)), f(x)), step(x, y), { domain: onGamma }),
    rule(`${name} less that of a sum with its operand`, sub(f(x), f(add(x, y))), neg(step(x, y)), { domain: onGamma }),
  ];
});

/** Complements and tails of special functions that would cancel or overflow when computed from their parts. */
export const specialRules: Rules = {
  exact: [...oddRules([erf]), ...evenRules([normalPdf])],
  stable: [
    ...ratioRules(erf, erfRatio),
    ...stepRules,
    rule("logarithm of beta", sub(add(lgamma(x), lgamma(y)), lgamma(add(x, y))), logBeta(x, y), { domain: onGamma }),
    rule("step of lgamma and another lgamma", sub(lgamma(y), gammaStep(1)(x, y)), logBeta(x, y), { domain: onGamma }),
    rule("step of lgamma less another lgamma", sub(gammaStep(1)(x, y), lgamma(y)), neg(logBeta(x, y)), {
      domain: onGamma,
    }),
    // the poles at 0 cancel
    rule("lgamma plus log", add(lgamma(x), log(x)), select(greaterEqual(x, 0), lgamma(add(x, 1)), Number.NaN), {
      domain: [between(x, 0.1, 5)],
    }),
    rule("digamma plus a reciprocal", add(digamma(x), reciprocal(x)), digamma(add(x, 1)), {
      domain: [between(x, 0.1, 5)],
    }),
    rule("one minus erf", sub(1, erf(x)), erfc(x)),
    rule("one minus erfc", sub(1, erfc(x)), erf(x)),
    rule("one minus the normal distribution", sub(1, normalCdf(x)), normalCdf(neg(x))),
    rule("log of erfc", log(erfc(x)), logErfc(x), { domain: [between(x, -5, 5)] }),
    rule("log of the normal distribution", log(normalCdf(x)), logNormalCdf(x), { domain: [between(x, -5, 5)] }),
    rule("log of half of erfc", log(mul(0.5, erfc(x))), logNormalCdf(mul(-Math.SQRT2, x)), {
      domain: [between(x, -5, 5)],
    }),
    rule("scaled erfc", mul(exp(square(x)), erfc(x)), erfcx(x), { domain: [between(x, -3, 5)] }),
    rule("one plus erf", add(erf(x), 1), erfc(neg(x))),
    rule("gaussian over erfc", div(gaussian(x), erfc(x)), mul(erfcHazard(x), Math.sqrt(Math.PI) / 2), {
      domain: [between(x, -5, 5)],
    }),
    rule("log of erf", log(erf(x)), logErf(x), { domain: [between(x, 0.1, 5)] }),
    rule("erfinv of a complement", erfinv(sub(1, x)), erfcinv(x), { domain: [between(x, 0.1, 1.9)] }),
    rule("erfinv of twice x less one", erfinv(add(mul(x, 2), -1)), neg(erfcinv(mul(x, 2))), {
      domain: [between(x, 0.1, 0.9)],
    }),
    rule("erfinv of erf", erfinv(erf(x)), x, { domain: [between(x, -2, 2)] }),
  ],
};
