import type { Expr } from "../../ir/graph.ts";
import { sigmoid, softplus } from "../../ops/activation.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../../ops/algebra.ts";
import { greater, max, select } from "../../ops/comparison.ts";
import type { Operation } from "../../ops/define.ts";
import { reciprocalPlusExp, shareOfExp } from "../../ops/exp-sums.ts";
import { exp, expm1, log, log1p, log2, log10 } from "../../ops/exponential.ts";
import { cosh, logCosh, sinh, tanh } from "../../ops/hyperbolic.ts";
import { pow, rsqrt, sqrt } from "../../ops/powers.ts";
import { abs } from "../../ops/rounding.ts";
import { logaddexp, logaddexp3, share } from "../../ops/special.ts";
import { constantLike, constantOf } from "../forms/conditions.ts";
import { exponentOf, logarithmOf, logSum, logsOf, positiveFunctions } from "../forms/logarithms.ts";
import { isMap } from "../forms/nodes.ts";
import { isConstant } from "../forms/splat.ts";
import { x, y } from "../pattern.ts";
import { type Rules, rule, structural } from "../rule.ts";

/** Sums of positive exponentials and constants, which overflow on their own: logarithms, powers, and what is divided by them. */
export const expSumRules: Rules = {
  stable: [
    structural(
      "log of exps and constants",
      [log.primitive],
      ({ operands: [sum] }) => {
        const logs = exponentsOf(sum!);
        return logs && logSum(logs);
      },
      [add.primitive],
    ),
    structural("log1p of exps", [log1p.primitive], ({ operands: [sum] }) => {
      // of e^x alone it is a softplus anyway
      if (isMap(sum!, exp.primitive)) return undefined;
      const logs = isMap(sum!, add.primitive) ? logsOf(sum!) : [exponentOf(sum!)].filter((each) => each !== undefined);
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
        [f.primitive],
        ({ operands: [sum] }) => {
          const natural = exponentOf(sum!);
          return natural && mul(natural, factor);
        },
        [add.primitive],
      ),
    ),
    structural("power of exponentials", [pow.primitive, sqrt.primitive, rsqrt.primitive], (node) => {
      const [base, exponent] = node.operands as [Expr, Expr];
      if (exponent && exponent.kind !== "constant") return undefined;
      const power = exponent ? constantOf(exponent) : isMap(node, sqrt.primitive) ? 0.5 : -0.5;
      if (!Number.isFinite(power) || (Number.isInteger(power) && power > 0)) return undefined;
      if (Number.isInteger(power) && isMap(base, add.primitive)) return reciprocalPower(base, -power);
      const isSteep = [add, cosh, sigmoid].some(({ primitive }) => isMap(base, primitive));
      const logarithm = isSteep ? exponentOf(base) : undefined;
      return logarithm && exp(mul(logarithm, power));
    }),
    structural("reciprocal of exponentials", [reciprocal.primitive], ({ operands: [divisor] }) => {
      const { base, power } = powerOf(divisor!);
      return reciprocalPower(base, power);
    }),
    structural("quotient by exponentials", [div.primitive], (node) => {
      const [numerator, divisor] = node.operands as [Expr, Expr];
      return quotient(numerator, powerOf(divisor)) ?? quotientOfSteep(numerator, divisor);
    }),
    rule(mul(exp(neg(x)), expm1(x)), neg(expm1(neg(x)))),
    rule(mul(exp(x), expm1(neg(x))), neg(expm1(x))),
    structural(
      "difference of exps over x and an exp",
      [div.primitive],
      ({ operands: [numerator, divisor] }) => {
        const signed =
          isMap(divisor!, add.primitive) && divisor!.operands.length === 2 ? signedOf(numerator!) : undefined;
        const at = signed ? divisor!.operands.findIndex((term) => isMap(term, exp.primitive)) : -1;
        if (!signed || at < 0 || divisor!.operands[1 - at]!.kind === "constant") return undefined;
        const [other, exponent] = [divisor!.operands[1 - at]!, divisor!.operands[at]!.operands[0]!];
        const scaled = mul(signed.factor, mul(exp(sub(signed.exponent, exponent)), shareOfExp(other, exponent)));
        return select(greater(exponent, 0), scaled, mul(numerator!, reciprocalPlusExp(other, exponent)));
      },
      [add.primitive],
    ),
    rule(logaddexp(x, neg(x)), add(logCosh(x), Math.LN2)),
    structural("log of exps less one of them", [sub.primitive], ({ operands: [total, term] }) =>
      belowTotal(total!, term!),
    ),
    structural("exponent less the log of its sum", [sub.primitive], ({ operands: [term, total] }) => {
      const found = belowTotal(total!, term!);
      return found && neg(found);
    }),
    rule(sub(logaddexp(x, y), max(x, y)), (of) => log1p(exp(sub(constantLike(0, of(x)), abs(sub(of(x), of(y))))))),
  ],
};

