import type { Expr } from "../../ir/graph.ts";
import type { Interval } from "../../ir/primitive.ts";
import { unary } from "../define.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../elementary/algebra.ts";
import { greater, less, select } from "../elementary/comparison.ts";
import { exp, log } from "../elementary/exponential.ts";
import { nonNegative } from "../elementary/interval.ts";
import { rational } from "../elementary/polynomial.ts";
import { sqrt } from "../elementary/powers.ts";
import { lambertBranch, lambertCentre, lambertTail } from "./lambert-coefficients.ts";

// The solution W of W e^W = x. Its derivatives are sums of positive terms in 1 + W and e^-W, which is the reason for 1 + W as a function
// of its own: near the branch point it is the root of the distance from there.

/** 1/e in two parts. */
const branch = { high: Math.exp(-1), low: -1.2428753672788363e-17 } as const;

/** Left of it the root of the distance from the branch point is the variable. */
const branchBorder = -0.2;

/** 1 + W for x below the border; the binary64 nearest to -1/e, which lies beyond it, is taken for the branch point. */
function nearBranch(x: Expr): Expr {
  const distance = add(x, branch.high);
  const root = sqrt(mul(2 * Math.E, add(distance, select(greater(distance, 0), branch.low, 0))));
  return mul(root, rational(root, lambertBranch));
}

/** What W is multiplied by in a step towards W + log(W) = L, of the residue z. Source: Fritsch, Shafer and Crowley (1973). */
function step(w: Expr, residue: Expr): Expr {
  const rise = add(1, w);
  const q = mul(mul(2, rise), add(rise, mul(2 / 3, residue)));
  return add(1, mul(div(residue, rise), div(sub(q, residue), sub(q, mul(2, residue)))));
}

/** x / W, which is e^W, from a first guess at it: at 0 it is 1. */
function refinedQuotient(x: Expr, guess: Expr): Expr {
  let quotient = guess;
  for (let k = 0; k < 2; k++) {
    const w = div(x, quotient);
    quotient = div(quotient, step(w, sub(log(quotient), w)));
  }
  return quotient;
}

/** A first guess at W by L = log x, x >= 2. */
const tailGuess = (logarithm: Expr) => mul(logarithm, rational(div(logarithm, add(logarithm, 8)), lambertTail));

/** W for x above the border. */
function rightOfBranch(x: Expr): Expr {
  const guess = select(less(x, 2), rational(x, lambertCentre), div(x, tailGuess(log(x))));
  return select(less(x, Number.POSITIVE_INFINITY), div(x, refinedQuotient(x, guess)), x);
}

const isNearBranch = (x: Expr) => less(x, branchBorder);
const domain: readonly Interval[] = [[-branch.high, Number.POSITIVE_INFINITY]];

/** The principal branch of the inverse of w e^w. */
export const lambertw = unary("lambertw", {
  domain,
  program: (x) => select(isNearBranch(x), sub(nearBranch(x), 1), rightOfBranch(x)),
  partial: (x) => lambertwSlope(x),
  cost: 50,
  range: (): Interval => [-1, Number.POSITIVE_INFINITY],
});

/** 1 + W: the distance from the branch point. */
export const lambertwRise = unary("lambertwRise", {
  domain,
  program: (x) => select(isNearBranch(x), nearBranch(x), add(1, rightOfBranch(x))),
  partial: (x) => lambertwSlope(x),
  cost: 50,
  range: () => nonNegative,
});

/** e^-W / (1 + W). */
export const lambertwSlope = unary("lambertwSlope", {
  domain,
  program: (x) => {
    const rise = nearBranch(x);
    const w = rightOfBranch(x);
    const right = select(less(x, 1), div(exp(neg(w)), add(1, w)), div(div(w, add(1, w)), x));
    const bounded = select(less(x, Number.POSITIVE_INFINITY), right, reciprocal(x));
    return select(isNearBranch(x), div(exp(sub(1, rise)), rise), bounded);
  },
  partial: (x, z) => neg(mul(square(z), add(1, reciprocal(lambertwRise(x))))),
  cost: 60,
  range: () => nonNegative,
});

/** W(e^x), which does not overflow: the solution w of w + log(w) = x. */
export const wrightomega = unary("wrightomega", {
  program: (x) => {
    let right = tailGuess(x);
    for (let k = 0; k < 2; k++) right = mul(right, step(right, sub(sub(x, log(right)), right)));
    const power = exp(x);
    const left = div(power, refinedQuotient(power, rational(power, lambertCentre)));
    return select(less(x, Math.LN2), left, select(less(x, 1e20), right, x));
  },
  partial: (x) => wrightomegaSlope(x),
  cost: 50,
  range: () => nonNegative,
});

/** w / (1 + w) of w = wrightomega(x). */
export const wrightomegaSlope = unary("wrightomegaSlope", {
  program: (x) => {
    const w = wrightomega(x);
    return select(less(x, 1), div(w, add(1, w)), reciprocal(add(1, reciprocal(w))));
  },
  partial: (x, z) => mul(z, square(reciprocal(add(1, wrightomega(x))))),
  cost: 55,
  range: (): Interval => [0, 1],
});
