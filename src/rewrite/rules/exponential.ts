import { logit, logSigmoid, sigmoid, softplus } from "../../ops/activation.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../../ops/algebra.ts";
import { greaterEqual, select } from "../../ops/comparison.ts";
import { exp, exp2, expm1, log, log1mexp, log1p, log2 } from "../../ops/exponential.ts";
import { cbrt, pow, sqrt } from "../../ops/powers.ts";
import { abs } from "../../ops/rounding.ts";
import { logaddexp } from "../../ops/special.ts";
import {
  between,
  both,
  constantLike,
  constantOf,
  nonNegative,
  onPositive,
  positive,
  valueWhere,
} from "../conditions.ts";
import { c, w, x, y } from "../pattern.ts";
import { type Rules, rule } from "../rule.ts";

const isPositiveFinite = (value: number) => value > 0 && value < Number.POSITIVE_INFINITY;

/** Exponentials and logarithms that cancel each other, or whose difference would cancel. */
export const exponentialRules: Rules = {
  exact: [rule("log sigmoid as softplus", logSigmoid(x), neg(softplus(neg(x))))],
  stable: [
    rule("log of one plus x", log(add(x, 1)), log1p(x), { domain: [between(x, -0.99, 1e6)] }),
    rule("log of one minus x", log(sub(1, x)), log1p(neg(x)), { domain: [between(x, -1e6, 0.99)] }),
    rule("exp minus one", add(exp(x), -1), expm1(x)),
    rule("one minus exp", sub(1, exp(x)), neg(expm1(x))),
    rule("expm1 plus one", add(expm1(x), 1), exp(x)),
    rule("log of one plus exp", log1p(exp(x)), softplus(x)),
    rule("log of one minus exp", log1p(neg(exp(x))), log1mexp(x), { domain: [between(x, -30, -0.01)] }),
    rule("log of minus expm1", log(neg(expm1(x))), log1mexp(x), { domain: [between(x, -30, -0.01)] }),
    rule("log of a difference of exps", log(sub(exp(x), exp(y))), add(x, log1mexp(sub(y, x))), {
      domain: [between(x, 1, 8), between(y, -8, 0.9)],
    }),
    rule("log of a sum of exps", log(add(exp(x), exp(y))), logaddexp(x, y)),
    rule("log of exp", log(exp(x)), x),
    rule("log1p of expm1", log1p(expm1(x)), x),
    rule("log2 of exp2", log2(exp2(x)), x),
    rule("exp of log", exp(log(x)), select(greaterEqual(x, 0), x, Number.NaN), { domain: [onPositive(x)] }),
    rule("expm1 of log1p", expm1(log1p(x)), select(greaterEqual(x, -1), x, Number.NaN), {
      domain: [between(x, -0.99, 8)],
    }),
    rule("exp2 of log2", exp2(log2(x)), select(greaterEqual(x, 0), x, Number.NaN), { domain: [onPositive(x)] }),
    rule("log of a square", log(square(x)), mul(log(abs(x)), 2), { once: [square(x)] }),
    rule("log of a square root", log(sqrt(x)), mul(log(x), 0.5), { once: [sqrt(x)], domain: [onPositive(x)] }),
    rule("log of a cube root", log(cbrt(x)), div(log(x), 3), { once: [cbrt(x)], domain: [onPositive(x)] }),
    rule("log of a power", log(pow(x, c)), (of) => mul(log(of(x)), of(c)), {
      once: [pow(x, c)],
      where: both(
        nonNegative(x),
        valueWhere(c, (value) => value !== 0 && Number.isFinite(value)),
      ),
      domain: [onPositive(x), between(c, 0.5, 3)],
    }),
    rule("log of a reciprocal", log(reciprocal(x)), neg(log(x)), { once: [reciprocal(x)], domain: [onPositive(x)] }),
    rule("log of a quotient of exp", log(div(exp(x), y)), sub(x, log(y)), { domain: [onPositive(y)] }),
    rule("log of a product with exp", log(mul(exp(x), y)), add(x, log(y)), { domain: [onPositive(y)] }),
    rule("product of exps", mul(exp(x), exp(y)), exp(add(x, y)), { once: [exp(x), exp(y)] }),
    rule("product with two exps", mul(exp(x), mul(exp(y), w)), mul(exp(add(x, y)), w), {
      once: [exp(x), exp(y), mul(exp(y), w)],
    }),
    rule("square of exp", square(exp(x)), exp(mul(x, 2)), { once: [exp(x)] }),
    rule("quotient of exps", div(exp(x), exp(y)), exp(sub(x, y)), { once: [exp(x), exp(y)] }),
    rule("reciprocal of exp", reciprocal(exp(x)), exp(neg(x)), { once: [exp(x)] }),
    rule("quotient by exp", div(x, exp(y)), mul(x, exp(neg(y))), { once: [exp(y)] }),
    rule("exp over one plus exp", div(exp(x), add(exp(x), 1)), sigmoid(x)),
    rule("multiple of exp over one plus exp", div(mul(exp(x), y), add(exp(x), 1)), mul(y, sigmoid(x))),
    rule("one over one plus exp", reciprocal(add(exp(x), 1)), sigmoid(neg(x))),
    rule("one minus sigmoid", sub(1, sigmoid(x)), sigmoid(neg(x))),
    rule("exp times mirrored sigmoid", mul(exp(x), sigmoid(neg(x))), sigmoid(x)),
    rule("mirrored exp times sigmoid", mul(exp(neg(x)), sigmoid(x)), sigmoid(neg(x))),
    rule("sigmoid over its complement", div(sigmoid(x), sigmoid(neg(x))), exp(x)),
    rule("complement over sigmoid", div(sigmoid(neg(x)), sigmoid(x)), exp(neg(x))),
    rule("log of sigmoid", log(sigmoid(x)), neg(softplus(neg(x)))),
    rule("logit of sigmoid", logit(sigmoid(x)), x, { domain: [between(x, -8, 8)] }),
    rule("softplus minus x", sub(softplus(x), x), softplus(neg(x))),
    rule("x minus softplus", sub(x, softplus(x)), neg(softplus(neg(x)))),
    rule("x plus mirrored softplus", add(x, softplus(neg(x))), softplus(x)),
    rule("exp of minus softplus", exp(neg(softplus(x))), sigmoid(neg(x)), { once: [softplus(x)] }),
  ],
  real: [
    rule(
      "log of a multiple",
      log(mul(x, c)),
      (of) => add(log(of(x)), constantLike(Math.log(constantOf(of(c))), of(c))),
      {
        once: [mul(x, c)],
        where: valueWhere(c, isPositiveFinite),
        domain: [onPositive(x), between(c, 0.25, 8)],
      },
    ),
    rule("exp of a multiple of log", exp(mul(log(x), y)), pow(x, y), {
      once: [log(x), mul(log(x), y)],
      where: positive(x),
      domain: [between(x, 0.1, 8)],
    }),
  ],
};
