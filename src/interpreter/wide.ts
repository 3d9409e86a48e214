import type { Field } from "../ir/field.ts";
import type { Expr } from "../ir/graph.ts";
import type { Primitive } from "../ir/primitive.ts";
import * as algebra from "../ops/algebra.ts";
import * as comparison from "../ops/comparison.ts";
import type { Operation } from "../ops/define.ts";
import * as exponential from "../ops/exponential.ts";
import * as hyperbolic from "../ops/hyperbolic.ts";
import * as opaque from "../ops/opaque.ts";
import * as powers from "../ops/powers.ts";
import { programOver } from "../ops/program.ts";
import * as rounding from "../ops/rounding.ts";
import * as trigonometric from "../ops/trigonometric.ts";
import { type Bindings, interpret } from "./interpret.ts";

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

/** log 2 in two parts, of which the first times a whole number has no rounding. */
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
  const plain = base ** exponent;
  if (isOrdinary(x) && !isSpecial(wide(plain))) return wide(plain);
  if (Number.isInteger(exponent) && Math.abs(exponent) < 2 ** 30) {
    let [product, square] = [one, x];
    for (let n = Math.abs(exponent); n >= 1; n = Math.floor(n / 2)) {
      if (n % 2 === 1) product = mul(product, square);
      square = mul(square, square);
    }
    return exponent < 0 ? div(one, product) : product;
  }
  if (isSpecial(x) || x.m < 0 || isSpecial(y)) return wide(plain);
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

const ownFunctions = () =>
  (
    [
      [algebra.add, (...terms) => terms.reduce(add)],
      [algebra.sub, sub],
      [algebra.neg, neg],
      [algebra.mul, mul],
      [algebra.div, div],
      [algebra.reciprocal, (x) => div(one, x)],
      [algebra.square, (x) => mul(x, x)],
      [powers.sqrt, sqrt],
      [powers.rsqrt, (x) => div(one, sqrt(x))],
      [powers.cbrt, cbrt],
      [powers.pow, power],
      [powers.hypot, hypot],
      [exponential.exp, exp],
      [exponential.exp2, (x) => power(wide(2), x)],
      [exponential.log, log],
      [exponential.log2, (x) => mul(log(x), wide(Math.LOG2E))],
      [exponential.log10, (x) => mul(log(x), wide(Math.LOG10E))],
      odd(exponential.expm1, steep, (x) => (x.m > 0 ? exp(x) : wide(-1))),
      odd(exponential.log1p, large, log),
      odd(hyperbolic.sinh, steep, (x) => (x.m > 0 ? half(exp(x)) : neg(half(exp(neg(x)))))),
      odd(hyperbolic.asinh, large, logOfTwice),
      ...[hyperbolic.tanh, hyperbolic.atanh].map((operation) => odd(operation)),
      ...[trigonometric.sin, trigonometric.tan, trigonometric.asin, trigonometric.atan].map((operation) =>
        odd(operation),
      ),
      [hyperbolic.cosh, (x) => (x.e < steep ? byNumbers(hyperbolic.cosh.primitive)(x) : half(exp(magnitude(x))))],
      [hyperbolic.acosh, (x) => (x.e < large ? byNumbers(hyperbolic.acosh.primitive)(x) : logOfTwice(x))],
      [trigonometric.atan2, atan2],
      [rounding.abs, magnitude],
      ...[rounding.floor, rounding.ceil, rounding.trunc].map(
        (operation) => [operation, (x: Wide) => (x.e < large ? byNumbers(operation.primitive)(x) : x)] as const,
      ),
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
      ...[opaque.stopGradient, opaque.anyUnit].map((operation) => [operation, (x: Wide) => x] as const),
    ] as readonly (readonly [Pick<Operation, "primitive">, Function])[]
  ).map(([{ primitive }, how]) => [primitive, how] as const);

function larger(a: Wide, b: Wide): Wide {
  const which = order(a, b);
  return which >= 0 ? a : which < 0 ? b : wide(Number.NaN);
}

const smaller = (a: Wide, b: Wide) => neg(larger(neg(a), neg(b)));

/** Numbers with exponents of any size: what overflows on the way to a result, and comes back, is not lost. */
export class WideField implements Field<Wide> {
  readonly name = "wide";
  readonly of = (value: number) => wide(value);
  readonly real = numberOf;
  readonly add = add;
  readonly mul = mul;
  private readonly functions = new Map<Primitive, Function>(ownFunctions());

  apply(primitive: Primitive, operands: readonly Wide[]): Wide {
    return this.functionOf(primitive)(...operands);
  }

  private functionOf(primitive: Primitive): Function {
    const known = this.functions.get(primitive);
    if (known) return known;
    const { program } = primitive;
    const made = program
      ? programOver(program, this.of, numberOf, (part) => this.functionOf(part))
      : byNumbers(primitive);
    this.functions.set(primitive, made);
    return made;
  }
}

/** The values of graphs of numbers at some point, where no number overflows or vanishes on the way to them. */
export function wideValues(roots: readonly Expr[], { sizes, values }: Bindings<number>): number[] {
  const field = new WideField();
  const given = new Map([...values].map(([leaf, numbers]) => [leaf, numbers.map(field.of)] as const));
  return interpret(roots, { sizes, values: given }, field).map(([value]) => numberOf(value!));
}
