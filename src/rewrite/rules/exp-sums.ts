import type { Expr } from "../../ir/graph.ts";
import { sigmoid, sigmoidSlope, softplus } from "../../ops/activation.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../../ops/algebra.ts";
import { greater, max, select } from "../../ops/comparison.ts";
import { logsumexpOver } from "../../ops/composites.ts";
import { contrast } from "../../ops/compositions.ts";
import { reciprocalPlusExp, shareOfExp } from "../../ops/exp-sums.ts";
import { exp, expm1, expm1Reciprocal, log, log1p, log2, log10 } from "../../ops/exponential.ts";
import { differenceAs } from "../../ops/gaps.ts";
import { cosh, logCosh, sinh, tanh } from "../../ops/hyperbolic.ts";
import { isMap, isOneOf } from "../../ops/maps.ts";
import { pow, rsqrt, sqrt } from "../../ops/powers.ts";
import { proportion } from "../../ops/ratios.ts";
import { abs } from "../../ops/rounding.ts";
import { logaddexp, logaddexp3, logShare, otherShares, share, shareProduct, shareSlope } from "../../ops/special.ts";
import { constantLike, constantOf } from "../forms/conditions.ts";
import {
  areRelated,
  difference,
  exponentialsOf,
  halvesOf,
  isAnyRelated,
  merged,
  productOf,
  total,
} from "../forms/exponents.ts";
import { exponentOf, logarithmOf, logSum, logsOf, positiveFunctions } from "../forms/logarithms.ts";
import { isConstant } from "../forms/splat.ts";
import { sumOfPowers } from "../forms/sums-of-powers.ts";
import { x, y } from "../pattern.ts";
import { type Rules, rule, structural } from "../rule.ts";

/** What has the weights of three exponentials in their sum. */
const sharing = [share, logShare, otherShares, shareSlope, shareProduct];

/** Sums of positive exponentials and constants, which overflow on their own: logarithms, powers, and what is divided by them. */
export const expSumRules: Rules = {
  stable: [
    structural(
      "log of exps and constants",
      [log],
      ({ operands: [sum] }) => {
        const logs = exponentsOf(sum!);
        return logs && logSum(logs);
      },
      [add],
    ),
    structural("log1p of exps", [log1p], ({ operands: [sum] }) => {
      // of e^x alone it is a softplus anyway
      if (isMap(sum!, exp)) return undefined;
      const logs = isMap(sum!, add)
        ? logsOf(sum!, logOf)
        : [exponentOf(sum!) ?? logOfTotal(sum!)].filter((each) => each !== undefined);
      return logs && isVarying(logs) ? logSum([constantLike(0, sum!), ...logs]) : undefined;
    }),
    ...(
      [
        [log2, Math.LOG2E],
        [log10, Math.LOG10E],
      ] as const
    ).map(([f, factor]) =>
      structural(
        `${f.primitive.name} of exps and constants`,
        [f],
        ({ operands: [sum] }) => {
          const natural = exponentOf(sum!);
          return natural && mul(natural, factor);
        },
        [add],
      ),
    ),
    structural("power of exponentials", [pow, sqrt, rsqrt], (node) => {
      const [base, exponent] = node.operands as [Expr, Expr];
      if (exponent && exponent.kind !== "constant") return undefined;
      const power = exponent ? constantOf(exponent) : isMap(node, sqrt) ? 0.5 : -0.5;
      if (!Number.isFinite(power) || (Number.isInteger(power) && power > 0)) return undefined;
      if (Number.isInteger(power) && isMap(base, add)) return reciprocalPower(base, -power);
      const isSteep = isOneOf(base, add, cosh, sigmoid);
      const logarithm = isSteep ? exponentOf(base) : undefined;
      return logarithm && exp(mul(logarithm, power));
    }),
    structural("reciprocal of exponentials", [reciprocal], ({ operands: [divisor] }) => {
      const { base, power } = powerOf(divisor!);
      return reciprocalPower(base, power);
    }),
    structural("quotient by exponentials", [div], (node) => {
      const [numerator, divisor] = node.operands as [Expr, Expr];
      const isApart = [numerator, divisor].every(isHyperbolic) && !isAnyRelated(numerator.operands, divisor.operands);
      return (isApart ? undefined : quotient(numerator, powerOf(divisor))) ?? quotientOfSteep(numerator, divisor);
    }),
    rule(mul(exp(neg(x)), expm1(x)), neg(expm1(neg(x)))),
    rule(mul(exp(x), expm1(neg(x))), neg(expm1(x))),
    structural(
      "difference of exps over x and an exp",
      [div],
      ({ operands: [numerator, divisor] }) => {
        const isPair = isMap(divisor!, add) && divisor!.operands.length === 2;
        const signed = isPair ? steepOf(numerator!) : undefined;
        const at = signed?.factor ? divisor!.operands.findIndex((term) => isMap(term, exp)) : -1;
        if (!signed?.factor || at < 0 || divisor!.operands[1 - at]!.kind === "constant") return undefined;
        const [other, exponent] = [divisor!.operands[1 - at]!, divisor!.operands[at]!.operands[0]!];
        const scaled = mul(signed.factor, mul(ratioOf(signed.exponents, [exponent]), shareOfExp(other, exponent)));
        return select(greater(exponent, 0), scaled, mul(numerator!, reciprocalPlusExp(other, exponent)));
      },
      [add],
    ),
    rule(pow(exp(x), y), exp(mul(x, y)), { once: [exp(x)] }),
    rule(logaddexp(x, neg(x)), add(logCosh(x), Math.LN2)),
    structural("log of exps less one of them", [sub], ({ operands: [total, term] }) => belowTotal(total!, term!)),
    structural("exponent less the log of its sum", [sub], ({ operands: [term, total] }) => {
      const found = belowTotal(total!, term!);
      return found && neg(found);
    }),
    structural("logs of sums of exps less each other", [sub], ({ operands: [a, b] }) => {
      const [p, q] = [multipleOf(a!), multipleOf(b!)];
      if ([p, q].every(({ log }) => isMap(log, softplus))) return undefined;
      const found = logRatioOf(merged(termsOf(p.log)), merged(termsOf(q.log)), q.factor / p.factor);
      return found && (p.factor === 1 ? found : mul(p.factor, found));
    }),
    rule(contrast(exp(x), exp(y)), (of) => tanh(mul(0.5, difference(of(x), of(y))))),
    structural(
      "shares of related exponents",
      sharing.map(({ primitive }) => primitive),
      (node) => {
        const { operands } = node;
        if (!isAnyRelated(operands)) return undefined;
        const leadAt = (at: number) =>
          neg(logSum(without(operands, at).map((other) => difference(other, operands[at]!))));
        const lead = leadAt(0);
        if (isMap(node, share)) return sigmoid(lead);
        if (isMap(node, logShare)) return neg(softplus(neg(lead)));
        if (isMap(node, shareProduct)) return mul(sigmoid(lead), sigmoid(leadAt(1)));
        return isMap(node, otherShares) ? sigmoid(neg(lead)) : sigmoidSlope(lead);
      },
    ),
    structural(
      "log of exps that go together",
      [logaddexp, logaddexp3].map((f) => f),
      (node) => togetherOf(node.operands),
    ),
    structural("share of sums of exps", [proportion], ({ operands }) => {
      const [own, other] = operands.map(logOfTotal);
      return own && other && sigmoid(sub(own, other));
    }),
    rule(sub(logaddexp(x, y), max(x, y)), log1p(exp(sub(0, abs(sub(x, y)))))),
  ],
};

