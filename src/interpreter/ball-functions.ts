import type { Primitive } from "../ir/primitive.ts";
import type { BallArithmetic } from "../numeric/balls/arithmetic.ts";
import {
  type Ball,
  ballOf,
  blurredBy,
  isExactZero,
  isOpen,
  lost,
  negated,
  none,
  numberOf,
  signOf,
} from "../numeric/balls/balls.ts";
import { specialBalls } from "../numeric/balls/special.ts";
import * as algebra from "../ops/elementary/algebra.ts";
import * as comparison from "../ops/elementary/comparison.ts";
import * as exponential from "../ops/elementary/exponential.ts";
import * as hyperbolic from "../ops/elementary/hyperbolic.ts";
import * as lengths from "../ops/elementary/lengths.ts";
import * as opaque from "../ops/elementary/opaque.ts";
import * as powers from "../ops/elementary/powers.ts";
import * as rounding from "../ops/elementary/rounding.ts";
import * as trigonometric from "../ops/elementary/trigonometric.ts";
import { faded } from "../ops/ratios/faded.ts";
import * as activation from "../ops/special/activation.ts";
import * as erfs from "../ops/special/erf.ts";
import * as gammas from "../ops/special/gamma.ts";
import { gaussian } from "../ops/special/gaussian.ts";

export type BallFunction = (...operands: Ball[]) => Ball;
type Row = readonly [{ readonly primitive: Primitive }, (s: BallArithmetic, ...operands: Ball[]) => Ball];

/** Whole exponents up to here are powers by products. */
const mostProducts = 2n ** 40n;

/** What primitives are of balls. */
const functions: readonly Row[] = [
  [algebra.add, (s, ...terms) => terms.reduce((a, b) => s.add(a, b))],
  [algebra.sub, (s, a, b) => s.sub(a!, b!)],
  [algebra.neg, (_, x) => negated(x!)],
  [algebra.mul, (s, a, b) => s.mul(a!, b!)],
  [algebra.div, (s, a, b) => s.div(a!, b!)],
  [algebra.reciprocal, (s, x) => reciprocal(s, x!)],
  [algebra.square, (s, x) => s.mul(x!, x!)],
  [powers.sqrt, (s, x) => s.sqrt(x!)],
  [powers.rsqrt, (s, x) => reciprocal(s, s.sqrt(x!))],
  [powers.cbrt, (s, x) => odd(x!, (t) => s.exp(s.div(s.log(t), ballOf(3))))],
  [powers.pow, (s, x, y) => power(s, x!, y!)],
  ...[1, 2, 3, 4].map(
    (n): Row => [powers.powLog(n), (s, x, y) => s.mul(power(s, x!, y!), wholePower(s, s.log(x!), BigInt(n)))],
  ),
  [lengths.hypot, (s, ...all) => length(s, all)],
  [exponential.exp, (s, x) => s.exp(x!)],
  [exponential.exp2, (s, x) => s.exp(s.mul(x!, s.log(ballOf(2))))],
  [exponential.expm1, (s, x) => s.expm1(x!)],
  [exponential.log, (s, x) => s.log(x!)],
  [exponential.log2, (s, x) => s.div(s.log(x!), s.log(ballOf(2)))],
  [exponential.log10, (s, x) => s.div(s.log(x!), s.log(ballOf(10)))],
  [exponential.log1p, (s, x) => s.log1p(x!)],
  [hyperbolic.sinh, (s, x) => odd(x!, (t) => sinh(s, t))],
  [hyperbolic.cosh, (s, x) => s.halved(s.add(s.exp(x!), s.exp(negated(x!))))],
  [hyperbolic.tanh, (s, x) => odd(x!, (t) => tanh(s, t))],
  [hyperbolic.asinh, (s, x) => odd(x!, (t) => asinh(s, t))],
  [hyperbolic.acosh, (s, x) => acosh(s, x!)],
  [hyperbolic.atanh, (s, x) => odd(x!, (t) => s.halved(s.log1p(s.div(s.doubled(t), s.sub(s.one, t)))))],
  [trigonometric.sin, (s, x) => s.sin(x!)],
  [trigonometric.cos, (s, x) => s.cos(x!)],
  [trigonometric.tan, (s, x) => s.div(s.sin(x!), s.cos(x!))],
  [trigonometric.asin, (s, x) => s.atan(s.div(x!, s.sqrt(s.mul(s.sub(s.one, x!), s.add(s.one, x!)))))],
  [trigonometric.acos, (s, x) => s.doubled(s.atan(s.sqrt(s.div(s.sub(s.one, x!), s.add(s.one, x!)))))],
  [trigonometric.atan, (s, x) => s.atan(x!)],
  // twice the angle at the end of the diameter
  [trigonometric.atan2, (s, y, x) => s.doubled(s.atan(s.div(y!, s.add(length(s, [y!, x!]), x!))))],
  [rounding.abs, (_, x) => size(x!)],
  [rounding.floor, (_, x) => floor(x!)],
  [rounding.ceil, (_, x) => negated(floor(negated(x!)))],
  [trigonometric.sinc, (s, x) => sinc(s, x!, 0)],
  ...[1, 2].map((n): Row => [trigonometric.sincDerivative(n), (s, x) => sinc(s, x!, n)]),
  [rounding.mod, (s, x, y) => s.sub(x!, s.mul(y!, floor(s.div(x!, y!))))],
  [rounding.sign, (_, x) => bySign(x!, (sign) => ballOf(sign))],
  [comparison.less, compared((sign) => sign < 0)],
  [comparison.lessEqual, compared((sign) => sign <= 0)],
  [comparison.greater, compared((sign) => sign > 0)],
  [comparison.greaterEqual, compared((sign) => sign >= 0)],
  [comparison.equal, compared((sign) => sign === 0)],
  [comparison.notEqual, compared((sign) => sign !== 0)],
  [comparison.isFiniteReal, (_, x) => (isOpen(x!) ? lost : ballOf(x!.special === undefined ? 1 : 0))],
  [comparison.select, (_, c, yes, no) => (isOpen(c!) ? (yes === no ? yes! : lost) : numberOf(c!) !== 0 ? yes! : no!)],
  [comparison.max, (s, a, b) => larger(s, a!, b!)],
  [comparison.min, (s, a, b) => smaller(s, a!, b!)],
  [comparison.clamp, (s, x, low, high) => smaller(s, larger(s, x!, low!), high!)],
  [activation.relu, (s, x) => larger(s, x!, ballOf(0))],
  [rounding.step, (_, x) => bySign(x!, (sign) => ballOf(sign > 0 ? 1 : 0))],
  [faded, (s, x, y) => (isExactZero(x!) ? x! : s.mul(x!, y!))],
  [opaque.stopGradient, (_, x) => x!],
  [opaque.anyUnit, (_, x) => x!],
];

