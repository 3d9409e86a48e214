import type { Expr } from "../../../ir/graph.ts";
import type { Primitive } from "../../../ir/primitive.ts";
import { factorial } from "../../../numeric/factorial.ts";
import type { Operation } from "../../../ops/define.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../../../ops/elementary/algebra.ts";
import { greater, less, select } from "../../../ops/elementary/comparison.ts";
import { exp, expm1, log, log1p } from "../../../ops/elementary/exponential.ts";
import { asinh, cosh, sech, sinh, tanh } from "../../../ops/elementary/hyperbolic.ts";
import { hypot, polarRadius } from "../../../ops/elementary/lengths.ts";

import { polynomial, series } from "../../../ops/elementary/polynomial.ts";
import { cbrt, pow, rsqrt, sqrt } from "../../../ops/elementary/powers.ts";
import { abs } from "../../../ops/elementary/rounding.ts";
import { atan, cos, sin, sinc, tan } from "../../../ops/elementary/trigonometric.ts";
import { byPrimitive, isMap } from "../../../ops/maps.ts";
import { expm1Ratio, log1pRatio } from "../../../ops/ratios/ratios.ts";
import { sigmoid, softplus } from "../../../ops/special/activation.ts";
import { gaussian } from "../../../ops/special/gaussian.ts";
import { isConstant } from "../contractions/splat.ts";
import { rateOf } from "./distances.ts";

// The slope (f(x) - f(y))/(x - y) between two points: of sums, products and functions of functions by those of their parts, as
// derivatives are. In none of these forms anything cancels where x and y are nearly equal.

const half = (x: Expr) => mul(0.5, x);

/** (e^a - e^b)/(a - b), of the larger exponent, so that neither factor overflows alone. */
export function slopeOfExp(a: Expr, b: Expr): Expr {
  return select(less(a, b), mul(exp(b), expm1Ratio(sub(a, b))), mul(exp(a), expm1Ratio(sub(b, a))));
}

/** A function, its slope where a and b are within `reach` of each other, and how far that is; further apart as it stands. */
interface Near {
  readonly f: Operation;
  readonly slope: (a: Expr, b: Expr, distance: Expr) => Expr;
  readonly reach: (a: Expr, b: Expr) => Expr | number;
}

// f(x)/x by powers of x^2

const sinhRatio = (x: Expr) =>
  polynomial(
    square(x),
    series((k) => 1 / factorial(2 * k + 1), 1),
  );
/** Up to 1/4. */
const atanRatio = (x: Expr) =>
  polynomial(
    square(x),
    series((k) => (-1) ** k / (2 * k + 1), 1 / 16),
  );
/** Up to 1/4. */
const asinhRatio = (x: Expr) =>
  polynomial(
    square(x),
    series((k) => factorial(2 * k) / ((-4) ** k * factorial(k) ** 2 * (2 * k + 1)), 1 / 16),
  );

const close: readonly Near[] = [
  { f: log, slope: (_a, b, d) => div(log1pRatio(div(d, b)), b), reach: (_a, b) => half(b) },
  { f: log1p, slope: (_a, b, d) => div(log1pRatio(div(d, add(b, 1))), add(b, 1)), reach: (_a, b) => half(add(b, 1)) },
  { f: tanh, slope: (a, b, d) => mul(mul(sech(a), sech(b)), sinhRatio(d)), reach: () => 1 },
  { f: sinh, slope: (a, b, d) => mul(cosh(half(add(a, b))), sinhRatio(half(d))), reach: () => 2 },
  { f: cosh, slope: (a, b, d) => mul(sinh(half(add(a, b))), sinhRatio(half(d))), reach: () => 2 },
  { f: sin, slope: (a, b, d) => mul(cos(half(add(a, b))), sinc(half(d))), reach: () => 2 },
  { f: cos, slope: (a, b, d) => neg(mul(sin(half(add(a, b))), sinc(half(d)))), reach: () => 2 },
  { f: tan, slope: (a, b, d) => div(div(sinc(d), cos(a)), cos(b)), reach: () => 2 },
  {
    f: atan,
    slope: (a, b, d) => {
      const rest = add(1, mul(a, b));
      return div(atanRatio(div(d, rest)), rest);
    },
    reach: (a, b) => mul(0.25, add(1, mul(a, b))),
  },
  {
    f: asinh,
    slope: (a, b, d) => {
      // asinh a - asinh b = asinh t; t over a - b is half a sum of two shares over the mean of sqrt(1 + a^2) and sqrt(1 + b^2)
      const [s, t] = [a, b].map((x) => hypot(x, 1)) as [Expr, Expr];
      const product = mul(s, t);
      const isSameSide = greater(mul(a, b), 0);
      const squares = div(add(add(div(s, t), div(t, s)), neg(reciprocal(product))), add(1, div(mul(a, b), product)));
      const ratio = div(add(1, select(isSameSide, squares, sub(product, mul(a, b)))), add(s, t));
      return mul(ratio, asinhRatio(mul(d, ratio)));
    },
    reach: () => 0.25,
  },
  { f: sigmoid, slope: (a, b, d) => mul(mul(sigmoid(a), sigmoid(neg(b))), expm1Ratio(neg(d))), reach: () => 2 },
  {
    f: softplus,
    slope: (_a, b, d) => {
      const share = mul(sigmoid(b), expm1(d));
      return mul(mul(sigmoid(b), expm1Ratio(d)), log1pRatio(share));
    },
    reach: () => 1,
  },
];

