import type { Expr } from "../../ir/graph.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../../ops/algebra.ts";
import {
  between,
  constantLike,
  constantOf,
  finite,
  neverNegativeZero,
  nonZero,
  onPositive,
  valueWhere,
} from "../conditions.ts";
import { c, d, x, y } from "../pattern.ts";
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

/** Neutral elements, signs, and constants on their way outwards. */
export const unitRules: Rules = {
  exact: [
    rule("x times one", mul(x, 1), x),
    rule("x times minus one", mul(x, -1), neg(x)),
    rule("x over one", div(x, 1), x),
    rule("x over minus one", div(x, -1), neg(x)),
    rule("one over x", div(1, x), reciprocal(x)),
    rule("quotient by a power of two", div(x, c), (of) => mul(of(x), constantLike(1 / constantOf(of(c)), of(c))), {
      where: valueWhere(c, isPowerOfTwo),
    }),
    rule("x plus minus zero", add(x, -0), x),
    rule("x minus a constant", sub(x, c), (of) => add(of(x), constantLike(-constantOf(of(c)), of(c)))),
    rule("minus zero minus x", sub(-0, x), neg(x)),
    rule("x plus zero", add(x, 0), x, { where: neverNegativeZero(x), domain: [onPositive(x)] }),
    rule("negation of a negation", neg(neg(x)), x),
    rule("minus a negation", sub(x, neg(y)), add(x, y)),
    rule("plus a negation", add(x, neg(y)), sub(x, y)),
    rule(
      "minus a negative multiple",
      sub(x, mul(y, c)),
      (of) => add(of(x), mul(of(y), constantLike(-constantOf(of(c)), of(c)))),
      {
        once: [mul(y, c)],
        where: valueWhere(c, (value) => value < 0),
      },
    ),
    rule("product of negations", mul(neg(x), neg(y)), mul(x, y)),
    rule("quotient of negations", div(neg(x), neg(y)), div(x, y)),
    rule("square of a negation", square(neg(x)), square(x)),
    rule("multiple of a negation", mul(neg(x), c), (of) => mul(of(x), constantLike(-constantOf(of(c)), of(c)))),
    rule("negation of a multiple", neg(mul(x, c)), (of) => mul(of(x), constantLike(-constantOf(of(c)), of(c))), {
      once: [mul(x, c)],
    }),
    rule("product with a negation", mul(neg(x), y), neg(mul(x, y)), { once: [neg(x)] }),
    rule("quotient of a negation", div(neg(x), y), neg(div(x, y)), { once: [neg(x)] }),
    rule("quotient by a negation", div(x, neg(y)), neg(div(x, y)), { once: [neg(y)] }),
    rule("reciprocal of a negation", reciprocal(neg(x)), neg(reciprocal(x)), { once: [neg(x)] }),
    rule("square as a product", mul(x, x), square(x)),
  ],
  stable: [
    rule("product with a reciprocal", mul(x, reciprocal(y)), div(x, y), { once: [reciprocal(y)] }),
    rule("quotient by a reciprocal", div(x, reciprocal(y)), mul(x, y)),
    rule("reciprocal of a reciprocal", reciprocal(reciprocal(x)), x),
    rule("reciprocal of a quotient", reciprocal(div(x, y)), div(y, x), { once: [div(x, y)] }),
  ],
  real: [
    rule("x plus positive zero", add(x, 0), x),
    rule("zero minus x", sub(0, x), neg(x)),
    rule("zero times x", mul(x, 0), (of) => constantLike(0, of(x)), { where: finite(x) }),
    rule("negation of a difference", neg(sub(x, y)), sub(y, x), { once: [sub(x, y)] }),
    rule("difference of negations", sub(neg(x), neg(y)), sub(y, x)),
    rule("negation minus y", sub(neg(x), y), neg(add(x, y)), { once: [neg(x)] }),
    rule("constant of a sum with a constant", add(add(x, c), d), (of) =>
      add(of(x), constantLike(constantOf(of(c)) + constantOf(of(d)), of(c))),
    ),
    rule("constant minus a sum with a constant", sub(c, add(x, d)), (of) =>
      sub(constantLike(constantOf(of(c)) - constantOf(of(d)), of(c)), of(x)),
    ),
    rule("constant plus a constant minus x", add(c, sub(d, x)), (of) =>
      sub(constantLike(constantOf(of(c)) + constantOf(of(d)), of(c)), of(x)),
    ),
    rule("multiple of a multiple", mul(mul(x, c), d), (of) =>
      multiple(of(x), of(c), constantOf(of(c)) * constantOf(of(d))),
    ),
    rule("multiple of a quotient by a constant", mul(div(x, c), d), (of) =>
      multiple(of(x), of(c), constantOf(of(d)) / constantOf(of(c))),
    ),
    rule("quotient of a multiple by a constant", div(mul(x, c), d), (of) =>
      multiple(of(x), of(c), constantOf(of(c)) / constantOf(of(d))),
    ),
    rule("product with a multiple", mul(mul(x, c), y), mul(mul(x, y), c), { once: [mul(x, c)] }),
    rule("quotient of a multiple", div(mul(x, c), y), mul(div(x, y), c), { once: [mul(x, c)] }),
    rule("square of a multiple", square(mul(x, c)), (of) => multiple(square(of(x)), of(c), constantOf(of(c)) ** 2), {
      once: [mul(x, c)],
    }),
    rule(
      "quotient by a multiple",
      div(x, mul(y, c)),
      (of) => multiple(div(of(x), of(y)), of(c), 1 / constantOf(of(c))),
      {
        once: [mul(y, c)],
        domain: [onPositive(y), between(c, 0.5, 4)],
      },
    ),
    rule("quotient times its divisor", mul(div(x, y), y), x, { where: nonZero(y), domain: [onPositive(y)] }),
    rule("product over its factor", div(mul(x, y), y), x, { where: nonZero(y), domain: [onPositive(y)] }),
    rule(
      "reciprocal of a multiple",
      reciprocal(mul(x, c)),
      (of) => multiple(reciprocal(of(x)), of(c), 1 / constantOf(of(c))),
      { once: [mul(x, c)], domain: [onPositive(x), between(c, 0.5, 4)] },
    ),
    rule("x over itself", div(x, x), (of) => constantLike(1, of(x)), {
      where: nonZero(x),
      domain: [between(x, 0.5, 8)],
    }),
  ],
};

/** x times a product of constants, unless that is 0 or overflows where the factors one by one do not. */
function multiple(x: Expr, like: Expr, value: number): Expr | undefined {
  return value !== 0 && Number.isFinite(value) ? mul(x, constantLike(value, like)) : undefined;
}
