import type { Expr } from "../../ir/graph.ts";
import { div, mul } from "../../ops/elementary/algebra.ts";
import { greater, less, max, min, select } from "../../ops/elementary/comparison.ts";
import { log, log2, log10 } from "../../ops/elementary/exponential.ts";
import { sqrt } from "../../ops/elementary/powers.ts";
import { abs } from "../../ops/elementary/rounding.ts";
import { byPrimitive, isMap } from "../../ops/maps.ts";
import { factsOf } from "../facts/facts.ts";
import { isConstant } from "../forms/contractions/splat.ts";
import { distance, type ExpansionPoint, isFar, isSquare, isSumOf, isVaryingPower } from "./expansion-points.ts";
import { mostMade, radii } from "./fit.ts";
import { knownTo, LaurentArithmetic, type LaurentSeries, times } from "./laurent-series.ts";
import { mapSeries } from "./map-series.ts";
import { truthBy } from "./regions.ts";

/** A node's series at a point, and those of its operands. */
export interface Expansion {
  readonly operands: readonly LaurentSeries[];
  readonly series: LaurentSeries;
  /** Of choices of which one side was taken. */
  readonly conditions: Iterable<Expr>;
  /** The sign of t that the logarithms of odd powers of t in it need; 0: either. */
  readonly side: number;
}

/** So many coefficients are made of series at first: by them most points are told not to cancel. */
export const brief = 8;
/** Series as they are used. */
const inFull = new LaurentArithmetic(mostMade);
const inBrief = new LaurentArithmetic(brief);
const farInFull = new LaurentArithmetic(mostMade, true);
const farInBrief = new LaurentArithmetic(brief, true);

/** Nodes that an expression may have in between. */
const mostNodes = 24;
/** Slopes that are looked up for functions without a series of their own. */
const mostSlopes = 26;
/** Nodes that a program may have. */
const mostOfProgram = 250;

/** The far side of a choice that a series was made for, where it is one. */
export type FarSide = (node: Expr, point: ExpansionPoint) => Expr | undefined;

/** Finds values and series of nodes at a point: a few, as long as not too many nodes are in between. */
export class Expander {
  private readonly point: ExpansionPoint;
  private readonly farSide: FarSide;
  private readonly arithmetic: LaurentArithmetic;
  private nodes = mostNodes;
  private slopes = mostSlopes;
  private readonly found = new Map<Expr, LaurentSeries>();
  /** Functions whose slopes are being looked at, of which the beginning is known, each within those before it. */
  private readonly underWay: Expr[] = [];
  /** How many functions the outermost of those that were asked for is within; what asked for none is known as it stays. */
  private outermost = Number.POSITIVE_INFINITY;
  /** Of choices of which one side was taken. */
  readonly conditions: Expr[] = [];
  /** The sign of t where the logarithms that were met are real. */
  side = 0;

  constructor(point: ExpansionPoint, farSide: FarSide, isBrief = false) {
    this.point = point;
    this.farSide = farSide;
    this.arithmetic = isFar(point) ? (isBrief ? farInBrief : farInFull) : isBrief ? inBrief : inFull;
  }

  expansionOf(node: Expr): Expansion | undefined {
    const operands: LaurentSeries[] = [];
    const size = sizeIn(node);
    for (const operand of size ? [size] : node.operands) {
      const series = this.seriesOf(operand);
      if (!series) return undefined;
      operands.push(series);
    }
    const series =
      mapSeries(this.arithmetic, node, operands) ??
      this.bySquare(node, operands) ??
      this.byLogarithm(node, operands) ??
      this.bySlope(node, operands) ??
      this.byProgram(node, operands);
    return series && { operands, series, conditions: this.conditions, side: this.side };
  }

  /** What the values at the point say, before any series is made: nothing cancels where a sum is neither 0 nor NaN. */
  isSuspect(node: Expr): boolean {
    const numbers: number[] = [];
    for (const operand of node.operands) {
      const value = this.valueOf(operand);
      if (value === undefined) return false;
      numbers.push(value);
    }
    if (isMap(node, div)) return isFar(this.point) ? Number.isNaN(numbers[0]! / numbers[1]!) : numbers[1] === 0;
    if (isMap(node, mul) || isVaryingPower(node)) return !numbers.every(Number.isFinite);
    const value = Number(node.graph.primitiveOf(node.id).real(...numbers));
    return isSumOf(node) ? value === 0 || Number.isNaN(value) : value === 0 && numbers[0] !== 0;
  }

