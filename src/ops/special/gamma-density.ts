import type { Expr } from "../../ir/graph.ts";
import { factorial } from "../../numeric/factorial.ts";
import { binary, family } from "../define.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../elementary/algebra.ts";
import { allOf, equal, greater, greaterEqual, less, min, select } from "../elementary/comparison.ts";
import { exp, log, log1p } from "../elementary/exponential.ts";
import { nonNegative } from "../elementary/interval.ts";
import { polynomial, rational, wholePower } from "../elementary/polynomial.ts";
import { pow, sqrt } from "../elementary/powers.ts";
import { abs } from "../elementary/rounding.ts";
import { lgammaCentre, lgammaTail } from "./coefficients.ts";
import { digamma, lgamma, polygamma } from "./gamma.ts";
import { coefficientOf, expOf, type Jet, jetOf, logGapOf, numberOfPair, pairOfNumber } from "./incomplete.ts";

// x^a e^-x / gamma(a + 1), by which the incomplete gamma functions are large or small, and its derivatives.

/** log gamma(1 + a) for 0 <= a < 1. */
export const lgammaOfNext = (a: Expr) => mul(mul(a, sub(a, 1)), rational(add(a, 1), lgammaCentre));

/** The remainder of Stirling's series, from 3 on. */
export const stirlingRemainder = (a: Expr) => div(rational(square(reciprocal(a)), lgammaTail), a);

/** From here on by Stirling's series. */
export const large = 10;

/** log gamma(a) - (a log x - x) - log(2 pi / a)/2 for a large a, the exponent of what falls off on both sides of x = a. */
function fall(a: Expr, x: Expr): Expr {
  const isNear = less(abs(sub(x, a)), mul(0.5, a));
  const near = mul(a, logGapOf(x, a));
  return add(select(isNear, near, sub(sub(x, a), mul(a, log(div(x, a))))), stirlingRemainder(a));
}

/** x^a e^-x / gamma(a + 1), for x > 0. */
export function mass(a: Expr, x: Expr): Expr {
  const stirling = mul(exp(neg(fall(a, x))), div(1 / Math.sqrt(2 * Math.PI), sqrt(a)));
  return select(less(a, large), div(mul(pow(bounded(x), a), exp(neg(x))), gammaOfNext(a)), stirling);
}

/** Where powers of x do not overflow; e^-x is 0 there. */
const bounded = (x: Expr) => min(x, 1000);

export const gammaOfNext = (a: Expr) => exp(select(less(a, 1), lgammaOfNext(a), lgamma(add(a, 1))));

/** The logarithm of x^a e^-x / gamma(a + 1). */
export function logMass(a: Expr, x: Expr): Expr {
  const stirling = sub(mul(-0.5, log(mul(2 * Math.PI, a))), fall(a, x));
  return select(less(a, large), sub(sub(mul(a, log(x)), x), lgamma(add(a, 1))), stirling);
}

/** log(x / a). */
function logOfRatio(x: Expr, a: Expr): Expr {
  const change = div(sub(x, a), a);
  return select(less(abs(change), 0.5), log1p(change), log(div(x, a)));
}

/** log x - digamma(a + 1). */
export const gammaRate = binary("gammaRate", {
  domain: [nonNegative, nonNegative],
  program: (a, x) => {
    const inverse = reciprocal(a);
    // digamma(a + 1) - log a = 1/(2a) - 1/(12 a^2) + ...
    const rest = mul(
      inverse,
      sub(
        0.5,
        mul(inverse, polynomial(square(inverse), [1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12])),
      ),
    );
    return select(less(a, large), sub(log(x), digamma(add(a, 1))), sub(logOfRatio(x, a), rest));
  },
  partials: [(a) => neg(polygamma(1)(add(a, 1))), (_a, x) => reciprocal(x)],
  cost: 60,
});

/** The series of log(x^(a + shift) e^-x / gamma(a + 1)). */
export const jetOfLogMass = (j: number, k: number, a: Expr, x: Expr, shift: number): Jet =>
  jetOf([j, k], ([m, n]) => {
    if (m === 0) return n === 1 ? gammaRate(a, x) : mul(-1 / factorial(n!), polygamma(n! - 1)(add(a, 1)));
    const power = mul((-1) ** (m! - 1) / m!, wholePower(reciprocal(x), m!));
    if (n === 0) return m === 1 ? div(sub(add(a, shift), x), x) : mul(add(a, shift), power);
    return n === 1 ? power : undefined;
  });

/** What lies beyond is no different, and its squares do not overflow. */
const furthest = 1e300;

const isDefined = (a: Expr, x: Expr) => allOf([greaterEqual(a, 0), greaterEqual(x, 0)]);

/** What is defined where a and x are; -Infinity where the one that is named is infinite. */
export function whereDefined(
  a: Expr,
  x: Expr,
  f: (a: Expr, x: Expr) => Expr,
  vanishing?: (a: Expr, x: Expr) => Expr,
): Expr {
  const inside = f(min(a, furthest), min(x, furthest));
  const shown = vanishing
    ? select(equal(vanishing(a, x), Number.POSITIVE_INFINITY), Number.NEGATIVE_INFINITY, inside)
    : inside;
  return select(isDefined(a, x), shown, Number.NaN);
}

/** Derivatives of x^(a - 1) e^-x / gamma(a + 1), j times in x and k times in a; the first is the function itself. */
export const gammaKernel = family("gammaKernel", 1, (order, name) => {
  const [j, k] = pairOfNumber(order - 1);
  return binary(name, {
    domain: [nonNegative, nonNegative],
    program: (a, x) =>
      whereDefined(a, x, (a, x) => {
        const power = div(mul(pow(bounded(x), sub(a, 1)), exp(neg(x))), gammaOfNext(a));
        const value = select(less(a, large), power, select(equal(x, 0), 0, div(mass(a, x), x)));
        if (order === 1) return value;
        const jet = expOf([j, k], jetOfLogMass(j, k, a, x, -1));
        const found = mul(factorial(j) * factorial(k), mul(value, coefficientOf(jet, [j, k])!));
        const atZero = k === 0 ? kernelAtZero(a, j) : j === 0 ? found : Number.NaN;
        const shown = select(equal(x, 0), select(greater(a, j + 1), 0, atZero), found);
        return select(allOf([equal(value, 0), greater(x, 0)]), 0, shown);
      }),
    partials: [
      (a, x) => gammaKernel(numberOfPair(j, k + 1) + 1)(a, x),
      (a, x) => gammaKernel(numberOfPair(j + 1, k) + 1)(a, x),
    ],
    cost: 100,
  });
});

/** The j-th derivative of x^(a - 1) e^-x / gamma(a + 1) in x at 0, for a <= j + 1. */
function kernelAtZero(a: Expr, j: number): Expr {
  const orders = Array.from({ length: j + 1 }, (_, m) => m);
  const infinite = orders
    .slice(0, j)
    .reduce((sign: Expr, m) => mul(sub(a, m + 1), sign), a.graph.constantLike(Number.POSITIVE_INFINITY, a));
  const whole = (m: number) => ((-1) ** (j - m) * factorial(j)) / (factorial(j - m) * factorial(m + 1));
  return orders.reduce((rest: Expr, m) => select(equal(a, m + 1), whole(m), rest), infinite);
}
