import type { Expr } from "../../ir/graph.ts";
import type { Primitive } from "../../ir/primitive.ts";
import { logSigmoid, sigmoid, softplus } from "../../ops/activation.ts";
import { add, div, mul, neg, reciprocal, square, sub } from "../../ops/algebra.ts";
import { contrast, rootExcess } from "../../ops/compositions.ts";
import type { Operation } from "../../ops/define.ts";
import { exp, expm1, expm1Reciprocal, log, log1p } from "../../ops/exponential.ts";
import { gaussian } from "../../ops/gaussian.ts";
import { acosh, asinh, atanh, cosh, csch, sech, sech2, sinh, tanh } from "../../ops/hyperbolic.ts";
import { logPolarRadius, polarRadius, radiusExcess, slopeAngle } from "../../ops/plane.ts";
import { cbrt, direction, hypot, pow, rsqrt, sqrt } from "../../ops/powers.ts";
import { bernoulliRatio, expm1Ratio, log1pRatio, proportion } from "../../ops/ratios.ts";
import { acos, asin, atan, atan2, atanSlope, cos, sin, sinc, tan } from "../../ops/trigonometric.ts";

/** t^order times a power series in t whose first coefficient is not 0, as far as it is known; of the number 0 the list is empty. */
export interface LaurentSeries {
  readonly order: number;
  readonly coefficients: readonly number[];
  /** What log t is added to it times; absent: nothing. */
  readonly logs?: LaurentSeries;
}

type Coefficients = readonly number[];
type Rule = (...operands: LaurentSeries[]) => LaurentSeries | undefined;

/**
 * Series with so many coefficients: those of a shorter one are the first of a longer one, to the bit. `isFar`: t = 1/x of a
 * large x, positive, so that roots and logarithms of its powers have series too.
 */
export interface SeriesArithmetic {
  readonly constantSeries: (value: number) => LaurentSeries;
  /** centre + t. */
  readonly variableSeries: (centre: number) => LaurentSeries;
  /** 1/t. */
  readonly poleSeries: LaurentSeries;
  /** The series of a map, from those of its operands; undefined where none is known. */
  readonly mapSeries: (node: Expr, operands: readonly LaurentSeries[]) => LaurentSeries | undefined;
  /** The series of f(u), from that of its slope f'(u) and its value where u begins. */
  readonly integralOf: (slope: LaurentSeries, u: LaurentSeries, value: number) => LaurentSeries | undefined;
  /** True of functions other than arithmetic whose series are known, and where no sum or product of polynomials is one. */
  readonly isTranscendental: (primitive: Primitive) => boolean;
}

