import type { Expr } from "../../ir/graph.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../../ops/algebra.ts";
import { less, select } from "../../ops/comparison.ts";
import { log } from "../../ops/exponential.ts";
import { polynomial, wholePower } from "../../ops/polynomial.ts";
import { abs } from "../../ops/rounding.ts";
import type { Funnels } from "../funnels.ts";
import { isMap } from "../nodes.ts";
import { type LaurentSeries, type SeriesArithmetic, seriesTo } from "../power-series.ts";
import { type Rules, structural } from "../rule.ts";
import { isConstant } from "../splat.ts";

/**
 * Functions of one variable that are 0/0 or cancel at a point although the function is smooth there: (x - sin x)/x^3 at
 * 0, log(x)/(x - 1) at 1. Near the point they are the polynomial that their series gives.
 */
export const removableRules: Rules = {
  stable: [
    structural(
      "series where a function cancels",
      ["map"],
      (node, { facts: { funnels } }) => {
        if (!hasBase(node, funnels) || !mayCancel(node)) return undefined;
        for (const place of placesOf(node)) {
          const near = funnels.leadTo(node.id, startOf(place)) ? nearlyAt(node, place) : undefined;
          if (near) return near;
        }
        return undefined;
      },
      [],
      "early",
    ),
  ],
};

/** Series as they are used, and their beginnings, by which most places are told not to cancel. */
const inFull = seriesTo(44);
const brief = 8;
const inBrief = seriesTo(brief);
const { isTranscendental } = inFull;

/** Where a series is taken: at base = centre. */
interface Place {
  readonly base: Expr;
  readonly centre: number;
}

const isSumOf = (node: Expr) => isMap(node, add.primitive) || isMap(node, sub.primitive);
const primitiveOf = (node: Expr) => (node.kind === "map" ? node.graph.primitiveOf(node.id) : undefined);

/** True where something that the node is a function of alone may be the base of a series: most nodes have none. */
function hasBase({ graph, id }: Expr, funnels: Funnels): boolean {
  const funnel = funnels.of(id);
  if (funnel < 0) return false;
  for (let k = graph.operandCount(id) - 1; k >= 0; k--) {
    const operand = graph.operandAt(id, k);
    if (operand !== funnel && graph.kindOf(operand) !== "constant") return true;
  }
  // a function does not cancel where its operand is 0, but where something below that is
  return funnels.of(funnel) >= 0;
}

/** A function of one operand, a quotient, or a sum in which not all is polynomial. */
function mayCancel(node: Expr): boolean {
  if (node.dtype !== "real" || node.operands.length > mostTerms) return false;
  const primitive = primitiveOf(node)!;
  if (isMap(node, div.primitive)) return node.operands[1]!.kind !== "constant";
  const inner = node.operands.map((operand) => primitiveOf(unscaled(operand)));
  return isSumOf(node) || isMap(node, mul.primitive)
    ? inner.some((each) => each !== undefined && isTranscendental(each))
    : node.operands.length === 1 && isTranscendental(primitive);
}

/** Longer sums are not looked into. */
const mostTerms = 6;
/** Nodes that an expression may have in between. */
const mostNodes = 24;
/** How far down its variable is looked for. */
const deepest = 8;

/** x of -x, of a multiple of x and of its square. */
function unscaled(node: Expr): Expr {
  if (isMap(node, neg.primitive) || isMap(node, square.primitive)) return unscaled(node.operands[0]!);
  const factor = isMap(node, mul.primitive) ? node.operands.findIndex(({ kind }) => kind === "constant") : -1;
  return factor < 0 ? node : unscaled(node.operands[1 - factor]!);
}

/** The nodes on the way down as long as there is one that varies, the deepest first. */
function chainOf(node: Expr): Expr[] {
  const chain = [node];
  for (let next: Expr | undefined = node; next?.kind === "map" && chain.length < deepest; ) {
    next = mainOperand(next);
    if (next) chain.push(next);
  }
  return chain.reverse();
}

/** The operand by which a node varies: the only one, or the one whose series says most; of a choice, what is far from its place. */
function mainOperand(node: Expr): Expr | undefined {
  const { operands } = node;
  if (operands.length === 1) return operands[0]!.kind === "constant" ? undefined : operands[0];
  if (isMap(node, select.primitive)) return operands[2];
  const varying = operands.filter(({ kind }, k) => kind !== "constant" && operands.indexOf(operands[k]!) === k);
  if (varying.length <= 1) return varying[0];
  if (isMap(node, div.primitive)) return operands[1];
  return isSumOf(node) || isMap(node, mul.primitive) ? varying.sort((a, b) => rank(b) - rank(a))[0] : undefined;
}

