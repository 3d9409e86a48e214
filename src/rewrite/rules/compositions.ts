import type { Expr } from "../../ir/graph.ts";
import { sigmoid, softplus } from "../../ops/activation.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../../ops/algebra.ts";
import { greaterEqual, less, lessEqual, select } from "../../ops/comparison.ts";
import { logProportion, logTanh, versineArc } from "../../ops/compositions.ts";
import type { Operation } from "../../ops/define.ts";
import { exp, exp2, expm1, expm1Reciprocal, log, log1p } from "../../ops/exponential.ts";
import { acosh, asinh, cosh, csch, logCosh, sinh, tanh } from "../../ops/hyperbolic.ts";
import { logExpm1Ratio } from "../../ops/log-ratios.ts";
import { logPolarRadius, polarRadius, radiusExcess } from "../../ops/plane.ts";
import { direction, hypot, pow, rsqrt, sqrt } from "../../ops/powers.ts";
import { bernoulliRatio, expm1Ratio, log1pRatio, proportion } from "../../ops/ratios.ts";
import { abs } from "../../ops/rounding.ts";
import { acos, asin, atan, cos, sin, sinc } from "../../ops/trigonometric.ts";
import { between, both, constantLike, constantOf, onPositive, valueWhere } from "../conditions.ts";
import { isMap } from "../nodes.ts";
import { c, d, x, y } from "../pattern.ts";
import { type Condition, type Rules, rule } from "../rule.ts";
import { reciprocalRatioRule } from "./ratio.ts";

const isPositiveFinite = (value: number) => value > 0 && value < Number.POSITIVE_INFINITY;

const rootOf = (c: Expr) => constantLike(Math.sqrt(constantOf(c)), c);
const logOf = (c: Expr) => constantLike(Math.log(constantOf(c)), c);

/** y / (e^x + c). */
const logistic = (y: Expr, x: Expr, c: Expr) => mul(div(y, c), sigmoid(sub(logOf(c), x)));

/** x in -1 .. 1, NaN elsewhere. */
const within = (x: Expr) => select(lessEqual(abs(x), 1), x, Number.NaN);

/** As rules of the plane. */
const isNumber: Condition = (of, { facts }) => facts.isNumber(of(x));

/** sqrt(1 - x^2); outside by its factors, of which only one has an infinite slope where the height is 0. */
function unitHeight(x: Expr): Expr {
  const squared = square(x);
  return select(less(squared, 0.25), sqrt(sub(1, squared)), mul(sqrt(sub(1, x)), sqrt(add(1, x))));
}

/** Functions of the root of a multiple of a square and a constant, as those of the plane. */
const multiples = (
  [
    ["root", sqrt, polarRadius],
    ["reciprocal root", rsqrt, (a, b) => reciprocal(polarRadius(a, b))],
    ["log", log, (a, b) => mul(2, logPolarRadius(a, b))],
  ] as const satisfies readonly (readonly [string, Operation, (a: Expr, b: Expr) => Expr])[]
).map(([name, f, radius]) =>
  rule(
    `${name} of a multiple of a square and a constant`,
    f(add(mul(square(x), c), d)),
    (of) => radius(mul(of(x), rootOf(of(c))), rootOf(of(d))),
    {
      where: both(isNumber, valueWhere(c, isPositiveFinite), valueWhere(d, isPositiveFinite)),
      domain: [onPositive(x), between(c, 0.25, 4), between(d, 0.25, 4)],
    },
  ),
);

