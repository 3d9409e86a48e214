import type { Expr } from "../../ir/graph.ts";
import { binary, ternary } from "../define.ts";
import { div, mul, neg, reciprocal, sub } from "../elementary/algebra.ts";
import { and, greater, less, select } from "../elementary/comparison.ts";
import { log } from "../elementary/exponential.ts";
import { nonNegative } from "../elementary/interval.ts";
import { abs } from "../elementary/rounding.ts";

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
