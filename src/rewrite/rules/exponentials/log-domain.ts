import type { Expr } from "../../../ir/graph.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../../../ops/elementary/algebra.ts";
import { greater, less, max, min, select } from "../../../ops/elementary/comparison.ts";
import { exp, exp2, expm1, log, log1p } from "../../../ops/elementary/exponential.ts";
import { cosh, sinh, tanh } from "../../../ops/elementary/hyperbolic.ts";
import { pow, sqrt } from "../../../ops/elementary/powers.ts";
import { abs } from "../../../ops/elementary/rounding.ts";
import { isMap, isOneOf } from "../../../ops/maps.ts";
import { logProportion } from "../../../ops/ratios/compositions.ts";
import {
  log1pTimesExp,
  logPlusExp,
  reciprocalPlusExp,
  shareBesideExp,
  shareOfExp,
} from "../../../ops/ratios/exp-sums.ts";
import { faded } from "../../../ops/ratios/faded.ts";
import { log1pRatio, proportion } from "../../../ops/ratios/ratios.ts";
import { mish, sigmoid, silu, softplus } from "../../../ops/special/activation.ts";
import { erfc, normalCdf } from "../../../ops/special/erf.ts";
import { gaussian } from "../../../ops/special/gaussian.ts";
import { xlogy } from "../../../ops/special/special.ts";
import { both, valueWhere, vary } from "../../forms/conditions.ts";
import { tailFunctions } from "../../forms/exponentials/logarithms.ts";
import { inLogarithms, isShifted } from "../../forms/exponentials/sums-of-powers.ts";
import { c, w, x, y } from "../../pattern.ts";
import { type Condition, type Rules, rule, structural } from "../../rule.ts";
import { logarithmsOf } from "./logarithms.ts";

/**
 * Choices between two forms keep the form as written on the side where the other one is wrong. There the variable is bounded by
 * the border, which changes nothing, and tells the rule that it has been here.
 */
const isFresh =
  (variable: Expr): Condition =>
  (of) =>
    !isOneOf(of(variable), min, max);
/** Sums of exponentials alone have rules of their own. */
const isPlain: Condition = (of) => !isExponential(of(x));
function isExponential(node: Expr): boolean {
  const [a, b] = node.operands;
  if (node.kind === "constant" || isOneOf(node, exp, exp2, cosh)) return true;
  if (isMap(node, pow)) return a!.kind === "constant";
  return isMap(node, mul) && [a!, b!].some(isExponential);
}
const onNumbers = { where: both((of, { facts }) => facts.isNumber(of(x)), isPlain) };
/** Sums of exponentials have rules of their own here, too. */
const isVariable: Condition = (of) => of(y).kind !== "map";

/** A positive constant to a power that varies. */
const isPowerOf: Condition = both(
  valueWhere(c, (value) => value > 0 && value < Number.POSITIVE_INFINITY),
  vary(y),
);
const onNumbersAlone: Condition = (of, { facts }) => facts.isNumber(of(y));

/** softplus(x) is e^x log1pRatio(e^x), which is needed left of here. */
const left = -1;
const tail = (x: Expr) => log1pRatio(exp(min(x, left)));
const softplusBy = (near: Expr, form: (x: Expr) => Expr, of = x): Expr =>
  select(less(of, left), near, form(max(of, 2 * left)));

/** log(x / (x + y)) of a share x, by its exponent where x is small beside y and 1: its slopes divide by x. */
function shareOfExps(x: Expr, y: Expr): Expr | undefined {
  const [exponent, rest] = inLogarithms(x) ?? [];
  // of other exponentials further rules know more
  if (!exponent || !isShifted(exponent)) return undefined;
  const isFaint = less(x, min(mul(0.5, abs(y)), 2 ** -100));
  const logarithm = rest ? add(exponent, log(rest)) : exponent;
  return select(isFaint, sub(logarithm, log(add(x, y))), logProportion(select(isFaint, 1, x), y));
}

/** The logarithm of such a share times a positive number. */
function logOfShare(node: Expr): Expr | undefined {
  const { operands } = node;
  if (isMap(node, proportion)) return shareOfExps(operands[0]!, operands[1]!);
  const factor = isMap(node, mul) ? operands.find(({ kind }) => kind === "constant")?.constant : undefined;
  if (!factor || factor < 0) return undefined;
  const rest = logOfShare(operands.find(({ kind }) => kind !== "constant")!);
  return rest && add(rest, Math.log(factor));
}

