import type { Expr } from "../../../ir/graph.ts";
import { add, div, mul, reciprocal, square, sub } from "../../../ops/elementary/algebra.ts";
import { allOf, and, greaterEqual, isFiniteReal, notEqual } from "../../../ops/elementary/comparison.ts";
import { exp } from "../../../ops/elementary/exponential.ts";
import { wholePower } from "../../../ops/elementary/polynomial.ts";
import { cbrt, pow, rsqrt, sqrt } from "../../../ops/elementary/powers.ts";
import { abs } from "../../../ops/elementary/rounding.ts";
import { isMap } from "../../../ops/maps.ts";
import { orNaN, valueWhere } from "../../forms/conditions.ts";
import { type Bindings, c, d, number, x, y } from "../../pattern.ts";
import { type Rules, rule } from "../../rule.ts";

const isWhole = Number.isInteger;

/** True when x^(a + b) costs no more than x^a x^b. */
function isJoinable(a: number, b: number): boolean {
  const n = a + b;
  const isPlain = isWhole(n) || Math.abs(n) === 0.5 || [a, b].some((each) => ![1, 2, 0.5].includes(Math.abs(each)));
  return Number.isFinite(n) && a !== 0 && b !== 0 && isPlain;
}

/** Whole exponents up to this one cost less as products. */
const largestPower = 16;

/** Powers of one base as they are written; that of pow has its exponent as its second operand. */
interface Form {
  readonly form: Expr;
  readonly exponent: number | Expr;
}
const general: Form = { form: pow(x, c), exponent: c };
const forms: readonly Form[] = [
  { form: x, exponent: 1 },
  { form: square(x), exponent: 2 },
  { form: sqrt(x), exponent: 0.5 },
  { form: reciprocal(x), exponent: -1 },
  general,
];
const exponentOf = ({ exponent }: Form, of: Bindings) =>
  typeof exponent === "number" ? exponent : of(exponent).constant!;

/**
 * Pairs of forms that one power may take the place of. A product of a form with itself is a square, a quotient by itself has the same
 * answer for all of them, and one by a reciprocal is a product.
 */
const pairs = forms.flatMap((one, k) =>
  forms.flatMap((other, at) => {
    if (one === general && other === one) return [{ one, other: { form: pow(x, d), exponent: d }, isFirst: true }];
    return one === other && k > 0 ? [] : [{ one, other, isFirst: k < at }];
  }),
);
const mayJoin = ({ exponent: a }: Form, { exponent: b }: Form, sign: number) =>
  typeof a !== "number" || typeof b !== "number" || isJoinable(a, sign * b);
const products = pairs.filter(({ one, other, isFirst }) => isFirst && mayJoin(one, other, 1));
const quotients = pairs.filter(({ one, other }) => other.exponent !== -1 && mayJoin(one, other, -1));

