import type { Expr } from "../../ir/graph.ts";
import { unary } from "../define.ts";
import { add, mul, square, sub } from "../elementary/algebra.ts";
import { less, select } from "../elementary/comparison.ts";
import { exp } from "../elementary/exponential.ts";
import { unit } from "../elementary/interval.ts";
import { abs, floor } from "../elementary/rounding.ts";
import { faded } from "../ratios/faded.ts";

/** x to the nearest sixteenth: its square is exact up to |x| = 2^22, and what is left over is small. */
const sixteenths = (x: Expr) => mul(floor(add(mul(16, x), 0.5)), 1 / 16);

/** e^(scale x^2); the square is split, so that its rounding does not grow into the result. */
export function expOfSquare(x: Expr, scale: 1 | -1 | -0.5): Expr {
  const near = sixteenths(x);
  const rest = mul(sub(x, near), add(x, near));
  const split = mul(exp(mul(scale, square(near))), exp(mul(scale, rest)));
  return select(less(abs(x), 40), split, exp(mul(scale, square(x))));
}

export const gaussian = unary("gaussian", {
  program: (x) => expOfSquare(x, -1),
  partial: (x, z) => mul(-2, faded(z, x)),
  cost: 26,
  range: () => unit,
});
