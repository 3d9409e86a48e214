import type { Expr } from "../../../ir/graph.ts";
import { inherited } from "../../../ir/walks/inherited.ts";
import { substitute } from "../../../ir/walks/traverse.ts";
import type { Operation } from "../../../ops/define.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../../../ops/elementary/algebra.ts";
import { greater, greaterEqual, less, lessEqual, select } from "../../../ops/elementary/comparison.ts";
import {
  exp,
  exp2,
  expm1,
  expm1Reciprocal,
  log,
  log1mexp,
  log1p,
  log2,
  log10,
} from "../../../ops/elementary/exponential.ts";
import {
  acosh,
  asinh,
  atanExp,
  atanh,
  cosh,
  csch,
  gudermannian,
  logCosh,
  logSinh,
  sech,
  sinh,
  tanh,
} from "../../../ops/elementary/hyperbolic.ts";
import { direction, hypot, polarRadius } from "../../../ops/elementary/lengths.ts";
import { inversePowerImaginary, logPolarRadius, radiusExcess, slopeAngle } from "../../../ops/elementary/plane.ts";
import { wholePower } from "../../../ops/elementary/polynomial.ts";
import { pow, powLog, rsqrt, sqrt } from "../../../ops/elementary/powers.ts";
import { abs, sign } from "../../../ops/elementary/rounding.ts";
import { acos, asin, atan, atan2, atanSlope, cos, sin, sinc, tan } from "../../../ops/elementary/trigonometric.ts";
import { isMap, isOneOf } from "../../../ops/maps.ts";
import { logProportion, logTanh, versineArc } from "../../../ops/ratios/compositions.ts";
import { contrast } from "../../../ops/ratios/contrasts.ts";
import { logExpm1Ratio } from "../../../ops/ratios/log-ratios.ts";
import { bernoulliRatio, expm1Ratio, log1pRatio, proportion } from "../../../ops/ratios/ratios.ts";
import { sigmoid, softplus } from "../../../ops/special/activation.ts";
import { gaussian } from "../../../ops/special/gaussian.ts";
import type { Funnels } from "../../facts/funnels.ts";
import {
  areNoChoices,
  areOpposite,
  both,
  constantLike,
  isNumber,
  isPositiveFinite,
  orNaN,
  valueWhere,
  vary,
} from "../../forms/conditions.ts";
import { distanceOf } from "../../forms/cosines.ts";
import { fractionOf, wholeOf, without } from "../../forms/fractions.ts";
import { multipleOf } from "../../forms/multiples.ts";
import { c, d, number, x, y } from "../../pattern.ts";
import { type Condition, type Rules, rule, structural } from "../../rule.ts";
import { pointAt } from "../../series/expansion-points.ts";
import { evenly, nearlyAt } from "../../series/near-forms.ts";
import { flatly } from "./flat.ts";

/** What pi/2 is more than the number nearest to it. */
const quarterTurnRest = 6.123233995736766e-17;

const isNew = areNoChoices(x);

/** Angles up to a quarter turn, and what is left of that. */
const angles: readonly (readonly [f: Operation, rest: (...operands: Expr[]) => Expr])[] = [
  [atan, (x) => atan2(1, x!)],
  [atanExp, (x) => atanExp(neg(x!))],
  [slopeAngle, (y, x) => atan2(abs(x!), mul(y!, sign(x!)))],
];

/** True of multiples of a quarter turn, where the numbers say so but for rounding: shares of a whole are meant. */
const isQuarterTurn = (factor: number, value: number) =>
  Math.abs(factor * (Math.PI / 2) - value) <= 2 * Number.EPSILON * Math.abs(value);

/** d + k f(x), where d is as many quarter turns as f is multiplied by, or as many back. */
function angleLeft(node: Expr): Expr | undefined {
  const [a, b] = node.operands as [Expr, Expr];
  if (node.operands.length !== 2) return undefined;
  const [constant, term] = a.kind === "constant" ? [a, b] : [b, a];
  const { base, factor } = multipleOf(term);
  const [, rest] = angles.find(([f]) => isMap(base, f)) ?? [];
  if (!rest || constant.kind !== "constant" || Math.abs(factor) === 1) return undefined;
  const signs = isMap(node, add) ? [1, 1] : constant === a ? [1, -1] : [-1, 1];
  const [d, k] = [signs[0]! * constant.constant!, signs[1]! * factor];
  const [x, ...others] = base.operands as [Expr, ...Expr[]];
  if (isQuarterTurn(-k, d)) return mul(-k, rest(x, ...others));
  return !isMap(base, atanExp) && isQuarterTurn(k, d) ? mul(k, rest(neg(x), ...others)) : undefined;
}