export function seriesTo(length: number, isFar = false): SeriesArithmetic {
  /** How many coefficients are asked for: while rounds settle one each, no more than are settled. */
  let asked = length;
  const at = (a: Coefficients, k: number) => a[k] ?? 0;
  const generate = (f: (k: number) => number, count = asked): number[] => {
    const made = new Array<number>(count);
    for (let k = 0; k < count; k++) made[k] = f(k);
    return made;
  };
  /**
   * A first number and a sum of products a[i] b[k - i]; what is only the rounding of terms that cancel is 0, or it would count as
   * the leading coefficient.
   */
  function totalOf(first: number, a: Coefficients, b: Coefficients, k: number): number {
    let total = first;
    let size = Math.abs(first);
    for (let i = 0; i <= k && i < a.length; i++) {
      const term = a[i]! * at(b, k - i);
      total += term;
      size += Math.abs(term);
    }
    return Math.abs(total) <= 2 ** -48 * size ? 0 : total;
  }
  const sum = (a: Coefficients, b: Coefficients, skipped = 0, count = asked) =>
    generate((k) => totalOf(at(a, k), one, [at(b, k - skipped)], 0), count);
  const scaled = (a: Coefficients, factor: number) => a.map((value) => factor * value);
  const product = (a: Coefficients, b: Coefficients) => generate((k) => totalOf(0, a, b, k));
  /** a / b, where b does not vanish at 0. */
  const quotient = (a: Coefficients, b: Coefficients) => {
    const found: number[] = [];
    const minus = scaled(b, -1);
    for (let k = 0; k < asked; k++) found.push(totalOf(at(a, k), found, minus, k) / b[0]!);
    return found;
  };
  const derivative = (a: Coefficients) => generate((k) => (k + 1) * at(a, k + 1));
  const integral = (a: Coefficients, constant: number) => generate((k) => (k === 0 ? constant : at(a, k - 1) / k));
  const one: Coefficients = [1];

  /** f(u) from its value at the centre and its slope in u. */
  function integrated(value: number, u: Coefficients, slope: Coefficients): Coefficients {
    return integral(product(slope, derivative(u)), value);
  }

  /** f(u) from its value at the centre and its slope in u, which uses f(u) itself: every round settles one coefficient more. */
  function solved(value: number, u: Coefficients, slope: (z: Coefficients) => Coefficients): Coefficients {
    let z: Coefficients = [value];
    for (asked = 1; asked < length; ) {
      asked++;
      z = integrated(value, u, slope(z));
    }
    return z;
  }

  /** Two functions that are each other's slopes, up to the sign of the second one's. */
  function mutual(u: Coefficients, f: Operation, g: Operation, sign: 1 | -1): readonly [Coefficients, Coefficients] {
    const values = [centreValue(f, u), centreValue(g, u)] as const;
    let [a, b]: [Coefficients, Coefficients] = [[values[0]], [values[1]]];
    for (asked = 1; asked < length; ) {
      asked++;
      [a, b] = [integrated(values[0], u, b), integrated(values[1], u, scaled(a, sign))];
    }
    return [a, b];
  }

  const centreValue = ({ primitive }: Operation, u: Coefficients) => Number(primitive.real(at(u, 0)));
  const power = (u: Coefficients, exponent: number): Coefficients =>
    solved(at(u, 0) ** exponent, u, (z) => scaled(quotient(z, u), exponent));
  const square1 = (u: Coefficients, sign: 1 | -1) => sum(one, scaled(product(u, u), sign));

  /** Functions by their slopes in u. */
  const bySlope: readonly (readonly [Operation, (u: Coefficients) => Coefficients])[] = [
    [log, (u) => quotient(one, u)],
    [log1p, (u) => quotient(one, sum(u, one))],
    [softplus, (u) => seriesOf(sigmoid, u)],
    [logSigmoid, (u) => seriesOf(sigmoid, scaled(u, -1))],
    [atanh, (u) => quotient(one, square1(u, -1))],
    [asin, (u) => power(square1(u, -1), -0.5)],
    [acos, (u) => scaled(power(square1(u, -1), -0.5), -1)],
  ];

  /** Functions by their slopes in u, of which they are part themselves. */
  const bySelf: readonly (readonly [Operation, (u: Coefficients, z: Coefficients) => Coefficients])[] = [
    [exp, (_u, z) => z],
    [expm1, (_u, z) => sum(z, one)],
    [tan, (_u, z) => square1(z, 1)],
    [tanh, (_u, z) => square1(z, -1)],
    [sigmoid, (_u, z) => product(z, sum(one, scaled(z, -1)))],
    [gaussian, (u, z) => scaled(product(u, z), -2)],
  ];

  /** Functions in other ways. */
  const otherwise: readonly (readonly [Operation, (u: Coefficients) => Coefficients])[] = [
    [sin, (u) => mutual(u, sin, cos, -1)[0]],
    [cos, (u) => mutual(u, sin, cos, -1)[1]],
    [sinh, (u) => mutual(u, sinh, cosh, 1)[0]],
    [cosh, (u) => mutual(u, sinh, cosh, 1)[1]],
    [sqrt, (u) => power(u, 0.5)],
    [cbrt, (u) => power(u, 1 / 3)],
    [rsqrt, (u) => power(u, -0.5)],
    [sech2, (u) => square1(seriesOf(tanh, u), -1)],
  ];

  const series: ReadonlyMap<Primitive, (u: Coefficients) => Coefficients> = new Map([
    ...bySlope.map(
      ([f, slope]) => [f.primitive, (u: Coefficients) => integrated(centreValue(f, u), u, slope(u))] as const,
    ),
    ...bySelf.map(
      ([f, slope]) => [f.primitive, (u: Coefficients) => solved(centreValue(f, u), u, (z) => slope(u, z))] as const,
    ),
    ...otherwise.map(([f, make]) => [f.primitive, make] as const),
  ]);

  const seriesOf = ({ primitive }: Operation, u: Coefficients): Coefficients => series.get(primitive)!(u);

  /** Without zeros in front. */
  function normalised(order: number, coefficients: readonly number[]): LaurentSeries {
    const first = coefficients.findIndex((value) => value !== 0);
    return first < 0
      ? { order: 0, coefficients: [] }
      : { order: order + first, coefficients: coefficients.slice(first) };
  }

  const constantSeries = (value: number): LaurentSeries =>
    normalised(
      0,
      generate((k) => (k === 0 ? value : 0)),
    );
  /** centre + t. */
  const variableSeries = (centre: number): LaurentSeries =>
    normalised(
      0,
      generate((k) => [centre, 1][k] ?? 0),
    );

  const poleSeries: LaurentSeries = { ...variableSeries(0), order: -1 };

  const isZero = ({ coefficients }: LaurentSeries) => coefficients.length === 0;
  const knownTo = ({ order, coefficients }: LaurentSeries) => order + coefficients.length;
  const withLogs = ({ order, coefficients }: LaurentSeries, logs: LaurentSeries | undefined): LaurentSeries =>
    logs && !isZero(logs) ? { order, coefficients, logs } : { order, coefficients };
  const times = (a: LaurentSeries, factor: number): LaurentSeries =>
    withLogs(normalised(a.order, scaled(a.coefficients, factor)), a.logs && times(a.logs, factor));
  const plus = (a: LaurentSeries, b: LaurentSeries) =>
    withLogs(plusPlain(a, b), a.logs && b.logs ? plusPlain(a.logs, b.logs) : (a.logs ?? b.logs));

  function plusPlain(a: LaurentSeries, b: LaurentSeries): LaurentSeries {
    if (isZero(a) || isZero(b)) return isZero(a) ? b : a;
    if (a.order > b.order) return plusPlain(b, a);
    const count = Math.min(knownTo(a), knownTo(b)) - a.order;
    return normalised(a.order, sum(a.coefficients, b.coefficients, b.order - a.order, count));
  }

  function multiplied(a: LaurentSeries, b: LaurentSeries): LaurentSeries {
    const count = Math.min(a.coefficients.length, b.coefficients.length);
    return normalised(a.order + b.order, product(a.coefficients, b.coefficients).slice(0, count));
  }

  /** A product of which one factor has logarithms. */
  function joined(a: LaurentSeries, b: LaurentSeries): LaurentSeries | undefined {
    if (a.logs && b.logs) return undefined;
    const logs = a.logs ? multiplied(a.logs, b) : b.logs && multiplied(a, b.logs);
    return withLogs(multiplied(a, b), logs);
  }

  function divided(a: LaurentSeries, b: LaurentSeries): LaurentSeries | undefined {
    if (isZero(b) || b.logs) return undefined;
    const count = Math.min(a.coefficients.length, b.coefficients.length);
    const plain = normalised(a.order - b.order, quotient(a.coefficients, b.coefficients).slice(0, count));
    return withLogs(plain, a.logs && divided(a.logs, b));
  }

  function applied(f: Operation | Primitive, u: LaurentSeries): LaurentSeries | undefined {
    const primitive = "primitive" in f ? f.primitive : f;
    const grown = isFar ? far.get(primitive)?.(u) : undefined;
    if (grown) return grown;
    const make = series.get(primitive);
    if (!make || u.order < 0) return undefined;
    const plain = generate((k) => at(u.coefficients, k - u.order));
    return normalised(0, make(plain).slice(0, isZero(u) ? length : Math.min(length, knownTo(u))));
  }

  /** u^c of u = a t^n (1 + ...), where n c is whole. */
  function farPower(u: LaurentSeries, c: number): LaurentSeries | undefined {
    const order = u.order * c;
    if (!(u.coefficients[0]! > 0) || !Number.isInteger(order)) return undefined;
    return normalised(order, power(u.coefficients, c).slice(0, u.coefficients.length));
  }

  /** log u of u = a t^n (1 + ...): log a + n log t + log(1 + ...). */
  function farLog(u: LaurentSeries | undefined): LaurentSeries | undefined {
    if (!u || u.order === 0 || !(u.coefficients[0]! > 0)) return undefined;
    const rest = applied(log, { order: 0, coefficients: u.coefficients });
    return rest && withLogs(rest, constantSeries(u.order));
  }

  /** Functions of what grows or vanishes as a power of t > 0: undefined where the usual series serves. */
  const far: ReadonlyMap<Primitive, (u: LaurentSeries) => LaurentSeries | undefined> = new Map(
    (
      [
        [sqrt, (u) => (u.order === 0 ? undefined : farPower(u, 0.5))],
        [rsqrt, (u) => (u.order === 0 ? undefined : farPower(u, -0.5))],
        [cbrt, (u) => (u.order === 0 ? undefined : farPower(u, 1 / 3))],
        [log, farLog],
        [log1p, (u) => (u.order < 0 ? farLog(plus(u, unitSeries)) : undefined)],
        [asinh, (u) => farArea(u, 1)],
        [acosh, (u) => farArea(u, -1)],
        [
          atan,
          (u) => {
            if (u.order >= 0 || !(u.coefficients[0]! > 0)) return undefined;
            const angle = smallAngle(divided(unitSeries, u));
            return angle && plus(constantSeries(Math.PI / 2), times(angle, -1));
          },
        ],
      ] as const satisfies readonly (readonly [Operation, (u: LaurentSeries) => LaurentSeries | undefined])[]
    ).map(([{ primitive }, make]) => [primitive, make as (u: LaurentSeries) => LaurentSeries | undefined]),
  );

  /** atan u of a u that vanishes. */
  function smallAngle(u: LaurentSeries | undefined): LaurentSeries | undefined {
    const slope = u && u.order > 0 ? divided(unitSeries, squares(unitSeries, u)) : undefined;
    return slope && integralOf(slope, u!, 0);
  }

  /** log(u + sqrt(u^2 +- 1)) of a growing u. */
  function farArea(u: LaurentSeries, sign: 1 | -1): LaurentSeries | undefined {
    const root = u.order < 0 ? applied(sqrt, plus(multiplied(u, u), constantSeries(sign))) : undefined;
    return root && farLog(plus(u, root));
  }

  const quotientOf = (a: LaurentSeries | undefined, b: LaurentSeries | undefined) => a && b && divided(a, b);
  const lessThan = (a: LaurentSeries | undefined, b: LaurentSeries) => a && plus(a, times(b, -1));
  const unitSeries = constantSeries(1);

  /** The sum of two squares. */
  const squares = (a: LaurentSeries, b: LaurentSeries) => plus(multiplied(a, a), multiplied(b, b));

  /** Arithmetic, and functions with a pole or a gap at 0, by what they are made of. */
  const arithmetic: ReadonlyMap<Primitive, Rule> = new Map(
    (
      [
        [add, (...terms) => terms.reduce(plus)],
        [sub, (a, b) => plus(a!, times(b!, -1))],
        [neg, (a) => times(a!, -1)],
        [mul, (a, b) => joined(a!, b!)],
        [div, (a, b) => divided(a!, b!)],
        [reciprocal, (a) => divided(unitSeries, a!)],
        [square, (a) => multiplied(a!, a!)],
        [csch, (u) => quotientOf(unitSeries, applied(sinh, u!))],
        [sech, (u) => quotientOf(unitSeries, applied(cosh, u!))],
        [expm1Reciprocal, (u) => quotientOf(unitSeries, applied(expm1, u!))],
        [polarRadius, (a, b) => applied(sqrt, squares(a!, b!))],
        [hypot, (a, b, ...others) => (others.length > 0 ? undefined : applied(sqrt, squares(a!, b!)))],
        [radiusExcess, (a, b) => lessThan(applied(sqrt, squares(a!, b!)), b!)],
        [rootExcess, (a, b) => lessThan(applied(sqrt, plus(multiplied(a!, a!), b!)), a!)],
        [direction, (a, b) => quotientOf(a, applied(sqrt, squares(a!, b!)))],
        [
          logPolarRadius,
          (a, b) => {
            const twice = applied(log, squares(a!, b!));
            return twice && times(twice, 0.5);
          },
        ],
        [contrast, (a, b) => quotientOf(lessThan(a, b!), plus(a!, b!))],
        [proportion, (a, b) => divided(a!, plus(a!, b!))],
        [slopeAngle, (a, b) => smallAngle(divided(a!, b!))],
        [
          atan2,
          (a, b) => (b!.coefficients[0]! > 0 && (isFar || b!.order === 0) ? smallAngle(divided(a!, b!)) : undefined),
        ],
        [atanSlope, (u) => divided(unitSeries, plus(unitSeries, multiplied(u!, u!)))],
        [sinc, (u) => quotientOf(applied(sin, u!), u)],
        [expm1Ratio, (u) => quotientOf(applied(expm1, u!), u)],
        [log1pRatio, (u) => quotientOf(applied(log1p, u!), u)],
        [bernoulliRatio, (u) => quotientOf(u, applied(expm1, u!))],
      ] as const satisfies readonly (readonly [Operation, Rule])[]
    ).map(([{ primitive }, rule]) => [primitive, rule as Rule]),
  );

  /** The series of a map, from those of its operands; undefined where none is known. */
  function mapSeries(node: Expr, operands: readonly LaurentSeries[]): LaurentSeries | undefined {
    const primitive = node.graph.primitiveOf(node.id);
    if (operands.some(({ logs }) => logs) && !keepsLogs.has(primitive)) return undefined;
    const rule = arithmetic.get(primitive);
    const found = rule
      ? rule(...operands)
      : primitive === pow.primitive
        ? powerSeries(node, operands[0]!)
        : applied(primitive, operands[0]!);
    return found?.coefficients.every(Number.isFinite) ? found : undefined;
  }

  /** u^c for a constant c: of a series that starts at t^n it starts at t^(nc), where that is whole. */
  function powerSeries(node: Expr, u: LaurentSeries): LaurentSeries | undefined {
    const exponent = node.operands[1]!;
    if (exponent.kind !== "constant" || isZero(u)) return undefined;
    const c = node.graph.constantOf(exponent.id);
    const order = u.order * c;
    if (isFar && u.order !== 0) return farPower(u, c);
    if (!Number.isInteger(order) || (u.order !== 0 && !Number.isInteger(c))) return undefined;
    return normalised(order, power(u.coefficients, c).slice(0, u.coefficients.length));
  }

  function integralOf(slope: LaurentSeries, u: LaurentSeries, value: number): LaurentSeries | undefined {
    if (slope.order < 0 || !Number.isFinite(value)) return undefined;
    const known = Math.min(length, isZero(slope) ? length : knownTo(slope) + 1, isZero(u) ? length : knownTo(u));
    const plain = (s: LaurentSeries) => generate((k) => at(s.coefficients, k - s.order));
    return normalised(0, integrated(value, plain(u), plain(slope)).slice(0, known));
  }

  const keepsLogs = new Set([add, sub, neg, mul, div].map(({ primitive }) => primitive));
  const isPolynomial = new Set([add, sub, neg, mul, square].map(({ primitive }) => primitive));
  const isTranscendental = (primitive: Primitive) =>
    !isPolynomial.has(primitive) &&
    (series.has(primitive) ||
      arithmetic.has(primitive) ||
      (primitive.arity === 1 && typeof primitive.partials[0] === "function"));
  return { constantSeries, variableSeries, poleSeries, mapSeries, integralOf, isTranscendental };
}
