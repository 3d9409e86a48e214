import type { Expr } from "../../../ir/graph.ts";
import { followsFromData } from "../../../ir/walks/given.ts";
import { substitute } from "../../../ir/walks/traverse.ts";
import { add, div, mul, reciprocal, sub } from "../../../ops/elementary/algebra.ts";
import { and, greaterEqual, less, select } from "../../../ops/elementary/comparison.ts";
import { log, log1p } from "../../../ops/elementary/exponential.ts";
import { polynomial } from "../../../ops/elementary/polynomial.ts";
import { isMap } from "../../../ops/maps.ts";
import { logProportion } from "../../../ops/ratios/compositions.ts";
import { log1pMoment } from "../../../ops/ratios/ratios.ts";
import { bernoulli, lgamma } from "../../../ops/special/gamma.ts";
import { gammaStep } from "../../../ops/special/gamma-steps.ts";
import { areComplements } from "../../forms/cancellation/complements.ts";
import { insideRepeated, repeatedIn } from "../../forms/contractions/views.ts";
import { commonFactors, fractionOf, wholeOf, without } from "../../forms/fractions.ts";
import { lessTerms, type SignedTerm, signedTermsOf, sumOfSigned, wholeSum } from "../../forms/signed-terms.ts";
import { type Context, type Rules, structural } from "../../rule.ts";
import { operandsThrough } from "./special.ts";

/** Logarithms of gamma functions that stand apart in one sum, and steps of them that grow as a logarithm beside it. */
export const gammaSumRules: Rules = {
  stable: [
    structural("step of gamma in a sum", { roots: [add, sub] }, (node, context) => {
      const terms = wholeSum(node, context);
      return terms && stepAmong(terms, node);
    }),
    structural("step of gamma beside the logarithm of its start", { roots: [add, sub] }, (node, context) => {
      const terms = wholeSum(node, context);
      return terms && besideLogarithms(terms, node, context);
    }),
  ],
};

/** lgamma(x + y) and -lgamma(x) among the terms, for a y of data, in one step. */
function stepAmong(terms: readonly SignedTerm[], node: Expr): Expr | undefined {
  const gammas = terms.flatMap((each) => {
    const [operand] = operandsThrough(each.term, lgamma) ?? [];
    // numbers that are repeated stand in the other sums part by part
    const read = operand && repeatedIn(operand);
    const of = read ? insideRepeated(read, operand.shape) : operand;
    const parts = of && allTermsOf(of);
    return parts ? [{ each, of, parts, wholes: withWhole(parts) }] : [];
  });
  for (const far of gammas) {
    for (const near of gammas) {
      if (far.each.sign === near.each.sign) continue;
      const excess = lessTerms(far.parts, near.parts) ?? lessTerms(far.wholes, near.wholes);
      if (!excess?.every(({ term }) => followsFromData(term))) continue;
      const rest = terms.filter((each) => each !== far.each && each !== near.each);
      const step = gammaStep(1)(near.of, sumOfSigned(excess, node));
      return sumOfSigned([{ term: step, sign: far.each.sign }, ...rest], node);
    }
  }
  return undefined;
}

const allTermsOf = (sum: Expr) => signedTermsOf(sum, { graph: sum.graph, isShared: () => false });

/** Terms w c + (1 - w) c as c: both sums may hold it in either way. */
function withWhole(terms: readonly SignedTerm[]): readonly SignedTerm[] {
  const fractions = terms.map(({ term }) => fractionOf(term));
  for (const [k, { over, under }] of fractions.entries()) {
    for (const [at, other] of fractions.slice(0, k).entries()) {
      const common = commonFactors(over, other.over);
      const [w, ...more] = common.reduce(without, over);
      const [rest, ...others] = common.reduce(without, other.over);
      const isUnderBoth = commonFactors(under, other.under).length === Math.max(under.length, other.under.length);
      if (!w || !rest || more.length + others.length > 0 || !isUnderBoth || !areComplements(w, rest)) continue;
      if (terms[k]!.sign !== terms[at]!.sign) continue;
      const whole = allTermsOf(wholeOf({ over: common, under }, terms[k]!.term));
      if (!whole) continue;
      const left = terms.filter((_, each) => each !== k && each !== at);
      return [...left, ...whole.map(({ term, sign }) => ({ term, sign: sign * terms[k]!.sign }))];
    }
  }
  return terms;
}

/**
 * lgamma(y + 1/a) - lgamma(1/a) is -y log a and what vanishes with a. Where a sum holds y log a too, as that of a negative binomial
 * distribution does, y/a is in the slopes of both, and nothing of it in that of the sum.
 */
