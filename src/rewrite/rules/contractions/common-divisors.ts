import type { Expr } from "../../../ir/graph.ts";
import { axes, contract, type Read, termsOf, view } from "../../../ops/arrays/contractions.ts";
import { guardsOfTerms } from "../../../ops/arrays/presence.ts";
import { div } from "../../../ops/elementary/algebra.ts";
import { isMap } from "../../../ops/maps.ts";
import { isFiniteForAnyData } from "../../../ops/tame.ts";
import { compareCost, elementCount } from "../../cost.ts";
import { isTotal } from "../../facts/facts.ts";
import { isSplat, reshaped } from "../../forms/contractions/splat.ts";
import { firstSummed, inline, isOnlyRead, type Terms, withFactor } from "../../forms/contractions/terms.ts";
import { isView } from "../../forms/nodes.ts";
import { type Context, type Rules, structural } from "../../rule.ts";

/** One quotient of a sum in place of a sum of quotients. No pattern of derivatives spans it: it waits until none follows. */
export const commonDivisorRules: Rules = {
  real: [structural("fixed divisors out of a sum", { roots: ["sum"], operands: [div], phase: "last" }, divisorOut)],
};

/** The sum of the dividends over a divisor that no summed iterator changes. */
function divisorOut(node: Expr, { facts, hints, isShared }: Context): Expr | undefined {
  const terms = termsOf(node);
  const { factors, lookups, output } = terms;
  const rank = output.length;
  if (firstSummed(terms) < rank) return undefined;
  for (const [position, { of, index }] of factors.entries()) {
    if (!isMap(of, div) || isShared(of.id) || !isOnlyRead(terms, position)) continue;
    if (compareCost(elementCount(node), elementCount(of), hints) >= 0) continue;
    const [dividend, divisor] = of.operands as [Expr, Expr];
    const read = narrowRead(terms, position, divisor);
    if (!read?.index.every((each) => each.iterators().every((iterator) => iterator < rank))) continue;
    const sum = withFactor(terms, position, { of: dividend, index });
    const [low, high] = facts.of(divisor).interval;
    const isNumber = (low > 0 || high < 0) && isFiniteForAnyData(divisor);
    const guards = isNumber ? [] : guardsOfTerms(sum);
    if (!guards) continue;
    const quotient = div(contract(sum), view(read.of, node.shape, read.index, [], lookups));
    return guards.length > 0 ? view(quotient, node.shape, axes(rank), guards, lookups) : quotient;
  }
  return undefined;
}

/** How the terms read what is the same along some axes of a factor: without these axes. */
function narrowRead(terms: Terms, position: number, of: Expr): Read | undefined {
  if (isSplat(of)) return { of: reshaped(of, []), index: [] };
  if (!isView(of) || !isTotal(of.graph, of.id)) return undefined;
  return inline(withFactor(terms, position, { of, index: terms.factors[position]!.index }), position).factors[position];
}
