import { mul, reciprocal, square } from "../../ops/algebra.ts";
import { greaterEqual, select } from "../../ops/comparison.ts";
import { wholePower } from "../../ops/polynomial.ts";
import { cbrt, pow, rsqrt, sqrt } from "../../ops/powers.ts";
import { abs } from "../../ops/rounding.ts";
import {
  between,
  constantLike,
  constantOf,
  nonNegative,
  onNonNegative,
  onPositive,
  valueWhere,
} from "../conditions.ts";
import { c, d, x, y } from "../pattern.ts";
import { type Rules, rule } from "../rule.ts";

/** Whole exponents up to this one cost less as products. */
const largestPower = 16;

/** Powers and roots. Note that (-0)^0.5 is 0 and (-Infinity)^0.5 is Infinity, unlike the square root. */
export const powerRules: Rules = {
  exact: [
    rule("first power", pow(x, 1), x),
    rule("zeroth power", pow(x, 0), (of) => constantLike(1, of(x))),
    rule("reciprocal of a square root", reciprocal(sqrt(x)), rsqrt(x), { once: [sqrt(x)] }),
  ],
  stable: [
    // one rounding in place of those of the power
    rule("second power", pow(x, 2), square(x)),
    rule("power minus one", pow(x, -1), reciprocal(x)),
    rule("square root of a square", sqrt(square(x)), abs(x)),
    rule("square root of a product with itself", sqrt(mul(square(x), square(y))), mul(abs(x), abs(y)), {
      once: [square(x), square(y), mul(square(x), square(y))],
    }),
    rule("square of a square root", square(sqrt(x)), select(greaterEqual(x, 0), x, Number.NaN), {
      domain: [onPositive(x)],
    }),
    rule("cube of a cube root", mul(cbrt(x), square(cbrt(x))), x, { domain: [onPositive(x)] }),
  ],
  real: [
    rule("power one half", pow(x, 0.5), sqrt(x), { domain: [onNonNegative(x)] }),
    rule("power minus one half", pow(x, -0.5), rsqrt(x), { domain: [onPositive(x)] }),
    rule("whole power", pow(x, c), (of) => wholePower(of(x), constantOf(of(c))), {
      where: valueWhere(c, (value) => Number.isInteger(value) && value > 2 && value <= largestPower),
      // the powers of derivatives overflow later than the products of products
      phase: "last",
    }),
    rule("negative whole power", pow(x, c), (of) => reciprocal(wholePower(of(x), -constantOf(of(c)))), {
      where: valueWhere(c, (value) => Number.isInteger(value) && value < -1 && value >= -largestPower),
      domain: [between(x, 0.5, 4), between(c, -16, -2)],
      phase: "last",
    }),
    rule(
      "power of a power",
      pow(pow(x, c), d),
      (of) => pow(of(x), constantLike(constantOf(of(c)) * constantOf(of(d)), of(c))),
      {
        where: nonNegative(x),
        domain: [between(x, 0.5, 4), between(c, 0.5, 2), between(d, 0.5, 2)],
      },
    ),
  ],
};
