import type { Expr } from "../../../ir/graph.ts";
import { Integer } from "../../../ir/integer.ts";
import { broadcast, contract, readsWhole, termsOf } from "../../../ops/arrays/contractions.ts";
import { add, div, mul } from "../../../ops/elementary/algebra.ts";
import { toReal } from "../../../ops/elementary/cast.ts";
import { allOf, greater, less, select } from "../../../ops/elementary/comparison.ts";
import { log } from "../../../ops/elementary/exponential.ts";
import { pow } from "../../../ops/elementary/powers.ts";
import { abs } from "../../../ops/elementary/rounding.ts";
import { isMap } from "../../../ops/maps.ts";
import { expm1Dilation } from "../../../ops/ratios/dilations.ts";
import { logaddexp } from "../../../ops/special/special.ts";
import { isConstant } from "../contractions/splat.ts";
import { firstSummed } from "../contractions/terms.ts";
import { viewed } from "../contractions/views.ts";
import { fractionOf, wholeOf, without } from "../fractions.ts";
import { isSum, varies } from "../nodes.ts";
import { areComplements } from "./complements.ts";

// Sums of powers that come to 1 where the exponents have a factor p that is 0: w_1 x_1^(p q_1) + ... + c with w_1 + ... + c = 1.

/** Such a sum as 1 + p rate, which holds where it is near 1 and its bases are positive. */
export interface NearOne {
  readonly p: Expr;
  readonly rate: Expr;
  readonly holds: Expr;
  /** Of a sum of a few powers. */
  readonly far?: Far | undefined;
}

/** The logarithm of a sum of powers that may overflow, and where bases and weights are positive, so that it is that. */
interface Far {
  readonly logarithm: Expr;
  readonly arePositive: Expr;
}

/** The sum in that form; undefined of others. */
export function nearOne(sum: Expr): NearOne | undefined {
  const found = isMap(sum, add) ? ofTerms(sum) : ofMean(sum);
  return (
    found && {
      ...found,
      // asked of the rate: the powers are not needed then
      holds: less(abs(mul(found.p, found.rate)), 0.5),
    }
  );
}

/** (x^(p q) - 1)/p, for a power whose exponent has the factor p. */
const rateOf = (base: Expr, p: Expr, q: Expr) => expm1Dilation(p, isConstant(q, 1) ? log(base) : mul(q, log(base)));

interface Term {
  readonly base: Expr;
  readonly exponent: Expr;
  readonly weight: Expr;
}

function termOf(node: Expr): Term | undefined {
  const { over, under } = fractionOf(node);
  const power = over.find((factor) => isMap(factor, pow));
  if (!power) return undefined;
  const [base, exponent] = power.operands as [Expr, Expr];
  return { base, exponent, weight: wholeOf({ over: without(over, power), under }, node) };
}

/** A few powers with weights, and constants. */
function ofTerms(sum: Expr): Pick<NearOne, "p" | "rate" | "far"> | undefined {
  const powers = sum.operands.filter(varies).map(termOf);
  const [first] = powers;
  if (!first || powers.some((term) => !term)) return undefined;
  const terms = powers as Term[];
  const constants = sum.operands.filter(({ kind }) => kind === "constant");
  if (!areOne([...terms.map(({ weight }) => weight), ...constants])) return undefined;
  const p = fractionOf(first.exponent).over.find(varies);
  if (!p) return undefined;
  const rates: Expr[] = [];
  for (const { base, exponent, weight } of terms) {
    const { over, under } = fractionOf(exponent);
    if (!over.includes(p)) return undefined;
    const rate = rateOf(base, p, wholeOf({ over: without(over, p), under }, sum));
    rates.push(isConstant(weight, 1) ? rate : mul(weight, rate));
  }
  return { p, rate: rates.reduce((a, b) => add(a, b)), far: constants.length === 0 ? logarithmOf(terms) : undefined };
}

/** log(w_1 x_1^q_1 + ...), by the logarithms of its terms. */
function logarithmOf(terms: readonly Term[]): Far {
  const parts = [...new Set(terms.flatMap(({ base, weight }) => [base, weight]))].filter(varies);
  const arePositive = allOf(parts.map((part) => greater(part, 0)));
  const logOf = (part: Expr) => (part.kind === "constant" ? log(part) : log(select(arePositive, part, 1)));
  const logs = terms.map(({ base, exponent, weight }) => add(mul(exponent, logOf(base)), logOf(weight)));
  return { logarithm: logs.length > 1 ? logaddexp(...(logs as [Expr, Expr])) : logs[0]!, arePositive };
}

/** True of weights that come to 1: numbers, or a and what 1 is more than it. */
function areOne(weights: readonly Expr[]): boolean {
  if (weights.every(({ kind }) => kind === "constant"))
    return weights.reduce((total, weight) => total + weight.constant!, 0) === 1;
  const [a, b] = weights as [Expr, Expr];
  return weights.length === 2 && areComplements(a, b);
}

/** The mean of a power over all of what is summed. */
function ofMean(mean: Expr): Pick<NearOne, "p" | "rate"> | undefined {
  const [total, count] = mean.operands as [Expr, Expr];
  if (!isMap(mean, div) || !isSum(total)) return undefined;
  const terms = termsOf(total);
  const [read, ...others] = terms.factors;
  if (others.length > 0 || terms.guards.length > 0 || !read || !isMap(read.of, pow)) return undefined;
  const summed = terms.extents.slice(firstSummed(terms)).reduce((a, b) => a.times(b), Integer.one);
  if (!isCount(count, summed) || !readsWhole(read, terms.extents)) return undefined;
  const [base, exponent] = read.of.operands as [Expr, Expr];
  const { over, under } = fractionOf(exponent);
  const repeated = over.find((factor) => viewed(factor)?.of.shape.length === 0);
  if (!repeated) return undefined;
  const rest = wholeOf({ over: without(over, repeated), under }, exponent);
  const rates = contract({ ...terms, factors: [{ ...read, of: rateOf(base, repeated, rest) }] });
  const p = viewed(repeated)!.of;
  return { p: mean.shape.length > 0 ? broadcast(p, mean.shape) : p, rate: div(rates, count) };
}

/** True of so many as a number. */
function isCount(count: Expr, size: Integer): boolean {
  if (count.kind === "constant") return size.value === count.constant;
  const inner = isMap(count, toReal) ? count.operands[0]! : count;
  return inner.kind === "size" && inner.graph.sizeOf(inner.id).equals(size);
}
