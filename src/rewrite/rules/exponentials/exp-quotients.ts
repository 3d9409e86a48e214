import type { Expr } from "../../../ir/graph.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../../../ops/elementary/algebra.ts";
import { and, greater, less, select } from "../../../ops/elementary/comparison.ts";
import { exp, expm1, expm1Reciprocal } from "../../../ops/elementary/exponential.ts";
import { cosh, sinh, tanh } from "../../../ops/elementary/hyperbolic.ts";
import { pow, rsqrt, sqrt } from "../../../ops/elementary/powers.ts";
import { abs } from "../../../ops/elementary/rounding.ts";
import { isMap, isOneOf } from "../../../ops/maps.ts";
import { contrast } from "../../../ops/ratios/contrasts.ts";
import { reciprocalPlusExp, shareOfExp } from "../../../ops/ratios/exp-sums.ts";
import { differenceAs } from "../../../ops/ratios/gaps.ts";
import { expm1Ratio } from "../../../ops/ratios/ratios.ts";
import { logSigmoid, sigmoid } from "../../../ops/special/activation.ts";
import { constantLike, vary } from "../../forms/conditions.ts";
import { isConstant } from "../../forms/contractions/splat.ts";
import { ratioOf, reciprocalOf } from "../../forms/exponentials/exp-ratios.ts";
import { exponentsOf, isLogistic, isVarying } from "../../forms/exponentials/exp-sums.ts";
import { difference, exponentialsOf, halvesOf, isAnyRelated, productOf } from "../../forms/exponentials/exponents.ts";
import { exponentOf, logarithmOf, positiveFunctions } from "../../forms/exponentials/logarithms.ts";
import { commonFactors, type Fraction, fractionOf, wholeOf, without } from "../../forms/fractions.ts";
import { x, y } from "../../pattern.ts";
import { type Rules, rule, structural } from "../../rule.ts";

/** Quotients, powers and products of sums and differences of exponentials. */
export const expQuotientRules: Rules = {
  stable: [
    structural("power of exponentials", { roots: [pow, sqrt, rsqrt] }, (node) => {
      const [base, exponent] = node.operands as [Expr, Expr];
      if (exponent && exponent.kind !== "constant") return undefined;
      const power = exponent ? exponent.constant! : isMap(node, sqrt) ? 0.5 : -0.5;
      if (!Number.isFinite(power) || (Number.isInteger(power) && power > 0)) return undefined;
      if (Number.isInteger(power) && isMap(base, add)) return reciprocalPower(base, -power);
      const isSteep = isOneOf(base, add, cosh, sigmoid);
      const logarithm = isSteep ? exponentOf(base) : undefined;
      return logarithm && exp(mul(logarithm, power));
    }),
    rule(pow(exp(x), y), exp(mul(x, y)), { once: [exp(x)] }),
    rule(pow(sigmoid(x), y), exp(mul(y, logSigmoid(x))), { where: vary(y) }),
    structural("reciprocal of exponentials", { roots: [reciprocal] }, ({ operands: [divisor] }) => {
      const { base, power } = powerOf(divisor!);
      return reciprocalPower(base, power);
    }),
    structural("quotient by exponentials", { roots: [div] }, (node) => {
      const [numerator, divisor] = node.operands as [Expr, Expr];
      const isApart = [numerator, divisor].every(isHyperbolic) && !isAnyRelated(numerator.operands, divisor.operands);
      const found =
        (isApart ? undefined : quotient(numerator, powerOf(divisor))) ?? quotientOfSteep(numerator, divisor);
      return found && withLimit(numerator, divisor, found);
    }),
    structural(
      "difference of exps over x and an exp",
      { roots: [div], operands: [add] },
      ({ operands: [numerator, divisor] }) => {
        const isPair = isMap(divisor!, add) && divisor!.operands.length === 2;
        const signed = isPair ? steepOf(numerator!) : undefined;
        const at = signed?.factor ? divisor!.operands.findIndex((term) => isMap(term, exp)) : -1;
        if (!signed?.factor || at < 0 || divisor!.operands[1 - at]!.kind === "constant") return undefined;
        const [other, exponent] = [divisor!.operands[1 - at]!, divisor!.operands[at]!.operands[0]!];
        const scaled = mul(signed.factor, mul(ratioOf(signed.exponents, [exponent]), shareOfExp(other, exponent)));
        return select(greater(exponent, 0), scaled, mul(numerator!, reciprocalPlusExp(other, exponent)));
      },
    ),
    rule(mul(exp(neg(x)), expm1(x)), neg(expm1(neg(x)))),
    rule(mul(exp(x), expm1(neg(x))), neg(expm1(x))),
    rule(contrast(exp(x), exp(y)), (of) => tanh(mul(0.5, difference(of(x), of(y))))),
  ],
};

