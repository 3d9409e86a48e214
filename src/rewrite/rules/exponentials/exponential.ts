import type { Expr } from "../../../ir/graph.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../../../ops/elementary/algebra.ts";
import { greater, greaterEqual, less, min, select } from "../../../ops/elementary/comparison.ts";
import {
  exp,
  exp2,
  expm1,
  expm1Reciprocal,
  log,
  log1mexp,
  log1p,
  log2,
  log10,
} from "../../../ops/elementary/exponential.ts";
import { tanh } from "../../../ops/elementary/hyperbolic.ts";
import { cbrt, pow, sqrt } from "../../../ops/elementary/powers.ts";
import { abs } from "../../../ops/elementary/rounding.ts";
import { isMap } from "../../../ops/maps.ts";
import { logit, logSigmoid, sigmoid, sigmoidSlope, silu, softplus } from "../../../ops/special/activation.ts";
import { logaddexp, logShare, share } from "../../../ops/special/special.ts";
import { isNumber, isPositiveFinite, orNaN, positive, valueWhere } from "../../forms/conditions.ts";
import { commonFunctions } from "../../forms/exponentials/positive-functions.ts";
import { c, number, w, x, y } from "../../pattern.ts";
import { type Rules, rule } from "../../rule.ts";
import { logarithms, logarithmsOf } from "./logarithms.ts";

const isEven = (value: number) => value % 2 === 0;

/** log(2 sigmoid(x)), which is 0 at 0 and falls like x on the left. */
const logOfTwiceSigmoid = (x: Expr) =>
  select(less(abs(x), 1), log1p(tanh(mul(x, 0.5))), sub(Math.LN2, softplus(neg(x))));

