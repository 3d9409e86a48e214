import type { Expr } from "../../ir/graph.ts";
import { factorial, fallingFactorial } from "../../numeric/factorial.ts";
import { family, unary } from "../define.ts";
import { add, mul, neg, reciprocal, square, sub } from "../elementary/algebra.ts";
import { greater, less, select } from "../elementary/comparison.ts";
import { expm1Reciprocal, log, log1mexp } from "../elementary/exponential.ts";
import { polynomial, wholePower } from "../elementary/polynomial.ts";
import { abs } from "../elementary/rounding.ts";
import { bernoulliOverFactorial, timesLogistic } from "./ratios.ts";

// log((e^x - 1)/x) and its derivatives, which as quotients of the ratio's vanish to the left and cancel to the right.

/** The n-th derivative of L(x) = x/2 + the sum of B_m x^m / (m m!) over even m; beyond the border that of its parts. */
function logExpm1RatioProgram(n: number, x: Expr): Expr {
  const border = Math.min(4.5, 1.5 + 0.5 * n);
  const near = seriesOf(n, border, x);
  const parts = n === 0 ? logParts(x) : slopeParts(n, x);
  return select(less(abs(x), border), near, select(greater(x, 0), parts.right, parts.left));
}

function seriesOf(n: number, border: number, x: Expr): Expr {
  const first = Math.max(2, n + (n % 2));
  const terms: number[] = [];
  for (let m = first; terms.length < 2 || Math.abs(terms.at(-1)!) * border ** (m - first) > 2 ** -58; m += 2) {
    terms.push((bernoulliOverFactorial(m) / m) * fallingFactorial(m, n));
  }
  const body = polynomial(square(x), terms);
  const sum = first > n ? mul(wholePower(x, first - n), body) : body;
  return n === 0 ? add(mul(0.5, x), sum) : n === 1 ? add(0.5, sum) : sum;
}

const logParts = (x: Expr) => ({
  right: add(x, sub(log1mexp(neg(x)), log(x))),
  left: sub(log1mexp(x), log(neg(x))),
});

/** L'(x) = 1 + b - 1/x with b = 1/(e^x - 1) and so b' = -b (1 + b); to the left by L'(-x) = 1 - L'(x). */
function slopeParts(n: number, x: Expr) {
  const size = abs(x);
  let decay = [0, 1];
  for (let k = 1; k < n; k++) decay = timesLogistic(decay);
  const power = mul(factorial(n - 1), wholePower(reciprocal(size), n));
  const excess = sub(polynomial(expm1Reciprocal(size), decay), power);
  return { right: n === 1 ? add(1, excess) : n % 2 === 0 ? neg(excess) : excess, left: neg(excess) };
}

/** Of the n-th derivative. */
const coefficientsAt = (n: number, x: number, count: number) =>
  Array.from({ length: count }, (_, k) => {
    const { primitive } = n + k === 0 ? logExpm1Ratio : logExpm1RatioDerivative(n + k);
    return Number(primitive.real(x)) / factorial(k);
  });

export const logExpm1Ratio = unary("logExpm1Ratio", {
  program: (x) => logExpm1RatioProgram(0, x),
  partial: (x) => logExpm1RatioDerivative(1)(x),
  taylor: (x, count) => coefficientsAt(0, x, count),
  cost: 40,
});

export const logExpm1RatioDerivative = family("logExpm1RatioDerivative", 1, (n, name) =>
  unary(name, {
    program: (x) => logExpm1RatioProgram(n, x),
    partial: (x) => logExpm1RatioDerivative(n + 1)(x),
    taylor: (x, count) => coefficientsAt(n, x, count),
    cost: 40 + 4 * n,
  }),
);
