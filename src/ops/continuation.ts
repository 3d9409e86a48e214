import { UsageError } from "../ir/errors.ts";
import type { Expr } from "../ir/graph.ts";
import type { Primitive } from "../ir/primitive.ts";
import { Complex } from "../numeric/complex/complex.ts";
import { direction, directionSine, scaledDirection, spaceDirections } from "./elementary/lengths.ts";
import { programOver } from "./program.ts";

// The analytic continuations of primitives to complex numbers, apart from their records: the complex step needs them, a
// model in memory does not. They are written independently of the partials, which they test. Real parts decide, and
// nothing is conjugated.

/** A primitive over complex numbers. */
export type Continuation = (...operands: Complex[]) => Complex;

const { real } = Complex;

const identity = (z: Complex): Complex => z;

const continuations: Readonly<Record<string, Continuation>> = {
  add: (...terms) => terms.reduce(Complex.add),
  sub: Complex.sub,
  neg: Complex.neg,
  mul: Complex.mul,
  div: Complex.div,
  reciprocal: (z) => Complex.div(real(1), z),
  square: (z) => Complex.mul(z, z),
  sqrt: Complex.sqrt,
  rsqrt: (z) => Complex.div(real(1), Complex.sqrt(z)),
  cbrt: Complex.cbrt,
  pow: Complex.pow,
  hypot: Complex.hypot,
  exp: Complex.exp,
  expm1: Complex.expm1,
  exp2: Complex.exp2,
  log: Complex.log,
  log1p: Complex.log1p,
  log2: Complex.log2,
  log10: Complex.log10,
  sin: Complex.sin,
  cos: Complex.cos,
  tan: Complex.tan,
  asin: Complex.asin,
  acos: Complex.acos,
  atan: Complex.atan,
  atan2: Complex.atan2,
  sinh: Complex.sinh,
  cosh: Complex.cosh,
  tanh: Complex.tanh,
  asinh: Complex.asinh,
  acosh: Complex.acosh,
  atanh: Complex.atanh,
  abs: Complex.abs,
  fmod: (z, w) => {
    const rest = z.re % w.re;
    // how often w was taken from z, which the quotient alone would round
    const times = Math.round(z.re / w.re - rest / w.re);
    return { re: rest, im: z.im - Complex.scaled(w.im, times) };
  },
  relu: (z) => (z.re > 0 ? z : { re: Math.max(z.re, 0), im: Number.isNaN(z.re) ? z.re : 0 }),
  select: (c, x, y) => (c.re !== 0 ? x : y),
  max: Complex.max,
  min: Complex.min,
  clamp: (x, low, high) => {
    const held = Math.min(Math.max(x.re, low.re), high.re);
    if (Number.isNaN(held)) return { re: held, im: held };
    if (Math.max(x.re, low.re) > high.re) return high;
    return x.re < low.re ? low : x;
  },
  toReal: identity,
  anyUnit: identity,
};

/** Conditions, steps, whole numbers and constants to every derivative: no imaginary part goes through. */
const flat: ReadonlySet<string> = new Set([
  ...["less", "lessEqual", "greater", "greaterEqual", "equal", "notEqual", "and", "or", "not", "isFinite", "isNaN"],
  ...["floor", "ceil", "trunc", "sign", "step", "floorDiv", "toInt", "stopGradient", "exclusiveOr"],
]);

const finerDirection = complexOf(scaledDirection);

/**
 * Coordinates over a length. The imaginary part of the quotient by the root would cancel where a coordinate is nearly all of
 * the length: it is taken of the quotient by the longer of the coordinate and the rest. Real parts that differ by rounding
 * alone are those of the real kernel.
 */
const directions: ReadonlyMap<Primitive, Continuation> = new Map(
  [
    { operation: direction, axis: 0 },
    { operation: directionSine, axis: 1 },
    ...spaceDirections.map((operation, axis) => ({ operation, axis })),
  ].map(({ operation: { primitive }, axis }): [Primitive, Continuation] => [
    primitive,
    (...point) => {
      const [one, ...others] = point.filter((_, k) => k !== axis) as [Complex, ...Complex[]];
      const [x, rest] = [point[axis]!, others.length > 0 ? Complex.hypot(one, ...others) : one];
      const { re, im } = finerDirection(x, rest);
      const value = primitive.real(...point.map((coordinate) => coordinate.re));
      return { re: Math.abs(re - value) > 2 ** -50 ? re : value, im };
    },
  ]),
);

const made = new WeakMap<Primitive, Continuation>();

/** The continuation of a primitive. Throws UsageError for a user's own that states none and is no program. */
export function continuationOf(primitive: Primitive): Continuation {
  if (primitive.complex) return primitive.complex;
  const known = made.get(primitive);
  if (known) return known;
  const found = continued(primitive);
  made.set(primitive, found);
  return found;
}

function continued(primitive: Primitive): Continuation {
  const { name, program, real: kernel } = primitive;
  const ofDirection = directions.get(primitive);
  if (ofDirection) return ofDirection;
  if (program) return complexOf(program);
  if (flat.has(name)) return (...operands) => real(Number(kernel(...operands.map(({ re }) => re))));
  if (Object.hasOwn(continuations, name)) return continuations[name]!;
  throw new UsageError(`${name} has no continuation to complex numbers.`, {
    notes: ['Its record states one as "complex"; a "program" has one by itself.'],
  });
}

/** A program over complex numbers: the analytic continuation of the side that the real part chooses. */
export function complexOf(definition: (...operands: Expr[]) => Expr): Continuation {
  return programOver<Complex>(definition, real, ({ re }) => re, continuationOf);
}
