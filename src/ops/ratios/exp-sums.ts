import type { Expr } from "../../ir/graph.ts";
import { binary, type Operation } from "../define.ts";
import { add, div, mul, neg, reciprocal, square } from "../elementary/algebra.ts";
import { greater, isFiniteReal, select } from "../elementary/comparison.ts";
import { exp, log, log1p } from "../elementary/exponential.ts";
import { nonNegative, unbounded } from "../elementary/interval.ts";
import { abs } from "../elementary/rounding.ts";

// Of x + e^y and 1 + x e^y, where e^y may overflow: logarithms, parts and reciprocal. Their slopes are products of each other, in
// which nothing cancels.

/** x e^-y in two steps, as e^-y alone may vanish. */
function scaled(x: Expr, y: Expr): Expr {
  const half = exp(mul(-0.5, y));
  return mul(mul(x, half), half);
}

interface Slopes {
  readonly partials: readonly [(x: Expr, y: Expr, z: Expr) => Expr, (x: Expr, y: Expr, z: Expr) => Expr];
}

/** One form where e^y is the larger, of x e^-y and y, and one where x is, of e^y / x and x. */
const expSum = (
  name: string,
  steep: (share: Expr, y: Expr) => Expr,
  flat: (share: Expr, x: Expr) => Expr,
  { partials }: Slopes,
): Operation =>
  binary(name, {
    domain: [nonNegative, unbounded],
    program: (x, y) => {
      const power = exp(y);
      return select(greater(abs(x), power), flat(div(power, x), x), steep(scaled(x, y), y));
    },
    partials,
    cost: 30,
  });

/** log(x + e^y). */
export const logPlusExp = expSum(
  "logPlusExp",
  (t, y) => add(y, log1p(t)),
  (t, x) => add(log(x), log1p(t)),
  { partials: [(x, y) => reciprocalPlusExp(x, y), (x, y) => shareOfExp(x, y)] },
);

/** e^y / (x + e^y). */
export const shareOfExp: Operation = expSum(
  "shareOfExp",
  (t) => reciprocal(add(1, t)),
  (t) => div(t, add(1, t)),
  { partials: [(x, y, z) => neg(mul(z, reciprocalPlusExp(x, y))), (x, y, z) => mul(z, shareBesideExp(x, y))] },
);

/** x / (x + e^y). */
export const shareBesideExp: Operation = expSum(
  "shareBesideExp",
  (t) => div(t, add(1, t)),
  (t) => reciprocal(add(1, t)),
  {
    partials: [(x, y) => mul(shareOfExp(x, y), reciprocalPlusExp(x, y)), (x, y, z) => neg(mul(z, shareOfExp(x, y)))],
  },
);

/** 1 / (x + e^y). */
export const reciprocalPlusExp: Operation = expSum(
  "reciprocalPlusExp",
  (t, y) => div(exp(neg(y)), add(1, t)),
  (t, x) => reciprocal(add(x, mul(x, t))),
  { partials: [(_x, _y, z) => neg(square(z)), (x, y, z) => neg(mul(z, shareOfExp(x, y)))] },
);

/** log(1 + x e^y). */
export const log1pTimesExp = binary("log1pTimesExp", {
  domain: [nonNegative, unbounded],
  program: (x, y) => {
    const product = mul(x, exp(y));
    return select(isFiniteReal(product), log1p(product), add(log(x), y));
  },
  partials: [(x, y) => reciprocalPlusExp(x, neg(y)), (x, y) => shareBesideExp(x, neg(y))],
  cost: 40,
});