interface Power {
  readonly base: Expr;
  readonly power: number;
}

function powerOf(node: Expr): Power {
  const [base, exponent] = node.operands;
  if (isMap(node, square)) return { base: base!, power: 2 };
  const power = isMap(node, pow) ? (exponent!.constant ?? 0) : 0;
  return power > 0 ? { base: base!, power } : { base: node, power: 1 };
}

/** 1 / base^power: by a sigmoid where there is a constant in the sum, which is divided by. */
function reciprocalPower(base: Expr, power: number): Expr | undefined {
  const logs = exponentsOf(base);
  return logs && reciprocalOf(logs, power);
}

/** Numerators of more terms are not taken apart. */
const mostTerms = 4;

/** A bounded factor, undefined where it is 1, and exponents of what it is a factor of. */
interface Steep {
  readonly factor?: Expr | undefined;
  readonly exponents: readonly Expr[];
}

/** numerator / base^power, where the base is a sum or a difference of exponentials. */
function quotient(numerator: Expr, { base, power }: Power): Expr | undefined {
  const below = isSum(base) ? steepOf(base) : undefined;
  if (!below || (!below.factor && isMap(base, mul) && below.exponents.length < 2)) return undefined;
  if (!isVarying(below.exponents)) return undefined;
  const { factor, exponents } = below;
  // what is no sum of exponentials itself has other forms over these
  if (factor ? !steepOf(numerator) : !isSteepSum(numerator) && (isLogistic(base) || !isMap(base, add))) {
    return undefined;
  }
  if (isMap(base, expm1) && isMap(numerator, exp)) {
    const [above, root] = [numerator.operands[0]!, neg(expm1Reciprocal(neg(base.operands[0]!)))];
    if (isConstant(difference(base.operands[0]!, above, power), 0)) return power === 1 ? root : pow(root, power);
  }
  const over = (node: Expr): Expr => {
    const [a, b] = node.operands as [Expr, Expr];
    const above = isSteep(node) ? steepOf(node) : undefined;
    if (above) {
      const ratio = ratioOf(above.exponents, exponents, power);
      return above.factor ? mul(above.factor, ratio) : ratio;
    }
    if (isMap(node, neg)) return neg(over(a));
    if (isMap(node, mul) && [a, b].some(isSteep)) return isSteep(a) ? mul(b, over(a)) : mul(a, over(b));
    if (isSteepSum(node)) return node.graph.map(node.graph.primitiveOf(node.id), node.operands.map(over));
    return mul(node, reciprocalOf(exponents, power));
  };
  const found = over(numerator);
  return factor ? div(found, power === 1 ? factor : pow(factor, power)) : found;
}

/** (e^u - 1) / (e^v - 1) with a factor that both exponents have: where that is small, by what is left of it. */
function withLimit(numerator: Expr, divisor: Expr, far: Expr): Expr {
  if (!isMap(numerator, expm1) || !isMap(divisor, expm1)) return far;
  const [u, v] = [numerator, divisor].map(({ operands: [x] }) => x!) as [Expr, Expr];
  const [p, q] = [fractionOf(u), fractionOf(v)];
  const shared = commonFactors(p.over, q.over);
  if (shared.length === 0) return far;
  const rest = (whole: Fraction) => wholeOf({ over: shared.reduce(without, whole.over), under: whole.under }, u);
  const isNear = (x: Expr) => less(abs(x), 1);
  const near = mul(div(rest(p), rest(q)), div(expm1Ratio(u), expm1Ratio(v)));
  return select(and(isNear(u), isNear(v)), near, far);
}