/** (1 + u)^y log(1 + u)^n, of which the logarithm keeps the digits of a small u. */
const powersNearOne = [1, 2].flatMap((n) =>
  (
    [
      [add(x, 1), x],
      [sub(1, x), neg(x)],
    ] as const
  ).map(([base, u]) => {
    const isNear = less(abs(x), 0.5);
    const far = powLog(n)(select(isNear, 2, base), y);
    return rule(powLog(n)(base, y), select(isNear, mul(pow(base, y), wholePower(log1p(u), n)), far), { phase: "last" });
  }),
);

/** x in -1 .. 1, NaN elsewhere. */
const within = orNaN(lessEqual(abs(x), 1), x);

/** Polynomials of a higher degree stay angles. */
const highest = 8;

/** cos(n acos(x)) of a whole n: a polynomial, which has slopes at 1 and at -1. */
function chebyshev(n: number, x: Expr): Expr | undefined {
  if (!Number.isInteger(n) || n === 0 || Math.abs(n) > highest) return undefined;
  const u = orNaN(lessEqual(abs(x), 1), x);
  let [before, last]: [Expr, Expr] = [constantLike(1, x), u];
  for (let k = 1; k < Math.abs(n); k++) [before, last] = [last, sub(mul(mul(2, u), last), before)];
  return last;
}

/** An angle is looked for so far down. */
const deepest = 8;
/** Among so many nodes. */
const mostParts = 24;

/**
 * A function of the angle acos(x), and of x, that is flat where the angle is 0, or has a limit there, by the square of the angle: that is
 * an arctangent of roots there.
 */
function ofAngle(node: Expr, funnels: Funnels): Expr | undefined {
  const angle = angleUnder(node, funnels);
  const x = angle?.operands[0];
  // what is left of it elsewhere is of a choice
  if (!x || isMap(x, select)) return undefined;
  const isCosine = isMap(angle, acos);
  const distance = isCosine ? distanceOf(x) : undefined;
  const half = distance ? mul(0.25, distance) : mul(0.5, isCosine ? sub(1, x) : x);
  const [root, other] = [sqrt(half), sqrt(sub(1, half))];
  const replaced = (by: readonly (readonly [Expr, Expr])[]) => substitute([node], new Map(by))[0]!;
  const height = mul(2, mul(root, other));
  const heights = isCosine ? [unitHeight(x), sqrt(sub(1, square(x)))] : [];
  const whole = replaced([
    [angle, mul(2, atan2(root, other))],
    ...heights.map((each) => [each, height] as const),
    [x, isCosine ? sub(1, mul(2, half)) : mul(2, half)],
  ]);
  const near = flatly(whole) ?? evenly(whole, pointAt(root, 0));
  const isNear = less(half, 0.25);
  return near && select(isNear, near, replaced([[x, select(isNear, constantLike(0.75, x), x)]]));
}

const isAngle = (node: Expr) => isOneOf(node, acos, versineArc);
const holdsAngle = inherited((graph, id) => (graph.kindOf(id) === "map" && isAngle(graph.expr(id))) || undefined);

/** The angle that a node is a function of alone, of its cosine beside it too. */
function angleUnder(node: Expr, funnels: Funnels): Expr | undefined {
  const { graph, id } = node;
  const pending = node.operands.map((operand) => ({ operand, depth: 1 }));
  for (const { operand, depth } of pending) {
    if (!holdsAngle(graph, operand.id)) continue;
    if (isAngle(operand) && [operand, operand.operands[0]!].some((each) => funnels.leadTo(id, each.id))) return operand;
    if (depth < deepest && pending.length < mostParts)
      for (const each of operand.operands) pending.push({ operand: each, depth: depth + 1 });
  }
  return undefined;
}

