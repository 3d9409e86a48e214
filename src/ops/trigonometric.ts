import type { Expr } from "../ir/graph.ts";
import type { Interval } from "../ir/primitive.ts";
import { Complex } from "../numeric/complex.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "./algebra.ts";
import { less, select } from "./comparison.ts";
import { binary, family, unary } from "./define.ts";
import { decreasing, increasing, symmetricUnit, unit } from "./interval.ts";
import { inversePowerImaginary, inversePowerReal } from "./plane.ts";
import { oneMinusSquare, polynomial } from "./polynomial.ts";
import { rsqrt } from "./powers.ts";
import { abs } from "./rounding.ts";

export const sin = unary("sin", {
  real: Math.sin,
  complex: Complex.sin,
  partial: (x) => cos(x),
  print: (x) => `Math.sin(${x})`,
  cost: 10,
  range: () => symmetricUnit,
});

export const cos = unary("cos", {
  real: Math.cos,
  complex: Complex.cos,
  partial: (x) => neg(sin(x)),
  print: (x) => `Math.cos(${x})`,
  cost: 10,
  range: () => symmetricUnit,
});

export const tan = unary("tan", {
  real: Math.tan,
  complex: Complex.tan,
  partial: (_x, z) => add(1, square(z)),
  print: (x) => `Math.tan(${x})`,
  cost: 12,
});

export const asin = unary("asin", {
  domain: [symmetricUnit],
  real: Math.asin,
  complex: Complex.asin,
  partial: (x) => asinSlope(x),
  print: (x) => `Math.asin(${x})`,
  cost: 10,
  range: increasing(Math.asin, [-2, 2], symmetricUnit),
});

export const acos = unary("acos", {
  domain: [symmetricUnit],
  real: Math.acos,
  complex: Complex.acos,
  partial: (x) => neg(asinSlope(x)),
  print: (x) => `Math.acos(${x})`,
  cost: 10,
  range: decreasing(Math.acos, [0, 4], symmetricUnit),
});

/** The slope of asin, whose own slope must not cancel near 0 as that of a product of (1-x) and (1+x) does. */
export const asinSlope = unary("asinSlope", {
  domain: [symmetricUnit],
  program: (x) => rsqrt(oneMinusSquare(x)),
  partial: (x, z) => mul(mul(x, z), square(z)),
  cost: 8,
});

export const atan = unary("atan", {
  real: Math.atan,
  complex: Complex.atan,
  partial: (x) => atanSlope(x),
  print: (x) => `Math.atan(${x})`,
  cost: 10,
  range: increasing(Math.atan),
});

/** The slope of atan: of a large x the square of 1/x, for the square of x overflows long before. */
export const atanSlope = unary("atanSlope", {
  program: (x) => select(less(abs(x), 1e8), reciprocal(add(1, square(x))), square(reciprocal(x))),
  // x z as one function: of a large x the product is Infinity times 0
  partial: (x, z) => mul(-2, mul(inversePowerReal(1)(x, x.graph.constantLike(1, x)), z)),
  cost: 5,
  range: () => unit,
});

/** The angle of the point (x, y): the ordinate comes first, as in Math.atan2. */
export const atan2 = binary("atan2", {
  units: "a, a -> 1",
  real: (y, x) => Math.atan2(y, x),
  complex: Complex.atan2,
  partials: [(y, x) => inversePowerReal(1)(x, y), (y, x) => inversePowerImaginary(1)(x, y)],
  print: (y, x) => `Math.atan2(${y}, ${x})`,
  cost: 14,
  range: (): Interval => [-4, 4],
});

export const sinc = unary("sinc", {
  program: (x) => sphericalBesselProgram(0, x),
  partial: (x) => neg(mul(x, sphericalBessel(1)(x))),
  cost: 12,
  range: (): Interval => [-0.25, 1],
});

/** j_n(x) / x^n with the spherical Bessel function j_n: even, entire, and its derivative is -x times the next one. */
export const sphericalBessel = family("sphericalBessel", 1, (n, name) =>
  unary(name, {
    program: (x) => sphericalBesselProgram(n, x),
    partial: (x) => neg(mul(x, sphericalBessel(n + 1)(x))),
    cost: 30 + 3 * n,
    range: (): Interval => symmetricUnit,
  }),
);

/**
 * The power series sum_k (-x^2/2)^k / (k! (2n+2k+1)!!) up to |x| = n + 1, beyond it the recurrence upwards in the order,
 * S_(k+1) = ((2k+1) S_k - S_(k-1)) / x^2, which is stable there.
 */
function sphericalBesselProgram(n: number, x: Expr): Expr {
  const border = n + 1;
  const terms: number[] = [];
  let term = 1;
  for (let k = 1; k <= n; k++) term /= 2 * k + 1;
  for (let k = 0; Math.abs(term) * border ** (2 * k) > 2 ** -60 * Math.abs(terms[0] ?? 0); k++) {
    terms.push(term);
    term /= -2 * (k + 1) * (2 * n + 2 * k + 3);
  }
  let [lower, current] = [cos(x), div(sin(x), x)];
  for (let k = 0; k < n; k++) {
    [lower, current] = [current, div(sub(k === 0 ? current : mul(2 * k + 1, current), lower), square(x))];
  }
  return select(less(abs(x), border), polynomial(square(x), terms), current);
}
