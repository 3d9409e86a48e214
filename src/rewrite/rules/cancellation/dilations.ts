import type { Expr } from "../../../ir/graph.ts";
import { broadcast, contract, type Read, readsWhole, termsOf } from "../../../ops/arrays/contractions.ts";
import type { Operation } from "../../../ops/define.ts";
import { add, div, mul, neg, reciprocal, sub } from "../../../ops/elementary/algebra.ts";
import { greater, or, select } from "../../../ops/elementary/comparison.ts";
import { exp, expm1, log, log1p } from "../../../ops/elementary/exponential.ts";
import { pow } from "../../../ops/elementary/powers.ts";
import { isMap, isOneOf } from "../../../ops/maps.ts";
import { expm1Dilation, log1pDilation } from "../../../ops/ratios/dilations.ts";
import { bernoulliRatio, expm1Ratio, log1pRatio, proportion } from "../../../ops/ratios/ratios.ts";
import { type NearOne, nearOne } from "../../forms/cancellation/near-one.ts";
import { isConstant } from "../../forms/contractions/splat.ts";
import { insideRepeated, isOfLeaves } from "../../forms/contractions/views.ts";
import { commonFactors, type Fraction, fractionOf, unless, wholeOf, without } from "../../forms/fractions.ts";
import { multipleOf } from "../../forms/multiples.ts";
import { isSum, varies } from "../../forms/nodes.ts";
import { sampled } from "../../forms/sampled.ts";
import { type SignedTerm, signedTermsOf } from "../../forms/signed-terms.ts";
import { type Rules, structural } from "../../rule.ts";

/** Functions with f(0) = 0, f(p q)/p, f(u)/u and u/f(u). */
const vanishing: readonly (readonly [
  f: Operation,
  dilation: Operation,
  ratio: Operation,
  inverse: (u: Expr) => Expr,
])[] = [
  [expm1, expm1Dilation, expm1Ratio, (u) => bernoulliRatio(u)],
  [log1p, log1pDilation, log1pRatio, (u) => reciprocal(log1pRatio(u))],
];
const formsOf = (node: Expr) => vanishing.find(([f]) => isMap(node, f));

/**
 * Functions that vanish with a factor of their operand, over that factor: f(p q)/p, where other factors and terms stand around the two.
 * As quotients their slopes cancel where p is small, and are 0/0 where it is 0.
 */
export const dilationRules: Rules = {
  stable: [
    structural("function over a factor of its operand", { roots: [div, mul] }, overFactor),
    structural("time and a function over its rate", { roots: [add, sub], phase: "early" }, (node, context) => {
      const [a, b, ...others] = signedTermsOf(node, context) ?? [];
      return a && b && others.length === 0 ? (besideTime(a, b) ?? besideTime(b, a)) : undefined;
    }),
    structural(
      "power of one and a factor of its exponent",
      { roots: [pow], operands: [add] },
      ({ operands: [base, exponent] }) => powerByFactor(base!, exponent!),
    ),
    structural(
      "power of one less a factor of its exponent",
      { roots: [pow], operands: [sub] },
      ({ operands: [base, exponent] }) => powerByFactor(base!, exponent!),
    ),
    structural("power of a mean of powers", { roots: [pow], operands: [div] }, ({ operands: [base, exponent] }) =>
      powerOfNearOne(base!, exponent!),
    ),
  ],
};

/** t - f(p t)/p as t (1 - f(u)/u) of u = p t: it cancels where p is small. */
function besideTime(time: SignedTerm, dilation: SignedTerm): Expr | undefined {
  const forms = vanishing.find(([, of]) => isMap(dilation.term, of));
  if (!forms) return undefined;
  const [p, q] = dilation.term.operands as [Expr, Expr];
  const [own, of] = [multipleOf(time.term), multipleOf(q)];
  if (own.base !== of.base || time.sign * own.factor !== -dilation.sign * of.factor) return undefined;
  const gap = sub(1, forms[2](mul(p, q)));
  return time.sign < 0 ? neg(mul(time.term, gap)) : mul(time.term, gap);
}

/** The factors of a product, in which e^(a - b) is e^a over e^b, and a share of a sum one over the sum. */
function factorsIn(node: Expr): Fraction {
  const { over, under } = fractionOf(node);
  const [above, below] = [over.map(spelledOut), under.map((factor) => dilated(factor) ?? spelledOut(factor))];
  return {
    over: [...above.flatMap((each) => each.over), ...below.flatMap((each) => each.under)],
    under: [...above.flatMap((each) => each.under), ...below.flatMap((each) => each.over)],
  };
}

