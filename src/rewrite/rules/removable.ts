import type { Expr } from "../../ir/graph.ts";
import { add, div, mul, reciprocal, square } from "../../ops/algebra.ts";
import { greater, less, select } from "../../ops/comparison.ts";
import { log } from "../../ops/exponential.ts";
import { polynomial, wholePower } from "../../ops/polynomial.ts";
import { pow } from "../../ops/powers.ts";
import { abs } from "../../ops/rounding.ts";
import type { Funnels } from "../facts/funnels.ts";
import { isMap } from "../forms/nodes.ts";
import { isConstant } from "../forms/splat.ts";
import { type Rules, structural } from "../rule.ts";
import { type Fit, fitWithin, radii } from "../series/fit.ts";
import {
  chainOf,
  distance,
  inFull,
  isExcess,
  isFar,
  isSquare,
  isSumOf,
  isTranscendental,
  type Place,
  placeAt,
  placesOf,
  primitiveOf,
  rootsOver,
  squareOfLength,
  startOf,
  unscaled,
} from "../series/places.ts";
import { type LaurentSeries, type SeriesArithmetic, seriesTo } from "../series/power-series.ts";
import { type Region, truthBy } from "../series/regions.ts";

/**
 * Functions of one variable that are 0/0 or cancel at a point although the function is smooth there: (x - sin x)/x^3 at
 * 0, log(x)/(x - 1) at 1. Near the point they are the polynomial that their series gives.
 */
export const removableRules: Rules = {
  stable: [
    structural(
      "series where a function cancels",
      ["map"],
      (node, { facts: { funnels } }) => nearPlaces(node, funnels) ?? overFactor(node) ?? besideFactor(node, funnels),
      [],
      "early",
    ),
  ],
};

/** The node with a choice for each place where it cancels, of those near by or far out one each at most. */
function nearPlaces(node: Expr, funnels: Funnels): Expr | undefined {
  if (!((isExcess(node) || hasBase(node, funnels)) && mayCancel(node))) return undefined;
  let near: Expr | undefined;
  for (const place of placesOf(node)) {
    if (near && !isFar(place)) continue;
    const mayLead = funnels.of(node.id) < 0 || funnels.leadTo(node.id, startOf(place));
    const found = mayLead ? nearlyAt(node, place) : undefined;
    if (found && isFar(place)) return near ? select(found.operands[0]!, found.operands[1]!, near) : found;
    near = found ?? near;
  }
  return near;
}

/** f(x) y/g(x), where f and g vanish together: y times a choice. */
function besideFactor(node: Expr, funnels: Funnels): Expr | undefined {
  const [product, divisor] = node.operands as [Expr, Expr];
  if (!isMap(node, div.primitive) || !isMap(product, mul.primitive)) return undefined;
  for (const [at, factor] of product.operands.entries()) {
    const found = factor.kind === "constant" ? undefined : nearPlaces(div(factor, divisor), funnels);
    if (found) return mul(product.operands[1 - at]!, found);
  }
  return undefined;
}

/** The beginnings of series, by which most places are told not to cancel. */
const brief = 8;
const inBrief = seriesTo(brief);
const farInFull = seriesTo(44, true);
const farInBrief = seriesTo(brief, true);

const fullAt = (place: Place) => (isFar(place) ? farInFull : inFull);

/** True where something that the node is a function of alone may be the base of a series: most nodes have none. */
function hasBase({ graph, id }: Expr, funnels: Funnels): boolean {
  const funnel = funnels.of(id);
  // a length and its square meet in nothing: they are made of arrays
  if (funnel < 0) return rootsOver(graph.expr(id)).length > 0;
  for (let k = graph.operandCount(id) - 1; k >= 0; k--) {
    const operand = graph.operandAt(id, k);
    if (operand !== funnel && graph.kindOf(operand) !== "constant") return true;
  }
  // a function does not cancel where its operand is 0, but where something below that is; of a root its slopes do
  return funnels.of(funnel) >= 0 || squareOfLength(graph.expr(funnel)) !== undefined;
}

/** A function of one operand, a quotient, or a sum or a product in which not all is polynomial. */
function mayCancel(node: Expr): boolean {
  if (node.dtype !== "real" || node.operands.length > mostTerms) return false;
  if (isMap(node, div.primitive)) return node.operands[1]!.kind !== "constant";
  if (isExcess(node)) return true;
  const depth = isMap(node, mul.primitive) ? 0 : node.operands.some(({ kind }) => kind === "constant") ? 2 : 1;
  return isSumOf(node) || isMap(node, mul.primitive)
    ? node.operands.some((operand) => isSteep(operand, depth))
    : node.operands.length === 1 && isTranscendental(primitiveOf(node)!);
}

