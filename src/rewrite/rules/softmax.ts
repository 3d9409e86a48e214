import { iterators } from "../../ir/contraction.ts";
import type { Expr } from "../../ir/graph.ts";
import type { Integer } from "../../ir/integer.ts";
import { div, mul, reciprocal, sub } from "../../ops/algebra.ts";
import { isFiniteReal, select } from "../../ops/comparison.ts";
import { logsumexpOver } from "../../ops/composites.ts";
import { axes, contract, reduce, termsOf, view } from "../../ops/contractions.ts";
import { exp, log } from "../../ops/exponential.ts";
import { stopGradient } from "../../ops/opaque.ts";
import { isMap, isSum, isView } from "../forms/nodes.ts";
import { mapIndices, type Terms } from "../forms/terms.ts";
import { type Rules, structural } from "../rule.ts";

/** Sums of exponentials, shifted by the largest exponent so that nothing overflows. */
export const softmaxRules: Rules = {
  stable: [
    structural("log of a sum of exps over a domain", [log.primitive], (node) => {
      const exponents = sumOfExps(node.operands[0]!);
      return exponents && logsumexpOver(exponents);
    }),
    structural(
      "exp over a sum of exps",
      [div.primitive],
      (node) => {
        const [numerator, divisor] = node.operands as [Expr, Expr];
        return shiftedQuotient(numerator, divisor);
      },
      [exp.primitive],
    ),
    structural(
      "exp times the reciprocal of a sum of exps",
      [mul.primitive],
      (node) => {
        const [a, b] = node.operands as [Expr, Expr];
        const [fromA, fromB] = [reciprocalOf(a), reciprocalOf(b)];
        return (fromB && shiftedQuotient(a, fromB)) ?? (fromA && shiftedQuotient(b, fromA));
      },
      [exp.primitive],
    ),
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

/** e^x / sum e^x with the largest x taken off both exponents. */
function shiftedQuotient(numerator: Expr, divisor: Expr): Expr | undefined {
  if (!isMap(numerator, exp.primitive)) return undefined;
  const total = viewed(divisor)?.of ?? divisor;
  const exponents = sumOfExps(total);
  if (!exponents || exponents.guards.length > 0) return undefined;
  const { shape } = numerator;
  const exponent = exponents.factors[0]!;
  const isSame = exponent.of === numerator.operands[0] && view(total, shape, exponents.output) === divisor;
  if (!isSame) return undefined;
  const largest = stopGradient(reduce("max", exponents));
  const shift = select(isFiniteReal(largest), largest, 0);
  const shifted = exp(sub(exponent.of, view(shift, shape, exponents.output)));
  const shiftedTotal = contract({ ...exponents, factors: [{ ...exponent, of: shifted }] });
  return div(shifted, view(shiftedTotal, shape, exponents.output));
}

/** For a sum of e^x that reads each element of x once and is not shifted yet: its terms over x, in the order of x's axes. */
function sumOfExps(node: Expr): Terms | undefined {
  if (!isSum(node)) return undefined;
  const terms = termsOf(node);
  const read = terms.factors[0]!;
  if (terms.factors.length !== 1 || !isMap(read.of, exp.primitive)) return undefined;
  const exponent = read.of.operands[0]!;
  const replacement: Integer[] = [];
  for (const [axis, index] of read.index.entries()) {
    const iterator = index.unitIterator();
    const isWhole =
      iterator?.sign === 1 &&
      iterator.offset.value === 0 &&
      terms.extents[iterator.iterator]!.equals(exponent.shape[axis]!);
    if (!isWhole || replacement[iterator.iterator]) return undefined;
    replacement[iterator.iterator] = iterators(axis);
  }
  if (terms.extents.length !== read.index.length || isShifted(exponent)) return undefined;
  const moved = mapIndices(terms, (index) => index.withIterators(replacement));
  return { ...moved, extents: exponent.shape, factors: [{ of: exponent, index: axes(exponent.shape.length) }] };
}

/** How far below an exponent its shift is looked for. */
const deepest = 4;

/** True when a largest or smallest element has been taken off already. */
function isShifted(exponent: Expr): boolean {
  let level = [exponent];
  for (let depth = 0; depth < deepest; depth++) {
    if (level.some((node) => node.kind === "reduce")) return true;
    level = level
      .flatMap((node) => (isMap(node, exp.primitive) || node.operands.length > 8 ? [] : node.operands))
      .slice(0, 32);
  }
  return level.some((node) => node.kind === "reduce");
}
