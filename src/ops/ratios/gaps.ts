import type { Expr } from "../../ir/graph.ts";
import { binary, ternary } from "../define.ts";
import { add, div, mul, neg, reciprocal, sub } from "../elementary/algebra.ts";
import { and, greater, less, select } from "../elementary/comparison.ts";
import { log } from "../elementary/exponential.ts";
import { atanh, atanhSlope } from "../elementary/hyperbolic.ts";
import { nonNegative, symmetricUnit } from "../elementary/interval.ts";
import { abs } from "../elementary/rounding.ts";
import { cos, sin } from "../elementary/trigonometric.ts";

/** x - y: where it cancels, by a value that is the same and in which nothing does. */
export const differenceAs = ternary("differenceAs", {
  units: "a, a, a -> a",
  program: (x, y, value) => {
    const difference = sub(x, y);
    return select(isLost(difference, x), value, difference);
  },
  partials: [
    (x, y) => select(isLost(sub(x, y), x), 0, x.graph.constantLike(1, x)),
    (x, y) => select(isLost(sub(x, y), x), 0, -1),
    (x, y) => select(isLost(sub(x, y), x), x.graph.constantLike(1, x), 0),
  ],
  cost: 4,
});

/** Less than half of x is left. */
const isLost = (difference: Expr, x: Expr) => less(abs(difference), mul(0.5, abs(x)));

// Differences of a function at two points, whose slopes are those of the function at each of them: for quotients of
// differences, where the points are too far apart for a form in which nothing cancels.

/** log x - log y, by the quotient where it is of ordinary size. */
export const logGap = binary("logGap", {
  units: "a, a -> 1",
  domain: [nonNegative, nonNegative],
  program: (x, y) => {
    const ratio = div(x, y);
    const isOrdinary = and(greater(ratio, 1e-300), less(ratio, 1e300), greater(x, 0));
    return select(isOrdinary, log(ratio), sub(log(x), log(y)));
  },
  partials: [(x) => reciprocal(x), (_x, y) => neg(reciprocal(y))],
  cost: 14,
});

const gap = (name: string, f: (x: Expr) => Expr, slope: (x: Expr) => Expr) =>
  binary(name, {
    program: (x, y) => sub(f(x), f(y)),
    partials: [(x) => slope(x), (_x, y) => neg(slope(y))],
    cost: 21,
    range: () => [-2, 2],
  });

/** artanh x - artanh y, by the addition theorem where the two are near each other. */
export const atanhGap = binary("atanhGap", {
  domain: [symmetricUnit, symmetricUnit],
  program: (x, y) => {
    const difference = sub(x, y);
    // 1 - x y, of numbers near 1 or -1 by what they are less than that
    const [below, above] = [add(sub(1, x), mul(x, sub(1, y))), sub(add(1, x), mul(x, add(1, y)))];
    const rest = select(greater(x, 0), below, above);
    return select(less(abs(difference), mul(0.5, rest)), atanh(div(difference, rest)), sub(atanh(x), atanh(y)));
  },
  partials: [(x) => atanhSlope(x), (_x, y) => neg(atanhSlope(y))],
  cost: 30,
});

export const sinGap = gap("sinGap", sin, cos);
export const cosGap = gap("cosGap", cos, (x) => neg(sin(x)));
