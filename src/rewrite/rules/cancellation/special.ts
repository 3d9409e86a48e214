import type { Expr } from "../../../ir/graph.ts";
import { termsOf, view } from "../../../ops/arrays/contractions.ts";
import type { Operation } from "../../../ops/define.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../../../ops/elementary/algebra.ts";
import { greater, greaterEqual, less, max, min, select } from "../../../ops/elementary/comparison.ts";
import { exp, log, log1mexp } from "../../../ops/elementary/exponential.ts";
import { abs } from "../../../ops/elementary/rounding.ts";
import { isMap, isOneOf } from "../../../ops/maps.ts";
import { erfRatio } from "../../../ops/ratios/erf-ratios.ts";
import { sigmoid } from "../../../ops/special/activation.ts";
import {
  erf,
  erfc,
  erfcHazard,
  erfcHazardExcess,
  erfcIntegral,
  erfcinv,
  erfcx,
  erfinv,
  logErf,
  logErfc,
  logNormalCdf,
  normalCdf,
  normalPdf,
} from "../../../ops/special/erf.ts";
import { digamma, lgamma } from "../../../ops/special/gamma.ts";
import { gammaStep, logBeta } from "../../../ops/special/gamma-steps.ts";
import { gaussian } from "../../../ops/special/gaussian.ts";
import { areNoChoices } from "../../forms/conditions.ts";
import { isConstant } from "../../forms/contractions/splat.ts";
import { asSquare, difference, monomialsOf, product } from "../../forms/monomials.ts";
import { multipleOf } from "../../forms/multiples.ts";
import { isView } from "../../forms/nodes.ts";
import { c, d, number, x, y } from "../../pattern.ts";
import { type Condition, type Rules, rule, structural } from "../../rule.ts";
import { evenRules, oddRules } from "../arithmetic/parity.ts";
import { ratioRules } from "./ratio.ts";

const steps = (
  [
    [lgamma, 1],
    [digamma, 2],
  ] as const
).map(([f, order]) => ({ f, step: gammaStep(order) }));

const stepsOfMultiples = ([mul, div] as const).flatMap((times) => {
  const [from, to] = [lgamma(times(x, c)), lgamma(times(add(x, y), c))];
  const step = gammaStep(1)(times(x, c), times(y, c));
  return [rule(sub(to, from), step), rule(sub(from, to), neg(step))];
});

const stepRules = [
  ...steps.flatMap(({ f, step }) => [
    rule(sub(f(add(x, y)), f(x)), step(x, y)),
    rule(sub(f(x), f(add(x, y))), neg(step(x, y))),
  ]),
  ...stepsOfMultiples,
  structural("step from a number that is repeated", { roots: [sub] }, ({ operands: [a, b] }) => {
    const back = stepBetween(b!, a!);
    return stepBetween(a!, b!) ?? (back && neg(back));
  }),
];

/** f(x + y) - f(x), where f(x) is computed once and repeated. */
function stepBetween(far: Expr, repeated: Expr): Expr | undefined {
  if (!isView(repeated)) return undefined;
  const { factors, guards, lookups } = termsOf(repeated);
  const { of, index } = factors[0]!;
  const known = steps.find(({ f }) => isMap(of, f) && isMap(far, f));
  const [total] = far.operands;
  if (!known || guards.length > 0 || !total || !isMap(total, add) || total.operands.length !== 2) return undefined;
  const base = view(of.operands[0]!, repeated.shape, index, [], lookups);
  const at = total.operands.indexOf(base);
  return at < 0 ? undefined : known.step(base, total.operands[1 - at]!);
}

/** logBeta(a + m, b + n) - logBeta(a, b), by steps of lgamma: those of logBeta itself cancel where a and b are large. */
function betaStep(far: Expr, near: Expr): Expr | undefined {
  const starts = isMap(far, logBeta) ? operandsThrough(near, logBeta) : undefined;
  if (!starts) return undefined;
  for (const [a, b] of [starts, [...starts].reverse()] as [Expr, Expr][]) {
    const [m, n] = [excessOver(far.operands[0]!, a), excessOver(far.operands[1]!, b)];
    if (m && n) return sub(add(gammaStep(1)(a, m), gammaStep(1)(b, n)), gammaStep(1)(add(a, b), add(m, n)));
  }
  return undefined;
}

