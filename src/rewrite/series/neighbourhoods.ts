import type { Expr } from "../../ir/graph.ts";
import type { Interval } from "../../ir/primitive.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../../ops/elementary/algebra.ts";
import { and, greater, less, select } from "../../ops/elementary/comparison.ts";
import { log } from "../../ops/elementary/exponential.ts";
import { wholePower } from "../../ops/elementary/polynomial.ts";
import { powerSeries } from "../../ops/elementary/power-series.ts";
import { pow } from "../../ops/elementary/powers.ts";
import { abs } from "../../ops/elementary/rounding.ts";
import { atan, atan2 } from "../../ops/elementary/trigonometric.ts";
import { isMap, isOneOf, primitivesOf } from "../../ops/maps.ts";
import { differenceAs, logGap } from "../../ops/ratios/gaps.ts";
import type { LogDegrees } from "../forms/degrees.ts";
import type { Expansion } from "./expansion.ts";
import { fitWithin } from "./fit.ts";
import type { LaurentSeries } from "./laurent-series.ts";
import { isTranscendental } from "./map-series.ts";
import { expansionAround } from "./near-forms.ts";
import { type Region, truthBy } from "./regions.ts";

/** Where a number x is nearly a constant: t = x - centre. */
export class Neighbourhood {
  private readonly x: Expr;
  protected readonly centre: number;
  protected readonly t: Expr;
  /** What nodes are, as functions of t. */
  private readonly forms = new Map<Expr, Expr | undefined>();
  /** What nodes are at t = 0. */
  private readonly values = new Map<Expr, number>();
  /** Of choices of which one side was taken. */
  private readonly conditions = new Set<Expr>();

  constructor(x: Expr, centre: number, t = add(x, -centre)) {
    this.x = x;
    this.centre = centre;
    this.t = t;
    this.stand(x, centre === 0 ? t : add(t, centre), centre);
  }

  protected stand(leaf: Expr, form: Expr, value: number): void {
    this.forms.set(leaf, form);
    this.values.set(leaf, value);
  }

  /** What the node is in the neighbourhood, and where that is; undefined where nothing is lost there. */
  nearly(node: Expr): readonly [near: Expr, isNear: Expr] | undefined {
    const form = this.isSuspect(node) ? this.formOf(node) : undefined;
    const found = form && expansionAround(form, this.t);
    if (!found || !this.isLost(node, found)) return undefined;
    const conditions = [...this.conditions, ...found.conditions];
    const fit = fitWithin(found.series, conditions, (radius) => this.region(radius));
    if (!fit) return undefined;
    const { coefficients } = found.series;
    const kept = Array.from({ length: fit.count }, (_, k) => coefficients[k * fit.step] ?? 0);
    const rest = powerSeries(fit.step === 2 ? square(this.t) : this.t, kept);
    return [this.scaled(node, found.series.order, rest), this.within(fit.radius)];
  }

  protected within(radius: number): Expr {
    return less(abs(this.t), radius);
  }

  /** Where t and the numbers themselves are within a radius. */
  private region(radius: number): Region {
    return new Map([[this.t, [-radius, radius]], ...this.around(radius)]);
  }

  protected around(radius: number): (readonly [Expr, Interval])[] {
    return [[this.x, [this.centre - radius, this.centre + radius]]];
  }

  protected scaled(_node: Expr, order: number, rest: Expr): Expr {
    return times(power(this.t, order), rest);
  }

  /** What the values at t = 0 say, before any series is made. */
  protected isSuspect(node: Expr): boolean {
    return isOneOf(node, add, sub) && this.valueOf(node) === 0;
  }

  /** Whether a sum vanishes faster than linearly, or a quotient is 0/0. */
  protected isLost(node: Expr, { operands, series }: Expansion): boolean {
    if (series.coefficients.length === 0) return false;
    if (isMap(node, div)) return operands[1]!.order > 0 && series.order >= 0;
    return !isMap(node, mul) && series.order > 1 && isLess(operands, series);
  }

  protected valueOf(node: Expr): number {
    const known = this.values.get(node);
    if (known !== undefined) return known;
    const { graph, id, kind } = node;
    const value =
      kind === "constant"
        ? graph.constantOf(id)
        : kind === "map"
          ? Number(graph.primitiveOf(id).real(...node.operands.map((operand) => this.valueOf(operand))))
          : Number.NaN;
    this.values.set(node, value);
    return value;
  }

