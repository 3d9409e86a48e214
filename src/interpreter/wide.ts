import type { Field } from "../ir/field.ts";
import type { Expr } from "../ir/graph.ts";
import type { Primitive } from "../ir/primitive.ts";
import type { Operation } from "../ops/define.ts";
import * as algebra from "../ops/elementary/algebra.ts";
import * as cast from "../ops/elementary/cast.ts";
import * as comparison from "../ops/elementary/comparison.ts";
import * as exponential from "../ops/elementary/exponential.ts";
import * as hyperbolic from "../ops/elementary/hyperbolic.ts";
import * as lengths from "../ops/elementary/lengths.ts";
import { nowhere } from "../ops/elementary/nowhere.ts";
import * as opaque from "../ops/elementary/opaque.ts";
import * as powers from "../ops/elementary/powers.ts";
import * as rounding from "../ops/elementary/rounding.ts";
import * as trigonometric from "../ops/elementary/trigonometric.ts";
import { programOver } from "../ops/program.ts";
import { type Bindings, interpret } from "./interpret.ts";
import { wholeNumbers } from "./noise.ts";

/** The number m 2^e: m is 0, infinite, NaN or about 1, so that nothing overflows or vanishes on the way to a result. */
interface Wide {
  readonly m: number;
  readonly e: number;
}

/** The last exponents of two that numbers have. */
const [lowest, highest] = [-1000, 1000];

/** m 2^e for finite e, of which the second factor alone may be no number. */
function scaled(m: number, e: number): number {
  const near = Math.max(lowest, Math.min(highest, e));
  return m * 2 ** near * 2 ** (e - near);
}

function wide(m: number, e = 0): Wide {
  if (!Number.isFinite(e)) return { m: m * 2 ** e, e: 0 };
  if (m === 0 || !Number.isFinite(m)) return { m, e: 0 };
  const k = Math.floor(Math.log2(Math.abs(m)));
  return { m: scaled(m, -k), e: e + k };
}

const numberOf = ({ m, e }: Wide) => scaled(m, e);
const one = wide(1);
const isSpecial = ({ m }: Wide) => m === 0 || !Number.isFinite(m);
const isOrdinary = ({ e }: Wide) => e > lowest && e < highest;

const neg = ({ m, e }: Wide): Wide => ({ m: -m, e });
const mul = (a: Wide, b: Wide) => wide(a.m * b.m, a.e + b.e);
const div = (a: Wide, b: Wide) => wide(a.m / b.m, a.e - b.e);

function add(a: Wide, b: Wide): Wide {
  if (isSpecial(a) || isSpecial(b)) return a.m === 0 && b.m !== 0 ? b : b.m === 0 && a.m !== 0 ? a : wide(a.m + b.m);
  const e = Math.max(a.e, b.e);
  return wide(scaled(a.m, a.e - e) + scaled(b.m, b.e - e), e);
}

const sub = (a: Wide, b: Wide) => add(a, neg(b));

/** What a - b is compared with 0 as, also of two infinities. */
const order = (a: Wide, b: Wide) => (a.m === b.m && a.e === b.e ? 0 : sub(a, b).m);

function sqrt({ m, e }: Wide): Wide {
  const odd = Math.abs(e % 2);
  return wide(Math.sqrt(odd === 1 ? 2 * m : m), (e - odd) / 2);
}

function cbrt({ m, e }: Wide): Wide {
  const rest = ((e % 3) + 3) % 3;
  return wide(Math.cbrt(m * 2 ** rest), (e - rest) / 3);
}

/** log 2 in two parts, of which the first times a whole number below 2^20 has no rounding. */
const [ln2, ln2Rest] = [0.6931471803691238, 1.9082149292705877e-10];

function exp(x: Wide): Wide {
  const value = numberOf(x);
  if (Math.abs(value) < 700 || !Number.isFinite(value)) return wide(Math.exp(value));
  const k = Math.round(value / Math.LN2);
  // beyond whole numbers the exponent is all that is known
  return wide(Math.abs(k) < 2 ** 52 ? Math.exp(value - k * ln2 - k * ln2Rest) : 1, k);
}