/** Near zero these have digits that their exponentials lose. */
const isHyperbolic = (node: Expr) => isOneOf(node, cosh, sinh);

/** A sum of exponentials, or a function that is one. */
const isSum = (node: Expr) => isOneOf(node, add, sub, cosh, sinh, expm1, mul);

/** A quotient of functions that are the same exponentials nearly everywhere. */
function quotientOfSteep(numerator: Expr, divisor: Expr): Expr | undefined {
  if (isMap(divisor, neg)) {
    const found = quotientOfSteep(numerator, divisor.operands[0]!);
    return found && neg(found);
  }
  if (isMap(numerator, sigmoid) && isMap(divisor, sigmoid)) {
    // (1 + e^-y) / (1 + e^-x)
    const [own, other] = [numerator, divisor].map(({ operands: [x] }) => [constantLike(0, x!), neg(x!)]);
    if (isAnyRelated(numerator.operands, divisor.operands)) return ratioOf(other!, own!);
  }
  const isPair = positiveFunctions.some(([f]) => isMap(numerator, f) && isMap(divisor, f));
  return isPair ? exp(sub(logarithmOf(numerator)!, logarithmOf(divisor)!)) : undefined;
}

/** True of what an exponential is part of. */
function isSteep(node: Expr): boolean {
  if (exponentOf(node) || (steepOf(node) && node.kind !== "constant")) return true;
  const isProduct = isOneOf(node, mul, neg);
  return isProduct && node.operands.some((factor) => factor.kind !== "constant" && steepOf(factor) !== undefined);
}

/** True of that, and of a sum of few terms with one. */
function isSteepSum(node: Expr): boolean {
  if (isSteep(node)) return true;
  const isSum = isOneOf(node, add, sub);
  return isSum && node.operands.length <= mostTerms && node.operands.some(isSteep);
}

/**
 * What is positive by exponents; and a bounded factor and exponents for differences of exponentials and their products,
 * e^x - e^y = tanh((x - y)/2) (e^x + e^y).
 */
function steepOf(node: Expr): Steep | undefined {
  const exponents = exponentialsOf(node);
  if (exponents) return { exponents };
  const [a, b] = node.operands;
  if (isMap(node, sinh)) return { factor: tanh(a!), exponents: halvesOf(a!) };
  if (isMap(node, expm1)) return { factor: tanh(mul(0.5, a!)), exponents: [a!, constantLike(0, a!)] };
  if (isMap(node, square)) {
    const root = steepOf(a!);
    const product = root && productOf(root.exponents, root.exponents);
    return product && { factor: square(root.factor!), exponents: product };
  }
  if (isMap(node, pow) && b!.constant === 3) return steepOf(mul(square(a!), a!));
  if (isMap(node, mul)) {
    const [p, q] = [steepOf(a!), steepOf(b!)];
    const product = p && q && productOf(p.exponents, q.exponents);
    if (!product) return undefined;
    return { factor: p.factor && q.factor ? mul(p.factor, q.factor) : (p.factor ?? q.factor), exponents: product };
  }
  if (!isOneOf(node, sub, differenceAs)) return undefined;
  const [p, q] = [exponentialsOf(a!), exponentialsOf(b!)];
  // of sums the difference is left to their terms
  if (p?.length !== 1 || q?.length !== 1 || [...p, ...q].every(({ kind }) => kind === "constant")) return undefined;
  return { factor: tanh(mul(0.5, difference(p[0]!, q[0]!))), exponents: [p[0]!, q[0]!] };
}
