import type { Expr } from "../../ir/graph.ts";
import type { Interval } from "../../ir/primitive.ts";
import { family, unary } from "../define.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../elementary/algebra.ts";
import { equal, greater, greaterEqual, less, select } from "../elementary/comparison.ts";
import { log, log1p } from "../elementary/exponential.ts";
import { nonNegative, symmetricUnit, unit } from "../elementary/interval.ts";
import { polynomial, rational } from "../elementary/polynomial.ts";
import { sqrt } from "../elementary/powers.ts";
import { abs } from "../elementary/rounding.ts";
import { faded } from "../ratios/faded.ts";
import { erfCentre, erfcIntegralTail, erfcxTail, erfinvCentre, erfinvTail } from "./coefficients.ts";
import { expOfSquare, gaussian } from "./gaussian.ts";

const rootPi = Math.sqrt(Math.PI);
const twoOverRootPi = 2 / rootPi;

const isSmall = (x: Expr) => less(abs(x), 0.5);

/** erf for |x| < 1/2. */
const erfNearZero = (x: Expr) => mul(x, polynomial(square(x), erfCentre));

/** A decaying function of x >= 1/2, (1 + 2x)^-power times a polynomial in (x - 3.75)/(x + 3.75). */
function tailFunction(x: Expr, coefficients: readonly number[], power: 1 | 2): Expr {
  const value = div(tailPolynomial(x, coefficients), tailScale(x));
  return power === 1 ? value : div(value, tailScale(x));
}

const tailScale = (x: Expr) => add(1, mul(2, x));

function tailPolynomial(x: Expr, coefficients: readonly number[]): Expr {
  // (x - 3.75)/(x + 3.75), but 1 at Infinity
  return polynomial(sub(1, div(7.5, add(x, 3.75))), coefficients);
}

/** e^(x^2) erfc(x) for x >= 1/2. */
const erfcxTailFunction = (x: Expr) => tailFunction(x, erfcxTail, 1);

/** erfc(x) for x >= 1/2. */
const erfcTailFunction = (x: Expr) => mul(gaussian(x), erfcxTailFunction(x));

export const erf = unary("erf", {
  program: (x) => {
    const tail = erfcTailFunction(abs(x));
    return select(isSmall(x), erfNearZero(x), select(greater(x, 0), sub(1, tail), sub(tail, 1)));
  },
  partial: (x) => mul(twoOverRootPi, gaussian(x)),
  cost: 45,
  range: () => symmetricUnit,
});

/** 1 - erf(x), with full relative accuracy in the right tail. */
export const erfc = unary("erfc", {
  program: (x) => {
    const tail = erfcTailFunction(abs(x));
    return select(isSmall(x), sub(1, erfNearZero(x)), select(greater(x, 0), tail, sub(2, tail)));
  },
  partial: (x) => mul(-twoOverRootPi, gaussian(x)),
  cost: 45,
  range: (): Interval => [0, 2],
});

/** e^(x^2) erfc(x): what is left of erfc when its decay is taken out. */
export const erfcx = unary("erfcx", {
  program: (x) => {
    const small = mul(expOfSquare(x, 1), sub(1, erfNearZero(x)));
    const tail = erfcxTailFunction(abs(x));
    const left = sub(mul(2, expOfSquare(x, 1)), tail);
    return select(isSmall(x), small, select(greater(x, 0), tail, left));
  },
  partial: (x) => mul(-2, erfcIntegral(1)(x)),
  cost: 45,
  range: () => nonNegative,
});

/**
 * e^(x^2) i^n erfc(x), the n-fold integral of erfc scaled like erfcx: positive, and its slope is a multiple of the next
 * one, so that no derivative of erfcx cancels. Order 1 has approximations of its own; the others come from the recurrence
 * 2n F_n = F_(n-2) - 2x F_(n-1), which is stable to the left, and from its continued fraction to the right of 1.5.
 */
export const erfcIntegral = family("erfcIntegral", 1, (n, name) =>
  unary(name, {
    program: (x) =>
      n === 1 ? firstIntegral(x) : select(less(x, 1.5), upwards(n, x), mul(firstIntegral(x), ratio(n, x))),
    partial: (x) => mul(-2 * (n + 1), erfcIntegral(n + 1)(x)),
    cost: n === 1 ? 45 : 150,
    range: () => nonNegative,
  }),
);

function firstIntegral(x: Expr): Expr {
  const direct = sub(1 / rootPi, mul(x, erfcx(x)));
  return select(less(x, 0.5), direct, tailFunction(x, erfcIntegralTail, 2));
}

function upwards(n: number, x: Expr): Expr {
  let [lower, current] = [erfcx(x), firstIntegral(x)];
  for (let k = 2; k <= n; k++) [lower, current] = [current, div(sub(lower, mul(2, mul(x, current))), 2 * k)];
  return current;
}

/** F_n / F_1 for x >= 1.5 by r_k = F_k / F_(k-1) = 1 / (2x + 2 (k+1) r_(k+1)). */
function ratio(n: number, x: Expr): Expr {
  const terms = 80;
  const double = mul(2, x);
  let quotient = reciprocal(double);
  let product: Expr | undefined;
  for (let k = n + terms; k >= 2; k--) {
    quotient = reciprocal(add(double, mul(2 * (k + 1), quotient)));
    if (k <= n) product = product ? mul(product, quotient) : quotient;
  }
  return product!;
}

