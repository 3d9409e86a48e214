import type { Expr } from "../../../ir/graph.ts";
import type { Operation } from "../../../ops/define.ts";
import { add, div, mul, neg, sub } from "../../../ops/elementary/algebra.ts";
import { greater, select } from "../../../ops/elementary/comparison.ts";
import { exp, expm1, log, log1p } from "../../../ops/elementary/exponential.ts";
import { pow } from "../../../ops/elementary/powers.ts";
import { isMap } from "../../../ops/maps.ts";
import { expm1Dilation, log1pDilation } from "../../../ops/ratios/dilations.ts";
import { expm1Ratio, log1pRatio } from "../../../ops/ratios/ratios.ts";
import { nearOne } from "../../forms/cancellation/near-one.ts";
import { isConstant } from "../../forms/contractions/splat.ts";
import { commonFactors, type Fraction, fractionOf, wholeOf, without } from "../../forms/fractions.ts";
import { type Rules, structural } from "../../rule.ts";

/** Functions with f(0) = 0, f(p q)/p and f(u)/u. */
const vanishing: readonly (readonly [f: Operation, dilation: Operation, ratio: Operation])[] = [
  [expm1, expm1Dilation, expm1Ratio],
  [log1p, log1pDilation, log1pRatio],
];
const formsOf = (node: Expr) => vanishing.find(([f]) => isMap(node, f));

/**
 * Functions that vanish with a factor of their operand, over that factor: f(p q)/p, where other factors and terms stand around the two.
 * As quotients their slopes cancel where p is small, and are 0/0 where it is 0.
 */
export const dilationRules: Rules = {
  stable: [
    structural("function over a factor of its operand", { roots: [div, mul] }, overFactor),
    structural(
      "power of one and a factor of its exponent",
      { roots: [pow], operands: [add] },
      ({ operands: [base, exponent] }) => powerByFactor(base!, exponent!),
    ),
    structural(
      "power of one less a factor of its exponent",
      { roots: [pow], operands: [sub] },
      ({ operands: [base, exponent] }) => powerByFactor(base!, exponent!),
    ),
    structural("power of a mean of powers", { roots: [pow], operands: [div] }, ({ operands: [base, exponent] }) =>
      powerOfNearOne(base!, exponent!),
    ),
  ],
};

/** What varies in `u` and is there with the opposite exponent in the rest, as a fraction. */
function sharedWith(u: Fraction, rest: Fraction): Fraction | undefined {
  const [over, under] = [commonFactors(u.over, rest.under), commonFactors(u.under, rest.over)];
  return over.length + under.length > 0 ? { over, under } : undefined;
}

const lessAll = (factors: readonly Expr[], removed: readonly Expr[]) =>
  removed.reduce((left, factor) => without(left, factor), factors);

/** The fraction without the factors of another. */
const dividedBy = (whole: Fraction, { over, under }: Fraction): Fraction => ({
  over: lessAll(whole.over, over),
  under: lessAll(whole.under, under),
});

function overFactor(node: Expr): Expr | undefined {
  const whole = fractionOf(node);
  for (const f of whole.over) {
    if (!formsOf(f) && !isMap(f, log)) continue;
    const rest = { over: without(whole.over, f), under: whole.under };
    const found = joined(f, rest, node) ?? distributed(f, rest, node);
    if (found) return found;
  }
  return undefined;
}

/** f(u) times the rest, where the rest divides by a factor of u. */
function joined(f: Expr, rest: Fraction, node: Expr): Expr | undefined {
  const forms = formsOf(f);
  if (!forms) return logOverFactor(f.operands[0]!, rest, node);
  const [, dilation, ratio] = forms;
  const u = fractionOf(f.operands[0]!);
  const shared = sharedWith(u, rest);
  if (!shared) return undefined;
  const cofactor = dividedBy(u, shared);
  const left = dividedBy(rest, { over: shared.under, under: shared.over });
  const isConstantTimes = [...cofactor.over, ...cofactor.under].every(({ kind }) => kind === "constant");
  const [p, q] = [wholeOf(shared, node), wholeOf(cofactor, node)];
  const made = isConstantTimes ? mul(ratio(f.operands[0]!), q) : dilation(p, q);
  return left.over.length > 0 || left.under.length > 0 ? timesFraction(made, left, node) : made;
}

