import { add, div, mul, neg, square, sub } from "../../../ops/elementary/algebra.ts";
import { clamp, max, min, notEqual } from "../../../ops/elementary/comparison.ts";
import { abs, ceil, floor, round, sign, step, trunc } from "../../../ops/elementary/rounding.ts";
import { relu } from "../../../ops/special/activation.ts";
import {
  atMost,
  below,
  both,
  neverNegativeZero,
  nonNegative,
  nonPositive,
  orNaN,
  positive,
} from "../../forms/conditions.ts";
import { c, d, number, x, y } from "../../pattern.ts";
import { type Rule, type Rules, rule } from "../../rule.ts";

const whole = [floor, ceil, trunc, round];

const inside = both(atMost(c, x), atMost(x, d));

const roundingRules = whole.flatMap((outer): Rule[] => whole.map((inner) => rule(outer(inner(x)), inner(x))));

/** max, min, clamp, |x|, relu and rounding. Ties and kinks decide the phase of a rule. */
export const extremeRules: Rules = {
  exact: [
    ...(
      [
        [max, min],
        [min, max],
      ] as const
    ).flatMap(([f, g]) => [
      rule(f(x, x), x),
      rule(f(neg(x), neg(y)), neg(g(x, y)), { once: [neg(x), neg(y)] }),
      rule(f(f(x, y), y), f(x, y), { phase: "last" }),
    ]),
    // as sizes they are known to be even: by their ties they would have no curvature in squares
    rule(max(x, neg(x)), abs(x)),
    rule(min(x, neg(x)), neg(abs(x))),
    rule(max(sub(x, y), sub(y, x)), abs(sub(x, y))),
    rule(sub(max(x, y), min(x, y)), abs(sub(x, y))),
    rule(add(relu(x), relu(neg(x))), abs(x)),
    rule(clamp(x, c, d), x, {
      where: both(inside, neverNegativeZero(x)),
    }),
    rule(abs(x), x, { where: positive(x) }),
    rule(abs(x), x, {
      name: "size of a non-negative",
      where: both(nonNegative(x), neverNegativeZero(x)),
      phase: "last",
    }),
    rule(abs(neg(x)), abs(x)),
    rule(abs(abs(x)), abs(x)),
    rule(abs(square(x)), square(x)),
    rule(square(abs(x)), square(x)),
    rule(mul(x, sign(x)), abs(x)),
    rule(relu(x), x, { where: positive(x) }),
    rule(relu(relu(x)), relu(x)),
    rule(sign(sign(x)), sign(x)),
    rule(step(step(x)), step(x)),
    ...roundingRules,
  ],
  real: [
    rule(div(x, abs(x)), orNaN(notEqual(x, 0), sign(x), x)),
    rule(div(abs(x), x), orNaN(notEqual(x, 0), sign(x), x)),
    rule(max(x, y), y, { where: below(x, y) }),
    rule(min(x, y), x, { where: below(x, y) }),
    rule(max(x, y), y, { where: atMost(x, y), name: "max that may tie", phase: "last" }),
    rule(min(x, y), x, { where: atMost(x, y), name: "min that may tie", phase: "last" }),
    rule(clamp(x, c, d), x, {
      name: "clamp of what lies between",
      where: inside,
    }),
    rule(abs(x), neg(x), {
      name: "size of a negative",
      where: nonPositive(x),
      phase: "last",
    }),
    rule(relu(x), x, { where: nonNegative(x), name: "relu of a non-negative", phase: "last" }),
    rule(relu(x), number(0), {
      name: "relu of a non-positive",
      where: nonPositive(x),
    }),
  ],
};
