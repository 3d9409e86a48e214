import type { Expr } from "../../../ir/graph.ts";
import type { Operation } from "../../../ops/define.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../../../ops/elementary/algebra.ts";
import { exp, exp2 } from "../../../ops/elementary/exponential.ts";
import { logCosh, sech, sech2 } from "../../../ops/elementary/hyperbolic.ts";
import { pow, rsqrt, sqrt } from "../../../ops/elementary/powers.ts";
import { byPrimitive } from "../../../ops/maps.ts";
import { sigmoidSlope, softplus } from "../../../ops/special/activation.ts";
import { erfc, logErfc, logNormalCdf, normalCdf, normalPdf } from "../../../ops/special/erf.ts";
import { gaussian } from "../../../ops/special/gaussian.ts";
import { logaddexp, logaddexp3 } from "../../../ops/special/special.ts";
import { constantLike } from "../conditions.ts";
import { varies } from "../nodes.ts";
import { commonFunctions, type PositiveFunctions } from "./positive-functions.ts";

// Logarithms by exponents: what grows or vanishes as exponentials do overflows where these do not.

/** Positive functions whose logarithms are special ones, or polynomials. */
export const tailFunctions: PositiveFunctions = [
  [erfc, (x) => logErfc(x)],
  [normalCdf, (x) => logNormalCdf(x)],
  [gaussian, (x) => neg(square(x))],
  [normalPdf, (x) => sub(mul(-0.5, square(x)), 0.5 * Math.log(2 * Math.PI))],
];

export const positiveFunctions: PositiveFunctions = [...commonFunctions, ...tailFunctions];

type Logarithm = (node: Expr, ofOperand: (operand: Expr) => Expr | undefined) => Expr | undefined;

const ofFactor = (node: Expr, of: (operand: Expr) => Expr | undefined, factor: number) => {
  const inner = of(node.operands[0]!);
  return inner && mul(inner, factor);
};
const ofBoth = (node: Expr, of: (operand: Expr) => Expr | undefined, join: Operation) => {
  const a = of(node.operands[0]!);
  const b = a && of(node.operands[1]!);
  return b && join(a, b);
};

const known = byPrimitive<Logarithm>([
  ...positiveFunctions.map(([f, logarithm]) => [f, (node: Expr) => logarithm(node.operands[0]!)] as const),
  [exp, (node) => node.operands[0]],
  [exp2, (node) => mul(node.operands[0]!, Math.LN2)],
  [sech, (node) => neg(logCosh(node.operands[0]!))],
  [sech2, (node) => mul(-2, logCosh(node.operands[0]!))],
  [sigmoidSlope, ({ operands: [x] }) => neg(add(softplus(x!), softplus(neg(x!))))],
  [mul, (node, of) => ofBoth(node, of, add)],
  [div, (node, of) => ofBoth(node, of, sub)],
  [reciprocal, (node, of) => ofFactor(node, of, -1)],
  [square, (node, of) => ofFactor(node, of, 2)],
  [sqrt, (node, of) => ofFactor(node, of, 0.5)],
  [rsqrt, (node, of) => ofFactor(node, of, -0.5)],
  [
    pow,
    (node, of) => {
      const [base, exponent] = node.operands as [Expr, Expr];
      if (base.kind !== "constant" && exponent.kind !== "constant") return undefined;
      const inner = of(base);
      return inner && mul(exponent, inner);
    },
  ],
  [
    add,
    (node, of) => {
      const logs = logsOf(node, of);
      return logs && logSum(logs);
    },
  ],
]);

/** Longer sums are not looked into, nor anything further down. */
const mostTerms = 8;
const deepest = 6;

/** The logarithms of the terms of a sum, where all are known. */
export function logsOf(sum: Expr, of: (operand: Expr) => Expr | undefined): Expr[] | undefined {
  if (sum.graph.operandCount(sum.id) > mostTerms) return undefined;
  const logs: Expr[] = [];
  for (const term of sum.operands) {
    const logarithm = of(term);
    if (!logarithm) return undefined;
    logs.push(logarithm);
  }
  return logs;
}

/** The logarithm of a node that is positive everywhere, where its exponents tell it. */
export function logarithmOf(node: Expr): Expr | undefined {
  return logarithmAt(node, deepest);
}

function logarithmAt(node: Expr, depth: number): Expr | undefined {
  if (node.dtype !== "real") return undefined;
  const value = node.constant;
  if (value !== undefined)
    return value > 0 && value < Number.POSITIVE_INFINITY ? constantLike(Math.log(value), node) : undefined;
  if (node.kind !== "map" || depth === 0) return undefined;
  return known.get(node.graph.primitiveOf(node.id))?.(node, (operand) => logarithmAt(operand, depth - 1));
}

/** The logarithm of a node that varies and has one. */
export function exponentOf(node: Expr): Expr | undefined {
  const logarithm = logarithmOf(node);
  return logarithm?.kind === "constant" ? undefined : logarithm;
}

/** log(e^a + e^b + ...), with the constants among them as one, and without those that add nothing. */
export function logSum(logs: readonly Expr[]): Expr {
  const numbers = logs.flatMap(({ constant }) => constant ?? []);
  const constants = numbers.filter((each) => each !== Number.NEGATIVE_INFINITY);
  const [first, ...others] = logs.filter(varies) as [Expr, ...Expr[]];
  if (!first) return constantLike(logOfSum(constants), logs[0]!);
  const constant = constants.length > 0 ? [constantLike(logOfSum(constants), first)] : [];
  if (others.length === 0) {
    return constants.length === 0
      ? first
      : logOfSum(constants) === 0
        ? softplus(first)
        : logaddexp(constant[0]!, first);
  }
  // of three at a time, whose slopes do not cancel
  let [total, rest] = [first, [...others, ...constant]];
  while (rest.length > 0) {
    total = rest.length > 1 ? logaddexp3(total, rest[0]!, rest[1]!) : logaddexp(total, rest[0]!);
    rest = rest.slice(2);
  }
  return total;
}

const logOfSum = (logs: readonly number[]) => {
  const largest = Math.max(...logs);
  if (!Number.isFinite(largest)) return largest;
  return largest + Math.log(logs.reduce((total, each) => total + Math.exp(each - largest), 0));
};
