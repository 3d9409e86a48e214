import type { Expr } from "../../ir/graph.ts";
import { add, div, mul, reciprocal, sub } from "../../ops/algebra.ts";
import { logsumexpOver, shiftedPowers, whereGuarded } from "../../ops/composites.ts";
import { contract, termsOf, view } from "../../ops/contractions.ts";
import { exp, log } from "../../ops/exponential.ts";
import { sqrt } from "../../ops/powers.ts";
import { isMap, isSum, isView } from "../forms/nodes.ts";
import { powerOfE } from "../forms/powers-of-e.ts";
import { isShifted, sumOfPowers } from "../forms/sums-of-powers.ts";
import { type Rules, structural } from "../rule.ts";

/** Sums of exponentials, shifted by the largest exponent so that nothing overflows. */
export const softmaxRules: Rules = {
  stable: [
    structural("log of a sum of exps over a domain", [log.primitive], (node) => {
      const terms = sumOfPowers(node.operands[0]!);
      return terms && logsumexpOver(terms);
    }),
    structural("exps over a sum of exps", [div.primitive], (node) => {
      const [numerator, divisor] = node.operands as [Expr, Expr];
      return shiftedQuotient(numerator, divisor);
    }),
    structural("exps times the reciprocal of a sum of exps", [mul.primitive], (node) => {
      const [a, b] = node.operands as [Expr, Expr];
      const [fromA, fromB] = [reciprocalOf(a), reciprocalOf(b)];
      return (fromB && shiftedQuotient(a, fromB)) ?? (fromA && shiftedQuotient(b, fromA));
    }),
    structural(
      "exp of log softmax",
      [exp.primitive],
      (node, { isShared }) => {
        const difference = node.operands[0]!;
        if (isShared(difference.id)) return undefined;
        const [exponent, logTotal] = difference.operands as [Expr, Expr];
        const read = viewed(logTotal);
        const logarithm = read?.of ?? logTotal;
        const total = isMap(logarithm, log.primitive) ? logarithm.operands[0]! : undefined;
        const isTotal = total && isSum(total) && total.operands.length === 1 && total.operands[0] === exp(exponent);
        // only what has been shifted cannot overflow
        if (!isTotal || !isShifted(exponent)) return undefined;
        return div(exp(exponent), read ? read.again(total) : total);
      },
      [sub.primitive],
    ),
    structural(
      "log of exps in a product",
      [log.primitive],
      ({ operands: [product] }) => {
        const found = powerOfE(product!);
        if (!found) return undefined;
        const exponent = total(found.exponents);
        return found.rest ? add(exponent, log(found.rest)) : exponent;
      },
      ["array"],
    ),
    structural(
      "root of exps in a product",
      [sqrt.primitive],
      ({ operands: [product] }) => {
        const found = powerOfE(product!);
        if (!found?.rest) return undefined;
        return mul(exp(mul(0.5, total(found.exponents))), sqrt(found.rest));
      },
      ["array"],
    ),
    structural(
      "log of a product with one over a domain",
      [log.primitive],
      ({ operands: [product] }, { facts }) => {
        const [a, b] = product!.operands as [Expr, Expr];
        const isOf = (node: Expr) => (viewed(node)?.of ?? node).kind === "reduce" && facts.isNonNegative(node);
        return isOf(a) || isOf(b) ? add(log(a), log(b)) : undefined;
      },
      [mul.primitive],
    ),
    structural("log of a product over a domain", [log.primitive], (node, { facts }) => {
      const product = node.operands[0]!;
      if (product.kind !== "reduce" || product.graph.combineOf(product.id) !== "prod") return undefined;
      const terms = termsOf(product);
      const read = terms.factors[0]!;
      if (!facts.isNonNegative(read.of)) return undefined;
      return contract({ ...terms, factors: [{ of: log(read.of), index: read.index }] });
    }),
  ],
};

const total = (exponents: readonly Expr[]) => exponents.reduce((sum, each) => add(sum, each));

/** What a view reads, and the view of something else. */
function viewed(node: Expr): { readonly of: Expr; readonly again: (other: Expr) => Expr } | undefined {
  if (!isView(node)) return undefined;
  const terms = termsOf(node);
  const { of, index } = terms.factors[0]!;
  return { of, again: (other) => view(other, node.shape, index, terms.guards, terms.lookups) };
}

/** x for 1/x, also where 1/x is broadcast. */
function reciprocalOf(node: Expr): Expr | undefined {
  if (isMap(node, reciprocal.primitive)) return node.operands[0];
  const read = viewed(node);
  return read && isMap(read.of, reciprocal.primitive) ? read.again(read.of.operands[0]!) : undefined;
}

/**
 * w e^x / sum v e^y, or a sum of these over one, with the largest y that counts taken off all exponents: it is at least as large as
 * what is left of the quotient.
 */
function shiftedQuotient(numerator: Expr, divisor: Expr): Expr | undefined {
  const below = viewed(divisor);
  const sumBelow = below?.of ?? divisor;
  const isWhole = !below || termsOf(divisor).guards.length === 0;
  const terms = isWhole ? sumOfPowers(sumBelow) : undefined;
  if (!terms) return undefined;
  const again = below?.again ?? ((node: Expr) => node);
  const { shift, shifted } = shiftedPowers(terms);
  const [read, ...weights] = terms.factors;
  const whole = again(contract({ ...terms, factors: [{ ...read!, of: exp(shifted) }, ...weights] }));
  const single = powerOfE(numerator);
  if (single) {
    const part = exp(
      sub(
        single.exponents.reduce((sum, each) => add(sum, each)),
        again(shift),
      ),
    );
    return div(single.rest ? mul(single.rest, part) : part, whole);
  }
  const above = viewed(numerator);
  const sum = sumOfPowers(above?.of ?? numerator);
  const isAlike = sum && (above ? above.again(sumBelow) === divisor : numerator.shape.length === divisor.shape.length);
  if (!isAlike) return undefined;
  const [exponent, ...others] = sum.factors;
  const there = view(above ? shift : again(shift), sum.extents, sum.output);
  const lessShift = sub(whereGuarded(sum, exponent!.of, there), there);
  const part = contract({ ...sum, factors: [{ ...exponent!, of: exp(lessShift) }, ...others] });
  return div(above ? above.again(part) : part, whole);
}