/** Powers and roots. Note that (-0)^0.5 is 0 and (-Infinity)^0.5 is Infinity, unlike the square root. */
export const powerRules: Rules = {
  exact: [rule(pow(x, 1), x), rule(pow(x, 0), number(1)), rule(reciprocal(sqrt(x)), rsqrt(x), { once: [sqrt(x)] })],
  stable: [
    // one rounding in place of those of the power
    rule(pow(x, 2), square(x)),
    rule(pow(x, -1), reciprocal(x)),
    rule(sqrt(square(x)), abs(x)),
    rule(sqrt(mul(square(x), square(y))), mul(abs(x), abs(y)), {
      once: [square(x), square(y), mul(square(x), square(y))],
    }),
    rule(square(sqrt(x)), (of) => powerOfPower(of(x), 0.5, 2)),
    rule(mul(cbrt(x), square(cbrt(x))), x),
    // the power of a power overflows where its root, or what it is divided by, brings it back
    rule(sqrt(pow(x, c)), (of) => powerOfPower(of(x), of(c).constant!, 0.5), {
      once: [pow(x, c)],
    }),
    rule(pow(cbrt(x), 3), x),
    rule(cbrt(square(x)), square(cbrt(x)), { once: [square(x)] }),
    rule(cbrt(pow(x, 3)), x),
    rule(pow(square(x), c), (of) => powerOfPower(of(x), 2, of(c).constant!), {
      once: [square(x)],
    }),
    rule(square(pow(x, c)), (of) => powerOfPower(of(x), of(c).constant!, 2), {
      once: [pow(x, c)],
    }),
    rule(pow(pow(x, c), d), (of) => powerOfPower(of(x), of(c).constant!, of(d).constant!), {
      once: [pow(x, c)],
    }),
    rule(div(mul(x, y), y), orNaN(and(notEqual(y, 0), isFiniteReal(y)), x, mul(x, y))),
    // roots that are nearly equal
    rule(sub(sqrt(add(x, c)), sqrt(x)), div(c, add(sqrt(add(x, c)), sqrt(x)))),
    rule(sub(sqrt(add(x, c)), sqrt(add(x, d))), div(sub(c, d), add(sqrt(add(x, c)), sqrt(add(x, d)))), {
      where: valueWhere(sub(c, d), (value) => value !== 0),
    }),
    rule(add(sqrt(add(x, c)), d), div(x, sub(sqrt(add(x, c)), d)), {
      where: (of) => of(d).constant! < 0 && of(d).constant! ** 2 === of(c).constant,
    }),
    ...products.map(({ one, other }) =>
      rule(mul(one.form, other.form), (of) => powersJoined(of(x), exponentOf(one, of), exponentOf(other, of)), {
        // in the end a cube is written as such a product
        phase: other.exponent === 2 ? "early" : "anytime",
      }),
    ),
    ...quotients.map(({ one, other }) =>
      rule(div(one.form, other.form), (of) => powersJoined(of(x), exponentOf(one, of), -exponentOf(other, of))),
    ),
    // further factors are no reason to let a power overflow, or vanish, before it is divided by its base
    ...[square(x), pow(x, c)].map((power) =>
      rule(div(mul(power, y), x), (of) => {
        const exponent = isMap(power, square) ? 2 : of(c).constant!;
        const joined = exponent > 1 ? powersJoined(of(x), exponent, -1) : undefined;
        return joined && mul(joined, of(y));
      }),
    ),
  ],
  real: [
    rule(pow(x, 0.5), sqrt(x)),
    rule(pow(x, -0.5), rsqrt(x)),
    // last: the powers of derivatives overflow later than the products of products
    rule(pow(x, c), (of) => wholePower(of(x), of(c).constant!), {
      where: valueWhere(c, (value) => Number.isInteger(value) && value > 2 && value <= largestPower),
      name: "whole power",
      phase: "last",
    }),
    rule(pow(x, c), (of) => wholePower(reciprocal(of(x)), -of(c).constant!), {
      where: valueWhere(c, (value) => Number.isInteger(value) && value < -1 && value >= -largestPower),
      name: "negative whole power",
      phase: "last",
    }),
    rule(pow(x, c), (of) => halfPower(of(x), of(c).constant!), {
      where: valueWhere(
        c,
        (value) => Number.isInteger(value - 0.5) && Math.abs(value) > 1 && Math.abs(value) <= largestPower,
      ),
      name: "half power",
      phase: "last",
    }),
  ],
};

/** x^n as an expression of the plainest kind. */
function power(x: Expr, n: number): Expr {
  return n === 1 ? x : n === 2 ? square(x) : pow(x, n);
}

/** (x^c)^d: an even power forgets the sign of x, a root is NaN left of 0. */
function powerOfPower(x: Expr, c: number, d: number): Expr | undefined {
  const n = c * d;
  if (![c, d, n].every((value) => Number.isFinite(value) && value !== 0)) return undefined;
  if (isWhole(c) && isWhole(d)) return power(x, n);
  if (isWhole(c) && c % 2 === 0) return power(n % 2 === 0 ? x : abs(x), n);
  return isWhole(n) ? orNaN(greaterEqual(x, 0), power(x, n)) : pow(x, n);
}

/**
 * x^a x^b, where one power costs no more: NaN where one factor is 0 and the other infinite, which an exponential never is, or x has
 * no root.
 */
function powersJoined(x: Expr, a: number, b: number): Expr | undefined {
  const n = a + b;
  if (!isJoinable(a, b)) return undefined;
  const joined = n === 0 ? x.graph.constantLike(1, x) : power(x, n);
  const conditions = [
    ...(a * b < 0 && !isMap(x, exp) ? [notEqual(x, 0), isFiniteReal(x)] : []),
    ...(isWhole(n) && !isWhole(a) ? [greaterEqual(x, 0)] : []),
  ];
  return conditions.length === 0 ? joined : orNaN(allOf(conditions), joined, x);
}

/** x^(k + 1/2) by the square root, at most as far from 1 as the result on the way. */
function halfPower(x: Expr, exponent: number): Expr {
  const k = Math.abs(exponent) - 0.5;
  return exponent > 0 ? mul(wholePower(x, k), sqrt(x)) : mul(wholePower(reciprocal(x), k), rsqrt(x));
}
