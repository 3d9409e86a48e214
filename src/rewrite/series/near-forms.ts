import type { Expr } from "../../ir/graph.ts";
import { substitute } from "../../ir/walks/traverse.ts";
import { add, div, mul, reciprocal, square } from "../../ops/elementary/algebra.ts";
import { greater, less, select } from "../../ops/elementary/comparison.ts";
import { log } from "../../ops/elementary/exponential.ts";
import { wholePower } from "../../ops/elementary/polynomial.ts";
import { powerSeries } from "../../ops/elementary/power-series.ts";
import { abs } from "../../ops/elementary/rounding.ts";
import { isMap } from "../../ops/maps.ts";
import { orNaN } from "../forms/conditions.ts";
import { heldRoot, isOfHeldRoot } from "../forms/held-roots.ts";
import { brief, choiceAt, Expander, type Expansion } from "./expansion.ts";
import {
  distance,
  type ExpansionPoint,
  isFar,
  isSumOf,
  isVaryingPower,
  mayVanish,
  pointAt,
  squareOfLength,
} from "./expansion-points.ts";
import { type Fit, fitWithin } from "./fit.ts";
import type { LaurentSeries } from "./laurent-series.ts";
import type { Region } from "./regions.ts";

// Forms of nodes near points where they cancel: a series there, elsewhere the node as it stands. What was made for a point is told
// from what people write by making it again.

export const expanderAt = (point: ExpansionPoint, isBrief = false) =>
  new Expander(point, (node) => farSide(node, point, Number.POSITIVE_INFINITY), isBrief);

/** Whether a node varies, and has a series at a point. */
export const isFunctionOf = (node: Expr, point: ExpansionPoint): boolean => {
  const series = node.kind === "constant" ? undefined : expanderAt(point, true).seriesOf(node);
  return series !== undefined && !(series.logs && !isFar(point));
};

/** A node at a point, in full where its beginning is known, and is what is wanted. */
function expansionAt(
  node: Expr,
  point: ExpansionPoint,
  isWanted?: (begins: Expansion) => boolean,
): Expansion | undefined {
  const begins = expanderAt(point, true).expansionOf(node);
  return begins && (isWanted?.(begins) ?? true) ? expanderAt(point).expansionOf(node) : undefined;
}

/** A function of t on both sides of t = 0. */
export function expansionAround(node: Expr, t: Expr): Expansion | undefined {
  const found = expansionAt(node, pointAt(t, 0));
  return found && (found.series.logs || found.side !== 0) ? undefined : found;
}

/** The node with its series near the point, where it cancels there. */
export function nearlyAt(node: Expr, point: ExpansionPoint): Expr | undefined {
  if (node.kind !== "map" || node === point.base) return undefined;
  const even = isOfRoot(node, point) ? evenly(node, point) : undefined;
  if (even) return even;
  if (!expanderAt(point).isSuspect(node)) return undefined;
  const isAt = isFar(point) ? isFaint : isRemovable;
  const begins = expanderAt(point, true).expansionOf(node);
  if (begins && (isDecided(begins) || begins.series.logs) && !isAt(node, begins)) return undefined;
  const found = expanderAt(point).expansionOf(node);
  return found && isAt(node, found) ? choiceBy(node, point, found) : undefined;
}

const isOfRoot = (node: Expr, { base, centre }: ExpansionPoint) =>
  centre === 0 &&
  (node.operands[0] === base || node.operands[1] === base) &&
  squareOfLength(base) !== undefined &&
  mayVanish(base);

/**
 * An even function of sqrt(z), or of x sqrt(z), as a series in the square: its slopes there would be quotients of what vanishes
 * at 0. One of a norm or a hypotenuse would have no curvature at the origin, where those have the slope 0 by convention.
 */
export function evenly(node: Expr, point: ExpansionPoint): Expr | undefined {
  const isEven = ({ series }: Expansion) =>
    !series.logs && series.coefficients.every((value, k) => k % 2 === 0 || value === 0);
  const found = expansionAt(node, point, isEven);
  if (!found || !isEven(found)) return undefined;
  const { order, coefficients } = found.series;
  return order < 0 || order % 2 !== 0 || coefficients.length < 2 ? undefined : choiceBy(node, point, found);
}

