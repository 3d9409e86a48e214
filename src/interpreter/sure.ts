import type { Field } from "../ir/field.ts";
import type { Expr } from "../ir/graph.ts";
import type { Primitive } from "../ir/primitive.ts";
import { reachableIds } from "../ir/traverse.ts";
import {
  type Ball,
  ballArithmetic,
  ballOf,
  blurredBy,
  certain,
  isExactZero,
  isOpen,
  lost,
  negated,
  none,
  numberOf,
  signOf,
} from "../numeric/balls.ts";
import { specialBalls } from "../numeric/special-balls.ts";
import * as algebra from "../ops/algebra.ts";
import * as comparison from "../ops/comparison.ts";
import * as erfs from "../ops/erf.ts";
import * as exponential from "../ops/exponential.ts";
import * as gammas from "../ops/gamma.ts";
import { gaussian } from "../ops/gaussian.ts";
import * as hyperbolic from "../ops/hyperbolic.ts";
import * as opaque from "../ops/opaque.ts";
import * as powers from "../ops/powers.ts";
import { compileProgram, programOver } from "../ops/program.ts";
import * as rounding from "../ops/rounding.ts";
import * as trigonometric from "../ops/trigonometric.ts";
import { type Bindings, interpret } from "./interpret.ts";
import { isKnown, meantBy } from "./known-constants.ts";

type Function = (...operands: Ball[]) => Ball;

/** What a choice depends on is not known. */
class Undecided extends Error {}

/** Digits that a special function by polynomials has, at least. */
const digitsOfPrograms = 46;
/** Whole exponents up to here are powers by products. */
const mostProducts = 2n ** 40n;

/** True of a number that others are compared with, before they overflow or vanish. */
const isBound = (value: number) => !(Math.abs(value) > 1e-200 && Math.abs(value) < 1e200);
/** Numbers with bounds on their errors, of which p bits are computed. */
export class BallField implements Field<Ball> {
  readonly name = "balls";
  readonly add: (a: Ball, b: Ball) => Ball;
  readonly mul: (a: Ball, b: Ball) => Ball;
  readonly of: (value: number) => Ball;
  private readonly functions: Map<Primitive, Function>;

  constructor(p: number) {
    const arithmetic = ballArithmetic(p);
    this.add = arithmetic.add;
    this.mul = arithmetic.mul;
    this.of = (value) => meantBy(value, arithmetic);
    this.functions = new Map(functionsOver(arithmetic).map(([{ primitive }, f]) => [primitive, f]));
    for (const [{ primitive }, f] of specialFunctions(arithmetic, p)) {
      const program = this.programOf(primitive)!;
      this.functions.set(primitive, (x) => {
        const made = f(x!);
        return isOpen(made) ? program(x!) : made;
      });
    }
  }

  /** Throws where it is open, for choices depend on it. */
  real(x: Ball): number {
    if (isOpen(x)) throw new Undecided();
    return numberOf(x);
  }

  apply(primitive: Primitive, operands: readonly Ball[]): Ball {
    return this.functionOf(primitive)(...operands);
  }

  private functionOf(primitive: Primitive): Function {
    const known = this.functions.get(primitive);
    if (known) return known;
    const made = this.programOf(primitive) ?? byNumbers(primitive);
    this.functions.set(primitive, made);
    return made;
  }

  private programOf(primitive: Primitive): Function | undefined {
    const { program, name } = primitive;
    if (!program) return undefined;
    let isFormula: boolean | undefined;
    const run = programOver(
      program,
      (value) => this.of(value),
      (x) => this.real(x),
      (part) => this.functionOf(part),
    );
    return (...operands) => {
      isFormula ??= compileProgram(program, operands.length).constants.every(
        ({ value }) => isKnown(value) || isBound(value),
      );
      try {
        const result = run(...operands);
        if (isFormula || result.special !== undefined) return result;
        const made = blurredBy(result, digitsOfPrograms);
        // near their roots these have digits of 1
        return /gamma/i.test(name) ? { ...made, r: larger(made.r, BigInt(-digitsOfPrograms)) } : made;
      } catch (error) {
        if (error instanceof Undecided) return lost;
        throw error;
      }
    };
  }
}

const larger = (a: bigint | undefined, b: bigint) => (a === undefined || b > a ? b : a);

/** A function by its values at numbers that have no more digits than these. */
const byNumbers =
  ({ real, name }: Primitive): Function =>
  (...operands) => {
    const isPlain = operands.every((each) => each.special !== undefined || (each.r === undefined && isDouble(each)));
    if (!isPlain) return lost;
    const value = Number(real(...operands.map(numberOf)));
    const isWhole = Number.isInteger(value) || name === "and";
    return isWhole ? ballOf(value) : blurredBy(ballOf(value), 50);
  };