  /** The value of a node at the point; undefined where it is no function of the base, or not found within the budget. */
  private valueOf(given: Expr): number | undefined {
    const { point } = this;
    const node = sideAt(given, point);
    if (node === point.base) return point.centre;
    if (node === point.pole) return Number.POSITIVE_INFINITY;
    if (node.kind === "constant") return node.constant!;
    if (isSquare(node, point)) return point.centre;
    if (--this.nodes < 0 || node.kind !== "map") return undefined;
    const choice = choiceAt(node, point);
    if (choice) {
      const series = this.seriesOf(this.farSide(node, point) ?? choice.far);
      return series && (series.order < 0 || series.logs ? Number.NaN : valueAtPoint(series));
    }
    const { graph, id } = node;
    const { real } = graph.primitiveOf(id);
    const count = graph.operandCount(id);
    const first = count > 0 ? this.valueOf(graph.expr(graph.operandAt(id, 0))) : Number.NaN;
    if (first === undefined) return undefined;
    // most have one operand or two, and are evaluated at many points
    if (count === 1) return Number(real(first));
    const values = [first];
    for (let k = 1; k < count; k++) {
      const value = this.valueOf(graph.expr(graph.operandAt(id, k)));
      if (value === undefined) return undefined;
      values.push(value);
    }
    return Number(count === 2 ? real(first, values[1]!) : real(...values));
  }

  /** The series of a node at the point; undefined where it is no function of the base, or none whose series is known. */
  seriesOf(given: Expr): LaurentSeries | undefined {
    const { point, arithmetic } = this;
    const node = sideAt(given, point);
    if (node === point.base) return isFar(point) ? arithmetic.pole : arithmetic.variable(point.centre);
    if (node === point.pole) return arithmetic.pole;
    if (isSquare(node, point)) return { ...arithmetic.pole, order: isFar(point) ? -2 : 2 };
    if (node.kind === "constant") return arithmetic.constant(node.constant!);
    const found = this.found.get(node);
    if (found) {
      const depth = this.underWay.indexOf(node) + 1;
      if (depth > 0) this.outermost = Math.min(this.outermost, depth);
      return found;
    }
    if (--this.nodes < 0 || node.kind !== "map") return undefined;
    const { outermost } = this;
    this.outermost = Number.POSITIVE_INFINITY;
    const side = this.farSide(node, point) ?? this.sideAround(node);
    const series = side ? this.seriesOf(side) : this.expansionOf(node)?.series;
    if (series && this.outermost === Number.POSITIVE_INFINITY) this.found.set(node, series);
    this.outermost = Math.min(outermost, this.outermost);
    return series;
  }

  /** The side of a choice that holds around the point. */
  private sideAround(node: Expr): Expr | undefined {
    const choice = choiceOf(node);
    if (!choice) return undefined;
    const [condition, yes, no] = choice;
    const truth = truthBy(condition, (sides) => {
      const [a, b] = sides.map((side) => this.valueOf(side));
      return a! < b! || a! > b! ? [a!, b!] : undefined;
    });
    if (truth !== undefined) this.conditions.push(condition);
    return truth === undefined ? undefined : truth ? yes : no;
  }

  /** A root of what vanishes as an even power of what is not negative: half that power, times the root of the rest. */
  private bySquare(node: Expr, [u]: readonly LaurentSeries[]): LaurentSeries | undefined {
    const { base, centre } = this.point;
    const isEven = isMap(node, sqrt) && centre === 0 && u!.order > 0 && u!.order % 2 === 0 && !u!.logs;
    if (!isEven || !factsOf(base.graph).isNonNegative(base)) return undefined;
    const rest = mapSeries(this.arithmetic, node, [{ order: 0, coefficients: u!.coefficients }]);
    return rest && { order: u!.order / 2, coefficients: rest.coefficients };
  }

  /** log(a t^n (1 + ...)) = log |a| + n log |t| + log(1 + ...) near t = 0, on the sides where a t^n is positive. */
  private byLogarithm(node: Expr, [u]: readonly LaurentSeries[]): LaurentSeries | undefined {
    const unit = logarithms.get(node.graph.primitiveOf(node.id));
    if (!unit || isFar(this.point) || u!.logs || u!.coefficients.length === 0) return undefined;
    const { order, coefficients } = u!;
    const sign = Math.sign(coefficients[0]!);
    const isOfSize = sizeIn(node) !== undefined;
    const side = isOfSize || order % 2 === 0 ? 0 : sign;
    if ((side === 0 && sign < 0 && !isOfSize) || this.side * side < 0) return undefined;
    this.side ||= side;
    const rest = this.arithmetic.composed(log.primitive, times({ order: 0, coefficients }, sign));
    return rest && times({ ...rest, logs: this.arithmetic.constant(order) }, unit);
  }

