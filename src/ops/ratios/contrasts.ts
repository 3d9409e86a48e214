import type { Expr } from "../../ir/graph.ts";
import { binary } from "../define.ts";
import { add, div, mul, neg, square, sub } from "../elementary/algebra.ts";
import { greater, isFiniteReal, less, select } from "../elementary/comparison.ts";
import { nonNegative, unbounded } from "../elementary/interval.ts";
import { sqrt } from "../elementary/powers.ts";
import { abs } from "../elementary/rounding.ts";
import { proportion } from "./ratios.ts";

/** (x - y) / (x + y); of the quotient rule's difference one term is left. */
export const contrast = binary("contrast", {
  units: "a, a -> 1",
  program: (x, y) => {
    const [flat, steep] = [div(y, x), div(x, y)];
    const near = div(sub(x, y), add(x, y));
    const far = select(less(abs(steep), 0.5), div(sub(steep, 1), add(steep, 1)), near);
    return select(less(abs(flat), 0.5), div(sub(1, flat), add(1, flat)), far);
  },
  partials: [(x, y) => mul(2, div(proportion(y, x), add(x, y))), (x, y) => mul(-2, div(proportion(x, y), add(x, y)))],
  cost: 6,
});

/** sqrt(x^2 + y) - x: of a small y nothing cancels. */
export const rootExcess = binary("rootExcess", {
  units: "a, a^2 -> a",
  domain: [unbounded, nonNegative],
  program: (x, y) => {
    const root = rootOfSum(x, y);
    return select(greater(x, 0), div(y, add(root, x)), sub(root, x));
  },
  // where x is most of the root the slope is as small as the difference
  partials: [
    (x, y, z) => {
      const root = rootOfSum(x, y);
      return select(greater(mul(2, x), root), neg(div(z, root)), sub(div(x, root), 1));
    },
    (x, y) => div(0.5, rootOfSum(x, y)),
  ],
  cost: 8,
});

/** sqrt(x^2 + y), where the square may overflow. */
export function rootOfSum(x: Expr, y: Expr): Expr {
  const sum = add(square(x), y);
  return select(isFiniteReal(sum), sqrt(sum), mul(abs(x), sqrt(add(1, div(div(y, x), x)))));
}
