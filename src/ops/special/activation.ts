import type { Expr } from "../../ir/graph.ts";
import type { Interval } from "../../ir/primitive.ts";
import { binary, unary } from "../define.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../elementary/algebra.ts";
import { greater, greaterEqual, less, lessEqual, select } from "../elementary/comparison.ts";
import { exp, expm1, log, log1p } from "../elementary/exponential.ts";
import { atanh, cosh, sech2, tanh } from "../elementary/hyperbolic.ts";
import { increasing, nonNegative, symmetricUnit, unbounded, unit } from "../elementary/interval.ts";
import { abs, sign, step } from "../elementary/rounding.ts";
import { faded } from "../ratios/faded.ts";

const sigmoidOf = (x: number) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));
const softplusOf = (x: number) => (x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x)));

/** 1 / (1 + e^-x); its slope is a primitive: z (1 - z) is 0 from 37 on, and the slope of a product cancels near 0. */
export const sigmoid = unary("sigmoid", {
  program: (x) => {
    const isRight = greaterEqual(x, 0);
    const decay = exp(select(isRight, neg(x), x));
    const denominator = add(1, decay);
    return select(isRight, reciprocal(denominator), div(decay, denominator));
  },
  partial: (x) => sigmoidSlope(x),
  cost: 13,
  range: increasing(sigmoidOf, unit),
});

export const sigmoidSlope = unary("sigmoidSlope", {
  program: (x) => {
    const size = abs(x);
    const decay = exp(neg(size));
    return select(less(size, 1), square(div(0.5, cosh(mul(0.5, x)))), div(decay, square(add(1, decay))));
  },
  partial: (x, z) => neg(mul(z, tanh(mul(0.5, x)))),
  cost: 14,
  range: (): Interval => [0, 0.25],
});

export const logSigmoid = unary("logSigmoid", {
  program: (x) => neg(softplus(neg(x))),
  partial: (x) => sigmoid(neg(x)),
  cost: 23,
  range: increasing((x) => -softplusOf(-x), [Number.NEGATIVE_INFINITY, 0]),
});

export const softplus = unary("softplus", {
  program: (x) => {
    const right = add(x, log1p(exp(neg(x))));
    return select(greater(x, 0), right, log1p(exp(x)));
  },
  partial: (x) => sigmoid(x),
  cost: 21,
  range: increasing(softplusOf, nonNegative),
});

/** log(p / (1 - p)); near 1/2 as 2 atanh(2p - 1), where the logarithms would cancel. */
export const logit = unary("logit", {
  domain: [unit],
  program: (p) => {
    const isCentral = less(abs(sub(p, 0.5)), 0.25);
    return select(isCentral, mul(2, atanh(sub(mul(2, p), 1))), sub(log(p), log1p(neg(p))));
  },
  partial: (p) => reciprocal(mul(p, sub(1, p))),
  cost: 20,
});

export const relu = unary("relu", {
  units: "a -> a",
  result: "same",
  real: (x) => Math.max(x, 0),
  // of the value, which is kept, so that the operand need not be
  partial: (x) => step(relu(x)),
  print: (x) => `Math.max(${x}, 0)`,
  cost: 1,
  range: ([low, high]) => [Math.max(low, 0), Math.max(high, 0)],
});

export const leakyRelu = binary("leakyRelu", {
  program: (x, a) => select(greater(x, 0), x, mul(a, x)),
  partials: [(x, a) => select(greater(x, 0), 1, a), (x) => select(greater(x, 0), 0, x)],
  cost: 3,
});

/** x where it is negative, else 0: the operand of e^x stays small, so that the masked branch cannot overflow. */
const negativePart = (x: Expr) => select(greater(x, 0), 0, x);

export const elu = unary("elu", {
  program: (x) => select(greater(x, 0), x, expm1(x)),
  partial: (x) => exp(negativePart(x)),
  cost: 11,
  range: increasing((x) => (x > 0 ? x : Math.expm1(x)), [-1, Number.POSITIVE_INFINITY]),
});

const seluScale = 1.0507009873554805;
const seluSlope = 1.6732632423543772;

export const selu = unary("selu", {
  program: (x) => mul(seluScale, select(greater(x, 0), x, mul(seluSlope, expm1(x)))),
  partial: (x) => mul(seluScale, select(greater(x, 0), 1, mul(seluSlope, exp(negativePart(x))))),
  cost: 13,
  range: increasing((x) => seluScale * (x > 0 ? x : seluSlope * Math.expm1(x)), [-2, Number.POSITIVE_INFINITY]),
});

