import type { Expr } from "../../../ir/graph.ts";
import { logsumexpOver } from "../../../ops/arrays/composites.ts";
import { add } from "../../../ops/elementary/algebra.ts";
import { exp } from "../../../ops/elementary/exponential.ts";
import { logCosh } from "../../../ops/elementary/hyperbolic.ts";
import { isMap, isOneOf } from "../../../ops/maps.ts";
import { softplus } from "../../../ops/special/activation.ts";
import { logaddexp, logaddexp3 } from "../../../ops/special/special.ts";
import { constantLike } from "../conditions.ts";
import { isConstant } from "../contractions/splat.ts";
import { varies } from "../nodes.ts";
import { halvesOf } from "./exponents.ts";
import { logarithmOf, logsOf } from "./logarithms.ts";
import { sumOfPowers } from "./sums-of-powers.ts";

// Sums of exponentials: those of maps, and those over a domain.

/** The exponents of a sum that varies; 1 + e^x has functions of its own. */
export function exponentsOf(sum: Expr): Expr[] | undefined {
  if (!isMap(sum, add)) return undefined;
  const logs = isLogistic(sum) ? undefined : logsOf(sum, logOf);
  return logs && isVarying(logs) ? logs : undefined;
}

export const isVarying = (logs: readonly Expr[]) => logs.some(varies);

/** 1 + e^x. */
export const isLogistic = ({ operands }: Expr) =>
  operands.length === 2 && operands.some((term, k) => isConstant(term, 1) && isMap(operands[1 - k]!, exp));

/** The logarithm of what is positive by its form. */
export const logOf = (node: Expr) => logarithmOf(node) ?? logOfTotal(node);

/** The logarithm of a sum of exponentials over a domain. */
export function logOfTotal(node: Expr): Expr | undefined {
  const terms = sumOfPowers(node);
  return terms?.factors.length === 1 ? logsumexpOver(terms) : undefined;
}

/** The exponents of the sum of which a node is the logarithm. */
export function exponentsInLog(node: Expr): readonly Expr[] {
  const [x] = node.operands;
  if (isMap(node, logCosh)) return halvesOf(x!);
  if (isMap(node, softplus)) return [constantLike(0, x!), x!];
  const isSum = isOneOf(node, logaddexp, logaddexp3);
  return isSum
    ? node.operands.filter((each) => !isConstant(each, Number.NEGATIVE_INFINITY)).flatMap(exponentsInLog)
    : [node];
}
