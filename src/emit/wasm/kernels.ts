import type { Arithmetic, Term } from "./arithmetic.ts";

// Elementary functions on two reals at a time, without branches: the special cases are chosen at the end. One number
// at a time takes the same path in one lane, so that its bits are the same.

/** A function of one real, whose operand has a name. */
export type Kernel = (a: Arithmetic, x: Term) => Term;

/** A value, and where it is right: elsewhere the host's function answers. */
export interface Reach {
  readonly value: Term;
  readonly isReached: Term;
}

const log2e = Math.LOG2E;
/** ln 2 in two parts; products of the first with whole numbers below 2^21 are exact. */
const ln2High = 0.6931471803691238;
const ln2Low = 1.9082149292705877e-10;
/** Added to a small real, it leaves the nearest whole number in the low bits. */
const magic = 1.5 * 2 ** 52;
const bitsOfOne = 0x3ff0_0000_0000_0000n;
const signBit = -0x8000_0000_0000_0000n;

/** (e^r - 1 - r) / r^2 for |r| <= ln(2)/2, to 4e-19 of e^r: interpolated at Chebyshev points. */
const expCoefficients = [
  0.5, 0.1666666666666667, 0.04166666666666667, 0.00833333333332612, 0.0013888888888883737, 0.00019841269874873975,
  2.480158732558584e-5, 2.755725533255441e-6, 2.7557273594799413e-7, 2.510524515390137e-8, 2.0914707069612355e-9,
];

/** 2^k for a k between -1022 and 1023 in the low bits of a whole number. */
const powerOf = (a: Arithmetic, k: Term): Term => a.vector("i64x2.add", a.shift("i64x2.shl", k, 52), a.bits(bitsOfOne));

const magnitude = (a: Arithmetic, x: Term): Term => a.of("abs", x);
/** x with the sign of y turned into its own: the sign bits are combined. */
const withSign = (a: Arithmetic, x: Term, y: Term): Term =>
  a.vector("v128.xor", x, a.vector("v128.and", y, a.bits(signBit)));

/** x + low = k ln 2 + r: e^r - 1, and 2^k as two factors that do not overflow. */
function reduceExp(a: Arithmetic, x: Term, low?: Term): { small: Term; first: Term; second: Term } {
  // NaN passes both
  const limited = a.name(a.vector("f64x2.pmax", a.vector("f64x2.pmin", x, a.constant(712)), a.constant(-746)));
  const shifted = a.name(a.multiplyAdd(limited, a.constant(log2e), a.constant(magic)));
  const k = a.name(a.sub(shifted, a.constant(magic)));
  const reduced = a.multiplyAdd(k, a.constant(-ln2Low), a.multiplyAdd(k, a.constant(-ln2High), limited));
  const r = a.name(low ? a.add(reduced, low) : reduced);
  const square = a.name(a.mul(r, r));
  const small = a.multiplyAdd(square, a.polynomial(expCoefficients, r), r);
  // the low bits of `shifted` are k; a sum of exponents asks for twelve of them
  const half = a.name(a.shift("i32x4.shr_s", shifted, 1));
  return { small, first: powerOf(a, half), second: powerOf(a, a.vector("i64x2.sub", shifted, half)) };
}

export const exp: Kernel = (a, x) => expOf(a, x);

function expOf(a: Arithmetic, x: Term, low?: Term): Term {
  const { small, first, second } = reduceExp(a, x, low);
  return a.mul(a.mul(a.add(a.constant(1), small), first), second);
}

/** 2^k (e^r - 1) + (2^k - 1) with 2^k = f s, as f (s (e^r - 1) + (s - 1/f)). */
export const expm1: Kernel = (a, x) => {
  const { small, first, second } = reduceExp(a, x);
  const f = a.name(first);
  const s = a.name(second);
  const inverse = a.vector("i64x2.sub", a.bits(2n * bitsOfOne), f);
  const bracket = a.multiplyAdd(s, small, a.sub(s, inverse));
  const isZero = a.of("eq", x, a.constant(0));
  return a.choose(isZero, x, a.mul(f, bracket));
};

