import type { Expr } from "../../ir/graph.ts";
import { factorial } from "../../numeric/factorial.ts";
import { family, unary } from "../define.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../elementary/algebra.ts";
import { less, select } from "../elementary/comparison.ts";
import { log } from "../elementary/exponential.ts";
import { polynomial, rational, wholePower } from "../elementary/polynomial.ts";
import { abs, round } from "../elementary/rounding.ts";
import { sin, tan } from "../elementary/trigonometric.ts";
import { digammaCentre, digammaRoot, digammaTail, lgammaCentre, lgammaTail } from "./coefficients.ts";

/** The distance of x from the nearest whole number, times pi: sin(pi x) and cot(pi x) are exact functions of it. */
const turn = (x: Expr) => mul(Math.PI, sub(x, round(x)));

/** log |gamma(x)| for x >= 1: zeros at 1 and 2 taken out, or Stirling's series with its remainder fitted. */
function lgammaFromOne(x: Expr): Expr {
  const centre = mul(mul(sub(x, 1), sub(x, 2)), rational(x, lgammaCentre));
  const remainder = div(rational(square(reciprocal(x)), lgammaTail), x);
  const stirling = mul(sub(x, 0.5), sub(log(x), 1));
  return select(less(x, 3), centre, add(stirling, (Math.log(2 * Math.PI) - 1) / 2, remainder));
}

export const lgamma = unary("lgamma", {
  program: (x) => {
    // lgamma(x + 1) - log x, with the zeros of lgamma(x + 1) taken at x itself
    const shifted = sub(mul(mul(x, sub(x, 1)), rational(add(x, 1), lgammaCentre)), log(x));
    const reflected = sub(log(div(Math.PI, abs(sin(turn(x))))), lgammaFromOne(sub(1, x)));
    return select(
      less(x, 0),
      select(less(x, -0.5), reflected, shiftedNearZero(x)),
      select(less(x, 1), shifted, lgammaFromOne(x)),
    );
  },
  partial: (x) => digamma(x),
  cost: 40,
});

/** log |gamma(x)| for -1/2 <= x < 0, where x + 1 lies left of 1. */
function shiftedNearZero(x: Expr): Expr {
  return sub(lgammaFromOne(add(x, 2)), add(log(abs(x)), log(add(x, 1))));
}

/** digamma(x) for x >= 1: its zero taken out, or the asymptotic series with its remainder fitted. */
function digammaFromOne(x: Expr): Expr {
  const fromRoot = sub(sub(x, digammaRoot.high), digammaRoot.low);
  const inverse = square(reciprocal(x));
  const series = sub(sub(log(x), div(0.5, x)), mul(inverse, rational(inverse, digammaTail)));
  return select(less(x, 3), mul(fromRoot, rational(x, digammaCentre)), series);
}

/** The derivative of lgamma. */
export const digamma = unary("digamma", {
  program: (x) => {
    const shifted = sub(digammaFromOne(add(x, 1)), reciprocal(x));
    const reflected = sub(digammaFromOne(sub(1, x)), div(Math.PI, tan(turn(x))));
    return select(less(x, 0), reflected, select(less(x, 1), shifted, digammaFromOne(x)));
  },
  partial: (x) => polygamma(1)(x),
  cost: 40,
});

/** The n-th derivative of digamma, n >= 1. */
export const polygamma = family("polygamma", 1, (n, name) =>
  unary(n === 1 ? "trigamma" : name, {
    program: (x) => {
      const mirrored = polygammaFromZero(n, sub(1, x));
      const cotangent = reciprocal(tan(turn(x)));
      const reflected = add(
        n % 2 === 0 ? mirrored : neg(mirrored),
        mul(-(Math.PI ** (n + 1)), polynomial(cotangent, cotangentDerivative(n))),
      );
      return select(less(x, 0), reflected, polygammaFromZero(n, x));
    },
    partial: (x) => polygamma(n + 1)(x),
    cost: 60 + 4 * n,
  }),
);

/** The derivative of digamma. */
export const trigamma = polygamma(1);

/** Bernoulli numbers B_2, B_4, ..., B_24. */
export const bernoulli = [
  1 / 6,
  -1 / 30,
  1 / 42,
  -1 / 30,
  5 / 66,
  -691 / 2730,
  7 / 6,
  -3617 / 510,
  43867 / 798,
  -174611 / 330,
  854513 / 138,
  -236364091 / 2730,
];

/**
 * (-1)^(n+1) times: the sum of n! / (x+k)^(n+1) over the first k, and the asymptotic series at x plus their number,
 * (n-1)!/x^n + n!/(2 x^(n+1)) + sum_k B_2k (2k+n-1)! / ((2k)! x^(2k+n)). All leading terms have one sign: nothing cancels.
 */
function polygammaFromZero(n: number, x: Expr): Expr {
  const shifts = n + 10;
  const far = add(x, shifts);
  const inverse = reciprocal(far);
  const coefficients = bernoulli.map((b, k) => (b * factorial(2 * k + n + 1)) / factorial(2 * k + 2));
  const series = add(
    factorial(n - 1),
    mul(factorial(n) / 2, inverse),
    mul(square(inverse), polynomial(square(inverse), coefficients)),
  );
  const tail = mul(wholePower(inverse, n), series);
  const terms = Array.from({ length: shifts }, (_, k) => wholePower(reciprocal(k === 0 ? x : add(x, k)), n + 1));
  const sum = terms.reduceRight((total, term) => add(total, term));
  const total = add(tail, mul(factorial(n), sum));
  return n % 2 === 0 ? neg(total) : total;
}

/** The n-th derivative of cot t as a polynomial in c = cot t: P_0 = c, P_(n+1) = -(1 + c^2) P_n'. */
function cotangentDerivative(n: number): number[] {
  let coefficients = [0, 1];
  for (let k = 0; k < n; k++) {
    const next = new Array<number>(coefficients.length + 1).fill(0);
    for (const [power, coefficient] of coefficients.entries()) {
      if (power === 0) continue;
      next[power - 1]! -= power * coefficient;
      next[power + 1]! -= power * coefficient;
    }
    coefficients = next;
  }
  return coefficients;
}
