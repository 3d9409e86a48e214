import type { Expr } from "../../../ir/graph.ts";
import type { Primitive } from "../../../ir/primitive.ts";
import { substitute } from "../../../ir/walks/traverse.ts";
import { add, div, mul, square, sub } from "../../../ops/elementary/algebra.ts";
import { and, greater, less, select } from "../../../ops/elementary/comparison.ts";
import { exp, expm1, expm1Reciprocal, log } from "../../../ops/elementary/exponential.ts";
import { csch, sinh } from "../../../ops/elementary/hyperbolic.ts";
import { pow, rsqrt, sqrt } from "../../../ops/elementary/powers.ts";
import { abs } from "../../../ops/elementary/rounding.ts";
import { byPrimitive, isMap, isOneOf, primitivesOf } from "../../../ops/maps.ts";
import { rootExcess } from "../../../ops/ratios/contrasts.ts";
import { logGap } from "../../../ops/ratios/gaps.ts";
import { constantLike } from "../../forms/conditions.ts";
import { isNarrow } from "../../forms/contractions/splat.ts";
import { insideRepeated, repeatedIn } from "../../forms/contractions/views.ts";
import { commonFactors, type Fraction, fractionOf, unless, wholeOf, without } from "../../forms/fractions.ts";
import { isOfHeldRoot } from "../../forms/held-roots.ts";
import { varies } from "../../forms/nodes.ts";
import { sampled } from "../../forms/sampled.ts";
import { type Rules, structural } from "../../rule.ts";
import { type Departure, Departures } from "../../series/departures.ts";
import { primitiveOf } from "../../series/expansion-points.ts";
import { isTranscendental } from "../../series/map-series.ts";

/**
 * Quotients of arrays that are 0/0 where a number in them has a value of its own, or that of another: (e^(-at) - e^(-bt))/(b - a) of equal
 * rates, (x^p - y^p)/p of a shape p that is 0, sin(wt)/w. They are the slope of what is divided over that of the divisor, from there.
 */
export const vanishingQuotientRules: Rules = {
  stable: [
    structural("quotient that vanishes over what vanishes with it", { roots: [div, mul], phase: "early" }, slopesOver),
    structural("quotients by one divisor that vanish together", { roots: [add, sub], phase: "early" }, slopesTogether),
    structural(
      "power of what is one where the exponent is infinite",
      { roots: [pow], phase: "early" },
      ({ operands: [base, exponent] }) => powerOver(base!, exponent!),
    ),
  ],
};

function slopesOver(node: Expr): Expr | undefined {
  const whole = spelledOut(fractionOf(node));
  // functions first: a variable that they are of may be a divisor too
  const isPlain = (divisor: Expr) => !isSteep(divisor);
  for (const given of [...whole.under].sort((a, b) => Number(isPlain(a)) - Number(isPlain(b)))) {
    // over a power a slope leaves another
    if (given.kind === "constant" || (isMap(given, pow) && given.operands[1]!.kind === "constant")) continue;
    // beside a series near 0 of a root it does not vanish
    if (partsOf(given).some(isOfHeldRoot)) continue;
    if (![given, ...whole.over].some(isSteep)) continue;
    const others = without(whole.under, given);
    const divisor = opened(given);
    const found = overProduct({ over: whole.over, under: others }, divisor, node);
    if (found) return found;
    for (const [x, c] of meetingsOf(divisor)) {
      if (partsOf(c).includes(x) || !mayVanish(divisor, x, c)) continue;
      const departures = new Departures(x, c);
      const below = departures.of(divisor);
      if (!vanishes(below)) continue;
      for (const factor of whole.over) {
        const above = departures.of(factor);
        if (factor === given || !vanishes(above) || !(above.isSteep || below.isSteep)) continue;
        if (isShielded(factor, x) || isMultipleOf(above.slope, div(factor, given))) continue;
        // what vanishes once more than it is divided by leaves 0/0
        if (others.includes(given) && mayVanish(above.slope, x, c)) continue;
        const { over, under } = slopeOver(above.slope, below.slope);
        const slope = wholeOf({ over: [...over, ...without(whole.over, factor)], under: [...under, ...others] }, node);
        return isMap(factor, pow) && !above.isSteep ? nearOnly(slope, node, divisor, [x, c]) : slope;
      }
    }
  }
  return undefined;
}

