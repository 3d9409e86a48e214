import type { Expr } from "../../ir/graph.ts";
import { binary } from "../define.ts";
import { add, div, mul, neg, square, sub } from "./algebra.ts";
import { greater, less, select } from "./comparison.ts";
import { nonNegative } from "./interval.ts";
import { sqrt } from "./powers.ts";
import { abs, sign } from "./rounding.ts";

// Of a right triangle with the hypotenuse x and a leg y, |x| >= |y|: the other leg, and what it is differentiated into. Squares of x
// and y would overflow, vanish or cancel where these are plain numbers.

const binaryLength = { units: "a, a -> a" };
const binaryQuotient = { units: "a, a -> 1" };

/** One form where y is small beside x, of y / x and the root of 1 - (y/x)^2, and one where it is not. */
function byRatio(x: Expr, y: Expr, small: (ratio: Expr, root: Expr) => Expr, large: Expr): Expr {
  const ratio = div(y, x);
  return select(less(abs(ratio), 0.5), small(ratio, sqrt(sub(1, square(ratio)))), large);
}

/** sqrt(x^2 - y^2). */
export const otherLeg = binary("otherLeg", {
  ...binaryLength,
  program: (x, y) => {
    const product = mul(sqrt(sub(abs(x), abs(y))), sqrt(add(abs(x), abs(y))));
    return byRatio(x, y, (_, root) => mul(abs(x), root), product);
  },
  partials: [(x, y) => hypotenuseShare(x, y), (x, y) => neg(legShare(x, y))],
  cost: 6,
  range: () => nonNegative,
});

/** x / sqrt(x^2 - y^2). */
export const hypotenuseShare = binary("hypotenuseShare", {
  ...binaryQuotient,
  program: (x, y) => byRatio(x, y, (_, root) => div(sign(x), root), div(x, otherLeg(x, y))),
  partials: [
    (x, y) => neg(div(square(legShare(x, y)), otherLeg(x, y))),
    (x, y, z) => div(mul(z, legShare(x, y)), otherLeg(x, y)),
  ],
  cost: 8,
});

/** y / sqrt(x^2 - y^2). */
export const legShare = binary("legShare", {
  ...binaryQuotient,
  program: (x, y) => byRatio(x, y, (ratio, root) => div(mul(sign(x), ratio), root), div(y, otherLeg(x, y))),
  partials: [
    (x, y, z) => neg(div(mul(z, hypotenuseShare(x, y)), otherLeg(x, y))),
    (x, y) => div(square(hypotenuseShare(x, y)), otherLeg(x, y)),
  ],
  cost: 8,
});

/** x - sqrt(x^2 - y^2): of a small y nothing cancels, and no slope does. */
export const hypotenuseExcess = binary("hypotenuseExcess", {
  ...binaryLength,
  program: (x, y): Expr => {
    const leg = otherLeg(x, y);
    return select(greater(x, 0), mul(y, div(y, add(x, leg))), sub(x, leg));
  },
  partials: [(x, y, z) => neg(div(z, otherLeg(x, y))), (x, y) => legShare(x, y)],
  cost: 10,
});