/** Rarer expressions that cancel or overflow as they stand, by what they are in one step. */
export const compositionRules: Rules = {
  stable: [
    reciprocalRatioRule(expm1, expm1Ratio),
    reciprocalRatioRule(sin, sinc),
    rule("power of two minus one", add(exp2(x), -1), expm1(mul(x, Math.LN2))),
    rule("power of a constant minus one", add(pow(c, x), -1), (of) => expm1(mul(of(x), logOf(of(c)))), {
      where: valueWhere(c, isPositiveFinite),
      domain: [between(c, 0.5, 4)],
    }),
    rule("product of powers of two", mul(exp2(x), exp2(y)), exp2(add(x, y)), { once: [exp2(x), exp2(y)] }),
    // roots and powers that do not overflow although what they are of does
    rule("square root of one plus exp", sqrt(add(exp(x), 1)), exp(mul(softplus(x), 0.5)), { once: [add(exp(x), 1)] }),
    rule("reciprocal root of one plus exp", rsqrt(add(exp(x), 1)), exp(mul(softplus(x), -0.5)), {
      once: [add(exp(x), 1)],
    }),
    rule("broken power of one plus exp", pow(add(exp(x), 1), c), (of) => exp(mul(softplus(of(x)), of(c))), {
      once: [add(exp(x), 1)],
      where: valueWhere(c, (value) => value > 0 && !Number.isInteger(value)),
      domain: [between(c, 0.25, 3.5)],
    }),
    rule("square root of cosh", sqrt(cosh(x)), exp(mul(logCosh(x), 0.5)), { once: [cosh(x)] }),
    rule("reciprocal root of cosh", rsqrt(cosh(x)), exp(mul(logCosh(x), -0.5)), { once: [cosh(x)] }),
    rule("broken power of cosh", pow(cosh(x), c), (of) => exp(mul(logCosh(of(x)), of(c))), {
      once: [cosh(x)],
      where: valueWhere(c, (value) => Number.isFinite(value) && !Number.isInteger(value)),
      domain: [between(c, 0.25, 3.5)],
    }),
    rule("quotient by exp and a constant", div(y, add(exp(x), c)), (of) => logistic(of(y), of(x), of(c)), {
      where: both(
        valueWhere(c, (value) => isPositiveFinite(value) && value !== 1),
        (of) => !isMap(of(y), exp.primitive),
      ),
      domain: [between(c, 0.5, 4)],
    }),
    rule("exp over exp and a constant", div(exp(x), add(exp(x), c)), (of) => sigmoid(sub(of(x), logOf(of(c)))), {
      where: valueWhere(c, isPositiveFinite),
      domain: [between(c, 0.5, 4)],
    }),
    rule(
      "reciprocal of a multiple of exp and a constant",
      reciprocal(add(mul(exp(x), c), d)),
      (of) =>
        logistic(
          constantLike(1 / constantOf(of(c)), of(c)),
          of(x),
          constantLike(constantOf(of(d)) / constantOf(of(c)), of(c)),
        ),
      {
        where: both(valueWhere(c, isPositiveFinite), valueWhere(d, isPositiveFinite)),
        domain: [between(c, 0.5, 4), between(d, 0.5, 4)],
      },
    ),
    rule(
      "quotient by a multiple of exp and a constant",
      div(y, add(mul(exp(x), c), d)),
      (of) => logistic(div(of(y), of(c)), of(x), constantLike(constantOf(of(d)) / constantOf(of(c)), of(c))),
      {
        where: both(valueWhere(c, isPositiveFinite), valueWhere(d, isPositiveFinite)),
        domain: [between(c, 0.5, 4), between(d, 0.5, 4)],
      },
    ),
    rule("exp over the square of expm1", div(exp(x), square(expm1(x))), square(mul(csch(mul(x, 0.5)), 0.5)), {
      domain: [between(x, 0.1, 8)],
    }),
    rule(
      "multiple of exp over the square of expm1",
      div(mul(exp(x), y), square(expm1(x))),
      mul(y, square(mul(csch(mul(x, 0.5)), 0.5))),
      {
        domain: [between(x, 0.1, 8)],
      },
    ),
    rule("softplus less its mirror image", sub(softplus(x), softplus(neg(x))), x),
    rule("square root of sigmoid", sqrt(sigmoid(x)), exp(mul(softplus(neg(x)), -0.5)), { once: [sigmoid(x)] }),
    rule("reciprocal of sigmoid", reciprocal(sigmoid(x)), add(exp(neg(x)), 1)),
    rule(
      "power of sigmoid",
      pow(sigmoid(x), c),
      (of) => exp(mul(softplus(neg(of(x))), constantLike(-constantOf(of(c)), of(c)))),
      {
        where: valueWhere(c, (value) => value < 0 || !Number.isInteger(value)),
        domain: [between(c, -3.5, -0.25)],
      },
    ),
    rule("log of a proportion", log(proportion(x, y)), logProportion(x, y), {
      domain: [between(x, 0.1, 5), between(y, 0.1, 5)],
    }),
    rule(
      "log less the log of a sum",
      sub(log(x), log(add(x, y))),
      select(greaterEqual(x, 0), logProportion(x, y), Number.NaN),
      { domain: [between(x, 0.1, 5), between(y, 0.1, 5)] },
    ),
    rule(
      "log of a sum less the log of its term",
      sub(log(add(x, y)), log(x)),
      select(greaterEqual(x, 0), neg(logProportion(x, y)), Number.NaN),
      { domain: [between(x, 0.1, 5), between(y, 0.1, 5)] },
    ),
    rule(
      "log less log1p",
      sub(log(x), log1p(x)),
      (of) => select(greaterEqual(of(x), 0), logProportion(of(x), constantLike(1, of(x))), Number.NaN),
      {
        domain: [onPositive(x)],
      },
    ),
    rule(
      "log1p less log",
      sub(log1p(x), log(x)),
      (of) => select(greaterEqual(of(x), 0), neg(logProportion(of(x), constantLike(1, of(x)))), Number.NaN),
      {
        domain: [onPositive(x)],
      },
    ),
    rule(
      "power of one and a reciprocal of the exponent",
      pow(add(reciprocal(x), 1), x),
      exp(log1pRatio(reciprocal(x))),
      {
        domain: [between(x, 0.5, 5)],
      },
    ),
    rule("reciprocal power of one and the divisor", pow(add(x, 1), reciprocal(x)), exp(log1pRatio(x)), {
      domain: [between(x, -0.9, 5)],
    }),
    rule("reciprocal power of one less the divisor", pow(sub(1, x), reciprocal(x)), exp(neg(log1pRatio(neg(x)))), {
      domain: [between(x, -5, 0.9)],
    }),
    rule(
      "reciprocal of one and a reciprocal",
      reciprocal(add(reciprocal(x), 1)),
      (of) => proportion(of(x), constantLike(1, of(x))),
      { domain: [onPositive(x)] },
    ),
    rule("log of the ratio of expm1", log(expm1Ratio(x)), logExpm1Ratio(x), { domain: [between(x, -8, 8)] }),
    rule("log of the ratio over expm1", log(bernoulliRatio(x)), neg(logExpm1Ratio(x)), { domain: [between(x, -8, 8)] }),
    ...multiples,
    rule("log of tanh", log(tanh(x)), logTanh(x), { domain: [between(x, 0.1, 8)] }),
    // functions of inverses, by what they are of x itself
    rule("sin of acos", sin(acos(x)), unitHeight(x), { domain: [between(x, -1, 1)] }),
    rule("cos of asin", cos(asin(x)), unitHeight(x), { domain: [between(x, -1, 1)] }),
    rule("cos of acos", cos(acos(x)), (of) => within(of(x)), { domain: [between(x, -1, 1)] }),
    rule("sin of asin", sin(asin(x)), (of) => within(of(x)), { domain: [between(x, -1, 1)] }),
    rule("cos of atan", cos(atan(x)), (of) => direction(constantLike(1, of(x)), of(x)), {
      domain: [between(x, -8, 8)],
    }),
    rule("sin of atan", sin(atan(x)), (of) => direction(of(x), constantLike(1, of(x))), {
      domain: [between(x, -8, 8)],
    }),
    rule("acos of one minus x", acos(sub(1, x)), versineArc(x), { domain: [between(x, 0, 2)] }),
    rule("acosh of one plus x", acosh(add(x, 1)), mul(2, asinh(sqrt(mul(x, 0.5)))), { domain: [between(x, 0.1, 8)] }),
    rule("acosh of one plus a square", acosh(add(square(x), 1)), mul(2, asinh(mul(abs(x), Math.SQRT1_2))), {
      domain: [between(x, 0.1, 8)],
    }),
    rule("one minus the square of cos", sub(1, square(cos(x))), square(sin(x)), { domain: [between(x, -8, 8)] }),
    rule("one minus the square of sin", sub(1, square(sin(x))), square(cos(x)), { domain: [between(x, -8, 8)] }),
    rule("square of cosh minus one", add(square(cosh(x)), -1), square(sinh(x)), { domain: [between(x, -8, 8)] }),
    rule("square of sinh plus one", add(square(sinh(x)), 1), square(cosh(x)), { domain: [between(x, -8, 8)] }),
    rule("cosh less sinh", sub(cosh(x), sinh(x)), exp(neg(x)), { domain: [between(x, -4, 4)] }),
    rule("cosh plus sinh", add(cosh(x), sinh(x)), exp(x), { domain: [between(x, -4, 4)] }),
    rule(
      "sigmoid of log",
      sigmoid(log(x)),
      (of) => select(greaterEqual(of(x), 0), proportion(of(x), constantLike(1, of(x))), Number.NaN),
      {
        domain: [between(x, 0.1, 8)],
      },
    ),
    rule("x times the reciprocal of expm1", mul(x, expm1Reciprocal(x)), bernoulliRatio(x), {
      domain: [between(x, 0.1, 5)],
    }),
    rule("log of a length", log(hypot(x, y)), logPolarRadius(x, y), {
      where: isNumber,
      domain: [onPositive(x), onPositive(y)],
    }),
    rule("length of a pair of equals", hypot(x, x), mul(abs(x), Math.SQRT2), { domain: [onPositive(x)] }),
    rule("length minus its constant part", add(hypot(x, c), d), (of) => radiusExcess(of(x), of(c)), {
      where: (of, context) => isNumber(of, context) && constantOf(of(c)) === -constantOf(of(d)),
      domain: [onPositive(x), between(c, 2, 2), between(d, -2, -2)],
    }),
    rule("length minus its second part", sub(hypot(x, y), y), radiusExcess(x, y), {
      where: isNumber,
      domain: [onPositive(x), onPositive(y)],
    }),
  ],
};
