import type { Expr } from "../../ir/graph.ts";
import type { Interval } from "../../ir/primitive.ts";
import { binary, type Operand, type Operation, ternary } from "../define.ts";
import { add, div, mul, neg, sub } from "../elementary/algebra.ts";
import { and, equal, greater, isFiniteReal, max, notEqual, or, select } from "../elementary/comparison.ts";
import { exp, log, log1p } from "../elementary/exponential.ts";
import { tanh } from "../elementary/hyperbolic.ts";
import { unbounded, unit, widen } from "../elementary/interval.ts";
import { abs } from "../elementary/rounding.ts";
import { proportion } from "../ratios/ratios.ts";
import { sigmoid, sigmoidSlope } from "./activation.ts";

/** x log y, 0 at x = 0 whatever y is. */
export const xlogy = binary("xlogy", {
  domain: [unbounded, [0, Number.POSITIVE_INFINITY]],
  program: (x, y) => mul(x, log(select(hasLogarithm(x, y), y, 1))),
  partials: [(_x, y) => log(y), (x, y) => ratioOrZero(x, y)],
  cost: 12,
});

/** x log(1 + y), 0 at x = 0 whatever y is. */
export const xlog1py = binary("xlog1py", {
  domain: [unbounded, [-1, Number.POSITIVE_INFINITY]],
  program: (x, y) => mul(x, log1p(select(hasLogarithm(x, add(1, y)), y, 0))),
  partials: [(_x, y) => log1p(y), (x, y) => ratioOrZero(x, add(1, y))],
  cost: 12,
});

/** False where x is 0 and log y is not finite: there the product is 0, and elsewhere its slopes are kept. */
function hasLogarithm(x: Expr, y: Expr): Expr {
  return or(notEqual(x, 0), and(greater(y, 0), isFiniteReal(y)));
}

/** x / y, but 0 where both are 0; masked in y alone, so that the slope 1/y at x = 0 survives. */
function ratioOrZero(x: Expr, y: Expr): Expr {
  return div(x, select(and(equal(x, 0), equal(y, 0)), 1, y));
}

/** x - y, but 0 of equal infinities: e^x and e^y vanish together. */
const apart = (x: Expr, y: Expr) => select(or(notEqual(x, y), isFiniteReal(x)), sub(x, y), 0);

const logaddexpPair = binary("logaddexp", {
  isCommutative: true,
  program: (x, y) => {
    // equal infinities have no difference
    const gap = select(equal(x, y), 0, sub(x, y));
    return add(max(x, y), log1p(exp(sub(0, abs(gap)))));
  },
  partials: [(x, y) => sigmoid(apart(x, y)), (x, y) => sigmoid(neg(apart(x, y)))],
  cost: 24,
  range: (x, y) => widen([Math.max(x[0], y[0]), Math.max(x[1], y[1]) + Math.LN2]),
});

/** log(e^x + e^y + e^w): slopes of a pair of pairs would cancel where one outweighs the others. */
export const logaddexp3 = ternary("logaddexp3", {
  program: (x, y, w) => logaddexpPair(logaddexpPair(x, y), w),
  partials: [(x, y, w) => share(x, y, w), (x, y, w) => share(y, x, w), (x, y, w) => share(w, x, y)],
  cost: 48,
});

/** log(e^x + e^y) without overflow; more than three operands are combined from left to right. */
export const logaddexp: Operation = Object.assign(
  (first: Operand, second: Operand, ...rest: Operand[]): Expr =>
    rest.length === 1
      ? logaddexp3(first, second, rest[0]!)
      : rest.reduce((result: Expr, operand) => logaddexpPair(result, operand), logaddexpPair(first, second)),
  { primitive: logaddexpPair.primitive },
);

/** x less the largest of several numbers; an infinite one has no distance from itself. */
export function belowLargest(x: Expr, largest: Expr): Expr {
  return select(or(notEqual(x, largest), isFiniteReal(largest)), sub(x, largest), 0);
}

/** e^x, and the sum of e^y and e^w, over the largest of the three. */
function weights(x: Expr, y: Expr, w: Expr) {
  const largest = max(x, max(y, w));
  const [first, ...others] = [x, y, w].map((each) => exp(belowLargest(each, largest))) as [Expr, Expr, Expr];
  return { first, others: add(...others) };
}

/** e^x over e^x + e^y + e^w. */
export const share = ternary("share", {
  program: (x, y, w) => {
    const { first, others } = weights(x, y, w);
    return proportion(first, others);
  },
  partials: [
    (x, y, w) => shareSlope(x, y, w),
    (x, y, w) => neg(shareProduct(x, y, w)),
    (x, y, w) => neg(shareProduct(x, w, y)),
  ],
  cost: 36,
  range: () => unit,
});

/** e^y + e^w over e^x + e^y + e^w: 1 - share, also where the share is nearly 1. */
export const otherShares = ternary("otherShares", {
  program: (x, y, w) => {
    const { first, others } = weights(x, y, w);
    return proportion(others, first);
  },
  partials: [
    (x, y, w) => neg(shareSlope(x, y, w)),
    (x, y, w) => shareProduct(x, y, w),
    (x, y, w) => shareProduct(x, w, y),
  ],
  cost: 36,
  range: () => unit,
});

/**
 * How far x exceeds what the others weigh together: its share is a sigmoid of it. Of large numbers the distances from the largest lose
 * nothing; infinities that are equal weigh the same.
 */
function distance(x: Expr, y: Expr, w: Expr): Expr {
  const largest = max(x, max(y, w));
  const below = (each: Expr) => belowLargest(each, largest);
  return sub(below(x), logaddexpPair(below(y), below(w)));
}

/** How far the share of x exceeds the others': as a difference it would cancel where they are nearly equal. */
const lead = (x: Expr, y: Expr, w: Expr) => tanh(mul(0.5, distance(x, y, w)));

/** The share of x times the others'. */
export const shareSlope = ternary("shareSlope", {
  program: (x, y, w) => sigmoidSlope(distance(x, y, w)),
  partials: [
    (x, y, w, z) => neg(mul(z, lead(x, y, w))),
    (x, y, w) => mul(shareProduct(x, y, w), lead(x, y, w)),
    (x, y, w) => mul(shareProduct(x, w, y), lead(x, y, w)),
  ],
  cost: 40,
  range: (): Interval => [0, 0.25],
});

/** The share of x times that of y. */
export const shareProduct = ternary("shareProduct", {
  program: (x, y, w) => mul(share(x, y, w), share(y, x, w)),
  partials: [
    (x, y, w, z) => neg(mul(z, lead(x, y, w))),
    (x, y, w, z) => neg(mul(z, lead(y, x, w))),
    (x, y, w, z) => mul(-2, mul(z, share(w, x, y))),
  ],
  cost: 74,
  range: (): Interval => [0, 0.26],
});

/** The logarithm of a share, as softmax enters losses. */
export const logShare = ternary("logShare", {
  program: (x, y, w) => {
    const largest = max(x, max(y, w));
    const total = add(exp(sub(x, largest)), exp(sub(y, largest)), exp(sub(w, largest)));
    const weighed = add(exp(sub(y, x)), exp(sub(w, x)));
    return select(equal(x, largest), neg(log1p(weighed)), sub(sub(x, largest), log(total)));
  },
  partials: [(x, y, w) => otherShares(x, y, w), (x, y, w) => neg(share(y, x, w)), (x, y, w) => neg(share(w, x, y))],
  cost: 45,
  range: (): Interval => [Number.NEGATIVE_INFINITY, 0],
});