function besideLogarithms(terms: readonly SignedTerm[], node: Expr, context: Context): Expr | undefined {
  for (const step of terms) {
    if (!isMap(step.term, gammaStep(1))) continue;
    const [start, y] = step.term.operands as [Expr, Expr];
    const { over, under } = fractionOf(start);
    const [a] = under;
    // a choice tells that the rule has been here
    if (!a || a.kind === "constant" || isMap(a, select) || over.length > 0 || under.length > 1) continue;
    for (const other of terms) {
      const fraction = fractionOf(other.term);
      const [factor, ...others] = without(fraction.over, y);
      if (!factor || others.length > 0 || fraction.under.length > 0 || !fraction.over.includes(y)) continue;
      const power = logarithmIn(factor, a, context);
      if (power?.exponent !== step.sign * other.sign) continue;
      const isNear = and(and(greaterEqual(a, 0), less(a, 1 / border)), greaterEqual(y, 0));
      const near = [
        { term: riseOf(select(isNear, a, 0), y), sign: step.sign },
        ...(power.rest ? [{ term: mul(y, power.rest), sign: other.sign }] : []),
      ];
      const far = substitute([step.term, other.term], new Map([[a, select(isNear, 1, a)]]));
      const asWritten = [step, other].map(({ sign }, k) => ({ term: far[k]!, sign }));
      const sides = [near, asWritten].map((side) => sumOfSigned(side, node)) as [Expr, Expr];
      const rest = terms.filter((each) => each !== step && each !== other);
      return sumOfSigned([{ term: select(isNear, ...sides), sign: 1 }, ...rest], node);
    }
  }
  return undefined;
}

/** A multiple of log a and what else a node is. */
interface LogarithmOf {
  readonly exponent: number;
  readonly rest: Expr | undefined;
}

function logarithmIn(node: Expr, a: Expr, context: Context): LogarithmOf | undefined {
  if (isMap(node, log)) {
    const { exponent, rest } = powerIn(node.operands[0]!, a);
    return { exponent, rest: rest && log(rest) };
  }
  if (isMap(node, logProportion)) {
    const [u, v] = node.operands as [Expr, Expr];
    const [part, whole] = [powerIn(u, a), powerIn(add(u, v), a)];
    const logs = [part, whole].map(({ rest }, k) => (rest ? [{ term: log(rest), sign: k === 0 ? 1 : -1 }] : []));
    return { exponent: part.exponent - whole.exponent, rest: sumOfSigned(logs.flat(), node) };
  }
  const terms = isMap(node, add) || isMap(node, sub) ? signedTermsOf(node, context) : undefined;
  const found = terms?.map(({ term, sign }) => ({ term, sign, inside: logarithmIn(term, a, context) }));
  if (!found?.some(({ inside }) => inside && inside.exponent !== 0)) return undefined;
  const exponent = found.reduce((sum, { sign, inside }) => sum + sign * (inside?.exponent ?? 0), 0);
  const rest = found.flatMap(({ term, sign, inside }) => {
    const left = inside ? inside.rest : term;
    return left ? [{ term: left, sign }] : [];
  });
  return { exponent, rest: rest.length > 0 ? sumOfSigned(rest, node) : undefined };
}

/** A node as a power of a, times the rest; that is undefined where it is 1. Sums are over the least power of their terms. */
function powerIn(node: Expr, a: Expr): LogarithmOf {
  const { over, under } = fractionOf(node);
  const count = (factors: readonly Expr[]) => factors.filter((factor) => factor === a).length;
  const others = (factors: readonly Expr[]) => factors.filter((factor) => factor !== a);
  const [left, divisors] = [others(over), others(under)];
  const sums = left.map((factor) => (isMap(factor, add) ? leastPowerOf(factor, a) : { exponent: 0, rest: factor }));
  const exponent = sums.reduce((sum, each) => sum + each.exponent, count(over) - count(under));
  const factors = sums.map(({ rest }) => rest);
  const isOne = factors.length === 0 && divisors.length === 0;
  return { exponent, rest: isOne ? undefined : wholeOf({ over: factors, under: divisors }, node) };
}

function leastPowerOf(sum: Expr, a: Expr): { exponent: number; rest: Expr } {
  const terms = sum.operands.map((term) => {
    const { over, under } = fractionOf(term);
    return { over, under, exponent: -under.filter((factor) => factor === a).length };
  });
  const exponent = Math.min(...terms.map((term) => term.exponent));
  if (exponent === 0) return { exponent, rest: sum };
  const parts = terms.map(({ over, under, exponent: own }) => {
    const added = Array.from({ length: own - exponent }, () => a);
    return wholeOf({ over: [...over, ...added], under: under.filter((factor) => factor !== a) }, sum);
  });
  return { exponent, rest: add(...(parts as [Expr, Expr])) };
}

/** From 1/a on so many terms of Stirling's series are enough. */
const border = 12;
const stirling = bernoulli.slice(0, 7).map((b, k) => b / ((2 * k + 1) * (2 * k + 2)));

/** lgamma(y + 1/a) - lgamma(1/a) + y log a, for a small a: log((1 + a) ... (1 + (y - 1) a)) for a whole y. */
function riseOf(a: Expr, y: Expr): Expr {
  const u = mul(a, y);
  // (u - log(1 + u)) / u^2, in which nothing cancels
  const rest = sub(reciprocal(add(1, u)), log1pMoment(1)(u));
  const series = (v: Expr) => mul(v, polynomial(mul(v, v), stirling));
  const body = sub(mul(sub(y, 0.5), log1p(u)), mul(mul(u, y), rest));
  return add(body, sub(series(div(a, add(1, u))), series(a)));
}