/** So far from 0 the slope of a flat function, over the length, has digits enough. */
const farthestFlat = 2 ** -8;

/** A function of a length whose parts have slopes at 0 and which has none: near there as a series in the length, times its square. */
export function flatNear(node: Expr, point: ExpansionPoint): Expr | undefined {
  const { base } = point;
  const squared = node.kind === "map" ? squareOfLength(base) : undefined;
  const found = squared && expansionAt(node, point, (begins) => isFlat(node, begins));
  if (!found || !isFlat(node, found)) return undefined;
  const [value = 0, , ...coefficients] = powersIn(found.series);
  const series = { order: 0, coefficients };
  const fit = fitWithin(series, found.conditions, regionAround(point), false, farthestFlat);
  if (!fit) return undefined;
  const near = add(mul(squared, nearForm(base, series, fit)), value);
  const isNear = less(abs(base), fit.radius);
  return select(isNear, near, away([node], rootsBeside(point, isNear))[0]!);
}

/** Whether operands have a slope at 0, of which nothing is left in the result. */
function isFlat(node: Expr, { operands, series }: Expansion): boolean {
  if (series.logs || series.order < 0 || operands.some(({ logs, order }) => logs || order < 0)) return false;
  const [, slope = 0, curvature = 0] = powersIn(series);
  const each = operands.map(powersIn);
  const slopes = each.map(([, da = 0]) => da);
  const [[a = 1, da = 0] = [], [b = 1, db = 0] = []] = each;
  const parts = isMap(node, mul) ? [a * db, b * da] : isMap(node, div) ? [da / b, (a * db) / b / b] : slopes;
  // what is rounded of parts that cancel is none
  const most = 8 * Number.EPSILON * parts.reduce((sum, part) => sum + Math.abs(part), 0);
  return slopes.some((da) => da !== 0) && Math.abs(slope) <= most && curvature !== 0;
}

/** The coefficients of a series without a pole, from that of t^0 on. */
const powersIn = ({ order, coefficients }: LaurentSeries): readonly number[] => [
  ...Array.from({ length: order }, () => 0),
  ...coefficients,
];

/** Where every series has its first coefficient well before its end, further ones change no order. */
const isDecided = ({ operands, series }: Expansion) =>
  [series, ...operands].every(({ order, coefficients }) => coefficients.length > 0 && order < brief / 2);

const isRemovable = (node: Expr, { operands, series }: Expansion) =>
  series.order >= 0 && series.coefficients.length > 0 && !series.logs && cancels(node, operands, series);

