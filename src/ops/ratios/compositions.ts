import type { Expr } from "../../ir/graph.ts";
import type { Interval } from "../../ir/primitive.ts";
import { binary, ternary, unary } from "../define.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../elementary/algebra.ts";
import { and, greater, isFiniteReal, less, lessEqual, not, or, select } from "../elementary/comparison.ts";
import { exp, expm1, log, log1p } from "../elementary/exponential.ts";
import { csch, tanh } from "../elementary/hyperbolic.ts";
import { nonNegative, unbounded } from "../elementary/interval.ts";
import { faint, rsqrt, sqrt } from "../elementary/powers.ts";
import { abs } from "../elementary/rounding.ts";
import { acos, asin } from "../elementary/trigonometric.ts";
import { rootOfSum } from "./contrasts.ts";
import { proportion } from "./ratios.ts";

// Functions of functions, which rewriting puts in their place where the parts alone lose what counts.

/**
 * x times the power e^y: by halves of it where the power alone overflows, or has lost digits to underflow. NaN where the power
 * overflows and x may have lost digits to underflow, or all.
 */
export const raised = ternary("raised", {
  program: (power, x, y) => {
    const half = exp(mul(0.5, y));
    const isLost = and(greater(power, 1), lessEqual(abs(x), faint));
    return select(
      or(isPlain(power), not(isFiniteReal(x))),
      mul(power, x),
      select(isLost, Number.NaN, mul(mul(x, half), half)),
    );
  },
  partials: [
    (power, x) => select(isPlain(power), x, 0),
    (power, _x, y) => select(isPlain(power), power, exp(y)),
    (power, _x, _y, z) => select(isPlain(power), 0, z),
  ],
  cost: 4,
});

const isPlain = (power: Expr) => and(greater(power, faint), isFiniteReal(power));

/** log tanh x, which is -2 e^(-2x) to the right; its slope is 2 / sinh(2x). */
export const logTanh = unary("logTanh", {
  domain: [nonNegative],
  program: (x) => {
    const decay = exp(mul(-2, x));
    return select(less(x, 1), log(tanh(x)), sub(log1p(neg(decay)), log1p(decay)));
  },
  partial: (x) => mul(2, csch(mul(2, x))),
  cost: 30,
  range: (): Interval => [Number.NEGATIVE_INFINITY, 0],
});

/** log(x / (x + y)) of numbers that are not negative; of a small y the quotient is too near 1. */
export const logProportion = binary("logProportion", {
  units: "a, a -> 1",
  domain: [nonNegative, nonNegative],
  program: (x, y) => {
    const ratio = div(y, x);
    return select(less(abs(ratio), 0.5), neg(log1p(ratio)), log(proportion(x, y)));
  },
  partials: [(x, y) => reciprocalGap(x, y), (x, y) => neg(reciprocal(add(x, y)))],
  cost: 20,
});

/** 1/x - 1/(x + y): of a small y the two would cancel, and as products of its parts their slopes would vanish. */
export const reciprocalGap = binary("reciprocalGap", {
  units: "a, a -> 1/a",
  program: (x, y) => div(proportion(y, x), x),
  partials: [
    (x, y, z) => neg(mul(z, add(reciprocal(x), reciprocal(add(x, y))))),
    (x, y) => square(reciprocal(add(x, y))),
  ],
  cost: 6,
});

/** acos(1 - x), for which a small x is not lost in 1. */
export const versineArc = unary("versineArc", {
  domain: [[0, 2]],
  program: (x) => select(less(x, 0.5), mul(2, asin(sqrt(mul(0.5, x)))), acos(sub(1, x))),
  partial: (x) => mul(rsqrt(x), rsqrt(sub(2, x))),
  cost: 16,
  range: (): Interval => [0, 4],
});

/** (1 + x)^y - 1, of which a small x or y is left whole. */
export const compound = binary("compound", {
  domain: [[-1, Number.POSITIVE_INFINITY], unbounded],
  program: (x, y) => expm1(mul(y, log1p(x))),
  partials: [(x, y) => mul(y, exp(mul(sub(y, 1), log1p(x)))), (x, y) => mul(exp(mul(y, log1p(x))), log1p(x))],
  cost: 32,
});

/** (sqrt(x^2 + y) - x)/y of an x that is not negative. */
export const rootRate = binary("rootRate", {
  units: "a, a^2 -> 1/a",
  domain: [nonNegative, nonNegative],
  program: (x, y) => reciprocal(add(rootOfSum(x, y), x)),
  partials: [(x, y, z) => neg(div(z, rootOfSum(x, y))), (x, y, z) => mul(-0.5, mul(z, div(z, rootOfSum(x, y))))],
  cost: 8,
  range: () => nonNegative,
});