  /**
   * A function that no table holds, by the series of its slope, f'(u) u': where that is of the function itself, every round settles one
   * coefficient more. Beyond so many slopes by its value alone.
   */
  private bySlope(node: Expr, [u, ...others]: readonly LaurentSeries[]): LaurentSeries | undefined {
    const { partials, real } = node.graph.primitiveOf(node.id);
    const [partial] = partials;
    if (others.length > 0 || !u || u.logs || u.order < 0 || typeof partial !== "function") return undefined;
    const value = Number(real(valueAtPoint(u)));
    if (!Number.isFinite(value)) return undefined;
    let series = this.arithmetic.begun(value);
    if (this.slopes-- <= 0) return series;
    const slope = partial(node.operands, node, 0);
    const [nodes, { slopes }] = [Math.max(this.nodes, 8), this];
    const depth = this.underWay.push(node);
    let next: LaurentSeries | undefined = series;
    do {
      series = next;
      this.found.set(node, series);
      [this.nodes, this.slopes, this.outermost] = [nodes, slopes, Number.POSITIVE_INFINITY];
      const rate = this.seriesOf(slope);
      next = rate && this.arithmetic.integral(rate, u, value);
    } while (next && this.outermost <= depth && knownTo(next) > knownTo(series));
    this.underWay.pop();
    this.found.delete(node);
    if (this.outermost === depth) this.outermost = Number.POSITIVE_INFINITY;
    return next;
  }

  /** Of what grows, or to what is infinite at the point: a function that no table holds, by its program. */
  private byProgram(node: Expr, operands: readonly LaurentSeries[]): LaurentSeries | undefined {
    const { program, real } = node.graph.primitiveOf(node.id);
    const isFarOut = operands.some(({ order }) => order < 0);
    if (!program || !(isFarOut || Math.abs(Number(real(...operands.map(valueAtPoint)))) === Number.POSITIVE_INFINITY))
      return undefined;
    const { nodes, slopes } = this;
    [this.nodes, this.slopes] = [mostOfProgram, isFarOut ? 0 : slopes];
    const series = this.seriesOf(program(...node.operands));
    [this.nodes, this.slopes] = [nodes, slopes];
    return series;
  }
}

/** What a logarithm takes the size of. */
function sizeIn(node: Expr): Expr | undefined {
  const [size] = node.kind === "map" && logarithms.has(node.graph.primitiveOf(node.id)) ? node.operands : [];
  return size && isMap(size, abs) ? size.operands[0] : undefined;
}

/** Where t is 0, of what has no pole there. */
const valueAtPoint = ({ order, coefficients }: LaurentSeries): number => (order === 0 ? (coefficients[0] ?? 0) : 0);

/** Logarithms, as multiples of the natural one. */
const logarithms = byPrimitive<number>([
  [log, 1],
  [log2, Math.LOG2E],
  [log10, Math.LOG10E],
]);

/** What decides in a choice, or between the larger and the smaller one, and its sides. */
function choiceOf(node: Expr): readonly [condition: Expr, yes: Expr, no: Expr] | undefined {
  const [a, b, c] = node.operands as [Expr, Expr, Expr];
  if (isMap(node, select)) return [a, b, c];
  if (isMap(node, max)) return [less(a, b), b, a];
  return isMap(node, min) ? [less(a, b), a, b] : undefined;
}

/** The side of a choice between near and far out that holds at a point of the other kind. */
function sideAt(node: Expr, point: ExpansionPoint): Expr {
  if (!isMap(node, select)) return node;
  const [condition, , rest] = node.operands as [Expr, Expr, Expr];
  const [measure, bound] = condition.operands;
  if (!measure || bound?.kind !== "constant") return node;
  const isAway = isFar(point)
    ? isMap(condition, less) && isMap(measure, abs) && measure.operands[0] === point.base
    : isMap(condition, greater) && measure === point.base && point.centre < bound.constant!;
  return isAway ? rest : node;
}

/** A choice by the distance from the point, as this rule makes them. */
export function choiceAt(
  node: Expr,
  point: ExpansionPoint,
): { readonly radius: number; readonly far: Expr } | undefined {
  if (!isMap(node, select)) return undefined;
  const [condition, , far] = node.operands as [Expr, Expr, Expr];
  if (isFar(point)) {
    if (!isMap(condition, greater) || condition.operands[0] !== point.base) return undefined;
    const bound = radii.find((each) => isConstant(condition.operands[1]!, 1 / each));
    return bound === undefined ? undefined : { radius: bound, far };
  }
  if (!isMap(condition, less) || condition.operands[0] !== abs(distance(point))) return undefined;
  const radius = radii.find((each) => isConstant(condition.operands[1]!, each));
  return radius === undefined ? undefined : { radius, far };
}