/** True of what is no polynomial, as far as it is looked into. */
function isSteep(node: Expr, depth: number): boolean {
  const inner = unscaled(node);
  const primitive = primitiveOf(inner);
  if (primitive === undefined) return false;
  // a choice that this rule has made is of what is none
  if (isTranscendental(primitive) || primitive === select.primitive || primitive === pow.primitive) return true;
  const isOpen = isMap(inner, mul.primitive) ? depth > 0 : depth > 1 && isSumOf(inner);
  return isOpen && inner.operands.some((operand) => isSteep(operand, depth - 1));
}

/** Longer sums are not looked into. */
const mostTerms = 6;
/** Nodes that an expression may have in between. */
const mostNodes = 24;
/** Slopes that are looked up for functions without a series of their own. */
const mostSlopes = 26;
interface Budget {
  nodes: number;
  slopes: number;
  /** Of choices of which one side was taken. */
  readonly conditions: Expr[];
}
const budgetOf = (): Budget => ({ nodes: mostNodes, slopes: mostSlopes, conditions: [] });
/** The node with its series near the place, where it cancels there. */
function nearlyAt(node: Expr, place: Place): Expr | undefined {
  if (node === place.base) return undefined;
  const even = isOfRoot(node, place) ? evenly(node, place) : undefined;
  if (even) return even;
  if (!isSuspect(node, place)) return undefined;
  const isAt = isFar(place) ? isFaint : isRemovable;
  const begins = seriesOver(node, place, isFar(place) ? farInBrief : inBrief);
  if (begins && isDecided(begins) && !isAt(node, begins)) return undefined;
  const found = seriesOver(node, place, fullAt(place));
  if (!found || !isAt(node, found)) return undefined;
  const fit = fitAt(place, found);
  return fit && choice(node, place, found.series, fit);
}

/** How far a series reaches: no further than the sides of choices that it was made of. */
function fitAt(place: Place, { series, conditions }: Expansion): Fit | undefined {
  const regionOf = (radius: number): Region => {
    const { base, centre } = place;
    return new Map([[base, isFar(place) ? [1 / radius, centre] : [centre - radius, centre + radius]]]);
  };
  return fitWithin(series, conditions, regionOf, isFar(place));
}

const isOfRoot = (node: Expr, { base, centre }: Place) =>
  centre === 0 && (node.operands[0] === base || node.operands[1] === base) && squareOfLength(base) !== undefined;

/**
 * An even function of sqrt(z), or of x sqrt(z), as a series in the square: its slopes there would be quotients of what vanishes
 * at 0. One of a norm or a hypotenuse would have no curvature at the origin, where those have the slope 0 by convention.
 */
function evenly(node: Expr, place: Place): Expr | undefined {
  const isEven = ({ coefficients }: LaurentSeries) => coefficients.every((value, k) => k % 2 === 0 || value === 0);
  const begins = seriesOver(node, place, inBrief);
  const found = begins && isEven(begins.series) ? seriesOver(node, place, inFull) : undefined;
  if (!found) return undefined;
  const { order, coefficients } = found.series;
  if (order < 0 || order % 2 !== 0 || coefficients.length < 2) return undefined;
  const fit = fitAt(place, found);
  return fit?.step === 2 ? choice(node, place, found.series, fit) : undefined;
}

/** f(x y)/x^k, where f vanishes to that order: near 0 the series of f in x y without these powers, times those of y. */
function overFactor(node: Expr): Expr | undefined {
  if (!isMap(node, div.primitive)) return undefined;
  const [numerator, divisor] = node.operands as [Expr, Expr];
  const [x, exponent] = powerOf(divisor);
  if (!(Number.isInteger(exponent) && exponent > 0) || x.kind === "constant") return undefined;
  for (const base of chainOf(numerator)) {
    const y = base === numerator ? undefined : cofactor(base, x);
    if (!y) continue;
    const place = placeAt(base, 0);
    const budget = budgetOf();
    const series = seriesAt(numerator, place, budget, inFull);
    if (!series || series.coefficients.length === 0 || series.order < exponent) return undefined;
    const shifted = { order: series.order - exponent, coefficients: series.coefficients };
    const fit = fitAt(place, { operands: [], series: shifted, conditions: budget.conditions });
    return fit && choice(node, place, shifted, fit, wholePower(y, exponent));
  }
  return undefined;
}