/** One slope over another without the factors that both have, as those of functions of x^2 are both multiples of x. */
function slopeOver(above: Expr, below: Expr): Fraction {
  const [first, second] = [fractionOf(above), fractionOf(below)];
  const over = [...first.over, ...second.under];
  const under = [...first.under, ...second.over];
  const shared = commonFactors(over, under).filter(varies);
  if (shared.length === 0) return { over: [above], under: [below] };
  return { over: shared.reduce(without, over), under: shared.reduce(without, under) };
}

/** A form near where a function of one operand vanishes; elsewhere a product with a power loses nothing as it stands, and takes less. */
function nearOnly(form: Expr, node: Expr, divisor: Expr, [x, c]: readonly [x: Expr, c: Expr]): Expr {
  if (divisor.operands.length !== 1) return form;
  const apart = c.constant === undefined ? add(c, 1) : constantLike(c.constant + 1, x);
  const isNear = less(abs(divisor.operands[0]!), 0.5);
  return select(isNear, form, substitute([node], new Map([[x, select(isNear, apart, x)]]))[0]!);
}

/** Functions that are one over another, by primitive. */
const reciprocals: ReadonlyMap<Primitive | undefined, (x: Expr) => Expr> = byPrimitive([
  [expm1Reciprocal, expm1],
  [csch, sinh],
  [rsqrt, sqrt],
]);

/** The fraction with what such functions are one over among its divisors, and roots that are under a root. */
function spelledOut({ over, under }: Fraction): Fraction {
  const made = over.map((factor): Fraction => {
    const inverse = reciprocals.get(primitiveOf(factor));
    if (inverse) return { over: [], under: [inverse(factor.operands[0]!)] };
    const [quotient] = isMap(factor, sqrt) ? factor.operands : [];
    if (!quotient || !isMap(quotient, div)) return { over: [factor], under: [] };
    const [c, x] = quotient.operands.map((each) => sqrt(each)) as [Expr, Expr];
    // of what is negative there is no root anyway
    const isThere = over.some((other) => other !== factor && partsOf(other).includes(x));
    return isThere ? { over: [c], under: [x] } : { over: [factor], under: [] };
  });
  return { over: made.flatMap((each) => each.over), under: [...under, ...made.flatMap((each) => each.under)] };
}

/** S^(a/d) by its logarithm, for a sum that is 1 where d is 0. */
function powerOver(base: Expr, exponent: Expr): Expr | undefined {
  const { under } = fractionOf(exponent);
  if (!isOneOf(base, add, sub) || isMap(exponent, select) || !under.some(varies)) return undefined;
  const isNear = and(greater(base, 0.5), less(base, 2));
  const product = slopesOver(mul(exponent, log(select(isNear, base, 1))));
  return product && select(isNear, exp(product), pow(select(isNear, 1, base), unless(isNear, exponent)));
}

/** True of what is no polynomial, as far as it is looked into. */
const isSteep = (node: Expr) =>
  partsOf(opened(node)).some((part) => {
    const primitive = primitiveOf(part);
    return primitive && (isTranscendental(primitive) || steep.has(primitive));
  });

const steep = primitivesOf(pow, rootExcess, logGap);

/** Whether a choice by x has put a constant in the place of what it guards: near its value the quotient is of another form by now. */
const isShielded = (node: Expr, x: Expr) =>
  partsOf(opened(node)).some(
    (part) => isMap(part, select) && part.operands[1]!.kind === "constant" && partsOf(part.operands[0]!).includes(x),
  );

/** Whether a slope is a multiple of the quotient that it was asked for. */
const isMultipleOf = (slope: Expr, quotient: Expr) => fractionOf(slope, quotient).over.includes(quotient);

/** A function of numbers that is repeated, as the function of these repeated. */
function opened(node: Expr): Expr {
  const read = repeatedIn(node);
  return read && read.of.kind === "map" && partsOf(read.of).length > 0 ? insideRepeated(read, node.shape) : node;
}