const log = (x: Wide) => (isOrdinary(x) ? wide(Math.log(numberOf(x))) : add(wide(Math.log(x.m)), wide(x.e * Math.LN2)));

function power(x: Wide, y: Wide): Wide {
  const [base, exponent] = [numberOf(x), numberOf(y)];
  const plain = wide(base ** exponent);
  if (isOrdinary(x) && isOrdinary(plain) && !isSpecial(plain)) return plain;
  if (Number.isInteger(exponent) && Math.abs(exponent) < 2 ** 30) {
    let [product, square] = [one, x];
    for (let n = Math.abs(exponent); n >= 1; n = Math.floor(n / 2)) {
      if (n % 2 === 1) product = mul(product, square);
      square = mul(square, square);
    }
    return exponent < 0 ? div(one, product) : product;
  }
  if (isSpecial(x) || x.m < 0 || isSpecial(y)) return plain;
  const total = x.e * exponent + Math.log2(x.m) * exponent;
  const k = Math.round(total);
  return wide(2 ** (total - k), k);
}

function hypot(...operands: Wide[]): Wide {
  return sqrt(operands.map((operand) => mul(operand, operand)).reduce(add));
}

function atan2(y: Wide, x: Wide): Wide {
  const ratio = div(y, x);
  return ratio.m !== 0 && ratio.e < tiny && x.m > 0 ? ratio : wide(Math.atan2(y.m, scaled(x.m, x.e - y.e)));
}

/** Below 2^tiny x is sin x, e^x - 1 and what else begins with x, to all digits. */
const tiny = -100;

/** The function of numbers, by its values where they are. */
const byNumbers =
  ({ real }: Primitive) =>
  (...operands: Wide[]): Wide =>
    wide(Number(real(...operands.map(numberOf))));

type Function = (...operands: Wide[]) => Wide;

/** f where it is x, at numbers, and from 2^limit on. */
const odd = (operation: Operation, limit = Number.POSITIVE_INFINITY, far = (x: Wide) => x) => {
  const near = byNumbers(operation.primitive);
  return [operation, (x: Wide) => (x.e < tiny ? x : x.e < limit ? near(x) : far(x))] as const;
};

/** Where e^x is all that is left of e^x - 1, before it overflows; and 1 + x is x. */
const [steep, large] = [9, 60];

/** log 2 x, with the sign of x. */
const logOfTwice = (x: Wide) => {
  const value = log({ m: Math.abs(x.m), e: x.e + 1 });
  return x.m < 0 ? neg(value) : value;
};
const half = (x: Wide) => div(x, wide(2));
const magnitude = (x: Wide): Wide => ({ m: Math.abs(x.m), e: x.e });

/** How many of its last places a result is off by: 0 where it is exact, 1 where it is not and nothing else is said. */
type Error = (...operands: Wide[]) => number;

/** What a sum leaves over (Knuth). */
const errorOfSum: Error = (a, b) => {
  if (Math.abs(a.e - b.e) > -tiny) return errorOf(a.m * b.m);
  const e = Math.max(a.e, b.e);
  const [x, y] = [scaled(a.m, a.e - e), scaled(b.m, b.e - e)];
  const second = x + y - x;
  return errorOf(x - (x + y - second) + (y - second));
};

/** What a b differs from c by, which is its rounded value or what rounds to it (Dekker). */
function errorOfProduct(a: number, b: number, c: number): number {
  const [aHigh, aLow] = halves(a);
  const [bHigh, bLow] = halves(b);
  return errorOf(aHigh * bHigh - c + aHigh * bLow + aLow * bHigh + aLow * bLow);
}

/** A number of 53 bits as two of 26. */
function halves(m: number): readonly [high: number, low: number] {
  const multiple = (2 ** 27 + 1) * m;
  const high = multiple - (multiple - m);
  return [high, m - high];
}

const errorOf = (rest: number) => (rest === 0 ? 0 : 1);
const errorOfQuotient: Error = (a, b) => errorOfProduct(a.m / b.m, b.m, a.m);
const errorOfRest: Error = (...operands) => (operands.map(numberOf).every(Number.isInteger) ? 0 : 1);
const errorOfPower: Error = (x, y) =>
  1 + Math.abs(numberOf(y)) * (Number.isInteger(numberOf(y)) ? 2 : 1 + Math.abs(x.e));