/** Where a node may cancel: at 0 of what it is a function of, and where what it is divided by is 0. */
function placesOf(node: Expr): Place[] {
  const operands =
    isSumOf(node) || isMap(node, mul.primitive) ? [...node.operands].sort((a, b) => rank(b) - rank(a)) : node.operands;
  const start = isMap(node, div.primitive) ? operands[1]! : operands[0]!;
  const chain = chainOf(start);
  const roots = isMap(node, mul.primitive) ? [] : chain.flatMap(rootOf);
  return [...chain.map((base) => ({ base, centre: 0 })), ...roots];
}

const rank = (node: Expr) => (isTranscendental(primitiveOf(unscaled(node)) ?? add.primitive) ? 1 : 0);

/** The place where x + c, or log x, is 0. */
function rootOf(node: Expr): Place[] {
  if (isMap(node, log.primitive)) return [{ base: node.operands[0]!, centre: 1 }];
  if (!isMap(node, add.primitive) || node.operands.length !== 2) return [];
  const constant = node.operands.findIndex(({ kind }) => kind === "constant");
  if (constant < 0) return [];
  return [{ base: node.operands[1 - constant]!, centre: -node.graph.constantOf(node.operands[constant]!.id) }];
}

/** The node with its series near the place, where it cancels there. */
function nearlyAt(node: Expr, place: Place): Expr | undefined {
  if (node === place.base || !isSuspect(node, place)) return undefined;
  const begins = seriesOver(node, place, inBrief);
  if (begins && isDecided(begins) && !isRemovable(node, begins)) return undefined;
  const found = seriesOver(node, place, inFull);
  if (!found || !isRemovable(node, found)) return undefined;
  const fit = fitOf(found.series);
  return fit && choice(node, place, found.series, fit);
}

/** A node's series at a place, and those of its operands. */
interface Expansion {
  readonly operands: readonly LaurentSeries[];
  readonly series: LaurentSeries;
}

function seriesOver(node: Expr, place: Place, arithmetic: SeriesArithmetic): Expansion | undefined {
  const budget = { nodes: mostNodes };
  const operands: LaurentSeries[] = [];
  for (const operand of node.operands) {
    const series = seriesAt(operand, place, budget, arithmetic);
    if (!series) return undefined;
    operands.push(series);
  }
  const series = arithmetic.mapSeries(node, operands);
  return series && { operands, series };
}

/** Where every series has its first coefficient well before its end, further ones change no order. */
const isDecided = ({ operands, series }: Expansion) =>
  [series, ...operands].every(({ order, coefficients }) => coefficients.length > 0 && order < brief / 2);

const isRemovable = (node: Expr, { operands, series }: Expansion) =>
  series.order >= 0 && series.coefficients.length > 0 && cancels(node, operands, series);

/** What the values at the place say, before any series is made: nothing cancels where a sum is neither 0 nor NaN. */
function isSuspect(node: Expr, place: Place): boolean {
  const budget = { nodes: mostNodes };
  const numbers: number[] = [];
  for (const operand of node.operands) {
    const value = valueAt(operand, place, budget);
    if (value === undefined) return false;
    numbers.push(value);
  }
  if (isMap(node, div.primitive)) return numbers[1] === 0;
  if (isMap(node, mul.primitive)) return !numbers.every(Number.isFinite);
  const value = Number(node.graph.primitiveOf(node.id).real(...numbers));
  return isSumOf(node) ? value === 0 || Number.isNaN(value) : value === 0 && numbers[0] !== 0;
}

/** True of x where a series is taken in 1/x. */
const isPole = (node: Expr, { base, centre }: Place) =>
  centre === 0 && isMap(base, reciprocal.primitive) && base.operands[0] === node;

/** The id of what is a function of nothing else at a place: the base, or what it is the reciprocal of. */
const startOf = ({ base, centre }: Place) =>
  centre === 0 && isMap(base, reciprocal.primitive) ? base.graph.operandAt(base.id, 0) : base.id;

