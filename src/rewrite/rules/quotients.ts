import type { Expr } from "../../ir/graph.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../../ops/algebra.ts";
import { greater, less, min, notEqual, select } from "../../ops/comparison.ts";
import { compound, contrast, rootExcess } from "../../ops/compositions.ts";
import { expm1Dilation, log1pDilation, log1pPerspective } from "../../ops/dilations.ts";
import { exp, expm1, expm1Reciprocal, log, log1p } from "../../ops/exponential.ts";
import { cosGap, logGap, sinGap } from "../../ops/gaps.ts";
import { cosh, sinh, tanh } from "../../ops/hyperbolic.ts";
import { direction, pow, sqrt } from "../../ops/powers.ts";
import { expm1Ratio, log1pRatio, proportion } from "../../ops/ratios.ts";
import { abs } from "../../ops/rounding.ts";
import { xlog1py, xlogy } from "../../ops/special.ts";
import { atanSlope, cos, sin, sinc } from "../../ops/trigonometric.ts";
import { between, both, constantLike, constantOf, onPositive } from "../conditions.ts";
import { isMap } from "../nodes.ts";
import { c, d, w, x, y } from "../pattern.ts";
import { type Condition, type Rules, rule } from "../rule.ts";

/** As rules of the plane: in arrays the plain form is several times as fast. */
const isNumber: Condition = (of, { facts }) => facts.isNumber(of(x));

const halfSum = (a: Expr, b: Expr) => mul(0.5, add(a, b));
const halfDifference = (a: Expr, b: Expr) => mul(0.5, sub(a, b));

/** value(x, y) where x and y differ, NaN where they do not: there the quotient has a gap. */
const apart = (value: Expr) => select(notEqual(x, y), value, Number.NaN);

const around = (low: number, high: number) => [between(x, low, high), between(y, low, high)];

/** The quotient of two differences, f(x) - f(y) over x - y, for functions with another form of it. */
const slopes = [
  {
    name: "squares",
    f: square,
    slope: apart(add(x, y)),
    domain: around(-4, 4),
  },
  {
    name: "exps",
    f: exp,
    // of the larger exponent, so that neither factor overflows alone
    slope: select(less(x, y), mul(exp(y), expm1Ratio(sub(x, y))), mul(exp(x), expm1Ratio(sub(y, x)))),
    domain: around(-4, 4),
  },
  {
    name: "sines",
    f: sin,
    slope: whereClose(mul(cos(halfSum(x, y)), sinc(halfDifference(x, y))), sinGap(x, y)),
    domain: around(-4, 4),
  },
  {
    name: "cosines",
    f: cos,
    slope: whereClose(neg(mul(sin(halfSum(x, y)), sinc(halfDifference(x, y)))), cosGap(x, y)),
    domain: around(-4, 4),
  },
  { name: "square roots", f: sqrt, slope: reciprocal(add(sqrt(x), sqrt(y))), domain: around(0.1, 4) },
  {
    name: "logs",
    f: log,
    slope: logSlope(
      (rate) => div(rate, y),
      (whole) => div(whole, sub(x, y)),
    ),
    domain: around(0.1, 4),
  },
];

/** Far from each other two angles have no half sum that keeps the digits of both. */
function whereClose(near: Expr, gap: Expr): Expr {
  const difference = sub(x, y);
  return select(less(abs(difference), 2), near, div(gap, difference));
}

/** log x - log y and x - y: near each other by log(1 + t)/t with t = (x - y)/y, far from each other as they stand. */
function logSlope(near: (rate: Expr) => Expr, far: (whole: Expr) => Expr): Expr {
  const difference = sub(x, y);
  return select(less(abs(difference), mul(0.5, y)), near(log1pRatio(div(difference, y))), far(logGap(x, y)));
}

/** x / (1 + x). */
const shareOf = (x: Expr) => proportion(x, constantLike(1, x));

/** tanh of log x for x > 0: of x or its reciprocal, whichever is below 1, the square is taken. */
function tanhOfLog(): Expr {
  const squared = (t: Expr) => contrast(square(t), 1);
  return select(less(x, 1), squared(select(greater(x, 0), x, Number.NaN)), neg(squared(reciprocal(x))));
}

const isGrowth: Condition = (of) =>
  !isMap(of(x), min.primitive) && !(of(y).kind === "constant" && Number.isInteger(constantOf(of(y))));

/** Powers of one base with exponents that vary: one overflows where the other brings it back. */
const powersOfOneBase = (
  [
    ["product", mul(pow(x, y), pow(x, w)), add(y, w), mul],
    ["quotient", div(pow(x, y), pow(x, w)), sub(y, w), div],
  ] as const
).map(([name, whole, exponent, join]) =>
  rule(
    `${name} of powers of one base`,
    whole,
    // of a negative base the two may have roots where one power has none
    select(greater(x, 0), pow(x, exponent), join(pow(min(x, 1), y), pow(min(x, 1), w))),
    {
      where: both(isNumber, (of) => !isMap(of(x), min.primitive)),
      domain: [between(x, 0.5, 4), between(y, -3, 3), between(w, -3, 3)],
    },
  ),
);

/** f(x y)/x for functions with f(0) = 0. */
const dilations = (
  [
    [expm1, expm1Dilation],
    [log1p, log1pDilation],
  ] as const
).flatMap(([f, dilation]) => [
  rule(`${f.primitive.name} of a product over its factor`, div(f(mul(x, y)), x), dilation(x, y), {
    where: (of) => of(y).kind !== "constant",
    domain: around(0.3, 0.9),
  }),
  rule(`${f.primitive.name} of a mirrored product over its factor`, div(f(neg(mul(x, y))), x), dilation(x, neg(y)), {
    domain: around(0.3, 0.9),
  }),
]);