function isDouble(x: Ball): boolean {
  const back = ballOf(numberOf(x));
  const [low] = [x.e, back.e].sort((a, b) => (a < b ? -1 : 1)) as [bigint, bigint];
  return back.special === undefined && x.m << (x.e - low) === back.m << (back.e - low);
}

type Rows = readonly (readonly [{ readonly primitive: Primitive }, Function])[];

function functionsOver(arithmetic: ReturnType<typeof ballArithmetic>): Rows {
  const { one, add, sub, mul, div, sqrt, exp, expm1, log, log1p, sin, cos, atan, halved, doubled } = arithmetic;
  const recip: Function = (x) => div(one, x!);
  const size: Function = (x) => {
    const sign = signOf(x!);
    return sign === undefined
      ? x!.special === undefined
        ? { ...x!, m: x!.m < 0n ? -x!.m : x!.m }
        : x!
      : sign < 0
        ? negated(x!)
        : x!;
  };
  const ifSign = (x: Ball, f: (sign: number) => Ball): Ball => {
    const sign = signOf(x);
    return sign === undefined ? (x.special === undefined || isOpen(x) ? lost : none) : f(sign);
  };
  const larger: Function = (a, b) => ifSign(sub(a!, b!), (sign) => (sign >= 0 ? a! : b!));
  const smaller: Function = (a, b) => negated(larger(negated(a!), negated(b!)));
  /** What is compared with 0, where NaN is as false as elsewhere. */
  const compared = (test: (sign: number) => boolean): Function => {
    const truth = (is: boolean) => ballOf(is ? 1 : 0);
    return (a, b) => {
      if (a === b && a!.special === undefined) return truth(test(0));
      if ([a!, b!].some(isOpen)) return lost;
      if ([a!, b!].some((each) => each.special !== undefined)) {
        const [x, y] = [numberOf(a!), numberOf(b!)];
        return truth(Number.isNaN(x) || Number.isNaN(y) ? test(Number.NaN) : test(x < y ? -1 : x > y ? 1 : 0));
      }
      return ifSign(sub(a!, b!), (sign) => truth(test(sign)));
    };
  };
  const power = (x: Ball, y: Ball): Ball => {
    if (isExactZero(y)) return one;
    if (x.special !== undefined || y.special !== undefined) return byNumbers(powers.pow.primitive)(x, y);
    const whole = y.r === undefined && y.e < 0n ? y.m % (1n << -y.e) === 0n : y.r === undefined;
    const n = !whole || y.e > 64n ? undefined : y.e < 0n ? y.m / (1n << -y.e) : y.m << y.e;
    if (isExactZero(x)) return ifSign(y, (sign) => (sign > 0 ? x : none));
    const sign = signOf(x);
    if (n !== undefined && n < mostProducts && n > -mostProducts) {
      if (sign === undefined || (n < 4096n && n > -4096n)) return products(x, n);
    }
    if (sign === undefined) return lost;
    if (sign < 0) {
      if (n === undefined) return y.r === undefined ? none : lost;
      const made = power(negated(x), y);
      return n % 2n === 0n ? made : negated(made);
    }
    return exp(mul(y, log(x)));
  };
  const products = (x: Ball, n: bigint): Ball => {
    let [product, square, left] = [one, x, n < 0n ? -n : n];
    for (; left > 0n; left >>= 1n) {
      if (left & 1n) product = mul(product, square);
      if (left > 1n) square = mul(square, square);
    }
    return n < 0n ? recip(product) : product;
  };
  const cbrt: Function = (x) =>
    isExactZero(x!)
      ? x!
      : ifSign(x!, (sign) => {
          const root = exp(div(log(sign < 0 ? negated(x!) : x!), ballOf(3)));
          return sign < 0 ? negated(root) : root;
        });
  const square = (x: Ball) => mul(x, x);
  const asin = (x: Ball) => atan(div(x, sqrt(mul(sub(one, x), add(one, x)))));
  const acos = (x: Ball) => doubled(atan(sqrt(div(sub(one, x), add(one, x)))));
  const sinh = (x: Ball) => {
    const e = expm1(x);
    return halved(add(e, div(e, add(e, one))));
  };
  const tanh = (x: Ball) => {
    const e = expm1(negated(doubled(size(x))));
    const made = negated(div(e, add(e, ballOf(2))));
    return isExactZero(x) ? x : ifSign(x, (sign) => (sign < 0 ? negated(made) : made));
  };
  const odd = (x: Ball, f: (size: Ball) => Ball): Ball =>
    isExactZero(x) ? x : ifSign(x, (sign) => (sign < 0 ? negated(f(negated(x))) : f(x)));
  const asinh = (x: Ball) => odd(x, (t) => log1p(add(t, div(square(t), add(one, sqrt(add(one, square(t))))))));
  const acosh = (x: Ball) => {
    const t = sub(x, one);
    return log1p(add(t, sqrt(mul(t, add(t, ballOf(2))))));
  };
  const atan2 = (y: Ball, x: Ball): Ball => ifSign(x, (sign) => (sign > 0 ? atan(div(y, x)) : lost));
  const floor: Function = (x) => {
    if (x!.special !== undefined || (x!.r === undefined && x!.e >= 0n)) return x!;
    return x!.r === undefined ? { m: x!.m >> -x!.e, e: 0n } : lost;
  };
  const ln2 = () => log(ballOf(2));
  return [
    [algebra.add, (...terms) => terms.reduce((a, b) => add(a, b))],
    [algebra.sub, (a, b) => sub(a!, b!)],
    [algebra.neg, (x) => negated(x!)],
    [algebra.mul, (a, b) => mul(a!, b!)],
    [algebra.div, (a, b) => div(a!, b!)],
    [algebra.reciprocal, recip],
    [algebra.square, (x) => square(x!)],
    [powers.sqrt, (x) => sqrt(x!)],
    [powers.rsqrt, (x) => recip(sqrt(x!))],
    [powers.cbrt, cbrt],
    [powers.pow, (x, y) => power(x!, y!)],
    ...[1, 2, 3, 4].map(
      (n) => [powers.powLog(n), (x: Ball, y: Ball) => mul(power(x, y), products(log(x), BigInt(n)))] as const,
    ),
    [powers.hypot, (...all) => sqrt(all.map(square).reduce((a, b) => add(a, b)))],
    [exponential.exp, (x) => exp(x!)],
    [exponential.exp2, (x) => exp(mul(x!, ln2()))],
    [exponential.expm1, (x) => expm1(x!)],
    [exponential.log, (x) => log(x!)],
    [exponential.log2, (x) => div(log(x!), ln2())],
    [exponential.log10, (x) => div(log(x!), log(ballOf(10)))],
    [exponential.log1p, (x) => log1p(x!)],
    [hyperbolic.sinh, (x) => odd(x!, sinh)],
    [hyperbolic.cosh, (x) => halved(add(exp(x!), exp(negated(x!))))],
    [hyperbolic.tanh, (x) => tanh(x!)],
    [hyperbolic.asinh, (x) => asinh(x!)],
    [hyperbolic.acosh, (x) => acosh(x!)],
    [hyperbolic.atanh, (x) => odd(x!, (t) => halved(log1p(div(doubled(t), sub(one, t)))))],
    [trigonometric.sin, (x) => sin(x!)],
    [trigonometric.cos, (x) => cos(x!)],
    [trigonometric.tan, (x) => div(sin(x!), cos(x!))],
    [trigonometric.asin, (x) => asin(x!)],
    [trigonometric.acos, (x) => acos(x!)],
    [trigonometric.atan, (x) => atan(x!)],
    [trigonometric.atan2, (y, x) => atan2(y!, x!)],
    [rounding.abs, size],
    [rounding.floor, floor],
    [rounding.ceil, (x) => negated(floor(negated(x!)))],
    [rounding.sign, (x) => ifSign(x!, (sign) => ballOf(sign))],
    [comparison.less, compared((sign) => sign < 0)],
    [comparison.lessEqual, compared((sign) => sign <= 0)],
    [comparison.greater, compared((sign) => sign > 0)],
    [comparison.greaterEqual, compared((sign) => sign >= 0)],
    [comparison.equal, compared((sign) => sign === 0)],
    [comparison.notEqual, compared((sign) => sign !== 0)],
    [comparison.isFiniteReal, (x) => (isOpen(x!) ? lost : ballOf(x!.special === undefined ? 1 : 0))],
    [comparison.select, (c, yes, no) => (isOpen(c!) ? (yes === no ? yes! : lost) : numberOf(c!) !== 0 ? yes! : no!)],
    [comparison.max, larger],
    [comparison.min, smaller],
    [comparison.clamp, (x, low, high) => smaller(larger(x!, low!), high!)],
    ...[opaque.stopGradient, opaque.anyUnit].map((operation) => [operation, (x: Ball) => x] as const),
  ] as Rows;
}