/** Sums, products and powers of exponentials and what behaves like them, by exponents. */
export const logDomainRules: Rules = {
  stable: [
    ...logarithmsOf(tailFunctions),
    // shares may be rounded to 0
    structural("product with the log of exps", { roots: [xlogy] }, ({ operands: [x, product] }) => {
      const ofShare = logOfShare(product!);
      if (ofShare) return faded(x!, ofShare);
      const [exponent, rest] = inLogarithms(product!) ?? [];
      return rest ? add(faded(x!, exponent!), xlogy(x!, rest)) : exponent && faded(x!, exponent);
    }),
    structural("log of a share of exps", { roots: [logProportion] }, ({ operands: [x, y] }) => shareOfExps(x!, y!)),
    // sums with something that is no exponential
    rule(log(add(x, exp(y))), logPlusExp(x, y), onNumbers),
    rule(log1p(mul(x, exp(y))), log1pTimesExp(x, y), onNumbers),
    rule(div(x, add(x, exp(y))), shareBesideExp(x, y), onNumbers),
    rule(div(exp(y), add(x, exp(y))), shareOfExp(x, y), onNumbers),
    rule(div(w, add(x, exp(y))), mul(w, reciprocalPlusExp(x, y)), onNumbers),
    rule(reciprocal(add(x, exp(y))), reciprocalPlusExp(x, y), onNumbers),
    rule(div(mul(x, exp(y)), add(mul(x, exp(y)), 1)), shareBesideExp(x, neg(y)), onNumbers),
    rule(div(w, add(mul(x, exp(y)), 1)), mul(w, shareOfExp(x, neg(y))), onNumbers),
    rule(reciprocal(add(mul(x, exp(y)), 1)), shareOfExp(x, neg(y)), onNumbers),
    // softplus where it is all but e^x
    rule(
      log(softplus(x)),
      softplusBy(add(x, log(tail(x))), (x) => log(softplus(x))),
      {
        where: isFresh(x),
      },
    ),
    rule(
      sqrt(softplus(x)),
      softplusBy(mul(exp(mul(0.5, x)), sqrt(tail(x))), (x) => sqrt(softplus(x))),
      { where: isFresh(x) },
    ),
    rule(
      reciprocal(softplus(x)),
      softplusBy(div(exp(neg(x)), tail(x)), (x) => reciprocal(softplus(x))),
      { where: isFresh(x) },
    ),
    rule(
      mul(softplus(x), exp(neg(x))),
      softplusBy(tail(x), (x) => mul(softplus(x), exp(neg(x)))),
      { where: isFresh(x) },
    ),
    rule(
      mul(softplus(neg(x)), exp(x)),
      softplusBy(tail(neg(x)), (x) => mul(softplus(x), exp(neg(x))), neg(x)),
      { where: isFresh(x) },
    ),
    rule(
      div(softplus(x), sigmoid(x)),
      softplusBy(mul(tail(x), add(exp(x), 1)), (x) => div(softplus(x), sigmoid(x))),
      { where: isFresh(x) },
    ),
    rule(
      sqrt(expm1(x)),
      select(greater(x, 1), mul(exp(mul(0.5, x)), sqrt(neg(expm1(neg(x))))), sqrt(expm1(min(x, 2)))),
      { where: isFresh(x) },
    ),
    rule(div(silu(x), x), sigmoid(x)),
    rule(div(mish(x), x), tanh(softplus(x))),
    rule(sub(silu(x), x), silu(neg(x))),
    // powers that exponentials outrun
    rule(div(exp(x), square(y)), mul(exp(x), pow(y, -2)), { where: isVariable }),
    rule(div(exp(x), pow(y, c)), mul(exp(x), pow(y, neg(c))), {
      where: isVariable,
    }),
    // a power that overflows, squared in the slopes of quotients
    rule(div(x, pow(c, y)), mul(x, pow(c, neg(y))), { where: isPowerOf }),
    rule(reciprocal(pow(c, y)), pow(c, neg(y)), { where: isPowerOf }),
    // so is the quotient by a small number
    rule(div(x, div(c, y)), div(mul(x, y), c), {
      where: both(
        onNumbersAlone,
        valueWhere(c, (value) => value !== 0 && Number.isFinite(value)),
      ),
    }),
    structural("exponentials beside each other", { roots: [mul, div] }, (node, { isShared }) => {
      const [a, b] = node.operands as [Expr, Expr];
      const isOpen = (part: Expr) => isOneOf(part, mul, div) && !isShared(part.id);
      if (isMap(node, div)) return (isOpen(a) && quotientOf(a, b)) || (isOpen(b) && under(a, b)) || undefined;
      return (isOpen(a) && times(a, b)) || (isOpen(b) && times(b, a)) || undefined;
    }),
  ],
};

/** Functions that grow or vanish as exponentials do. */
const steep = [exp, gaussian, erfc, sinh, cosh, sigmoid, normalCdf];

/** The two parts of a product or quotient, the one first that e^x may join; undefined where it is both or none. */
function joined(whole: Expr, other: Expr): readonly [part: Expr, rest: Expr, isFirst: boolean] | undefined {
  const [p, q] = whole.operands as [Expr, Expr];
  const fits = (part: Expr) =>
    isOneOf(part, ...steep) &&
    isOneOf(other, ...steep) &&
    (isOneOf(part, exp, gaussian) || isOneOf(other, exp, gaussian));
  return fits(p) === fits(q) ? undefined : fits(p) ? [p, q, true] : [q, p, false];
}

/** (whole) * other */
function times(whole: Expr, other: Expr): Expr | undefined {
  const found = joined(whole, other);
  if (!found) return undefined;
  const [part, rest, isFirst] = found;
  if (isMap(whole, mul)) return mul(rest, mul(part, other));
  return isFirst ? div(mul(part, other), rest) : mul(rest, div(other, part));
}

/** (whole) / other */
function quotientOf(whole: Expr, other: Expr): Expr | undefined {
  const found = joined(whole, other);
  if (!found || (isMap(whole, div) && !found[2])) return undefined;
  const [part, rest] = found;
  return isMap(whole, mul) ? mul(rest, div(part, other)) : div(div(part, other), rest);
}

/** other / (whole) */
function under(other: Expr, whole: Expr): Expr | undefined {
  const found = isMap(whole, mul) ? joined(whole, other) : undefined;
  return found && div(div(other, found[0]), found[1]);
}