/** The angle of a point of the plane over its short leg y, by the series of atan(t)/t in the slope y/x: at 0 that has a limit. */
function angleOverLeg(node: Expr): Expr | undefined {
  const { over, under } = fractionOf(node);
  const angle = over.find((factor) => isOneOf(factor, atan2, slopeAngle) && under.includes(factor.operands[0]!));
  const [y, x] = angle?.operands ?? [];
  if (!angle || !y || !x || isMap(y, select)) return undefined;
  const isNear = less(abs(y), mul(0.25, isMap(angle, atan2) ? x : abs(x)));
  const within = select(isNear, x, 1);
  const slope = div(y, within);
  const [, series] = nearlyAt(div(atan(slope), slope), pointAt(slope, 0))!.operands as [Expr, Expr];
  const far = select(isNear, constantLike(1, y), y);
  const ratio = select(isNear, div(series, within), div(substitute([angle], new Map([[y, far]]))[0]!, far));
  return wholeOf({ over: [ratio, ...without(over, angle)], under: without(under, y) }, node);
}

/** The angle between two directions that are not opposite is the difference of theirs. */
function angleBetween(): Expr {
  const isNear = less(abs(sub(x, y)), 3);
  const far = select(isNear, Math.PI / 2, x);
  return select(isNear, abs(sub(x, y)), acos(add(mul(sin(far), sin(y)), mul(cos(far), cos(y)))));
}

/** The angle between two vectors has a form of its own where it is small, and functions of it are of that. */
const isNoneBetween: Condition = (of) => distanceOf(of(x)) === undefined;

/** sqrt(1 - x^2); outside by its factors, of which only one has an infinite slope where the height is 0. */
function unitHeight(x: Expr): Expr {
  const squared = square(x);
  return select(less(squared, 0.25), sqrt(sub(1, squared)), mul(sqrt(sub(1, x)), sqrt(add(1, x))));
}

/** Functions of the root of a multiple of a square and a constant, as those of the plane. */
const multiples = (
  [
    [sqrt, polarRadius],
    [rsqrt, (a, b) => reciprocal(polarRadius(a, b))],
    [log, (a, b) => mul(2, logPolarRadius(a, b))],
  ] as const satisfies readonly (readonly [Operation, (a: Expr, b: Expr) => Expr])[]
).map(([f, radius]) =>
  rule(f(add(mul(square(x), c), d)), radius(mul(x, sqrt(c)), sqrt(d)), {
    where: both(isNumber, valueWhere(c, isPositiveFinite), valueWhere(d, isPositiveFinite)),
  }),
);