/** What a function is of, where it stands or is repeated. */
export function operandsThrough(node: Expr, f: Operation): readonly Expr[] | undefined {
  if (isMap(node, f)) return node.operands;
  if (!isView(node)) return undefined;
  const { factors, guards, lookups } = termsOf(node);
  const { of, index } = factors[0]!;
  if (guards.length > 0 || !isMap(of, f)) return undefined;
  return of.operands.map((operand) => view(operand, node.shape, index, [], lookups));
}

/** What a sum holds beside one of its terms. */
function excessOver(total: Expr, term: Expr): Expr | undefined {
  const at = isMap(total, add) ? total.operands.indexOf(term) : -1;
  if (at < 0) return undefined;
  const rest = total.operands.filter((_, k) => k !== at);
  return rest.reduce((a, b) => add(a, b));
}

/** 2 c d is 1 or -1, but for rounding. */
const isExcess =
  (sign: number): Condition =>
  (of) =>
    Math.abs(2 * of(c).constant! * of(d).constant! - sign) < 4 * Number.EPSILON;

/** Complements and tails of special functions that would cancel or overflow when computed from their parts. */
export const specialRules: Rules = {
  exact: [...oddRules([erf]), ...evenRules([normalPdf])],
  stable: [
    ...ratioRules(erf, erfRatio),
    ...stepRules,
    rule(sub(add(lgamma(x), lgamma(y)), lgamma(add(x, y))), logBeta(x, y)),
    structural("step of the logarithm of a beta function", { roots: [sub] }, ({ operands: [a, b] }) => {
      const back = betaStep(b!, a!);
      return betaStep(a!, b!) ?? (back && neg(back));
    }),
    rule(sub(lgamma(y), gammaStep(1)(x, y)), logBeta(x, y)),
    rule(sub(gammaStep(1)(x, y), lgamma(y)), neg(logBeta(x, y))),
    // the poles at 0 cancel
    rule(add(lgamma(x), log(x)), select(greaterEqual(x, 0), lgamma(add(x, 1)), Number.NaN)),
    rule(
      mul(x, digamma(x)),
      select(less(abs(x), 0.5), sub(mul(x, digamma(add(x, 1))), 1), mul(x, digamma(select(less(abs(x), 0.5), 1, x)))),
      { where: areNoChoices(x) },
    ),
    rule(add(digamma(x), reciprocal(x)), digamma(add(x, 1))),
    rule(sub(1, erf(x)), erfc(x)),
    rule(sub(1, erfc(x)), erf(x)),
    rule(sub(1, mul(0.5, erfc(x))), mul(0.5, erfc(neg(x)))),
    rule(sub(1, normalCdf(x)), normalCdf(neg(x))),
    rule(add(normalCdf(x), normalCdf(neg(x))), number(1)),
    rule(add(mul(normalCdf(x), 2), -1), erf(mul(x, Math.SQRT1_2))),
    rule(add(normalCdf(x), -0.5), mul(erf(mul(x, Math.SQRT1_2)), 0.5)),
    rule(sub(1, mul(normalCdf(x), 2)), neg(erf(mul(x, Math.SQRT1_2)))),
    rule(sub(0.5, normalCdf(x)), mul(erf(mul(x, Math.SQRT1_2)), -0.5)),
    rule(exp(logErfc(x)), erfc(x)),
    rule(exp(logNormalCdf(x)), normalCdf(x)),
    rule(log(mul(0.5, erfc(x))), logNormalCdf(mul(-Math.SQRT2, x))),
    rule(add(erf(x), 1), erfc(neg(x))),
    rule(add(mul(erf(x), c), c), mul(add(erf(x), 1), c)),
    rule(sub(c, mul(erf(x), c)), mul(sub(1, erf(x)), c)),
    structural("exponential of a square times its erfc", { roots: [mul] }, ({ operands: [a, b] }) => {
      const [power, tail] = isMap(a!, erfc) ? [b!, a!] : [a!, b!];
      return decayOf(power, tail, 1) ? erfcx(tail.operands[0]!) : undefined;
    }),
    structural("quotient of erfc and its decay", { roots: [div] }, ({ operands: [a, b] }) => {
      if (decayOf(b!, a!, -1)) return erfcx(a!.operands[0]!);
      return decayOf(a!, b!, -1) ? mul(erfcHazard(b!.operands[0]!), Math.sqrt(Math.PI) / 2) : undefined;
    }),
    ...[
      { tail: normalCdf(x), sign: -1 },
      { tail: normalCdf(neg(x)), sign: 1 },
    ].flatMap(({ tail, sign }) => [
      rule(div(normalPdf(x), tail), mul(erfcHazard(mul(x, sign * Math.SQRT1_2)), Math.SQRT1_2)),
      rule(div(tail, normalPdf(x)), mul(erfcx(mul(x, sign * Math.SQRT1_2)), Math.sqrt(Math.PI / 2))),
    ]),
    rule(sub(erfcHazard(x), mul(x, 2)), erfcHazardExcess(x)),
    rule(add(mul(erfcHazard(mul(x, c)), d), x), mul(erfcHazardExcess(mul(x, c)), d), { where: isExcess(-1) }),
    rule(sub(mul(erfcHazard(mul(x, c)), d), x), mul(erfcHazardExcess(mul(x, c)), d), { where: isExcess(1) }),
    structural(
      "exponential beside a tail",
      { roots: [mul], operands: [exp] },
      ({ operands: [a, b] }) => besideTail(a!, b!) ?? besideTail(b!, a!),
    ),
    rule(log(add(mul(x, normalCdf(x)), normalPdf(x))), logOfImprovement(), { where: areNoChoices(x) }),
    rule(log(erf(x)), logErf(x)),
    structural("log of what lies between two points", { roots: [log], operands: [sub] }, ({ operands: [mass] }) => {
      const [a, b] = mass!.operands;
      const tail = tails.find(({ f }) => isMap(a!, f) && isMap(b!, f));
      return tail && massBetween(a!.operands[0]!, b!.operands[0]!, tail);
    }),
    structural(
      "log of a difference that conditions choose",
      { roots: [log], operands: [sub] },
      ({ operands: [mass] }) => {
        const [a, b] = mass!.operands;
        return isMap(mass!, sub) && [a!, b!].some((side) => isMap(side, select)) ? chosenMass(a!, b!) : undefined;
      },
    ),
    rule(erfinv(sub(1, x)), erfcinv(x)),
    rule(erfinv(add(mul(x, 2), -1)), neg(erfcinv(mul(x, 2)))),
    rule(erfinv(erf(x)), x),
  ],
};

