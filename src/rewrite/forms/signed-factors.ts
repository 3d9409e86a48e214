import type { Expr } from "../../ir/graph.ts";
import { mul, neg, square } from "../../ops/elementary/algebra.ts";
import { isMap } from "../../ops/maps.ts";

/** Products of more are not taken apart further. */
const mostFactors = 16;

/** The factors of a product, neighbours in a chain, and its sign. */
export function factorsOf(node: Expr): { readonly sign: number; readonly factors: Expr[] } {
  const factors = [node];
  let sign = 1;
  for (let at = 0; at < factors.length && factors.length < mostFactors; ) {
    const factor = factors[at]!;
    const isNegated = isMap(factor, neg);
    if (isNegated) sign = -sign;
    if (isNegated || isMap(factor, mul)) factors.splice(at, 1, ...factor.operands);
    else if (isMap(factor, square)) factors.splice(at, 1, factor.operands[0]!, factor.operands[0]!);
    else at++;
  }
  return { sign, factors };
}
