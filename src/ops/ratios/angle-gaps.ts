import type { Expr } from "../../ir/graph.ts";
import { binary } from "../define.ts";
import { add, div, mul, neg, sub } from "../elementary/algebra.ts";
import { greater, less, select } from "../elementary/comparison.ts";
import { atanh, atanhSlope } from "../elementary/hyperbolic.ts";
import { symmetricUnit } from "../elementary/interval.ts";
import { abs } from "../elementary/rounding.ts";
import { cos, sin } from "../elementary/trigonometric.ts";

// Differences of angles at two points, beside those in gaps.ts.

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
