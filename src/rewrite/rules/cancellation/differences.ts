import type { Expr } from "../../../ir/graph.ts";
import { add, mul, neg, square, sub } from "../../../ops/elementary/algebra.ts";
import { exp, expm1 } from "../../../ops/elementary/exponential.ts";
import { tanh } from "../../../ops/elementary/hyperbolic.ts";
import { cos } from "../../../ops/elementary/trigonometric.ts";
import { isMap, isOneOf } from "../../../ops/maps.ts";
import { sigmoid } from "../../../ops/special/activation.ts";
import { erf, erfc, normalCdf } from "../../../ops/special/erf.ts";
import { complementOf } from "../../forms/cancellation/complements.ts";
import { areOpposite } from "../../forms/conditions.ts";
import { factorsOf } from "../../forms/signed-factors.ts";
import { signedTermsOf, sumOfSigned } from "../../forms/signed-terms.ts";
import { c, d, x } from "../../pattern.ts";
import { type Context, type Rules, rule, structural } from "../../rule.ts";

/** Differences of a term and its multiple by a function that may be near 1, and of sums that share terms. */
export const differenceRules: Rules = {
  stable: [
    ...([mul, square] as const).flatMap((product) => {
      const what = product === mul ? "multiple" : "square";
      return [
        structural(`sum of a term and its ${what}`, { roots: [add], operands: [product] }, (node) => excessOf(node, 1)),
        structural(`difference of a term and its ${what}`, { roots: [sub], operands: [product] }, (node) =>
          excessOf(node, -1),
        ),
      ];
    }),
  ],
  real: [
    rule(add(x, c, d), x, { where: areOpposite(c, d) }),
    structural("difference of a difference", { roots: [sub], operands: [sub] }, signedSum),
    structural("difference of a sum", { roots: [sub], operands: [add] }, signedSum),
    structural("sum with a difference", { roots: [add], operands: [sub] }, signedSum),
  ],
};

/** A sum of sums and differences, of terms that cancel or occur again there: each once, as often as it counts. */
function signedSum(node: Expr, context: Context): Expr | undefined {
  const { isTakenBy } = context;
  if (isTakenBy(node.id, add.primitive) || isTakenBy(node.id, sub.primitive)) return undefined;
  const found = signedTermsOf(node, context);
  if (!found) return undefined;
  const counts = new Map<Expr, number>();
  for (const { term, sign } of found) counts.set(term, (counts.get(term) ?? 0) + sign);
  if (counts.size === found.length) return undefined;
  const terms = [...counts].flatMap(([term, count]) => {
    if (count === 0) return [];
    return [{ term: Math.abs(count) === 1 ? term : mul(term, Math.abs(count)), sign: Math.sign(count) }];
  });
  return terms.length > 0 ? sumOfSigned(terms, node) : node.graph.constantLike(0, node, node.dtype);
}

/** a + b or a - b for terms of which one is the other times f, as a multiple of f - 1 or f + 1. */
function excessOf(node: Expr, second: 1 | -1): Expr | undefined {
  const terms = node.operands.map(factorsOf);
  const [a, b] = terms as [(typeof terms)[0], (typeof terms)[0]];
  if (terms.length !== 2) return undefined;
  const beyond = a.sign === b.sign * second ? plusOne : beyondOne;
  const excess = (large: Expr[], small: Expr[], sign: number) => {
    const left = quotientOf(large, small);
    const factor = left && beyond(left);
    if (!factor) return undefined;
    const product = [...small, factor].reduce((all, each) => mul(all, each));
    return sign > 0 ? product : neg(product);
  };
  return excess(a.factors, b.factors, a.sign) ?? excess(b.factors, a.factors, b.sign * second);
}

/** f + 1 for functions whose sum with 1 has a form of its own. */
function plusOne(node: Expr): Expr | undefined {
  const [x] = node.operands;
  if (isMap(node, expm1)) return exp(x!);
  if (isMap(node, tanh)) return mul(2, sigmoid(mul(2, x!)));
  return isMap(node, erf) ? erfc(neg(x!)) : undefined;
}

/** f - 1 for functions whose difference from 1 has a form of its own. */
function beyondOne(node: Expr): Expr | undefined {
  const [x] = node.operands;
  if (isMap(node, exp)) return expm1(x!);
  if (isOneOf(node, sigmoid, tanh, cos, normalCdf, erf, erfc)) return neg(complementOf(node)!);
  if (isMap(node, add) || isMap(node, sub)) return lessOne(node);
  return undefined;
}

/** The sum of a constant and a term, or their difference, less one: as it would be computed, a small term is lost beside the one. */
function lessOne(node: Expr): Expr | undefined {
  const { operands } = node;
  const at = operands.findIndex(({ kind }) => kind === "constant");
  const isDifference = isMap(node, sub);
  if (at < 0 || operands.length !== 2 || (isDifference && at === 1)) return undefined;
  const rest = operands[at]!.constant! - 1;
  const other = operands[1 - at]!;
  if (rest === 0) return isDifference ? neg(other) : other;
  return isDifference ? sub(rest, other) : add(other, rest);
}

/** The one factor that is left of a product without those of another. */
function quotientOf(factors: readonly Expr[], others: readonly Expr[]): Expr | undefined {
  const rest = [...factors];
  for (const factor of others) {
    const at = rest.indexOf(factor);
    if (at < 0) return undefined;
    rest.splice(at, 1);
  }
  return rest.length === 1 ? rest[0] : undefined;
}
