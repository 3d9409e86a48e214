import { add, div, mul, neg, reciprocal, square, sub } from "../../ops/algebra.ts";
import { x, y } from "../pattern.ts";
import { type Rules, rule } from "../rule.ts";

/** Neutral elements and signs. */
export const unitRules: Rules = {
  exact: [
    rule("x times one", mul(x, 1), x),
    rule("x times minus one", mul(x, -1), neg(x)),
    rule("x over one", div(x, 1), x),
    rule("x over minus one", div(x, -1), neg(x)),
    rule("one over x", div(1, x), reciprocal(x)),
    rule("x plus minus zero", add(x, -0), x),
    rule("x minus zero", sub(x, 0), x),
    rule("minus zero minus x", sub(-0, x), neg(x)),
    rule("x plus zero", add(x, 0), x, { where: (of, { facts }) => facts.isNeverNegativeZero(of(x)) }),
    rule("negation of negation", neg(neg(x)), x),
    rule("minus a negation", sub(x, neg(y)), add(x, y)),
    rule("plus a negation", add(x, neg(y)), sub(x, y)),
    rule("negated factors", mul(neg(x), neg(y)), mul(x, y)),
    rule("negated factor", mul(neg(x), y), neg(mul(x, y)), { once: [neg(x)] }),
    rule("negated dividend", div(neg(x), y), neg(div(x, y)), { once: [neg(x)] }),
    rule("negated divisor", div(x, neg(y)), neg(div(x, y)), { once: [neg(y)] }),
    rule("reciprocal of a negation", reciprocal(neg(x)), neg(reciprocal(x)), { once: [neg(x)] }),
    rule("square of a negation", square(neg(x)), square(x)),
    rule("square as a product", mul(x, x), square(x)),
    rule("negations of a quotient", div(neg(x), neg(y)), div(x, y)),
  ],
  real: [rule("x plus positive zero", add(x, 0), x), rule("zero minus x", sub(0, x), neg(x))],
};