/** e^|x| / 2: half of the first factor, so that it is finite where its double is not. */
function halfExp(a: Arithmetic, x: Term): Term {
  const { small, first, second } = reduceExp(a, a.name(magnitude(a, x)));
  const scaled = a.mul(a.add(a.constant(1), small), a.mul(first, a.constant(0.5)));
  return a.name(a.mul(scaled, second));
}

export const cosh: Kernel = (a, x) => {
  const half = halfExp(a, x);
  return a.add(half, a.div(a.constant(0.25), half));
};

export const sinh: Kernel = (a, x) => {
  const size = a.name(magnitude(a, x));
  const e = a.name(expm1(a, size));
  const small = a.mul(a.constant(0.5), a.add(e, a.div(e, a.add(e, a.constant(1)))));
  const value = a.choose(a.of("lt", size, a.constant(20)), a.name(small), halfExp(a, x));
  return withSign(a, value, x);
};

const logCoefficients = [
  0.6666666666666735, 0.3999999999940942, 0.2857142874366239, 0.22222198432149784, 0.1818357216161805,
  0.15313837699209373, 0.14798198605116586,
];

/**
 * y = 2^k m with m between sqrt(1/2) and sqrt(2), for a normal y > 0. Splitting and polynomial: fdlibm's e_log.c.
 */
function splitExponent(a: Arithmetic, y: Term): { k: Term; m: Term } {
  const moved = a.name(a.vector("i64x2.add", y, a.bits(0x0009_5f62_0000_0000n)));
  const exponent = a.vector("v128.or", a.shift("i64x2.shr_u", moved, 52), a.bits(0x4330_0000_0000_0000n));
  const k = a.sub(exponent, a.constant(2 ** 52 + 1023));
  const fraction = a.vector("v128.and", moved, a.bits(0x000f_ffff_ffff_ffffn));
  return { k, m: a.vector("i64x2.add", fraction, a.bits(0x3fe6_a09e_0000_0000n)) };
}

/** log(1 + f) + k ln 2 + correction. */
function logOfParts(a: Arithmetic, f: Term, k: Term, correction: Term | undefined): Term {
  const half = a.name(a.mul(a.mul(f, a.constant(0.5)), f));
  const s = a.name(a.div(f, a.add(f, a.constant(2))));
  const z = a.name(a.mul(s, s));
  const sum = a.multiplyAdd(z, a.polynomial(logCoefficients, z), half);
  const low = a.constant(ln2Low);
  const rest = correction ? a.multiplyAdd(k, low, correction) : a.mul(k, low);
  const tail = a.multiplyAdd(s, sum, rest);
  return a.multiplyAdd(k, a.constant(ln2High), a.sub(f, a.sub(half, tail)));
}

/** The value where 0 < x < Infinity; elsewhere log's: -Infinity at 0, NaN below, x itself above. */
function logCases(a: Arithmetic, x: Term, value: Term): Term {
  const isNegative = a.of("lt", x, a.constant(0));
  const isZero = a.of("eq", x, a.constant(0));
  const above = a.choose(isNegative, a.constant(Number.NaN), x);
  const special = a.choose(isZero, a.constant(Number.NEGATIVE_INFINITY), above);
  const isUsual = a.and(a.of("gt", x, a.constant(0)), a.of("lt", x, a.constant(Number.POSITIVE_INFINITY)));
  return a.choose(isUsual, value, special);
}

/** x = 2^k m for every x > 0, subnormal ones too. */
function splitPositive(a: Arithmetic, x: Term): { k: Term; m: Term } {
  const isTiny = a.nameCondition(a.of("lt", x, a.constant(2 ** -1022)));
  const y = a.name(a.choose(isTiny, a.mul(x, a.constant(2 ** 54)), x));
  const { k, m } = splitExponent(a, y);
  return { k: a.name(a.sub(k, a.vector("v128.and", isTiny, a.constant(54)))), m: a.name(m) };
}

