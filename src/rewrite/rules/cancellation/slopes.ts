import type { Expr } from "../../../ir/graph.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../../../ops/elementary/algebra.ts";
import { less, notEqual, select } from "../../../ops/elementary/comparison.ts";
import { exp, log } from "../../../ops/elementary/exponential.ts";
import { wholePower } from "../../../ops/elementary/polynomial.ts";
import { pow, sqrt } from "../../../ops/elementary/powers.ts";
import { abs } from "../../../ops/elementary/rounding.ts";
import { cos, sin, sinc } from "../../../ops/elementary/trigonometric.ts";
import { isMap, isOneOf } from "../../../ops/maps.ts";
import { cosGap, sinGap } from "../../../ops/ratios/angle-gaps.ts";
import { differenceAs, logGap } from "../../../ops/ratios/gaps.ts";
import { log1pRatio } from "../../../ops/ratios/ratios.ts";
import { slopeBetween, slopeOfExp } from "../../forms/cancellation/slopes.ts";
import { areNoChoices, orNaN, valueWhere } from "../../forms/conditions.ts";
import { c, x, y } from "../../pattern.ts";
import { type Rules, rule, structural } from "../../rule.ts";

const halfSum = (a: Expr, b: Expr) => mul(0.5, add(a, b));

const halfDifference = (a: Expr, b: Expr) => mul(0.5, sub(a, b));

/** value(x, y) where x and y differ, NaN where they do not: there the quotient has a gap. */
const apart = (value: Expr) => orNaN(notEqual(x, y), value);

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
      () => div(logGap(x, y), sub(x, y)),
    ),
  },
];

/** Far from each other two angles have no half sum that keeps the digits of both. */
function whereClose(near: Expr, gap: Expr): Expr {
  const difference = sub(x, y);
  return select(less(abs(difference), 2), near, div(gap, difference));
}

/** log x - log y and x - y: near each other by log(1 + t)/t with t = (x - y)/y, far from each other as they stand. */
function logSlope(near: (rate: Expr) => Expr, far: (s: Expr, t: Expr) => Expr): Expr {
  const difference = sub(x, y);
  const isNear = less(abs(difference), mul(0.5, y));
  return select(isNear, near(log1pRatio(div(difference, y))), far(select(isNear, 2, x), select(isNear, 1, y)));
}

const areOpen = areNoChoices(x, y);

/** x log x - y log y over x - y; far from y, what holds near it is taken at 1. */
function entropySlope(): Expr {
  const isNear = less(abs(sub(x, y)), mul(0.5, y));
  const [s, t] = [x, y].map((each) => select(isNear, each, 1)) as [Expr, Expr];
  const near = add(log(t), mul(s, div(log1pRatio(div(sub(s, t), t)), t)));
  return select(isNear, near, neg(div(sub(mul(x, log(x)), mul(y, log(y))), sub(y, x))));
}

/** Quotients of two differences, f(x) - f(y) over x - y. */
export const slopeRules: Rules = {
  stable: [
    ...slopes.map(({ f, slope }) => rule(div(sub(f(x), f(y)), sub(x, y)), slope)),
    structural("slope between two points", { roots: [div] }, (node, { facts }) =>
      facts.isNumber(node) ? slopeOver(node.operands[0]!, node.operands[1]!) : undefined,
    ),
    structural("share of a distance times a difference", { roots: [mul], operands: [div, sub] }, (node, { facts }) => {
      const [a, b] = node.operands as [Expr, Expr];
      return facts.isNumber(node) ? (multipleOfSlope(a, b) ?? multipleOfSlope(b, a)) : undefined;
    }),
    rule(
      div(sub(x, y), sub(log(x), log(y))),
      logSlope(
        (rate) => div(y, rate),
        () => div(sub(x, y), logGap(x, y)),
      ),
    ),
    rule(
      div(sub(x, y), log(div(x, y))),
      logSlope(
        (rate) => div(y, rate),
        (s, t) => div(sub(s, t), log(div(s, t))),
      ),
      { where: areOpen },
    ),
    rule(
      div(log(div(x, y)), sub(x, y)),
      logSlope(
        (rate) => div(rate, y),
        (s, t) => div(log(div(s, t)), sub(s, t)),
      ),
      { where: areOpen },
    ),
    rule(div(sub(exp(neg(x)), exp(neg(y))), sub(x, y)), neg(slopeOfExp(neg(x), neg(y)))),
    rule(div(sub(exp(neg(x)), exp(neg(y))), sub(y, x)), slopeOfExp(neg(x), neg(y))),
    rule(div(sub(x, y), sub(sqrt(x), sqrt(y))), add(sqrt(x), sqrt(y))),
    rule(div(sub(pow(x, c), pow(y, c)), sub(x, y)), (of) => slopeOfPower(of(x), of(y), of(c).constant!), {
      where: valueWhere(c, (value) => value > 1 && value <= 6 && Number.isInteger(2 * value)),
    }),
  ],
};

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