const anywhere: readonly (readonly [Operation, (a: Expr, b: Expr) => Expr])[] = [
  [exp, slopeOfExp],
  [expm1, slopeOfExp],
  [sqrt, (a, b) => reciprocal(add(sqrt(a), sqrt(b)))],
  [rsqrt, (a, b) => neg(div(mul(rsqrt(a), rsqrt(b)), add(sqrt(a), sqrt(b))))],
  [
    cbrt,
    (a, b) => {
      const [s, t] = [cbrt(a), cbrt(b)];
      return reciprocal(add(square(s), mul(s, t), square(t)));
    },
  ],
  [square, (a, b) => add(a, b)],
  [reciprocal, (a, b) => neg(mul(reciprocal(a), reciprocal(b)))],
  [gaussian, (a, b) => neg(mul(add(a, b), slopeOfExp(neg(square(a)), neg(square(b)))))],
];

/** (a^c - b^c)/(a - b): near each other by the logarithm of a/b. */
export function slopeOfPower(a: Expr, b: Expr, c: Expr): Expr {
  const distance = sub(a, b);
  const isNear = less(abs(distance), half(b));
  const base = select(isNear, b, 1);
  const rate = select(isNear, div(distance, base), 0);
  const near = mul(mul(mul(c, pow(base, sub(c, 1))), expm1Ratio(mul(c, log1p(rate)))), log1pRatio(rate));
  return select(isNear, near, div(sub(pow(a, c), pow(b, c)), select(isNear, 1, distance)));
}

const slopes = byPrimitive<(a: Expr, b: Expr) => Expr>([
  ...anywhere,
  ...close.map(
    ({ f, slope, reach }) =>
      [
        f,
        (a: Expr, b: Expr) => {
          const distance = sub(a, b);
          const isNear = less(abs(distance), reach(a, b));
          // what the far side is divided by tells that this has been here
          const far = div(sub(f(a), f(b)), select(isNear, 1, distance));
          return select(isNear, slope(a, b, distance), far);
        },
      ] as const,
  ),
]);

/** The slope of a function between two points, where it has a form in which nothing cancels. */
export const slopeOfFunction = (primitive: Primitive) => slopes.get(primitive);

/** So deep parts of the two sides are compared. */
const deepest = 6;

/**
 * (a - b)/distance for expressions that are one function of two points, which are a multiple of the distance apart; undefined where that
 * is not seen, or they are of no function above.
 */
export function slopeBetween(a: Expr, b: Expr, distance: Expr): Expr | undefined {
  let found = false;
  const one = distance.graph.constantLike(1, distance);
  const zero = distance.graph.constantLike(0, distance);
  const [u, v] = isMap(distance, sub) ? distance.operands : [];
  function between(p: Expr, q: Expr, depth: number): Expr | undefined {
    if (p === q) return zero;
    if (p === u && q === v) return one;
    if (p === v && q === u) return distance.graph.constantLike(-1, distance);
    const rate = rateOf(p, q, distance);
    if (rate) return isConstant(rate, 1) ? one : rate;
    if (p.kind !== "map" || q.kind !== "map" || depth === 0) return undefined;
    const primitive = p.graph.primitiveOf(p.id);
    const [left, right] = [p.operands, q.operands];
    if (!isMap(q, { primitive }) || left.length !== right.length) return undefined;
    const parts = (order: readonly Expr[]) => {
      const rates = left.map((each, k) => between(each, order[k]!, depth - 1));
      return rates.every((rate) => rate !== undefined) ? rates : undefined;
    };
    const swapped = [...right].reverse();
    const direct = parts(right);
    const rates = direct ?? (primitive === mul.primitive || primitive === add.primitive ? parts(swapped) : undefined);
    const [r, s] = rates ?? [];
    if (!r) return undefined;
    const [c, d] = direct ? right : swapped;
    const times = (x: Expr, y: Expr) => (x === zero || y === zero ? zero : x === one ? y : y === one ? x : mul(x, y));
    const plus = (x: Expr, y: Expr) => (x === zero ? y : y === zero ? x : add(x, y));
    if (primitive === add.primitive) return rates!.reduce(plus);
    if (primitive === sub.primitive) return s === zero ? r : plus(r, neg(s!));
    if (primitive === neg.primitive) return neg(r);
    if (primitive === mul.primitive) return plus(times(r, left[1]!), times(c!, s!));
    if (primitive === div.primitive) return s === zero ? div(r, d!) : div(sub(r, times(div(c!, d!), s!)), left[1]!);
    if (primitive === polarRadius.primitive || primitive === hypot.primitive) {
      found = true;
      const [k, rate] = s === zero ? [0, r] : [1, s!];
      if (rates!.some((each, n) => n !== k && each !== zero)) return undefined;
      return times(rate, div(add(left[k]!, right[k]!), add(p, q)));
    }
    if (primitive === pow.primitive && s === zero) {
      found = true;
      return times(slopeOfPower(left[0]!, right[0]!, left[1]!), r);
    }
    const slope = slopes.get(primitive);
    if (!slope) return undefined;
    found = true;
    return times(slope(left[0]!, right[0]!), r);
  }
  const whole = between(a, b, deepest);
  return found ? whole : undefined;
}
