import { logit, logSigmoid, sigmoid, sigmoidSlope, softplus } from "../../ops/activation.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../../ops/algebra.ts";
import { greaterEqual, select } from "../../ops/comparison.ts";
import { exp, exp2, expm1, expm1Reciprocal, log, log1mexp, log1p, log2, log10 } from "../../ops/exponential.ts";
import { tanh } from "../../ops/hyperbolic.ts";
import { cbrt, pow, sqrt } from "../../ops/powers.ts";
import { abs } from "../../ops/rounding.ts";
import { logaddexp, logShare, share } from "../../ops/special.ts";
import { between, constantLike, constantOf, onPositive, positive, valueWhere } from "../conditions.ts";
import { c, w, x, y } from "../pattern.ts";
import { type Rules, rule } from "../rule.ts";

const isPositiveFinite = (value: number) => value > 0 && value < Number.POSITIVE_INFINITY;

const isEven = (value: number) => value % 2 === 0;

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
    rule("log2 of a power of two", log2(pow(2, x)), x),
    rule("log10 of a power of ten", log10(pow(10, x)), x),
    rule("power of two of log2", pow(2, log2(x)), select(greaterEqual(x, 0), x, Number.NaN), {
      domain: [onPositive(x)],
    }),
    rule("power of ten of log10", pow(10, log10(x)), select(greaterEqual(x, 0), x, Number.NaN), {
      domain: [onPositive(x)],
    }),
    rule(
      "log of a power of a constant",
      log(pow(c, x)),
      (of) => mul(of(x), constantLike(Math.log(constantOf(of(c))), of(c))),
      {
        once: [pow(c, x)],
        where: valueWhere(c, isPositiveFinite),
        domain: [between(c, 0.5, 4)],
      },
    ),
    rule("log of expm1", log(expm1(x)), add(x, log1mexp(neg(x))), { domain: [between(x, 0.01, 30)] }),
    rule("exp of log", exp(log(x)), select(greaterEqual(x, 0), x, Number.NaN), { domain: [onPositive(x)] }),
    rule("expm1 of log1p", expm1(log1p(x)), select(greaterEqual(x, -1), x, Number.NaN), {
      domain: [between(x, -0.99, 8)],
    }),
    rule("exp2 of log2", exp2(log2(x)), select(greaterEqual(x, 0), x, Number.NaN), { domain: [onPositive(x)] }),
    rule("log of a square", log(square(x)), mul(log(abs(x)), 2), { once: [square(x)] }),
    rule("log of a square root", log(sqrt(x)), mul(log(x), 0.5), { once: [sqrt(x)], domain: [onPositive(x)] }),
    rule("log of a cube root", log(cbrt(x)), div(log(x), 3), { once: [cbrt(x)], domain: [onPositive(x)] }),
    rule("log of a power", log(pow(x, c)), (of) => mul(log(isEven(constantOf(of(c))) ? abs(of(x)) : of(x)), of(c)), {
      once: [pow(x, c)],
      where: valueWhere(c, (value) => value !== 0 && Number.isFinite(value)),
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
    rule("exp over itself", div(exp(x), exp(x)), (of) => constantLike(1, of(x)), { domain: [between(x, -8, 8)] }),
    rule("reciprocal of exp", reciprocal(exp(x)), exp(neg(x)), { once: [exp(x)] }),
    rule("quotient by exp", div(x, exp(y)), mul(x, exp(neg(y))), { once: [exp(y)] }),
    rule("square root of exp", sqrt(exp(x)), exp(mul(x, 0.5)), { once: [exp(x)] }),
    rule("power of exp", pow(exp(x), c), exp(mul(x, c)), { once: [exp(x)], domain: [between(c, -3, 3)] }),
    rule("reciprocal of expm1", reciprocal(expm1(x)), expm1Reciprocal(x), { domain: [between(x, 0.1, 8)] }),
    rule("exp over expm1", div(exp(x), expm1(x)), neg(expm1Reciprocal(neg(x))), { domain: [between(x, 0.1, 8)] }),
    rule("expm1 over one plus exp", div(expm1(x), add(exp(x), 1)), tanh(mul(x, 0.5))),
    rule("exp over a sum of two exps", div(exp(x), add(exp(x), exp(y))), sigmoid(sub(x, y))),
    ...[add(exp(x), exp(y), exp(w)), add(exp(y), exp(x), exp(w)), add(exp(y), exp(w), exp(x))].map((total, k) =>
      rule(`exp over a sum of three exps, place ${k}`, div(exp(x), total), share(x, y, w)),
    ),
    ...[add(add(exp(x), exp(y)), exp(w)), add(add(exp(y), exp(w)), exp(x))].map((total, k) =>
      rule(`exp over two sums of exps, depth ${2 - k}`, div(exp(x), total), share(x, y, w)),
    ),
    rule("log of a sum of three exps", log(add(exp(x), exp(y), exp(w))), logaddexp(x, y, w)),
    rule("log of a share", log(share(x, y, w)), logShare(x, y, w)),
    rule("exp over one plus exp", div(exp(x), add(exp(x), 1)), sigmoid(x)),
    rule("multiple of exp over one plus exp", div(mul(exp(x), y), add(exp(x), 1)), mul(y, sigmoid(x))),
    rule("one over one plus exp", reciprocal(add(exp(x), 1)), sigmoid(neg(x))),
    // of quotients by what overflows the slopes are Infinity over Infinity
    rule("quotient by one plus exp", div(y, add(exp(x), 1)), mul(y, sigmoid(neg(x))), { once: [add(exp(x), 1)] }),
    rule("quotient by expm1", div(y, expm1(x)), mul(y, expm1Reciprocal(x)), {
      once: [expm1(x)],
      where: (of) => ![of(x), of(x).operands[0]].includes(of(y)),
      domain: [between(x, 0.1, 8)],
    }),
    rule(
      "power of one plus exp",
      pow(add(exp(x), 1), c),
      (of) => pow(sigmoid(neg(of(x))), constantLike(-constantOf(of(c)), of(c))),
      {
        where: valueWhere(c, (value) => value < 0),
        domain: [between(c, -4, -0.5)],
      },
    ),
    rule("reciprocal of the square of one plus exp", reciprocal(square(add(exp(x), 1))), square(sigmoid(neg(x)))),
    rule("exp over the square of one plus exp", div(exp(x), square(add(exp(x), 1))), sigmoidSlope(x)),
    rule("quotient by the square of one plus exp", div(y, square(add(exp(x), 1))), mul(y, square(sigmoid(neg(x)))), {
      once: [square(add(exp(x), 1)), add(exp(x), 1)],
    }),
    rule("product of mirrored sigmoids", mul(sigmoid(x), sigmoid(neg(x))), sigmoidSlope(x)),
    rule("twice sigmoid minus one", add(mul(sigmoid(x), 2), -1), tanh(mul(x, 0.5))),
    rule("one minus twice sigmoid", sub(1, mul(sigmoid(x), 2)), neg(tanh(mul(x, 0.5)))),
    rule("exp of softplus", exp(softplus(x)), add(exp(x), 1)),
    rule("expm1 of softplus", expm1(softplus(x)), exp(x)),
    rule("log of odds", log(div(x, sub(1, x))), logit(x), { domain: [between(x, 0.01, 0.99)] }),
    rule("difference of mirrored logs", sub(log(x), log1p(neg(x))), logit(x), { domain: [between(x, 0.01, 0.99)] }),
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
