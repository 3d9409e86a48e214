import type { Expr } from "../../../ir/graph.ts";
import type { Operation } from "../../../ops/define.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../../../ops/elementary/algebra.ts";
import { allOf, and, greater, less, min, select } from "../../../ops/elementary/comparison.ts";
import { exp, log, log1mexp, log1p } from "../../../ops/elementary/exponential.ts";
import { pow } from "../../../ops/elementary/powers.ts";
import { abs } from "../../../ops/elementary/rounding.ts";
import { isMap, isOneOf } from "../../../ops/maps.ts";
import { logProportion } from "../../../ops/ratios/compositions.ts";
import { logGap } from "../../../ops/ratios/gaps.ts";
import { proportion } from "../../../ops/ratios/ratios.ts";
import { logSigmoid, sigmoid, softplus } from "../../../ops/special/activation.ts";
import { both, isNumber, isOpenBase, isOpenPower, vary } from "../../forms/conditions.ts";
import { isConstant } from "../../forms/contractions/splat.ts";
import { insideRepeated, repeatedIn } from "../../forms/contractions/views.ts";
import { type Fraction, fractionOf, wholeOf, without } from "../../forms/fractions.ts";
import { u, w, x, y } from "../../pattern.ts";
import { type Condition, type Context, type Rules, rule, structural } from "../../rule.ts";

/** Powers of one base with exponents that vary: one overflows where the other brings it back. */
const powersOfOneBase = (
  [
    [mul(pow(x, y), pow(x, w)), add(y, w), mul],
    [div(pow(x, y), pow(x, w)), sub(y, w), div],
  ] as const
).map(([whole, exponent, join]) =>
  rule(
    whole,
    // of a negative base the two may have roots where one power has none
    select(greater(x, 0), pow(x, exponent), join(pow(min(x, 1), y), pow(min(x, 1), w))),
    {
      where: both(isNumber, (of) => !isMap(of(x), min)),
    },
  ),
);

/** x^y / (x^y + w^y) of positive numbers, or its logarithm, by the logarithm of their quotient. */
function shareOfPowers(share: Operation, ofDifference: Operation): Expr {
  const arePositive = and(greater(x, 0), greater(w, 0));
  const [a, b] = [x, w].map((base) => select(arePositive, base, 1)) as [Expr, Expr];
  const [p, q] = [x, w].map((base) => pow(select(arePositive, 1, base), y)) as [Expr, Expr];
  return select(arePositive, ofDifference(mul(y, logGap(a, b))), share(p, q));
}

const shareOfPowersRule = rule(proportion(pow(x, y), pow(w, y)), shareOfPowers(proportion, sigmoid), {
  where: isOpenPower,
});

/** log(1 - x^y), for positive x by its logarithm. */
function logOfComplement(): Expr {
  const isPositive = greater(x, 0);
  return select(
    isPositive,
    log1mexp(mul(y, log(select(isPositive, x, 0.5)))),
    log1p(neg(pow(select(isPositive, 0, x), y))),
  );
}

/** A function of the power x^y, of a positive x by the logarithm of that. */
function byLogarithm(ofLogarithm: (exponent: Expr) => Expr, ofPower: (power: Expr) => Expr): Expr {
  const isPositive = greater(x, 0);
  return select(isPositive, ofLogarithm(mul(y, log(x))), ofPower(pow(select(isPositive, 1, x), y)));
}

/** The same, where x^y may be infinite at 0: there by the power of -y. */
function byPowers(
  ofLogarithm: (exponent: Expr) => Expr,
  ofPower: (power: Expr) => Expr,
  ofReciprocal: (power: Expr) => Expr,
): Expr {
  const isPositive = greater(x, 0);
  const isFalling = less(y, 0);
  const power = pow(select(isPositive, 1, x), select(isFalling, neg(y), y));
  const rest = select(isFalling, ofReciprocal(power), ofPower(power));
  return select(isPositive, ofLogarithm(mul(y, log(x))), rest);
}

const restOf = (power: Expr) => reciprocal(add(1, power));
const shareOf = (power: Expr) => proportion(power, 1);

