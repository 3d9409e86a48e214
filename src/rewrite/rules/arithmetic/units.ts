import type { Expr } from "../../../ir/graph.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../../../ops/elementary/algebra.ts";
import { isMap } from "../../../ops/maps.ts";
import { finite, neverNegativeZero, nonZero, valueWhere } from "../../forms/conditions.ts";
import { type Bindings, c, d, evaluated, number, x, y } from "../../pattern.ts";
import { type Condition, type Rule, type Rules, rule } from "../../rule.ts";

const isPowerOfTwo = (value: number) => {
  const inverse = 1 / value;
  // both are normal numbers, and multiplying by either is exact where dividing by the other is
  return (
    Number.isFinite(inverse) &&
    Math.abs(value) >= 2 ** -1022 &&
    Math.abs(inverse) >= 2 ** -1022 &&
    Number.isInteger(Math.log2(Math.abs(value)))
  );
};

/**
 * Constants whose product is 0 or overflows stay as they are: two would change places for ever, and every product in a chain would
 * have those of all others pass.
 */
const outwards = {
  once: [mul(x, c)],
  where: (of: Bindings) =>
    of(y).kind !== "constant" && !(isMap(of(x), mul) && of(x).operands.some(({ kind }) => kind === "constant")),
};

/** Of constants that differ by more, the sum loses digits of the smaller one, which the larger one may be less something near it. */
const mostApart = 2 ** 10;

/** True of constants whose sum may take their place. */
const keepsDigits =
  (first: Expr, second: Expr): Condition =>
  (of) => {
    const [a, b] = [evaluated(first, of), evaluated(second, of)];
    const [small, large] = [Math.min(Math.abs(a), Math.abs(b)), Math.max(Math.abs(a), Math.abs(b))];
    return (a + b - a === b && a + b - b === a) || large <= mostApart * small;
  };

/** A multiple by what constants make, unless that is 0 or overflows where the factors one by one do not. */
const multiple = (left: Expr, of: Expr, factor: Expr, once: readonly Expr[] = []): Rule =>
  rule(left, mul(of, factor), { once, where: valueWhere(factor, (value) => value !== 0 && Number.isFinite(value)) });

/** Neutral elements, signs, and constants on their way outwards. */
export const unitRules: Rules = {
  exact: [
    rule(mul(x, 1), x),
    rule(mul(x, -1), neg(x)),
    rule(div(1, x), reciprocal(x)),
    rule(div(x, c), mul(x, reciprocal(c)), {
      where: valueWhere(c, isPowerOfTwo),
    }),
    rule(add(x, -0), x),
    rule(sub(x, c), add(x, neg(c))),
    rule(sub(-0, x), neg(x)),
    rule(add(x, 0), x, { where: neverNegativeZero(x), name: "x plus zero" }),
    rule(neg(neg(x)), x),
    rule(sub(x, neg(y)), add(x, y)),
    rule(add(x, neg(y)), sub(x, y)),
    rule(sub(x, mul(y, c)), add(x, mul(y, neg(c))), {
      once: [mul(y, c)],
      where: valueWhere(c, (value) => value < 0),
    }),
    rule(mul(neg(x), neg(y)), mul(x, y)),
    rule(div(neg(x), neg(y)), div(x, y)),
    rule(square(neg(x)), square(x)),
    rule(mul(neg(x), c), mul(x, neg(c))),
    rule(neg(mul(x, c)), mul(x, neg(c)), {
      once: [mul(x, c)],
    }),
    rule(mul(neg(x), y), neg(mul(x, y)), { once: [neg(x)] }),
    rule(div(neg(x), y), neg(div(x, y)), { once: [neg(x)] }),
    rule(div(x, neg(y)), neg(div(x, y)), { once: [neg(y)] }),
    rule(reciprocal(neg(x)), neg(reciprocal(x)), { once: [neg(x)] }),
    rule(mul(x, x), square(x)),
  ],
  stable: [
    rule(mul(x, reciprocal(y)), div(x, y), { once: [reciprocal(y)] }),
    rule(div(x, reciprocal(y)), mul(x, y)),
    rule(reciprocal(reciprocal(x)), x),
    rule(reciprocal(div(x, y)), div(y, x), { once: [div(x, y)] }),
  ],
  real: [
    rule(add(x, 0), x),
    rule(sub(0, x), neg(x)),
    rule(mul(x, 0), number(0), { where: finite(x) }),
    rule(neg(sub(x, y)), sub(y, x), { once: [sub(x, y)] }),
    rule(sub(neg(x), y), neg(add(x, y)), { once: [neg(x)] }),
    rule(add(add(x, c), d), add(x, add(c, d)), { where: keepsDigits(c, d) }),
    rule(sub(c, add(x, d)), sub(sub(c, d), x), { where: keepsDigits(c, neg(d)) }),
    rule(add(c, sub(d, x)), sub(add(c, d), x), { where: keepsDigits(c, d) }),
    multiple(mul(mul(x, c), d), x, mul(c, d)),
    multiple(mul(div(x, c), d), x, div(d, c)),
    multiple(div(mul(x, c), d), x, div(c, d)),
    rule(mul(mul(x, c), y), mul(mul(x, y), c), outwards),
    rule(div(mul(x, c), y), mul(div(x, y), c), outwards),
    multiple(square(mul(x, c)), square(x), square(c), [mul(x, c)]),
    multiple(div(x, mul(y, c)), div(x, y), reciprocal(c), [mul(y, c)]),
    rule(mul(div(x, y), y), x, { where: nonZero(y) }),
    rule(div(mul(x, y), y), x, { where: nonZero(y), name: "product over its factor" }),
    multiple(reciprocal(mul(x, c)), reciprocal(x), reciprocal(c), [mul(x, c)]),
    rule(div(x, x), number(1), {
      where: nonZero(x),
      name: "x over itself",
    }),
  ],
};