/** The functions that have as many digits as asked for, by their primitives. */
export function functionsOver(arithmetic: BallArithmetic): Map<Primitive, BallFunction> {
  return new Map(functions.map(([{ primitive }, f]) => [primitive, (...operands) => f(arithmetic, ...operands)]));
}

/** What the sign of x makes of it; open where the sign is. */
function bySign(x: Ball, f: (sign: number) => Ball): Ball {
  const sign = signOf(x);
  if (sign !== undefined) return f(sign);
  return x.special === undefined ? lost : isOpen(x) ? x : none;
}

/** A function with f(-x) = -f(x), by what it is of positive numbers. */
const odd = (x: Ball, f: (size: Ball) => Ball): Ball =>
  isExactZero(x) ? x : bySign(x, (sign) => (sign < 0 ? negated(f(negated(x))) : f(x)));

function size(x: Ball): Ball {
  const sign = signOf(x);
  if (sign !== undefined) return sign < 0 ? negated(x) : x;
  return x.special === undefined ? { ...x, m: x.m < 0n ? -x.m : x.m } : x;
}

/** The whole number below; open where one lies within the bound on the error. */
function floor(x: Ball): Ball {
  const { m, e, r = e } = x;
  const [step] = [e, r].sort((a, b) => (a < b ? -1 : 1)) as [bigint];
  if (x.special !== undefined || step >= 0n) return x;
  const [centre, radius] = [m << (e - step), x.r === undefined ? 0n : 1n << (r - step)];
  const whole = (centre - radius) >> -step;
  return (centre + radius) >> -step === whole ? { m: whole, e: 0n } : lost;
}

/** The n-th derivative of sin(x)/x, by x times it and n times the one before. */
function sinc(s: BallArithmetic, x: Ball, n: number): Ball {
  const wave = n % 2 === 0 ? s.sin(x) : s.cos(x);
  const turned = n % 4 > 1 ? negated(wave) : wave;
  if (n > 0) return s.div(s.sub(turned, s.mul(ballOf(n), sinc(s, x, n - 1))), x);
  return isExactZero(x) ? s.one : s.div(turned, x);
}

const larger = (s: BallArithmetic, a: Ball, b: Ball): Ball => bySign(s.sub(a, b), (sign) => (sign >= 0 ? a : b));
const smaller = (s: BallArithmetic, a: Ball, b: Ball): Ball => negated(larger(s, negated(a), negated(b)));

/** What is compared by the sign of a difference, where NaN is as false as elsewhere. */
function compared(test: (sign: number) => boolean): Row[1] {
  const truth = (is: boolean) => ballOf(is ? 1 : 0);
  return (s, a, b) => {
    if (a === b && a!.special === undefined) return truth(test(0));
    if ([a!, b!].some(isOpen)) return lost;
    if ([a!, b!].some((each) => each.special !== undefined)) {
      const [x, y] = [numberOf(a!), numberOf(b!)];
      return truth(Number.isNaN(x) || Number.isNaN(y) ? test(Number.NaN) : test(x < y ? -1 : x > y ? 1 : 0));
    }
    return bySign(s.sub(a!, b!), (sign) => truth(test(sign)));
  };
}