export const log: Kernel = (a, x) => {
  const { k, m } = splitPositive(a, x);
  return logCases(a, x, logOfParts(a, a.name(a.sub(m, a.constant(1))), k, undefined));
};

export const log1p: Kernel = (a, x) => {
  const u = a.name(a.add(a.constant(1), x));
  const { k, m } = splitExponent(a, u);
  const exponent = a.name(k);
  // what rounding 1 + x left out, to first order
  const back = a.name(a.sub(u, a.constant(1)));
  const lost = a.add(a.sub(a.constant(1), a.sub(u, back)), a.sub(x, back));
  const isNear = a.nameCondition(a.of("eq", exponent, a.constant(0)));
  const f = a.name(a.choose(isNear, x, a.sub(m, a.constant(1))));
  const correction = a.name(a.vector("v128.andnot", a.div(lost, u), isNear));
  const value = a.name(logOfParts(a, f, exponent, correction));
  const isZero = a.of("eq", x, a.constant(0));
  return a.choose(isZero, x, logCases(a, u, value));
};

/** The sum of squares of numbers, and where it has lost nothing that counts: neither overflowed nor vanished, or all are 0. */
function sumOfSquares(a: Arithmetic, operands: readonly Term[]) {
  const sum = a.name(a.add(...operands.map((x) => a.mul(x, x))));
  const isSafe = a.and(a.of("gt", sum, a.constant(1e-290)), a.of("lt", sum, a.constant(1e300)));
  const size = operands.map((x) => magnitude(a, x)).reduce((x, y) => a.add(x, y));
  const isZero = a.nameCondition(a.of("eq", size, a.constant(0)));
  return { sum, isZero, isReached: a.or(isSafe, isZero) };
}

/** The root of a sum of squares. */
export function hypot(a: Arithmetic, ...operands: readonly Term[]): Reach {
  const { sum, isReached } = sumOfSquares(a, operands);
  return { value: a.of("sqrt", sum), isReached };
}

/** One of several numbers over the root of the sum of their squares; 0 where all are. */
export function direction(a: Arithmetic, axis: number, operands: readonly Term[]): Reach {
  const { sum, isZero, isReached } = sumOfSquares(a, operands);
  return { value: a.div(operands[axis]!, a.choose(isZero, a.constant(1), a.of("sqrt", sum))), isReached };
}

/** -e / (2 + e) with e = e^(-2|x|) - 1: no cancellation anywhere. */
export const tanh: Kernel = (a, x) => {
  const e = a.name(expm1(a, a.name(a.mul(a.constant(-2), magnitude(a, x)))));
  return withSign(a, a.of("abs", a.div(e, a.add(a.constant(2), e))), x);
};

/** 4e / (1 + e)^2 with e = e^(-2|x|), whose errors do not grow: the slope in e is 0 where e is 1. */
export const sech2: Kernel = (a, x) => {
  const e = a.name(exp(a, a.name(a.mul(a.constant(-2), magnitude(a, x)))));
  const sum = a.name(a.add(a.constant(1), e));
  return a.div(a.mul(a.constant(4), e), a.mul(sum, sum));
};

const decayOf = (a: Arithmetic, x: Term): Term => a.name(exp(a, a.name(a.of("neg", magnitude(a, x)))));

export const sigmoid: Kernel = (a, x) => {
  const decay = decayOf(a, x);
  const numerator = a.choose(a.of("lt", x, a.constant(0)), decay, a.constant(1));
  return a.div(numerator, a.add(a.constant(1), decay));
};

/** e / (1 + e)^2 with e = e^-|x|. */
export const sigmoidSlope: Kernel = (a, x) => {
  const decay = decayOf(a, x);
  const sum = a.name(a.add(a.constant(1), decay));
  return a.div(decay, a.mul(sum, sum));
};

export const softplus: Kernel = (a, x) => {
  const rest = a.name(log1p(a, decayOf(a, x)));
  return a.add(a.vector("f64x2.pmax", a.constant(0), x), rest);
};