/** Far out: a sum whose leading terms are gone, or a product or a quotient with a limit or an asymptote, as its slopes cancel. */
function isFaint(node: Expr, { operands, series }: Expansion): boolean {
  const { order, coefficients, logs } = series;
  if (order < -1 || coefficients.length === 0 || (logs && constantIn(logs) === undefined)) return false;
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
const constantIn = ({ order, coefficients: [first, ...rest] }: LaurentSeries) =>
  order === 0 && rest.every((value) => value === 0) ? first : undefined;

/** True when the leading parts of the operands are gone in the result. */
function cancels(node: Expr, operands: readonly LaurentSeries[], result: LaurentSeries): boolean {
  const present = operands.filter(({ coefficients }) => coefficients.length > 0);
  if (operands.some(({ logs }) => logs)) return true;
  if (isSumOf(node)) return present.some(({ order }) => order < result.order);
  if (isMap(node, div)) return operands[1]!.order > 0;
  if (isMap(node, mul) || isVaryingPower(node)) return present.some(({ order }) => order < 0);
  const [u] = operands as [LaurentSeries];
  return u.order === 0 && u.coefficients.slice(1).some((value) => value !== 0) && result.order > 0;
}

/**
 * A choice between a series near a point, times a factor, and the node as it stands. The series reaches no further than the sides of
 * choices that it was made of; undefined where it reaches nowhere.
 */
export function choiceBy(
  node: Expr,
  point: ExpansionPoint,
  { series, conditions, side }: Omit<Expansion, "operands">,
  factor?: Expr,
): Expr | undefined {
  const { base, centre } = point;
  // beside a series near 0 of a root stands none in the root that is held there
  const fit =
    centre === 0 && isOfHeldRoot(base) ? undefined : fitWithin(series, conditions, regionAround(point), isFar(point));
  if (!fit) return undefined;
  const found = isFar(point) ? asymptote(node, base, series, fit) : nearForm(distance(point), series, fit);
  if (!found) return node;
  const near = factor ? mul(factor, found) : found;
  const sided = side === 0 ? near : orNaN(side > 0 ? greater(distance(point), 0) : less(distance(point), 0), near);
  const isNear = isFar(point) ? greater(base, 1 / fit.radius) : less(abs(distance(point)), fit.radius);
  const operands = node.operands.map((operand) => farSide(operand, point, fit.radius) ?? operand);
  const rest = node.graph.map(node.graph.primitiveOf(node.id), away(operands, rootsBeside(point, isNear)));
  return select(isNear, sided, rest);
}

/** The root that the base of a series is made of, and what stands in its place where the series does not. */
const rootsBeside = ({ base, centre }: ExpansionPoint, isNear: Expr) =>
  centre === 0 ? heldRoot(base, isNear) : undefined;

/** Nodes with one root in the place of another, where there is one. */
const away = (nodes: readonly Expr[], roots: readonly [of: Expr, by: Expr] | undefined): readonly Expr[] =>
  roots ? substitute(nodes, new Map([roots])) : nodes;

const regionAround =
  ({ base, centre, squared }: ExpansionPoint) =>
  (radius: number): Region => {
    const [low, high] = centre === Number.POSITIVE_INFINITY ? [1 / radius, centre] : [centre - radius, centre + radius];
    const region = new Map([[base, [low, high] as const]]);
    return squared ? region.set(squared, [Math.max(low, 0) ** 2, high ** 2]) : region;
  };

/** A series in t. */
function nearForm(t: Expr, series: LaurentSeries, { count, step }: Fit): Expr {
  // the square of a root is what it is of
  const squared = squareOfLength(t);
  const power = (n: number): Expr => {
    if (!squared || n < 2) return wholePower(t, n);
    return n % 2 === 0 ? wholePower(squared, n / 2) : mul(t, power(n - 1));
  };
  const coefficients = Array.from({ length: count }, (_, k) => series.coefficients[k * step]!);
  const body = powerSeries(step === 2 ? power(2) : t, coefficients);
  return series.order === 0 ? body : mul(power(series.order), body);
}

/** The asymptote, and what is left of it, as a polynomial in 1/base; each with slopes of its own. */
function asymptote(node: Expr, base: Expr, series: LaurentSeries, { count, step }: Fit): Expr | undefined {
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
    parts.push(mul(wholePower(t, first + gap), powerSeries(step === 2 ? square(t) : t, coefficients)));
  }
  if (at(0) !== 0) parts.push(node.graph.constantLike(at(0), node));
  if (at(-1) !== 0) parts.push(mul(base, at(-1)));
  if (series.logs) parts.push(mul(log(base), -constantIn(series.logs)!));
  return parts.length === 0 ? undefined : parts.reduce((a, b) => add(a, b));
}

/** Of choices, whether they were made here: they stand within each other, and each is asked often. */
const areOwn = new WeakMap<Expr, boolean>();

/** The far side of a choice that was made here, where its radius is at most `radius`. */
function farSide(node: Expr, point: ExpansionPoint, radius: number): Expr | undefined {
  const choice = choiceAt(node, point);
  if (!choice || choice.radius > radius) return undefined;
  const [root, held] = rootsBeside(point, node.operands[0]!) ?? [];
  const [far] = away([choice.far], held && [held, root!]) as [Expr];
  const isOwn = areOwn.get(node) ?? [nearlyAt, flatNear].some((make) => make(far, point) === node);
  areOwn.set(node, isOwn);
  return isOwn ? far : undefined;
}
