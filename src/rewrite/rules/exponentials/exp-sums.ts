import type { Expr } from "../../../ir/graph.ts";
import { add, mul, neg, sub } from "../../../ops/elementary/algebra.ts";
import { max } from "../../../ops/elementary/comparison.ts";
import { exp, log, log1p, log2, log10 } from "../../../ops/elementary/exponential.ts";
import { logCosh } from "../../../ops/elementary/hyperbolic.ts";
import { abs } from "../../../ops/elementary/rounding.ts";
import { isMap } from "../../../ops/maps.ts";
import { proportion } from "../../../ops/ratios/ratios.ts";
import { sigmoid, sigmoidSlope, softplus } from "../../../ops/special/activation.ts";
import {
  logaddexp,
  logaddexp3,
  logShare,
  otherShares,
  share,
  shareProduct,
  shareSlope,
} from "../../../ops/special/special.ts";
import { constantLike } from "../../forms/conditions.ts";
import { logRatioOf, without } from "../../forms/exponentials/exp-ratios.ts";
import { exponentsInLog, exponentsOf, isVarying, logOf, logOfTotal } from "../../forms/exponentials/exp-sums.ts";
import { above, areRelated, difference, isAnyRelated, merged } from "../../forms/exponentials/exponents.ts";
import { exponentOf, logSum, logsOf } from "../../forms/exponentials/logarithms.ts";
import { x, y } from "../../pattern.ts";
import { type Rules, rule, structural } from "../../rule.ts";

/** What has the weights of three exponentials in their sum. */
const sharing = [share, logShare, otherShares, shareSlope, shareProduct];

/** Logarithms of sums of positive exponentials and constants, which overflow on their own, and shares of the sums. */
export const expSumRules: Rules = {
  stable: [
    structural("log of exps and constants", { roots: [log], operands: [add] }, ({ operands: [sum] }) => {
      const logs = exponentsOf(sum!);
      return logs && logSum(logs);
    }),
    structural("log1p of exps", { roots: [log1p] }, ({ operands: [sum] }) => {
      // of e^x alone it is a softplus anyway
      if (isMap(sum!, exp)) return undefined;
      const logs = isMap(sum!, add)
        ? logsOf(sum!, logOf)
        : [exponentOf(sum!) ?? logOfTotal(sum!)].filter((each) => each !== undefined);
      return logs && isVarying(logs) ? logSum([constantLike(0, sum!), ...logs]) : undefined;
    }),
    ...(
      [
        [log2, Math.LOG2E],
        [log10, Math.LOG10E],
      ] as const
    ).map(([f, factor]) =>
      structural(
        `${f.primitive.name} of exps and constants`,
        { roots: [f], operands: [add] },
        ({ operands: [sum] }) => {
          const natural = exponentOf(sum!);
          return natural && mul(natural, factor);
        },
      ),
    ),
    rule(logaddexp(x, neg(x)), add(logCosh(x), Math.LN2)),
    structural("log of exps less one of them", { roots: [sub] }, ({ operands: [total, term] }) =>
      belowTotal(total!, term!),
    ),
    structural("exponent less the log of its sum", { roots: [sub] }, ({ operands: [term, total] }) => {
      const found = belowTotal(total!, term!);
      return found && neg(found);
    }),
    structural("logs of sums of exps less each other", { roots: [sub] }, ({ operands: [a, b] }) => {
      const [p, q] = [multipleOf(a!), multipleOf(b!)];
      if ([p, q].every(({ log }) => isMap(log, softplus))) return undefined;
      const found = logRatioOf(merged(exponentsInLog(p.log)), merged(exponentsInLog(q.log)), q.factor / p.factor);
      return found && (p.factor === 1 ? found : mul(p.factor, found));
    }),
    structural("shares of related exponents", { roots: sharing }, (node) => {
      const { operands } = node;
      if (!isAnyRelated(operands)) return undefined;
      const leadAt = (at: number) => neg(logSum(above(without(operands, at), operands[at]!)));
      const lead = leadAt(0);
      if (isMap(node, share)) return sigmoid(lead);
      if (isMap(node, logShare)) return neg(softplus(neg(lead)));
      if (isMap(node, shareProduct)) return mul(sigmoid(lead), sigmoid(leadAt(1)));
      return isMap(node, otherShares) ? sigmoid(neg(lead)) : sigmoidSlope(lead);
    }),
    structural("log of exps that go together", { roots: [logaddexp, logaddexp3].map((f) => f) }, (node) =>
      togetherOf(node.operands),
    ),
    structural("share of sums of exps", { roots: [proportion] }, ({ operands }) => {
      const [own, other] = operands.map(logOfTotal);
      return own && other && sigmoid(sub(own, other));
    }),
    rule(sub(logaddexp(x, y), max(x, y)), log1p(exp(sub(0, abs(sub(x, y)))))),
  ],
};

/** A logarithm and how often it is taken. */
function multipleOf(node: Expr): { readonly factor: number; readonly log: Expr } {
  const at = isMap(node, mul) ? node.operands.findIndex(({ kind }) => kind === "constant") : -1;
  const factor = at < 0 ? 1 : node.operands[at]!.constant!;
  return at < 0 || !(factor > 0) ? { factor: 1, log: node } : { factor, log: node.operands[1 - at]! };
}

/** log(e^x + e^(x + y) + ...) as x + log(1 + e^y) + ..., where x is none of what is left. */
function togetherOf(exponents: readonly Expr[]): Expr | undefined {
  for (const [k, base] of exponents.entries()) {
    for (const [l, other] of exponents.entries()) {
      const gap = k !== l && areRelated(other, base) ? difference(other, base) : undefined;
      if (!gap || areRelated(gap, base)) continue;
      const pair = add(base, gap.kind === "constant" ? Math.log1p(Math.exp(gap.constant!)) : softplus(gap));
      return logSum([pair, ...exponents.filter((_, at) => at !== k && at !== l)]);
    }
  }
  return undefined;
}

/** log(e^term + ...) - term, in which the term cancels. */
function belowTotal(total: Expr, term: Expr): Expr | undefined {
  const terms = exponentsInLog(total);
  const at = terms.length > 1 ? terms.indexOf(term) : -1;
  return at < 0 ? undefined : softplus(logSum(above(without(terms, at), term)));
}