  /** The node as a function of t, with the sides of choices that hold around t = 0. */
  private formOf(node: Expr): Expr | undefined {
    if (node.kind === "constant" || this.forms.has(node)) return node.kind === "constant" ? node : this.forms.get(node);
    const form = node.kind === "map" ? this.formOfMap(node) : undefined;
    this.forms.set(node, form);
    return form;
  }

  private formOfMap(node: Expr): Expr | undefined {
    if (isMap(node, select)) {
      const [condition, yes, no] = node.operands as [Expr, Expr, Expr];
      const holds = truthBy(condition, (sides) => {
        const [a, b] = sides.map((side) => this.valueOf(side)) as [number, number];
        return a < b || a > b ? [a, b] : undefined;
      });
      if (holds === undefined) return undefined;
      this.conditions.add(condition);
      return this.formOf(holds ? yes : no);
    }
    const parts: Expr[] = [];
    for (const operand of node.operands) {
      const part = this.formOf(operand);
      if (!part) return undefined;
      parts.push(part);
    }
    const [a, b] = parts as [Expr, Expr];
    const primitive = node.graph.primitiveOf(node.id);
    if (primitive === differenceAs.primitive) return sub(a, b);
    if (primitive === logGap.primitive) return log(div(a, b));
    if (primitive === atan2.primitive && this.valueOf(node.operands[1]!) > 0) return atan(div(a, b));
    // of several numbers, what it is made of
    if (parts.length > 1 && !basic.has(primitive) && !isTranscendental(primitive) && primitive.program)
      return this.formOf(primitive.program(...node.operands));
    return node.graph.map(primitive, parts);
  }
}

/** Arithmetic, and what has a series of its own. */
const basic = primitivesOf(add, sub, neg, mul, square, pow);

const isLess = (operands: readonly LaurentSeries[], { order }: LaurentSeries) =>
  operands.some((each) => each.coefficients.length > 0 && each.order < order);

const times = (a: Expr | undefined, b: Expr) => (a ? mul(a, b) : b);
const power = (x: Expr, n: number): Expr | undefined =>
  n === 0 ? undefined : n === -1 ? reciprocal(x) : n > 0 && Number.isInteger(n) ? wholePower(x, n) : pow(x, n);

/** Where the quotient of two numbers, x/y of a positive y, is nearly 1 or 0; of functions that are homogeneous in them. */
export class QuotientNeighbourhood extends Neighbourhood {
  private readonly whole: Expr;
  private readonly part: Expr;
  private readonly degrees: LogDegrees;

  constructor(whole: Expr, part: Expr, degrees: LogDegrees, centre: 0 | 1) {
    super(part, centre, div(centre === 0 ? part : sub(part, whole), whole));
    this.stand(whole, whole.graph.constantLike(1, whole), 1);
    this.whole = whole;
    this.part = part;
    this.degrees = degrees;
  }

  protected override around(radius: number): (readonly [Expr, Interval])[] {
    return [...super.around(radius), [this.whole, [1, 1]]];
  }

  protected override within(radius: number): Expr {
    return and(super.within(radius), greater(this.whole, 0));
  }

  /** Powers of the numbers themselves: of a product that does not vary with one of them the slope would cancel. */
  protected override scaled(node: Expr, order: number, rest: Expr): Expr {
    const degree = Number(this.degrees.of(node));
    if (this.centre === 1) return times(power(this.whole, degree), super.scaled(node, order, rest));
    return times(power(this.part, order), times(power(this.whole, degree - order), rest));
  }

  protected override isSuspect(node: Expr): boolean {
    if (typeof this.degrees.of(node) !== "number") return false;
    const value = this.valueOf(node);
    const isSum = isOneOf(node, add, sub);
    if (isSum || isMap(node, div)) return super.isSuspect(node) || Number.isNaN(value) || this.centre === 0;
    return this.centre === 0;
  }

  protected override isLost(node: Expr, found: Expansion): boolean {
    const { operands, series } = found;
    if (this.centre === 1 || series.coefficients.length === 0) return super.isLost(node, found);
    if (isOneOf(node, add, sub)) return isLess(operands, series);
    // the slopes of both, to each of the numbers, are gone in that of the whole
    const [a, b] = operands.map(({ order }) => order) as [number, number];
    const [p, q] = node.operands.map((operand) => Number(this.degrees.of(operand))) as [number, number];
    const sign = isMap(node, div) ? -1 : 1;
    const isGone = (m: number, n: number) => m !== 0 && m + sign * n === 0;
    return isGone(a, b) || isGone(p - a, q - b);
  }
}
