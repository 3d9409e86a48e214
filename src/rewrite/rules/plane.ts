import { add, div, mul, reciprocal, square, sub } from "../../ops/algebra.ts";
import { log, log1p } from "../../ops/exponential.ts";
import { inversePowerReal, logPolarRadius, polarRadius, radiusExcess, slopeAngle } from "../../ops/plane.ts";
import { direction, hypot, pow, rsqrt, sqrt } from "../../ops/powers.ts";
import { abs } from "../../ops/rounding.ts";
import { acos, asin, atan, atan2, atanSlope } from "../../ops/trigonometric.ts";
import { between, both, constantLike, constantOf, onPositive, valueWhere } from "../conditions.ts";
import { type Bindings, c, d, w, x, y } from "../pattern.ts";
import { type Condition, type Rules, rule } from "../rule.ts";

/** In arrays sums of squares stay as they are: there the plain form is several times as fast. */
const isNumber: Condition = (of, { facts }) => facts.isNumber(of(x));

const isPositive = valueWhere(c, (value) => value > 0 && value < Number.POSITIVE_INFINITY);

/** Exponents of a sum of squares that are whole for its root; powers above 1 overflow earlier with the root than with the sum. */
const isHalf = valueWhere(d, (value) => value < 1 && Number.isInteger(2 * value) && !Number.isInteger(value));

/** Sums of two squares: of numbers, or of a number and the root of a constant. */
const sums = [
  {
    name: "two squares",
    sum: add(square(x), square(y)),
    where: isNumber,
    other: (of: Bindings) => of(y),
    domain: [onPositive(x), onPositive(y)],
  },
  {
    name: "a square and a constant",
    sum: add(square(x), c),
    where: both(isNumber, isPositive),
    other: (of: Bindings) => constantLike(Math.sqrt(constantOf(of(c))), of(c)),
    domain: [onPositive(x), between(c, 0.25, 4)],
  },
] as const;

/** Roots, logarithms and reciprocals of sums of two squares: neither they nor their slopes overflow or cancel as functions of a point. */
export const planeRules: Rules = {
  stable: [
    ...sums.flatMap(({ name, sum, where, other, domain }) => [
      rule(`root of ${name}`, sqrt(sum), (of) => polarRadius(of(x), other(of)), { where, domain }),
      rule(`reciprocal root of ${name}`, rsqrt(sum), (of) => reciprocal(polarRadius(of(x), other(of))), {
        where,
        domain,
      }),
      rule(`log of ${name}`, log(sum), (of) => mul(logPolarRadius(of(x), other(of)), 2), { where, domain }),
      rule(`quotient by ${name}`, div(x, sum), (of) => inversePowerReal(1)(of(x), other(of)), { where, domain }),
      rule(
        `half power of ${name}`,
        pow(sum, d),
        (of) => pow(polarRadius(of(x), other(of)), constantLike(2 * constantOf(of(d)), of(d))),
        {
          where: both(where, isHalf),
          domain: [...domain, between(d, -2.5, 0.5)],
        },
      ),
    ]),
    rule("log of one plus a square", log1p(square(x)), (of) => mul(logPolarRadius(of(x), one(of)), 2), {
      where: isNumber,
    }),
    rule("reciprocal of a square plus one", reciprocal(add(square(x), 1)), atanSlope(x), { where: isNumber }),
    rule("log of a radius", log(polarRadius(x, y)), logPolarRadius(x, y), { domain: [onPositive(x), onPositive(y)] }),
    rule("radius minus its second part", sub(polarRadius(x, y), y), radiusExcess(x, y), {
      domain: [onPositive(x), onPositive(y)],
    }),
    rule("radius minus its constant part", add(polarRadius(x, c), d), (of) => radiusExcess(of(x), of(c)), {
      where: (of) => constantOf(of(c)) === -constantOf(of(d)),
      domain: [onPositive(x), between(c, 2, 2), between(d, -2, -2)],
    }),
    rule("arctangent of a quotient", atan(div(x, y)), slopeAngle(x, y), {
      where: isNumber,
      domain: [onPositive(x), onPositive(y)],
    }),
    rule("arctangent of a reciprocal", atan(reciprocal(x)), (of) => slopeAngle(one(of), of(x)), {
      where: isNumber,
      domain: [onPositive(x)],
    }),
    rule("product over a radius", div(mul(x, w), polarRadius(x, y)), mul(w, direction(x, y)), {
      domain: [onPositive(x), onPositive(y)],
    }),
    rule(
      "product over a sum of its squares",
      div(mul(x, y), add(square(x), square(y))),
      mul(direction(x, y), direction(y, x)),
      {
        where: isNumber,
        domain: [onPositive(x), onPositive(y)],
      },
    ),
    rule("arcsine of a direction", asin(direction(x, y)), atan2(x, abs(y)), { domain: [onPositive(x), onPositive(y)] }),
    rule("arccosine of a direction", acos(direction(x, y)), atan2(abs(y), x), {
      domain: [onPositive(x), onPositive(y)],
    }),
    rule("quotient by its radius", div(x, polarRadius(x, y)), direction(x, y), {
      domain: [onPositive(x), onPositive(y)],
    }),
    rule("quotient by its length", div(x, hypot(x, y)), direction(x, y), {
      where: isNumber,
      domain: [onPositive(x), onPositive(y)],
    }),
  ],
};

const one = (of: Bindings) => constantLike(1, of(x));