function spelledOut(node: Expr): Fraction {
  const [a, b] = node.operands as [Expr, Expr];
  if (isMap(node, proportion)) return { over: [a], under: [add(a, b)] };
  if (!isMap(node, exp) || !isOneOf(a, add, sub, neg)) return { over: [node], under: [] };
  const terms = signedTermsOf(a, { graph: node.graph, isShared: () => false }) ?? [{ term: a, sign: 1 }];
  const powers = (wanted: number) => terms.flatMap(({ term, sign }) => (sign === wanted ? [exp(term)] : []));
  return { over: powers(1), under: powers(-1) };
}

/** f(p q)/p of its dilation. */
function dilated(node: Expr): Fraction | undefined {
  const forms = vanishing.find(([, dilation]) => isMap(node, dilation));
  const [p, q] = node.operands as [Expr, Expr];
  return forms && { over: [forms[0](wholeOf(fractionOf(mul(p, q)), node))], under: [p] };
}

/** What varies in `u` and is there with the opposite exponent in the rest, as a fraction. */
function sharedWith(u: Fraction, rest: Fraction): Fraction | undefined {
  const [over, under] = [commonFactors(u.over, rest.under), commonFactors(u.under, rest.over)];
  return over.length + under.length > 0 ? { over, under } : undefined;
}

const lessAll = (factors: readonly Expr[], removed: readonly Expr[]) =>
  removed.reduce((left, factor) => without(left, factor), factors);

/** The fraction without the factors of another. */
const dividedBy = (whole: Fraction, { over, under }: Fraction): Fraction => ({
  over: lessAll(whole.over, over),
  under: lessAll(whole.under, under),
});

/** Divisors are looked into so far. */
const mostParts = 16;

/** Whether a divisor is another function that vanishes with what f is of, up to constants: a quotient of the two has a form of its own. */
function vanishesWith(f: Expr, divisor: Expr): boolean {
  const variables = (u: Expr) => {
    const { over, under } = fractionOf(u);
    return [over.filter(varies), under.filter(varies)] as const;
  };
  const own = variables(f.operands[0]!);
  const isSame = (u: Expr) =>
    variables(u).every((side, k) => side.length === own[k]!.length && lessAll(side, own[k]!).length === 0);
  const parts = new Set([divisor]);
  for (const part of parts) {
    if (part !== divisor && isSame(part)) return !(Math.abs(sampled(divisor, part, 0)) > 1e-9);
    if (part.kind === "map") for (const operand of part.operands) parts.add(operand);
    if (parts.size > mostParts) break;
  }
  return false;
}

function overFactor(node: Expr): Expr | undefined {
  const whole = factorsIn(node);
  for (const f of whole.over) {
    if (!formsOf(f) && !isMap(f, log) && !isSum(f)) continue;
    if (formsOf(f) && whole.under.some((divisor) => vanishesWith(f, divisor))) continue;
    const rest = { over: without(whole.over, f), under: whole.under };
    const found = isSum(f) ? insideSum(f, rest) : (joined(f, rest, node) ?? distributed(f, rest, node));
    if (found) return found;
  }
  for (const f of whole.under) {
    const found = formsOf(f) && joinedUnder(f, { over: whole.over, under: without(whole.under, f) }, node);
    if (found) return overFactor(found) ?? found;
  }
  return undefined;
}

/** A function of a few numbers times a sum of such functions, where the terms of the sum are to be seen beside it. */
function insideSum(sum: Expr, rest: Fraction): Expr | undefined {
  const terms = termsOf(sum);
  const [read, ...others] = terms.factors as [Read, ...Read[]];
  const isWhole = others.length === 0 && terms.guards.length === 0 && readsWhole(read, terms.extents);
  const parts = [...rest.over, ...rest.under];
  if (!isWhole || read.of.kind !== "map" || !parts.some(varies) || !parts.every(isOfLeaves)) return undefined;
  const { shape } = read.of;
  const places = terms.output.map((index) => read.index.findIndex((each) => each.equals(index)));
  if (places.includes(-1)) return undefined;
  const again = (part: Expr) => broadcast(part, shape, places);
  const factor = insideRepeated({ of: wholeOf(rest, sum), again }, shape);
  const found = overFactor(mul(factor, read.of));
  return found && contract({ ...terms, factors: [{ ...read, of: found }] });
}

/** The rest over f(u), where a factor of u is in it. */
function joinedUnder(f: Expr, rest: Fraction, node: Expr): Expr | undefined {
  const [, , , inverse] = formsOf(f)!;
  const u = factorsIn(f.operands[0]!);
  const shared = sharedWith(u, { over: rest.under, under: rest.over });
  if (!shared) return undefined;
  const cofactor = dividedBy(u, shared);
  const left = dividedBy(rest, shared);
  const around = { over: [...left.over, ...cofactor.under], under: [...left.under, ...cofactor.over] };
  return timesFraction(inverse(f.operands[0]!), around, node);
}

