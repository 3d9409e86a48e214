import type { Expr } from "../../ir/graph.ts";
import { logSigmoid, sigmoid } from "../../ops/activation.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../../ops/algebra.ts";
import { and, greater, greaterEqual, less, min, notEqual, select } from "../../ops/comparison.ts";
import { compound, contrast, logProportion, rootExcess } from "../../ops/compositions.ts";
import type { Operation } from "../../ops/define.ts";
import { expm1Dilation, log1pDilation, log1pPerspective } from "../../ops/dilations.ts";
import { exp, expm1, expm1Reciprocal, log, log1mexp, log1p } from "../../ops/exponential.ts";
import { cosGap, differenceAs, logGap, sinGap } from "../../ops/gaps.ts";
import { atanh, cosh, sinh, tanh } from "../../ops/hyperbolic.ts";
import { isMap, isOneOf } from "../../ops/maps.ts";
import { wholePower } from "../../ops/polynomial.ts";
import { direction, pow, sqrt } from "../../ops/powers.ts";
import { expm1Ratio, log1pRatio, proportion } from "../../ops/ratios.ts";
import { abs } from "../../ops/rounding.ts";
import { xlog1py, xlogy } from "../../ops/special.ts";
import { atanSlope, cos, sin, sinc } from "../../ops/trigonometric.ts";
import { both, constantLike, constantOf, isNumber, valueWhere } from "../forms/conditions.ts";
import { slopeBetween, slopeOfExp } from "../forms/slopes.ts";
import { c, d, number, w, x, y } from "../pattern.ts";
import { type Condition, type Rules, rule, structural } from "../rule.ts";

const halfSum = (a: Expr, b: Expr) => mul(0.5, add(a, b));
const halfDifference = (a: Expr, b: Expr) => mul(0.5, sub(a, b));

/** value(x, y) where x and y differ, NaN where they do not: there the quotient has a gap. */
const apart = (value: Expr) => select(notEqual(x, y), value, Number.NaN);

/** (f(u) - f(v))/(u - v), or a multiple of it. */
function slopeOver(difference: Expr, distance: Expr): Expr | undefined {
  if (distance.kind === "constant") return undefined;
  if (isMap(difference, mul)) {
    const [p, q] = difference.operands as [Expr, Expr];
    const slope = slopeOver(q, distance);
    const other = slope ? undefined : slopeOver(p, distance);
    return slope ? mul(p, slope) : other && mul(q, other);
  }
  return isOneOf(difference, sub, differenceAs)
    ? slopeBetween(difference.operands[0]!, difference.operands[1]!, distance)
    : undefined;
}

/** y/(u - v) times f(u) - f(v). */
function multipleOfSlope(share: Expr, difference: Expr): Expr | undefined {
  if (!isMap(share, div)) return undefined;
  const slope = slopeOver(difference, share.operands[1]!);
  return slope && mul(share.operands[0]!, slope);
}

/** (x^c - y^c)/(x - y), by s^n - t^n = (s - t) sum_k s^k t^(n-1-k) for s and t the numbers or, of a broken c, their roots. */
function slopeOfPower(x: Expr, y: Expr, c: number): Expr {
  const isWhole = Number.isInteger(c);
  const [s, t, n] = isWhole ? [x, y, c] : [sqrt(x), sqrt(y), 2 * c];
  const power = (base: Expr, k: number) => (k === 0 ? 1 : wholePower(base, k));
  const terms = Array.from({ length: n }, (_, k) =>
    k === 0 ? wholePower(t, n - 1) : mul(wholePower(s, k), power(t, n - 1 - k)),
  );
  const total = terms.reduce((a, b) => add(a, b));
  return isWhole ? total : div(total, add(s, t));
}

/** (x^y - 1)/y: where the power is near 1 by the exponent that it has of e. */
function powerRate(x: Expr, y: Expr): Expr {
  const exponent = mul(y, log(x));
  const isNear = less(abs(exponent), 1);
  return select(isNear, mul(log(x), expm1Ratio(exponent)), div(add(pow(select(isNear, 2, x), y), -1), y));
}

