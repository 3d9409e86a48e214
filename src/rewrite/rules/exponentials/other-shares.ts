import type { Expr } from "../../../ir/graph.ts";
import { whereGuarded } from "../../../ops/arrays/composites.ts";
import { contract, termsOf } from "../../../ops/arrays/contractions.ts";
import { div, sub } from "../../../ops/elementary/algebra.ts";
import { greater, min, select } from "../../../ops/elementary/comparison.ts";
import { exp } from "../../../ops/elementary/exponential.ts";
import { isMap } from "../../../ops/maps.ts";
import { isConstant } from "../../forms/contractions/splat.ts";
import { rangeOf } from "../../forms/contractions/terms.ts";
import { viewed } from "../../forms/contractions/views.ts";
import { isSum } from "../../forms/nodes.ts";
import { type Rules, structural } from "../../rule.ts";

/** 1 - p for shares p of sums of exponentials: of the only one above a half it is the sum of the others. */
function otherShares(p: Expr): Expr | undefined {
  const [power, divisor] = p.operands;
  const total = isMap(p, div) && isMap(power!, exp) ? viewed(divisor!) : undefined;
  if (!total || !isSum(total.of)) return undefined;
  const terms = termsOf(total.of);
  const [read, ...weights] = terms.factors;
  if (read!.of !== power || weights.length + terms.guards.length > 0) return undefined;
  const isMost = greater(p, 0.5);
  const others = contract({ ...terms, factors: [{ ...read!, of: select(isMost, 0, p) }] });
  // the bound changes nothing, and tells that the rule has been here
  return select(isMost, total.again(others), sub(1, min(p, 0.75)));
}

export const otherShareRules: Rules = {
  stable: [
    structural("one minus a share", { roots: [sub], operands: ["array"], phase: "early" }, ({ operands: [one, p] }) => {
      if (!isConstant(one!, 1)) return undefined;
      const read = viewed(p!);
      if (!read) return otherShares(p!);
      const rest = otherShares(read.of);
      const terms = termsOf(p!);
      return (
        rest &&
        whereGuarded({ ...terms, guards: [...terms.guards, ...rangeOf(terms.factors[0]!)] }, read.again(rest), 1)
      );
    }),
  ],
};
