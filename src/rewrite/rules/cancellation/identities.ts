import { add, div, mul, neg, reciprocal, square, sub } from "../../../ops/elementary/algebra.ts";
import { exp, expm1, log1p } from "../../../ops/elementary/exponential.ts";
import { cosh, csch, sech, sech2, sinh, tanh } from "../../../ops/elementary/hyperbolic.ts";
import { abs } from "../../../ops/elementary/rounding.ts";
import { cos, sin, sinc, tan } from "../../../ops/elementary/trigonometric.ts";
import { bernoulliRatio, expm1Ratio, log1pRatio, proportion } from "../../../ops/ratios/ratios.ts";
import { sigmoid, softsign } from "../../../ops/special/activation.ts";
import { gaussian } from "../../../ops/special/gaussian.ts";
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
    rule(div(x, add(x, y)), proportion(x, y)),
    rule(div(x, add(abs(x), 1)), softsign(x)),
    rule(div(x, expm1(x)), bernoulliRatio(x)),
    rule(div(x, expm1(neg(x))), neg(bernoulliRatio(neg(x)))),
    rule(div(y, expm1Ratio(x)), mul(y, bernoulliRatio(x))),
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
    // of quotients by what overflows the slopes are Infinity over Infinity
    rule(reciprocal(cosh(x)), sech(x)),
    rule(div(y, cosh(x)), mul(y, sech(x)), { once: [cosh(x)] }),
    rule(reciprocal(sinh(x)), csch(x)),
    rule(div(y, sinh(x)), mul(y, csch(x)), { once: [sinh(x)] }),
    rule(add(exp(x), exp(neg(x))), mul(cosh(x), 2)),
    rule(sub(exp(x), exp(neg(x))), mul(sinh(x), 2)),
    // these squares cancel where x is small
    rule(sub(1, cos(x)), mul(square(sin(mul(x, 0.5))), 2)),
    rule(add(cos(x), -1), mul(square(sin(mul(x, 0.5))), -2)),
    rule(add(cosh(x), -1), mul(square(sinh(mul(x, 0.5))), 2)),
    rule(sub(1, cosh(x)), mul(square(sinh(mul(x, 0.5))), -2)),
  ],
  real: [rule(add(square(sin(x)), square(cos(x))), number(1)), rule(div(sin(x), cos(x)), tan(x))],
};
