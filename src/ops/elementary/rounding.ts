import type { Expr } from "../../ir/graph.ts";
import { binary, unary } from "../define.ts";
import { add, div, mul, neg, sub } from "./algebra.ts";
import { and, equal, greater, less, notEqual, select } from "./comparison.ts";
import { absInterval, unit } from "./interval.ts";

// Piecewise constant functions. Their derivative is 0 wherever it exists, so differentiation gives 0, at jumps too.

/** Kernels, printing and range of a step function. */
const steps = (f: (x: number) => number) => ({
  result: "same" as const,
  real: f,
  partial: "zero" as const,
  range: ([low, high]: readonly [number, number]) => [f(low), f(high)] as const,
});

export const floor = unary("floor", {
  ...steps(Math.floor),
  cost: 1,
});

export const ceil = unary("ceil", {
  ...steps(Math.ceil),
  cost: 1,
});

export const trunc = unary("trunc", {
  ...steps(Math.trunc),
  cost: 1,
});

/** To the nearest whole number, halves to the even one. */
export const round = unary("round", {
  program: (x) => {
    const low = floor(x);
    const fraction = sub(x, low);
    const isEven = equal(low, mul(2, floor(mul(0.5, low))));
    const upper = add(low, 1);
    return select(less(fraction, 0.5), low, select(equal(fraction, 0.5), select(isEven, low, upper), upper));
  },
  partial: "zero",
  cost: 8,
  range: ([low, high]) => [Math.floor(low), Math.ceil(high)],
});

export const sign = unary("sign", {
  units: "a -> 1",
  ...steps(Math.sign),
  cost: 1,
});

const heaviside = (x: number) => (x > 0 ? 1 : x <= 0 ? 0 : Number.NaN);

/** 1 right of zero, 0 at zero and left of it: the slope of relu. */
export const step = unary("step", {
  units: "a -> 1",
  ...steps(heaviside),
  print: (x) => `${x} > 0 ? 1 : ${x} <= 0 ? 0 : NaN`,
  cost: 1,
  range: ([low, high]) => (low > 0 ? [1, 1] : high <= 0 ? [0, 0] : unit),
});

/** |x|; its slope at 0 is 0. */
export const abs = unary("abs", {
  units: "a -> a",
  result: "same",
  real: Math.abs,
  partial: (x) => sign(x),
  cost: 1,
  range: absInterval,
});

/** x - y trunc(x/y), exactly: the remainder with the sign of x. */
export const fmod = binary("fmod", {
  units: "a, a -> a",
  result: "same",
  real: (x, y) => x % y,
  partials: [(x) => x.graph.constantLike(1, x), (x, y, z) => neg(multiples(x, y, z, trunc))],
  print: (x, y) => `${x} % ${y}`,
  cost: 10,
});

/** x - y floor(x/y): the remainder with the sign of y. Whole numbers below 2^53 give exact results. */
export const mod = binary("mod", {
  units: "a, a -> a",
  result: "same",
  program: (x, y) => {
    const quotient = div(x, y);
    const whole = floor(quotient);
    // only a quotient that is whole may have been rounded up, or lost
    const rest = fmod(x, y);
    const isOpposite = and(notEqual(rest, 0), notEqual(sign(rest), sign(y)));
    return select(notEqual(quotient, whole), sub(x, mul(y, whole)), add(rest, select(isOpposite, y, 0)));
  },
  partials: [(x) => x.graph.constantLike(1, x), (x, y, z) => neg(multiples(x, y, z, floor))],
  cost: 5,
});

/** How often y is taken from x to leave z: the whole quotient, less one where rounding has taken it up to there. */
function multiples(x: Expr, y: Expr, z: Expr, toWhole: typeof floor): Expr {
  const quotient = div(x, y);
  const whole = toWhole(quotient);
  const isUp = and(equal(quotient, whole), greater(abs(z), mul(0.5, abs(y))));
  return sub(whole, select(isUp, toWhole === floor ? 1 : sign(quotient), 0));
}

/** floor(x / y) of two ints, as an int. */
export const floorDiv = binary("floorDiv", {
  operands: ["int"],
  result: "int",
  real: (x, y) => Math.floor(x / y),
  partials: ["zero", "zero"],
  print: (x, y) => `Math.floor(${x} / ${y})`,
  cost: 2,
});
