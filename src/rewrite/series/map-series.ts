import type { Expr } from "../../ir/graph.ts";
import type { Primitive } from "../../ir/primitive.ts";
import type { Operation } from "../../ops/define.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../../ops/elementary/algebra.ts";
import { exp, expm1, expm1Reciprocal, log, log1p } from "../../ops/elementary/exponential.ts";
import { cosh, csch, sech, sinh } from "../../ops/elementary/hyperbolic.ts";
import { direction, hypot, polarRadius } from "../../ops/elementary/lengths.ts";
import { logPolarRadius, radiusExcess, slopeAngle } from "../../ops/elementary/plane.ts";
import { pow, sqrt } from "../../ops/elementary/powers.ts";
import { atan2, atanSlope, sin, sinc } from "../../ops/elementary/trigonometric.ts";
import { byPrimitive, primitivesOf } from "../../ops/maps.ts";
import { contrast, rootExcess } from "../../ops/ratios/contrasts.ts";
import { faded } from "../../ops/ratios/faded.ts";
import { differenceAs } from "../../ops/ratios/gaps.ts";
import { bernoulliRatio, expm1Ratio, log1pRatio, proportion } from "../../ops/ratios/ratios.ts";
import { farSeries, smallAngle } from "./far-series.ts";
import { type LaurentArithmetic, type LaurentSeries, times } from "./laurent-series.ts";
import { taylorSeries } from "./taylor-series.ts";

type Series = LaurentSeries | undefined;
type Rule = (s: LaurentArithmetic, ...operands: LaurentSeries[]) => Series;

/** A function of one operand, by its series far out or its Taylor series. */
const applied = (s: LaurentArithmetic, primitive: Primitive, u: LaurentSeries): Series =>
  (s.isFar ? farSeries.get(primitive)?.(s, u) : undefined) ?? s.composed(primitive, u);

const of = (s: LaurentArithmetic, { primitive }: Operation, u: LaurentSeries) => applied(s, primitive, u);
const quotient = (s: LaurentArithmetic, a: Series, b: Series) => a && b && s.quotient(a, b);
const difference = (s: LaurentArithmetic, a: Series, b: LaurentSeries) => a && s.minus(a, b);
const squares = (s: LaurentArithmetic, a: LaurentSeries, b: LaurentSeries) => s.plus(s.square(a), s.square(b));
const radius = (s: LaurentArithmetic, a: LaurentSeries, b: LaurentSeries) => of(s, sqrt, squares(s, a, b));

/** Arithmetic, and functions with a pole or a gap at 0, by what they are made of. */
const rules = byPrimitive<Rule>([
  [add, (s, ...terms) => terms.reduce((a, b) => s.plus(a, b))],
  [sub, (s, a, b) => s.minus(a, b)],
  [differenceAs, (s, a, b) => s.minus(a, b)],
  [neg, (_, a) => times(a, -1)],
  [mul, (s, a, b) => s.productWithLogs(a, b)],
  [faded, (s, a, b) => s.productWithLogs(a, b)],
  [div, (s, a, b) => s.quotient(a, b)],
  [reciprocal, (s, a) => s.quotient(s.one, a)],
  [square, (s, a) => s.square(a)],
  [csch, (s, u) => quotient(s, s.one, of(s, sinh, u))],
  [sech, (s, u) => quotient(s, s.one, of(s, cosh, u))],
  [expm1Reciprocal, (s, u) => quotient(s, s.one, of(s, expm1, u))],
  [polarRadius, (s, a, b) => radius(s, a, b)],
  [hypot, (s, a, b, ...others) => (others.length > 0 ? undefined : radius(s, a, b))],
  [radiusExcess, (s, a, b) => difference(s, radius(s, a, b), b)],
  [rootExcess, (s, a, b) => difference(s, of(s, sqrt, s.plus(s.square(a), b)), a)],
  [direction, (s, a, b) => quotient(s, a, radius(s, a, b))],
  [logPolarRadius, (s, a, b) => half(of(s, log, squares(s, a, b)))],
  [contrast, (s, a, b) => s.quotient(s.minus(a, b), s.plus(a, b))],
  [proportion, (s, a, b) => s.quotient(a, s.plus(a, b))],
  [slopeAngle, (s, a, b) => smallAngle(s, s.quotient(a, b))],
  [atan2, (s, a, b) => (isRight(s, b) ? smallAngle(s, s.quotient(a, b)) : undefined)],
  [atanSlope, (s, u) => s.quotient(s.one, s.plus(s.one, s.square(u)))],
  [sinc, (s, u) => quotient(s, of(s, sin, u), u)],
  [expm1Ratio, (s, u) => quotient(s, of(s, expm1, u), u)],
  [log1pRatio, (s, u) => quotient(s, of(s, log1p, u), u)],
  [bernoulliRatio, (s, u) => quotient(s, u, of(s, expm1, u))],
]);

const half = (u: Series) => u && times(u, 0.5);

/** True of a coordinate x > 0 around the point, where an angle is atan(y/x). */
const isRight = ({ isFar }: LaurentArithmetic, { order, coefficients }: LaurentSeries) =>
  coefficients[0]! > 0 && (isFar || order === 0);

const keepsLogs = primitivesOf(add, sub, neg, mul, div);
const isPolynomial = primitivesOf(add, sub, neg, mul, square);

/** The series of a map, from those of its operands; undefined where none is known. */
export function mapSeries(s: LaurentArithmetic, node: Expr, operands: readonly LaurentSeries[]): Series {
  const primitive = node.graph.primitiveOf(node.id);
  if (operands.some(({ logs }) => logs) && !keepsLogs.has(primitive)) return undefined;
  const rule = rules.get(primitive);
  const found = rule
    ? rule(s, ...operands)
    : primitive === pow.primitive
      ? powerSeries(s, node, operands[0]!, operands[1]!)
      : applied(s, primitive, operands[0]!);
  return found?.coefficients.every(Number.isFinite) ? found : undefined;
}

/** u^v, of a varying exponent as exp(v log u). */
function powerSeries(s: LaurentArithmetic, { operands }: Expr, u: LaurentSeries, v: LaurentSeries): Series {
  const exponent = operands[1]!.constant;
  if (exponent !== undefined) return s.power(u, exponent);
  const logarithm = u.order === 0 ? of(s, log, u) : undefined;
  return logarithm && of(s, exp, s.product(v, logarithm));
}

/** True of functions other than arithmetic whose series are known, and where no sum or product of polynomials is one. */
export const isTranscendental = (primitive: Primitive): boolean =>
  !isPolynomial.has(primitive) &&
  (taylorSeries.has(primitive) ||
    rules.has(primitive) ||
    (primitive.arity === 1 && typeof primitive.partials[0] === "function"));
