import type { Expr } from "../../ir/graph.ts";
import { sigmoid, softplus, softsign } from "../../ops/activation.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../../ops/algebra.ts";
import { less, select } from "../../ops/comparison.ts";
import { exp, expm1, log, log1p } from "../../ops/exponential.ts";
import { gaussian } from "../../ops/gaussian.ts";
import {
  acosh,
  asinh,
  atanExp,
  atanh,
  cosh,
  csch,
  gudermannian,
  logCosh,
  logSinh,
  sech,
  sech2,
  sinh,
  tanh,
} from "../../ops/hyperbolic.ts";
import { polarRadius } from "../../ops/plane.ts";
import { sqrt } from "../../ops/powers.ts";
import { bernoulliRatio, expm1Ratio, log1pRatio, proportion } from "../../ops/ratios.ts";
import { abs } from "../../ops/rounding.ts";
import { asin, atan, cos, sin, sinc, tan } from "../../ops/trigonometric.ts";
import { between, constantLike } from "../conditions.ts";
import { x, y } from "../pattern.ts";
import { type Rules, rule } from "../rule.ts";
import { ratioRules } from "./ratio.ts";

/** log(2 sigmoid(x)), which is 0 at 0 and falls like x on the left. */
const logOfTwiceSigmoid = (x: Expr) =>
  select(less(abs(x), 1), log1p(tanh(mul(x, 0.5))), sub(Math.LN2, softplus(neg(x))));

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
    ).map(([f, ratio]) =>
      rule(`${f.primitive.name} of a negation over its operand`, div(f(neg(x)), x), neg(ratio(neg(x))), {
        domain: [between(x, 0.1, 0.9)],
      }),
    ),
    rule("x over itself and more", div(x, add(x, y)), proportion(x, y), {
      domain: [between(x, 0.1, 5), between(y, 0.1, 5)],
    }),
    rule("x over one plus its size", div(x, add(abs(x), 1)), softsign(x)),
    rule("x over expm1", div(x, expm1(x)), bernoulliRatio(x), { domain: [between(x, 0.1, 5)] }),
    rule("x over expm1 of its negation", div(x, expm1(neg(x))), neg(bernoulliRatio(neg(x))), {
      domain: [between(x, 0.1, 5)],
    }),
    rule("exp of minus a square", exp(neg(square(x))), gaussian(x), { once: [square(x)] }),
    rule("one minus the square of tanh", sub(1, square(tanh(x))), sech2(x)),
    rule("one plus tanh", add(tanh(x), 1), mul(sigmoid(mul(x, 2)), 2)),
    rule("one minus tanh", sub(1, tanh(x)), mul(sigmoid(mul(x, -2)), 2)),
    rule("log of one plus tanh", log(mul(sigmoid(x), 2)), logOfTwiceSigmoid(x)),
    rule("reciprocal of the square of cosh", reciprocal(square(cosh(x))), sech2(x)),
    rule("square of sech", square(sech(x)), sech2(x)),
    rule("sinh over cosh", div(sinh(x), cosh(x)), tanh(x)),
    rule("cosh over sinh", div(cosh(x), sinh(x)), reciprocal(tanh(x)), { domain: [between(x, 0.1, 8)] }),
    // of quotients by what overflows the slopes are Infinity over Infinity
    rule("reciprocal of cosh", reciprocal(cosh(x)), sech(x)),
    rule("quotient by cosh", div(y, cosh(x)), mul(y, sech(x)), { once: [cosh(x)] }),
    rule("reciprocal of sinh", reciprocal(sinh(x)), csch(x), { domain: [between(x, 0.1, 8)] }),
    rule("quotient by sinh", div(y, sinh(x)), mul(y, csch(x)), { once: [sinh(x)], domain: [between(x, 0.1, 8)] }),
    rule("log of cosh", log(cosh(x)), logCosh(x)),
    rule("log of sinh", log(sinh(x)), logSinh(x), { domain: [between(x, 0.1, 8)] }),
    rule("sum of mirrored exps", add(exp(x), exp(neg(x))), mul(cosh(x), 2)),
    rule("difference of mirrored exps", sub(exp(x), exp(neg(x))), mul(sinh(x), 2)),
    rule("exp times sech", mul(exp(x), sech(x)), mul(sigmoid(mul(x, 2)), 2)),
    rule("asinh of sinh", asinh(sinh(x)), x),
    rule("acosh of cosh", acosh(cosh(x)), abs(x), { domain: [between(x, -8, -0.1)] }),
    rule("sinh of asinh", sinh(asinh(x)), x),
    rule("atanh of tanh", atanh(tanh(x)), x, { domain: [between(x, -4, 4)] }),
    rule("asinh by its logarithm", log(add(x, sqrt(add(square(x), 1)))), asinh(x), { domain: [between(x, -8, 8)] }),
    rule("asinh by its logarithm and a radius", log(add(x, polarRadius(x, 1))), asinh(x), {
      domain: [between(x, -8, 8)],
    }),
    rule("acosh by its logarithm", log(add(x, sqrt(add(square(x), -1)))), acosh(x), { domain: [between(x, 1.01, 8)] }),
    rule("atanh by its logarithm", log(div(add(x, 1), sub(1, x))), mul(atanh(x), 2), {
      domain: [between(x, -0.99, 0.99)],
    }),
    rule("atan of exp", atan(exp(x)), atanExp(x)),
    rule("atan of sinh", atan(sinh(x)), gudermannian(x)),
    rule("asin of tanh", asin(tanh(x)), gudermannian(x), { domain: [between(x, -4, 4)] }),
    // these squares cancel where x is small
    rule("one minus cos", sub(1, cos(x)), mul(square(sin(mul(x, 0.5))), 2), { domain: [between(x, -8, 8)] }),
    rule("cos minus one", add(cos(x), -1), mul(square(sin(mul(x, 0.5))), -2), { domain: [between(x, -8, 8)] }),
    rule("cosh minus one", add(cosh(x), -1), mul(square(sinh(mul(x, 0.5))), 2), { domain: [between(x, -8, 8)] }),
    rule("one minus cosh", sub(1, cosh(x)), mul(square(sinh(mul(x, 0.5))), -2), { domain: [between(x, -8, 8)] }),
    rule("tan of atan", tan(atan(x)), x, { domain: [between(x, -8, 8)] }),
    rule("hyperbolic identity", sub(square(cosh(x)), square(sinh(x))), (of) => constantLike(1, of(x)), {
      domain: [between(x, -2, 2)],
    }),
  ],
  real: [
    rule("circular identity", add(square(sin(x)), square(cos(x))), (of) => constantLike(1, of(x))),
    rule("sin over cos", div(sin(x), cos(x)), tan(x), { domain: [between(x, -1.5, 1.5)] }),
  ],
};
