import type { Expr } from "../../ir/graph.ts";
import type { Interval } from "../../ir/primitive.ts";
import { binary, family, unary } from "../define.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "./algebra.ts";
import { less, select } from "./comparison.ts";
import { decreasing, increasing, symmetricUnit, unit } from "./interval.ts";
import { inversePowerImaginary, inversePowerReal } from "./plane.ts";
import { oneMinusSquare, polynomial } from "./polynomial.ts";
import { rsqrt } from "./powers.ts";
import { abs } from "./rounding.ts";

export const sin = unary("sin", {
  real: Math.sin,
  partial: (x) => cos(x),
  cost: 10,
  range: () => symmetricUnit,
});

export const cos = unary("cos", {
  real: Math.cos,
  partial: (x) => neg(sin(x)),
  cost: 10,
  range: () => symmetricUnit,
});

export const tan = unary("tan", {
  real: Math.tan,
  partial: (_x, z) => add(1, square(z)),
  cost: 12,
});

export const asin = unary("asin", {
  domain: [symmetricUnit],
  real: Math.asin,
  partial: (x) => asinSlope(x),
  cost: 10,
  range: increasing(Math.asin, [-2, 2], symmetricUnit),
});

export const acos = unary("acos", {
  domain: [symmetricUnit],
  real: Math.acos,
  partial: (x) => neg(asinSlope(x)),
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
  partial: (x) => atanSlope(x),
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
  real: Math.atan2,
  partials: [(y, x) => inversePowerReal(1)(x, y), (y, x) => inversePowerImaginary(1)(x, y)],
  cost: 14,
  range: (): Interval => [-4, 4],
});

export const sinc = unary("sinc", {
  program: (x) => sincProgram(0, x),
  partial: (x) => sincDerivative(1)(x),
  cost: 12,
  range: (): Interval => [-0.25, 1],
});

/** The n-th derivative of sinc, at most 1/(n + 1). */
export const sincDerivative = family("sincDerivative", 1, (n, name) =>
  unary(name, {
    program: (x) => sincProgram(n, x),
    partial: (x) => sincDerivative(n + 1)(x),
    cost: 30 + 3 * n,
    range: (): Interval => symmetricUnit,
  }),
);

/**
 * The integral of t^n cos(xt + n pi/2) over 0 <= t <= 1: its power series near 0, and beyond it the n-th derivative of
 * x sinc(x) = sin(x), x f_n + n f_(n-1) = sin(x + n pi/2), which neither overflows nor cancels for a large x.
 */
function sincProgram(n: number, x: Expr): Expr {
  const border = 1 + 0.75 * n;
  const odd = n % 2;
  const terms: number[] = [];
  let power = (-1) ** ((n + odd) / 2);
  for (let k = odd; Math.abs(power) * border ** k > 2 ** -60; k += 2) {
    terms.push(power / (n + k + 1));
    power /= -(k + 1) * (k + 2);
  }
  const even = polynomial(square(x), terms);
  let far = div(sin(x), x);
  for (let k = 1; k <= n; k++) {
    const turned = k % 2 === 0 ? sin(x) : cos(x);
    far = div(sub(k % 4 > 1 ? neg(turned) : turned, k === 1 ? far : mul(k, far)), x);
  }
  return select(less(abs(x), border), odd ? mul(x, even) : even, far);
}