/** What is rounded. */
const roundedFunctions: () => readonly (readonly [Pick<Operation, "primitive">, Function, Error?])[] = () => [
  [algebra.sub, sub, (a, b) => errorOfSum(a, neg(b))],
  [algebra.div, div, errorOfQuotient],
  [algebra.reciprocal, (x) => div(one, x), (x) => errorOfQuotient(one, x)],
  [powers.sqrt, sqrt, (x) => errorOfProduct(sqrt(x).m, sqrt(x).m, x.e % 2 === 0 ? x.m : 2 * x.m)],
  [powers.rsqrt, (x) => div(one, sqrt(x))],
  [powers.cbrt, cbrt],
  [powers.pow, power, errorOfPower],
  [lengths.hypot, hypot],
  [exponential.exp, exp, (x) => (x.e < 19 ? 1 : Math.abs(numberOf(x)))],
  [exponential.exp2, (x) => power(wide(2), x), (x) => errorOfPower(one, x)],
  [exponential.log, log],
  [exponential.log2, (x) => mul(log(x), wide(Math.LOG2E))],
  [exponential.log10, (x) => mul(log(x), wide(Math.LOG10E))],
  odd(exponential.expm1, steep, (x) => (x.m > 0 ? exp(x) : wide(-1))),
  odd(exponential.log1p, large, log),
  odd(hyperbolic.sinh, steep, (x) => (x.m > 0 ? half(exp(x)) : neg(half(exp(neg(x)))))),
  odd(hyperbolic.asinh, large, logOfTwice),
  ...[hyperbolic.tanh, hyperbolic.atanh].map((operation) => odd(operation)),
  ...[trigonometric.sin, trigonometric.tan, trigonometric.asin, trigonometric.atan].map((operation) => odd(operation)),
  [hyperbolic.cosh, (x) => (x.e < steep ? byNumbers(hyperbolic.cosh.primitive)(x) : half(exp(magnitude(x))))],
  [hyperbolic.acosh, (x) => (x.e < large ? byNumbers(hyperbolic.acosh.primitive)(x) : logOfTwice(x))],
  [trigonometric.atan2, atan2],
  ...[rounding.mod, rounding.fmod].map(
    (operation) => [operation, byNumbers(operation.primitive), errorOfRest] as const,
  ),
];

/** What is not. */
const exactFunctions: () => readonly (readonly [Pick<Operation, "primitive">, Function])[] = () => [
  [algebra.neg, neg],
  [rounding.abs, magnitude],
  ...[rounding.floor, rounding.ceil, rounding.trunc, rounding.round, cast.toInt, cast.toReal].map(
    (operation) => [operation, (x: Wide) => (x.e < large ? byNumbers(operation.primitive)(x) : x)] as const,
  ),
  [rounding.floorDiv, byNumbers(rounding.floorDiv.primitive)],
  ...[rounding.sign, rounding.step, comparison.isFiniteReal].map(
    ({ primitive }) => [{ primitive }, (x: Wide) => wide(Number(primitive.real(x.m)))] as const,
  ),
  ...[
    comparison.less,
    comparison.lessEqual,
    comparison.greater,
    comparison.greaterEqual,
    comparison.equal,
    comparison.notEqual,
  ].map(({ primitive }) => [{ primitive }, (a: Wide, b: Wide) => wide(primitive.real(order(a, b), 0))] as const),
  [comparison.select, (condition, yes, no) => (condition.m !== 0 ? yes : no)],
  [comparison.max, larger],
  [comparison.min, smaller],
  [comparison.clamp, (x, low, high) => smaller(larger(x, low), high)],
  [nowhere, () => wide(Number.NaN)],
  ...[opaque.stopGradient, opaque.anyUnit].map((operation) => [operation, (x: Wide) => x] as const),
];

function larger(a: Wide, b: Wide): Wide {
  const which = order(a, b);
  return which >= 0 ? a : which < 0 ? b : wide(Number.NaN);
}

const smaller = (a: Wide, b: Wide) => neg(larger(neg(a), neg(b)));