function powerOf(node: Expr): readonly [base: Expr, exponent: number] {
  if (isMap(node, square.primitive)) return [node.operands[0]!, 2];
  const [base, exponent] = node.operands;
  return isMap(node, pow.primitive) && exponent!.kind === "constant"
    ? [base!, node.graph.constantOf(exponent!.id)]
    : [node, 1];
}

/** y of x y, where that is a product of few factors. */
function cofactor(product: Expr, x: Expr, factors = mostTerms): Expr | undefined {
  if (!isMap(product, mul.primitive) || factors < 2) return undefined;
  const [a, b] = product.operands as [Expr, Expr];
  if (a === x || b === x) return a === x ? b : a;
  for (const [inner, other] of [
    [a, b],
    [b, a],
  ] as const) {
    const rest = cofactor(inner, x, factors - 1);
    if (rest) return mul(rest, other);
  }
  return undefined;
}

/** A node's series at a place, and those of its operands. */
export interface Expansion {
  readonly operands: readonly LaurentSeries[];
  readonly series: LaurentSeries;
  /** Of choices of which one side was taken. */
  readonly conditions: Iterable<Expr>;
}

/** The series of a function of t at t = 0, in full where its beginning is known. */
export const expansionAt = (node: Expr, t: Expr): Expansion | undefined => {
  const place = placeAt(t, 0);
  return seriesOver(node, place, inBrief) && seriesOver(node, place, inFull);
};

function seriesOver(
  node: Expr,
  place: Place,
  arithmetic: SeriesArithmetic,
  budget = budgetOf(),
): Expansion | undefined {
  const operands: LaurentSeries[] = [];
  for (const operand of node.operands) {
    const series = seriesAt(operand, place, budget, arithmetic);
    if (!series) return undefined;
    operands.push(series);
  }
  const series =
    arithmetic.mapSeries(node, operands) ??
    bySlope(node, operands, place, budget, arithmetic) ??
    byProgram(node, operands, place, budget, arithmetic);
  return series && { operands, series, conditions: budget.conditions };
}

/** Where every series has its first coefficient well before its end, further ones change no order. */
const isDecided = ({ operands, series }: Expansion) =>
  [series, ...operands].every(({ order, coefficients }) => coefficients.length > 0 && order < brief / 2);

const isRemovable = (node: Expr, { operands, series }: Expansion) =>
  series.order >= 0 && series.coefficients.length > 0 && cancels(node, operands, series);

/** Far out: a sum whose leading terms are gone, or a product or a quotient with a limit or an asymptote, as its slopes cancel. */
function isFaint(node: Expr, { operands, series }: Expansion): boolean {
  const { order, coefficients, logs } = series;
  if (order < -1 || coefficients.length === 0 || (logs && constantOf(logs) === undefined)) return false;
  if (isSumOf(node)) return operands.some((each) => growth(each) < growth(series));
  return order <= 0 && operands.every((each) => each.order !== 0 && !each.logs);
}

/** The order of what grows fastest in a series; log t is between t^-1 and 1. */
const growth = ({ order, coefficients, logs }: LaurentSeries): number =>
  Math.min(
    coefficients.length > 0 ? order : Number.POSITIVE_INFINITY,
    logs ? growth(logs) - 0.5 : Number.POSITIVE_INFINITY,
  );

/** The value of a series that is a number. */
const constantOf = ({ order, coefficients: [first, ...rest] }: LaurentSeries) =>
  order === 0 && rest.every((value) => value === 0) ? first : undefined;

/** What the values at the place say, before any series is made: nothing cancels where a sum is neither 0 nor NaN. */
function isSuspect(node: Expr, place: Place): boolean {
  const budget = budgetOf();
  const numbers: number[] = [];
  for (const operand of node.operands) {
    const value = valueAt(operand, place, budget);
    if (value === undefined) return false;
    numbers.push(value);
  }
  if (isMap(node, div.primitive)) return isFar(place) ? Number.isNaN(numbers[0]! / numbers[1]!) : numbers[1] === 0;
  if (isMap(node, mul.primitive)) return !numbers.every(Number.isFinite);
  const value = Number(node.graph.primitiveOf(node.id).real(...numbers));
  return isSumOf(node) ? value === 0 || Number.isNaN(value) : value === 0 && numbers[0] !== 0;
}

/** The side of a choice between near and far out that holds at a place of the other kind. */
function sideAt(node: Expr, place: Place): Expr {
  if (!isMap(node, select.primitive)) return node;
  const [condition, , rest] = node.operands as [Expr, Expr, Expr];
  const [measure, bound] = condition.operands;
  if (!measure || bound?.kind !== "constant") return node;
  const isAway = isFar(place)
    ? isMap(condition, less.primitive) && isMap(measure, abs.primitive) && measure.operands[0] === place.base
    : isMap(condition, greater.primitive) && measure === place.base && place.centre < node.graph.constantOf(bound.id);
  return isAway ? rest : node;
}

