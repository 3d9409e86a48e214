import type { Expr } from "../../../ir/graph.ts";
import { add, mul, neg, square, sub } from "../../../ops/elementary/algebra.ts";
import { exp } from "../../../ops/elementary/exponential.ts";
import { pow } from "../../../ops/elementary/powers.ts";
import { sigmoid, sigmoidSlope, softplus } from "../../../ops/special/activation.ts";
import { share } from "../../../ops/special/special.ts";
import { constantLike } from "../conditions.ts";
import { isConstant } from "../contractions/splat.ts";
import { varies } from "../nodes.ts";
import { above, difference, isAnyRelated, total } from "./exponents.ts";
import { logSum } from "./logarithms.ts";

// Quotients of sums of exponentials, which are given by their exponents.

/** 1 / (the sum of e^logs)^power. */
export function reciprocalOf(logs: readonly Expr[], power: number): Expr {
  const constants = logs.filter(({ kind }) => kind === "constant");
  const others = logs.filter(varies);
  if (others.length === 0 || constants.length === 0 || !Number.isInteger(power)) {
    return exp(times(logSum(logs), -power));
  }
  const shift = logSum(constants).constant!;
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
  const ones = at < 0 ? [] : [constantLike(0, own)];
  return reciprocalOf([...ones, ...above(others, own, power)], power);
}

/** Quotients of sums are one share for each term above, which has one exponential for each term below. */
const mostShares = 16;

/** The sum of e^own over the sum of e^logs, to some power. */
export function ratioOf(own: readonly Expr[], logs: readonly Expr[], power = 1): Expr {
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
  if (others.length === 0) return undefined;
  // for each its own difference from the others: from a common one, which may be -Infinity, all would be infinite
  return logSum(own.map((exponent) => neg(logSum(above(others, exponent)))));
}

/** log of the sum of e^own less `power` times that of e^logs. */
export function logRatioOf(own: readonly Expr[], logs: readonly Expr[], power: number): Expr | undefined {
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

export const without = (list: readonly Expr[], at: number) => list.filter((_, k) => k !== at);