/** f(u) times the rest, where the rest divides by a factor of u. */
function joined(f: Expr, rest: Fraction, node: Expr): Expr | undefined {
  const forms = formsOf(f);
  if (!forms) return logOverFactor(f.operands[0]!, rest, node);
  const [, dilation, ratio] = forms;
  const u = factorsIn(f.operands[0]!);
  const shared = sharedWith(u, rest);
  if (!shared) return undefined;
  const cofactor = dividedBy(u, shared);
  const left = dividedBy(rest, { over: shared.under, under: shared.over });
  const isConstantTimes = [...cofactor.over, ...cofactor.under].every(({ kind }) => kind === "constant");
  const [p, q] = [wholeOf(shared, node), wholeOf(cofactor, node)];
  const made = isConstantTimes ? mul(ratio(f.operands[0]!), q) : dilation(p, q);
  return left.over.length > 0 || left.under.length > 0 ? timesFraction(made, left, node) : made;
}

/** log(S) times the rest, for a sum of powers that is 1 where a factor is 0 by which the rest divides. */
function logOverFactor(sum: Expr, rest: Fraction, node: Expr): Expr | undefined {
  if (!rest.under.some((factor) => factor.kind !== "constant")) return undefined;
  const near = nearOne(sum);
  if (!near || !rest.under.includes(near.p)) return undefined;
  const { p, rate, holds, far } = near;
  const plain = log(select(isKnown(far, holds), 2, sum));
  const whole = far ? select(far.arePositive, far.logarithm, plain) : plain;
  const made = select(holds, log1pDilation(p, rate), div(whole, p));
  return timesFraction(made, { over: rest.over, under: without(rest.under, p) }, node);
}

function timesFraction(made: Expr, { over, under }: Fraction, node: Expr): Expr {
  const product = over.reduce((a, b) => mul(a, b), made);
  return under.length > 0 ? div(product, wholeOf({ over: under, under: [] }, node)) : product;
}

/** f(u) times a sum of which a term divides by a factor of u. */
function distributed(f: Expr, rest: Fraction, node: Expr): Expr | undefined {
  for (const sum of rest.over) {
    const isSum = isMap(sum, add);
    if (!(isSum || isMap(sum, sub))) continue;
    const around = { over: without(rest.over, sum), under: rest.under };
    const products = sum.operands.map((term) => {
      const inner = fractionOf(term);
      const together = { over: [...around.over, ...inner.over], under: [...around.under, ...inner.under] };
      return joined(f, together, node);
    });
    if (!products.some((product) => product)) continue;
    const terms = products.map(
      (product, k) => product ?? timesFraction(mul(f, sum.operands[k]!), around, node),
    ) as unknown as [Expr, Expr];
    return isSum ? add(...terms) : sub(...terms);
  }
  return undefined;
}

/** (1 + u)^y by its logarithm, where y divides by a factor of u; of a base that is not positive as it stands. */
function powerByFactor(base: Expr, exponent: Expr): Expr | undefined {
  const u = excessOf(base);
  if (exponent.kind === "constant") return undefined;
  if (!u) return powerOfNearOne(base, exponent);
  if (isMap(u, select)) return undefined;
  const product = overFactor(mul(exponent, log1p(u)));
  if (!product) return undefined;
  const isPositive = greater(u, -1);
  return select(isPositive, exp(product), pow(add(select(isPositive, 1, u), 1), unless(isPositive, exponent)));
}

/** Where a sum is near 1, or has a logarithm without its powers. */
const isKnown = (far: NearOne["far"], holds: Expr) => (far ? or(holds, far.arePositive) : holds);

/** S^y, for a sum of powers that is 1 where a factor is 0 by which y divides. */
function powerOfNearOne(sum: Expr, exponent: Expr): Expr | undefined {
  const { over, under } = factorsIn(exponent);
  if (!under.some(varies)) return undefined;
  const near = nearOne(sum);
  if (!near || !under.includes(near.p)) return undefined;
  const { p, rate, holds, far } = near;
  const product = timesFraction(log1pDilation(p, rate), { over, under: without(under, p) }, exponent);
  const bounded = unless(holds, exponent);
  const plain = pow(select(isKnown(far, holds), 1, sum), bounded);
  // the powers of a sum far from 1 may overflow or vanish where that of the sum does not
  const whole = far ? select(far.arePositive, exp(mul(bounded, far.logarithm)), plain) : plain;
  return select(holds, exp(product), whole);
}

/** What a sum with 1 is more than that. */
function excessOf(base: Expr): Expr | undefined {
  const [a, b] = base.operands as [Expr, Expr];
  if (isMap(base, sub)) return isConstant(a, 1) ? neg(b) : undefined;
  if (!isMap(base, add) || base.operands.length !== 2) return undefined;
  return isConstant(b, 1) ? a : isConstant(a, 1) ? b : undefined;
}