/** x^y / (x^y + 1). */
const shareOfPower = byPowers(sigmoid, shareOf, restOf);

/** 1 / (1 + x^y). */
const restOfPower = byPowers((exponent) => sigmoid(neg(exponent)), restOf, shareOf);

/** (1 + x^y)^w. */
const powerOfSum = (w: Expr) =>
  byPowers(
    // beside x = 0 the exponent is infinite, and so would be the slope in w
    (exponent) => exp(mul(w, softplus(select(greater(x, 0), exponent, 0)))),
    (power) => pow(add(1, power), w),
    (power) => pow(shareOf(power), neg(w)),
  );

/** log(1 + x^y). */
const logOfPowerAndOne = byLogarithm(softplus, log1p);

/** A power that is repeated, as a power of what is repeated. */
function insidePower(factor: Expr): Expr {
  const read = repeatedIn(factor);
  return read && isMap(read.of, pow) ? insideRepeated(read, factor.shape) : factor;
}

/** What stands twice among factors, and the others. */
function pairsIn(factors: readonly Expr[]): { readonly pairs: readonly Expr[]; readonly others: readonly Expr[] } {
  const [pairs, others]: [Expr[], Expr[]] = [[], []];
  for (const factor of factors) {
    const at = others.indexOf(factor);
    if (at < 0) others.push(factor);
    else pairs.push(...others.splice(at, 1));
  }
  return { pairs, others };
}

/** log of a product with powers, of which some overflow and others vanish: where their bases are positive by the logarithm of each. */
function logOfPowers(product: Expr): Expr | undefined {
  const whole = fractionOf(product);
  const [over, under] = [whole.over.map(insidePower), whole.under.map(insidePower)];
  const isOpen = (factor: Expr) => {
    const [base, exponent] = isMap(factor, pow) ? factor.operands : [];
    return base && exponent!.kind !== "constant" && !isOneOf(base, select, min) && isOpenBase(base);
  };
  const bases = [...new Set([...over, ...under].filter(isOpen).map(({ operands: [base] }) => base!))];
  if (bases.length === 0) return undefined;
  const arePositive = allOf(bases.map((base) => greater(base, 0)));
  const isLeft = (factor: Expr) => !isOpen(factor);
  const [above, below] = [over, under].map((factors) => pairsIn(factors.filter(isLeft)));
  const left = { over: above!.others, under: below!.others };
  const exponents = (factors: readonly Expr[]) =>
    factors.filter(isOpen).map(({ operands: [base, y] }) => mul(y!, log(select(arePositive, base!, 1))));
  const rest = left.over.length + left.under.length > 0 ? [log(wholeOf(left, product))] : [];
  // a square overflows first, and is positive whatever it is of
  const squares = [
    ...above!.pairs.map((each) => [2, each] as const),
    ...below!.pairs.map((each) => [-2, each] as const),
  ];
  const sum = [
    ...exponents(over),
    ...exponents(under).map((each) => neg(each)),
    ...squares.map(([times, base]) => mul(times, log(abs(base)))),
    ...rest,
  ].reduce((a, b) => add(a, b));
  const masked = (factors: readonly Expr[]) =>
    factors.map((factor) => {
      const [base, y] = factor.operands as [Expr, Expr];
      return isOpen(factor) ? pow(select(arePositive, 1, base), y) : factor;
    });
  return select(arePositive, sum, log(wholeOf({ over: masked(over), under: masked(under) }, product)));
}

/** So many times what it is added to a power is all of the sum, as far as digits go. */
const most = 1e100;

/** A quotient by (c + x^y)^(1/y), of a numerator with the factor x: without both where the power is all of the sum, and may overflow. */
function overRootOfSum(numerator: Expr, divisor: Expr): Expr | undefined {
  const [sum, w] = divisor.operands as [Expr, Expr];
  if (!isMap(sum, add) || sum.operands.length !== 2) return undefined;
  const power = sum.operands.find((term) => isMap(term, pow) && areReciprocal(term.operands[1]!, w));
  if (!power) return undefined;
  const other = sum.operands.find((term) => term !== power)!;
  const [x] = power.operands as [Expr];
  const rest = lessFactors(fractionOf(numerator), fractionOf(x));
  if (!rest) return undefined;
  const isAll = greater(mul(1 / most, power), abs(other));
  return select(isAll, wholeOf(rest, x), mul(numerator, pow(sum, neg(w))));
}

