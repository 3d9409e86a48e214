import type { Expr } from "../ir/graph.ts";
import type { Interval } from "../ir/primitive.ts";
import { sigmoid } from "./activation.ts";
import { add, div, mul, neg, reciprocal, sub } from "./algebra.ts";
import { and, equal, greater, isFiniteReal, max, notEqual, or, select } from "./comparison.ts";
import { binary, folded, ternary } from "./define.ts";
import { exp, log, log1p } from "./exponential.ts";
import { unbounded, unit, widen } from "./interval.ts";
import { abs } from "./rounding.ts";

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

/** log(e^x + e^y) without overflow; more operands are combined from left to right. */
export const logaddexp = folded("logaddexp", {
  isCommutative: true,
  program: (x, y) => {
    // equal infinities have no difference
    const gap = select(equal(x, y), 0, sub(x, y));
    return add(max(x, y), log1p(exp(sub(0, abs(gap)))));
  },
  partials: [(x, y) => sigmoid(sub(x, y)), (x, y) => sigmoid(sub(y, x))],
  cost: 24,
  range: (x, y) => widen([Math.max(x[0], y[0]), Math.max(x[1], y[1]) + Math.LN2]),
});

/** How much e^y and e^w weigh against e^x. */
const weighed = (x: Expr, y: Expr, w: Expr) => add(exp(sub(y, x)), exp(sub(w, x)));

/** e^x over e^x + e^y + e^w. Its slopes are products of shares, and so are theirs: of three exponentials nothing cancels. */
export const share = ternary("share", {
  program: (x, y, w) => reciprocal(add(1, weighed(x, y, w))),
  partials: [
    (x, y, w, z) => mul(z, add(share(y, x, w), share(w, x, y))),
    (x, y, w, z) => neg(mul(z, share(y, x, w))),
    (x, y, w, z) => neg(mul(z, share(w, x, y))),
  ],
  cost: 24,
  range: () => unit,
});

/** The logarithm of a share, as softmax enters losses. */
export const logShare = ternary("logShare", {
  program: (x, y, w) => {
    const largest = max(x, max(y, w));
    const total = add(exp(sub(x, largest)), exp(sub(y, largest)), exp(sub(w, largest)));
    return select(equal(x, largest), neg(log1p(weighed(x, y, w))), sub(sub(x, largest), log(total)));
  },
  partials: [
    (x, y, w) => add(share(y, x, w), share(w, x, y)),
    (x, y, w) => neg(share(y, x, w)),
    (x, y, w) => neg(share(w, x, y)),
  ],
  cost: 45,
  range: (): Interval => [Number.NEGATIVE_INFINITY, 0],
});