/** log(S) times the rest, for a sum of powers that is 1 where a factor is 0 by which the rest divides. */
function logOverFactor(sum: Expr, rest: Fraction, node: Expr): Expr | undefined {
  if (!rest.under.some((factor) => factor.kind !== "constant")) return undefined;
  const near = nearOne(sum);
  if (!near || !rest.under.includes(near.p)) return undefined;
  const { p, rate, holds } = near;
  const made = select(holds, log1pDilation(p, rate), div(log(select(holds, 2, sum)), p));
  return timesFraction(made, { over: rest.over, under: without(rest.under, p) }, node);
}

function timesFraction(made: Expr, { over, under }: Fraction, node: Expr): Expr {
  const product = over.reduce((a, b) => mul(a, b), made);
  return under.length > 0 ? div(product, wholeOf({ over: under, under: [] }, node)) : product;
}

/** f(u) times a sum of which a term divides by a factor of u. */
function distributed(f: Expr, rest: Fraction, node: Expr): Expr | undefined {
  for (const sum of rest.over) {
    const isSum = isMap(sum, add);
    if (!(isSum || isMap(sum, sub))) continue;
    const around = { over: without(rest.over, sum), under: rest.under };
    const products = sum.operands.map((term) => {
      const inner = fractionOf(term);
      const together = { over: [...around.over, ...inner.over], under: [...around.under, ...inner.under] };
      return joined(f, together, node);
    });
    if (!products.some((product) => product)) continue;
    const terms = products.map(
      (product, k) => product ?? timesFraction(mul(f, sum.operands[k]!), around, node),
    ) as unknown as [Expr, Expr];
    return isSum ? add(...terms) : sub(...terms);
  }
  return undefined;
}

/** (1 + u)^y by its logarithm, where y divides by a factor of u; of a base that is not positive as it stands. */
function powerByFactor(base: Expr, exponent: Expr): Expr | undefined {
  const u = excessOf(base);
  if (exponent.kind === "constant") return undefined;
  if (!u) return powerOfNearOne(base, exponent);
  if (isMap(u, select)) return undefined;
  const product = overFactor(mul(exponent, log1p(u)));
  if (!product) return undefined;
  const isPositive = greater(u, -1);
  return select(isPositive, exp(product), pow(add(select(isPositive, 1, u), 1), unless(isPositive, exponent)));
}

/** S^y, for a sum of powers that is 1 where a factor is 0 by which y divides. */
function powerOfNearOne(sum: Expr, exponent: Expr): Expr | undefined {
  const { over, under } = fractionOf(exponent);
  if (!under.some(({ kind }) => kind !== "constant")) return undefined;
  const near = nearOne(sum);
  if (!near || !under.includes(near.p)) return undefined;
  const { p, rate, holds } = near;
  const product = timesFraction(log1pDilation(p, rate), { over, under: without(under, p) }, exponent);
  return select(holds, exp(product), pow(select(holds, 1, sum), unless(holds, exponent)));
}

/** An exponent where a condition fails: what it is divided by may be 0 where it holds, and a slope in that infinite. */
function unless(condition: Expr, exponent: Expr): Expr {
  const { over, under } = fractionOf(exponent);
  const bounded = under.map((factor) => (factor.kind === "constant" ? factor : select(condition, 1, factor)));
  return wholeOf({ over, under: bounded }, exponent);
}

/** What a sum with 1 is more than that. */
function excessOf(base: Expr): Expr | undefined {
  const [a, b] = base.operands as [Expr, Expr];
  if (isMap(base, sub)) return isConstant(a, 1) ? neg(b) : undefined;
  if (!isMap(base, add) || base.operands.length !== 2) return undefined;
  return isConstant(b, 1) ? a : isConstant(a, 1) ? b : undefined;
}
