import type { Expr } from "../../ir/graph.ts";
import { factorial } from "../../numeric/factorial.ts";
import { binary, family, type Operation } from "../define.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../elementary/algebra.ts";
import { and, greater, less, select } from "../elementary/comparison.ts";
import { log, log1p } from "../elementary/exponential.ts";
import { nonNegative } from "../elementary/interval.ts";
import { abs } from "../elementary/rounding.ts";
import { bernoulli, digamma, lgamma, polygamma } from "./gamma.ts";

// Differences of lgamma and its derivatives between x + y and x. Where both are large, their asymptotic series are
// subtracted term by term: (1/s)^m - (1/x)^m = (1/s - 1/x) (a sum of positive terms), and 1/s - 1/x = -y/(x s).

/** From here on, so many terms of the series are enough. */
const border = 12;
const terms = 7;

/** sum_m c_m (u^m - v^m) / (u - v), the coefficients c_1, c_2, ... */
function quotient(coefficients: readonly number[], u: Expr, v: Expr): Expr {
  let [symmetric, power]: [Expr, Expr] = [u.graph.constantLike(1, u), v];
  let total: Expr | undefined;
  for (const [k, coefficient] of coefficients.entries()) {
    if (coefficient !== 0) total = total ? add(total, mul(coefficient, symmetric)) : mul(coefficient, symmetric);
    if (k === coefficients.length - 1) break;
    symmetric = add(mul(u, symmetric), power);
    power = mul(power, v);
  }
  return total!;
}

/** The coefficients of x^-1, x^-2, ... in the series of the n-th derivative of lgamma, behind its logarithms. */
function tail(n: number): number[] {
  const sign = (-1) ** n;
  const found = new Array<number>(2 * terms + n - 1).fill(0);
  const put = (power: number, value: number) => {
    found[power - 1] = sign * value;
  };
  if (n >= 2) put(n - 1, factorial(n - 2));
  if (n >= 1) put(n, factorial(n - 1) / 2);
  for (let k = 0; k < terms; k++) {
    put(2 * k + 1 + n, (bernoulli[k]! * factorial(2 * k + n)) / factorial(2 * k + 2));
  }
  return found;
}

const derivative = (n: number): Operation => (n === 0 ? lgamma : n === 1 ? digamma : polygamma(n - 1));

/** For a y that is small beside x: by the derivatives half way. */
function smallStep(n: number, x: Expr, y: Expr): Expr {
  const middle = add(x, mul(0.5, y));
  const squared = square(y);
  const [first, third, fifth] = [1, 3, 5].map((k) => derivative(n + k)(middle)) as [Expr, Expr, Expr];
  return mul(y, add(first, mul(squared, add(mul(1 / 24, third), mul(squared, mul(1 / 1920, fifth))))));
}

/** The n-th derivative of lgamma at x + y less that at x; counted from 1 on: gammaStep1 is of lgamma itself. */
export const gammaStep = family("gammaStep", 1, (order, name) => {
  const n = order - 1;
  const f = derivative(n);
  return binary(name, {
    domain: [nonNegative, nonNegative],
    program: (x, y) => {
      const sum = add(x, y);
      const [u, v] = [reciprocal(sum), reciprocal(x)];
      const series = neg(mul(mul(y, mul(u, v)), quotient(tail(n), u, v)));
      const rise = log1p(div(y, x));
      const logs = n === 0 ? [add(mul(sub(x, 0.5), rise), mul(y, sub(log(sum), 1)))] : n === 1 ? [rise] : [];
      const far = [...logs, series].reduce((a, b) => add(a, b));
      // of a tiny x the higher derivatives overflow
      const isSmall = and(less(abs(y), mul(0.01, x)), greater(x, 1e-40));
      const near = select(isSmall, smallStep(n, x, y), sub(f(sum), f(x)));
      const isFar = and(and(greater(x, border), greater(sum, border)), less(abs(y), x));
      return select(isFar, far, near);
    },
    partials: [(x, y) => gammaStep(order + 1)(x, y), (x, y) => derivative(order)(add(x, y))],
    cost: 120,
  });
});

/** log of the beta function, lgamma(x) + lgamma(y) - lgamma(x + y). */
export const logBeta = binary("logBeta", {
  isCommutative: true,
  domain: [nonNegative, nonNegative],
  program: (x, y) => {
    const step = gammaStep(1);
    return select(greater(x, y), sub(lgamma(y), step(x, y)), sub(lgamma(x), step(y, x)));
  },
  partials: [(x, y) => neg(gammaStep(2)(x, y)), (x, y) => neg(gammaStep(2)(y, x))],
  cost: 200,
});
