import type { Expr } from "../../ir/graph.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../../ops/algebra.ts";
import { constantLike, constantOf, finite, neverNegativeZero, nonZero, valueWhere } from "../forms/conditions.ts";
import { isMap } from "../forms/nodes.ts";
import { type Bindings, c, d, x, y } from "../pattern.ts";
import { type Rules, rule } from "../rule.ts";

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
    of(y).kind !== "constant" &&
    !(isMap(of(x), mul.primitive) && of(x).operands.some(({ kind }) => kind === "constant")),
};

/** Neutral elements, signs, and constants on their way outwards. */
export const unitRules: Rules = {
  exact: [
    rule(mul(x, 1), x),
    rule(mul(x, -1), neg(x)),
    rule(div(x, 1), x),
    rule(div(x, -1), neg(x)),
    rule(div(1, x), reciprocal(x)),
    rule(div(x, c), (of) => mul(of(x), constantLike(1 / constantOf(of(c)), of(c))), {
      where: valueWhere(c, isPowerOfTwo),
    }),
    rule(add(x, -0), x),
    rule(sub(x, c), (of) => add(of(x), constantLike(-constantOf(of(c)), of(c)))),
    rule(sub(-0, x), neg(x)),
    rule(add(x, 0), x, { where: neverNegativeZero(x), name: "x plus zero" }),
    rule(neg(neg(x)), x),
    rule(sub(x, neg(y)), add(x, y)),
    rule(add(x, neg(y)), sub(x, y)),
    rule(sub(x, mul(y, c)), (of) => add(of(x), mul(of(y), constantLike(-constantOf(of(c)), of(c)))), {
      once: [mul(y, c)],
      where: valueWhere(c, (value) => value < 0),
    }),
    rule(mul(neg(x), neg(y)), mul(x, y)),
    rule(div(neg(x), neg(y)), div(x, y)),
    rule(square(neg(x)), square(x)),
    rule(mul(neg(x), c), (of) => mul(of(x), constantLike(-constantOf(of(c)), of(c)))),
    rule(neg(mul(x, c)), (of) => mul(of(x), constantLike(-constantOf(of(c)), of(c))), {
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
    rule(mul(x, 0), (of) => constantLike(0, of(x)), { where: finite(x) }),
    rule(neg(sub(x, y)), sub(y, x), { once: [sub(x, y)] }),
    rule(sub(neg(x), neg(y)), sub(y, x)),
    rule(sub(neg(x), y), neg(add(x, y)), { once: [neg(x)] }),
    rule(add(add(x, c), d), (of) => joined(of, (constant) => add(of(x), constant))),
    rule(sub(c, add(x, d)), (of) => joined(of, (constant) => sub(constant, of(x)), -1)),
    rule(add(c, sub(d, x)), (of) => joined(of, (constant) => sub(constant, of(x)))),
    rule(mul(mul(x, c), d), (of) => multiple(of(x), of(c), constantOf(of(c)) * constantOf(of(d)))),
    rule(mul(div(x, c), d), (of) => multiple(of(x), of(c), constantOf(of(d)) / constantOf(of(c)))),
    rule(div(mul(x, c), d), (of) => multiple(of(x), of(c), constantOf(of(c)) / constantOf(of(d)))),
    rule(mul(mul(x, c), y), mul(mul(x, y), c), outwards),
    rule(div(mul(x, c), y), mul(div(x, y), c), outwards),
    rule(square(mul(x, c)), (of) => multiple(square(of(x)), of(c), constantOf(of(c)) ** 2), {
      once: [mul(x, c)],
    }),
    rule(div(x, mul(y, c)), (of) => multiple(div(of(x), of(y)), of(c), 1 / constantOf(of(c))), {
      once: [mul(y, c)],
    }),
    rule(mul(div(x, y), y), x, { where: nonZero(y) }),
    rule(div(mul(x, y), y), x, { where: nonZero(y), name: "product over its factor" }),
    rule(reciprocal(mul(x, c)), (of) => multiple(reciprocal(of(x)), of(c), 1 / constantOf(of(c))), {
      once: [mul(x, c)],
    }),
    rule(div(x, x), (of) => constantLike(1, of(x)), {
      where: nonZero(x),
      name: "x over itself",
    }),
  ],
};

/** Of constants that differ by more, the sum loses digits of the smaller one, which the larger one may be less something near it. */
const mostApart = 2 ** 10;

/** What is made with c + d, or with c - d. */
function joined(of: Bindings, make: (constant: Expr) => Expr, sign = 1): Expr | undefined {
  const [a, b] = [constantOf(of(c)), sign * constantOf(of(d))];
  const [small, large] = [Math.min(Math.abs(a), Math.abs(b)), Math.max(Math.abs(a), Math.abs(b))];
  const keepsAll = a + b - a === b && a + b - b === a;
  return keepsAll || large <= mostApart * small ? make(constantLike(a + b, of(c))) : undefined;
}

/** x times a product of constants, unless that is 0 or overflows where the factors one by one do not. */
function multiple(x: Expr, like: Expr, value: number): Expr | undefined {
  return value !== 0 && Number.isFinite(value) ? mul(x, constantLike(value, like)) : undefined;
}
