import type { Expr } from "../ir/graph.ts";
import { factorial } from "../numeric/factorial.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "./algebra.ts";
import { less, select } from "./comparison.ts";
import { family, unary } from "./define.ts";
import { erf, gaussian } from "./erf.ts";
import { exp, expm1, log1p } from "./exponential.ts";
import { nonNegative, unit } from "./interval.ts";
import { polynomial, wholePower } from "./polynomial.ts";
import { abs } from "./rounding.ts";

// f(x)/x for functions with f(0) = 0. As quotients they are 0/0 at 0 and their derivatives cancel near it. Each is an
// integral over 0 <= t <= 1, and so are its derivatives: power series near 0, a recurrence from integration by parts beyond.

/** c_0, c_1, ... as long as they count against c_0 up to |x| = border. */
function series(coefficient: (k: number) => number, border: number): number[] {
  const coefficients = [coefficient(0)];
  for (let k = 1; Math.abs(coefficient(k)) * border ** k > 2 ** -58 * coefficients[0]!; k++) {
    coefficients.push(coefficient(k));
  }
  return coefficients;
}

/** The integral of t^n e^(x t): the n-th derivative of (e^x - 1)/x. */
function expm1MomentProgram(n: number, x: Expr): Expr {
  const border = n === 0 ? 0.5 : 2;
  const near = polynomial(
    x,
    series((k) => 1 / (factorial(k) * (n + k + 1)), border),
  );
  let far = div(expm1(x), x);
  for (let k = 1; k <= n; k++) far = div(sub(exp(x), mul(k, far)), x);
  return select(less(abs(x), border), near, far);
}

export const expm1Ratio = unary("expm1Ratio", {
  program: (x) => expm1MomentProgram(0, x),
  partial: (x) => expm1Moment(1)(x),
  cost: 14,
  range: () => nonNegative,
  documentation: { summary: "(e^x - 1)/x, 1 at 0", derivative: "expm1Moment1(x)" },
});

export const expm1Moment = family("expm1Moment", 1, (n, name) =>
  unary(name, {
    program: (x) => expm1MomentProgram(n, x),
    partial: (x) => expm1Moment(n + 1)(x),
    cost: 40,
    range: () => nonNegative,
    documentation: {
      summary: "the integral of t^n e^(xt) over 0 <= t <= 1, the n-th derivative of (e^x - 1)/x",
      derivative: "the next moment",
    },
  }),
);

/** The integral of t^n (1 + xt)^-(n+1): up to a factor the n-th derivative of log(1 + x)/x. */
function log1pMomentProgram(n: number, x: Expr): Expr {
  const border = 0.5;
  const binomial = (k: number): number => (k === 0 ? 1 : (binomial(k - 1) * (n + k)) / k);
  const near = polynomial(
    x,
    series((k) => ((-1) ** k * binomial(k)) / (n + k + 1), border),
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
  documentation: { summary: "log(1 + x)/x, 1 at 0", derivative: "-log1pMoment1(x)", kink: "pole at -1" },
});

export const log1pMoment = family("log1pMoment", 1, (n, name) =>
  unary(name, {
    domain: [[-1, Number.POSITIVE_INFINITY]],
    program: (x) => log1pMomentProgram(n, x),
    partial: (x) => mul(-(n + 1), log1pMoment(n + 1)(x)),
    cost: 60,
    range: () => nonNegative,
    documentation: {
      summary: "the integral of t^n (1 + xt)^-(n+1) over 0 <= t <= 1",
      derivative: "-(n+1) times the next one",
      kink: "pole at -1",
    },
  }),
);

/** The integral of t^2n e^(-x^2 t^2). */
function erfMomentProgram(n: number, x: Expr): Expr {
  const border = 1.5;
  const near = polynomial(
    square(x),
    series((k) => (-1) ** k / (factorial(k) * (2 * n + 2 * k + 1)), border ** 2),
  );
  let far = div(mul(Math.sqrt(Math.PI) / 2, erf(x)), x);
  for (let k = 1; k <= n; k++) far = div(sub(mul(2 * k - 1, far), gaussian(x)), mul(2, square(x)));
  return select(less(abs(x), border), near, far);
}

export const erfRatio = unary("erfRatio", {
  program: (x) => mul(2 / Math.sqrt(Math.PI), erfMomentProgram(0, x)),
  partial: (x) => mul(-4 / Math.sqrt(Math.PI), mul(x, erfMoment(1)(x))),
  cost: 40,
  range: () => [0, 1.2],
  documentation: { summary: "erf(x)/x, 2/sqrt(pi) at 0", derivative: "-4 x/sqrt(pi) erfMoment1(x)" },
});

export const erfMoment = family("erfMoment", 1, (n, name) =>
  unary(name, {
    program: (x) => erfMomentProgram(n, x),
    partial: (x) => mul(-2, mul(x, erfMoment(n + 1)(x))),
    cost: 50,
    range: () => unit,
    documentation: {
      summary: "the integral of t^(2n) e^(-x^2 t^2) over 0 <= t <= 1",
      derivative: "-2x times the next one",
    },
  }),
);
