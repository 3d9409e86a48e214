import type { Expr } from "../../ir/graph.ts";
import { factorial, fallingFactorial } from "../../numeric/factorial.ts";
import { binary, family, unary } from "../define.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../elementary/algebra.ts";
import { equal, greater, less, select } from "../elementary/comparison.ts";
import { exp, expm1, log1p } from "../elementary/exponential.ts";
import { nonNegative } from "../elementary/interval.ts";
import { polynomial, series, splitPolynomial, wholePower } from "../elementary/polynomial.ts";
import { abs } from "../elementary/rounding.ts";

/** x / (x + y); of the quotient rule's difference only y is left. */
export const proportion = binary("proportion", {
  units: "a, a -> 1",
  // of an infinite x the quotient would be NaN
  program: (x, y) => select(greater(abs(x), abs(y)), reciprocal(add(1, div(y, x))), div(x, add(x, y))),
  partials: [(x, y) => div(proportion(y, x), add(x, y)), (x, y, z) => neg(div(z, add(x, y)))],
  cost: 5,
});

// f(x)/x for functions with f(0) = 0. As quotients they are 0/0 at 0 and their derivatives cancel near it. Each is an
// integral over 0 <= t <= 1, and so are its derivatives: power series near 0, a recurrence from integration by parts beyond.

/** The integral of t^n e^(x t): the n-th derivative of (e^x - 1)/x. */
function expm1MomentProgram(n: number, x: Expr): Expr {
  const border = n === 0 ? 0.5 : 2;
  const near = polynomial(
    x,
    series((k) => 1 / (factorial(k) * (n + k + 1)), border),
  );
  // by halves of the exponential, which overflows before the integral does
  const half = exp(mul(0.5, x));
  if (n === 0) {
    const whole = div(expm1(x), x);
    return select(less(abs(x), border), near, select(less(x, 700), whole, mul(div(half, x), half)));
  }
  let far = div(expm1(x), x);
  for (let k = 1; k <= n; k++) far = div(sub(exp(x), mul(k, far)), x);
  let share = div(neg(expm1(neg(x))), x);
  for (let k = 1; k <= n; k++) share = div(sub(1, mul(k, share)), x);
  return select(less(abs(x), border), near, select(less(x, 0), far, mul(mul(half, share), half)));
}

export const expm1Ratio = unary("expm1Ratio", {
  program: (x) => expm1MomentProgram(0, x),
  partial: (x) => expm1Moment(1)(x),
  cost: 14,
  range: () => nonNegative,
});

export const expm1Moment = family("expm1Moment", 1, (n, name) =>
  unary(name, {
    program: (x) => expm1MomentProgram(n, x),
    partial: (x) => expm1Moment(n + 1)(x),
    cost: 40,
    range: () => nonNegative,
  }),
);

/**
 * The n-th derivative of x/(e^x - 1): near 0 the series of Bernoulli numbers; beyond it, with b = 1/(e^x - 1) and so
 * b' = -b(1 + b), the n-th derivative of x b. Left of 0 by f(-x) = f(x) + x.
 */
function bernoulliProgram(n: number, x: Expr): Expr {
  const border = n < 3 ? 2 : 3;
  const odd = n % 2;
  const terms: number[] = [];
  for (let k = 0; terms.length < 2 || Math.abs(terms.at(-1)!) * border ** (2 * k) > 2 ** -58; k++) {
    const m = n + odd + 2 * k;
    terms.push(bernoulliOverFactorial(m) * fallingFactorial(m, n));
  }
  const even = polynomial(square(x), terms);
  const series = odd ? mul(x, even) : even;
  const near = n === 0 ? sub(series, mul(0.5, x)) : n === 1 ? sub(series, 0.5) : series;

  const size = abs(x);
  // by halves, as e^-size alone is lost to underflow before the product with the size is
  const half = exp(mul(-0.5, size));
  const decay = square(half);
  const rest = sub(1, decay);
  const b = div(decay, rest);
  let lower = [0];
  let current = [0, 1];
  for (let k = 0; k < n; k++) [lower, current] = [current, timesLogistic(current)];
  const share = (coefficients: readonly number[]) => polynomial(b, coefficients.slice(1));
  const bracket = n === 0 ? size : sub(mul(size, share(current)), mul(n, share(lower)));
  const magnitude = select(equal(half, 0), 0, mul(mul(div(bracket, rest), half), half));
  const right = odd ? neg(magnitude) : magnitude;
  const left = n === 0 ? add(right, size) : n === 1 ? sub(-1, right) : odd ? neg(right) : right;
  return select(less(size, border), near, select(greater(x, 0), right, left));
}

/** B_m / m! for m = 0, 2, 4, 6: beyond, the sum of zeta(m) converges fast. */
const firstBernoulli = [1, 1 / 12, -1 / 720, 1 / 30240];

/** B_m / m! for even m, by Euler's formula: B_m = (-1)^(m/2 + 1) 2 m! zeta(m) / (2 pi)^m. */
export function bernoulliOverFactorial(m: number): number {
  if (m < 8) return firstBernoulli[m / 2]!;
  let zeta = 1;
  for (let j = 2; j ** -m > 2 ** -60; j++) zeta += j ** -m;
  return ((-1) ** (m / 2 + 1) * 2 * zeta) / (2 * Math.PI) ** m;
}

/** The coefficients of p'(b) (b + b^2). */
export function timesLogistic(coefficients: readonly number[]): number[] {
  const next = new Array<number>(coefficients.length + 1).fill(0);
  for (const [power, coefficient] of coefficients.entries()) {
    next[power]! += power * coefficient;
    next[power + 1]! += power * coefficient;
  }
  return next;
}

export const bernoulliRatio = unary("bernoulliRatio", {
  program: (x) => bernoulliProgram(0, x),
  partial: (x) => bernoulliRatioDerivative(1)(x),
  cost: 30,
  range: () => nonNegative,
});

export const bernoulliRatioDerivative = family("bernoulliRatioDerivative", 1, (n, name) =>
  unary(name, {
    program: (x) => bernoulliProgram(n, x),
    partial: (x) => bernoulliRatioDerivative(n + 1)(x),
    cost: 40,
  }),
);

/** The integral of t^n (1 + xt)^-(n+1): up to a factor the n-th derivative of log(1 + x)/x, of which nothing cancels in the quotient. */
function log1pMomentProgram(n: number, x: Expr): Expr {
  const border = n === 0 ? 1 / 32 : 0.5;
  const binomial = (k: number): number => (k === 0 ? 1 : (binomial(k - 1) * (n + k)) / k);
  const near = splitPolynomial(
    x,
    series((k) => ((-1) ** k * binomial(k)) / (n + k + 1), border),
    n === 0 ? 0 : 2,
  );
  let far = div(log1p(x), x);
  for (let k = 1; k <= n; k++) far = div(sub(far, mul(1 / k, wholePower(reciprocal(add(1, x)), k))), x);
  return select(less(abs(x), border), near, far);
}

export const log1pRatio = unary("log1pRatio", {
  domain: [[-1, Number.POSITIVE_INFINITY]],
  program: (x) => log1pMomentProgram(0, x),
  partial: (x) => neg(log1pMoment(1)(x)),
  cost: 14,
  range: () => nonNegative,
});

export const log1pMoment = family("log1pMoment", 1, (n, name) =>
  unary(name, {
    domain: [[-1, Number.POSITIVE_INFINITY]],
    program: (x) => log1pMomentProgram(n, x),
    partial: (x) => mul(-(n + 1), log1pMoment(n + 1)(x)),
    cost: 60,
    range: () => nonNegative,
  }),
);