/** Special functions that have as many digits as asked for. */
function specialFunctions(arithmetic: ReturnType<typeof ballArithmetic>, p: number): Rows {
  const { sqrt, mul, div, exp, log, halved, pi } = arithmetic;
  const { erf, erfc, gamma } = specialBalls(p);
  const cdf = (x: Ball) => halved(erfc(div(negated(x), sqrt(ballOf(2)))));
  return [
    [erfs.erf, (x) => erf(x!)],
    [erfs.erfc, (x) => erfc(x!)],
    [erfs.erfcx, (x) => mul(exp(mul(x!, x!)), erfc(x!))],
    [erfs.logErfc, (x) => log(erfc(x!))],
    [erfs.normalCdf, (x) => cdf(x!)],
    [erfs.logNormalCdf, (x) => log(cdf(x!))],
    [erfs.normalPdf, (x) => div(exp(negated(halved(mul(x!, x!)))), sqrt(mul(ballOf(2), pi())))],
    [gaussian, (x) => exp(negated(mul(x!, x!)))],
    [gammas.lgamma, (x) => gamma(0)(x!)],
    [gammas.digamma, (x) => gamma(1)(x!)],
    ...[1, 2, 3, 4].map((n) => [gammas.polygamma(n), (x: Ball) => gamma(n + 1)(x)] as const),
  ] as Rows;
}