/** The value of a node at a place; undefined where it is no function of the base, or not found within the budget. */
function valueAt(node: Expr, place: Place, budget: { nodes: number }): number | undefined {
  if (node === place.base) return place.centre;
  if (isPole(node, place)) return Number.POSITIVE_INFINITY;
  if (node.kind === "constant") return node.graph.constantOf(node.id);
  budget.nodes--;
  if (node.kind !== "map" || budget.nodes < 0) return undefined;
  const choice = choiceAt(node, place);
  if (choice) {
    const series = seriesAt(choice.far, place, budget, inFull);
    return series && (series.order === 0 ? series.coefficients[0] : series.order > 0 ? 0 : Number.NaN);
  }
  const { graph, id } = node;
  const values = new Array<number>(graph.operandCount(id));
  for (let k = 0; k < values.length; k++) {
    const value = valueAt(graph.expr(graph.operandAt(id, k)), place, budget);
    if (value === undefined) return undefined;
    values[k] = value;
  }
  return Number(graph.primitiveOf(id).real(...values));
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
function seriesAt(
  node: Expr,
  place: Place,
  budget: { nodes: number },
  arithmetic: SeriesArithmetic,
): LaurentSeries | undefined {
  if (node === place.base) return arithmetic.variableSeries(place.centre);
  if (isPole(node, place)) return arithmetic.poleSeries;
  if (node.kind === "constant") return arithmetic.constantSeries(node.graph.constantOf(node.id));
  budget.nodes--;
  if (node.kind !== "map" || budget.nodes < 0) return undefined;
  const far = farSide(node, place, Number.POSITIVE_INFINITY);
  if (far) return seriesAt(far, place, budget, arithmetic);
  const operands: LaurentSeries[] = [];
  for (const operand of node.operands) {
    const series = seriesAt(operand, place, budget, arithmetic);
    if (!series) return undefined;
    operands.push(series);
  }
  return arithmetic.mapSeries(node, operands);
}

/** How far the series is used, and with how many coefficients; with every other one where the rest is 0. */
interface Fit {
  readonly radius: number;
  readonly count: number;
  readonly step: 1 | 2;
}

const radii = [1, 0.5, 0.25, 0.125];
const mostCoefficients = 22;
/** What is left out counts less than this, in the function and in its first two derivatives. */
const negligible = 2 ** -55;

function fitOf({ order, coefficients }: LaurentSeries): Fit | undefined {
  const step = coefficients.every((value, k) => k % 2 === 0 || value === 0) ? 2 : 1;
  for (const radius of radii) {
    const sizes = coefficients.map((value, k) => Math.abs(value) * radius ** k);
    let count = 1;
    for (const derivative of [0, 1, 2]) {
      const weights = sizes.map((size, k) => size * (order + k) ** derivative);
      const leading = weights.findIndex((weight, k) => weight > 0 && order + k >= derivative);
      const limit = negligible * (leading < 0 ? 0 : weights[leading]!);
      const last = weights.reduce((found, weight, k) => (weight > limit ? k : found), 0);
      count = Math.max(count, Math.floor(last / step) + 1);
    }
    // the last coefficients that are known must be negligible, or what follows is not
    if (count <= mostCoefficients && (count - 1) * step < coefficients.length - 4) return { radius, count, step };
  }
  return undefined;
}

function choice(node: Expr, place: Place, series: LaurentSeries, fit: Fit): Expr {
  const t = distance(place);
  const coefficients = Array.from({ length: fit.count }, (_, k) => series.coefficients[k * fit.step]!);
  const body = polynomial(fit.step === 2 ? wholePower(t, 2) : t, coefficients);
  const near = series.order === 0 ? body : mul(wholePower(t, series.order), body);
  const operands = node.operands.map((operand) => farSide(operand, place, fit.radius) ?? operand);
  const far = node.graph.map(node.graph.primitiveOf(node.id), operands);
  return select(less(abs(t), fit.radius), near, far);
}

const distance = ({ base, centre }: Place) => (centre === 0 ? base : add(base, -centre));

/** A choice by the distance from the place, as this rule makes them. */
function choiceAt(node: Expr, place: Place): { readonly radius: number; readonly far: Expr } | undefined {
  if (!isMap(node, select.primitive)) return undefined;
  const [condition, , far] = node.operands as [Expr, Expr, Expr];
  if (!isMap(condition, less.primitive) || condition.operands[0] !== abs(distance(place))) return undefined;
  const radius = radii.find((each) => isConstant(condition.operands[1]!, each));
  return radius === undefined ? undefined : { radius, far };
}

/** The far side of a choice that this rule made, where its radius is at most `radius`. */
function farSide(node: Expr, place: Place, radius: number): Expr | undefined {
  const choice = choiceAt(node, place);
  return choice && choice.radius <= radius && nearlyAt(choice.far, place) === node ? choice.far : undefined;
}
