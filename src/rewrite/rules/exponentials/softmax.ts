import type { Expr } from "../../../ir/graph.ts";
import type { Integer } from "../../../ir/integer.ts";
import { logsumexpOver, shiftedPowers } from "../../../ops/arrays/composites.ts";
import { contract, termsOf } from "../../../ops/arrays/contractions.ts";
import { add, div, mul, reciprocal, sub } from "../../../ops/elementary/algebra.ts";
import { exp, log } from "../../../ops/elementary/exponential.ts";
import { sqrt } from "../../../ops/elementary/powers.ts";
import { isMap } from "../../../ops/maps.ts";
import { constantLike } from "../../forms/conditions.ts";
import { viewed } from "../../forms/contractions/views.ts";
import { powerOfE, totalOf } from "../../forms/exponentials/powers-of-e.ts";
import { inLogarithms, isShifted, scaledSum, sumOfPowers } from "../../forms/exponentials/sums-of-powers.ts";
import { isSum } from "../../forms/nodes.ts";
import { type Rules, structural } from "../../rule.ts";

/** Sums of exponentials, shifted by the largest exponent so that nothing overflows. */
export const softmaxRules: Rules = {
  stable: [
    structural("log of a sum of exps over a domain", { roots: [log] }, (node) => {
      const terms = sumOfPowers(node.operands[0]!);
      return terms && logsumexpOver(terms);
    }),
    structural("exps over a sum of exps", { roots: [div] }, (node) => {
      const [numerator, divisor] = node.operands as [Expr, Expr];
      return shiftedQuotient(numerator, divisor);
    }),
    structural("exps times the reciprocal of a sum of exps", { roots: [mul] }, (node) => {
      const [a, b] = node.operands as [Expr, Expr];
      const [fromA, fromB] = [reciprocalOf(a), reciprocalOf(b)];
      return (fromB && shiftedQuotient(a, fromB)) ?? (fromA && shiftedQuotient(b, fromA));
    }),
    structural("exp of log softmax", { roots: [exp], operands: [sub] }, (node, { isShared }) => {
      const difference = node.operands[0]!;
      if (isShared(difference.id)) return undefined;
      const [exponent, logTotal] = difference.operands as [Expr, Expr];
      const read = viewed(logTotal);
      const logarithm = read?.of ?? logTotal;
      const total = isMap(logarithm, log) ? logarithm.operands[0]! : undefined;
      const isTotal = total && isSum(total) && total.operands.length === 1 && total.operands[0] === exp(exponent);
      // only what has been shifted cannot overflow
      if (!isTotal || !isShifted(exponent)) return undefined;
      return div(exp(exponent), read ? read.again(total) : total);
    }),
    structural("log of exps in a product", { roots: [log] }, ({ operands: [product] }) => {
      const [exponent, rest] = inLogarithms(product!) ?? [];
      return rest ? add(exponent!, log(rest)) : exponent;
    }),
    structural("root of exps in a product", { roots: [sqrt], operands: ["array"] }, ({ operands: [product] }) => {
      const found = powerOfE(product!);
      if (!found?.rest) return undefined;
      return mul(exp(mul(0.5, totalOf(found.exponents))), sqrt(found.rest));
    }),
    structural(
      "log of a product with one over a domain",
      { roots: [log], operands: [mul] },
      ({ operands: [product] }, { facts }) => {
        const [a, b] = product!.operands as [Expr, Expr];
        const isOf = (node: Expr) => (viewed(node)?.of ?? node).kind === "reduce" && facts.isNonNegative(node);
        return isOf(a) || isOf(b) ? add(log(a), log(b)) : undefined;
      },
    ),
    structural("log of a product over a domain", { roots: [log] }, (node, { facts }) => {
      const product = node.operands[0]!;
      if (product.kind !== "reduce" || product.graph.combineOf(product.id) !== "prod") return undefined;
      const terms = termsOf(product);
      const read = terms.factors[0]!;
      if (!facts.isNonNegative(read.of)) return undefined;
      return contract({ ...terms, factors: [{ of: log(read.of), index: read.index }] });
    }),
  ],
};

/** x for 1/x, also where 1/x is broadcast. */
function reciprocalOf(node: Expr): Expr | undefined {
  if (isMap(node, reciprocal)) return node.operands[0];
  const read = viewed(node);
  return read && isMap(read.of, reciprocal) ? read.again(read.of.operands[0]!) : undefined;
}

/** A quotient of what is e^x times something, below a sum that is scaled by its largest term. */
function shiftedQuotient(numerator: Expr, divisor: Expr): Expr | undefined {
  const alike = quotientOfSums(numerator, divisor);
  if (alike) return alike;
  const below = powerOfE(divisor, scaledSum);
  const above = below?.isScaled && powerOfE(numerator, scaledSum);
  // what is divided again, beside something unknown, may be as large as it is small: taken apart, both are lost
  if (!above || above.degree < 1) return undefined;
  const [own, others] = [totalOf(above.exponents), totalOf(below.exponents)];
  const factors = own === others ? [] : [exp(sub(own, others))];
  if (above.rest) factors.unshift(above.rest);
  const whole = factors.length === 0 ? constantLike(1, numerator) : factors.reduce((a, b) => mul(a, b));
  return below.rest ? div(whole, below.rest) : whole;
}

/** A quotient of two sums of the same exponentials, which are taken once. */
function quotientOfSums(numerator: Expr, divisor: Expr): Expr | undefined {
  const [above, below] = [viewed(numerator), viewed(divisor)];
  const sumBelow = below?.of ?? divisor;
  const terms = (above ? above.again(sumBelow) === divisor : !below) ? sumOfPowers(sumBelow) : undefined;
  const sum = terms && sumOfPowers(above?.of ?? numerator);
  if (!sum || sum.guards.length + terms.guards.length > 0) return undefined;
  if (sum.factors[0]!.of !== terms.factors[0]!.of || !isSame(sum.output, terms.output)) return undefined;
  const { shifted } = shiftedPowers(terms);
  const [part, whole] = [sum, terms].map(({ factors: [first, ...weights], ...rest }) =>
    contract({ ...rest, factors: [{ ...first!, of: exp(shifted) }, ...weights] }),
  ) as [Expr, Expr];
  return above ? div(above.again(part), below!.again(whole)) : div(part, whole);
}

const isSame = (a: readonly Integer[], b: readonly Integer[]) =>
  a.length === b.length && a.every((each, k) => each.key === b[k]!.key);