/** Bits that are computed, until enough of them are sure: of special functions by polynomials no width gives many. */
const widths = [192, 640, 2560, 8192];
const digits = (width: number) => (width === widths[0] ? 45 : 40);

/**
 * The values of graphs of numbers at some point, as written and in real numbers: each is computed with more and more digits until
 * a bound on its error leaves enough of them. Where there is no value at the point, it is the one that all points around lead to.
 * NaN where none of that ends.
 */
export function sureValues(roots: readonly Expr[], { sizes, values }: Bindings<number>): number[] {
  const found = roots.map(() => Number.NaN);
  const valuesAt = (wanted: readonly number[], p: number, move = (x: Ball, _: number) => x): readonly Ball[] => {
    const given = new Map([...values].map(([leaf, [x]], k) => [leaf, [move(ballOf(x!), k)]] as const));
    const bindings = { sizes, values: given };
    try {
      return interpret(
        wanted.map((k) => roots[k]!),
        bindings,
        new BallField(p),
      ).map(([value]) => value!);
    } catch (error) {
      if (error instanceof Undecided) return wanted.map(() => lost);
      throw error;
    }
  };
  let open = [...roots.keys()];
  for (const p of widths) {
    const results = valuesAt(open, p);
    for (const [at, k] of open.entries()) found[k] = certain(results[at]!, digits(p));
    open = open.filter((k, at) => Number.isNaN(found[k]) && results[at] !== none);
    if (open.length === 0) break;
  }
  let left = [...roots.keys()].filter((k) => Number.isNaN(found[k]) && isTranscendental(roots[k]!));
  const { add, mul } = ballArithmetic(limitBits);
  const around = new Map(left.map((k) => [k, [] as number[]]));
  for (const step of steps) {
    const results = valuesAt(left, limitBits, (x, k) => {
      const part = ballOf(step[k % step.length]!);
      return add(x, isExactZero(x) ? part : mul(part, x));
    });
    for (const [at, k] of left.entries()) around.get(k)!.push(certain(results[at]!, 60));
    left = left.filter((k) => Number.isFinite(around.get(k)!.at(-1)));
    if (left.length === 0) break;
  }
  for (const k of left) found[k] = limitOf(around.get(k)!);
  return found;
}

/** Where limits are looked for: on both sides, near and nearer, in two directions in which nothing stays the same. */
const steps = [
  ...[2 ** -160, -(2 ** -160)].map((size) => [size, -0.7310585786300049 * size, 0.4112344751829375 * size]),
  ...[2 ** -220, -(2 ** -220)].map((size) => [0.6180339887498949 * size, size, -0.8346268416740732 * size]),
];
/** Bits for third derivatives there. */
const limitBits = 2560;

/** The number that all of these are nearly; NaN where they tend to none. */
function limitOf(values: readonly number[]): number {
  const last = values.at(-1)!;
  const scale = Math.abs(last);
  if (values.every((value) => Math.abs(value) < 2 ** -120)) return 0;
  return values.every((value) => Math.abs(value - last) <= 2 ** -50 * scale) ? last : Number.NaN;
}

/** False of quotients of powers: `x/x` has no value at 0 as it is written, and nothing else is meant. */
function isTranscendental({ graph, id }: Expr): boolean {
  return reachableIds(graph, [id]).some((each) => {
    if (graph.kindOf(each) !== "map") return false;
    const primitive = graph.primitiveOf(each);
    return primitive === powers.pow.primitive
      ? graph.kindOf(graph.operandAt(each, 1)) !== "constant"
      : !algebraic.has(primitive);
  });
}
const algebraic = new Set(
  [
    ...[algebra.add, algebra.sub, algebra.neg, algebra.mul, algebra.div, algebra.reciprocal, algebra.square],
    ...[powers.sqrt, powers.rsqrt, powers.cbrt, rounding.abs, rounding.sign],
    ...[comparison.select, comparison.less, comparison.lessEqual, comparison.equal, comparison.max, comparison.min],
  ].map(({ primitive }) => primitive),
);