/** Logarithm of the integral of the normal distribution function up to x: on the left by what is left of it beside its decay. */
function logOfImprovement(): Expr {
  const isLeft = less(x, -1);
  const right = select(isLeft, 0, x);
  return select(
    isLeft,
    sub(log(mul(erfcIntegral(1)(mul(x, -Math.SQRT1_2)), Math.SQRT1_2)), mul(0.5, square(x))),
    log(add(mul(right, normalCdf(right)), normalPdf(right))),
  );
}

/** Where tails are about to underflow, and which function is their logarithm. */
const far = 25;
const vanishingTails = [
  { f: erfc, logarithm: logErfc, isBeyond: (v: Expr) => greater(v, far) },
  { f: normalCdf, logarithm: logNormalCdf, isBeyond: (v: Expr) => less(v, -far) },
] as const;

/** e^u f(v): far out as one exponential, for f(v) underflows before the product does. The bound tells that the rule has been here. */
function besideTail(power: Expr, tail: Expr): Expr | undefined {
  const known = vanishingTails.find(({ f }) => isMap(tail, f));
  const [v] = tail.operands;
  if (!known || !isMap(power, exp) || isMap(v!, select) || v!.kind === "constant") return undefined;
  const [u] = power.operands;
  const paired = decayWithTail(u!, v!, known.f === erfc);
  if (paired) return paired;
  const isBeyond = known.isBeyond(v!);
  const whole = exp(add(u!, known.logarithm(select(isBeyond, v!, 0))));
  return select(isBeyond, whole, mul(exp(select(isBeyond, 0, u!)), known.f(select(isBeyond, 0, v!))));
}

