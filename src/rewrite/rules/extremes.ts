import { relu } from "../../ops/activation.ts";
import { div, mul, neg, square } from "../../ops/algebra.ts";
import { clamp, equal, max, min, select } from "../../ops/comparison.ts";
import { abs, ceil, floor, round, sign, step, trunc } from "../../ops/rounding.ts";
import {
  atMost,
  below,
  between,
  both,
  constantLike,
  neverNegativeZero,
  nonNegative,
  nonPositive,
  onNonNegative,
  onPositive,
  positive,
} from "../conditions.ts";
import { c, d, x, y } from "../pattern.ts";
import { type Rule, type Rules, rule } from "../rule.ts";

const apart = [between(x, -8, -1), between(y, 1, 8)] as const;
const touching = [between(x, -8, 1), between(y, 1, 8)] as const;
const whole = [floor, ceil, trunc, round];

const inside = both(atMost(c, x), atMost(x, d));

const roundingRules = whole.flatMap((outer): Rule[] =>
  whole.map((inner) => rule(`${outer.primitive.name} of ${inner.primitive.name}`, outer(inner(x)), inner(x))),
);

/** max, min, clamp, |x|, relu and rounding. Ties and kinks decide the phase of a rule. */
export const extremeRules: Rules = {
  exact: [
    rule("max of equals", max(x, x), x),
    rule("min of equals", min(x, x), x),
    rule("max of negations", max(neg(x), neg(y)), neg(min(x, y)), { once: [neg(x), neg(y)] }),
    rule("min of negations", min(neg(x), neg(y)), neg(max(x, y)), { once: [neg(x), neg(y)] }),
    rule("max with an operand again", max(max(x, y), y), max(x, y), { phase: "last" }),
    rule("min with an operand again", min(min(x, y), y), min(x, y), { phase: "last" }),
    rule("clamp of what lies inside", clamp(x, c, d), x, {
      where: both(inside, neverNegativeZero(x)),
      domain: [between(x, 0.5, 1), between(c, 0, 0.25), between(d, 2, 4)],
    }),
    rule("size of a positive", abs(x), x, { where: positive(x), domain: [onPositive(x)] }),
    rule("size of a non-negative", abs(x), x, {
      where: both(nonNegative(x), neverNegativeZero(x)),
      domain: [onNonNegative(x)],
      phase: "last",
    }),
    rule("size of a negation", abs(neg(x)), abs(x)),
    rule("size of a size", abs(abs(x)), abs(x)),
    rule("size of a square", abs(square(x)), square(x)),
    rule("square of a size", square(abs(x)), square(x)),
    rule("x times its sign", mul(x, sign(x)), abs(x)),
    rule("relu of a positive", relu(x), x, { where: positive(x), domain: [onPositive(x)] }),
    rule("relu of relu", relu(relu(x)), relu(x)),
    rule("sign of sign", sign(sign(x)), sign(x)),
    rule("step of step", step(step(x)), step(x)),
    ...roundingRules,
  ],
  real: [
    rule("x over its size", div(x, abs(x)), select(equal(x, 0), Number.NaN, sign(x)), { domain: [onPositive(x)] }),
    rule("size over x", div(abs(x), x), select(equal(x, 0), Number.NaN, sign(x)), { domain: [onPositive(x)] }),
    rule("max that is decided", max(x, y), y, { where: below(x, y), domain: apart }),
    rule("min that is decided", min(x, y), x, { where: below(x, y), domain: apart }),
    rule("max that may tie", max(x, y), y, { where: atMost(x, y), domain: touching, phase: "last" }),
    rule("min that may tie", min(x, y), x, { where: atMost(x, y), domain: touching, phase: "last" }),
    rule("clamp of what lies between", clamp(x, c, d), x, {
      where: inside,
      domain: [between(x, -1, 1), between(c, -4, -2), between(d, 2, 4)],
    }),
    rule("size of a negative", abs(x), neg(x), {
      where: nonPositive(x),
      domain: [between(x, -8, -0.5)],
      phase: "last",
    }),
    rule("relu of a non-negative", relu(x), x, { where: nonNegative(x), domain: [onNonNegative(x)], phase: "last" }),
    rule("relu of a non-positive", relu(x), (of) => constantLike(0, of(x)), {
      where: nonPositive(x),
      domain: [between(x, -8, 0)],
    }),
  ],
};
