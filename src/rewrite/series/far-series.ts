import type { Primitive } from "../../ir/primitive.ts";
import { log, log1p } from "../../ops/elementary/exponential.ts";
import { acosh, asinh } from "../../ops/elementary/hyperbolic.ts";
import { cbrt, rsqrt, sqrt } from "../../ops/elementary/powers.ts";
import { atan } from "../../ops/elementary/trigonometric.ts";
import { byPrimitive } from "../../ops/maps.ts";
import type { LaurentArithmetic, LaurentSeries } from "./laurent-series.ts";

type Rule = (s: LaurentArithmetic, u: LaurentSeries) => LaurentSeries | undefined;

/** What is far out of what grows or vanishes as a power of t > 0: undefined where the usual series serves. */
export const farSeries: ReadonlyMap<Primitive, Rule> = byPrimitive<Rule>([
  [sqrt, farPower(0.5)],
  [rsqrt, farPower(-0.5)],
  [cbrt, farPower(1 / 3)],
  [log, logarithm],
  [log1p, (s, u) => (u.order < 0 ? logarithm(s, s.plus(u, s.one)) : undefined)],
  [asinh, (s, u) => logOfSum(s, u, 1)],
  [acosh, (s, u) => logOfSum(s, u, -1)],
  [atan, largeAngle],
]);

function farPower(c: number): Rule {
  return (s, u) => (u.order === 0 ? undefined : s.power(u, c));
}

/** log u of u = a t^n (1 + ...): log a + n log t + log(1 + ...). */
function logarithm(s: LaurentArithmetic, u: LaurentSeries): LaurentSeries | undefined {
  if (u.order === 0 || !(u.coefficients[0]! > 0)) return undefined;
  const rest = s.composed(log.primitive, { order: 0, coefficients: u.coefficients });
  return rest && { ...rest, logs: s.constant(u.order) };
}

/** log(u + sqrt(u^2 +- 1)) of a growing u. */
function logOfSum(s: LaurentArithmetic, u: LaurentSeries, sign: 1 | -1): LaurentSeries | undefined {
  const root = u.order < 0 ? s.power(s.plus(s.square(u), s.constant(sign)), 0.5) : undefined;
  return root && logarithm(s, s.plus(u, root));
}

/** atan u of a growing u > 0. */
function largeAngle(s: LaurentArithmetic, u: LaurentSeries): LaurentSeries | undefined {
  const isLarge = u.order < 0 && u.coefficients[0]! > 0;
  const angle = isLarge ? smallAngle(s, s.quotient(s.one, u)) : undefined;
  return angle && s.minus(s.constant(Math.PI / 2), angle);
}

/** atan u of a u that vanishes. */
export function smallAngle(s: LaurentArithmetic, u: LaurentSeries | undefined): LaurentSeries | undefined {
  const slope = u && u.order > 0 ? s.quotient(s.one, s.plus(s.one, s.square(u))) : undefined;
  return slope && s.integral(slope, u!, 0);
}