/** Longer exponents are not compared. */
const mostTerms = 16;

/** e^u f(v) where the decay of the tail is in u: what is left of that times the tail without it. Both may overflow alone. */
function decayWithTail(u: Expr, v: Expr, isErfc: boolean): Expr | undefined {
  const [exponent, root] = [monomialsOf(u), monomialsOf(v)];
  if (exponent.length + root.length > mostTerms) return undefined;
  const squared = product(root, root);
  const decay = isErfc ? squared : squared.map((term) => ({ ...term, number: term.number / 2 }));
  const left = difference(exponent, decay);
  const rest = left.length < exponent.length + difference(decay, []).length ? asSquare(left, u) : undefined;
  if (!rest) return undefined;
  const t = isErfc ? v : mul(v, -Math.SQRT1_2);
  const isTail = greater(t, 1);
  const scaled = erfcx(select(isTail, t, 1));
  const beside = mul(exp(select(isTail, rest, 0)), isErfc ? scaled : mul(scaled, 0.5));
  const bounded = select(isTail, 0, v);
  return select(isTail, beside, mul(exp(select(isTail, 0, u)), isErfc ? erfc(bounded) : normalCdf(bounded)));
}

/** Functions that vanish on one side and are symmetric about a point on the other, with their logarithms. */
const tails = [
  { f: normalCdf, logarithm: logNormalCdf, isRising: true },
  { f: erfc, logarithm: logErfc, isRising: false },
] as const;

/** What is further out has no mass that counts, and logarithms whose slopes overflow. */
const furthest = 1e150;

/** log(f(x) - f(y)), on the side where both vanish. */
function massBetween(x: Expr, y: Expr, { logarithm, isRising }: (typeof tails)[number]): Expr {
  const isFar = isRising ? greater(add(x, y), 0) : less(add(x, y), 0);
  const [near, far] = [select(isFar, neg(y), x), select(isFar, neg(x), y)];
  const whole = logarithm(near);
  const rest = logarithm(isRising ? max(far, -furthest) : min(far, furthest));
  return add(whole, log1mexp(sub(rest, whole)));
}

/** So many conditions choose what lies on both sides. */
const mostConditions = 4;

/** log(a - b) of shares of a distribution that conditions choose, as a choice of logarithms: of 1 and 0 beyond its ends, too. */
function chosenMass(a: Expr, b: Expr, left = mostConditions): Expr | undefined {
  const [choice, of]: [Expr, (side: Expr) => Expr | undefined] = isMap(a, select)
    ? [a, (side) => chosenMass(side, b, left - 1)]
    : [b, (side) => chosenMass(a, side, left - 1)];
  if (!isMap(choice, select)) return [a, b].every(isShareOrEnd) ? log(sub(a, b)) : undefined;
  const [condition, yes, no] = choice.operands as [Expr, Expr, Expr];
  const [first, second] = left > 0 ? [of(yes), of(no)] : [];
  return first && second && select(condition, first, second);
}

const isShareOrEnd = (node: Expr) =>
  isOneOf(node, sigmoid, normalCdf, erfc) || isConstant(node, 0) || isConstant(node, 1);

/** True of e^(sign v^2) beside erfc(v), where the constants say so but for rounding. */
function decayOf(power: Expr, tail: Expr, sign: number): boolean {
  if (!isMap(tail, erfc)) return false;
  const v = multipleOf(tail.operands[0]!);
  const isGaussian = isMap(power, gaussian);
  if (!isGaussian && !isMap(power, exp)) return false;
  const outer = isGaussian ? { base: power, factor: -1 } : multipleOf(power.operands[0]!);
  if (!isGaussian && !isMap(outer.base, square)) return false;
  const inner = multipleOf(outer.base.operands[0]!);
  const [factor, needed] = [outer.factor * inner.factor ** 2, sign * v.factor ** 2];
  return inner.base === v.base && Math.abs(factor - needed) <= 4 * Number.EPSILON * Math.abs(needed);
}