/** pi/2 in four parts; products of the first three with whole numbers below 2^20 are exact. */
const halfPi = [1.5707963267341256, 6.077100506303966e-11, 2.0222662487111665e-21, 8.4784276603689e-32] as const;
/** Beyond it the reduction needs more digits of pi than four parts have. */
const largestAngle = 1.6e6;

/** Of (x - sin x) / x^3: its first coefficient, and those of x^2 on. */
const sinFirst = 0.16666666666666632;
const sinCoefficients = [
  -0.00833333333332249, 0.0001984126982985795, -2.7557313707070068e-6, 2.5050760253406863e-8, -1.58969099521155e-10,
];
const cosCoefficients = [
  0.0416666666666666, -0.001388888888887411, 2.480158728947673e-5, -2.7557314351390663e-7, 2.087572321298175e-9,
  -1.1359647557788195e-11,
];

/** x - y and what its rounding left out. */
function difference(a: Arithmetic, x: Term, y: Term): readonly [Term, Term] {
  const d = a.name(a.sub(x, y));
  const part = a.name(a.sub(d, x));
  const lost = a.name(a.sub(a.sub(x, a.sub(d, part)), a.add(y, part)));
  return [d, lost];
}

/** For |x| up to largestAngle: x = k pi/2 + r + low, then fdlibm's polynomials; gives sin(x + quarter pi/2). */
function circular(a: Arithmetic, x: Term): (quarter: 0 | 1) => Term {
  const shifted = a.name(a.multiplyAdd(x, a.constant(2 / Math.PI), a.constant(magic)));
  const k = a.name(a.sub(shifted, a.constant(magic)));
  const first = a.name(a.multiplyAdd(k, a.constant(-halfPi[0]), x));
  const [second, lostSecond] = difference(a, first, a.name(a.mul(k, a.constant(halfPi[1]))));
  const [third, lostThird] = difference(a, second, a.name(a.mul(k, a.constant(halfPi[2]))));
  const lower = a.name(a.multiplyAdd(k, a.constant(-halfPi[3]), a.add(lostSecond, lostThird)));
  const r = a.name(a.add(third, lower));
  const low = a.name(a.add(a.sub(third, r), lower));

  const z = a.name(a.mul(r, r));
  const cube = a.name(a.mul(z, r));
  const halfLow = a.mul(a.constant(0.5), low);
  const sinRest = a.mul(z, a.multiplyAdd(cube, a.polynomial(sinCoefficients, z), halfLow));
  const sine = a.name(a.sub(r, a.multiplyAdd(cube, a.constant(sinFirst), a.sub(sinRest, low))));
  const half = a.name(a.mul(a.constant(0.5), z));
  const rest = a.mul(z, a.mul(z, a.polynomial(cosCoefficients, z)));
  const top = a.name(a.sub(a.constant(1), half));
  const cosRest = a.add(a.sub(a.sub(a.constant(1), top), half), a.sub(rest, a.mul(r, low)));
  const cosine = a.name(a.add(top, cosRest));

  return (quarter) => {
    const turned = quarter === 0 ? shifted : a.name(a.vector("i64x2.add", shifted, a.bits(1n)));
    const isOdd = a.vector("i64x2.eq", a.vector("v128.and", turned, a.bits(1n)), a.bits(1n));
    const sign = a.shift("i64x2.shl", a.vector("v128.and", turned, a.bits(2n)), 62);
    return a.vector("v128.xor", a.choose(isOdd, cosine, sine), sign);
  };
}

const isAngle = (a: Arithmetic, x: Term): Term => a.of("lt", a.of("abs", x), a.constant(largestAngle));
/** -0 is its own sine. */
const sineOf = (a: Arithmetic, x: Term, turn: (quarter: 0 | 1) => Term): Term =>
  a.choose(a.of("eq", x, a.constant(0)), x, a.name(turn(0)));