/** The value of a node at a place; undefined where it is no function of the base, or not found within the budget. */
function valueAt(given: Expr, place: Place, budget: Budget): number | undefined {
  const node = sideAt(given, place);
  if (node === place.base) return place.centre;
  if (node === place.pole) return Number.POSITIVE_INFINITY;
  if (node.kind === "constant") return node.graph.constantOf(node.id);
  if (isSquare(node, place)) return place.centre;
  budget.nodes--;
  if (node.kind !== "map" || budget.nodes < 0) return undefined;
  const choice = choiceAt(node, place);
  if (choice) {
    const series = seriesAt(choice.far, place, budget, fullAt(place));
    return series && (series.order === 0 ? series.coefficients[0] : series.order > 0 ? 0 : Number.NaN);
  }
  const { graph, id } = node;
  const { real } = graph.primitiveOf(id);
  const count = graph.operandCount(id);
  const first = count > 0 ? valueAt(graph.expr(graph.operandAt(id, 0)), place, budget) : Number.NaN;
  if (first === undefined) return undefined;
  // most have one operand or two, and are evaluated at many places
  if (count === 1) return Number(real(first));
  const values = [first];
  for (let k = 1; k < count; k++) {
    const value = valueAt(graph.expr(graph.operandAt(id, k)), place, budget);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return Number(count === 2 ? real(first, values[1]!) : real(...values));
}

/** True when the leading parts of the operands are gone in the result. */
function cancels(node: Expr, operands: readonly LaurentSeries[], result: LaurentSeries): boolean {
  const present = operands.filter(({ coefficients }) => coefficients.length > 0);
  if (isSumOf(node)) return present.some(({ order }) => order < result.order);
  if (isMap(node, div.primitive)) return operands[1]!.order > 0;
  if (isMap(node, mul.primitive)) return present.some(({ order }) => order < 0);
  const [u] = operands as [LaurentSeries];
  return u.order === 0 && u.coefficients.slice(1).some((value) => value !== 0) && result.order > 0;
}

/** The series of a node at a place; undefined where it is no function of the base, or none whose series is known. */
function seriesAt(given: Expr, place: Place, budget: Budget, arithmetic: SeriesArithmetic): LaurentSeries | undefined {
  const node = sideAt(given, place);
  if (node === place.base) return isFar(place) ? arithmetic.poleSeries : arithmetic.variableSeries(place.centre);
  if (node === place.pole) return arithmetic.poleSeries;
  if (isSquare(node, place)) return { ...arithmetic.poleSeries, order: isFar(place) ? -2 : 2 };
  if (node.kind === "constant") return arithmetic.constantSeries(node.graph.constantOf(node.id));
  budget.nodes--;
  if (node.kind !== "map" || budget.nodes < 0) return undefined;
  const far = farSide(node, place, Number.POSITIVE_INFINITY);
  if (far) return seriesAt(far, place, budget, arithmetic);
  const side = sideAround(node, place, budget);
  if (side) return seriesAt(side, place, budget, arithmetic);
  return seriesOver(node, place, arithmetic, budget)?.series;
}

/** The side of a choice that holds around a place. */
function sideAround(node: Expr, place: Place, budget: Budget): Expr | undefined {
  if (!isMap(node, select.primitive)) return undefined;
  const [condition, yes, no] = node.operands as [Expr, Expr, Expr];
  const truth = truthBy(condition, (sides) => {
    const [a, b] = sides.map((side) => valueAt(side, place, budget));
    return a! < b! || a! > b! ? [a!, b!] : undefined;
  });
  if (truth !== undefined) budget.conditions.push(condition);
  return truth === undefined ? undefined : truth ? yes : no;
}

/** A function that no table holds, by the series of its slope, f'(u) u'; beyond so many slopes by its value alone. */
function bySlope(
  node: Expr,
  [u, ...others]: readonly LaurentSeries[],
  place: Place,
  budget: Budget,
  arithmetic: SeriesArithmetic,
): LaurentSeries | undefined {
  const { partials, real } = node.graph.primitiveOf(node.id);
  const [partial] = partials;
  if (others.length > 0 || !u || u.order < 0 || typeof partial !== "function") return undefined;
  const value = Number(real(u.order === 0 ? (u.coefficients[0] ?? 0) : 0));
  if (budget.slopes-- <= 0)
    return value === 0 || !Number.isFinite(value) ? undefined : { order: 0, coefficients: [value] };
  budget.nodes = Math.max(budget.nodes, 8);
  const slope = seriesAt(partial(node.operands, node, 0), place, budget, arithmetic);
  return slope && arithmetic.integralOf(slope, u, value);
}

/** Nodes that a program may have. */
const mostOfProgram = 250;

/** Of what grows: a function that no table holds, by its program. */
function byProgram(
  node: Expr,
  operands: readonly LaurentSeries[],
  place: Place,
  budget: Budget,
  arithmetic: SeriesArithmetic,
): LaurentSeries | undefined {
  const { program } = node.graph.primitiveOf(node.id);
  if (!program || !operands.some(({ order }) => order < 0)) return undefined;
  return seriesAt(program(...node.operands), place, { ...budget, nodes: mostOfProgram, slopes: 0 }, arithmetic);
}

function choice(node: Expr, place: Place, series: LaurentSeries, fit: Fit, factor?: Expr): Expr {
  if (isFar(place)) return farChoice(node, place, series, fit);
  const t = distance(place);
  // the square of a root is what it is of
  const squared = squareOfLength(t);
  const power = (n: number) => (squared && n > 0 && n % 2 === 0 ? wholePower(squared, n / 2) : wholePower(t, n));
  const coefficients = Array.from({ length: fit.count }, (_, k) => series.coefficients[k * fit.step]!);
  const body = polynomial(fit.step === 2 ? power(2) : t, coefficients);
  const plain = series.order === 0 ? body : mul(power(series.order), body);
  const near = factor ? mul(factor, plain) : plain;
  const operands = node.operands.map((operand) => farSide(operand, place, fit.radius) ?? operand);
  const far = node.graph.map(node.graph.primitiveOf(node.id), operands);
  return select(less(abs(t), fit.radius), near, far);
}

/** The asymptote, and what is left of it, as a polynomial in 1/base; each with slopes of its own. */
function farChoice(node: Expr, place: Place, series: LaurentSeries, { radius, count, step }: Fit): Expr {
  const { base } = place;
  const t = reciprocal(base);
  const isPart = (k: number) => k < count * step && k % step === 0;
  const known = Array.from({ length: count * step }, (_, k) => (isPart(k) ? (series.coefficients[k] ?? 0) : 0));
  const at = (exponent: number) => known[exponent - series.order] ?? 0;
  const first = Math.max(series.order, 1);
  const rest = known.slice(first - series.order);
  const gap = rest.findIndex((value) => value !== 0);
  const parts: Expr[] = [];
  if (gap >= 0) {
    const coefficients = rest.slice(gap).filter((_, k) => k % step === 0);
    parts.push(mul(wholePower(t, first + gap), polynomial(step === 2 ? square(t) : t, coefficients)));
  }
  if (at(0) !== 0) parts.push(node.graph.constantLike(at(0), node));
  if (at(-1) !== 0) parts.push(mul(base, at(-1)));
  if (series.logs) parts.push(mul(log(base), -constantOf(series.logs)!));
  if (parts.length === 0) return node;
  const near = parts.reduce((a, b) => add(a, b));
  const operands = node.operands.map((operand) => farSide(operand, place, radius) ?? operand);
  return select(greater(base, 1 / radius), near, node.graph.map(node.graph.primitiveOf(node.id), operands));
}

/** A choice by the distance from the place, as this rule makes them. */
function choiceAt(node: Expr, place: Place): { readonly radius: number; readonly far: Expr } | undefined {
  if (!isMap(node, select.primitive)) return undefined;
  const [condition, , far] = node.operands as [Expr, Expr, Expr];
  if (isFar(place)) {
    if (!isMap(condition, greater.primitive) || condition.operands[0] !== place.base) return undefined;
    const bound = radii.find((each) => isConstant(condition.operands[1]!, 1 / each));
    return bound === undefined ? undefined : { radius: bound, far };
  }
  if (!isMap(condition, less.primitive) || condition.operands[0] !== abs(distance(place))) return undefined;
  const radius = radii.find((each) => isConstant(condition.operands[1]!, each));
  return radius === undefined ? undefined : { radius, far };
}

/** Of choices, whether this rule made them: they stand within each other, and each is asked often. */
const areOwn = new WeakMap<Expr, boolean>();

/** The far side of a choice that this rule made, where its radius is at most `radius`. */
function farSide(node: Expr, place: Place, radius: number): Expr | undefined {
  const choice = choiceAt(node, place);
  if (!choice || choice.radius > radius) return undefined;
  const isOwn = areOwn.get(node) ?? nearlyAt(choice.far, place) === node;
  areOwn.set(node, isOwn);
  return isOwn ? choice.far : undefined;
}
