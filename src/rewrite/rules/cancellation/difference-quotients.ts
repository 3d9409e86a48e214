import type { Expr } from "../../../ir/graph.ts";
import { inherited } from "../../../ir/walks/inherited.ts";
import { div, mul, neg, sub } from "../../../ops/elementary/algebra.ts";
import { less, select } from "../../../ops/elementary/comparison.ts";
import { log1p } from "../../../ops/elementary/exponential.ts";
import { abs } from "../../../ops/elementary/rounding.ts";
import { isMap, isOneOf, primitivesOf } from "../../../ops/maps.ts";
import { logProportion } from "../../../ops/ratios/compositions.ts";
import { differenceAs } from "../../../ops/ratios/gaps.ts";
import { fractionOf, wholeOf, without } from "../../forms/fractions.ts";
import { likeOperand } from "../../forms/near-zero.ts";
import { varies } from "../../forms/nodes.ts";
import { type Rules, structural } from "../../rule.ts";

/** Differences of a function at two points over what the points differ by, as (f(c + k x) - f(c))/k: near k = 0 by the form of each. */
export const differenceQuotientRules: Rules = {
  stable: [structural("difference over a factor of it", { roots: [div], phase: "early" }, (node) => overFactor(node))],
};

/** Choices within choices are looked into so far. */
const deepest = 4;

const differences = primitivesOf(differenceAs, logProportion);

/** Whether a node is a difference, or made of one. */
const holdsDifference = inherited((graph, id) => {
  if (graph.kindOf(id) !== "map") return undefined;
  return differences.has(graph.primitiveOf(id)) || undefined;
});

function overFactor(node: Expr, depth = deepest): Expr | undefined {
  if (!holdsDifference(node.graph, node.id)) return undefined;
  const whole = fractionOf(node);
  const difference = whole.over.find(
    (factor) => isOneOf(factor, differenceAs, logProportion, select) && holdsDifference(factor.graph, factor.id),
  );
  const factors = whole.under.filter(varies);
  if (!difference || factors.length === 0) return undefined;
  const times = (found: Expr, under: readonly Expr[]) =>
    wholeOf({ over: [found, ...without(whole.over, difference)], under }, node);
  if (isMap(difference, select)) {
    if (depth === 0) return undefined;
    const [condition, ...sides] = difference.operands as [Expr, Expr, Expr];
    const plain = sides.map((side) => times(side, whole.under)) as [Expr, Expr];
    const found = plain.map((side) => overFactor(side, depth - 1));
    return found.some((side) => side) ? select(condition, found[0] ?? plain[0], found[1] ?? plain[1]) : undefined;
  }
  const { plain, near, isNear } = formsOf(difference);
  for (const factor of factors) {
    const quotient = quotientOf(near, factor);
    const rest = without(whole.under, factor);
    if (quotient) return select(isNear, times(quotient, rest), times(div(plain, select(isNear, 1, factor)), rest));
  }
  return undefined;
}

/** A difference as it is written, the form in which nothing cancels, and where that is right. */
function formsOf(difference: Expr): { readonly plain: Expr; readonly near: Expr; readonly isNear: Expr } {
  const [a, b, value] = difference.operands as [Expr, Expr, Expr | undefined];
  // log(a / (a + b)) is -log(1 + b/a)
  if (!value) return { plain: difference, near: neg(log1p(div(b, a))), isNear: less(abs(b), mul(0.5, abs(a))) };
  const plain = sub(a, b);
  return { plain, near: value, isNear: less(abs(plain), mul(0.5, abs(a))) };
}

/** What a product is over a factor of it, or over one of the first operand of a function that vanishes with it. */
function quotientOf(node: Expr, factor: Expr): Expr | undefined {
  if (isMap(node, select)) {
    const [condition, one, other] = node.operands as [Expr, Expr, Expr];
    const [yes, no] = [quotientOf(one, factor), quotientOf(other, factor)];
    if (!yes && !no) return undefined;
    return select(
      condition,
      yes ?? div(one, select(condition, factor, 1)),
      no ?? div(other, select(condition, 1, factor)),
    );
  }
  const { over, under } = fractionOf(node);
  if (over.includes(factor)) return wholeOf({ over: without(over, factor), under }, node);
  for (const f of over) {
    const u = f.kind === "map" && likeOperand.has(f.graph.primitiveOf(f.id)) ? f.operands[0] : undefined;
    const inner = u && fractionOf(u);
    if (!u || !inner?.over.includes(factor)) continue;
    const left = { over: [...without(over, f), ...without(inner.over, factor)], under: [...under, ...inner.under] };
    return mul(wholeOf(left, node), div(f, u));
  }
  return undefined;
}
