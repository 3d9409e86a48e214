import type { Expr } from "../../../ir/graph.ts";
import { add, div, mul, neg, reciprocal, sub } from "../../../ops/elementary/algebra.ts";
import { greater, less, min, select } from "../../../ops/elementary/comparison.ts";
import { log, log1p } from "../../../ops/elementary/exponential.ts";
import { pow } from "../../../ops/elementary/powers.ts";
import { abs } from "../../../ops/elementary/rounding.ts";
import { isMap } from "../../../ops/maps.ts";
import { compound } from "../../../ops/ratios/compositions.ts";
import { expm1Dilation } from "../../../ops/ratios/dilations.ts";
import { expm1Ratio, log1pRatio } from "../../../ops/ratios/ratios.ts";
import { areNoChoices, isOpenPower } from "../../forms/conditions.ts";
import { isConstant } from "../../forms/contractions/splat.ts";
import { repeatedIn } from "../../forms/contractions/views.ts";
import { fractionOf, wholeOf, without } from "../../forms/fractions.ts";
import { number, w, x, y } from "../../pattern.ts";
import { type Condition, type Rules, rule, structural } from "../../rule.ts";

const isGrowth: Condition = (of) => !isMap(of(x), min) && !Number.isInteger(of(y).constant);

/** Of what no rule has bounded. */
const isOpen = areNoChoices(x);

/** (1 + x)^y - 1 for a base that may be negative, where y is whole. */
const growth = (x: Expr, y: Expr) => select(less(-0.75, x), compound(x, y), add(pow(add(min(x, -0.5), 1), y), -1));

/** near(r) of r = ((1 + x)^y - 1)/x, by the logarithm of 1 + x, and far(x) of a base that may be negative. */
function byGrowthRate(x: Expr, y: Expr, near: (rate: Expr) => Expr, far: (x: Expr) => Expr): Expr {
  const isMild = greater(x, -0.75);
  const rate = mul(expm1Dilation(log1p(select(isMild, x, -0.5)), y), log1pRatio(x));
  return select(isMild, near(rate), far(min(x, -0.5)));
}

const growthRate = (x: Expr, y: Expr, growthOf = (far: Expr) => sub(pow(add(far, 1), y), 1)) =>
  byGrowthRate(
    x,
    y,
    (rate) => rate,
    (far) => div(growthOf(far), far),
  );

/** ((1 + x)^y - 1)/y. */
function growthByExponent(): Expr {
  const isMild = less(-0.75, x);
  const low = min(x, -0.5);
  return select(isMild, expm1Dilation(y, log1p(select(isMild, x, -0.5))), div(add(pow(add(low, 1), y), -1), y));
}

/** w x over (1 + x)^y - 1: of a small x by the rate. */
function overGrowth(w: Expr): Expr {
  const isSmall = less(abs(x), 0.25);
  const far = select(isSmall, 1, x);
  return select(isSmall, div(w, growthRate(select(isSmall, x, 0), y)), div(mul(w, far), growth(far, y)));
}

/** (x^y - 1)/(x - 1), by the growth from 1 on where x - 1 is exact. */
function rateAtOne(): Expr {
  const isMild = greater(x, 0.25);
  const low = min(x, 0.5);
  return select(isMild, growthRate(add(select(isMild, x, 1), -1), y), div(add(pow(low, y), -1), add(low, -1)));
}

/** x (1 + x)^y / ((1 + x)^y - 1): of a loan at the interest x. */
const annuity = byGrowthRate(
  x,
  neg(y),
  (rate) => neg(reciprocal(rate)),
  (far) => div(mul(far, pow(add(far, 1), y)), sub(pow(add(far, 1), y), 1)),
);

/** (x^y - 1)/y: where the power is near 1 by the exponent that it has of e. */
function powerRate(x: Expr, y: Expr): Expr {
  const exponent = mul(y, log(x));
  const isNear = less(abs(exponent), 1);
  return select(isNear, mul(log(x), expm1Ratio(exponent)), div(add(pow(select(isNear, 2, x), y), -1), y));
}

/** (x^y - 1)/(y w), also where y and w are repeated together. */
function powerRateOver([numerator, divisor]: readonly Expr[]): Expr | undefined {
  const { operands } = numerator!;
  const power = operands.find((term) => isMap(term, pow));
  if (!power || operands.length !== 2 || !operands.some((term) => isConstant(term, -1))) return undefined;
  const [x, y] = power.operands as [Expr, Expr];
  const read = repeatedIn(divisor!) ?? { of: divisor!, again: (part: Expr) => part };
  const { over, under } = fractionOf(read.of);
  const factor = over.find((each) => read.again(each) === y);
  if (!factor || y.kind === "constant" || isMap(x, select)) return undefined;
  return div(powerRate(x, y), read.again(wholeOf({ over: without(over, factor), under }, factor)));
}

/** Powers of what is nearly 1, less 1: (1 + x)^y - 1 over x or y. */
export const growthRules: Rules = {
  stable: [
    // Box and Cox
    rule(div(add(pow(x, y), -1), y), powerRate(x, y), { where: isOpenPower }),
    structural("power less one over a product with its exponent", { roots: [div], operands: [add] }, ({ operands }) =>
      powerRateOver(operands),
    ),
    rule(div(sub(1, pow(x, sub(1, y))), add(y, -1)), powerRate(x, sub(1, y)), { where: isOpenPower }),
    rule(add(pow(add(x, 1), y), -1), growth(x, y), {
      where: isGrowth,
    }),
    rule(sub(1, pow(sub(1, x), y)), neg(growth(neg(x), y)), {
      where: isGrowth,
    }),
    rule(sub(1, pow(add(x, 1), y)), neg(growth(x, y)), {
      where: isGrowth,
    }),
    rule(div(growth(x, y), x), growthRate(x, y)),
    rule(
      div(compound(x, y), x),
      growthRate(x, y, (far) => compound(far, y)),
      { where: (of) => !isMap(of(x), min) },
    ),
    ...[div(add(pow(x, y), -1), add(x, -1)), div(sub(1, pow(x, y)), sub(1, x))].map((rate) =>
      rule(rate, rateAtOne(), { where: isGrowth }),
    ),
    rule(div(neg(growth(x, y)), x), neg(growthRate(x, y))),
    rule(div(growth(x, y), y), growthByExponent(), { where: isOpen }),
    rule(div(neg(growth(x, y)), y), neg(growthByExponent()), { where: isOpen }),
    rule(div(mul(x, pow(add(x, 1), y)), growth(x, y)), annuity),
    rule(div(mul(w, growth(x, y)), x), mul(w, growthRate(x, y))),
    rule(div(mul(w, x), growth(x, y)), overGrowth(w), { where: isOpen }),
    rule(div(x, growth(x, y)), overGrowth(number(1)), { where: isOpen }),
  ],
};