export const sin = (a: Arithmetic, x: Term): Reach => ({
  value: sineOf(a, x, circular(a, x)),
  isReached: isAngle(a, x),
});
export const cos = (a: Arithmetic, x: Term): Reach => ({ value: circular(a, x)(1), isReached: isAngle(a, x) });

/** A named real as the sum of two of half as many digits. */
function halves(a: Arithmetic, z: Term): readonly [Term, Term] {
  const wide = a.name(a.mul(z, a.constant(2 ** 27 + 1)));
  const high = a.name(a.sub(wide, a.sub(wide, z)));
  return [high, a.name(a.sub(z, high))];
}

/** The product of two named reals and what its rounding left out, after Dekker (1971). */
function product(a: Arithmetic, x: Term, y: Term): readonly [Term, Term] {
  const [xh, xl] = halves(a, x);
  const [yh, yl] = halves(a, y);
  const p = a.name(a.mul(x, y));
  const cross = a.add(a.sub(a.mul(xh, yh), p), a.mul(xh, yl), a.mul(xl, yh));
  return [p, a.name(a.add(cross, a.mul(xl, yl)))];
}

/** 1/5, 1/7, 1/9, ...: atanh s / s = 1 + z/3 + z^2 (1/5 + z/7 + ...) with z = s^2. */
const atanhCoefficients = Array.from({ length: 11 }, (_, k) => 1 / (2 * k + 5));
const third = { high: 1 / 3, low: 1.850371707708594e-17 };

/**
 * e^(y log x) with the logarithm in two parts, good to 2^-62: log x = k ln 2 + 2 atanh s with s = (m-1)/(m+1).
 * Right for positive finite x and exponents that neither overflow nor underflow by far.
 */
export function pow(a: Arithmetic, x: Term, y: Term): Reach {
  const { k, m } = splitPositive(a, x);
  const f = a.name(a.sub(m, a.constant(1)));
  const g = a.name(a.add(m, a.constant(1)));
  const gLow = a.sub(m, a.sub(g, a.constant(1)));
  const s = a.name(a.div(f, g));
  const [back, backLow] = product(a, s, g);
  const left = a.sub(a.sub(a.sub(f, back), backLow), a.mul(s, gLow));
  const sLow = a.name(a.div(left, g));

  const [z, zRounding] = product(a, s, s);
  const zLow = a.name(a.add(zRounding, a.mul(a.mul(a.constant(2), s), sLow)));
  const [q, qRounding] = product(a, z, a.constant(third.high));
  const qLow = a.add(qRounding, a.mul(zLow, a.constant(third.high)), a.mul(z, a.constant(third.low)));
  const rest = a.name(a.mul(a.mul(z, z), a.polynomial(atanhCoefficients, z)));
  const w = a.name(a.add(q, rest));
  const wLow = a.name(a.add(a.add(a.sub(q, w), rest), qLow));

  const [v, vRounding] = product(a, s, w);
  const half = a.name(a.add(s, v));
  const vLow = a.add(vRounding, a.mul(s, wLow), a.mul(sLow, w));
  const halfLow = a.add(a.add(a.add(a.sub(s, half), v), vLow), sLow);

  const [whole, lost] = difference(a, a.name(a.mul(k, a.constant(ln2High))), a.name(a.mul(a.constant(-2), half)));
  const low = a.name(a.add(lost, a.mul(a.constant(2), halfLow), a.mul(k, a.constant(ln2Low))));
  const log = a.name(a.add(whole, low));
  const logLow = a.add(a.sub(whole, log), low);

  const [exponent, rounding] = product(a, y, log);
  const exponentLow = a.name(a.add(rounding, a.mul(y, logLow)));
  const value = a.name(expOf(a, exponent, exponentLow));
  const below = (size: Term, limit: number) => a.of("lt", a.of("abs", size), a.constant(limit));
  const isUsual = a.and(a.of("gt", x, a.constant(0)), a.of("lt", x, a.constant(Number.POSITIVE_INFINITY)));
  return { value, isReached: a.and(isUsual, a.and(below(y, 1e15), below(exponent, 800))) };
}