const length = (s: BallArithmetic, all: readonly Ball[]) =>
  s.sqrt(all.map((x) => s.mul(x, x)).reduce((a, b) => s.add(a, b)));

const reciprocal = (s: BallArithmetic, x: Ball) => s.div(s.one, x);

function wholePower(s: BallArithmetic, x: Ball, n: bigint): Ball {
  let [product, square, left] = [s.one, x, n < 0n ? -n : n];
  for (; left > 0n; left >>= 1n) {
    if (left & 1n) product = s.mul(product, square);
    if (left > 1n) square = s.mul(square, square);
  }
  return n < 0n ? reciprocal(s, product) : product;
}

/** The whole number that a ball is, where it is one of some size. */
function wholeOf({ m, e, r }: Ball): bigint | undefined {
  const isWhole = r === undefined && (e >= 0n || m % (1n << -e) === 0n);
  return !isWhole || e > 64n ? undefined : e < 0n ? m / (1n << -e) : m << e;
}

function power(s: BallArithmetic, x: Ball, y: Ball): Ball {
  if (isExactZero(y)) return s.one;
  if (x.special !== undefined || y.special !== undefined) return byNumbers(powers.pow.primitive)(x, y);
  if (isExactZero(x)) return bySign(y, (sign) => (sign > 0 ? x : none));
  const n = wholeOf(y);
  const sign = signOf(x);
  if (n !== undefined && n < mostProducts && n > -mostProducts) {
    if (sign === undefined || (n < 4096n && n > -4096n)) return wholePower(s, x, n);
  }
  if (sign === undefined) return lost;
  if (sign > 0) return s.exp(s.mul(y, s.log(x)));
  // no whole number is within the bound on its error
  if (n === undefined) return isOpen(floor(y)) ? lost : none;
  const made = power(s, negated(x), y);
  return n % 2n === 0n ? made : negated(made);
}

function sinh(s: BallArithmetic, x: Ball): Ball {
  const e = s.expm1(x);
  return s.halved(s.add(e, s.div(e, s.add(e, s.one))));
}

/** Of a positive x. */
function tanh(s: BallArithmetic, x: Ball): Ball {
  const e = s.expm1(negated(s.doubled(x)));
  return negated(s.div(e, s.add(e, ballOf(2))));
}

/** Of a positive x. */
function asinh(s: BallArithmetic, x: Ball): Ball {
  const square = s.mul(x, x);
  return s.log1p(s.add(x, s.div(square, s.add(s.one, s.sqrt(s.add(s.one, square))))));
}

function acosh(s: BallArithmetic, x: Ball): Ball {
  const t = s.sub(x, s.one);
  return s.log1p(s.add(t, s.sqrt(s.mul(t, s.add(t, ballOf(2))))));
}

/** A function by its values at numbers that have no more digits than these. */
export const byNumbers =
  ({ real, name }: Primitive): BallFunction =>
  (...operands) => {
    const isPlain = operands.every((each) => each.special !== undefined || (each.r === undefined && isDouble(each)));
    if (!isPlain) return lost;
    const value = Number(real(...operands.map(numberOf)));
    if (Number.isNaN(value)) return operands.some(isOpen) ? lost : none;
    const isWhole = Number.isInteger(value) || name === "and";
    return isWhole ? ballOf(value) : blurredBy(ballOf(value), 50);
  };

function isDouble(x: Ball): boolean {
  const back = ballOf(numberOf(x));
  const [low] = [x.e, back.e].sort((a, b) => (a < b ? -1 : 1)) as [bigint, bigint];
  return back.special === undefined && x.m << (x.e - low) === back.m << (back.e - low);
}

type SpecialRow = readonly [{ readonly primitive: Primitive }, (x: Ball) => Ball];

/** Special functions that have as many digits as asked for. */
export function specialFunctions(arithmetic: BallArithmetic, p: number): readonly SpecialRow[] {
  const { sqrt, mul, div, exp, log, halved, pi } = arithmetic;
  const { erf, erfc, erfinv, gamma } = specialBalls(p);
  const cdf = (x: Ball) => halved(erfc(div(negated(x), sqrt(ballOf(2)))));
  return [
    [erfs.erf, erf],
    [erfs.erfc, erfc],
    [erfs.erfinv, (x) => erfinv(x, (rest) => erfs.erfcinv.primitive.real(rest) as number)],
    [erfs.erfcx, (x) => mul(exp(mul(x, x)), erfc(x))],
    [erfs.logErfc, (x) => log(erfc(x))],
    [erfs.normalCdf, cdf],
    [erfs.logNormalCdf, (x) => log(cdf(x))],
    [erfs.normalPdf, (x) => div(exp(negated(halved(mul(x, x)))), sqrt(mul(ballOf(2), pi())))],
    [gaussian, (x) => exp(negated(mul(x, x)))],
    [gammas.lgamma, gamma(0)],
    [gammas.digamma, gamma(1)],
    ...[1, 2, 3, 4].map((n) => [gammas.polygamma(n), gamma(n + 1)] as const),
  ];
}