/** The logarithm of a sum of exponentials over a domain. */
function logOfTotal(node: Expr): Expr | undefined {
  const terms = sumOfPowers(node);
  return terms?.factors.length === 1 ? logsumexpOver(terms) : undefined;
}

const logOf = (node: Expr) => logarithmOf(node) ?? logOfTotal(node);

const isVarying = (logs: readonly Expr[]) => logs.length > 0 && logs.some(({ kind }) => kind !== "constant");

interface Power {
  readonly base: Expr;
  readonly power: number;
}

function powerOf(node: Expr): Power {
  const [base, exponent] = node.operands;
  if (isMap(node, square)) return { base: base!, power: 2 };
  const isPower = isMap(node, pow) && exponent!.kind === "constant" && constantOf(exponent!) > 0;
  return isPower ? { base: base!, power: constantOf(exponent!) } : { base: node, power: 1 };
}

/** 1 + e^x. */
const isLogistic = ({ operands }: Expr) =>
  operands.length === 2 && operands.some((term, k) => isConstant(term, 1) && isMap(operands[1 - k]!, exp));

/** The exponents of a sum that varies; 1 + e^x has functions of its own. */
function exponentsOf(sum: Expr): Expr[] | undefined {
  if (!isMap(sum, add)) return undefined;
  const logs = isLogistic(sum) ? undefined : logsOf(sum, logOf);
  return logs && isVarying(logs) ? logs : undefined;
}

/** 1 / base^power: by a sigmoid where there is a constant in the sum, which is divided by. */
function reciprocalPower(base: Expr, power: number): Expr | undefined {
  const logs = exponentsOf(base);
  return logs && reciprocalOf(logs, power);
}

/** 1 / (the sum of e^logs)^power. */
function reciprocalOf(logs: readonly Expr[], power: number): Expr {
  const constants = logs.filter(({ kind }) => kind === "constant");
  const others = logs.filter(({ kind }) => kind !== "constant");
  if (others.length === 0 || constants.length === 0 || !Number.isInteger(power)) {
    return exp(times(logSum(logs), -power));
  }
  const shift = constantOf(logSum(constants));
  const part = sigmoid(difference(constantLike(shift, others[0]!), logSum(others)));
  const whole = power === 1 ? part : power === 2 ? square(part) : pow(part, power);
  return shift === 0 ? whole : mul(whole, Math.exp(-power * shift));
}

const times = (x: Expr, factor: number) => (factor === -1 ? neg(x) : mul(x, factor));