/**
 * Numbers with exponents of any size: what overflows on the way to a result, and comes back, is not lost. `noise` is how many
 * times its error a result that is rounded is moved by.
 */
export class WideField implements Field<Wide> {
  readonly name = "wide";
  readonly of = (value: number) => wide(value);
  readonly real = numberOf;
  readonly add: (a: Wide, b: Wide) => Wide;
  readonly mul: (a: Wide, b: Wide) => Wide;
  private readonly functions = new Map<Primitive, Function>();
  private readonly noise: () => number;

  constructor(noise = () => 0) {
    this.noise = noise;
    this.add = this.moving(add, errorOfSum);
    this.mul = this.moving(mul, (a, b) => errorOfProduct(a.m, b.m, a.m * b.m));
    const { add: sum, mul: product, functions } = this;
    for (const [{ primitive }, f] of exactFunctions()) functions.set(primitive, f);
    for (const [{ primitive }, f, error] of roundedFunctions()) functions.set(primitive, this.moving(f, error));
    functions.set(algebra.add.primitive, (...terms) => terms.reduce(sum));
    functions.set(algebra.mul.primitive, product);
    functions.set(algebra.square.primitive, (x) => product(x, x));
  }

  apply(primitive: Primitive, operands: readonly Wide[]): Wide {
    return this.functionOf(primitive)(...operands);
  }

  /** f, of whose results those that are rounded are moved. */
  private moving(f: Function, error: Error = (...operands) => (operands.every(({ m }) => m === 0) ? 0 : 1)): Function {
    return (...operands) => {
      const result = f(...operands);
      const noise = this.noise();
      if (noise === 0 || isSpecial(result)) return result;
      const { m, e } = result;
      const part = noise * error(...operands) * Number.EPSILON;
      return Math.abs(part) < 0.5 ? { m: m * (1 + part), e } : wide(m, e + Math.round(part));
    };
  }

  private functionOf(primitive: Primitive): Function {
    const known = this.functions.get(primitive);
    if (known) return known;
    const { program } = primitive;
    const made = program
      ? programOver(program, this.of, numberOf, (part) => this.functionOf(part))
      : this.moving(byNumbers(primitive));
    this.functions.set(primitive, made);
    return made;
  }
}

/** How much rounding may change of a result; and of 1 or the least number given, where terms of ordinary size cancel to nearly 0. */
const [relative, absolute] = [1e-8, 1e-10];

/**
 * The values of graphs of numbers at some point, where no number overflows or vanishes on the way to them. NaN for values of which
 * rounding leaves nothing, as `x^2 - (x - 1)^2` at 1e160: they are found three more times with random errors of the last places
 * (Vignes, A stochastic arithmetic for reliable scientific computation, 1993), and taken where all agree.
 */
export const wideValues = (roots: readonly Expr[], bindings: Bindings<number>): number[] =>
  wideArrays(roots, bindings).map(([value]) => value!);

/** The same for graphs of arrays. */
export function wideArrays(roots: readonly Expr[], { sizes, values }: Bindings<number>): number[][] {
  const [found, ...others] = [0, 1, 2, 3].map((run) => {
    // a sequence of its own for each run
    const next = wholeNumbers(run);
    const field = new WideField(() => {
      const whole = next();
      // from 1 to 65 of either sign, for less than 1 may round to nothing
      return run && whole / 2 ** 25 + (whole < 0 ? -1 : 1);
    });
    const given = new Map([...values].map(([leaf, numbers]) => [leaf, numbers.map(field.of)] as const));
    return interpret(roots, { sizes, values: given }, field).map((elements) => elements.map(numberOf));
  });
  const least = Math.min(
    1,
    ...[...values.values()]
      .flat()
      .map(Math.abs)
      .filter((size) => size > 0),
  );
  return found!.map((elements, k) =>
    elements.map((value, at) => {
      const tolerance = Number.isFinite(value) ? Math.max(relative * Math.abs(value), absolute * least) : 0;
      const isNear = (other: number) => other === value || Math.abs(other - value) <= tolerance;
      return others.every((other) => isNear(other[k]![at]!)) ? value : Number.NaN;
    }),
  );
}