const isVarying = (logs: readonly Expr[]) => logs.length > 0 && logs.some(({ kind }) => kind !== "constant");

interface Power {
  readonly base: Expr;
  readonly power: number;
}

function powerOf(node: Expr): Power {
  const [base, exponent] = node.operands;
  if (isMap(node, square.primitive)) return { base: base!, power: 2 };
  const isPower = isMap(node, pow.primitive) && exponent!.kind === "constant" && constantOf(exponent!) > 0;
  return isPower ? { base: base!, power: constantOf(exponent!) } : { base: node, power: 1 };
}

/** The exponents of a sum that varies; 1 + e^x has functions of its own. */
function exponentsOf(sum: Expr): Expr[] | undefined {
  if (!isMap(sum, add.primitive)) return undefined;
  const { operands } = sum;
  const isLogistic =
    operands.length === 2 && operands.some((term, k) => isConstant(term, 1) && isMap(operands[1 - k]!, exp.primitive));
  const logs = isLogistic ? undefined : logsOf(sum);
  return logs && isVarying(logs) ? logs : undefined;
}

/** 1 / base^power: by a sigmoid where there is a constant in the sum, which is divided by. */
function reciprocalPower(base: Expr, power: number): Expr | undefined {
  const logs = exponentsOf(base);
  if (!logs) return undefined;
  const constants = logs.filter(({ kind }) => kind === "constant");
  const others = logs.filter(({ kind }) => kind !== "constant");
  if (constants.length === 0 || !Number.isInteger(power)) return exp(mul(logSum(logs), -power));
  const shift = constantOf(logSum(constants));
  const part = sigmoid(sub(shift, logSum(others)));
  const whole = power === 1 ? part : power === 2 ? square(part) : pow(part, power);
  return mul(whole, Math.exp(-power * shift));
}

/** e^own over e^own + the sum of e^others. */
function shareOf(own: Expr, others: readonly Expr[]): Expr {
  const [a, b] = others as [Expr, Expr];
  return others.length === 2 ? share(own, a, b) : sigmoid(sub(own, logSum(others)));
}

/** Numerators of more terms are not taken apart. */
const mostTerms = 4;

/** numerator / base^power, where the base is a sum of exponentials. */
function quotient(numerator: Expr, { base, power }: Power): Expr | undefined {
  const logs = exponentsOf(base);
  if (!logs) return undefined;
  const scaled = (exponent: Expr): Expr => {
    const at = power === 1 ? logs.indexOf(exponent) : -1;
    return at < 0 ? exp(sub(exponent, mul(logSum(logs), power))) : shareOf(exponent, without(logs, at));
  };
  const over = (node: Expr): Expr => {
    const [a, b] = node.operands as [Expr, Expr];
    const exponent = exponentOf(node);
    if (exponent) return scaled(exponent);
    if (isMap(node, neg.primitive)) return neg(over(a));
    if (isMap(node, mul.primitive) && [a, b].some(isSteep)) return isSteep(a) ? mul(b, over(a)) : mul(a, over(b));
    const signed = signedOf(node);
    if (signed) return mul(signed.factor, scaled(signed.exponent));
    const isSum = [add, sub].some(({ primitive }) => isMap(node, primitive));
    if (isSum && node.operands.length <= mostTerms && node.operands.some(isSteep)) {
      return node.graph.map(node.graph.primitiveOf(node.id), node.operands.map(over));
    }
    return mul(node, reciprocalPower(base, power)!);
  };
  return over(numerator);
}