/** A fraction over what vanishes with a product in it, all of whose factors the fraction has. */
function overProduct(rest: Fraction, divisor: Expr, node: Expr): Expr | undefined {
  for (const x of partsOf(divisor)) {
    if (x === divisor || !isMap(x, mul)) continue;
    const { over, under } = fractionOf(x);
    const factors = over.filter(varies);
    if (commonFactors(factors, rest.over).length < factors.length) continue;
    const zero = constantLike(0, x);
    const below = mayVanish(divisor, x, zero) ? new Departures(x, zero).of(divisor) : { at: divisor };
    if (!vanishes(below) || !below.isSteep) continue;
    const left = factors.reduce(without, rest.over);
    const constants = over.filter(({ kind }) => kind === "constant");
    return wholeOf({ over: [...left, ...under], under: [below.slope, ...constants, ...rest.under] }, node);
  }
  return undefined;
}

/** Terms of a sum over a divisor that are 0/0 together, and not each alone. */
function slopesTogether(node: Expr): Expr | undefined {
  const { operands } = node;
  const fractionIn = (term: Expr) => spelledOut(fractionOf(term));
  const divisors = operands.length > mostNumbers ? [] : fractionIn(operands[0]!).under.filter(varies);
  const wholes = divisors.length > 0 ? operands.map(fractionIn) : [];
  const divisor = divisors.find((each) => wholes.every(({ under }) => under.includes(each)));
  if (!divisor) return undefined;
  const parts = wholes.map(({ over, under }, k) => wholeOf({ over, under: without(under, divisor) }, operands[k]!));
  return slopesOver(div(isMap(node, sub) ? sub(parts[0]!, parts[1]!) : add(...(parts as [Expr, Expr])), divisor));
}

const vanishes = (of: Departure): of is Departure & { readonly slope: Expr } =>
  of.slope !== undefined && of.at.constant === 0;

/** Whether an expression is 0 at one point where x is c: most are not, and are looked at no further. */
const mayVanish = (node: Expr, x: Expr, c: Expr): boolean => !(Math.abs(sampled(node, x, c)) > 1e-9);

type Meeting = readonly [x: Expr, c: Expr];

/** Parts of a divisor, and values of theirs where it may vanish: itself, its sides, products, numbers and differences in it. */
function meetingsOf(divisor: Expr): readonly Meeting[] {
  const found: Meeting[] = [[divisor, constantLike(0, divisor)], ...sidesOf(divisor)];
  const [a, b] = divisor.operands as [Expr, Expr];
  if (isMap(divisor, add) && divisor.operands.length === 2 && b.kind === "constant")
    found.push([a, constantLike(-b.constant!, b)]);
  const parts = partsOf(divisor).filter((part) => part !== divisor);
  for (const x of parts) if (isOneOf(x, mul, square)) found.push([x, constantLike(0, x)]);
  const numbers = numbersIn(divisor);
  for (const x of numbers) {
    if (x === divisor) continue;
    for (const value of [0, 1]) found.push([x, constantLike(value, x)]);
    for (const y of numbers) if (x !== y) found.push([x, y]);
  }
  return [...found, ...parts.flatMap(sidesOf)];
}

/** The sides of a difference, as one may have the value of the other. */
function sidesOf(node: Expr): readonly Meeting[] {
  if (!isMap(node, sub)) return [];
  const [a, b] = node.operands as [Expr, Expr];
  return (
    [
      [a, b],
      [b, a],
    ] as const
  ).filter(([x]) => varies(x));
}

/** The numbers that a small expression is of, repeated in arrays, and arrays that are none of maps; none of those that are of many. */
function numbersIn(node: Expr): readonly Expr[] {
  const numbers = partsOf(node).filter(
    (part) => part.dtype === "real" && varies(part) && (isNarrow(part) || part.kind !== "map" || isMap(part, sqrt)),
  );
  return numbers.length > mostNumbers ? [] : numbers;
}

/** A small expression, and what it is made of. */
function partsOf(node: Expr): readonly Expr[] {
  const parts = new Set([node]);
  for (const part of parts) {
    if (part.kind === "map") for (const operand of part.operands) parts.add(operand);
    if (parts.size > mostParts) return [];
  }
  return [...parts];
}

const mostParts = 80;
const mostNumbers = 4;