/** Exponents that vary and whose product is 1. */
function areReciprocal(y: Expr, w: Expr): boolean {
  const [p, q] = [fractionOf(y), fractionOf(w)];
  const isSame = (some: readonly Expr[], others: readonly Expr[]) => others.reduce(without, some).length === 0;
  const others = ({ over }: Fraction) => over.filter((factor) => !isConstant(factor, 1));
  const areAll = isSame(others(p), q.under) && isSame(q.under, others(p));
  return y.kind !== "constant" && areAll && isSame(others(q), p.under) && isSame(p.under, others(q));
}

/** A fraction without the factors of another; undefined where it does not hold them all. */
function lessFactors(whole: Fraction, gone: Fraction): Fraction | undefined {
  const over = gone.over.reduce(without, whole.over);
  const under = gone.under.reduce(without, whole.under);
  const isWhole = whole.over.length - over.length === gone.over.length;
  return isWhole && whole.under.length - under.length === gone.under.length ? { over, under } : undefined;
}

/** (1 + x^y)^w, alone or as a divisor; of logarithms and products of powers there are other forms. */
const powersOfSums = [
  rule(pow(add(1, pow(x, y)), w), powerOfSum(w), { where: isOpenPower }),
  rule(reciprocal(pow(add(1, pow(x, y)), w)), powerOfSum(neg(w)), { where: isOpenPower }),
  rule(div(u, pow(add(1, pow(x, y)), w)), mul(u, powerOfSum(neg(w))), { where: isOpenPower }),
].map((each) => ({
  ...each,
  apply: (node: Expr, context: Context) =>
    [log, mul, div, reciprocal].some(({ primitive }) => context.isTakenBy(node.id, primitive))
      ? undefined
      : each.apply(node, context),
}));

/** What stands above 1 + x^y is not the power itself. */
const isApart: Condition = (of) => !(isMap(of(w), pow) && of(w).operands[0] === of(x) && of(w).operands[1] === of(y));

/** Powers with exponents that vary: they overflow where quotients and products of them do not. */
export const varyingPowerRules: Rules = {
  stable: [
    rule(proportion(pow(x, y), 1), shareOfPower, { where: isOpenPower }),
    ...powersOfSums,
    rule(reciprocal(add(1, pow(x, y))), restOfPower, { where: isOpenPower }),
    rule(div(mul(w, pow(x, y)), add(1, pow(x, y))), mul(w, shareOfPower), { where: isOpenPower }),
    rule(div(w, add(1, pow(x, y))), mul(w, restOfPower), { where: both(isOpenPower, isApart) }),
    structural(
      "quotient by the root of a sum with a power",
      { roots: [div], operands: [pow] },
      ({ operands: [a, b] }) => (isMap(b!, pow) ? overRootOfSum(a!, b!) : undefined),
    ),
    rule(logProportion(pow(x, y), pow(w, y)), shareOfPowers(logProportion, logSigmoid), { where: isOpenPower }),
    structural("share of powers", { roots: [proportion] }, (node, context) =>
      context.isTakenBy(node.id, log.primitive) ? undefined : shareOfPowersRule.apply(node, context),
    ),
    rule(log1p(pow(x, y)), logOfPowerAndOne, { where: isOpenPower }),
    ...[mul, div].map((root) =>
      structural(
        `log of a ${root === mul ? "product" : "quotient"} of powers`,
        { roots: [log], operands: [root] },
        ({ operands: [f] }) => logOfPowers(f!),
      ),
    ),
    rule(log1p(neg(pow(x, y))), logOfComplement(), { where: isOpenPower }),
    // powers of one base
    ...powersOfOneBase,
    rule(pow(square(x), y), pow(abs(x), mul(2, y)), {
      where: vary(y),
    }),
  ],
};
