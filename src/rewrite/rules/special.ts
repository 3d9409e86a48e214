import { add, div, mul, neg, reciprocal, square, sub } from "../../ops/algebra.ts";
import { erf, erfc, erfcx, gaussian, logErfc, logNormalCdf, normalCdf } from "../../ops/erf.ts";
import { exp, expm1, log, log1p } from "../../ops/exponential.ts";
import { cosh, sech2, sinh, tanh } from "../../ops/hyperbolic.ts";
import { erfRatio, expm1Ratio, log1pRatio } from "../../ops/ratios.ts";
import { cos, sin, sinc, tan } from "../../ops/trigonometric.ts";
import { between, constantLike } from "../conditions.ts";
import { x } from "../pattern.ts";
import { type Rules, rule } from "../rule.ts";

/** Complements and tails that would cancel or overflow when computed from their parts. */
export const specialRules: Rules = {
  stable: [
    rule("one minus erf", sub(1, erf(x)), erfc(x)),
    rule("one minus erfc", sub(1, erfc(x)), erf(x)),
    rule("one minus the normal distribution", sub(1, normalCdf(x)), normalCdf(neg(x))),
    rule("log of erfc", log(erfc(x)), logErfc(x), { domain: [between(x, -5, 5)] }),
    rule("log of the normal distribution", log(normalCdf(x)), logNormalCdf(x), { domain: [between(x, -5, 5)] }),
    rule("log of half of erfc", log(mul(0.5, erfc(x))), logNormalCdf(mul(-Math.SQRT2, x)), {
      domain: [between(x, -5, 5)],
    }),
    rule("scaled erfc", mul(exp(square(x)), erfc(x)), erfcx(x), { domain: [between(x, -3, 5)] }),
    rule("exp of minus a square", exp(neg(square(x))), gaussian(x), { once: [square(x)] }),
    // the quotients lose their digits, and their derivatives cancel, near 0
    rule("expm1 over its operand", div(expm1(x), x), expm1Ratio(x), { domain: [between(x, 0.1, 5)] }),
    rule("log1p over its operand", div(log1p(x), x), log1pRatio(x), { domain: [between(x, 0.1, 5)] }),
    rule("erf over its operand", div(erf(x), x), erfRatio(x), { domain: [between(x, 0.1, 5)] }),
    rule("sin over its operand", div(sin(x), x), sinc(x), { domain: [between(x, 0.1, 5)] }),
    rule("one minus the square of tanh", sub(1, square(tanh(x))), sech2(x)),
    rule("tanh by its factors", mul(sub(1, tanh(x)), add(tanh(x), 1)), sech2(x)),
    rule("reciprocal of the square of cosh", reciprocal(square(cosh(x))), sech2(x)),
    rule("sinh over cosh", div(sinh(x), cosh(x)), tanh(x)),
    rule("hyperbolic identity", sub(square(cosh(x)), square(sinh(x))), (of) => constantLike(1, of(x)), {
      domain: [between(x, -2, 2)],
    }),
  ],
  real: [
    rule("circular identity", add(square(sin(x)), square(cos(x))), (of) => constantLike(1, of(x))),
    rule("sin over cos", div(sin(x), cos(x)), tan(x), { domain: [between(x, -1.5, 1.5)] }),
  ],
};
