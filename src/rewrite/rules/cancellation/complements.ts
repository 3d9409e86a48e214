import type { Expr } from "../../../ir/graph.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../../../ops/elementary/algebra.ts";
import { and, greater, less, max, min, select } from "../../../ops/elementary/comparison.ts";
import { exp, expm1, log, log1p, log2, log10 } from "../../../ops/elementary/exponential.ts";
import { acosh, asinh, atanh, cosh, logCosh, sech, sinh, tanh } from "../../../ops/elementary/hyperbolic.ts";
import { direction } from "../../../ops/elementary/lengths.ts";
import { cbrt, pow, rsqrt, sqrt } from "../../../ops/elementary/powers.ts";
import { abs } from "../../../ops/elementary/rounding.ts";
import { acos, asin, atan, atan2, cos, sin, tan } from "../../../ops/elementary/trigonometric.ts";
import { byPrimitive, isMap, isOneOf } from "../../../ops/maps.ts";
import { versineArc } from "../../../ops/ratios/compositions.ts";
import { differenceAs, logGap } from "../../../ops/ratios/gaps.ts";
import { proportion } from "../../../ops/ratios/ratios.ts";
import { sigmoid, softplus } from "../../../ops/special/activation.ts";
import { erf, erfc, normalCdf } from "../../../ops/special/erf.ts";
import { logaddexp } from "../../../ops/special/special.ts";
import { complementOf, complementOfMixture, mapped } from "../../forms/cancellation/complements.ts";
import { distanceOf, isSum, sidesOf } from "../../forms/cancellation/distances.ts";
import { isConstant } from "../../forms/contractions/splat.ts";
import { type Context, type Rules, structural } from "../../rule.ts";

/** Differences from 1, functions that are steep there, and differences of a function at two points with a plain distance. */
export const complementRules: Rules = {
  stable: [
    structural("one minus what may be near it", { roots: [sub] }, (node, { isTakenBy }) => {
      const [one, f] = node.operands as [Expr, Expr];
      const rest = isConstant(one, 1) ? restOf(node, f, isTakenBy) : undefined;
      // a mixture alone: its logarithm is that of its factors, where these vanish too
      return rest && (isTakenBy(node.id, log.primitive) ? rest : differenceAs(one, f, rest));
    }),
    structural("what may be near one, minus one", { roots: [add], operands: [-1] }, (node, { isTakenBy }) => {
      const { operands } = node;
      const at = operands.length === 2 ? operands.findIndex((term) => isConstant(term, -1)) : -1;
      const rest = at < 0 ? undefined : restOf(node, operands[1 - at]!, isTakenBy);
      return rest && differenceAs(operands[1 - at]!, 1, neg(rest));
    }),
    structural("acos near one", { roots: [acos] }, (node, { isTakenBy }) => {
      const [f] = node.operands as [Expr];
      const rest = isMap(f, direction) ? undefined : restOf(node, f, isTakenBy);
      if (rest) return versineArc(rest);
      const [base] = isMap(f, neg) ? f.operands : [f];
      return isOneOf(base!, ...shares, sin) ? mapped(heightOf(f), (height) => atan2(height, f)) : undefined;
    }),
    structural("asin near one", { roots: [asin] }, ({ operands: [f] }) =>
      mapped(heightOf(f!), (height) => atan2(f!, height)),
    ),
    structural("atanh near one", { roots: [atanh] }, ({ operands: [f] }) =>
      mapped(heightOf(f!), (height) => asinh(div(f!, height))),
    ),
    structural("acosh near one", { roots: [acosh] }, (node, { isTakenBy }) => {
      const [f] = node.operands as [Expr];
      const rest = restOf(node, f, isTakenBy);
      return rest && mul(2, asinh(sqrt(mul(-0.5, rest))));
    }),
    structural("difference at two points", { roots: [sub] }, (node) => {
      const [a, b] = node.operands as [Expr, Expr];
      const gap = a.kind === "map" ? gaps.get(a.graph.primitiveOf(a.id)) : undefined;
      if (!gap || !isMap(b, { primitive: a.graph.primitiveOf(a.id) })) return undefined;
      const [u, v] = [a.operands[0]!, b.operands[0]!];
      const distance = distanceOf(u, v);
      if (!distance) return undefined;
      const value = gap(u, v, distance);
      // the slopes of both would cancel as well where they are a constant apart
      return distance.kind === "constant" ? value : differenceAs(a, b, value);
    }),
    structural("difference of lengths", { roots: [sub] }, ({ operands: [a, b] }) => {
      const sides = sidesOf(a!, b!);
      if (!sides) return undefined;
      const [p, q] = sides;
      // the squares over both lengths: of a sum and a difference the slopes cancel where one of p and q is small
      const [s, t] = [p, q].map((side) => div(side, add(a!, b!))) as [Expr, Expr];
      return differenceAs(a!, b!, differenceAs(mul(p, s), mul(q, t), mul(sub(p, q), add(s, t))));
    }),
    structural("log near one", { roots: [log] }, ({ operands: [f] }) => {
      const rest = isOneOf(f!, ...nearOne) ? complementOf(f!) : quotientRest(f!);
      return rest && select(less(abs(rest), 0.5), log1p(neg(rest)), logFarFromOne(f!));
    }),
    structural("log of what is left of one", { roots: [log1p], operands: [neg] }, ({ operands: [minus] }) => {
      const [f] = minus!.operands;
      const mixed = isMap(minus!, neg) ? complementOfMixture(f!) : undefined;
      if (mixed) return log(mixed);
      if (!isMap(minus!, neg) || !isOneOf(f!, ...shares, ...composites, ...nearOne)) return undefined;
      const rest = complementOf(f!);
      if (!rest || isOneOf(f!, ...shares)) return rest && log(rest);
      return select(less(f!, 0.5), log1p(neg(min(f!, 0.75))), log(rest));
    }),
    structural("acos of cos", { roots: [acos] }, ({ operands: [f] }) => {
      const [angle] = f!.operands;
      return isMap(f!, cos) ? select(less(abs(angle!), 3), abs(angle!), versineArc(complementOf(f!)!)) : undefined;
    }),
  ],
};

