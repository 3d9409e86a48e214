import { add, div, mul, reciprocal, square, sub } from "../../../ops/elementary/algebra.ts";
import { log, log1p } from "../../../ops/elementary/exponential.ts";
import { direction, hypot, polarRadius, sphericalRadius } from "../../../ops/elementary/lengths.ts";
import { inversePowerReal, logPolarRadius, radiusExcess, slopeAngle } from "../../../ops/elementary/plane.ts";
import { pow, rsqrt, sqrt } from "../../../ops/elementary/powers.ts";
import { abs } from "../../../ops/elementary/rounding.ts";
import { acos, asin, atan, atan2, atanSlope } from "../../../ops/elementary/trigonometric.ts";
import { areOpposite, both, isNumber, valueWhere } from "../../forms/conditions.ts";
import { c, d, w, x, y } from "../../pattern.ts";
import { type Rules, rule } from "../../rule.ts";

const isPositive = valueWhere(c, (value) => value > 0 && value < Number.POSITIVE_INFINITY);

/** Exponents of a sum of squares that are whole for its root; powers above 1 overflow earlier with the root than with the sum. */
const isHalf = valueWhere(d, (value) => value < 1 && Number.isInteger(2 * value) && !Number.isInteger(value));

/** Sums of two squares: of numbers, or of a number and the root of a constant. */
const sums = [
  {
    sum: add(square(x), square(y)),
    where: isNumber,
    root: isNumber,
    other: y,
  },
  {
    sum: add(square(x), c),
    where: both(isNumber, isPositive),
    // in arrays too: the slopes as they are written would cancel far out
    root: isPositive,
    other: sqrt(c),
  },
] as const;

/** Roots, logarithms and reciprocals of sums of two squares: neither they nor their slopes overflow or cancel as functions of a point. */
export const planeRules: Rules = {
  stable: [
    ...sums.flatMap(({ sum, where, root, other }) => [
      rule(sqrt(sum), polarRadius(x, other), { where: root }),
      rule(rsqrt(sum), reciprocal(polarRadius(x, other)), {
        where,
      }),
      rule(log(sum), mul(logPolarRadius(x, other), 2), { where }),
      rule(div(x, sum), inversePowerReal(1)(x, other), { where }),
      rule(pow(sum, d), pow(polarRadius(x, other), mul(d, 2)), {
        where: both(where, isHalf),
      }),
    ]),
    rule(log1p(square(x)), mul(logPolarRadius(x, 1), 2), {
      where: isNumber,
    }),
    rule(reciprocal(add(square(x), 1)), atanSlope(x), { where: isNumber }),
    rule(log(polarRadius(x, y)), logPolarRadius(x, y)),
    rule(sub(polarRadius(x, y), y), radiusExcess(x, y)),
    rule(add(polarRadius(x, c), d), radiusExcess(x, c), {
      where: areOpposite(c, d),
    }),
    rule(atan(div(x, y)), slopeAngle(x, y), {
      where: isNumber,
    }),
    rule(atan(reciprocal(x)), slopeAngle(1, x), {
      where: isNumber,
    }),
    rule(div(mul(x, w), polarRadius(x, y)), mul(w, direction(x, y))),
    rule(div(mul(x, y), add(square(x), square(y))), mul(direction(x, y), direction(y, x)), {
      where: isNumber,
    }),
    rule(asin(direction(x, y)), atan2(x, abs(y))),
    rule(acos(direction(x, y)), atan2(abs(y), x)),
    rule(div(x, polarRadius(x, y)), direction(x, y)),
    rule(div(x, hypot(x, y)), direction(x, y), {
      where: isNumber,
    }),
    rule(hypot(x, y), polarRadius(x, y), { phase: "last" }),
    rule(hypot(x, y, w), sphericalRadius(x, y, w), { phase: "last" }),
  ],
};
