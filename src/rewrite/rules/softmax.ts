import { iterators } from "../../ir/contraction.ts";
import type { Expr } from "../../ir/graph.ts";
import type { Integer } from "../../ir/integer.ts";
import { div, mul, reciprocal, sub } from "../../ops/algebra.ts";
import { isFiniteReal, select } from "../../ops/comparison.ts";
import { logsumexpOver } from "../../ops/composites.ts";
import { axes, contract, reduce, view } from "../../ops/contractions.ts";
import { exp, log } from "../../ops/exponential.ts";
import { stopGradient } from "../../ops/opaque.ts";
import { hasOperand, isMap } from "../nodes.ts";
import { type Rules, structural } from "../rule.ts";
import { mapIndices, type Terms, termsOf } from "../terms.ts";

/** Sums of exponentials, shifted by the largest exponent so that nothing overflows. */
export const softmaxRules: Rules = {
  stable: [
    structural("log of a sum of exps over a domain", [log.primitive], (node) => {
      const exponents = sumOfExps(node.operands[0]!);
      return exponents && logsumexpOver(exponents);
    }),
    structural("exp over a sum of exps", [div.primitive, mul.primitive], (node) => {
      if (!hasOperand(node, exp.primitive)) return undefined;
      for (const [numerator, other] of orders(node)) {
        const rest = isMap(other, reciprocal.primitive) ? other.operands[0]! : other;
        const [total, isInverted] = unrepeated(rest);
        if (
          !isMap(numerator, exp.primitive) ||
          (node.graph.primitiveOf(node.id) === mul.primitive) !== (isInverted || rest !== other)
        )
          continue;
        const exponents = sumOfExps(total);
        if (!exponents || exponents.guards.length > 0) continue;
        if (exponents.factors[0]!.of !== numerator.operands[0]) continue;
        if (view(isInverted ? reciprocal(total) : total, numerator.shape, exponents.output) !== rest) continue;
        const shift = stopGradient(reduce("max", exponents));
        const held = select(isFiniteReal(shift), shift, 0);
        const shifted = exp(sub(numerator.operands[0]!, view(held, numerator.shape, exponents.output)));
        const shiftedTotal = contract({
          ...exponents,
          factors: [{ of: shifted, index: axes(numerator.shape.length) }],
        });
        return div(shifted, view(shiftedTotal, numerator.shape, exponents.output));
      }
      return undefined;
    }),
    structural("exp of log softmax", [exp.primitive], (node, { usesOf }) => {
      const difference = node.operands[0]!;
      if (!isMap(difference, sub.primitive) || usesOf(difference) > 1) return undefined;
      const [exponent, logTotal] = difference.operands as [Expr, Expr];
      const [inner, read] = isMap(logTotal, log.primitive) ? [logTotal, undefined] : viewed(logTotal);
      if (!inner || !isMap(inner, log.primitive)) return undefined;
      const total = inner.operands[0]!;
      const isTotal =
        total.kind === "contraction" && total.operands.length === 1 && isMap(total.operands[0]!, exp.primitive);
      // only what has been shifted cannot overflow
      if (!isTotal || total.operands[0]!.operands[0] !== exponent || !isShifted(exponent)) return undefined;
      return div(exp(exponent), read ? view(total, node.shape, read.index, read.guards, read.lookups) : total);
    }),
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

/** A quotient as it stands; a product both ways. */
function orders(node: Expr): [Expr, Expr][] {
  const [a, b] = node.operands as [Expr, Expr];
  return node.graph.primitiveOf(node.id) === mul.primitive
    ? [
        [a, b],
        [b, a],
      ]
    : [[a, b]];
}

function viewed(
  node: Expr,
):
  | [inner: Expr, read: { index: readonly Integer[]; guards: Terms["guards"]; lookups: readonly Expr[] }]
  | [undefined, undefined] {
  if (!node.graph.isView(node.id)) return [undefined, undefined];
  const { factors, guards, lookups } = termsOf(node);
  return [factors[0]!.of, { index: factors[0]!.index, guards, lookups }];
}

/** What a node repeats, and whether as a reciprocal. */
function unrepeated(node: Expr): [total: Expr, isInverted: boolean] {
  const inner = viewed(node)[0] ?? node;
  return isMap(inner, reciprocal.primitive) ? [inner.operands[0]!, true] : [inner, false];
}

/** For a sum of e^x that reads each element of x once and is not shifted yet: its terms over x, in the order of x's axes. */
function sumOfExps(node: Expr): Terms | undefined {
  if (node.kind !== "contraction" || node.graph.isView(node.id)) return undefined;
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