/** The quotient of two differences, f(x) - f(y) over x - y, for functions with another form of it. */
const slopes = [
  {
    f: square,
    slope: apart(add(x, y)),
  },
  {
    f: exp,
    slope: slopeOfExp(x, y),
  },
  {
    f: sin,
    slope: whereClose(mul(cos(halfSum(x, y)), sinc(halfDifference(x, y))), sinGap(x, y)),
  },
  {
    f: cos,
    slope: whereClose(neg(mul(sin(halfSum(x, y)), sinc(halfDifference(x, y)))), cosGap(x, y)),
  },
  { f: reciprocal, slope: neg(mul(reciprocal(x), reciprocal(y))) },
  { f: sqrt, slope: reciprocal(add(sqrt(x), sqrt(y))) },
  {
    f: (of: Expr) => mul(of, log(of)),
    slope: entropySlope(),
  },
  {
    f: log,
    slope: logSlope(
      (rate) => div(rate, y),
      (whole) => div(whole, sub(x, y)),
    ),
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

/** x log x - y log y over x - y; far from y, what holds near it is taken at 1. */
function entropySlope(): Expr {
  const isNear = less(abs(sub(x, y)), mul(0.5, y));
  const [s, t] = [x, y].map((each) => select(isNear, each, 1)) as [Expr, Expr];
  const near = add(log(t), mul(s, div(log1pRatio(div(sub(s, t), t)), t)));
  return select(isNear, near, neg(div(sub(mul(x, log(x)), mul(y, log(y))), sub(y, x))));
}

/** tanh of log x for x > 0: of x or its reciprocal, whichever is below 1, the square is taken. */
function tanhOfLog(): Expr {
  const squared = (t: Expr) => contrast(square(t), 1);
  return select(less(x, 1), squared(select(greaterEqual(x, 0), x, Number.NaN)), neg(squared(reciprocal(x))));
}

const isGrowth: Condition = (of) =>
  !isMap(of(x), min) && !(of(y).kind === "constant" && Number.isInteger(constantOf(of(y))));

/** Powers of one base with exponents that vary: one overflows where the other brings it back. */
const powersOfOneBase = (
  [
    [mul(pow(x, y), pow(x, w)), add(y, w), mul],
    [div(pow(x, y), pow(x, w)), sub(y, w), div],
  ] as const
).map(([whole, exponent, join]) =>
  rule(
    whole,
    // of a negative base the two may have roots where one power has none
    select(greater(x, 0), pow(x, exponent), join(pow(min(x, 1), y), pow(min(x, 1), w))),
    {
      where: both(isNumber, (of) => !isMap(of(x), min)),
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
  rule(div(f(mul(x, y)), x), dilation(x, y), {
    where: (of) => of(y).kind !== "constant",
  }),
  rule(div(f(neg(mul(x, y))), x), dilation(x, neg(y))),
]);

/** (1 + x)^y - 1 for a base that may be negative, where y is whole. */
const growth = (x: Expr, y: Expr) => select(less(-0.75, x), compound(x, y), add(pow(add(min(x, -0.5), 1), y), -1));

/** near(r) of r = ((1 + x)^y - 1)/x, by the logarithm of 1 + x, and far(x) of a base that may be negative. */
function byGrowthRate(x: Expr, y: Expr, near: (rate: Expr) => Expr, far: (x: Expr) => Expr): Expr {
  const isMild = greater(x, -0.75);
  const rate = mul(expm1Dilation(log1p(select(isMild, x, -0.5)), y), log1pRatio(x));
  return select(isMild, near(rate), far(min(x, -0.5)));
}

const growthRate = (x: Expr, y: Expr) =>
  byGrowthRate(
    x,
    y,
    (rate) => rate,
    (far) => div(sub(pow(add(far, 1), y), 1), far),
  );

/** ((1 + x)^y - 1)/y. */
function growthByExponent(): Expr {
  const isMild = less(-0.75, x);
  const low = min(x, -0.5);
  return select(isMild, expm1Dilation(y, log1p(select(isMild, x, -0.5))), div(add(pow(add(low, 1), y), -1), y));
}

/** w x over (1 + x)^y - 1: of a small x by the rate. */
function overGrowth(w: Expr): Expr {
  const isSmall = less(abs(x), 0.25);
  const far = select(isSmall, 1, x);
  return select(isSmall, div(w, growthRate(select(isSmall, x, 0), y)), div(mul(w, far), growth(far, y)));
}
const isWhole: Condition = (of) => !isMap(of(x), select);

/** (x^y - 1)/(x - 1), by the growth from 1 on where x - 1 is exact. */
function rateAtOne(): Expr {
  const isMild = greater(x, 0.25);
  const low = min(x, 0.5);
  return select(isMild, growthRate(add(select(isMild, x, 1), -1), y), div(add(pow(low, y), -1), add(low, -1)));
}

/** x (1 + x)^y / ((1 + x)^y - 1): of a loan at the interest x. */
const annuity = byGrowthRate(
  x,
  neg(y),
  (rate) => neg(reciprocal(rate)),
  (far) => div(mul(far, pow(add(far, 1), y)), sub(pow(add(far, 1), y), 1)),
);

/** 1 - tanh(x) tanh(y). */
const besideTanh = mul(
  2,
  add(mul(sigmoid(mul(2, x)), sigmoid(mul(-2, y))), mul(sigmoid(mul(-2, x)), sigmoid(mul(2, y)))),
);

/** x^y / (x^y + w^y) of positive numbers, or its logarithm, by the logarithm of their quotient. */
function shareOfPowers(share: Operation, ofDifference: Operation): Expr {
  const arePositive = and(greater(x, 0), greater(w, 0));
  const [a, b] = [x, w].map((base) => select(arePositive, base, 1)) as [Expr, Expr];
  const [p, q] = [x, w].map((base) => pow(select(arePositive, 1, base), y)) as [Expr, Expr];
  return select(arePositive, ofDifference(mul(y, logGap(a, b))), share(p, q));
}

/** Of a power that varies, of what no rule has bounded. */
const isOpenPower: Condition = (of) => of(y).kind !== "constant" && !isMap(of(x), select);
const shareOfPowersRule = rule(proportion(pow(x, y), pow(w, y)), shareOfPowers(proportion, sigmoid), {
  where: isOpenPower,
});

/** log(1 - x^y), for positive x by its logarithm. */
function logOfComplement(): Expr {
  const isPositive = greater(x, 0);
  return select(
    isPositive,
    log1mexp(mul(y, log(select(isPositive, x, 0.5)))),
    log1p(neg(pow(select(isPositive, 0, x), y))),
  );
}

/** The power x^y of a positive number over 1 more. */
function shareOfPower(): Expr {
  const isPositive = greater(x, 0);
  return select(
    isPositive,
    sigmoid(mul(y, log(select(isPositive, x, 1)))),
    proportion(pow(select(isPositive, 1, x), y), constantLike(1, x)),
  );
}

/** Quotients and differences whose parts cancel or overflow, by what they are in one step. */
export const quotientRules: Rules = {
  stable: [
    ...slopes.map(({ f, slope }) => rule(div(sub(f(x), f(y)), sub(x, y)), slope)),
    structural("slope between two points", [div], (node, { facts }) =>
      facts.isNumber(node) ? slopeOver(node.operands[0]!, node.operands[1]!) : undefined,
    ),
    structural(
      "share of a distance times a difference",
      [mul],
      (node, { facts }) => {
        const [a, b] = node.operands as [Expr, Expr];
        return facts.isNumber(node) ? (multipleOfSlope(a, b) ?? multipleOfSlope(b, a)) : undefined;
      },
      [div, sub],
    ),
    rule(
      div(sub(x, y), sub(log(x), log(y))),
      logSlope(
        (rate) => div(y, rate),
        (whole) => div(sub(x, y), whole),
      ),
    ),
    rule(div(sub(exp(neg(x)), exp(neg(y))), sub(x, y)), neg(slopeOfExp(neg(x), neg(y)))),
    rule(div(sub(exp(neg(x)), exp(neg(y))), sub(y, x)), slopeOfExp(neg(x), neg(y))),
    rule(div(sub(x, y), sub(sqrt(x), sqrt(y))), add(sqrt(x), sqrt(y))),
    rule(div(sub(pow(x, c), pow(y, c)), sub(x, y)), (of) => slopeOfPower(of(x), of(y), constantOf(of(c))), {
      where: valueWhere(c, (value) => value > 1 && value <= 6 && Number.isInteger(2 * value)),
    }),
    // Box and Cox
    rule(div(add(pow(x, y), -1), y), powerRate(x, y), {
      where: (of) => !isMap(of(x), select) && of(y).kind !== "constant",
    }),
    rule(div(sub(1, pow(x, sub(1, y))), add(y, -1)), powerRate(x, sub(1, y)), {
      where: (of) => !isMap(of(x), select) && of(y).kind !== "constant",
    }),
    rule(div(add(pow(x, sub(1, y)), -1), sub(1, y)), powerRate(x, sub(1, y)), {
      where: (of) => !isMap(of(x), select) && of(y).kind !== "constant",
    }),
    rule(div(sub(square(x), square(y)), add(x, y)), sub(x, y)),
    rule(div(add(square(x), c), add(x, d)), select(notEqual(add(x, d), 0), sub(x, d), Number.NaN), {
      where: (of) => constantOf(of(c)) === -(constantOf(of(d)) ** 2),
    }),
    rule(div(sub(x, y), add(x, y)), contrast(x, y)),
    rule(log(contrast(1, x)), mul(atanh(x), -2)),
    rule(div(sub(exp(x), exp(y)), add(exp(x), exp(y))), tanh(halfDifference(x, y))),
    rule(div(sinh(x), add(cosh(x), 1)), tanh(mul(0.5, x))),
    rule(div(expm1(x), add(expm1(x), 2)), tanh(mul(0.5, x))),
    rule(add(reciprocal(tanh(x)), -1), mul(2, expm1Reciprocal(mul(2, x)))),
    rule(mul(sinh(x), exp(neg(x))), mul(-0.5, expm1(mul(-2, x)))),
    rule(mul(cosh(x), exp(neg(x))), add(0.5, mul(0.5, exp(mul(-2, x))))),
    rule(tanh(log(x)), tanhOfLog()),
    ...dilations,
    rule(div(proportion(x, y), x), reciprocal(add(x, y))),
    rule(mul(x, log1p(reciprocal(x))), log1pPerspective(1, x)),
    rule(mul(y, log1p(div(x, y))), log1pPerspective(x, y)),
    // complements
    rule(add(reciprocal(add(x, 1)), -1), neg(proportion(x, 1))),
    rule(sub(1, reciprocal(add(x, 1))), proportion(x, 1)),
    rule(sub(1, atanSlope(x)), square(direction(x, 1))),
    rule(add(pow(add(x, 1), y), -1), growth(x, y), {
      where: isGrowth,
    }),
    rule(sub(1, pow(sub(1, x), y)), neg(growth(neg(x), y)), {
      where: isGrowth,
    }),
    rule(sub(1, pow(add(x, 1), y)), neg(growth(x, y)), {
      where: isGrowth,
    }),
    rule(div(growth(x, y), x), growthRate(x, y)),
    ...[div(add(pow(x, y), -1), add(x, -1)), div(sub(1, pow(x, y)), sub(1, x))].map((rate) =>
      rule(rate, rateAtOne(), { where: isGrowth }),
    ),
    rule(div(neg(growth(x, y)), x), neg(growthRate(x, y))),
    rule(div(growth(x, y), y), growthByExponent(), { where: isWhole }),
    rule(div(neg(growth(x, y)), y), neg(growthByExponent()), { where: isWhole }),
    rule(div(mul(x, pow(add(x, 1), y)), growth(x, y)), annuity),
    rule(div(mul(w, growth(x, y)), x), mul(w, growthRate(x, y))),
    rule(div(mul(w, x), growth(x, y)), overGrowth(w), { where: isWhole }),
    rule(div(x, growth(x, y)), overGrowth(number(1)), { where: isWhole }),
    rule(proportion(pow(x, y), 1), shareOfPower(), {
      where: (of) => of(y).kind !== "constant" && !isMap(of(x), select),
    }),
    rule(logProportion(pow(x, y), pow(w, y)), shareOfPowers(logProportion, logSigmoid), { where: isOpenPower }),
    structural("share of powers", [proportion], (node, context) =>
      context.isTakenBy(node.id, log.primitive) ? undefined : shareOfPowersRule.apply(node, context),
    ),
    rule(log1p(neg(pow(x, y))), logOfComplement(), { where: isOpenPower }),
    // with nothing that cancels near 0
    rule(
      sub(cosh(x), cos(y)),
      add(square(mul(sinh(mul(x, 0.5)), Math.SQRT2)), square(mul(sin(mul(y, 0.5)), Math.SQRT2))),
    ),
    // complements of products, whose terms are of one sign
    rule(sub(1, mul(tanh(x), tanh(y))), besideTanh),
    rule(add(mul(tanh(x), tanh(y)), -1), neg(besideTanh)),
    rule(
      log1p(neg(mul(sigmoid(x), sigmoid(y)))),
      select(
        less(mul(sigmoid(x), sigmoid(y)), 0.5),
        log1p(neg(min(mul(sigmoid(x), sigmoid(y)), 0.75))),
        log(add(sigmoid(neg(x)), mul(sigmoid(x), sigmoid(neg(y))))),
      ),
    ),
    // squares of sums
    rule(sub(add(square(x), square(y)), mul(mul(x, y), 2)), square(sub(x, y))),
    rule(add(square(x), square(y), mul(mul(x, y), 2)), square(add(x, y))),
    rule(sub(square(add(x, y)), square(x)), mul(y, add(mul(2, x), y))),
    rule(sub(pow(add(x, y), 3), pow(x, 3)), mul(y, add(mul(mul(x, add(x, y)), 3), square(y)))),
    // roots that are nearly equal
    rule(sub(sqrt(x), sqrt(add(x, c))), div(neg(c), add(sqrt(x), sqrt(add(x, c))))),
    rule(sub(sqrt(add(square(x), y)), x), rootExcess(x, y)),
    // powers of one base
    ...powersOfOneBase,
    rule(pow(square(x), y), pow(abs(x), mul(2, y)), {
      where: (of) => of(y).kind !== "constant",
    }),
    rule(xlogy(x, add(y, 1)), xlog1py(x, y)),
    rule(xlogy(x, sub(1, y)), xlog1py(x, neg(y))),
  ],
};