/** 1 - f for functions without another rule, or a series, for it. */
function restOf(node: Expr, f: Expr, isTakenBy: Context["isTakenBy"]): Expr | undefined {
  const mixed = complementOfMixture(f);
  if (mixed) return mixed;
  // what a logarithm is of is known by its difference from 1
  if (!isOneOf(f, ...composites) || isTakenBy(node.id, log.primitive)) return undefined;
  const [base] = f.operands as [Expr];
  const isTotal = isOneOf(base, add, sub);
  if (isMap(base, tanh) || (isTotal && (isMap(f, sqrt) || isMap(f, square)))) return undefined;
  // far from one, as a rule has seen to
  if (isTotal && base.operands.some((term) => isMap(term, min))) return undefined;
  return isTotal && isMap(f, pow) && isTakenBy(node.id, div.primitive) ? undefined : complementOf(f);
}
const composites = [sqrt, rsqrt, square, pow, mul, div, direction, sech, reciprocal, proportion, select];

/** sqrt(1 - f^2) of an f that may come near 1, or near -1. */
function heightOf(f: Expr): Expr | undefined {
  if (isMap(f, sin)) return abs(cos(f.operands[0]!));
  if (isMap(f, cos)) return abs(sin(f.operands[0]!));
  if (isMap(f, neg)) return heightOf(f.operands[0]!);
  if (isMap(f, direction)) return undefined;
  const [left, right] = [complementOf(f), complementOf(neg(f))];
  return (left || right) && mul(sqrt(left ?? sub(1, f)), sqrt(right ?? add(1, f)));
}

/** 1 - u/v of sums that share a term. */
function quotientRest(f: Expr): Expr | undefined {
  const [u, v] = isMap(f, div) && f.operands.every(isSum) ? f.operands : [];
  const distance = u && distanceOf(v!, u);
  return distance && div(distance, v!);
}

/** Functions whose logarithms near 1 would lose it; the others have rules of their own, or are 1 + x. */
const nearOne = [cos, direction];

/** Functions between 0 and 1, or -1 and 1, whose complements have logarithms of their own. */
const shares = [sigmoid, tanh, normalCdf, erf, erfc];

type Gap = (u: Expr, v: Expr, distance: Expr) => Expr;

const halfSum = (u: Expr, v: Expr) => mul(0.5, add(u, v));
/** log u - log v: near each other by one less than their quotient. */
function logsApart(u: Expr, v: Expr, distance: Expr): Expr {
  const isNear = and(less(abs(distance), mul(0.5, abs(v))), greater(v, 0));
  return select(isNear, log1p(select(isNear, div(distance, v), 0)), logGap(u, v));
}

/** log f where f is at most 1/2 or at least 3/2; the bounds change nothing, and tell the rule that it has been here. */
const logFarFromOne = (f: Expr) => select(less(f, 1), log(min(f, 0.75)), log(max(f, 1.25)));

/** f(u) - f(v), from u - v. */
const gaps = byPrimitive<Gap>([
  [sqrt, (u, v, d) => div(d, add(sqrt(u), sqrt(v)))],
  [
    cbrt,
    (u, v, d) => {
      const [a, b] = [cbrt(u), cbrt(v)];
      return div(d, add(mul(a, a), mul(a, b), mul(b, b)));
    },
  ],
  [reciprocal, (u, v, d) => neg(mul(mul(d, reciprocal(u)), reciprocal(v)))],
  [log, logsApart],
  [log2, (u, v, d) => mul(Math.LOG2E, logsApart(u, v, d))],
  [log10, (u, v, d) => mul(Math.LOG10E, logsApart(u, v, d))],
  [log1p, (u, v, d) => logsApart(add(1, u), add(1, v), d)],
  [rsqrt, (u, v, d) => neg(mul(div(d, add(sqrt(u), sqrt(v))), mul(rsqrt(u), rsqrt(v))))],
  [exp, (u, v, d) => select(less(d, 0), mul(exp(v), expm1(d)), neg(mul(exp(u), expm1(neg(d)))))],
  [sin, (u, v, d) => mul(2, mul(cos(halfSum(u, v)), sin(mul(0.5, d))))],
  [cos, (u, v, d) => mul(-2, mul(sin(halfSum(u, v)), sin(mul(0.5, d))))],
  [tan, (u, v, d) => div(div(sin(d), cos(u)), cos(v))],
  [sinh, (u, v, d) => mul(2, mul(cosh(halfSum(u, v)), sinh(mul(0.5, d))))],
  [cosh, (u, v, d) => mul(2, mul(sinh(halfSum(u, v)), sinh(mul(0.5, d))))],
  [tanh, (u, v, d) => mul(tanh(d), exp(sub(logCosh(d), add(logCosh(u), logCosh(v)))))],
  [
    sigmoid,
    (u, v, d) =>
      select(
        less(d, 0),
        mul(mul(sigmoid(v), sigmoid(neg(u))), expm1(d)),
        neg(mul(mul(sigmoid(u), sigmoid(neg(v))), expm1(neg(d)))),
      ),
  ],
  [
    softplus,
    (_u, v, d) =>
      select(less(abs(d), 2), log1p(mul(sigmoid(v), expm1(d))), logaddexp(neg(softplus(v)), sub(d, softplus(neg(v))))),
  ],
  [atan, (u, v, d) => atan2(d, add(1, mul(u, v)))],
]);
