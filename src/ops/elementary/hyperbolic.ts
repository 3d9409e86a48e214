import type { Expr } from "../../ir/graph.ts";
import { unary } from "../define.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "./algebra.ts";
import { less, select } from "./comparison.ts";
import { exp, expm1, log, log1p } from "./exponential.ts";
import { evenIncreasing, increasing, nonNegative, symmetricUnit, unit } from "./interval.ts";
import { hypot } from "./lengths.ts";
import { oneMinusSquare } from "./polynomial.ts";
import { rsqrt } from "./powers.ts";
import { abs } from "./rounding.ts";
import { atan } from "./trigonometric.ts";

export const sinh = unary("sinh", {
  real: Math.sinh,
  partial: (x) => cosh(x),
  cost: 12,
  range: increasing(Math.sinh),
});

export const cosh = unary("cosh", {
  real: Math.cosh,
  partial: (x) => sinh(x),
  cost: 12,
  range: evenIncreasing(Math.cosh, [1, Number.POSITIVE_INFINITY]),
});

/** The slope is 1/cosh^2: 1 - z^2 is 0 from 19.5 on, where the truth is 4.6e-17. */
export const tanh = unary("tanh", {
  real: Math.tanh,
  partial: (x) => sech2(x),
  cost: 12,
  range: increasing(Math.tanh, symmetricUnit),
});

export const sech2 = unary("sech2", {
  program: (x) => {
    const size = abs(x);
    const decay = exp(mul(-2, size));
    const tail = div(mul(4, decay), square(add(1, decay)));
    return select(less(size, 0.5), square(reciprocal(cosh(x))), tail);
  },
  partial: (x, z) => mul(-2, mul(tanh(x), z)),
  cost: 14,
  range: () => unit,
});

/** 1 / cosh x; as a quotient its slope is Infinity over Infinity where cosh overflows. */
export const sech = unary("sech", {
  program: (x) => {
    const decay = exp(neg(abs(x)));
    return select(less(abs(x), 0.5), reciprocal(cosh(x)), div(mul(2, decay), add(1, square(decay))));
  },
  partial: (x, z) => neg(mul(z, tanh(x))),
  cost: 14,
  range: () => unit,
});

/** 1 / sinh x; as a quotient its slope is Infinity over Infinity where sinh overflows. */
export const csch = unary("csch", {
  program: (x) => {
    const tail = (size: Expr) => div(mul(-2, exp(neg(size))), expm1(mul(-2, size)));
    return select(less(abs(x), 1), reciprocal(sinh(x)), select(less(x, 0), neg(tail(neg(x))), tail(x)));
  },
  partial: (x, z) => neg(div(z, tanh(x))),
  cost: 13,
});

/** The slope of atanh, whose own slope must not cancel near 0 as that of a product of (1-x) and (1+x) does. */
export const atanhSlope = unary("atanhSlope", {
  domain: [symmetricUnit],
  program: (x) => reciprocal(oneMinusSquare(x)),
  partial: (x, z) => mul(mul(2, mul(x, z)), z),
  cost: 6,
});

/** log cosh x: no overflow at the ends, no cancellation at 0. */
export const logCosh = unary("logCosh", {
  program: (x) => {
    const size = abs(x);
    const tail = add(size, sub(log1p(exp(mul(-2, size))), Math.LN2));
    return select(less(size, 1), log1p(mul(2, square(sinh(mul(0.5, x))))), tail);
  },
  partial: (x) => tanh(x),
  cost: 26,
  range: () => nonNegative,
});

/** log sinh x without overflow. */
export const logSinh = unary("logSinh", {
  domain: [nonNegative],
  program: (x) => select(less(x, 1), log(sinh(x)), add(x, sub(log1p(neg(exp(mul(-2, x)))), Math.LN2))),
  partial: (x) => reciprocal(tanh(x)),
  cost: 26,
});

/** atan(e^x): from the exponential its slope would be Infinity over Infinity. */
export const atanExp = unary("atanExp", {
  program: (x) => atan(exp(x)),
  partial: (x) => mul(0.5, sech(x)),
  cost: 20,
  range: increasing((x) => Math.atan(Math.exp(x)), [0, 2]),
});

/** atan(sinh x), which is asin(tanh x) as well: the angle of Gudermann. */
export const gudermannian = unary("gudermannian", {
  program: (x) => mul(2, atan(tanh(mul(0.5, x)))),
  partial: (x) => sech(x),
  cost: 22,
  range: increasing((x) => Math.atan(Math.sinh(x)), [-2, 2]),
});

export const asinh = unary("asinh", {
  real: Math.asinh,
  partial: (x) => reciprocal(hypot(1, x)),
  cost: 12,
  range: increasing(Math.asinh),
});

export const acosh = unary("acosh", {
  domain: [[1, Number.POSITIVE_INFINITY]],
  real: Math.acosh,
  partial: (x) => mul(rsqrt(sub(x, 1)), rsqrt(add(x, 1))),
  cost: 12,
  range: increasing(Math.acosh, nonNegative, [1, Number.POSITIVE_INFINITY]),
});

export const atanh = unary("atanh", {
  domain: [symmetricUnit],
  real: Math.atanh,
  partial: (x) => atanhSlope(x),
  cost: 12,
  range: increasing(Math.atanh, undefined, symmetricUnit),
});