/** (1 + x)^y - 1 for a base that may be negative, where y is whole. */
const growth = (x: Expr, y: Expr) => select(greater(x, -0.75), compound(x, y), sub(pow(add(min(x, -0.5), 1), y), 1));

/** Quotients and differences whose parts cancel or overflow, by what they are in one step. */
export const quotientRules: Rules = {
  stable: [
    ...slopes.map(({ name, f, slope, domain }) =>
      rule(`difference of ${name} over that of their operands`, div(sub(f(x), f(y)), sub(x, y)), slope, { domain }),
    ),
    rule(
      "difference over that of the logs",
      div(sub(x, y), sub(log(x), log(y))),
      logSlope(
        (rate) => div(y, rate),
        (whole) => div(sub(x, y), whole),
      ),
      { domain: around(0.1, 4) },
    ),
    rule("difference of squares over the sum", div(sub(square(x), square(y)), add(x, y)), sub(x, y), {
      domain: around(0.1, 4),
    }),
    rule(
      "square and a constant over its factor",
      div(add(square(x), c), add(x, d)),
      (of) => select(notEqual(add(of(x), of(d)), 0), sub(of(x), of(d)), Number.NaN),
      {
        where: (of) => constantOf(of(c)) === -(constantOf(of(d)) ** 2),
        domain: [onPositive(x), between(c, -1, -1), between(d, -1, -1)],
      },
    ),
    rule("difference over the sum", div(sub(x, y), add(x, y)), contrast(x, y), { domain: around(0.1, 4) }),
    rule(
      "difference of exps over their sum",
      div(sub(exp(x), exp(y)), add(exp(x), exp(y))),
      tanh(halfDifference(x, y)),
      { domain: around(-4, 4) },
    ),
    rule("sinh over cosh plus one", div(sinh(x), add(cosh(x), 1)), tanh(mul(0.5, x)), { domain: [between(x, -8, 8)] }),
    rule("expm1 over itself plus two", div(expm1(x), add(expm1(x), 2)), tanh(mul(0.5, x)), {
      domain: [between(x, -8, 8)],
    }),
    rule("reciprocal of tanh minus one", add(reciprocal(tanh(x)), -1), mul(2, expm1Reciprocal(mul(2, x))), {
      domain: [between(x, 0.1, 4)],
    }),
    rule("sinh times the mirrored exp", mul(sinh(x), exp(neg(x))), mul(-0.5, expm1(mul(-2, x))), {
      domain: [between(x, -4, 4)],
    }),
    rule("cosh times the mirrored exp", mul(cosh(x), exp(neg(x))), add(0.5, mul(0.5, exp(mul(-2, x)))), {
      domain: [between(x, -4, 4)],
    }),
    rule("tanh of log", tanh(log(x)), tanhOfLog(), { domain: [between(x, 0.1, 4)] }),
    ...dilations,
    rule("share over its part", div(proportion(x, y), x), reciprocal(add(x, y)), { domain: around(0.3, 0.9) }),
    rule(
      "log1p of a reciprocal times its operand",
      mul(x, log1p(reciprocal(x))),
      (of) => log1pPerspective(constantLike(1, of(x)), of(x)),
      { domain: [between(x, 0.1, 5)] },
    ),
    rule("log1p of a quotient times its divisor", mul(y, log1p(div(x, y))), log1pPerspective(x, y), {
      domain: around(0.3, 0.9),
    }),
    // complements
    rule("reciprocal of one and x minus one", add(reciprocal(add(x, 1)), -1), (of) => neg(shareOf(of(x))), {
      domain: [onPositive(x)],
    }),
    rule("one minus the reciprocal of one and x", sub(1, reciprocal(add(x, 1))), (of) => shareOf(of(x)), {
      domain: [onPositive(x)],
    }),
    rule("one minus the reciprocal of one and a square", sub(1, atanSlope(x)), (of) =>
      square(direction(of(x), constantLike(1, of(x)))),
    ),
    rule("power of one and x minus one", add(pow(add(x, 1), y), -1), growth(x, y), {
      where: isGrowth,
      domain: [between(x, -0.9, 4), between(y, -3, 3)],
    }),
    rule("one minus a power of one minus x", sub(1, pow(sub(1, x), y)), neg(growth(neg(x), y)), {
      where: isGrowth,
      domain: [between(x, -4, 0.9), between(y, -3, 3)],
    }),
    rule("square of a sum minus that of its term", sub(square(add(x, y)), square(x)), mul(y, add(mul(2, x), y)), {
      domain: around(-4, 4),
    }),
    // roots that are nearly equal
    rule(
      "difference of roots of a term and its sum",
      sub(sqrt(x), sqrt(add(x, c))),
      (of) => div(constantLike(-constantOf(of(c)), of(c)), add(sqrt(of(x)), sqrt(add(of(x), of(c))))),
      { domain: [onPositive(x), between(c, 1, 4)] },
    ),
    rule("root of a square and more minus its base", sub(sqrt(add(square(x), y)), x), rootExcess(x, y), {
      domain: around(0.1, 4),
    }),
    // powers of one base
    ...powersOfOneBase,
    rule("variable power of a square", pow(square(x), y), pow(abs(x), mul(2, y)), {
      where: (of) => of(y).kind !== "constant",
      domain: around(0.1, 3),
    }),
    rule("xlogy of one and more", xlogy(x, add(y, 1)), xlog1py(x, y), { domain: around(0.1, 4) }),
  ],
};