/** Left of it e^x is close to losing its digits to underflow. */
const faintBorder = -600;

/** e^x, left of the border times e^64, and the factor to the power itself: a product with it first keeps its digits. */
const raisedPower = (x: Expr) => {
  const isFaint = less(x, faintBorder);
  return { power: exp(add(x, select(isFaint, 64, 0))), scale: select(isFaint, Math.exp(-64), 1) };
};

/** y e^x left of the border. */
const faint = (y: Expr, x: Expr) =>
  mul(faded(exp(add(select(less(x, faintBorder), x, faintBorder), 64)), y), Math.exp(-64));

/** -|x|, whose continuation has the slope of one side at 0. */
const minusSize = (x: Expr) => select(less(x, 0), x, neg(x));

export const silu = unary("silu", {
  program: (x) => {
    const { power, scale } = raisedPower(minusSize(x));
    const denominator = add(1, power);
    return select(less(x, 0), mul(div(faded(power, x), denominator), scale), div(x, denominator));
  },
  partial: (x) => siluSlope(x),
  cost: 16,
});

/** s + x s (1 - s) of s = sigmoid(x). */
export const siluSlope = unary("siluSlope", {
  program: (x) => {
    const left = minusSize(x);
    const { power, scale } = raisedPower(left);
    const upper = reciprocal(add(1, power));
    const lower = mul(power, upper);
    const falling = mul(faded(lower, add(1, mul(left, upper))), scale);
    return select(less(x, 0), falling, mul(upper, add(1, faded(mul(lower, scale), x))));
  },
  partial: (x) => {
    const left = minusSize(x);
    const curve = mul(sigmoidSlope(x), sub(2, mul(x, tanh(mul(0.5, x)))));
    return select(less(left, faintBorder), faint(add(2, left), left), curve);
  },
  cost: 19,
});

export const mish = unary("mish", {
  // tanh(softplus(x)) as n / (n + 2) with n = e^x (e^x + 2), to the right times e^-2x, which has one exponential
  program: (x) => {
    const { power, scale } = raisedPower(minusSize(x));
    const n = mul(power, add(power, 2));
    const upper = add(1, mul(2, power));
    const right = div(mul(x, upper), add(upper, mul(2, square(power))));
    return select(less(x, 0), mul(faded(div(n, add(n, 2)), x), scale), right);
  },
  partial: (x) => mishSlope(x),
  cost: 18,
});

/** t + x (1 - t^2) sigmoid(x) of t = tanh(softplus(x)), by e^-|x|. */
export const mishSlope = unary("mishSlope", {
  program: (x) => {
    const { power, scale } = raisedPower(minusSize(x));
    const twice = mul(2, power);
    const power2 = square(power);
    const leftDivisor = add(2, twice, power2);
    const leftBend = mul(mul(x, add(1, power)), square(div(2, leftDivisor)));
    const left = mul(faded(power, add(div(add(power, 2), leftDivisor), leftBend)), scale);
    const rightDivisor = add(1, twice, mul(2, power2));
    const rightBend = mul(mul(faded(power2, x), add(1, power)), square(div(2, rightDivisor)));
    return select(less(x, 0), left, add(1, sub(rightBend, div(mul(2, power2), rightDivisor))));
  },
  // of a huge x the slope would be Infinity times 0
  partial: (x) => {
    const soft = softplus(x);
    const s = sigmoid(x);
    const bend = mul(x, sub(sigmoidSlope(x), mul(2, mul(tanh(soft), square(s)))));
    const curve = mul(sech2(soft), add(mul(2, s), bend));
    return select(greater(x, 1000), 0, select(less(x, faintBorder), faint(add(2, x), x), curve));
  },
  cost: 26,
});

export const softsign = unary("softsign", {
  program: (x) => {
    const size = abs(x);
    const large = mul(sign(x), sub(1, reciprocal(add(1, size))));
    return select(less(size, 1), div(x, add(1, size)), large);
  },
  partial: (x) => square(reciprocal(add(1, abs(x)))),
  cost: 5,
  range: () => symmetricUnit,
});

/** x^2/2 up to |x| = d, beyond it d (|x| - d/2). */
export const huber = binary("huber", {
  domain: [[Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY], nonNegative],
  program: (x, d) => select(lessEqual(abs(x), d), mul(0.5, square(x)), mul(d, sub(abs(x), mul(0.5, d)))),
  partials: [(x, d) => select(lessEqual(abs(x), d), x, mul(d, sign(x))), (x, d) => relu(sub(abs(x), d))],
  cost: 6,
  range: (_x, d) => (d[0] >= 0 ? nonNegative : unbounded),
});