/** Exponentials and logarithms that cancel each other, or whose difference would cancel. */
export const exponentialRules: Rules = {
  exact: [rule(logSigmoid(x), neg(softplus(neg(x))))],
  stable: [
    ...logarithms.flatMap(([f, unit]) => {
      const where = f === log ? undefined : isNumber;
      return [rule(f(add(x, 1)), unit(log1p(x)), { where }), rule(f(sub(1, x)), unit(log1p(neg(x))), { where })];
    }),
    rule(log(mul(sigmoid(x), 2)), logOfTwiceSigmoid(x)),
    ...logarithmsOf([[exp, (x) => x], ...commonFunctions]),
    rule(add(exp(x), -1), expm1(x)),
    rule(sub(1, exp(x)), neg(expm1(x))),
    rule(add(expm1(x), 1), exp(x)),
    rule(log1p(exp(x)), softplus(x)),
    rule(log1p(neg(exp(x))), log1mexp(x)),
    rule(log(neg(expm1(x))), log1mexp(x)),
    rule(log(sub(exp(x), exp(y))), add(x, log1mexp(sub(y, x)))),
    rule(log(add(exp(x), exp(y))), logaddexp(x, y)),
    rule(log1p(expm1(x)), x),
    rule(log2(exp2(x)), x),
    rule(log2(pow(2, x)), x),
    rule(log10(pow(10, x)), x),
    rule(pow(2, log2(x)), orNaN(greaterEqual(x, 0), x)),
    rule(pow(10, log10(x)), orNaN(greaterEqual(x, 0), x)),
    rule(log(pow(c, x)), mul(x, log(c)), {
      once: [pow(c, x)],
      where: valueWhere(c, isPositiveFinite),
    }),
    rule(log(expm1(x)), add(x, log1mexp(neg(x)))),
    rule(exp(log(x)), orNaN(greaterEqual(x, 0), x)),
    rule(expm1(log1p(x)), orNaN(greaterEqual(x, -1), x)),
    rule(exp2(log2(x)), orNaN(greaterEqual(x, 0), x)),
    rule(log(square(x)), mul(log(abs(x)), 2), { once: [square(x)] }),
    rule(log(sqrt(x)), mul(log(x), 0.5), { once: [sqrt(x)] }),
    rule(log(cbrt(x)), div(log(x), 3), { once: [cbrt(x)] }),
    rule(log(pow(x, c)), (of) => mul(log(isEven(of(c).constant!) ? abs(of(x)) : of(x)), of(c)), {
      once: [pow(x, c)],
      where: valueWhere(c, (value) => value !== 0 && Number.isFinite(value)),
    }),
    rule(log(pow(x, y)), select(greater(x, 0), mul(y, log(x)), log(pow(min(x, 0), y))), {
      once: [pow(x, y)],
      where: (of) => of(y).kind !== "constant" && !isMap(of(x), min),
    }),
    rule(log(reciprocal(x)), neg(log(x)), { once: [reciprocal(x)] }),
    rule(mul(exp(x), exp(y)), exp(add(x, y)), { once: [exp(x), exp(y)] }),
    rule(mul(exp(x), mul(exp(y), w)), mul(exp(add(x, y)), w), {
      once: [exp(x), exp(y), mul(exp(y), w)],
    }),
    rule(square(exp(x)), exp(mul(x, 2)), { once: [exp(x)] }),
    ...[exp, exp2].flatMap((f) => [
      rule(reciprocal(f(x)), f(neg(x)), { once: [f(x)] }),
      rule(div(x, f(y)), mul(x, f(neg(y))), { once: [f(y)] }),
    ]),
    rule(sqrt(exp(x)), exp(mul(x, 0.5)), { once: [exp(x)] }),
    rule(pow(exp(x), c), exp(mul(x, c)), { once: [exp(x)] }),
    rule(reciprocal(expm1(x)), expm1Reciprocal(x)),
    rule(div(exp(x), expm1(x)), neg(expm1Reciprocal(neg(x)))),
    rule(div(expm1(x), add(exp(x), 1)), tanh(mul(x, 0.5))),
    rule(div(exp(x), add(exp(x), exp(y))), sigmoid(sub(x, y))),
    ...[add(exp(x), exp(y), exp(w)), add(exp(y), exp(x), exp(w)), add(exp(y), exp(w), exp(x))].map((total, place) =>
      rule(div(exp(x), total), share(x, y, w), { name: `share of three exps, place ${place}` }),
    ),
    ...[add(add(exp(x), exp(y)), exp(w)), add(add(exp(y), exp(w)), exp(x))].map((total) =>
      rule(div(exp(x), total), share(x, y, w)),
    ),
    rule(log(add(exp(x), exp(y), exp(w))), logaddexp(x, y, w)),
    rule(log(share(x, y, w)), logShare(x, y, w)),
    rule(div(exp(x), add(exp(x), 1)), sigmoid(x)),
    rule(div(mul(exp(x), y), add(exp(x), 1)), mul(y, sigmoid(x))),
    rule(reciprocal(add(exp(x), 1)), sigmoid(neg(x))),
    // of quotients by what overflows the slopes are Infinity over Infinity
    rule(div(y, add(exp(x), 1)), mul(y, sigmoid(neg(x))), { once: [add(exp(x), 1)] }),
    rule(div(y, expm1(x)), mul(y, expm1Reciprocal(x)), {
      once: [expm1(x)],
      where: (of) => ![of(x), of(x).operands[0]].includes(of(y)),
    }),
    rule(pow(add(exp(x), 1), c), pow(sigmoid(neg(x)), neg(c)), {
      where: valueWhere(c, (value) => value < 0),
    }),
    rule(reciprocal(square(add(exp(x), 1))), square(sigmoid(neg(x)))),
    rule(div(exp(x), square(add(exp(x), 1))), sigmoidSlope(x)),
    rule(div(y, square(add(exp(x), 1))), mul(y, square(sigmoid(neg(x)))), {
      once: [square(add(exp(x), 1)), add(exp(x), 1)],
    }),
    rule(mul(x, sigmoid(x)), silu(x), { where: isNumber }),
    rule(div(softplus(x), x), select(greater(x, 0), add(div(softplus(neg(x)), x), 1), div(softplus(min(x, 0)), x)), {
      where: (of, context) => isNumber(of, context) && !isMap(of(x), min),
    }),
    rule(mul(sigmoid(x), sigmoid(neg(x))), sigmoidSlope(x)),
    rule(add(mul(sigmoid(x), 2), -1), tanh(mul(x, 0.5))),
    rule(add(sigmoid(x), -0.5), mul(tanh(mul(x, 0.5)), 0.5)),
    rule(sub(1, mul(sigmoid(x), 2)), neg(tanh(mul(x, 0.5)))),
    rule(exp(softplus(x)), add(exp(x), 1)),
    // the sum overflows where its root does not: curves of growth have such powers
    rule(pow(add(exp(x), 1), y), exp(mul(y, softplus(x))), {
      where: (of) => of(y).kind !== "constant" || Math.abs(of(y).constant!) < 1,
    }),
    rule(expm1(softplus(x)), exp(x)),
    rule(log(div(x, sub(1, x))), logit(x)),
    rule(sub(log(x), log1p(neg(x))), logit(x)),
    rule(sub(1, sigmoid(x)), sigmoid(neg(x))),
    rule(add(sigmoid(x), sigmoid(neg(x))), number(1)),
    rule(mul(exp(x), sigmoid(neg(x))), sigmoid(x)),
    rule(mul(exp(neg(x)), sigmoid(x)), sigmoid(neg(x))),
    rule(div(sigmoid(x), sigmoid(neg(x))), exp(x)),
    rule(div(sigmoid(neg(x)), sigmoid(x)), exp(neg(x))),
    // the probability of a class between two thresholds
    rule(log(sub(sigmoid(x), sigmoid(y))), sub(log1mexp(sub(y, x)), add(softplus(neg(x)), softplus(y)))),
    rule(logit(sigmoid(x)), x),
    rule(sub(softplus(x), x), softplus(neg(x))),
    rule(sub(x, softplus(x)), neg(softplus(neg(x)))),
    rule(add(x, softplus(neg(x))), softplus(x)),
    rule(exp(neg(softplus(x))), sigmoid(neg(x)), { once: [softplus(x)] }),
  ],
  real: [
    rule(log(mul(x, c)), add(log(x), log(c)), {
      once: [mul(x, c)],
      where: valueWhere(c, isPositiveFinite),
    }),
    rule(exp(mul(log(x), y)), pow(x, y), {
      once: [log(x), mul(log(x), y)],
      where: positive(x),
    }),
  ],
};
