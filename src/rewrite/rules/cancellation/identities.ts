import { add, div, mul, neg, reciprocal, square, sub } from "../../../ops/elementary/algebra.ts";
import { less } from "../../../ops/elementary/comparison.ts";
import { exp, expm1, log, log1p } from "../../../ops/elementary/exponential.ts";
import {
  acosh,
  asinh,
  atanExp,
  atanh,
  cosh,
  csch,
  gudermannian,
  logSinh,
  sech,
  sech2,
  sinh,
  tanh,
} from "../../../ops/elementary/hyperbolic.ts";
import { polarRadius } from "../../../ops/elementary/lengths.ts";

import { sqrt } from "../../../ops/elementary/powers.ts";
import { abs } from "../../../ops/elementary/rounding.ts";
import { asin, atan, cos, sin, sinc, tan } from "../../../ops/elementary/trigonometric.ts";
import { bernoulliRatio, expm1Ratio, log1pRatio, proportion } from "../../../ops/ratios/ratios.ts";
import { sigmoid, softsign } from "../../../ops/special/activation.ts";
import { gaussian } from "../../../ops/special/gaussian.ts";
import { orNaN } from "../../forms/conditions.ts";
import { c, number, x, y } from "../../pattern.ts";
import { type Rules, rule } from "../../rule.ts";
import { ratioRules } from "./ratio.ts";

/** Quotients, complements and tails that would cancel or overflow when computed from their parts. */
export const identityRules: Rules = {
  stable: [
    ...ratioRules(expm1, expm1Ratio),
    ...ratioRules(log1p, log1pRatio),
    ...ratioRules(sin, sinc),
    ...(
      [
        [expm1, expm1Ratio],
        [log1p, log1pRatio],
      ] as const
    ).map(([f, ratio]) => rule(div(f(neg(x)), x), neg(ratio(neg(x))))),
    rule(sub(log(x), log(log1p(x))), orNaN(less(0, x), neg(log(log1pRatio(x))))),
    rule(sub(log(log1p(x)), log(x)), orNaN(less(0, x), log(log1pRatio(x)))),
    rule(div(x, add(x, y)), proportion(x, y)),
    rule(div(x, add(abs(x), 1)), softsign(x)),
    rule(div(x, expm1(x)), bernoulliRatio(x)),
    rule(div(x, expm1(neg(x))), neg(bernoulliRatio(neg(x)))),
    rule(div(y, expm1Ratio(x)), mul(y, bernoulliRatio(x))),
    rule(mul(exp(x), bernoulliRatio(x)), bernoulliRatio(neg(x))),
    rule(exp(neg(square(x))), gaussian(x), { once: [square(x)] }),
    rule(sub(1, square(tanh(x))), sech2(x)),
    rule(add(tanh(x), 1), mul(sigmoid(mul(x, 2)), 2)),
    rule(sub(1, tanh(x)), mul(sigmoid(mul(x, -2)), 2)),
    rule(add(mul(tanh(x), c), c), mul(add(tanh(x), 1), c)),
    rule(sub(c, mul(tanh(x), c)), mul(sub(1, tanh(x)), c)),
    rule(reciprocal(square(cosh(x))), sech2(x)),
    rule(div(y, square(cosh(x))), mul(y, sech2(x)), { once: [square(cosh(x))] }),
    rule(square(sech(x)), sech2(x)),
    rule(div(sinh(x), cosh(x)), tanh(x)),
    rule(div(cosh(x), sinh(x)), reciprocal(tanh(x))),
    // of quotients by what overflows the slopes are Infinity over Infinity
    rule(reciprocal(cosh(x)), sech(x)),
    rule(div(y, cosh(x)), mul(y, sech(x)), { once: [cosh(x)] }),
    rule(reciprocal(sinh(x)), csch(x)),
    rule(div(y, sinh(x)), mul(y, csch(x)), { once: [sinh(x)] }),
    rule(log(sinh(x)), logSinh(x)),
    rule(add(exp(x), exp(neg(x))), mul(cosh(x), 2)),
    rule(sub(exp(x), exp(neg(x))), mul(sinh(x), 2)),
    rule(mul(exp(x), sech(x)), mul(sigmoid(mul(x, 2)), 2)),
    rule(asinh(sinh(x)), x),
    rule(acosh(cosh(x)), abs(x)),
    rule(sinh(asinh(x)), x),
    rule(atanh(tanh(x)), x),
    rule(log(add(x, sqrt(add(square(x), 1)))), asinh(x)),
    rule(log(add(x, polarRadius(x, 1))), asinh(x)),
    rule(log(add(x, sqrt(add(square(x), -1)))), acosh(x)),
    rule(log(div(add(x, 1), sub(1, x))), mul(atanh(x), 2)),
    rule(sub(log1p(x), log1p(neg(x))), mul(atanh(x), 2)),
    rule(sub(log1p(neg(x)), log1p(x)), mul(atanh(x), -2)),
    rule(atan(exp(x)), atanExp(x)),
    rule(atan(sinh(x)), gudermannian(x)),
    rule(asin(tanh(x)), gudermannian(x)),
    // these squares cancel where x is small
    rule(sub(1, cos(x)), mul(square(sin(mul(x, 0.5))), 2)),
    rule(add(cos(x), -1), mul(square(sin(mul(x, 0.5))), -2)),
    rule(add(cosh(x), -1), mul(square(sinh(mul(x, 0.5))), 2)),
    rule(sub(1, cosh(x)), mul(square(sinh(mul(x, 0.5))), -2)),
    rule(tan(atan(x)), x),
    rule(sub(square(cosh(x)), square(sinh(x))), number(1)),
  ],
  real: [rule(add(square(sin(x)), square(cos(x))), number(1)), rule(div(sin(x), cos(x)), tan(x))],
};
