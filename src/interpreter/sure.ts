import type { Field } from "../ir/field.ts";
import type { Expr } from "../ir/graph.ts";
import type { Primitive } from "../ir/primitive.ts";
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
import * as algebra from "../ops/algebra.ts";
import * as comparison from "../ops/comparison.ts";
import * as exponential from "../ops/exponential.ts";
import * as hyperbolic from "../ops/hyperbolic.ts";
import * as opaque from "../ops/opaque.ts";
import * as powers from "../ops/powers.ts";
import { compileProgram, programOver } from "../ops/program.ts";
import * as rounding from "../ops/rounding.ts";
import * as trigonometric from "../ops/trigonometric.ts";
import { type Bindings, interpret } from "./interpret.ts";

type Function = (...operands: Ball[]) => Ball;

/** What a choice depends on is not known. */
class Undecided extends Error {}

/** Digits that a special function by polynomials has, at least. */
const digitsOfPrograms = 46;
/** Whole exponents up to here are powers by products. */
const mostProducts = 2n ** 40n;

/** Constants that stand for numbers with no end of digits, in derivatives and programs; and in models, to the digits that are there. */
const rounded = [
  ...[Math.LN2, Math.LN10, Math.LOG2E, Math.LOG10E, Math.PI, Math.SQRT2, Math.SQRT1_2, Math.E],
  ...[2 / Math.sqrt(Math.PI), 1 / Math.sqrt(Math.PI), 1 / Math.sqrt(2 * Math.PI), Math.sqrt(2 / Math.PI)],
].flatMap((value) => [value / 2, value, 2 * value]);
const isRounded = (value: number) => rounded.some((each) => Math.abs(Math.abs(value) / each - 1) < 4 * Number.EPSILON);
/** True of a number that others are compared with, before they overflow or vanish. */
const isBound = (value: number) => !(Math.abs(value) > 1e-200 && Math.abs(value) < 1e200);
/** True of a number of few digits, as formulas are written with. */
const isShort = (value: number) => Math.fround(value) === value;

/** Numbers with bounds on their errors, of which p bits are computed. */
export class BallField implements Field<Ball> {
  readonly name = "balls";
  readonly add: (a: Ball, b: Ball) => Ball;
  readonly mul: (a: Ball, b: Ball) => Ball;
  private readonly functions: Map<Primitive, Function>;

  constructor(p: number) {
    const arithmetic = ballArithmetic(p);
    this.add = arithmetic.add;
    this.mul = arithmetic.mul;
    this.functions = new Map(functionsOver(arithmetic).map(([{ primitive }, f]) => [primitive, f]));
  }

  of(value: number): Ball {
    return isRounded(value) ? blurredBy(ballOf(value), 52) : ballOf(value);
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
        ({ value }) => isShort(value) || isBound(value) || value === Math.LN2,
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

/** Bits that are computed, until enough of them are sure: of special functions by polynomials no width gives many. */
const widths = [192, 640, 2560, 8192];
const digits = (width: number) => (width === widths[0] ? 45 : 40);

/**
 * The values of graphs of numbers at some point, as written and in real numbers: each is computed with more and more digits until
 * a bound on its error leaves enough of them. NaN where that does not end, and where there is no value.
 */
export function sureValues(roots: readonly Expr[], { sizes, values }: Bindings<number>): number[] {
  const found = roots.map(() => Number.NaN);
  const given = new Map([...values].map(([leaf, numbers]) => [leaf, numbers.map(ballOf)] as const));
  let open = [...roots.keys()];
  for (const p of widths) {
    try {
      const results = interpret(
        open.map((k) => roots[k]!),
        { sizes, values: given },
        new BallField(p),
      );
      for (const [at, k] of open.entries()) found[k] = certain(results[at]![0]!, digits(p));
      open = open.filter((_k, at) => Number.isNaN(found[open[at]!]) && results[at]![0] !== none);
    } catch (error) {
      if (!(error instanceof Undecided)) throw error;
    }
    if (open.length === 0) break;
  }
  return found;
}