/** A quotient of two that overflow or vanish and are no plain exponentials. */
function quotientOfSteep(numerator: Expr, divisor: Expr): Expr | undefined {
  if (isMap(divisor, neg.primitive)) {
    const found = quotientOfSteep(numerator, divisor.operands[0]!);
    return found && neg(found);
  }
  const own = signedOf(numerator);
  const other = signedOf(divisor);
  const [a] = numerator.operands;
  const [b] = divisor.operands;
  if (!a || !b) return undefined;
  const isMirrored =
    a === b || (isMap(b, neg.primitive) && b.operands[0] === a) || (isMap(a, neg.primitive) && a.operands[0] === b);
  const isOf = (node: Expr, ...functions: readonly Operation[]) =>
    functions.some(({ primitive }) => isMap(node, primitive));
  if (isMirrored && isOf(numerator, cosh, sinh) && isOf(divisor, cosh, sinh)) return undefined;
  if (own && other && isOf(numerator, sinh, expm1) && isOf(divisor, sinh, expm1)) {
    return mul(div(own.factor, other.factor), exp(sub(own.exponent, other.exponent)));
  }
  const exponent = isOf(numerator, cosh, add) ? exponentOf(numerator) : undefined;
  if (exponent && other) return div(exp(sub(exponent, other.exponent)), other.factor);
  if (exponent && isMap(divisor, cosh.primitive)) return exp(sub(exponent, logCosh(b)));
  const isPair = positiveFunctions.some(([{ primitive }]) => isMap(numerator, primitive) && isMap(divisor, primitive));
  return isPair && !isMirrored ? exp(sub(logarithmOf(numerator)!, logarithmOf(divisor)!)) : undefined;
}

/** True of what an exponential is part of. */
function isSteep(node: Expr): boolean {
  if (exponentOf(node) || signedOf(node)) return true;
  const isProduct = [mul, neg].some(({ primitive }) => isMap(node, primitive));
  return (
    isProduct && node.operands.some((factor) => exponentOf(factor) !== undefined || signedOf(factor) !== undefined)
  );
}

/** A bounded factor and an exponent for differences of exponentials: e^x - e^y = tanh((x - y)/2) (e^x + e^y). */
function signedOf(node: Expr): { readonly factor: Expr; readonly exponent: Expr } | undefined {
  const [a, b] = node.operands;
  if (isMap(node, sinh.primitive)) return { factor: tanh(a!), exponent: logCosh(a!) };
  if (isMap(node, expm1.primitive)) return { factor: tanh(mul(0.5, a!)), exponent: softplus(a!) };
  if (!isMap(node, sub.primitive)) return undefined;
  const [p, q] = [logarithmOf(a!), logarithmOf(b!)];
  if (!p || !q || (p.kind === "constant" && q.kind === "constant")) return undefined;
  return { factor: tanh(mul(0.5, sub(p, q))), exponent: logSum([p, q]) };
}

/** The exponents of the sum of which a node is the logarithm. */
function termsOf(node: Expr): readonly Expr[] {
  const isSum = [logaddexp, logaddexp3].some(({ primitive }) => isMap(node, primitive));
  return isSum ? node.operands.flatMap(termsOf) : [node];
}

/** log(e^term + ...) - term, in which the term cancels. */
function belowTotal(total: Expr, term: Expr): Expr | undefined {
  const terms = termsOf(total);
  const at = terms.length > 1 ? terms.indexOf(term) : -1;
  return at < 0 ? undefined : softplus(logSum(without(terms, at).map((other) => sub(other, term))));
}

const without = (list: readonly Expr[], at: number) => list.filter((_, k) => k !== at);