/** log erfc(x), finite where erfc underflows. */
export const logErfc = unary("logErfc", {
  program: (x) => {
    const tail = sub(log(erfcxTailFunction(x)), square(x));
    const small = log1p(neg(erfNearZero(x)));
    return select(isSmall(x), small, select(greater(x, 0), tail, log(erfc(x))));
  },
  partial: (x) => neg(erfcHazard(x)),
  cost: 60,
});

/** log erf(x), which is -erfc(x) to the right. */
export const logErf = unary("logErf", {
  domain: [nonNegative],
  program: (x) => select(less(x, 1), log(erf(x)), log1p(neg(erfc(x)))),
  partial: (x) => div(mul(twoOverRootPi, gaussian(x)), erf(x)),
  cost: 60,
  range: (): Interval => [Number.NEGATIVE_INFINITY, 0],
});

/** The rate at which erfc decays: about 2x to the right, as small as e^(-x^2) to the left, where erfcx overflows. */
export const erfcHazard = unary("erfcHazard", {
  program: (x) => {
    const right = select(isSmall(x), reciprocal(erfcx(x)), div(tailScale(x), tailPolynomial(x, erfcxTail)));
    return mul(twoOverRootPi, select(less(x, 0), div(gaussian(x), erfc(x)), right));
  },
  partial: (x, z) => faded(z, erfcHazardExcess(x)),
  cost: 60,
  range: () => nonNegative,
});

/** How far the hazard exceeds 2x, by F_1 / F_0 where the difference would cancel. */
export const erfcHazardExcess = unary("erfcHazardExcess", {
  program: (x) => {
    const ratio = div(tailPolynomial(x, erfcIntegralTail), tailPolynomial(x, erfcxTail));
    return select(less(x, 0.5), sub(erfcHazard(x), mul(2, x)), div(mul(2, ratio), tailScale(x)));
  },
  // where the hazard meets its asymptote both terms are 2, and their difference is the curvature of F_1 / F_0
  partial: (x, z) => {
    const ratio = div(erfcIntegral(2)(x), erfcx(x));
    return select(less(x, 0.5), sub(faded(erfcHazard(x), z), 2), sub(square(z), mul(8, ratio)));
  },
  cost: 90,
  range: () => nonNegative,
});

/** The inverse of erf. Tails in the variable of Wichura (1988), AS 241. */
export const erfinv = unary("erfinv", {
  domain: [symmetricUnit],
  program: (x) => {
    const tail = (y: Expr) => rational(sqrt(neg(log(sub(1, y)))), erfinvTail);
    // at 1 and -1 the poles, beyond them NaN
    const isOutside = greaterEqual(abs(x), 1);
    const pole = div(x, sqrt(mul(sub(1, x), add(1, x))));
    const right = select(greater(x, 0), tail(x), neg(tail(neg(x))));
    const centre = mul(x, rational(sub(0.7225, square(x)), erfinvCentre));
    return select(less(abs(x), 0.85), centre, select(isOutside, pole, right));
  },
  partial: (_x, z) => reciprocal(mul(twoOverRootPi, gaussian(z))),
  cost: 40,
});

/** The inverse of erfc; near 0 it keeps what 1 - x would lose. */
export const erfcinv = unary("erfcinv", {
  domain: [[0, 2]],
  program: (x) => {
    // the tail is made for x above 2^-53: below, Newton's steps on the logarithm
    let right = rational(sqrt(neg(log(x))), erfinvTail);
    for (let step = 0; step < 2; step++) {
      right = add(right, div(sub(logErfc(right), log(x)), erfcHazard(right)));
    }
    const tail = select(equal(x, 0), Number.POSITIVE_INFINITY, right);
    return select(less(x, 0.15), tail, erfinv(sub(1, x)));
  },
  partial: (_x, z) => reciprocal(mul(-twoOverRootPi, gaussian(z))),
  cost: 40,
});

/** Distribution function of the standard normal distribution; the left tail keeps its relative accuracy. */
export const normalCdf = unary("normalCdf", {
  program: (x) => {
    const scaled = mul(Math.SQRT1_2, x);
    const tail = mul(0.5, mul(expOfSquare(x, -0.5), erfcxTailFunction(abs(scaled))));
    const centre = add(0.5, mul(0.5, erfNearZero(scaled)));
    return select(isSmall(scaled), centre, select(less(x, 0), tail, sub(1, tail)));
  },
  partial: (x) => normalPdf(x),
  cost: 47,
  range: () => unit,
});

/** Density of the standard normal distribution. */
export const normalPdf = unary("normalPdf", {
  program: (x) => mul(Math.SQRT1_2 / rootPi, expOfSquare(x, -0.5)),
  partial: (x, z) => neg(faded(z, x)),
  cost: 28,
  range: () => unit,
});

/** log normalCdf(x), accurate in both tails. */
export const logNormalCdf = unary("logNormalCdf", {
  program: (x) => {
    const left = sub(log(mul(0.5, erfcx(mul(-Math.SQRT1_2, x)))), mul(0.5, square(x)));
    return select(greater(x, 0), log1p(neg(normalCdf(neg(x)))), left);
  },
  partial: (x) => mul(Math.SQRT1_2, erfcHazard(mul(-Math.SQRT1_2, x))),
  cost: 60,
});