/** e^own over the sum of e^logs, to some power. What exponents share is gone before they are rounded. */
function shareOf(own: Expr, logs: readonly Expr[], power: number): Expr {
  const at = power === 1 ? logs.indexOf(own) : -1;
  const others = without(logs, at);
  if (at >= 0 && others.length === 2 && !isAnyRelated([own, ...others])) return share(own, others[0]!, others[1]!);
  const [first, second] = logs as [Expr, Expr];
  if (power === 2 && logs.length === 2 && isConstant(difference(own, total(first, second)), 0)) {
    return sigmoidSlope(difference(first, second));
  }
  return reciprocalOf(
    logs.map((other, k) => (k === at ? constantLike(0, own) : difference(other, own, power))),
    power,
  );
}

/** Quotients of sums are one share for each term above, which has one exponential for each term below. */
const mostShares = 16;

/** The sum of e^own over the sum of e^logs, to some power. */
function ratioOf(own: readonly Expr[], logs: readonly Expr[], power = 1): Expr {
  if (own.length * logs.length > mostShares) return exp(sub(logSum(own), mul(logSum(logs), power)));
  if (power === 1 && own.length > 1 && own.every((exponent) => logs.includes(exponent))) {
    const lead = leadOf(own, logs);
    return lead ? sigmoid(lead) : constantLike(1, own[0]!);
  }
  const shares = own.map((exponent) => shareOf(exponent, logs, power));
  return shares.length === 1 ? shares[0]! : add(...(shares as [Expr, Expr]));
}

/** By how much the logarithm of some terms exceeds that of the others; undefined where there are none. */
function leadOf(own: readonly Expr[], logs: readonly Expr[]): Expr | undefined {
  const others = logs.filter((exponent) => !own.includes(exponent));
  const [base] = others;
  const above = (exponents: readonly Expr[]) => logSum(exponents.map((each) => difference(each, base!)));
  return base && (others.length === 1 ? above(own) : sub(above(own), above(others)));
}

/** log of the sum of e^own less `power` times that of e^logs. */
function logRatioOf(own: readonly Expr[], logs: readonly Expr[], power: number): Expr | undefined {
  if (own.length * logs.length > mostShares || own.length * logs.length < 2) return undefined;
  if (!isAnyRelated(own, logs)) return undefined;
  const isWithin = (some: readonly Expr[], all: readonly Expr[]) => some.every((exponent) => all.includes(exponent));
  if (power === 1 && isWithin(own, logs)) {
    const lead = leadOf(own, logs);
    return lead ? neg(softplus(neg(lead))) : constantLike(0, own[0]!);
  }
  if (power === 1 && isWithin(logs, own)) return softplus(neg(leadOf(logs, own)!));
  // slopes in numbers that one side alone has are the smaller ones, and would be left over from larger ones
  const isMet = (some: readonly Expr[], others: readonly Expr[]) =>
    some.every((each) => each.kind === "constant" || isAnyRelated([each], others));
  if (!isMet(own, logs) || !isMet(logs, own)) return undefined;
  return logSum(own.map((exponent) => times(logSum(logs.map((other) => difference(other, exponent, power))), -power)));
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
  if (isMap(node, pow) && b!.kind === "constant" && constantOf(b!) === 3) return steepOf(mul(square(a!), a!));
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

/** The exponents of the sum of which a node is the logarithm. */
function termsOf(node: Expr): readonly Expr[] {
  const [x] = node.operands;
  if (isMap(node, logCosh)) return halvesOf(x!);
  if (isMap(node, softplus)) return [constantLike(0, x!), x!];
  const isSum = isOneOf(node, logaddexp, logaddexp3);
  return isSum ? node.operands.flatMap(termsOf) : [node];
}

/** A logarithm and how often it is taken. */
function multipleOf(node: Expr): { readonly factor: number; readonly log: Expr } {
  const at = isMap(node, mul) ? node.operands.findIndex(({ kind }) => kind === "constant") : -1;
  const factor = at < 0 ? 1 : constantOf(node.operands[at]!);
  return at < 0 || !(factor > 0) ? { factor: 1, log: node } : { factor, log: node.operands[1 - at]! };
}

/** log(e^x + e^(x + y) + ...) as x + log(1 + e^y) + ..., where x is none of what is left. */
function togetherOf(exponents: readonly Expr[]): Expr | undefined {
  for (const [k, base] of exponents.entries()) {
    for (const [l, other] of exponents.entries()) {
      const gap = k !== l && areRelated(other, base) ? difference(other, base) : undefined;
      if (!gap || areRelated(gap, base)) continue;
      const pair = add(base, gap.kind === "constant" ? Math.log1p(Math.exp(constantOf(gap))) : softplus(gap));
      return logSum([pair, ...exponents.filter((_, at) => at !== k && at !== l)]);
    }
  }
  return undefined;
}

/** log(e^term + ...) - term, in which the term cancels. */
function belowTotal(total: Expr, term: Expr): Expr | undefined {
  const terms = termsOf(total);
  const at = terms.length > 1 ? terms.indexOf(term) : -1;
  return at < 0 ? undefined : softplus(logSum(without(terms, at).map((other) => difference(other, term))));
}

const without = (list: readonly Expr[], at: number) => list.filter((_, k) => k !== at);