/** Rarer expressions that cancel or overflow as they stand, by what they are in one step. */
export const compositionRules: Rules = {
  stable: [
    rule(mul(x, sin(reciprocal(x))), sinc(reciprocal(x))),
    rule(add(exp2(x), -1), expm1(mul(x, Math.LN2))),
    rule(add(pow(c, x), -1), expm1(mul(x, log(c))), {
      where: valueWhere(c, isPositiveFinite),
    }),
    rule(mul(exp2(x), exp2(y)), exp2(add(x, y)), { once: [exp2(x), exp2(y)] }),
    // roots and powers that do not overflow although what they are of does
    rule(div(exp(x), square(expm1(x))), square(mul(csch(mul(x, 0.5)), 0.5))),
    rule(div(mul(exp(x), y), square(expm1(x))), mul(y, square(mul(csch(mul(x, 0.5)), 0.5)))),
    rule(reciprocal(square(sinh(x))), square(csch(x))),
    rule(div(y, square(sinh(x))), mul(y, square(csch(x)))),
    rule(sub(softplus(x), softplus(neg(x))), x),
    rule(reciprocal(sigmoid(x)), add(exp(neg(x)), 1)),
    rule(log1p(neg(proportion(x, y))), logProportion(y, x)),
    rule(log(proportion(x, y)), logProportion(x, y)),
    rule(log(div(add(x, y), x)), neg(logProportion(x, y))),
    rule(sub(log(x), log(add(x, y))), orNaN(greaterEqual(x, 0), logProportion(x, y))),
    rule(sub(log(add(x, y)), log(x)), orNaN(greaterEqual(x, 0), neg(logProportion(x, y)))),
    rule(sub(log(x), log1p(x)), orNaN(greaterEqual(x, 0), logProportion(x, 1))),
    rule(sub(log1p(x), log(x)), orNaN(greaterEqual(x, 0), neg(logProportion(x, 1)))),
    // by their exponents, which vanish faster than what slopes multiply them by grows
    rule(
      pow(x, reciprocal(x)),
      select(greaterEqual(x, 0), exp(div(log(x), x)), pow(select(greaterEqual(x, 0), 1, x), reciprocal(x))),
    ),
    rule(
      pow(x, div(c, x)),
      select(greaterEqual(x, 0), exp(mul(c, div(log(x), x))), pow(select(greaterEqual(x, 0), 1, x), div(c, x))),
    ),
    rule(pow(add(x, 1), reciprocal(x)), exp(log1pRatio(x))),
    rule(reciprocal(add(reciprocal(x), 1)), proportion(x, 1)),
    rule(log(expm1Ratio(x)), logExpm1Ratio(x)),
    rule(log(bernoulliRatio(x)), neg(logExpm1Ratio(x))),
    ...multiples,
    ...powersNearOne,
    rule(log(tanh(x)), logTanh(x)),
    // functions of inverses, by what they are of x itself
    rule(sin(acos(x)), unitHeight(x), { where: isNoneBetween }),
    rule(tan(acos(x)), div(unitHeight(x), x), { where: isNoneBetween }),
    rule(cos(asin(x)), unitHeight(x)),
    rule(cos(acos(x)), within),
    rule(cos(mul(acos(x), c)), (of) => chebyshev(of(c).constant!, of(x))),
    structural("angle over its leg", { roots: [div], phase: "early" }, angleOverLeg),
    structural("flat function of an angle", { roots: ["map"], phase: "early" }, (node, { facts: { funnels } }) =>
      ofAngle(node, funnels),
    ),
    rule(sin(asin(x)), within),
    rule(tan(atan(x)), x),
    rule(cos(atan(x)), direction(1, x)),
    rule(sin(atan(x)), direction(x, 1)),
    // x + log(1 + sqrt(1 +- e^-2x)), in which nothing overflows or cancels
    rule(
      asinh(exp(x)),
      select(greater(x, 0), add(x, log1p(sqrt(add(exp(mul(-2, x)), 1)))), asinh(exp(select(greater(x, 0), 0, x)))),
      { where: isNew },
    ),
    rule(acosh(exp(x)), add(x, log1p(sqrt(neg(expm1(mul(-2, x))))))),
    rule(
      log(div(sinh(x), x)),
      select(
        greater(abs(x), 8),
        sub(logSinh(abs(x)), log(abs(x))),
        log(div(sinh(select(greater(abs(x), 8), 1, x)), select(greater(abs(x), 8), 1, x))),
      ),
      { where: isNew },
    ),
    rule(asin(sqrt(x)), atan2(sqrt(x), sqrt(sub(1, x)))),
    rule(add(acos(x), -Math.PI / 2), sub(quarterTurnRest, asin(x))),
    rule(sub(Math.PI / 2, atan(x)), (of) => sub(atan2(1, of(x)), quarterTurnRest)),
    structural(
      "multiple of an arctangent beside one of a quarter turn",
      { roots: [add, sub], operands: ["constant"] },
      angleLeft,
    ),
    // of an angle with a leg of 1
    rule(inversePowerImaginary(1)(x, 1), neg(atanSlope(x))),
    rule(acos(add(mul(sin(x), sin(y)), mul(cos(x), cos(y)))), angleBetween(), { where: isNew }),
    rule(acos(sub(1, x)), versineArc(x)),
    rule(
      acos(exp(x)),
      select(
        greater(x, 0),
        acos(exp(select(greater(x, 0), x, 0))),
        versineArc(neg(expm1(select(greater(x, 0), 0, x)))),
      ),
      { where: isNew },
    ),
    rule(versineArc(square(x)), mul(2, asin(mul(abs(x), Math.SQRT1_2)))),
    rule(sub(log(x), log(log1p(x))), orNaN(less(0, x), neg(log(log1pRatio(x))))),
    rule(sub(log(log1p(x)), log(x)), orNaN(less(0, x), log(log1pRatio(x)))),
    rule(atan(exp(x)), atanExp(x)),
    rule(atan(sinh(x)), gudermannian(x)),
    rule(asin(tanh(x)), gudermannian(x)),
    rule(log(add(x, sqrt(add(square(x), 1)))), asinh(x)),
    rule(log(add(x, polarRadius(x, 1))), asinh(x)),
    rule(log(add(x, sqrt(add(square(x), -1)))), acosh(x)),
    rule(log(div(add(x, 1), sub(1, x))), mul(atanh(x), 2)),
    rule(sub(log1p(x), log1p(neg(x))), mul(atanh(x), 2)),
    rule(sub(log1p(neg(x)), log1p(x)), mul(atanh(x), -2)),
    rule(mul(exp(x), sech(x)), mul(sigmoid(mul(x, 2)), 2)),
    rule(log(sinh(x)), logSinh(x)),
    rule(asinh(sinh(x)), x),
    rule(acosh(cosh(x)), abs(x)),
    rule(sinh(asinh(x)), x),
    rule(atanh(tanh(x)), x),
    rule(div(cosh(x), sinh(x)), reciprocal(tanh(x))),
    rule(sub(square(cosh(x)), square(sinh(x))), number(1)),
    rule(mul(exp(x), bernoulliRatio(x)), bernoulliRatio(neg(x))),
    rule(cosh(asinh(x)), hypot(x, 1)),
    rule(acosh(polarRadius(x, 1)), asinh(abs(x))),
    rule(log(add(sqrt(x), sqrt(add(x, 1)))), asinh(sqrt(x))),
    rule(sub(sinh(x), mul(exp(x), 0.5)), mul(exp(neg(x)), -0.5)),
    rule(sub(cosh(x), mul(exp(x), 0.5)), mul(exp(neg(x)), 0.5)),
    rule(mul(cosh(x), exp(neg(abs(x)))), add(0.5, mul(0.5, exp(mul(-2, abs(x)))))),
    rule(sub(logCosh(x), abs(x)), log1p(mul(0.5, expm1(mul(-2, abs(x)))))),
    rule(sub(add(logCosh(x), Math.LN2), abs(x)), softplus(mul(-2, abs(x)))),
    ...(
      [
        [log2, Math.LOG2E],
        [log10, Math.LOG10E],
      ] as const
    ).map(([f, unit]) => rule(sub(mul(log1p(x), unit), f(x)), mul(unit, sub(log1p(x), log(x))))),
    rule(log1p(neg(gaussian(x))), log1mexp(neg(square(x)))),
    rule(acosh(add(x, 1)), mul(2, asinh(sqrt(mul(x, 0.5))))),
    rule(sub(1, square(cos(x))), square(sin(x))),
    rule(sub(1, square(sin(x))), square(cos(x))),
    rule(add(square(cosh(x)), -1), square(sinh(x))),
    rule(add(square(sinh(x)), 1), square(cosh(x))),
    rule(sub(cosh(x), sinh(x)), exp(neg(x))),
    rule(sub(sinh(x), cosh(x)), neg(exp(neg(x)))),
    rule(add(cosh(x), sinh(x)), exp(x)),
    rule(sigmoid(log(x)), orNaN(greaterEqual(x, 0), proportion(x, 1))),
    rule(expm1(log(x)), orNaN(greaterEqual(x, 0), sub(x, 1))),
    rule(tanh(mul(log(x), 0.5)), orNaN(greaterEqual(x, 0), contrast(x, 1))),
    rule(atan2(x, c), atan(div(x, c)), { where: valueWhere(c, (value) => value > 0 && value < 1e100) }),
    rule(mul(x, expm1Reciprocal(x)), bernoulliRatio(x)),
    rule(div(x, expm1(mul(x, y))), div(bernoulliRatio(mul(x, y)), y), { where: vary(y) }),
    rule(div(x, expm1(neg(mul(x, y)))), neg(div(bernoulliRatio(neg(mul(x, y))), y)), { where: vary(y) }),
    rule(log(hypot(x, y)), logPolarRadius(x, y), {
      where: isNumber,
    }),
    rule(hypot(x, x), mul(abs(x), Math.SQRT2)),
    rule(add(hypot(x, c), d), radiusExcess(x, c), {
      where: both(isNumber, areOpposite(c, d)),
    }),
    rule(sub(hypot(x, y), y), radiusExcess(x, y), {
      where: isNumber,
    }),
  ],
};
