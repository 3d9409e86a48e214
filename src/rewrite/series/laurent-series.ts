import type { Primitive } from "../../ir/primitive.ts";
import { type Coefficients, PowerSeriesRing, scaled } from "./power-series.ts";
import { taylorSeries } from "./taylor-series.ts";

/**
 * t^order times a power series in t whose first coefficient is not 0, as far as it is known. Where only zeros are known the list is
 * empty, and the order is that of the first term that is not known.
 */
export interface LaurentSeries {
  readonly order: number;
  readonly coefficients: Coefficients;
  /** What log t is added to it times; absent: nothing. */
  readonly logs?: LaurentSeries;
}

/** Without zeros in front. */
function normalised(order: number, coefficients: Coefficients): LaurentSeries {
  const first = coefficients.findIndex((value) => value !== 0);
  const zeros = first < 0 ? coefficients.length : first;
  return { order: order + zeros, coefficients: coefficients.slice(zeros) };
}

const isZero = ({ coefficients }: LaurentSeries) => coefficients.length === 0;
/** The order of the first term that is not known. */
export const knownTo = ({ order, coefficients }: LaurentSeries) => order + coefficients.length;
const withLogs = ({ order, coefficients }: LaurentSeries, logs: LaurentSeries | undefined): LaurentSeries =>
  logs && !isZero(logs) ? { order, coefficients, logs } : { order, coefficients };

/** A multiple of a series. */
export const times = (a: LaurentSeries, factor: number): LaurentSeries =>
  withLogs(normalised(a.order, scaled(a.coefficients, factor)), a.logs && times(a.logs, factor));

/**
 * Laurent series with so many coefficients: those of a shorter one are the first of a longer one, to the bit. `isFar`: t = 1/x
 * of a large x, positive, so that roots and logarithms of its powers have series too.
 */
export class LaurentArithmetic {
  readonly isFar: boolean;
  private readonly ring: PowerSeriesRing;
  /** 1/t. */
  readonly pole: LaurentSeries;
  readonly one: LaurentSeries;

  constructor(length: number, isFar = false) {
    this.ring = new PowerSeriesRing(length);
    this.isFar = isFar;
    this.pole = { ...this.variable(0), order: -1 };
    this.one = this.constant(1);
  }

  constant(value: number): LaurentSeries {
    return normalised(0, this.ring.shifted([value], 0));
  }

  /** What begins with a value, of which nothing else is known. */
  begun(value: number): LaurentSeries {
    return normalised(0, [value]);
  }

  /** centre + t. */
  variable(centre: number): LaurentSeries {
    return normalised(0, this.ring.shifted([centre, 1], 0));
  }

  plus(a: LaurentSeries, b: LaurentSeries): LaurentSeries {
    return withLogs(this.plusPlain(a, b), a.logs && b.logs ? this.plusPlain(a.logs, b.logs) : (a.logs ?? b.logs));
  }

  minus(a: LaurentSeries, b: LaurentSeries): LaurentSeries {
    return this.plus(a, times(b, -1));
  }

  private plusPlain(a: LaurentSeries, b: LaurentSeries): LaurentSeries {
    if (a.order > b.order) return this.plusPlain(b, a);
    const count = Math.min(knownTo(a), knownTo(b)) - a.order;
    return normalised(a.order, this.ring.sum(a.coefficients, b.coefficients, b.order - a.order, count));
  }

  /** a b without logarithms. */
  product(a: LaurentSeries, b: LaurentSeries): LaurentSeries {
    const count = Math.min(a.coefficients.length, b.coefficients.length);
    return normalised(a.order + b.order, this.ring.product(a.coefficients, b.coefficients).slice(0, count));
  }

  square(a: LaurentSeries): LaurentSeries {
    return this.product(a, a);
  }

  /** a b, of which one may have logarithms. */
  productWithLogs(a: LaurentSeries, b: LaurentSeries): LaurentSeries | undefined {
    if (a.logs && b.logs) return undefined;
    const logs = a.logs ? this.product(a.logs, b) : b.logs && this.product(a, b.logs);
    return withLogs(this.product(a, b), logs);
  }

  quotient(a: LaurentSeries, b: LaurentSeries): LaurentSeries | undefined {
    if (isZero(b) || b.logs) return undefined;
    const count = Math.min(a.coefficients.length, b.coefficients.length);
    const plain = normalised(a.order - b.order, this.ring.quotient(a.coefficients, b.coefficients).slice(0, count));
    return withLogs(plain, a.logs && this.quotient(a.logs, b));
  }

  /** u^c of u = a t^n (1 + ...), where n c is whole and, unless n is 0, a far out is positive and c elsewhere is whole. */
  power(u: LaurentSeries, c: number): LaurentSeries | undefined {
    const order = u.order * c;
    const isDefined = u.order === 0 || (this.isFar ? u.coefficients[0]! > 0 : Number.isInteger(c));
    if (isZero(u) || !Number.isInteger(order) || !isDefined) return undefined;
    return normalised(order, this.ring.power(u.coefficients, c).slice(0, u.coefficients.length));
  }

  /** f(u) by the Taylor series of f, where u has no pole; undefined where none is known. */
  composed(f: Primitive, u: LaurentSeries): LaurentSeries | undefined {
    const composition = taylorSeries.get(f);
    if ((!composition && !f.taylor) || u.order < 0) return undefined;
    const ring = new PowerSeriesRing(this.knownOf(u));
    const plain = this.plain(u);
    return normalised(0, composition?.(ring, plain) ?? ring.composed(f.taylor!(plain[0] ?? 0, ring.count), plain));
  }

  /** f(u) of a u without logarithms, from the series of its slope f'(u) and its value where u begins. */
  integral(slope: LaurentSeries, u: LaurentSeries, value: number): LaurentSeries | undefined {
    if (slope.order < 0 || slope.logs || !Number.isFinite(value)) return undefined;
    const known = Math.min(this.knownOf(u), knownTo(slope) + 1);
    return normalised(0, this.ring.integrated(value, this.plain(u), this.plain(slope)).slice(0, known));
  }

  private plain({ coefficients, order }: LaurentSeries): Coefficients {
    return this.ring.shifted(coefficients, order);
  }

  private knownOf(u: LaurentSeries): number {
    return Math.min(this.ring.count, knownTo(u));
  }
}
